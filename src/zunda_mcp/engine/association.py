"""Japanese words for an English word of a query: from a dictionary, and from stories of the archive that have both.

Japanese notes quote English titles and link to English pages: a story has ``evaluate`` in its title and 評価 in its
summary. The association is the log-likelihood ratio of two binomial counts (Dunning, "Accurate methods for the
statistics of surprise and coincidence", Computational Linguistics 1993), as in query translation by co-occurrence
(Ballesteros and Croft, "Resolving ambiguity for cross-language retrieval", SIGIR 1998).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from zunda_mcp.engine.terms import NOWHERE, WordFinder
from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import BESIDE, DICTIONARY, Clause, Expansion, PostingList
from zunda_mcp.query.plan import QueryPlan
from zunda_mcp.text.japanese_english import japanese_of_forms
from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.normalize import HAN, KATAKANA, has_cjk
from zunda_mcp.text.tokenizer import run_term

__all__ = ["Associations"]

_RUN = lazy_pattern(rf"[{HAN}]{{2,}}|[{KATAKANA}]{{2,}}")


class Associations:
    """The associations of one generation, cached. Thread-safe."""

    def __init__(self, finder: WordFinder) -> None:
        self._finder = finder
        self._cache: dict[str, tuple[Expansion, ...]] = {}

    def widen(self, plan: QueryPlan) -> QueryPlan:
        """Return ``plan`` with the Japanese words for each Latin word among its near clauses."""
        widened = dict(plan.widened)
        for clause in plan.near_clauses:
            named = [] if has_cjk(clause.text) else [*self._glosses(clause.text), *self._of(clause)]
            if named:
                merged = clause.postings
                for expansion, postings in named:
                    merged = merged.added(postings, expansion.share)
                expansions = tuple(expansion for expansion, _ in named)
                widened[clause.text] = Clause(clause.text, merged, clause.weight, expansions, clause.postings)
        return replace(plan, widened=widened)

    def _glosses(self, word: str) -> Iterator[tuple[Expansion, PostingList]]:
        """The translations of a word in any form that occur in the archive, each with its postings."""
        for other, place in japanese_of_forms(word):
            postings = self._finder.clause(other).postings if place < tuning.NEAR_GLOSSES else NOWHERE
            if len(postings):
                yield Expansion(other, tuning.GLOSSED_SHARE, DICTIONARY), postings

    def _of(self, clause: Clause) -> Iterator[tuple[Expansion, PostingList]]:
        """The runs of Japanese associated with a word, each with its postings."""
        expansions = self._cache.get(clause.text)
        if expansions is None:
            if len(self._cache) >= tuning.CACHED_ASSOCIATIONS:
                self._cache = {}
            expansions = self._cache[clause.text] = self._beside(clause)
        for expansion in expansions:
            yield expansion, self._finder.pair(run_term(expansion.text)).postings

    def _beside(self, clause: Clause) -> tuple[Expansion, ...]:
        """The runs of Japanese most strongly associated with a word; none if the word is too rare or too common."""
        size, reader = len(clause.postings), self._finder.reader
        if not tuning.MIN_ASSOCIATED_STORIES <= size <= tuning.MAX_ASSOCIATED_STORIES:
            return ()
        self._finder.reach([(clause.postings, 1.0)])
        counts: Counter[str] = Counter()
        for document in clause.documents:
            counts.update(set(_RUN.findall(reader.plain(document).decode("utf-8", "surrogatepass"))))
        stories = self._finder.stories
        scored: list[tuple[float, str, float]] = []
        for run, together in counts.items():
            if together < max(tuning.MIN_ASSOCIATED_STORIES, tuning.MIN_TOGETHER_SHARE * size):
                continue
            frequency = reader.frequency(run_term(run), self._finder.field)
            if (
                together <= frequency
                and frequency * tuning.ASSOCIATED_RARITY <= stories
                and together * stories > size * frequency
            ):
                scored.append((_log_likelihood(together, size, frequency, stories), run, together / size))
        return tuple(
            Expansion(run, tuning.ASSOCIATED_SHARE * share, BESIDE)
            for _, run, share in sorted(scored, reverse=True)[: tuning.MAX_ASSOCIATED_WORDS]
        )


def _log_likelihood(together: int, first: int, second: int, total: int) -> float:
    """Dunning's ratio for two words in ``first`` and ``second`` of ``total`` stories, ``together`` in both."""
    cells = (together, first - together, second - together, total - first - second + together)
    margins = (first, total - first, second, total - second)
    return 2 * (sum(map(_entropy, cells)) - sum(map(_entropy, margins)) + _entropy(total))


def _entropy(count: int) -> float:
    return count * math.log(count) if count > 0 else 0.0
