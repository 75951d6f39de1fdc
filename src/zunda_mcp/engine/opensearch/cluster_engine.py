"""The engine over a cluster: answers from one state of an index there, behind ``zunda_mcp.engine.base.Engine``.

A question is planned, matched and ranked by the code of the embedded engine in passes (``question``). Nothing of the
index is on this machine, so that any number of servers may answer from one cluster.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from zunda_mcp.answers import Sort
from zunda_mcp.engine.base import (
    Counts,
    DayCount,
    Document,
    Excerpt,
    Match,
    Matches,
    Status,
    Text,
    TextMatch,
    TextMatches,
    Turn,
)
from zunda_mcp.engine.expander import Expander
from zunda_mcp.engine.matching import Ranked
from zunda_mcp.engine.opensearch.cluster_matching import ClusterMatcher, filter_queries
from zunda_mcp.engine.opensearch.cluster_question import KnownFacts, Question
from zunda_mcp.engine.opensearch.cluster_reader import ClusterReader, key_query
from zunda_mcp.engine.opensearch.connection import Connection
from zunda_mcp.engine.opensearch.counting import count_matches
from zunda_mcp.engine.opensearch.expressions import Dsl, all_of
from zunda_mcp.engine.opensearch.index_documents import Row
from zunda_mcp.engine.opensearch.kept_lists import IndexState, read_list, words_of
from zunda_mcp.engine.selection import select
from zunda_mcp.errors import EngineError
from zunda_mcp.index import schema
from zunda_mcp.index.catalog import EpisodeEntry
from zunda_mcp.models import Episode, Problem, Story
from zunda_mcp.query import tuning
from zunda_mcp.query.filters import Filters
from zunda_mcp.query.parse import Query

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Embedder
    from zunda_mcp.engine.opensearch.cluster_meaning import VectorFacts
    from zunda_mcp.engine.opensearch.text_in_cluster import TextInCluster
    from zunda_mcp.query.pattern import TextPattern
    from zunda_mcp.topics.tokens import ArchiveTopic

__all__ = ["ClusterEngine"]

_T = TypeVar("_T")
_Aliases = Mapping[str, tuple[str, ...]]
_MOST_PASSES = 40
_WINDOW = 20_000
_PAGE = 2000
_SITE = "site:"


class ClusterEngine:
    """Answers from one state of an index in a cluster. Thread-safe."""

    def __init__(
        self,
        connection: Connection,
        state: IndexState,
        aliases: Callable[[], _Aliases] = dict,
        embedder: Callable[[], Embedder | None] = lambda: None,
    ) -> None:
        self._connection = connection
        self._state = state
        self._facts = KnownFacts(connection, state)
        self._aliases = aliases
        self._embedder = embedder
        self._entries: dict[str, EpisodeEntry] = {}

    # --- a question in passes

    def _in_passes(self, answer: Callable[[ClusterMatcher], _T], at_least: int = 0) -> tuple[_T, ClusterMatcher]:
        """What ``answer`` says of a matcher that had only facts."""
        question = Question(self._facts)
        for _ in range(_MOST_PASSES):
            question.begin()
            reader = ClusterReader(question, lambda: self._names)
            expander = Expander(reader, self._aliases())  # type: ignore[arg-type]
            matcher = ClusterMatcher(reader, expander, self._chosen_embedder, lambda: self._vectors, at_least)
            found = answer(matcher)
            if not question.ask():
                return found, matcher
        raise EngineError("The question could not be answered from the cluster in a bounded number of requests.")

    @cached_property
    def _chosen_embedder(self) -> Embedder | None:
        return self._embedder()

    @cached_property
    def _vectors(self) -> VectorFacts | None:
        from zunda_mcp.engine.opensearch.cluster_meaning import VectorFacts  # numpy: start-up

        return VectorFacts.of(self._connection, self._state, self._chosen_embedder)

    @cached_property
    def _names(self) -> frozenset[str]:
        """The names in hiragana: the one list of words that planning asks letter by letter."""
        query = {"term": {"kind": "hiragana"}}
        hits = self._scan(words_of(self._connection.address.name), query, ["word"], [])
        return frozenset(hit["sort"][0] for hit in hits)

    # --- queries

    def search(
        self, query: Query, filters: Filters, order: Sort, *, offset: int = 0, limit: int | None = None
    ) -> Matches:
        """As ``Engine.search``."""
        wanted = min(offset + (limit or tuning.FIRST_OF_MANY), _WINDOW)
        ranked, matcher = self._in_passes(lambda matcher: matcher.search(query, filters, order), wanted)
        reader = matcher.reader
        selection = select(ranked, limit)
        items, full = selection.items, selection.full
        page = items[offset : offset + selection.count]
        documents = self._by_id([reader.item(number) for number, _ in (*page, *ranked.near)])

        def matches(scored: Iterable[tuple[int, float]]) -> tuple[Match, ...]:
            return tuple(
                Match(documents[reader.item(number)], score, near=number not in full)
                for number, score in scored
                if reader.item(number) in documents
            )

        counted = count_matches(self._connection, reader.question, full, reader.passages, matcher.cut_short)
        return Matches(
            page=matches(page),
            total=len(items) + counted.full - len(full),
            full=counted.full,
            stories=counted.stories,
            episodes=counted.episodes,
            passages=counted.passages,
            years=counted.years(),
            first=_iso(counted.first),
            last=_iso(counted.last),
            sure=selection.sure and counted.full == len(full),
            order=ranked.order,
            explanation=replace(ranked.explanation, full=ranked.explanation.full + counted.full - len(full)),
            closest=tuple(one._replace(near=False) for one in matches(ranked.near)),
            words=tuple(ranked.words),
            expansions=ranked.expansions,
            by_meaning=ranked.by_meaning,
        )

    def count(self, query: Query, filters: Filters) -> Counts:
        """As ``Engine.count``."""
        ranked, matcher = self._in_passes(lambda matcher: matcher.full_matches(query, filters))
        reader = matcher.reader
        counted = count_matches(self._connection, reader.question, ranked.full, reader.passages, matcher.cut_short)
        entries = self._entries_of(counted.busiest)
        busiest = [(entries[one], count) for one, count in counted.busiest.items() if count and one in entries]
        busiest.sort(key=lambda item: (item[1], item[0].order), reverse=True)
        ends = self._ends(reader, ranked, matcher)
        undated = counted.days.pop(schema.UNDATED, None)
        return Counts(
            stories=counted.stories,
            episodes=counted.episodes,
            passages=counted.passages,
            undated=undated.documents if undated else 0,
            days=tuple(
                DayCount(dt.date.fromordinal(day), one.stories, one.episode_count)
                for day, one in sorted(counted.days.items())
            ),
            first=ends[0],
            last=ends[1],
            busiest=tuple(busiest[: tuning.MAX_BUSIEST]),
        )

    def _ends(self, reader: ClusterReader, ranked: Ranked, matcher: ClusterMatcher) -> tuple[Document | None, ...]:
        """The earliest and the latest dated document that matches in full."""
        rows = reader.question.rows
        dated = {item for number in ranked.full if (item := reader.item(number)) in rows and rows[item].day}
        for cut in matcher.cut_short:
            for order in ("asc", "desc"):
                query = all_of([cut.query, {"range": {"day": {"gt": schema.UNDATED}}}])
                body = {"size": 1, "query": query, "sort": [{"order": order}], "docvalue_fields": ["row"]}
                for hit in self._search({**body, "_source": False})["hits"]["hits"]:
                    rows[hit["_id"]] = Row(*json.loads(hit["fields"]["row"][0]))
                    dated.add(hit["_id"])
        ordered = sorted(dated, key=lambda item: (rows[item].day, *rows[item][:4]))
        documents = self._by_id([ordered[0], ordered[-1]]) if ordered else {}
        return (documents.get(ordered[0]), documents.get(ordered[-1])) if ordered else (None, None)

    def contains(self, text: str, *, in_titles: bool = False) -> bool:
        """As ``Engine.contains``."""
        return self._in_passes(lambda matcher: matcher.contains(text, in_titles=in_titles))[0]

    def has_kind(self, kind: str) -> bool:
        """As ``Engine.has_kind``."""
        return self._total(key_query(f"kind:{kind}")) > 0

    def suggest(self, texts: Sequence[str]) -> list[str]:
        """As ``Engine.suggest``."""
        from zunda_mcp.engine.suggestions import Suggestions  # start-up

        return self._in_passes(lambda matcher: Suggestions(matcher.reader).near(texts))[0]  # type: ignore[arg-type]

    def related(self, ids: Sequence[str], episode_id: str, *, limit: int = 10) -> tuple[tuple[Match, ...], bool]:
        """As ``Engine.related``."""
        from zunda_mcp.engine.related import nearest_stories  # start-up

        stories = [one.story for one in self.documents(ids) if one.story]

        def nearest(matcher: ClusterMatcher) -> list[tuple[str, float]]:
            reader = matcher.reader
            reader.at_hand([*(story.id for story in stories)])
            reader.but = [{"term": {"episode": episode_id}}]
            without = {number for number, item in reader.question.items.items() if _episode_of(item) == episode_id}
            found = nearest_stories(matcher.finder, stories, without, matcher.meaning)
            return [(reader.item(number), score) for number, score in found[:limit]]

        scored = self._in_passes(nearest)[0]
        documents = self._by_id([item for item, _ in scored])
        return tuple(
            Match(documents[item], score) for item, score in scored if item in documents
        ), self._vectors is not None

    def similar(self, text: str, limit: int, *, spoken: bool = False) -> list[tuple[str, float]]:
        """As ``Engine.similar``."""
        from zunda_mcp.engine.similar import rarest_terms  # start-up

        def similar(matcher: ClusterMatcher) -> list[tuple[str, float]]:
            if spoken and not matcher.reader.has_speech:
                return []
            scored = rarest_terms(matcher.finder, text, limit, spoken=spoken)
            return [(matcher.reader.item(number), score) for number, score in scored]

        return self._in_passes(similar)[0]

    def cooccurring(self, words: Sequence[str], limit: int) -> list[str]:
        """As ``Engine.cooccurring``."""
        from zunda_mcp.engine.similar import cooccurring  # start-up

        return self._in_passes(lambda matcher: cooccurring(matcher.finder, words, limit))[0]

    def find_text(self, pattern: TextPattern, filters: Filters) -> TextMatches:
        """As ``Engine.find_text``."""
        return self._text_search.search(pattern, filters)

    def excerpts(self, pattern: TextPattern, match: TextMatch) -> Iterator[Excerpt]:
        """As ``Engine.excerpts``."""
        return self._text_search.excerpts(pattern, match)

    @cached_property
    def _text_search(self) -> TextInCluster:
        from zunda_mcp.engine.opensearch.text_in_cluster import TextInCluster  # start-up

        def scan(query: Dsl) -> Iterator[dict[str, Any]]:
            return self._scan(self._connection.address.name, query, ["order"], ["record"], ["row"])

        def written(limits: Sequence[Dsl]) -> int:
            but = [key_query(schema.PASSAGE)] if self._state.facts.passages else []
            return self._total(all_of([key_query("kind:story"), *limits], but=but))

        with_speech = self._total(key_query(schema.WITH_SPEECH)) > 0
        return TextInCluster(scan, written, with_speech=with_speech)

    # --- documents

    def documents(self, ids: Sequence[str]) -> list[Document]:
        """As ``Engine.documents``."""
        found = self._by_id(ids)
        return [found[item] for item in ids if item in found]

    def _by_id(self, ids: Sequence[str]) -> dict[str, Document]:
        """Documents by their ids."""
        hits = self._hits(sorted(set(ids)), ["record"])
        entries = self._entries_of({_episode_of(hit["_id"]) for hit in hits})
        return {hit["_id"]: _document(hit["_source"]["record"], entries[_episode_of(hit["_id"])]) for hit in hits}

    def _hits(self, ids: Sequence[str], parts: Sequence[str]) -> list[dict[str, Any]]:
        """The documents of some ids with parts of their records."""
        found: list[dict[str, Any]] = []
        for start in range(0, len(ids), _PAGE):
            some = ids[start : start + _PAGE]
            body = {"size": len(some), "query": {"terms": {"item": list(some)}}, "_source": list(parts)}
            found += self._search(body)["hits"]["hits"]
        return found

    def _entries_of(self, episodes: Iterable[str]) -> dict[str, EpisodeEntry]:
        """The entries of some episodes; what was read once is kept."""
        wanted = list(episodes)
        missing = [one for one in wanted if one not in self._entries]
        for hit in self._hits(missing, ["record.entry"]):
            self._entries[hit["_id"]] = _entry(hit["_source"]["record"])
        return {one: self._entries[one] for one in wanted if one in self._entries}

    def texts(self, ids: Sequence[str] | None = None, filters: Filters | None = None) -> Iterator[Text]:
        """As ``Engine.texts``."""
        parts = ["record.plain", "record.plain_speech"]
        if ids is not None:
            hits = {hit["_id"]: hit for hit in self._hits(sorted(set(ids)), parts)}
            ordered: Iterable[dict[str, Any]] = (hits[item] for item in ids if item in hits)
        else:
            query = all_of(filter_queries(filters or Filters()) or [{"match_all": {}}])
            ordered = self._scan(self._connection.address.name, query, ["order"], parts)
        for hit in ordered:
            record = hit["_source"]["record"]
            yield Text(hit["_id"], record["plain"], record.get("plain_speech", ""))

    def episode(self, episode_id: str) -> Episode | None:
        """As ``Engine.episode``."""
        query = {"term": {"episode": episode_id}}
        hits = list(self._scan(self._connection.address.name, query, ["order"], ["record.episode", "record.story"]))
        if not hits or "episode" not in hits[0]["_source"]["record"]:
            return None
        stories = tuple(Story.model_validate(hit["_source"]["record"]["story"]) for hit in hits[1:])
        return Episode.model_validate(hits[0]["_source"]["record"]["episode"]).model_copy(update={"stories": stories})

    def turns(self, episode_id: str) -> Sequence[Turn]:
        """As ``Engine.turns``."""
        from zunda_mcp.engine.turns import turns_of  # start-up

        fetched = self._text_search.fetched({"term": {"episode": episode_id}})
        number = fetched.document(episode_id) if fetched.has_speech else None
        return [] if number is None else turns_of(fetched, number)  # type: ignore[arg-type]

    def with_url(self, url: str) -> Document | None:
        """As ``Engine.with_url``."""
        body = {"size": 1, "query": key_query(f"url:{url}"), "sort": [{"order": "desc"}], "_source": False}
        hits = self._search(body)["hits"]["hits"]
        return next(iter(self.documents([hit["_id"] for hit in hits])), None)

    # --- lists

    def entries(self) -> Sequence[EpisodeEntry]:
        """As ``Engine.entries``."""
        return self._all_entries

    @cached_property
    def _all_entries(self) -> list[EpisodeEntry]:
        hits = self._scan(self._connection.address.name, key_query("kind:notes"), ["order"], ["record.entry"])
        return [_entry(hit["_source"]["record"]) for hit in hits]

    def sites(self) -> Mapping[str, int]:
        """As ``Engine.sites``."""
        found = self._in_passes(lambda matcher: matcher.reader.keys(_SITE))[0]
        return {key.removeprefix(_SITE): count for key, count in found}

    def topics(self) -> Sequence[ArchiveTopic]:
        """As ``Engine.topics``."""
        return self._topics

    @cached_property
    def _topics(self) -> list[ArchiveTopic]:
        from zunda_mcp.topics.tokens import ArchiveTopic  # start-up

        rows = read_list(self._connection, self._state, "topics")
        return [
            ArchiveTopic(**row | {"aliases": tuple(row["aliases"]), "story_ids": tuple(row["story_ids"])})
            for row in rows
        ]

    def story_dates(self) -> Mapping[str, str]:
        """As ``Engine.story_dates``."""
        return self._story_dates

    @cached_property
    def _story_dates(self) -> dict[str, str]:
        hits = self._scan(self._connection.address.name, key_query("kind:story"), ["order"], [], ["day"])
        days = ((hit["_id"], hit["fields"]["day"][0]) for hit in hits)
        return {item: dt.date.fromordinal(day).isoformat() if day else "" for item, day in days}

    def passages(self) -> frozenset[str]:
        """As ``Engine.passages``."""
        return self._passages

    @cached_property
    def _passages(self) -> frozenset[str]:
        if not self._state.facts.passages:
            return frozenset()
        hits = self._scan(self._connection.address.name, key_query(schema.PASSAGE), ["order"], [])
        return frozenset(hit["_id"] for hit in hits)

    # --- state

    def status(self) -> Status:
        """As ``Engine.status``."""
        meta = self._state.facts
        return Status(self._state.generation, meta.language, meta.timezone, meta.zone_stated, meta.surveys)

    def problems(self) -> list[Problem]:
        """As ``Engine.problems``."""
        return [Problem.model_validate(row) for row in read_list(self._connection, self._state, "problems")]

    def digests(self) -> Mapping[str, str]:
        """As ``Engine.digests``."""
        return dict(read_list(self._connection, self._state, "digests"))

    # --- requests

    def _search(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._connection.search(self._connection.address.name, body)

    def _total(self, query: Dsl) -> int:
        total: int = self._search({"size": 0, "track_total_hits": True, "query": query})["hits"]["total"]["value"]
        return total

    def _scan(
        self, index: str, query: Dsl, sort: Sequence[str], parts: Sequence[str], values: Sequence[str] = ()
    ) -> Iterator[dict[str, Any]]:
        """All documents of a query in an order, page by page."""
        body: dict[str, Any] = {"size": _PAGE, "query": query, "sort": list(sort)}
        body["_source"] = list(parts) if parts else False
        if values:
            body["docvalue_fields"] = list(values)
        while True:
            hits = self._connection.search(index, body)["hits"]["hits"]
            yield from hits
            if len(hits) < _PAGE:
                return
            body["search_after"] = hits[-1]["sort"]


def _iso(day: int | None) -> str | None:
    return None if day is None else dt.date.fromordinal(day).isoformat()


def _episode_of(item: str) -> str:
    """The id of the episode that a document belongs to."""
    episode, mark, place = item.rpartition("#")
    return episode if mark and place.isdigit() else item


def _entry(record: Mapping[str, Any]) -> EpisodeEntry:
    return EpisodeEntry.unpacked(record["entry"].encode("utf-8"))


def _document(record: Mapping[str, Any], entry: EpisodeEntry) -> Document:
    story = Story.model_validate(record["story"]) if "story" in record else None
    return Document(
        entry,
        story,
        None if story else Episode.model_validate(record["episode"]),
        record["plain"],
        record.get("speech", ""),
        tuple((at, second) for at, second in record.get("moments", ())),
    )
