"""The one object both faces hold: an archive that answers.

>>> from zunda_mcp.config.load import load_settings
>>> with Library.open(load_settings(episodes=["episodes"])) as library:         # doctest: +SKIP
...     library.search("TensorRT-LLM", since="2025").hits[0].title

Every method answers with a model of ``zunda_mcp.answers`` or raises an error of ``zunda_mcp.errors``.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

from zunda_mcp.answers import (
    DEFAULT_LIMIT,
    DEFAULT_MAX_CHARS,
    MAX_LIMIT,
    About,
    EpisodeAnswer,
    EpisodeBrief,
    Freshness,
    Period,
    QuoteCheck,
    RefreshReport,
    Related,
    SearchResult,
    SiteCount,
    Sort,
    Timeline,
    Topic,
    TopicList,
    TopicSort,
)
from zunda_mcp.embeddings.embedder import Embedder, choose
from zunda_mcp.engine.local import LocalEngine, answer_question
from zunda_mcp.errors import ArgumentError, NotFoundError
from zunda_mcp.index.catalog import FileEntry
from zunda_mcp.index.generation import Generations
from zunda_mcp.index.live import LiveIndex
from zunda_mcp.index.retry import retry_if_replaced
from zunda_mcp.index.schema import VERSION
from zunda_mcp.models import Episode, Problem
from zunda_mcp.query import filters, identifiers
from zunda_mcp.query.expansion import Expander, read_aliases
from zunda_mcp.query.parse import parse
from zunda_mcp.reading.collection import ArchiveCollection, Readable
from zunda_mcp.reading.conventions import DRAFT, Strategy
from zunda_mcp.reading.metadata.zones import zone_called
from zunda_mcp.reading.reader import ArchiveReader
from zunda_mcp.results import cursor as cursors
from zunda_mcp.results.contents import Contents
from zunda_mcp.results.page import bound, cited, cited_of, framed, json_size, make_page, tightened

if TYPE_CHECKING:
    from zunda_mcp.config.settings import Settings
    from zunda_mcp.index.reader import IndexReader
    from zunda_mcp.sources.coverage import Coverage

_SORTS = ("relevance", "newest", "oldest")
_TOPIC_SORTS = ("count", "recent", "rising")
_PERIODS = ("month", "week", "year")


class Library:
    """An archive of dated episodes, its index, and the questions it answers. Thread-safe."""

    def __init__(self, settings: Settings, now: Callable[[dt.tzinfo], dt.datetime] = dt.datetime.now) -> None:
        self.settings = settings
        self._now = now
        shelf = {one.label: ArchiveReader(one.episodes, one) for one in settings.archives}
        self._archive: Readable = ArchiveCollection(shelf) if shelf else ArchiveReader(settings.episodes, settings)
        sources = _sources(settings)
        generations = Generations(settings.index, VERSION, sources)
        self._live = LiveIndex(self._archive, generations, sources, lambda: self._embedder)
        self._opened: tuple[LocalEngine, Contents] | None = None

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """A library over the archive that ``settings`` name. Light: nothing is read or built yet."""
        return cls(settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def start(self) -> None:
        """Begin to open or build the index in the background; returns at once."""
        self._live.start()

    def close(self) -> None:
        """Let go of the index."""
        self._live.close()

    def refresh(
        self,
        progress: Callable[[int, int, str], None] | None = None,
        *,
        rebuild: bool = False,
        embed: bool = True,
    ) -> RefreshReport:
        """Bring the index level with the files now. ``progress`` is told (done, total, what) as it goes; ``embed`` says
        whether vectors that are missing are made as well, where there is an embedder, which can take far longer.

        Raises ``ArchiveError`` where no source can be read, ``IndexingError`` where the index cannot be written.
        """
        return self._live.refresh(progress, rebuild=rebuild, embed=embed)

    def verify(self) -> list[str]:
        """Read every file of the index in use and say which are not as they were written. Where one is not, the index
        is made anew in the background. A server does so by itself a moment after its first answer.
        """
        return self._live.verify()

    # --- questions

    @retry_if_replaced
    def search(
        self,
        query: str = "",
        *,
        since: str | None = None,
        until: str | None = None,
        host: str | None = None,
        site: str | None = None,
        archive: str | None = None,
        kind: str | None = None,
        sort: Sort = "relevance",
        limit: int = DEFAULT_LIMIT,
        cursor: str | None = None,
        max_chars: int = DEFAULT_MAX_CHARS,
    ) -> SearchResult:
        """Stories that answer ``query`` (see ``zunda_mcp.query.parse``); without a query all stories are listed.

        ``since`` and ``until`` take dates in words (see ``zunda_mcp.text.dates``), ``host`` a name of the archive,
        ``site`` a domain, ``archive`` the name of one of several, ``kind`` what a post is (post, repost, like,
        bookmark). The result as compact JSON stays within ``max_chars``. Raises ``ArgumentError``.
        """
        sort = _one_of("sort", sort, _SORTS)  # type: ignore[assignment]
        limit = _limit(limit)
        question = ("search", query, since, until, host, site, archive, kind, sort)
        offset = cursors.cursor_offset(cursor, *question)
        with self._current() as (reader, engine, contents, fresh):
            chosen = filters.resolve(
                reader,
                self._today(reader),
                since=since,
                until=until,
                host=host,
                site=site,
                archive=archive,
                kind=kind,
            )
            found = answer_question(query, engine, chosen, sort, self._today(reader))
            suggestions = [] if found.items else contents.suggestions.near(found.missing or found.words)
            understood = "; ".join(found.understood) or "everything"
            near = [cited(reader, document) for document, _ in found.near] if not offset else []
            answer = SearchResult(
                total_stories=len(found.stories),
                total_episodes=found.count_episodes(reader.owners),
                passages=sum(document in reader.passages for document in found.stories.documents()),
                hits=[],
                near=near,
                understood=understood,
                suggestions=suggestions,
                next_cursor=None,
                freshness=fresh,
            )
            answer, room = framed(answer, max_chars, hits=bool(found.items))
            page = make_page(
                reader,
                found.items,
                found.words,
                offset=offset,
                limit=limit,
                budget=room,
                expansions=found.expansions,
                by_meaning=found.by_meaning,
            )
            following = None if page.next_offset is None else cursors.make_cursor(page.next_offset, *question)
            said = "; ".join(part for part in (answer.understood, page.cut) if part)
            answer = answer.model_copy(update={"hits": page.hits, "understood": said, "next_cursor": following})
            return bound(answer, max_chars)

    @retry_if_replaced
    def episode(self, id: str) -> EpisodeAnswer:  # noqa: A002  (the tool's argument is called id)
        """An episode by id, story id, date, number, page URL, story URL or ``latest``. Raises ``NotFoundError``."""
        if not id.strip():
            msg = 'id is empty; ask for id="latest", a date such as "2025-07-08", or an id from search_episodes.'
            raise ArgumentError("id", msg)
        with self._current() as (reader, _, _, fresh):
            target = identifiers.resolve(reader, id, self._today(reader))
            episode = _whole(reader, target.episode.id)
            entries = reader.entries
            at = entries.index(target.episode)
            return EpisodeAnswer(
                episode=episode,
                story=target.story,
                spoken=_spoken(reader, target.story) if target.story else None,
                understood=target.understood,
                previous_id=entries[at - 1].id if at > 0 else None,
                next_id=entries[at + 1].id if at + 1 < len(entries) else None,
                freshness=fresh,
            )

    @retry_if_replaced
    def topics(
        self,
        query: str = "",
        *,
        since: str | None = None,
        until: str | None = None,
        archive: str | None = None,
        sort: TopicSort = "count",
        limit: int = 20,
        cursor: str | None = None,
        max_chars: int = DEFAULT_MAX_CHARS,
    ) -> TopicList:
        """Names and subjects of the archive, by how many stories share them. Raises ``ArgumentError``."""
        sort = _one_of("sort", sort, _TOPIC_SORTS)  # type: ignore[assignment]
        question = ("topics", query, since, until, archive, sort)
        offset = cursors.cursor_offset(cursor, *question)
        with self._current() as (reader, _, contents, fresh):
            chosen = filters.resolve(reader, self._today(reader), since=since, until=until, archive=archive)
            listed = contents.topic_index.listed(query, chosen, sort)
            said = [f'topics named like "{query}"' if query.strip() else "all topics", *chosen.words(), f"by {sort}"]
            answer = TopicList(
                total_topics=len(listed), topics=[], understood="; ".join(said), next_cursor=None, freshness=fresh
            )
            answer, room = framed(answer, max_chars, hits=bool(listed))
            shown, end = contents.topic_index.page(listed, offset, _limit(limit), room)
            following = cursors.make_cursor(end, *question) if end < len(listed) else None
            return bound(answer.model_copy(update={"topics": shown, "next_cursor": following}), max_chars)

    @retry_if_replaced
    def timeline(
        self,
        topic: str,
        *,
        since: str | None = None,
        until: str | None = None,
        archive: str | None = None,
        by: Period = "month",
    ) -> Timeline:
        """How often every word of ``topic`` was held, period by period: by what ``search`` lists by date.

        Raises ``ArgumentError``.
        """
        from zunda_mcp.results import timeline

        by = _one_of("by", by, _PERIODS)  # type: ignore[assignment]
        query = parse(topic)
        if query.empty:
            msg = 'topic is empty; name one, such as topic="Claude Code", or call list_topics for names.'
            raise ArgumentError("topic", msg)
        with self._current() as (reader, engine, contents, fresh):
            chosen = filters.resolve(reader, self._today(reader), since=since, until=until, archive=archive)
            matching, said = engine.matching(query, chosen)
            documents = sorted(matching, key=lambda d: (reader.days[d], d))
            dated = [d for d in documents if reader.day_of(d)]
            days = [(reader.owners[d], dt.date.fromordinal(reader.days[d]), reader.is_story(d)) for d in dated]
            stories = [d for d in documents if reader.is_story(d)]
            per_episode = Counter(reader.owners[d] for d in stories)
            return Timeline(
                topic=topic,
                by=by,
                total_stories=len(stories),
                total_episodes=len({reader.owners[d] for d in documents}),
                passages=sum(d in reader.passages for d in stories),
                undated=len(documents) - len(dated),
                first=cited(reader, dated[0]) if dated else None,
                last=cited(reader, dated[-1]) if dated else None,
                periods=timeline.counts(days, by),
                busiest=timeline.busiest((reader.entry_of(d), count) for d, count in per_episode.items()),
                understood="; ".join([said, *chosen.words(), f"by {by}"]),
                suggestions=[] if documents else contents.suggestions.near([word.text for word in query.words]),
                freshness=fresh,
            )

    @retry_if_replaced
    def related(self, id: str, *, limit: int = DEFAULT_LIMIT, max_chars: int = DEFAULT_MAX_CHARS) -> Related:  # noqa: A002
        """Stories near a story, an episode or a URL (ids as in ``episode``). Raises ``NotFoundError``."""
        from zunda_mcp.results import related

        with self._current() as (reader, engine, _, fresh):
            target = identifiers.resolve(reader, id, self._today(reader))
            episode = _whole(reader, target.episode.id)
            stories = [story for story in episode.stories if target.story in (None, story.id)]
            without = set(reader.keyed(f"episode:{episode.id}"))
            found = related.near(engine.finder, stories, without, engine.meaning)
            of = cited_of(episode, stories[0] if target.story else None)
            by = "shared telling words and meaning" if engine.meaning else "shared telling words"
            said = f"{target.understood}; nearest by {by}, the episode itself left out"
            answer, room = framed(Related(of=of, hits=[], understood=said, freshness=fresh), max_chars)
            wanted = found[: _limit(limit)]
            page = make_page(reader, wanted, [], limit=len(wanted), budget=room)
            less = f"{len(page.hits)} of {len(wanted)} stories, for room" if len(page.hits) < len(wanted) else None
            said = "; ".join(part for part in (answer.understood, page.cut, less) if part)
            return bound(answer.model_copy(update={"hits": page.hits, "understood": said}), max_chars)

    @retry_if_replaced
    def check_quote(
        self,
        quote: str,
        *,
        id: str | None = None,  # noqa: A002
        max_chars: int = DEFAULT_MAX_CHARS,
    ) -> QuoteCheck:
        """Whether ``quote`` stands in the archive, or in the episode or story that ``id`` names (as in ``episode``):
        word for word, in the same words, something like it, or not at all; and where.

        The result as compact JSON stays within ``max_chars``. Raises ``ArgumentError``, ``NotFoundError``.
        """
        from zunda_mcp.results import quote_context
        from zunda_mcp.results.quotes import Asked

        asked = Asked(quote)
        with self._current() as (reader, _, contents, fresh):
            said, within = [asked.said()], None
            if id is not None and id.strip():
                target = identifiers.resolve(reader, id, self._today(reader))
                key = f"id:{target.story}" if target.story else f"episode:{target.episode.id}"
                within = reader.keyed(key).keys()
                said.append(f"only in {target.understood}")
            checked = contents.quotes.check(asked, within)
            first = checked.found[0] if checked.found else None
            words = [] if first else contents.quotes.telling_words(asked)
            if checked.more:
                said.append("there may be more places: only the likeliest texts were read")
            elif first is None and asked.short:
                said.append("too short to look for anything like it")
            answer = QuoteCheck(
                verdict=first.verdict if first else "absent",
                total=len(checked.found),
                places=[],
                next_step=quote_context.next_step(first, reader) if first else quote_context.search_for(words),
                understood="; ".join(said),
                suggestions=words,
                freshness=fresh,
            )
            answer = tightened(answer, max_chars // 2 if first else max_chars)
            room = max_chars - json_size(answer)
            places = quote_context.make_places(reader, asked, checked.found, room)
            return bound(answer.model_copy(update={"places": places}), max_chars)

    # --- about the archive

    def language(self) -> str | None:
        """The language of the archive as a tag (``ja``), from what is open now; cheap, never waits."""
        reader = self._live.peek()
        return reader.meta.language if reader else None

    @retry_if_replaced
    def about(self) -> About:
        """The archive's language, time zone, day and reach, level with the files."""
        with self._current() as (reader, _, _, fresh):
            meta = reader.meta
            return About(
                language=meta.language,
                timezone=meta.timezone,
                timezone_stated=meta.zone_stated,
                today=self._today(reader).isoformat(),
                freshness=fresh,
            )

    @retry_if_replaced
    def episodes(self) -> tuple[EpisodeBrief, ...]:
        """All episodes, newest first."""
        with self._current() as (_, _, contents, _):
            return contents.episodes

    @retry_if_replaced
    def sites(self) -> tuple[SiteCount, ...]:
        """All sites that stories link to, busiest first."""
        with self._current() as (_, _, contents, _):
            return contents.sites

    @retry_if_replaced
    def topic_names(self) -> tuple[Topic, ...]:
        """All topics that two stories or more share, by how many do, without examples."""
        with self._current() as (_, _, contents, _):
            return contents.topics

    def freshness(self) -> Freshness:
        """How far the archive reaches, from what is open now; cheap, never waits."""
        reader = self._live.peek()
        if reader is None:
            name = self._archive.name if self._live.building else ""  # which would read the site's configuration
            return Freshness(
                state="building", archive=name, episodes=0, stories=0, oldest=None, newest=None, problems=0
            )
        return reader.meta.freshness("updating" if self._live.building else "current")

    @retry_if_replaced
    def episode_digests(self, known: str = "", *, level: bool = True) -> tuple[str, Mapping[str, str] | None]:
        """The name of the newest generation and a digest of each episode in it by id, None for them where it is the
        generation that was ``known``. Two answers tell what changed between them.

        Without ``level`` it is what is open now, at once, and nothing ("", None) before there is any.
        """
        if not level:
            reader = self._live.peek()
            return (reader.name, reader.files.digests()) if reader else ("", None)
        with self._live.reading() as (reader, _, _):
            return reader.name, None if reader.name == known else reader.files.digests()

    @retry_if_replaced
    def problems(self) -> list[Problem]:
        """Everything wrong in the sources, as the newest index saw it."""
        with self._live.reading() as (reader, _, _):
            return reader.files.problems()

    @retry_if_replaced
    def strategies(self) -> dict[str, Strategy]:
        """How each archive is split into stories, and why, by its name; where several feeds are one archive, each of
        them by its label, too. Reads feeds anew, so it is for diagnosis.
        """
        with self._live.reading() as (reader, _, _):
            surveys = reader.meta.surveys
        found: dict[str, Strategy] = {}
        for name, taken in ({self._archive.name: surveys} if "" in surveys else surveys).items():
            with suppress(KeyError, TypeError):
                found[name] = Strategy(**taken[""]["strategy"])
        feeds = self._archive.feed_strategies()
        return found | feeds if len(feeds) > 1 else found

    @retry_if_replaced
    def coverage(self) -> Coverage:
        """How much of the sources was understood, as the newest index saw it."""
        from zunda_mcp.sources.coverage import coverage_of  # start-up: a server does without

        with self._live.reading() as (reader, _, _):
            entries = reader.files.entries.values()
            understood = {one.label: bool(one.episodes) or bool(one.pending) or _is_draft(one) for one in entries}
            return coverage_of(self._archive.sources, reader.meta.episodes, understood)

    @retry_if_replaced
    def hosts(self) -> list[str]:
        """The hosts of the archive, busiest first."""
        with self._live.reading() as (reader, _, _):
            return filters.hosts(reader)

    @cached_property
    def _embedder(self) -> Embedder | None:
        """The embedder the user chose, or the one that is installed; loads no model."""
        return choose(self.settings.embedder)

    @cached_property
    def _aliases(self) -> Mapping[str, tuple[str, ...]]:
        return read_aliases(self.settings.aliases) if self.settings.aliases else {}

    @contextmanager
    def _current(self) -> Iterator[tuple[IndexReader, LocalEngine, Contents, Freshness]]:
        """The generation in use, its engine and lists, kept while it is the newest, and how fresh it is."""
        with self._live.reading() as (reader, state, pending):
            opened = self._opened
            if opened is None or opened[0].reader is not reader:
                engine = LocalEngine(reader, Expander(reader, self._aliases), self._embedder)
                opened = self._opened = (engine, Contents(engine))
            yield reader, *opened, reader.meta.freshness(state, pending, self._live.unavailable)

    def _today(self, reader: IndexReader) -> dt.date:
        return self._now(zone_called(reader.meta.timezone)).date()


