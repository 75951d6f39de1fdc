"""Fuse the rankings by words and by meaning into one, and pull up what is like the first hits.

The score of words is divided by the best one and added, with a weight, to the normalised nearness of meaning (Bruch,
Gai and Ingber, "An analysis of fusion functions for hybrid retrieval", TOIS 2023: a convex combination beats rank
fusion and is robust to its weight). The less of the question any story has in words, the more meaning weighs: an
English question on Japanese notes, or a story remembered in other words. A story with every word gets one point more;
if meaning is ranked, one with a part of the question gets a part of the point, squared, and one with its names, in any
spelling, gets a part too, so that no story about something else precedes it.

The first hits then pull up stories like them: by vectors (Rocchio, "Relevance feedback in information retrieval",
1971), or without vectors by shared terms (Lavrenko and Croft, "Relevance-based language models", SIGIR 2001).
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping
from typing import TYPE_CHECKING

from zunda_mcp.engine.ranking import Ordered, Ranking, scores_and_shares
from zunda_mcp.engine.terms import WordFinder
from zunda_mcp.query import tuning
from zunda_mcp.query.names import is_written_as_name
from zunda_mcp.query.plan import QueryPlan
from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.normalize import HAN, KATAKANA, LETTER
from zunda_mcp.text.tokenizer import run_term

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Vectors
    from zunda_mcp.engine.semantic import Meaning

__all__ = ["by_feedback", "by_meaning"]


_TERM = lazy_pattern(rf"[{HAN}]{{2,}}|[{KATAKANA}]{{2,}}|{LETTER}{{2,}}")


def by_meaning(
    plan: QueryPlan, ranking: Ranking, meaning: Meaning, vector: Vectors, allowed: Container[int] | None
) -> Ranking:
    """Fuse ``ranking`` and the stories nearest in meaning to the question with this ``vector`` into one ranking."""
    nearness = meaning.nearness(vector)
    words = _Words(plan, ranking)
    words.add([*_first(ranking), *meaning.nearest(nearness, allowed)])
    weight = (tuning.MEANING_WEIGHT + tuning.MEANING_UNHELD_WEIGHT * (1 - words.share) ** 2) / tuning.MEANING_DEVIATIONS
    near_by = nearness.tolist()
    scores = {d: score + weight * near_by[d] for d, score in words.scores.items()}
    pulling = heapq.nlargest(tuning.VECTOR_PULLING, scores, key=scores.__getitem__)
    middle = meaning.middle(pulling, [scores[document] for document in pulling])
    if middle is not None:
        pull = meaning.nearness(middle)
        words.add(meaning.nearest(pull, allowed))
        rate, pulls = tuning.VECTOR_PULL / tuning.MEANING_DEVIATIONS, pull.tolist()
        scores = {d: s + weight * near_by[d] + rate * pulls[d] for d, s in words.scores.items()}
    near = {d: s for d, s in scores.items() if words.held[d] >= tuning.MIN_HELD or near_by[d] >= tuning.MIN_NEARNESS}
    return _ordered(near, ranking)


def by_feedback(plan: QueryPlan, ranking: Ranking, finder: WordFinder, allowed: Container[int] | None) -> Ranking:
    """Fuse ``ranking`` and the stories that share informative terms with its first ones into one ranking."""
    first = list(ranking[: tuning.TERM_PULLING])
    terms = _shared_terms(first, {clause.text for clause in plan.near_clauses}, finder)
    if not terms:
        return ranking
    most = max(terms.values())
    lists = [(finder.pair(term).postings, weight / most) for term, weight in terms.items()]
    weighed = [(postings, share * finder.information(len(postings))) for postings, share in lists]
    finder.reach(weighed)
    pull: dict[int, float] = {}
    for postings, weight in weighed:
        for document, impact in postings.documents.items():
            pull[document] = pull.get(document, 0.0) + weight * impact
    greatest = max(pull.values(), default=0.0) or 1.0
    pulled = (document for document in pull if allowed is None or document in allowed)
    words = _Words(plan, ranking, partly=False)
    words.add([*_first(ranking), *heapq.nlargest(tuning.MAX_WITHOUT_FULL, pulled, key=pull.__getitem__)])
    rate = tuning.TERM_PULL / greatest
    holding = [document for document, held in words.held.items() if held >= tuning.MIN_HELD]
    return _ordered({d: words.scores[d] + rate * pull.get(d, 0.0) for d in holding}, ranking)


class _Words:
    """The scores of some documents by words alone, divided by the best of those added first. A document with every word
    gets one point more (with ``partly`` also a part of it for a part of the words), and a part of a point for the names
    that it contains. ``share`` is the largest part of the query that one of those added first contains.
    """

    def __init__(self, plan: QueryPlan, ranking: Ranking, *, partly: bool = True) -> None:
        self._partly = partly
        self.scores: dict[int, float] = {}
        self.share = 0.0
        self.held: dict[int, float] = {}
        self._plan = plan
        self._full = set(ranking.holding_all)
        clauses = (*plan.required, *plan.pieces) if partly else ()
        self._names = [one for one in clauses if one.postings and is_written_as_name(one.text)]
        self._name_weight = tuning.NAME_PULL / (sum(one.weight for one in self._names) or 1.0)
        self._best = 0.0

    def add(self, documents: Iterable[int]) -> None:
        """Score these documents too."""
        weighed = scores_and_shares(self._plan, [one for one in documents if one not in self.scores], self._full)
        if not self._best:
            self._best = max((score for score, _ in weighed.values()), default=0.0) or 1.0
            self.share = max((held for _, held in weighed.values()), default=0.0)
        for document, (score, held) in weighed.items():
            self.held[document] = held
            share = 1.0 if document in self._full else held if self._partly else 0.0
            named = sum(one.weight for one in self._names if document in one.documents)
            self.scores[document] = score / self._best + share**tuning.HELD_POWER + named * self._name_weight


def _first(ranking: Ranking) -> Collection[int]:
    """The documents of a ranking that can matter: if very many contain every word, only the best of them."""
    if len(ranking) <= tuning.MAX_FUSED_FULL:
        return list(ranking.documents())
    return [document for document, _ in ranking[: tuning.MAX_FUSED_FULL]]


def _ordered(scores: Mapping[int, float], ranking: Ranking) -> Ranking:
    """The best of ``scores``, as many as ``rank`` would give; documents that contain every word are always kept."""
    room = max(tuning.MAX_WITH_FULL, ranking.full) if ranking.full else tuning.MAX_WITHOUT_FULL
    full = set(ranking.holding_all)
    items = sorted(
        ((d, score) for d, score in scores.items() if score > 0 or d in full), key=lambda item: (-item[1], -item[0])
    )
    kept = items[:room]
    kept += [item for item in items[room:] if item[0] in full]
    lost = [item for item in ranking[tuning.MAX_FUSED_FULL : ranking.full] if item[0] not in scores]
    return Ordered([*kept, *lost], ranking.holding_all)


def _shared_terms(first: list[tuple[int, float]], typed: Collection[str], finder: WordFinder) -> dict[str, float]:
    """The terms by which the first hits differ most from the archive (their contribution to the Kullback-Leibler
    divergence), each hit weighted by its score.
    """
    reader = finder.reader
    total = sum(score for _, score in first) or 1.0
    weights: dict[str, float] = {}
    counts: Counter[str] = Counter()
    for document, score in first:
        for term in set(_TERM.findall(reader.plain(document).decode("utf-8", "surrogatepass"))) - {*typed}:
            if not term.isdigit():
                weights[term] = weights.get(term, 0.0) + score / total
                counts[term] += 1
    stories = finder.stories
    informative: dict[str, float] = {}
    for term, count in counts.items():
        if count < tuning.MIN_SHARED_BY:
            continue
        looked_up = term if term.isascii() else run_term(term)
        frequency = reader.frequency(looked_up, finder.field)
        if 0 < frequency * tuning.FEEDBACK_RARITY <= stories and weights[term] * stories > frequency:
            informative[looked_up] = weights[term] * math.log(weights[term] * stories / frequency)
    return dict(heapq.nlargest(tuning.FEEDBACK_TERMS, informative.items(), key=lambda item: (item[1], item[0])))
