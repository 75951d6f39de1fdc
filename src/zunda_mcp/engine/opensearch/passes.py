"""One question to a cluster: its lookups, gathered into few round trips.

Planning and ranking are the code of the embedded engine, which looks up one thing after another; at a cluster each
lookup would be a round trip. So a question is answered in *passes*. What is not known yet is noted, and the pass goes
on with a guess; after the pass everything noted is asked at once. The answer of the first pass that noted nothing
counts. Few passes are needed, since most lookups do not depend on earlier ones; those that depend on whether something
is frequent are noted for both cases (``doubting``).

A pass sees only the documents *at hand*: the best candidates that the cluster chose for it, each with the numbers of
the leaves that the pass read. What applies to the whole generation is cached for later questions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, NamedTuple, TypeVar

from zunda_mcp.config.memory import ByteCache
from zunda_mcp.engine.opensearch.connection import Connection
from zunda_mcp.engine.opensearch.expressions import (
    NOTHING,
    Dsl,
    Leaf,
    any_of,
    as_key,
    in_requests,
    parts_of,
    with_values,
)
from zunda_mcp.engine.opensearch.index_mapping import HIRAGANA, Row
from zunda_mcp.engine.opensearch.kept_lists import IndexState, words_of
from zunda_mcp.errors import EngineError
from zunda_mcp.index.catalog import Meta

__all__ = ["FEW_STORIES", "Candidates", "QuestionFacts", "StateFacts"]

_T = TypeVar("_T")
_CACHED_BYTES, _ROW_BYTES, _VALUE_BYTES = 128_000_000, 600, 100
_MOST_PASSES = 40
FEW_STORIES = 200_000
"""Up to this many stories, all counts are one search, which checks every document for each: 60 terms in 200,000 small
documents took the nodes 53 to 88 ms, and with a search for each term 104 to 185 ms (2026-11-30).
"""


class StateFacts:
    """What was looked up in one state of a cluster, shared by all questions to it. Thread-safe."""

    def __init__(self, connection: Connection, state: IndexState, meta: Meta) -> None:
        self.connection = connection
        self.state = state
        self.meta = meta
        self.counts: ByteCache[str, int] = ByteCache(_CACHED_BYTES // 16)
        self.lists: ByteCache[str, tuple[tuple[str, int], ...]] = ByteCache(_CACHED_BYTES // 16)
        self.parts: ByteCache[tuple[str, str], tuple[Any]] = ByteCache(_CACHED_BYTES // 4)
        self.candidates: ByteCache[str, _CandidateSet] = ByteCache(_CACHED_BYTES // 2)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names in hiragana: the only list of words that planning checks letter by letter."""
        body = {"size": 2000, "query": {"term": {"kind": HIRAGANA}}, "sort": ["word"], "_source": False}
        hits = self.connection.scan(words_of(self.connection.address.name), body)
        return frozenset(hit["sort"][0] for hit in hits)


class Candidates(NamedTuple):
    """The best documents of a query that are at hand: how many match in all, their ids, and the score of the last of
    them, which no document that was left out exceeds.
    """

    total: int
    ids: tuple[str, ...]
    last: float


_NONE = Candidates(0, (), 0.0)


@dataclass(slots=True)
class _CandidateSet:
    """Candidates with their rows, and for each leaf that was asked for its numbers by id. ``keys`` identify the request
    for them: with its order, and if all that match are there, also without it.
    """

    keys: tuple[str, ...]
    candidates: Candidates = _NONE
    rows: Mapping[str, Row] = field(default_factory=dict)
    numbers: dict[str, Mapping[str, float]] = field(default_factory=dict)
    is_filled: bool = False

    def fill(self, answer: Mapping[str, Any]) -> None:
        """Take candidates and their rows from an answer."""
        hits, total = answer["hits"]["hits"], answer["hits"]["total"]["value"]
        self.rows = {hit["_id"]: Row(*json.loads(hit["fields"]["row"][0])) for hit in hits}
        last = hits[-1]["sort"][0] if total > len(hits) and hits[-1].get("sort") else 0.0
        self.candidates = Candidates(total, tuple(self.rows), float(last) if isinstance(last, int | float) else 0.0)
        self.keys = self.keys if total <= len(hits) else self.keys[:1]
        self.is_filled = True

    @property
    def size(self) -> int:
        """About how many bytes this takes."""
        return _ROW_BYTES * len(self.rows) + sum(_VALUE_BYTES * (1 + len(one)) for one in self.numbers.values())


