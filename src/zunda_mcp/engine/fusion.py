"""One order from words, meaning and what the first answers share.

The score of words is divided by the best one and joined by weighted sum, after normalisation, with the nearness of
meaning (Bruch, Gai and Ingber, "An analysis of fusion functions for hybrid retrieval", TOIS 2023: a convex combination
beats rank fusion and is robust to its weight). Meaning weighs the more the less of the question any story holds in
words: an English question on Japanese notes, a story remembered in other words. A story that holds every word gets a
point more, beside meaning also a part of it for a part of the question, squared, so that names stay ahead.

Then the first answers pull what is like them: by their vectors (Rocchio, "Relevance feedback in information retrieval",
1971), or without vectors by the terms they share (Lavrenko and Croft, "Relevance-based language models", SIGIR 2001),
both without asking anybody.
"""

from __future__ import annotations

import heapq
import math
import re
from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping
from typing import TYPE_CHECKING

from zunda_mcp.engine.ranking import LOOSE_TAIL, TAIL, Ordered, Ranking, weigh
from zunda_mcp.query.plan import QueryPlan
from zunda_mcp.query.terms import WordFinder
from zunda_mcp.text.normalize import HAN, KATAKANA, LETTER
from zunda_mcp.text.tokenizer import run_term

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Vectors
    from zunda_mcp.engine.semantic import Meaning

_HELD_POWER = 2
_MEANING, _MEANING_UNHELD, _DEVIATIONS = 1.0, 6.0, 6.0
_PULL, _PULLING = 0.5, 4
_BY_MEANING = 100
_MOST_FULL = 500

_LEAST_HELD, _LEAST_NEAR = 0.1, 2.5  # what holds less in words, and is not that near in meaning, is no answer

_TERM_PULL, _TERM_PULLING, _TERMS = 0.4, 5, 10
_COMMON = 10  # a term in more than one of so many stories pulls nothing in particular
_SHARED_BY = 2
_TERM = re.compile(rf"[{HAN}]{{2,}}|[{KATAKANA}]{{2,}}|{LETTER}{{2,}}")


def by_meaning(
    plan: QueryPlan, ranking: Ranking, meaning: Meaning, vector: Vectors, allowed: Container[int] | None
) -> Ranking:
    """The stories of ``ranking`` and those near in meaning in one order. ``vector`` is the question's."""
    nearness = meaning.nearness(vector)
    words = _Words(plan, ranking)
    words.add([*_first(ranking), *_nearest(nearness, allowed)])
    weight = (_MEANING + _MEANING_UNHELD * (1 - words.share) ** 2) / _DEVIATIONS
    scores = {d: score + weight * float(nearness[d]) for d, score in words.scores.items()}
    pulling = heapq.nlargest(_PULLING, scores, key=scores.__getitem__)
    middle = meaning.middle(pulling, [scores[document] for document in pulling])
    if middle is not None:
        pull = meaning.nearness(middle)
        words.add(_nearest(pull, allowed))
        rate = _PULL / _DEVIATIONS
        scores = {d: s + weight * float(nearness[d]) + rate * float(pull[d]) for d, s in words.scores.items()}
    told = {d: s for d, s in scores.items() if words.held[d] >= _LEAST_HELD or nearness[d] >= _LEAST_NEAR}
    return _ordered(told, ranking)


def by_feedback(plan: QueryPlan, ranking: Ranking, finder: WordFinder, allowed: Container[int] | None) -> Ranking:
    """The stories of ``ranking`` and those that share telling terms with its first ones in one order."""
    first = list(ranking[:_TERM_PULLING])
    terms = _shared_terms(first, {clause.text for clause in plan.near_clauses}, finder)
    if not terms:
        return ranking
    most = max(terms.values())
    pull: dict[int, float] = {}
    for term, weight in terms.items():
        postings = finder.reader.postings(term, finder.field)
        told = weight / most * finder.information(len(postings))
        for document, impact in postings.items():
            pull[document] = pull.get(document, 0.0) + told * impact
    greatest = max(pull.values())
    pulled = (document for document in pull if allowed is None or document in allowed)
    words = _Words(plan, ranking, partly=False)
    words.add([*_first(ranking), *heapq.nlargest(LOOSE_TAIL, pulled, key=pull.__getitem__)])
    rate = _TERM_PULL / greatest
    holding = [document for document, held in words.held.items() if held >= _LEAST_HELD]
    return _ordered({d: words.scores[d] + rate * pull.get(d, 0.0) for d in holding}, ranking)


