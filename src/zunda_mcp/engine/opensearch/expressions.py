"""Posting lists in a cluster, as expressions: a query for the cluster, and rules for impacts.

A *leaf* is a query that the cluster answers with one number for each document: the impact of a term, or just that its
text contains a string. The methods of ``PostingList`` join leaves into expressions. An expression can be counted over
the whole archive in one request and can choose candidates (``bound`` never scores less than the rules do); for the
documents at hand, the code of the embedded engine evaluates it exactly.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Protocol

from zunda_mcp.index.schema import GREATEST
from zunda_mcp.query.clauses import PostingList

__all__ = [
    "NOTHING", "Dsl", "Expression", "Leaf", "Lookups", "Scope", "all_of", "any_of", "as_key", "in_a_row",
    "in_requests", "parts_of", "with_values",
]  # fmt: skip

Dsl = Mapping[str, Any]
NOTHING: Dsl = {"match_none": {}}
_NOWHERE: Dsl = {"term": {"item": {"value": ""}}}
"""No document has this id."""
_MOST_PARTS = 960
"""A cluster refuses queries of more than 1,024 parts."""
_CACHED_LEAVES = 10_000
"""A question looks up some hundred terms, again in each pass."""


as_key = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""A query or a body as text; equal ones have equal texts."""


class Lookups(Protocol):
    """Answers for expressions: counts over the whole archive, and the leaves of the documents at hand."""

    def count(self, query: Dsl, key: str = "") -> int:
        """Return how many documents match a query; ``key`` is its text, if the caller has it."""

    def values(self, leaf: Leaf) -> Mapping[int, float]:
        """Return the documents at hand that match a leaf, with its number for each."""


@dataclass(frozen=True)
class Leaf:
    """A query for the impact of a term, or if ``scored`` is false only for whether a document matches."""

    query: Dsl
    scored: bool = True

    @cached_property
    def name(self) -> str:
        """The query as text, so that equal leaves share a name."""
        return as_key(self.query)

    @cached_property
    def parts(self) -> int:
        """About how many parts a cluster counts in the query."""
        return parts_of(self.query)

    @staticmethod
    @lru_cache(_CACHED_LEAVES)
    def term(field: str, term: str) -> Leaf:
        """Return a leaf for the impact of a term in a field."""
        return Leaf({"term": {field: {"value": term}}})

    @classmethod
    def any_term(cls, field: str, terms: Sequence[str]) -> Leaf:
        """Return a leaf for the greatest impact of some terms in a field."""
        leaves = [cls.term(field, term) for term in terms]
        return leaves[0] if len(leaves) == 1 else cls({"dis_max": {"queries": [leaf.query for leaf in leaves]}})

    @classmethod
    def phrase(cls, field: str, rows: Sequence[Sequence[str]]) -> Leaf:
        """Return a leaf for whether any of these rows of units occurs in a field."""
        queries = [in_a_row(field, row) for row in rows]
        return cls(any_of(queries), scored=False)


def in_a_row(field: str, units: Sequence[str]) -> Dsl:
    """Return the query for documents with these units one after the other in a field."""
    if len(units) == 1:
        return {"term": {field: {"value": units[0]}}}
    return {"match_phrase": {field: {"query": " ".join(units)}}}


def any_of(queries: Sequence[Dsl]) -> Dsl:
    """Return the query that matches what one of some queries does; nothing for none. Terms of one field become one
    query, since a cluster refuses more than 1,024 parts.
    """
    terms: dict[str, dict[str, None]] = {}
    others: dict[str, Dsl] = {}
    for query in (choice for one in queries for choice in _choices(one)):
        ((kind, about),) = query.items()
        if kind == "term":
            ((field, options),) = about.items()
            terms.setdefault(field, {})[options["value"] if isinstance(options, dict) else options] = None
        elif kind == "terms":
            ((field, values),) = about.items()
            terms.setdefault(field, {}).update(dict.fromkeys(values))
        elif kind != "match_none":
            others.setdefault(as_key(query), query)
    merged: list[Dsl] = [
        {"term": {field: {"value": next(iter(values))}}} if len(values) == 1 else {"terms": {field: list(values)}}
        for field, values in terms.items()
    ]
    merged += others.values()
    if not merged:
        return NOTHING
    return merged[0] if len(merged) == 1 else {"bool": {"should": merged, "minimum_should_match": 1}}


