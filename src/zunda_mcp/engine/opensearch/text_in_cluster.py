"""Regular expressions over the texts in a cluster: what can match is fetched, and searched as in a local index.

The cluster narrows by the strings that a pattern needs (``zunda_mcp.query.pattern``). The fetched documents are read
through ``FetchedReader``, so ``zunda_mcp.engine.text_search`` alone decides what matches, and where.
"""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from zunda_mcp.engine.base import Excerpt, PatternMatches, TextMatch
from zunda_mcp.engine.opensearch.cluster_documents import ClusterDocuments
from zunda_mcp.engine.opensearch.cluster_matching import filter_queries
from zunda_mcp.engine.opensearch.cluster_reader import key_query
from zunda_mcp.engine.opensearch.expressions import Dsl, all_of, any_of, in_a_row
from zunda_mcp.engine.opensearch.index_mapping import Row, exact_units
from zunda_mcp.engine.text_search import TextSearch
from zunda_mcp.index import schema
from zunda_mcp.index.reader import RecordReader
from zunda_mcp.models import Episode, Story
from zunda_mcp.query.filters import Filters

if TYPE_CHECKING:
    from zunda_mcp.query.pattern import Required, TextPattern

__all__ = ["FetchedReader", "TextInCluster"]

_FIELDS = ("exact", "exact_spoken", "title_exact")
_RUNS = re.compile(r"[0-9a-z]+|[^0-9a-z]+")


class TextInCluster:
    """Searches one state of a cluster for patterns."""

    def __init__(self, documents: ClusterDocuments) -> None:
        self._documents = documents

    def search(self, pattern: TextPattern, filters: Filters) -> PatternMatches:
        limits = filter_queries(filters)
        candidates = any_of([*_holding(pattern.literals), key_query(schema.WITH_MARKUP)])
        fetched = self.fetched(all_of([candidates, *limits]))
        result = TextSearch(fetched).search(pattern, Filters())
        but = [key_query(schema.PASSAGE)] if self._documents.meta.passages else []
        stories = self._documents.total(all_of([key_query("kind:story"), *limits], but=but))
        return result._replace(stories=stories, with_speech=self._documents.total(key_query(schema.WITH_SPEECH)) > 0)

    def excerpts(self, pattern: TextPattern, match: TextMatch) -> Iterator[Excerpt]:
        fetched = self.fetched({"term": {"episode": match.episode_id}})
        yield from TextSearch(fetched).excerpts(pattern, match)

    def fetched(self, query: Dsl) -> FetchedReader:
        """Return the documents of a query with their whole records, and the notes of their episodes."""
        hits = list(self._documents.scan(query, ["record"], ["row"]))
        owners = {json.loads(hit["fields"]["row"][0])[2] for hit in hits}
        missing = sorted(owners - {hit["_id"] for hit in hits})
        for start in range(0, len(missing), 5000):
            some = {"terms": {"item": missing[start : start + 5000]}}
            hits += self._documents.scan(some, ["record"], ["row"])
        return FetchedReader(hits)


def _holding(required: Required) -> list[Dsl]:
    """Queries for what can contain one string of each set, in writing, in speech or in an address."""
    parts = [any_of([_with_string(text) for text in choice]) for choice in required if all(choice)]
    return [all_of(parts)] if parts else [{"match_all": {}}]


def _with_string(text: str) -> Dsl:
    """A query for documents whose units can contain a string; a Latin run in it may be part of a longer one."""
    queries = []
    for run in _RUNS.findall(text):
        if run[0].isascii() and run[0].isalnum():
            queries.append(any_of([{"wildcard": {field: {"value": f"*{run}*"}}} for field in _FIELDS]))
        else:
            queries.append(any_of([in_a_row(field, exact_units(run)) for field in _FIELDS]))
    escaped = re.sub(r"([*?\\])", r"\\\1", text)
    address = {"wildcard": {"address": {"value": f"*{escaped}*"}}}
    return any_of([all_of(queries), address, key_query("kind:notes")])


class FetchedReader(RecordReader):
    """Reads documents that were fetched."""

    def __init__(self, hits: Iterable[Mapping[str, Any]]) -> None:
        super().__init__()
        result = {hit["_id"]: (Row(*json.loads(hit["fields"]["row"][0])), hit["_source"]["record"]) for hit in hits}
        ordered = sorted(result.items(), key=lambda item: item[1][0][:4])
        self._items = [item for item, _ in ordered]
        self._rows = [row for _, (row, _) in ordered]
        self._records = [record for _, (_, record) in ordered]
        self._numbers = {item: number for number, item in enumerate(self._items)}
        self.size = len(ordered)
        self.name = "fetched"
        self.days = array("i", [row.day for row in self._rows])

    @cached_property
    def _keys(self) -> dict[str, dict[int, float]]:
        keys: dict[str, dict[int, float]] = {}

        def add(key: str, number: int) -> None:
            keys.setdefault(key, {})[number] = 1.0

        for number, (row, record) in enumerate(zip(self._rows, self._records, strict=True)):
            add(f"episode:{row.episode}", number)
            add("kind:story" if row.place else "kind:notes", number)
            if kind := record.get("story", {}).get("kind"):
                add(f"kind:{kind}", number)
            if record.get("speech"):
                add(schema.WITH_SPEECH, number)
            if record.get("markup"):
                add(schema.WITH_MARKUP, number)
        return keys

    def keyed(self, key: str) -> dict[int, float]:
        return self._keys.get(key, {})

    def document(self, item_id: str) -> int | None:
        return self._numbers.get(item_id)

    def item(self, document: int) -> str:
        item: str = self._items[document]
        return item

    def story(self, document: int) -> Story:
        return Story.model_validate(self._records[document]["story"])

    def episode(self, document: int) -> Episode:
        return Episode.model_validate(self._records[document]["episode"])

    def moments(self, document: int) -> tuple[tuple[int, float], ...]:
        return tuple((at, second) for at, second in self._records[document].get("moments", ()))

    def _value(self, document: int, name: str) -> bytes:
        return str(self._records[document].get(name, "")).encode("utf-8")