class _Words:
    """What words alone say of some documents: ``scores``, divided by the best of those first added, with a point more
    for a document that holds every word (``partly``: and a part of it for a part); ``share`` is the most that one of
    them holds of the query.
    """

    def __init__(self, plan: QueryPlan, ranking: Ranking, *, partly: bool = True) -> None:
        self._partly = partly
        self.scores: dict[int, float] = {}
        self.share = 0.0
        self.held: dict[int, float] = {}
        self._plan = plan
        self._full = set(ranking.holding_all)
        self._best = 0.0

    def add(self, documents: Iterable[int]) -> None:
        """Weigh these documents as well."""
        weighed = weigh(self._plan, [one for one in documents if one not in self.scores], self._full)
        if not self._best:
            self._best = max((score for score, _ in weighed.values()), default=0.0) or 1.0
            self.share = max((held for _, held in weighed.values()), default=0.0)
        for document, (score, held) in weighed.items():
            self.held[document] = held
            share = 1.0 if document in self._full else held if self._partly else 0.0
            self.scores[document] = score / self._best + share**_HELD_POWER


def _first(ranking: Ranking) -> Collection[int]:
    """The documents of a ranking that can matter: of very many that hold every word the best ones."""
    if len(ranking) <= _MOST_FULL:
        return list(ranking.documents())
    return [document for document, _ in ranking[:_MOST_FULL]]


def _nearest(nearness: Vectors, allowed: Container[int] | None) -> list[int]:
    """The documents of greatest nearness that are allowed."""
    import numpy as np

    if allowed is None:
        count = min(_BY_MEANING, len(nearness))
        best: list[int] = np.argpartition(-nearness, count - 1)[:count].tolist() if count else []
        return [at for at in best if nearness[at] > 0]
    found: list[int] = []
    for at in np.argsort(-nearness):
        if nearness[at] <= 0 or len(found) == _BY_MEANING:
            break
        if int(at) in allowed:
            found.append(int(at))
    return found


def _ordered(scores: Mapping[int, float], ranking: Ranking) -> Ranking:
    """As many as ``rank`` would give, in the new order; what holds every word is never lost."""
    room = max(TAIL, ranking.full) if ranking.full else LOOSE_TAIL
    full = set(ranking.holding_all)
    items = sorted(
        ((d, score) for d, score in scores.items() if score > 0 or d in full), key=lambda item: (-item[1], -item[0])
    )
    kept = items[:room]
    kept += [item for item in items[room:] if item[0] in full]
    lost = [item for item in ranking[_MOST_FULL : ranking.full] if item[0] not in scores]
    return Ordered([*kept, *lost], ranking.holding_all)


def _shared_terms(first: list[tuple[int, float]], asked: Collection[str], finder: WordFinder) -> dict[str, float]:
    """The terms by which the first answers differ most from the archive (their contribution to the Kullback-Leibler
    divergence), each answer counting by its score.
    """
    reader = finder.reader
    total = sum(score for _, score in first) or 1.0
    weights: dict[str, float] = {}
    counts: Counter[str] = Counter()
    for document, score in first:
        for term in set(_TERM.findall(reader.plain(document).decode("utf-8", "surrogatepass"))) - {*asked}:
            if not term.isdigit():
                weights[term] = weights.get(term, 0.0) + score / total
                counts[term] += 1
    stories = finder.total
    told: dict[str, float] = {}
    for term, count in counts.items():
        if count < _SHARED_BY:
            continue
        looked_up = term if term.isascii() else run_term(term)
        frequency = reader.frequency(looked_up, finder.field)
        if 0 < frequency * _COMMON <= stories and weights[term] * stories > frequency:
            told[looked_up] = weights[term] * math.log(weights[term] * stories / frequency)
    return dict(heapq.nlargest(_TERMS, told.items(), key=lambda item: (item[1], item[0])))