def all_of(queries: Sequence[Dsl], but: Sequence[Dsl] = ()) -> Dsl:
    """Return the query that matches what all of ``queries`` and none of ``but`` match."""
    if len(queries) == 1 and not but:
        return queries[0]
    return {"bool": {"filter": list(queries), **({"must_not": list(but)} if but else {})}}


def parts_of(query: Any) -> int:
    """Return about how many parts a cluster counts in a query."""
    if isinstance(query, dict):
        if phrase := query.get("match_phrase"):
            return len(str(next(iter(phrase.values()))).split())
        if "term" in query or "terms" in query:
            return 1
        return sum(map(parts_of, query.values()))
    return sum(map(parts_of, query)) if isinstance(query, list | tuple) else 0


class Scope(Container[int]):
    """The documents that pass some filters: as a query, and as a container of those at hand."""

    def __init__(self, query: Dsl, lookups: Lookups) -> None:
        self.query = query
        self._leaf = Leaf(query, scored=False)
        self._lookups = lookups

    @cached_property
    def _there(self) -> Mapping[int, float]:
        return self._lookups.values(self._leaf)

    def __contains__(self, document: object) -> bool:
        return document in self._there


class Expression(PostingList):
    """A posting list in a cluster. It has only the documents at hand, but the length of the whole list."""

    def __init__(
        self,
        lookups: Lookups,
        query: Dsl,
        bound: Callable[[float], Dsl],
        work_out: Callable[[], PostingList],
    ) -> None:
        self._lookups = lookups
        self.query = query
        self.bound = bound
        self._work_out = work_out

    # --- made

    @classmethod
    def of(cls, lookups: Lookups, leaf: Leaf) -> Expression:
        """Return the documents of one leaf with its numbers."""

        def bound(boost: float) -> Dsl:
            if not leaf.scored:
                return {"constant_score": {"filter": leaf.query, "boost": boost * GREATEST}}
            ((kind, options),) = leaf.query.items()
            if kind == "dis_max":
                return {kind: {**options, "boost": boost}}
            ((field, value),) = options.items()
            return {kind: {field: {**value, "boost": boost}}}

        choices = leaf.query.get("dis_max", {}).get("queries")
        query = any_of(choices) if choices else leaf.query
        return cls(lookups, query, bound, lambda: PostingList(dict(lookups.values(leaf))))

    def where(self, checks: Sequence[tuple[Leaf, float]]) -> Expression:
        """Return the documents that match a check, at the share of the first check that they match."""
        lookups = self._lookups

        def work_out() -> PostingList:
            values = [(lookups.values(leaf), share) for leaf, share in checks]
            result = {}
            for document, impact in self.documents.items():
                share = next((share for there, share in values if document in there), 0.0)
                if share:
                    result[document] = impact * share
            return PostingList(result)

        checked = any_of([leaf.query for leaf, _ in checks])
        return Expression(lookups, all_of([self.query, checked]), self.bound, work_out)

    def bounded(self, bound: Callable[[float], Dsl]) -> Expression:
        """Return the same expression with another bound of its scores, which has fewer parts."""
        return Expression(self._lookups, self.query, bound, self._work_out)

    # --- as a posting list

    @cached_property
    def _at_hand(self) -> PostingList:
        return self._work_out()

    @property
    def documents(self) -> dict[int, float]:
        """The documents at hand that the expression matches, with their impacts: ``{number: impact}``."""
        return self._at_hand.documents

    @cached_property
    def _key(self) -> str:
        return as_key(self.query)

    def __len__(self) -> int:
        return self._lookups.count(self.query, self._key)

    def best(self, other: PostingList) -> PostingList:
        return self._joined(other, 1.0, lambda one, two: one.best(two))

    def added(self, other: PostingList, share: float) -> PostingList:
        return self._joined(other, share, lambda one, two: one.added(two, share))

    def or_else(self, other: PostingList) -> PostingList:
        return self._joined(other, 1.0, lambda one, two: one.or_else(two))

    def _joined(
        self, other: PostingList, share: float, join: Callable[[PostingList, PostingList], PostingList]
    ) -> PostingList:
        if not isinstance(other, Expression):
            return self
        return Expression(
            self._lookups,
            any_of([self.query, other.query]),
            lambda boost: {"dis_max": {"queries": [self.bound(boost), other.bound(boost * share)]}},
            lambda: join(self._at_hand, other._at_hand),
        )

    def scaled(self, share: float) -> PostingList:
        return Expression(
            self._lookups, self.query, lambda boost: self.bound(boost * share), lambda: self._at_hand.scaled(share)
        )

    def raised(self, other: PostingList, share: float) -> PostingList:
        if not isinstance(other, Expression):
            return self
        return Expression(
            self._lookups,
            self.query,
            lambda boost: {"bool": {"must": [self.bound(boost)], "should": [other.bound(boost * share)]}},
            lambda: self._at_hand.raised(other._at_hand, share),
        )

    def with_all(self, others: Sequence[PostingList]) -> PostingList:
        lists = [one for one in others if isinstance(one, Expression)]
        if len(lists) < len(others):
            return PostingList({})
        if not lists:
            return self
        return Expression(
            self._lookups,
            all_of([self.query, *(one.query for one in lists)]),
            self.bound,
            lambda: self._at_hand.with_all([one._at_hand for one in lists]),
        )

    def together(self, others: Sequence[PostingList]) -> int:
        return len(self.with_all(others)) if others else len(self)

    def goes_beyond(self, other: PostingList) -> bool:
        if not isinstance(other, Expression):
            return len(self) > 0
        return self._lookups.count(all_of([self.query], but=[other.query])) > 0

    def within(self, pool: Container[int] | None) -> int:
        if pool is None:
            return len(self)
        if isinstance(pool, Scope):
            return self._lookups.count(all_of([self.query, pool.query]))
        return sum(document in pool for document in self.documents)  # links: all their documents are at hand


