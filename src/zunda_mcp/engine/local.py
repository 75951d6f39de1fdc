"""The embedded engine: answers ``zunda_mcp.engine.base.Engine`` from one generation of the index on this machine.

``zunda_mcp.engine.matching`` finds and ranks documents by their numbers, which become plain values here. What few
questions need is loaded on first use.
"""

from __future__ import annotations

import datetime as dt
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from zunda_mcp.answers import Freshness, Sort
from zunda_mcp.engine.base import (
    Counts,
    DayCount,
    Engine,
    EngineSource,
    Excerpt,
    Match,
    Matches,
    PatternMatches,
    SpokenTurn,
    Status,
    StoredDocument,
    Text,
    TextMatch,
)
from zunda_mcp.engine.expander import Expander
from zunda_mcp.engine.filtering import Narrowing, allowed
from zunda_mcp.engine.local_matching import LocalMatcher
from zunda_mcp.engine.ranking import Scored
from zunda_mcp.engine.selection import matches_of, select
from zunda_mcp.index import schema
from zunda_mcp.index.archive_view import ArchiveView
from zunda_mcp.index.catalog import EpisodeEntry, Meta
from zunda_mcp.index.live import LiveIndex
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.models import Episode, Problem
from zunda_mcp.query import tuning
from zunda_mcp.query.filters import Filters
from zunda_mcp.query.parse import Query
from zunda_mcp.query.question import Totals

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Embedder
    from zunda_mcp.engine.text_search import TextSearch
    from zunda_mcp.query.pattern import TextPattern
    from zunda_mcp.topics.tokens import ArchiveTopic

__all__ = ["LocalEngine", "LocalEngines"]

_SITE = "site:"

_Aliases = Mapping[str, tuple[str, ...]]


