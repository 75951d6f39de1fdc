"""One question to a cluster: what it looks up, gathered into few requests.

Planning and ranking are the code of the embedded engine, which looks up one thing after another: at a cluster each
would be a trip over the network. So a question is answered in *passes*. What is not known yet is noted, a guess goes on
in its place, and after the pass all that was noted is asked in one request. A pass that noted nothing had only facts:
its answer counts. Few passes suffice, since most of what is looked up does not depend on what was looked up before.

What a pass can see of documents are those *at hand*: the best candidates that the cluster chose for it. Lookups that
hold for the whole generation are kept for the questions that follow.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from zunda_mcp.config.memory import ByteCache
from zunda_mcp.engine.opensearch.connection import Connection
from zunda_mcp.engine.opensearch.expressions import Dsl, Leaf
from zunda_mcp.engine.opensearch.kept_lists import IndexState, words_of
from zunda_mcp.engine.opensearch.writing.index_documents import Row
from zunda_mcp.index.catalog import Meta

__all__ = ["Candidates", "Passes", "Question", "StateFacts"]

_CACHED_BYTES = 32_000_000
_MOST_LEAVES = 400
"""Leaves in one request: a cluster refuses queries of more than 1,024 parts."""


class StateFacts:
    """What was looked up in one state of a cluster, for all questions to it. Thread-safe."""

    def __init__(self, connection: Connection, state: IndexState, meta: Meta) -> None:
        self.connection = connection
        self.state = state
        self.meta = meta
        self.counts: ByteCache[str, int] = ByteCache(_CACHED_BYTES // 2)
        self.lists: ByteCache[str, tuple[tuple[str, int], ...]] = ByteCache(_CACHED_BYTES // 2)


class Candidates(NamedTuple):
    """The best documents of a query that are at hand now: how many match in all, the ids of these, and the score of the
    last of them, above which nothing is left out.
    """

    total: int
    ids: tuple[str, ...]
    last: float


@dataclass
class _Noted:
    """What a pass could not know."""

    counts: dict[str, Dsl] = field(default_factory=dict)
    lists: dict[str, tuple[str, Mapping[str, Any], Callable[[Mapping[str, Any]], tuple[tuple[str, int], ...]]]] = field(
        default_factory=dict
    )
    gathers: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    sources: dict[str, set[str]] = field(default_factory=dict)
    leaves: dict[str, Leaf] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.counts or self.lists or self.gathers or self.sources)


class Passes:
    """The facts of one question, filled from pass to pass."""

    def __init__(self, facts: StateFacts) -> None:
        self.facts = facts
        self.noted = _Noted()
        self.rows: dict[str, Row] = {}
        self.sources: dict[str, dict[str, Any]] = {}
        self._candidates: dict[str, Candidates] = {}
        self._values: dict[str, dict[str, float]] = {}
        self._covered: dict[str, set[str]] = {}

    # --- looked up

    def count(self, query: Dsl, guess: int) -> int:
        """How many documents match a query; ``guess`` until that is known."""
        key = _key(query)
        cached = self.facts.counts.get(key)
        if cached is None:
            self.noted.counts.setdefault(key, query)
            return guess
        return cached

    def listed(
        self, index: str, body: Mapping[str, Any], rows: Callable[[Mapping[str, Any]], tuple[tuple[str, int], ...]]
    ) -> tuple[tuple[str, int], ...]:
        """Words or keys that a search lists, with how many documents have them; none until they are known."""
        key = f"{index} {_key(body)}"
        cached = self.facts.lists.get(key)
        if cached is None:
            self.noted.lists.setdefault(key, (index, body, rows))
            return ()
        return cached

    def gather(self, body: Mapping[str, Any]) -> Candidates | None:
        """The best documents of a search, at hand from the next pass on; None until they are."""
        key = _key(body)
        cached = self._candidates.get(key)
        if cached is None:
            self.noted.gathers.setdefault(key, body)
        return cached

    def source(self, item: str, part: str) -> Any:
        """A part of the record of a document (``plain``); None until it is known, or where there is none."""
        cached = self.sources.get(item, {})
        if part not in cached:
            self.noted.sources.setdefault(part, set()).add(item)
            return None
        return cached[part]

    def values(self, leaf: Leaf) -> Mapping[str, float]:
        """The documents at hand that match a leaf, with its number for each."""
        self.noted.leaves.setdefault(leaf.name, leaf)
        return self._values.get(leaf.name, {})

    # --- asked

    def ask(self) -> bool:
        """Ask for all that was noted; False where nothing was, so that the pass had only facts."""
        noted, self.noted = self.noted, _Noted()
        missing = self._uncovered(noted.leaves)
        if not noted and not missing:
            return False
        if noted:
            self._ask(noted)
            missing = self._uncovered(noted.leaves)
        for leaves, ids in missing:
            self._ask_values(leaves, ids)
        return True

    def _ask(self, noted: _Noted) -> None:
        name = self.facts.connection.address.name
        wanted: list[tuple[str, Mapping[str, Any]]] = []
        taking: list[Callable[[dict[str, Any]], None]] = []
        for key, query in noted.counts.items():
            wanted.append((name, {"size": 0, "track_total_hits": True, "query": query}))
            taking.append(lambda answer, key=key: self._take_count(key, answer))  # type: ignore[misc]
        for key, (index, body, rows) in noted.lists.items():
            wanted.append((words_of(name) if index == "words" else name, body))
            taking.append(lambda answer, key=key, rows=rows: self._take_list(key, rows(answer)))  # type: ignore[misc]
        for key, body in noted.gathers.items():
            full = {**body, "_source": False, "docvalue_fields": ["row"], "track_total_hits": True}
            wanted.append((name, full))
            taking.append(lambda answer, key=key: self._take_candidates(key, answer))  # type: ignore[misc]
        for part, items in noted.sources.items():
            query = {"bool": {"filter": [{"terms": {"item": sorted(items)}}]}}
            body = {"size": len(items), "query": query, "_source": [part]}
            wanted.append((name, body))
            taking.append(lambda answer, part=part, items=items: self._take_sources(part, items, answer))  # type: ignore[misc]
        for take, answer in zip(taking, self.facts.connection.searches(wanted), strict=True):
            take(answer)

    def _take_count(self, key: str, answer: Mapping[str, Any]) -> None:
        self.facts.counts.put(key, answer["hits"]["total"]["value"], len(key))

    def _take_list(self, key: str, rows: tuple[tuple[str, int], ...]) -> None:
        self.facts.lists.put(key, rows, len(key) + sum(len(word) + 100 for word, _ in rows))

    def _take_candidates(self, key: str, answer: Mapping[str, Any]) -> None:
        hits = answer["hits"]["hits"]
        for hit in hits:
            self.rows.setdefault(hit["_id"], Row(*json.loads(hit["fields"]["row"][0])))
        last = hits[-1]["sort"][0] if hits and hits[-1].get("sort") else 0.0
        score = float(last) if isinstance(last, int | float) else 0.0
        self._candidates[key] = Candidates(answer["hits"]["total"]["value"], tuple(hit["_id"] for hit in hits), score)

    def _take_sources(self, part: str, items: Iterable[str], answer: Mapping[str, Any]) -> None:
        for item in items:
            self.sources.setdefault(item, {})[part] = None
        for hit in answer["hits"]["hits"]:
            value: Any = hit["_source"]
            for name in part.split("."):
                value = value.get(name) if isinstance(value, Mapping) else None
            self.sources[hit["_id"]][part] = value

    def _uncovered(self, leaves: Mapping[str, Leaf]) -> list[tuple[list[Leaf], list[str]]]:
        """Leaves of which something is not known for documents at hand, with these documents."""
        missing: dict[tuple[str, ...], list[Leaf]] = {}
        for name, leaf in leaves.items():
            ids = self.rows.keys() - self._covered.get(name, set())
            if ids:
                missing.setdefault(tuple(sorted(ids)), []).append(leaf)
        return [
            (some[start : start + _MOST_LEAVES], list(ids))
            for ids, some in missing.items()
            for start in range(0, len(some), _MOST_LEAVES)
        ]

    def _ask_values(self, leaves: Sequence[Leaf], ids: Sequence[str]) -> None:
        named = [_named(leaf, str(at)) for at, leaf in enumerate(leaves)]
        query = {"bool": {"filter": [{"terms": {"item": ids}}], "should": named}}
        hits = self.facts.connection.search_named({"size": len(ids), "query": query, "_source": False})
        for leaf in leaves:
            self._covered.setdefault(leaf.name, set()).update(ids)
            self._values.setdefault(leaf.name, {})
        for hit in hits:
            for at, score in hit.get("matched_queries", {}).items():
                self._values[leaves[int(at)].name][hit["_id"]] = float(score)


class Question(Passes):
    """A question with its passes: documents at hand have numbers in the order of publication, as at home."""

    def __init__(self, facts: StateFacts) -> None:
        super().__init__(facts)
        self.numbers: dict[str, int] = {}
        self.items: dict[int, str] = {}
        self.owners: dict[int, int] = {}
        self.days: dict[int, int] = {}
        self.places: dict[int, int] = {}
        self.size = 0
        self._by_leaf: dict[str, Mapping[int, float]] = {}

    def begin(self) -> None:
        """Number the documents at hand for the next pass. Those of one episode follow its notes as they do at home,
        with a gap for each that is not at hand.
        """
        places: dict[tuple[str, int, str], int] = {}
        for row in self.rows.values():
            order = (row.date, row.number, row.episode)
            places[order] = max(places.get(order, 0), row.place)
        starts, self.size = {}, 0
        for order in sorted(places):
            starts[order] = self.size
            self.size += places[order] + 1
        self.numbers, self.items, self.owners, self.days, self.places = {}, {}, {}, {}, {}
        for item, row in self.rows.items():
            start = starts[row.date, row.number, row.episode]
            number = start + row.place
            self.numbers[item], self.items[number], self.owners[number] = number, item, start
            self.days[number], self.places[number] = row.day, row.place
            self.items.setdefault(start, row.episode)
            self.owners.setdefault(start, start)
            self.days.setdefault(start, row.day)
        self._by_leaf = {}

    def of_leaf(self, leaf: Leaf) -> Mapping[int, float]:
        """As ``values``, by the numbers of the documents, in their order."""
        result = self._by_leaf.get(leaf.name)
        if result is None:
            numbers = self.numbers
            pairs = sorted((numbers[item], value) for item, value in self.values(leaf).items())
            result = self._by_leaf[leaf.name] = dict(pairs)
        return result


def _key(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _named(leaf: Leaf, name: str) -> Dsl:
    """A leaf as a query with a name, whose score tells its number."""
    kind = "must" if leaf.scored else "filter"
    return {"bool": {kind: [leaf.query], "_name": name}}