_Take = Callable[[dict[str, Any]], None]


@dataclass
class _Noted:
    """What a pass could not know. Each of ``searches`` has its index, its body, and what takes the answer."""

    searches: dict[str, tuple[str, Mapping[str, Any], _Take]] = field(default_factory=dict)
    counts: dict[str, tuple[Dsl, bool]] = field(default_factory=dict)
    parts: dict[str, set[str]] = field(default_factory=dict)
    gathers: dict[str, tuple[_CandidateSet, Mapping[str, Any]]] = field(default_factory=dict)
    leaves: dict[str, Leaf] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.searches or self.counts or self.parts or self.gathers)


class QuestionFacts:
    """The facts of one question, filled from pass to pass. ``passed`` counts the earlier passes, ``guessed`` says
    whether this one has guessed, and ``is_doubting`` whether it is being repeated by ``doubting``. Documents at hand
    are numbered in order of publication, as in a local index.
    """

    def __init__(self, facts: StateFacts) -> None:
        self.facts = facts
        self.guessed = False
        self.rows: dict[str, Row] = {}
        self.passed = 0
        self.is_doubting = False
        self._noted = _Noted()
        self._parts: dict[tuple[str, str], tuple[Any]] = {}
        self._answers: dict[str, dict[str, Any]] = {}
        self._candidates: dict[str, _CandidateSet] = {}
        self.numbers: dict[str, int] = {}
        self.items: dict[int, str] = {}
        self.owners: dict[int, int] = {}
        self.days: dict[int, int] = {}
        self.size = 0
        self._by_leaf: dict[str, Mapping[int, float]] = {}

    @contextmanager
    def doubting(self) -> Iterator[None]:
        """Note what the pass would also look up if what it guessed to be frequent did not occur at all."""
        self.is_doubting = True
        try:
            yield
        finally:
            self.is_doubting = False

    # --- looked up

    def count(self, query: Dsl, guess: int, key: str = "") -> int:
        """Return how many documents match a query, whose text is ``key``; ``guess`` until that is known."""
        key = key or as_key(query)
        cached = self.facts.counts.get(key)
        if cached is not None:
            return cached
        self.guessed = True
        self._noted.counts[key] = query, guess > 0
        return 0 if self.is_doubting else guess

    def counted(self, query: Dsl, count: int) -> None:
        """Remember how many documents match a query."""
        self.facts.counts.put(key := as_key(query), count, len(key))

    def listed(
        self, index: str, body: Mapping[str, Any], rows: Callable[[Mapping[str, Any]], tuple[tuple[str, int], ...]]
    ) -> tuple[tuple[str, int], ...]:
        """Return the words or keys that a search lists, with how many documents have them; none until known."""
        key = f"{index} {as_key(body)}"
        cached = self.facts.lists.get(key)
        if cached is not None:
            return cached

        def take(answer: dict[str, Any]) -> None:
            listed = rows(answer)
            self.facts.lists.put(key, listed, len(key) + sum(len(word) + 100 for word, _ in listed))

        self._note(key, index, body, take)
        return ()

    def answered(self, body: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the answer to a search of the documents; None until it is known."""
        key = as_key(body)
        if key not in self._answers:
            self._note(key, "documents", body, partial(self._answers.__setitem__, key))
        return self._answers.get(key)

    def part(self, item: str, name: str) -> tuple[Any] | None:
        """Return a stored part of a document in a tuple, ``(None,)`` if it has no such part; None until it is known."""
        cached = self._parts.get((item, name)) or self.facts.parts.get((item, name))
        if cached is not None:
            self._parts[item, name] = cached
            return cached
        self.guessed = True
        if not self.is_doubting:
            self._noted.parts.setdefault(name, set()).add(item)
        return None

    def gather(self, inside: Mapping[str, Any], size: int, sort: Sequence[Any], *, early: bool) -> Candidates | None:
        """Return the first ``size`` documents of a ``bool`` query, at hand from the next pass on; None until they are
        known. If they depend on a guess they are not asked for, unless ``early``: then all that match will be at hand,
        in any order, if they are not too many.
        """
        if NOTHING in inside["filter"]:
            return _NONE
        body: dict[str, Any] = {"size": size, "query": {"bool": inside}, **({"sort": list(sort)} if sort else {})}
        keys = as_key(body), as_key([inside["filter"], inside.get("must_not")])
        there = _first(self._candidates, keys)
        if there is None:
            there = _first(self.facts.candidates, keys)  # its documents are at hand from the next pass on
            if not self.is_doubting and (there or early or not self.guessed):
                self._noted.gathers.setdefault(keys[0], (there or _CandidateSet(keys), body))
        return there.candidates if there else None

    def of_leaf(self, leaf: Leaf) -> Mapping[int, float]:
        """Return the documents at hand that match a leaf, in their order, with its number for each."""
        if not self.is_doubting:
            self._noted.leaves.setdefault(leaf.name, leaf)
        result = self._by_leaf.get(leaf.name)
        if result is None:
            values: dict[str, float] = {}
            for one in self._candidates.values():
                values |= one.numbers.get(leaf.name, {})
            numbers = self.numbers
            result = self._by_leaf[leaf.name] = dict(sorted((numbers[item], value) for item, value in values.items()))
        return result

    def _note(self, key: str, index: str, body: Mapping[str, Any], take: _Take) -> None:
        self.guessed = True
        self._noted.searches.setdefault(key, (index, body, take))

    # --- asked

    @property
    def has_noted_candidates(self) -> bool:
        """Whether this pass asked for documents that are at hand only from the next one on."""
        return bool(self._noted.gathers)

    @property
    def is_answered(self) -> bool:
        """Whether this pass had only facts."""
        return not self._noted and not self._uncovered(self._noted.leaves.values())

    def ask(self) -> None:
        """Ask for everything that was noted, at once."""
        noted, self._noted = self._noted, _Noted()
        self.passed += 1
        name, leaves = self.facts.connection.address.name, list(noted.leaves.values())
        searches = [*noted.searches.values(), *self._of_counts(noted.counts), *self._of_parts(noted.parts)]
        named: list[tuple[Mapping[str, Any], _Take]] = []
        uncovered = self._uncovered(leaves)  # before cached candidates are added, which may need less
        for one, body in noted.gathers.values():
            if one.is_filled:
                self._have_at_hand(one)
                continue
            for some in in_requests(leaves, parts_of(body["query"])):
                named.append((with_values(body, some), partial(self._take, some, [one], is_new=True)))
        for some, without in uncovered:
            ids = sorted({item for one in without for item in one.rows})
            for few in in_requests(some, 0):
                body = {"size": len(ids), "query": {"bool": {"filter": [{"terms": {"item": ids}}]}}}
                named.append((with_values(body, few), partial(self._take, few, without)))
        searched, hits = self.facts.connection.at_once(
            [(words_of(name) if index == "words" else name, body) for index, body, _ in searches],
            [body for body, _ in named],
        )
        for (_, _, take), answer in zip(searches, searched, strict=True):
            take(answer)
        for (_, take_hits), answer in zip(named, hits, strict=True):
            take_hits(answer)

    def _of_counts(self, counts: Mapping[str, tuple[Dsl, bool]]) -> Iterator[tuple[str, Mapping[str, Any], _Take]]:
        """The searches for counts. One search checks all of them in each document that matches any; in an archive of
        many stories, what may be frequent gets a search of its own.
        """
        is_small = self.facts.meta.stories <= FEW_STORIES
        together = {key: query for key, (query, frequent) in counts.items() if is_small or not frequent}
        if together:
            filters = {str(at): query for at, query in enumerate(together.values())}
            union = {} if is_small else {"query": any_of(list(filters.values()))}
            aggs = {"counts": {"filters": {"filters": filters}}}
            body = {"size": 0, "track_total_hits": False, "aggs": aggs, **union}
            yield "documents", body, partial(self._take_counts, list(together))
        for key, (query, _) in counts.items():
            if key not in together:
                body = {"size": 0, "track_total_hits": True, "query": query}
                yield "documents", body, partial(self._take_count, key)

    def _take_count(self, key: str, answer: Mapping[str, Any]) -> None:
        self.facts.counts.put(key, answer["hits"]["total"]["value"], len(key))

    def _take_counts(self, keys: Sequence[str], answer: Mapping[str, Any]) -> None:
        buckets = answer["aggregations"]["counts"]["buckets"]
        for at, key in enumerate(keys):
            self.facts.counts.put(key, buckets[str(at)]["doc_count"], len(key))

    def _of_parts(self, parts: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, Mapping[str, Any], _Take]]:
        for name, items in parts.items():
            wanted = sorted(items)
            query = {"bool": {"filter": [{"terms": {"item": wanted}}]}}
            body = {"size": len(wanted), "query": query, "_source": [name]}
            yield "documents", body, partial(self._take_parts, name, wanted)

    def _take_parts(self, name: str, items: Iterable[str], answer: Mapping[str, Any]) -> None:
        there = {hit["_id"]: hit["_source"].get(name) for hit in answer["hits"]["hits"]}
        for item in items:
            value = there.get(item)
            self._parts[item, name] = (value,)
            texts = value.values() if isinstance(value, dict) else ()
            size = 4000 + 2 * sum(len(text) for text in texts if isinstance(text, str))
            self.facts.parts.put((item, name), (value,), size)

    def _take(
        self, leaves: Sequence[Leaf], sets: Sequence[_CandidateSet], answer: dict[str, Any], *, is_new: bool = False
    ) -> None:
        """Take the numbers of some leaves for these candidates, and if ``is_new`` the candidates too."""
        values: list[dict[str, float]] = [{} for _ in leaves]
        for hit in answer["hits"]["hits"]:
            for at, score in hit.get("matched_queries", {}).items():
                values[int(at)][hit["_id"]] = float(score)
        for one in sets:
            if is_new:
                one.fill(answer)
            for leaf, numbers in zip(leaves, values, strict=True):
                one.numbers[leaf.name] = {item: number for item, number in numbers.items() if item in one.rows}
            self._have_at_hand(one)
            for key in one.keys:
                self.facts.candidates.put(key, one, len(key) + one.size)

    def _have_at_hand(self, one: _CandidateSet) -> None:
        self.rows |= one.rows
        self._candidates |= dict.fromkeys(one.keys, one)

    def _uncovered(self, leaves: Iterable[Leaf]) -> list[tuple[list[Leaf], list[_CandidateSet]]]:
        """Leaves that were not asked for all documents at hand, with the sets that lack them."""
        sets = list({id(one): one for one in self._candidates.values()}.values())
        missing: dict[tuple[int, ...], list[Leaf]] = {}
        for leaf in leaves:
            without = tuple(at for at, one in enumerate(sets) if one.rows and leaf.name not in one.numbers)
            if without:
                missing.setdefault(without, []).append(leaf)
        return [(some, [sets[at] for at in without]) for without, some in missing.items()]

    # --- passes

    def in_passes(self, answer: Callable[[], _T]) -> _T:
        """Return the result of the first pass of ``answer`` with only facts. Raises ``EngineError`` if none is."""
        for _ in range(_MOST_PASSES):
            self.begin()
            result = answer()
            if self.is_answered:
                return result
            if self.guessed:
                with self.doubting():
                    answer()
            self.ask()
        raise EngineError("The question could not be answered from the cluster in a bounded number of requests.")

    def begin(self) -> None:
        """Number the documents at hand for the next pass. Those of one episode follow its notes as in a local index,
        with a gap for each that is not at hand.
        """
        self.guessed = False
        places: dict[tuple[str, int, str], int] = {}
        for row in self.rows.values():
            order = (row.date, row.number, row.episode)
            places[order] = max(places.get(order, 0), row.place)
        starts, self.size = {}, 0
        for order in sorted(places):
            starts[order] = self.size
            self.size += places[order] + 1
        self.numbers, self.items, self.owners, self.days = {}, {}, {}, {}
        for item, row in self.rows.items():
            start = starts[row.date, row.number, row.episode]
            number = start + row.place
            self.numbers[item], self.items[number], self.owners[number] = number, item, start
            self.days[number] = row.day
            self.items.setdefault(start, row.episode)
            self.owners.setdefault(start, start)
            self.days.setdefault(start, row.day)
        self._by_leaf = {}


def _first(
    sets: Mapping[str, _CandidateSet] | ByteCache[str, _CandidateSet], keys: Sequence[str]
) -> _CandidateSet | None:
    return next((one for key in keys if (one := sets.get(key))), None)