class LocalEngine:
    """Answers from one generation, as ``Engine`` says. Thread-safe.

    The first question that needs them calls ``aliases`` and ``embedder``.
    """

    def __init__(
        self,
        reader: IndexReader,
        aliases: Callable[[], _Aliases] = dict,
        embedder: Callable[[], Embedder | None] = lambda: None,
    ) -> None:
        self._reader = reader
        self._aliases = aliases
        self._embedder = embedder

    @property
    def meta(self) -> Meta:
        """The metadata of the generation."""
        return self._reader.meta

    @cached_property
    def _matcher(self) -> LocalMatcher:
        return LocalMatcher(self._reader, Expander(self._reader, self._aliases()), self._embedder())

    # --- queries

    def search(
        self, query: Query, filters: Filters, order: Sort, *, offset: int = 0, limit: int | None = None
    ) -> Matches:
        """As ``Engine.search``. Reads only the documents on the page."""
        reader, ranked = self._reader, self._matcher.search(query, filters, order)
        selection = select(ranked, limit)
        full = selection.full
        days = [day for day in map(reader.days.__getitem__, full) if day != schema.UNDATED]
        totals = Totals(
            full=len(full),
            stories=sum(map(reader.is_story, full)),
            episodes=len(set(map(reader.owners.__getitem__, full))),
            passages=self._count_passages(full),
            years=self._by_year(filter(reader.is_story, full)) or self._by_year(full),
            first=dt.date.fromordinal(min(days)).isoformat() if days else None,
            last=dt.date.fromordinal(max(days)).isoformat() if days else None,
        )
        return matches_of(ranked, selection, offset, totals, self._matches)

    def count(self, query: Query, filters: Filters) -> Counts:
        reader, days = self._reader, self._reader.days
        ranked = self._matcher.full_matches(query, filters)
        documents = sorted(ranked.full, key=lambda document: (days[document], document))
        dated = [document for document in documents if days[document] != schema.UNDATED]
        stories = [document for document in documents if reader.is_story(document)]
        owners = Counter(reader.owners[document] for document in stories)
        counted = [(reader.entry_of(owner), count) for owner, count in owners.items()]
        counted.sort(key=lambda item: (item[1], item[0].order), reverse=True)
        return Counts(
            stories=len(stories),
            episodes=len({reader.owners[document] for document in documents}),
            passages=self._count_passages(stories),
            undated=len(documents) - len(dated),
            days=tuple(self._by_day(dated)),
            first=self._document(dated[0]) if dated else None,
            last=self._document(dated[-1]) if dated else None,
            busiest=tuple(counted[: tuning.MAX_BUSIEST]),
        )

    def contains(self, text: str, *, in_titles: bool = False) -> bool:
        return self._matcher.contains(text, in_titles=in_titles)

    def has_kind(self, kind: str) -> bool:
        return bool(self._reader.keyed(f"kind:{kind}"))

    def suggest(self, texts: Sequence[str]) -> list[str]:
        from zunda_mcp.engine.similar import spelled_like  # start-up

        return spelled_like(self._reader, texts)

    def related(self, ids: Sequence[str], episode_id: str, *, limit: int = 10) -> tuple[tuple[Match, ...], bool]:
        from zunda_mcp.engine.similar import nearest_stories  # start-up

        meaning = self._matcher.meaning
        without = set(self._reader.keyed(f"episode:{episode_id}"))
        stories = [one.story for one in self.documents(ids) if one.story]
        nearest = nearest_stories(self._matcher.finder, stories, without, meaning)
        return tuple(match for _, match in self._matches(nearest[:limit])), meaning is not None

    def similar(self, text: str, limit: int, *, spoken: bool = False) -> list[tuple[str, float]]:
        from zunda_mcp.engine.similar import rarest_terms  # start-up

        return rarest_terms(self._matcher.finder, text, limit, spoken=spoken)

    def cooccurring(self, words: Sequence[str], limit: int) -> list[str]:
        from zunda_mcp.engine.similar import cooccurring  # start-up

        return cooccurring(self._matcher.finder, words, limit)

    @cached_property
    def _text_search(self) -> TextSearch:
        from zunda_mcp.engine.text_search import TextSearch  # start-up

        return TextSearch(self._reader, Narrowing(self._reader))

    def find_text(self, pattern: TextPattern, filters: Filters) -> PatternMatches:
        return self._text_search.search(pattern, filters)

    def excerpts(self, pattern: TextPattern, match: TextMatch) -> Iterator[Excerpt]:
        return self._text_search.excerpts(pattern, match)

    # --- documents

    def documents(self, ids: Sequence[str]) -> list[StoredDocument]:
        return [self._document(number) for number in map(self._reader.document, ids) if number is not None]

    def texts(self, ids: Sequence[str] | None = None, filters: Filters | None = None) -> Iterator[Text]:
        reader, pool = self._reader, allowed(self._reader, filters or Filters())
        numbers: Iterable[int] = range(reader.size)
        if ids is not None:
            numbers = [number for number in map(reader.document, ids) if number is not None]
        for number in numbers:
            if pool is None or number in pool:
                speech = _decoded(reader.plain_speech(number)) if reader.has_speech else ""
                yield Text(reader.item(number), _decoded(reader.plain(number)), speech)

    def episode(self, episode_id: str) -> Episode | None:
        return self._reader.whole_episode(episode_id)

    def turns(self, episode_id: str) -> Sequence[SpokenTurn]:
        from zunda_mcp.engine.turns import turns_of  # start-up

        return turns_of(self._reader, episode_id)

    def with_url(self, url: str) -> StoredDocument | None:
        days = self._reader.days
        newest = max(self._reader.keyed(f"url:{url}"), key=lambda number: (days[number], number), default=None)
        return None if newest is None else self._document(newest)

    # --- lists

    def entries(self) -> Sequence[EpisodeEntry]:
        return self._reader.entries

    def sites(self) -> Mapping[str, int]:
        keys = self._reader.terms(_SITE, schema.KEY)
        return {key.removeprefix(_SITE): len(self._reader.keyed(key)) for key in keys}

    def topics(self) -> Sequence[ArchiveTopic]:
        topics: Sequence[ArchiveTopic] = self._reader.topics
        return topics

    def story_dates(self) -> Mapping[str, str]:
        return {self._reader.item(number): self._reader.day_of(number) or "" for number in self._reader.stories}

    def passages(self) -> frozenset[str]:
        return frozenset(map(self._reader.item, self._reader.passages))

    # --- state

    def status(self) -> Status:
        meta = self._reader.meta
        return Status(self._reader.name, meta.language, meta.timezone, meta.zone_stated, meta.surveys)

    def problems(self) -> list[Problem]:
        return self._reader.files.problems()

    def digests(self) -> Mapping[str, str]:
        return self._reader.files.digests()

    # --- from numbers to values

    def _matches(self, items: Iterable[Scored]) -> Iterator[tuple[int, Match]]:
        return ((number, Match(self._document(number), score)) for number, score in items)

    def _document(self, number: int) -> StoredDocument:
        reader = self._reader
        is_story = reader.is_story(number)
        speech = reader.speech(number) if reader.has_speech else ""
        return StoredDocument(
            reader.entry_of(number),
            reader.story(number) if is_story else None,
            None if is_story else reader.episode(number),
            _decoded(reader.plain(number)),
            speech,
            reader.moments(number) if speech else (),
        )

    def _count_passages(self, stories: Iterable[int]) -> int:
        passages = self._reader.passages
        return sum(number in passages for number in stories) if passages else 0

    def _by_year(self, numbers: Iterable[int]) -> Mapping[str, int]:
        years = Counter(map(self._years.__getitem__, numbers))
        return {f"{year:04d}" if year else "": years[year] for year in sorted(years)}

    @cached_property
    def _years(self) -> array[int]:
        """The year of every document, 0 if it has no date."""
        year = {day: dt.date.fromordinal(day).year if day != schema.UNDATED else 0 for day in set(self._reader.days)}
        return array("H", map(year.__getitem__, self._reader.days))

    def _by_day(self, dated: Sequence[int]) -> Iterator[DayCount]:
        """Count dated documents by day, in order of days; all documents of an episode have its day."""
        stories: Counter[int] = Counter()
        episodes: dict[int, set[int]] = {}
        for number in dated:
            day = self._reader.days[number]
            stories[day] += self._reader.is_story(number)
            episodes.setdefault(day, set()).add(self._reader.owners[number])
        for day, owners in episodes.items():
            yield DayCount(dt.date.fromordinal(day), stories[day], len(owners))