def _is_draft(file: FileEntry) -> bool:
    return any(str(problem.get("cause")).startswith(DRAFT) for problem in file.problems)


def _sources(settings: Settings) -> str:
    """A digest of the settings that shape what is read; what the files say belongs to the profile of each archive."""
    digest = hashlib.sha256()
    shaping = settings.model_dump_json(exclude={"episodes", "index", "embedder", "aliases"})
    digest.update(shaping.encode("utf-8", "surrogatepass"))
    for folder in settings.episodes:
        digest.update(str(folder).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:16]


def _spoken(reader: IndexReader, story: str) -> str | None:
    """What is said of a story in the recording."""
    document = reader.document(story) if reader.has_speech else None
    return (reader.speech(document) or None) if document is not None else None


def _whole(reader: IndexReader, episode_id: str) -> Episode:
    episode = reader.whole_episode(episode_id)
    if episode is None:
        msg = f"Episode {episode_id} is listed but not in the index; run zunda-mcp index --rebuild."
        raise NotFoundError(msg)
    return episode


def _limit(limit: int) -> int:
    return max(1, min(MAX_LIMIT, limit))


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        msg = f'{name}="{str(value)[:40]}" is not one of {", ".join(allowed)}; write {name}="{allowed[0]}".'
        raise ArgumentError(name, msg)
    return value
