"""Words in a cluster: from a word as typed to an expression for the documents that contain it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from zunda_mcp.engine.expander import ExpandingFinder
from zunda_mcp.engine.opensearch.cluster_reader import ClusterReader
from zunda_mcp.engine.opensearch.expressions import Dsl, Expression, Leaf, any_of
from zunda_mcp.engine.opensearch.index_mapping import CHARACTER, exact_units, joined_rows
from zunda_mcp.engine.spoken import SpokenFinder
from zunda_mcp.engine.terms import WordFinder
from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import Clause, PostingList
from zunda_mcp.text.normalize import fold_accents, has_cjk
from zunda_mcp.text.tokenizer import unaccented_term

__all__ = ["ClusterFinder", "SpokenClusterFinder"]

_MOST_TERMS = 400
"""How many terms a leaf may have: a cluster takes queries of 1,024 parts."""
_MANY = 8
"""From this many terms on, a bound is made of fewer parts."""


class _InCluster(WordFinder):
    """Finds words in one field of a cluster, as expressions."""

    reader: ClusterReader
    suffix = ""

    def _keep(self, key: tuple[object, ...], clause: Clause) -> Clause:
        if not isinstance(clause.postings, Expression):
            clause = replace(clause, postings=self.reader.nothing)
        self._clauses.put(key, clause, 0)
        return clause

    def reach(self, weighed: Sequence[tuple[PostingList, float]], *, present: bool = False) -> None:
        self.reader.reach(weighed, present=present)

    def term_in(self, field: str, term: str) -> PostingList:
        return self._of(Leaf.term(field, term))

    def _without_accents(self, word: str) -> list[str]:
        if has_cjk(word):
            return []
        folded = fold_accents(word)
        terms = [unaccented_term(word)] if folded == word else [unaccented_term(word), folded]
        return [term for term in terms if self.reader.has_term(term, self.field)]

    def has_run(self, text: str) -> bool:
        return super().has_run(text) or self.reader.question.is_doubting  # so that later lookups are noted too

    def _character(self, char: str) -> PostingList:
        return self._term(CHARACTER + char)

    def _terms(self, terms: Iterable[str]) -> PostingList:
        terms = list(terms)
        leaves = [Leaf.any_term(self.field, terms[at : at + _MOST_TERMS]) for at in range(0, len(terms), _MOST_TERMS)]
        result: PostingList = self._of(leaves[0]) if leaves else self.reader.nothing
        for leaf in leaves[1:]:
            result = result.best(self._of(leaf))
        return result

    def _best_of(self, shares: Mapping[str, float], part: str) -> PostingList:
        result: PostingList = self.reader.nothing
        for at, one in enumerate(dict.fromkeys(shares.values())):
            terms = self._terms(term for term, share in shares.items() if share == one).scaled(one)
            result = result.best(terms) if at else terms
        if len(shares) <= _MANY or not isinstance(result, Expression):
            return result
        # a run never occurs without its bigrams, so these weigh no less
        pairs: dict[str, float] = {}
        for term, share in shares.items():
            pair = part[:2] if part in term else term[1:3]
            pairs[pair] = max(share, pairs.get(pair, 0.0))
        return result.bounded(self._at_most(result, list(pairs.items())))

    def _at_most(self, result: Expression, terms: Sequence[tuple[str, float]]) -> Callable[[float], Dsl]:
        """A bound by a few terms, each at a share, one of which always weighs at least as much as ``result``."""

        def bound(boost: float) -> Dsl:
            queries = [Expression.of(self.reader, Leaf.term(self.field, term)).bound(boost * s) for term, s in terms]
            return {"bool": {"must": [{"dis_max": {"queries": queries}}], "filter": [result.query]}}

        return bound

    def _standing(self, text: str, terms: Sequence[Sequence[str]], *, spaced: bool, accented: bool) -> PostingList:
        each = []
        for first, *others in terms:
            postings = self._term(first)
            for other in others:
                postings = postings.or_else(self._term(other))
            each.append(postings)
        every = each[0].with_all(each[1:])
        assert isinstance(every, Expression)
        checks = [(self._stands(text, spaced=spaced), 1.0)]
        if accented:
            checks.append((self._stands(fold_accents(text), spaced=spaced, folded=True), tuning.ACCENT_SHARE))
        return every.where(checks)

    def _stands(self, text: str, *, spaced: bool, folded: bool = False) -> Leaf:
        """A leaf for the documents that contain a text; with ``folded`` also those that do without their accents."""
        rows = joined_rows(text) if spaced else [exact_units(text)]
        field = "joined" if spaced else "exact"
        leaf = Leaf.phrase(f"{field}{self.suffix}", rows)
        if not folded:
            return leaf
        other = Leaf.phrase(f"folded{'_joined' if spaced else ''}{self.suffix}", rows)
        return Leaf(any_of([leaf.query, other.query]), scored=False)

    def _of(self, leaf: Leaf) -> Expression:
        return Expression.of(self.reader, leaf)


class ClusterFinder(_InCluster, ExpandingFinder):
    """Finds words and their expansions in written text."""


class SpokenClusterFinder(_InCluster, SpokenFinder):
    """Finds words in speech."""

    suffix = "_spoken"