class LocalEngines:
    """Gives the engine of the newest generation of a live index, and keeps it until there is a newer one. Thread-safe.

    ``archives`` limits it to some archives; None means all.
    """

    def __init__(
        self,
        live: LiveIndex,
        aliases: Callable[[], _Aliases],
        embedder: Callable[[], Embedder | None],
        archives: frozenset[str] | None = None,
    ) -> None:
        self._live = live
        self._aliases = aliases
        self._embedder = embedder
        self._archives = archives
        self._opened: tuple[IndexReader, LocalEngine] | None = None

    @contextmanager
    def current(self) -> Iterator[tuple[Engine, Freshness]]:
        """As ``EngineSource.current``. Raises as ``LiveIndex.reading`` does."""
        with self._live.reading(self._archives) as (whole, look):
            engine = self._engine(whole)
            yield engine, look.freshness(engine.meta)

    def peek(self) -> tuple[Engine, Freshness] | None:
        reader = self._live.peek()
        if reader is None:
            return None
        engine = self._engine(reader)
        return engine, engine.meta.freshness("updating" if self._live.background.building else "current")

    def within(self, archives: frozenset[str]) -> EngineSource:
        return LocalEngines(self._live, self._aliases, self._embedder, archives)

    def level(self, progress: Callable[[int, int, str], None] | None, *, anew: bool) -> None:
        """Do nothing: there is no remote index."""

    def close(self) -> None:
        """Do nothing: whoever opened the index closes it."""

    def _engine(self, whole: IndexReader) -> LocalEngine:
        opened = self._opened
        if opened is None or opened[0] is not whole:
            reader = whole if self._archives is None else ArchiveView(whole, self._archives)
            opened = self._opened = (whole, LocalEngine(reader, self._aliases, self._embedder))
        return opened[1]


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "surrogatepass")