def _choices(query: Dsl) -> Iterator[Dsl]:
    """The queries of which one must match."""
    inside = query.get("bool")
    if inside is not None and set(inside) == {"should", "minimum_should_match"}:
        yield from inside["should"]
    else:
        yield query


def in_requests(leaves: Sequence[Leaf], taken: int) -> Iterator[Sequence[Leaf]]:
    """Yield leaves in groups that fit into a query with ``taken`` parts already; one empty group if there are none."""
    some: list[Leaf] = []
    parts = taken
    for leaf in leaves:
        size = leaf.parts
        if some and parts + size > _MOST_PARTS:
            yield some
            some, parts = [], taken
        some.append(leaf)
        parts += size
    yield some


def with_values(body: Mapping[str, Any], leaves: Sequence[Leaf]) -> Mapping[str, Any]:
    """Return a search whose hits also have the numbers of some leaves, as scores of named queries.

    The leaves are in a clause that matches nothing, so they change no other score and cost something only for the hits.
    They are joined by "should", because a cluster drops the names of required queries when one of them can match
    nowhere.
    """
    inside = body["query"]["bool"]
    named = [
        {"bool": {"must" if leaf.scored else "filter": [leaf.query], "_name": str(at)}}
        for at, leaf in enumerate(leaves)
    ]
    without = [*inside.get("must_not", ()), {"bool": {"filter": [_NOWHERE, {"bool": {"should": named}}]}}]
    query = {"bool": {**inside, "must_not": without}}
    return {**body, "query": query, "_source": False, "docvalue_fields": ["row"], "track_total_hits": True}
