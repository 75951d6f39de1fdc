"""Documents, episodes and lists of one state of an index in a cluster."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from zunda_mcp.engine.base import Status, StoredDocument, Text
from zunda_mcp.engine.opensearch.cluster_matching import filter_queries
from zunda_mcp.engine.opensearch.cluster_reader import key_query
from zunda_mcp.engine.opensearch.connection import Connection
from zunda_mcp.engine.opensearch.expressions import Dsl, all_of
from zunda_mcp.engine.opensearch.kept_lists import IndexState, read_list, read_meta, topics_of
from zunda_mcp.index import schema
from zunda_mcp.index.archive_view import counts, narrowed_meta, of_archives
from zunda_mcp.index.catalog import EpisodeEntry, Meta
from zunda_mcp.models import Episode, Problem, Story
from zunda_mcp.query.filters import Filters

if TYPE_CHECKING:
    from zunda_mcp.topics.tokens import ArchiveTopic

__all__ = ["ClusterDocuments", "document_of", "entry_of"]

_PAGE = 2000


class ClusterDocuments:
    """Returns documents and lists of one state, as ``Engine`` says. Thread-safe.

    ``archives`` are those that ``connection`` is limited to; None means all.
    """

    def __init__(self, connection: Connection, state: IndexState, archives: frozenset[str] | None = None) -> None:
        self._connection = connection
        self._state = state
        self._archives = archives

    # --- documents

    def documents(self, ids: Sequence[str]) -> list[StoredDocument]:
        return [document_of(hit["_source"]["record"]) for hit in self._hits(ids, ["record"])]

    def _hits(self, ids: Sequence[str], parts: Sequence[str]) -> list[dict[str, Any]]:
        """The documents with these ids, in their order, with the named parts of their source."""
        wanted, hits = sorted(set(ids)), dict[str, dict[str, Any]]()
        for start in range(0, len(wanted), _PAGE):
            some = wanted[start : start + _PAGE]
            body = {"size": len(some), "query": {"terms": {"item": some}}, "_source": list(parts)}
            hits |= {hit["_id"]: hit for hit in self._search(body)["hits"]["hits"]}
        return [hits[item] for item in ids if item in hits]

    def texts(self, ids: Sequence[str] | None = None, filters: Filters | None = None) -> Iterator[Text]:
        parts = ["record.plain", "record.plain_speech"]
        query = all_of(filter_queries(filters or Filters()) or [{"match_all": {}}])
        for hit in self.scan(query, parts) if ids is None else self._hits(ids, parts):
            record = hit["_source"]["record"]
            yield Text(hit["_id"], record["plain"], record.get("plain_speech", ""))

    def episode(self, episode_id: str) -> Episode | None:
        query = {"term": {"episode": episode_id}}
        hits = list(self.scan(query, ["record.episode", "record.story"]))
        if not hits or "episode" not in hits[0]["_source"]["record"]:
            return None
        stories = tuple(Story.model_validate(hit["_source"]["record"]["story"]) for hit in hits[1:])
        return Episode.model_validate(hits[0]["_source"]["record"]["episode"]).model_copy(update={"stories": stories})

    def with_url(self, url: str) -> StoredDocument | None:
        body = {"size": 1, "query": key_query(f"url:{url}"), "sort": [{"order": "desc"}], "_source": ["record"]}
        return next((document_of(hit["_source"]["record"]) for hit in self._search(body)["hits"]["hits"]), None)

    # --- lists

    def entries(self) -> Sequence[EpisodeEntry]:
        return self._all_entries

    @cached_property
    def _all_entries(self) -> list[EpisodeEntry]:
        hits = self.scan(key_query("kind:notes"), ["record.entry"])
        return [entry_of(hit["_source"]["record"]) for hit in hits]

    def topics(self) -> Sequence[ArchiveTopic]:
        return self._topics

    @cached_property
    def _topics(self) -> list[ArchiveTopic]:
        from zunda_mcp.topics.tokens import ArchiveTopic  # start-up

        lists = ["topics"] if self._archives is None else [topics_of(name) for name in sorted(self._archives)]
        topics = [ArchiveTopic.of(row) for name in lists for row in read_list(self._connection, self._state, name)]
        return topics if len(lists) == 1 else _merged(topics, self.story_dates())

    def story_dates(self) -> Mapping[str, str]:
        return self._story_dates

    @cached_property
    def _story_dates(self) -> dict[str, str]:
        hits = self.scan(key_query("kind:story"), [], ["day"])
        days = ((hit["_id"], hit["fields"]["day"][0]) for hit in hits)
        return {item: dt.date.fromordinal(day).isoformat() if day else "" for item, day in days}

    def passages(self) -> frozenset[str]:
        return self._passages

    @cached_property
    def _passages(self) -> frozenset[str]:
        if not self.meta.passages:
            return frozenset()
        hits = self.scan(key_query(schema.PASSAGE), [])
        return frozenset(hit["_id"] for hit in hits)

    # --- state

    @cached_property
    def meta(self) -> Meta:
        """The metadata of the generation, limited to the archives."""
        meta, archives = read_meta(self._connection, self._state), self._archives
        if archives is None:
            return meta
        return replace(narrowed_meta(meta, archives), problems=len(self.problems()), **counts(self.entries()))

    def status(self) -> Status:
        meta = self.meta
        return Status(self._state.generation, meta.language, meta.timezone, meta.zone_stated, meta.surveys)

    def problems(self) -> list[Problem]:
        rows = read_list(self._connection, self._state, "problems")
        return [Problem.model_validate(row) for row in rows if of_archives([row["path"]], self._archives)]

    def digests(self) -> Mapping[str, str]:
        rows = dict(read_list(self._connection, self._state, "digests"))
        shown = self._archives
        return {one: digest for one, digest in rows.items() if shown is None or one.partition(":")[0] in shown}

    # --- requests

    def _search(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._connection.search(self._connection.address.name, body)

    def total(self, query: Dsl) -> int:
        """Return how many documents match a query."""
        total: int = self._search({"size": 0, "track_total_hits": True, "query": query})["hits"]["total"]["value"]
        return total

    def scan(self, query: Dsl, parts: Sequence[str], values: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
        """Yield all documents of a query in order, with the named parts of their source and some values of fields."""
        body = {"size": _PAGE, "query": query, "sort": ["order"], "_source": list(parts) or False}
        return self._connection.scan(self._connection.address.name, {**body, "docvalue_fields": list(values)})


def _merged(topics: Iterable[ArchiveTopic], dates: Mapping[str, str]) -> list[ArchiveTopic]:
    """The topics of several archives; topics with the same key become one."""
    by_key: dict[str, ArchiveTopic] = {}
    for one in sorted(topics, key=lambda topic: -len(topic.story_ids)):
        first = by_key.get(one.key)
        if first is None:
            by_key[one.key] = one
            continue
        by_key[one.key] = replace(
            first,
            aliases=tuple(
                dict.fromkeys(name for name in (*first.aliases, one.name, *one.aliases) if name != first.name)
            ),
            story_ids=tuple(sorted((*first.story_ids, *one.story_ids), key=dates.__getitem__, reverse=True)),
            episodes=first.episodes + one.episodes,
            first=min(filter(None, (first.first, one.first)), default=""),
            last=max(first.last, one.last),
        )
    return list(by_key.values())


def entry_of(record: Mapping[str, Any]) -> EpisodeEntry:
    """Return the episode that a document belongs to, from its stored record."""
    return EpisodeEntry.unpacked(record["entry"].encode("utf-8"))


def document_of(record: Mapping[str, Any]) -> StoredDocument:
    """Return a document from its stored record."""
    story = Story.model_validate(record["story"]) if "story" in record else None
    return StoredDocument(
        entry_of(record),
        story,
        None if story else Episode.model_validate(record["episode"]),
        record["plain"],
        record.get("speech", ""),
        tuple((at, second) for at, second in record.get("moments", ())),
    )
