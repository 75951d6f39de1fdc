"""The one object both faces hold: an archive that answers.

>>> with Library.open("episodes") as library:         # doctest: +SKIP
...     library.search("TensorRT-LLM", since="2025").hits[0].title

Every method answers with a model of ``zunda_mcp.answers`` or raises an error of ``zunda_mcp.errors``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from copy import copy
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, Self, TypeVar, Unpack, get_args

from zunda_mcp.answers import (
    DEFAULT_MAX_CHARS,
    SEARCH_MAX_CHARS,
    About,
    Case,
    Detail,
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
    TextCounts,
    TextMatches,
    Timeline,
    Topic,
    TopicList,
    TopicSort,
)
from zunda_mcp.config.load import NamedSettings, load_settings
from zunda_mcp.config.memory import shared_property
from zunda_mcp.config.settings import Settings
from zunda_mcp.embeddings.choice import choose
from zunda_mcp.embeddings.embedder import Embedder
from zunda_mcp.engine.base import Engine, answer_question
from zunda_mcp.engine.engine_choice import open_engines
from zunda_mcp.errors import ArgumentError
from zunda_mcp.index.archive_view import ArchiveView
from zunda_mcp.index.generation import Generations
from zunda_mcp.index.live import LiveIndex
from zunda_mcp.index.schema import VERSION
from zunda_mcp.index.shared_reader import retry_if_replaced
from zunda_mcp.models import Problem
from zunda_mcp.query import filters, identifiers
from zunda_mcp.query.clauses import read_aliases
from zunda_mcp.query.parse import parse
from zunda_mcp.query.question import read_question
from zunda_mcp.reading.archive_reader import ArchiveReader
from zunda_mcp.reading.collection import ArchiveCollection, Readable
from zunda_mcp.reading.detection.conventions import Strategy
from zunda_mcp.reading.metadata.locale import zone_called
from zunda_mcp.results.search import episode_answer, related_result, search_result
from zunda_mcp.results.sizing import Paging, answer_size
from zunda_mcp.results.topic_list import Contents
from zunda_mcp.text.normalize import encodable

if TYPE_CHECKING:
    from zunda_mcp.results.counts import Facets
    from zunda_mcp.sources.archive_survey import ArchiveSurvey, SurveyCache
    from zunda_mcp.sources.coverage import Coverage

__all__ = ["Library"]

_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")


def _question(method: Callable[_Given, _Answer]) -> Callable[_Given, _Answer]:
    """Decorate a public question: repeat it if its generation is replaced, and drop text that cannot be encoded."""

    @retry_if_replaced
    @wraps(method)
    def question(*given: _Given.args, **options: _Given.kwargs) -> _Answer:
        texts = {name: encodable(value) for name, value in options.items()}
        return method(*map(encodable, given), **texts)  # type: ignore[arg-type]  # of the same types

    return question


class Library:
    """An archive of dated episodes, its index, and the questions it answers. Thread-safe."""

    def __init__(self, settings: Settings, now: Callable[[dt.tzinfo], dt.datetime] = dt.datetime.now) -> None:
        self.settings = settings
        self._now = now
        readers = {one.label: ArchiveReader(one.episodes, one) for one in settings.archives}
        self._archive: Readable = ArchiveCollection(readers) if readers else ArchiveReader(settings.episodes, settings)
        sources = settings.digest()
        generations = Generations(settings.index, VERSION, sources)
        self._live = LiveIndex(self._archive, generations, sources, lambda: self._embedder)
        self._engines = open_engines(settings, self._live, lambda: self._aliases, lambda: self._embedder)
        self._listed: tuple[Engine, Contents] | None = None
        self._visible: frozenset[str] | None = None

    @classmethod
    def open(
        cls,
        episodes: Settings | str | Path | Sequence[str | Path] | Mapping[str, str | Path],
        **named: Unpack[NamedSettings],
    ) -> Self:
        """Open one folder or file, several, or several archives by name. Nothing is read or built yet. ``named`` are
        settings (``index="…"``, ``timezone="Asia/Tokyo"``, ``embedder="none"``); the others come from the environment
        and from the ``zunda-mcp.toml`` next to the archive. Raises ``SettingsError``.
        """
        return cls(episodes if isinstance(episodes, Settings) else load_settings(episodes=episodes, **named))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def within(self, archives: Collection[str]) -> Self:
        """Return this library for a caller who may see only these archives; both share one index."""
        view = copy(self)
        view._visible = frozenset(archives)
        view.settings = self.settings.within(archives)
        if isinstance(self._archive, ArchiveCollection):
            view._archive = self._archive.within(archives)
        view._engines = self._engines.within(view._visible)
        view._listed = None
        vars(view).pop("_surveys", None)
        return view

    def start(self) -> None:
        """Begin to open or build the index in the background; return at once."""
        if not self.settings.is_remote:
            self._live.start()

    def close(self) -> None:
        """Release the index."""
        if self._visible is None:
            self._engines.close()
            self._live.close()

    def refresh(
        self, progress: Callable[[int, int, str], None] | None = None, *, rebuild: bool = False, embed: bool = True
    ) -> RefreshReport:
        """Update the index from the files. ``progress`` receives (done, total, what); ``embed`` also computes missing
        vectors, which can take far longer. Raises ``ArchiveError`` if nothing can be read, ``IndexingError`` if an
        index cannot be written, ``EngineError`` if the index of a cluster cannot.
        """
        report = self._live.refresh(progress, rebuild=rebuild, embed=embed)
        self._engines.level(progress, anew=rebuild)
        return report

    def verify(self) -> list[str]:
        """Return the damaged files of the current index. If there are any, the index is rebuilt."""
        return [] if self.settings.is_remote else self._live.background.verify()

    @_question
    def search(
        self, query: str = "", *, since: str | None = None, until: str | None = None, host: str | None = None,
        site: str | None = None, archive: str | None = None, kind: str | None = None, sort: Sort = "relevance",
        detail: Detail = "auto", limit: int | None = None, cursor: str | None = None, max_chars: int | None = None,
    ) -> SearchResult:  # fmt: skip
        """Return the stories that answer ``query`` (see ``zunda_mcp.query.parse``); without a query, all stories.

        ``since`` and ``until`` take dates in words (see ``zunda_mcp.text.dates``), ``host`` the name of a host,
        ``site`` a domain, ``archive`` the name of one of several, ``kind`` the kind of a post (post, repost, like,
        bookmark). ``detail`` sets how much to return of each hit, ``limit`` how many hits (default: all full matches,
        or the closest few). The result fits ``max_chars`` as compact JSON. Raises ``ArgumentError``.
        """
        sort = filters.choice("sort", sort, get_args(Sort))
        detail = filters.choice("detail", detail, get_args(Detail))
        limit, max_chars = answer_size(limit, max_chars, SEARCH_MAX_CHARS)
        pages = Paging(cursor, "search", query, since, until, host, site, archive, kind, sort, limit is None)
        with self._engines.current() as (engine, fresh):
            chosen = self._filters(engine, since=since, until=until, host=host, site=site, archive=archive, kind=kind)
            question = read_question(query, chosen, sort, self._today(engine), engine)
            answered = answer_question(engine, question, offset=pages.offset, limit=limit)
            return search_result(answered, fresh, engine, pages, detail=detail, max_chars=max_chars)

    @_question
    def episode(self, id: str) -> EpisodeAnswer:
        """Find an episode by id, date, number, page URL, ``latest`` or one of its stories. Raises ``NotFoundError``."""
        if not id.strip():
            msg = 'id is empty; ask for id="latest", a date such as "2025-07-08", or an id from search_episodes.'
            raise ArgumentError("id", msg)
        with self._engines.current() as (engine, fresh):
            return episode_answer(engine, self._target(engine, id), fresh)

    @_question
    def topics(
        self, query: str = "", *, since: str | None = None, until: str | None = None, archive: str | None = None,
        sort: TopicSort = "count", limit: int | None = None, cursor: str | None = None, max_chars: int | None = None,
    ) -> TopicList:  # fmt: skip
        """Return names and subjects of the archive; the arguments are those of ``search``. Raises ``ArgumentError``."""
        limit, max_chars = answer_size(limit, max_chars, DEFAULT_MAX_CHARS)
        sort = filters.choice("sort", sort, get_args(TopicSort))
        pages = Paging(cursor, "topics", query, since, until, archive, sort)
        with self._engines.current() as (engine, fresh):
            chosen = self._filters(engine, since=since, until=until, archive=archive)
            topics = self._contents(engine).topic_index
            return topics.answer(query, chosen, sort, fresh, pages, limit=limit, max_chars=max_chars)

    @_question
    def timeline(
        self, topic: str, *, since: str | None = None, until: str | None = None, archive: str | None = None,
        by: Period = "month",
    ) -> Timeline:  # fmt: skip
        """Count the stories that contain every word of ``topic``, by period. Raises ``ArgumentError``."""
        from zunda_mcp.results.counts import make_timeline  # start-up

        by = filters.choice("by", by, get_args(Period))
        if parse(topic).empty:
            msg = 'topic is empty; name one, such as topic="Claude Code", or call list_topics for names.'
            raise ArgumentError("topic", msg)
        with self._engines.current() as (engine, fresh):
            chosen = self._filters(engine, since=since, until=until, archive=archive)
            question = read_question(topic, chosen, "newest", self._today(engine), engine)
            return make_timeline(engine, topic, question, by=by, fresh=fresh)

    @_question
    def facets(self, query: str = "", **chosen: str | None) -> Facets:
        """Count full matches by period, host and site; filters as in ``search``. Raises ``ArgumentError``."""
        from zunda_mcp.results.counts import count_facets  # start-up

        with self._engines.current() as (engine, _):
            narrowed = self._filters(engine, **{"since": None, "until": None, **chosen})
            return count_facets(engine, read_question(query, narrowed, "newest", self._today(engine), engine))

    @_question
    def related(self, id: str, *, limit: int | None = None, max_chars: int | None = None) -> Related:
        """Return up to ``limit`` (10) stories near ``id``; ids and errors are as in ``episode`` and ``search``."""
        limit, max_chars = answer_size(limit, max_chars, DEFAULT_MAX_CHARS)
        with self._engines.current() as (engine, fresh):
            return related_result(engine, self._target(engine, id), fresh, limit=limit, max_chars=max_chars)

    @_question
    def check_quote(self, quote: str, *, id: str | None = None, max_chars: int = DEFAULT_MAX_CHARS) -> QuoteCheck:
        """Check whether ``quote`` is in the archive, or in the episode or story ``id`` (as in ``episode``): word for
        word, in the same words, similarly or not at all; and where. The result has at most ``max_chars`` characters as
        compact JSON. Raises ``ArgumentError``, ``NotFoundError``.
        """
        from zunda_mcp.results import quote_context  # start-up
        from zunda_mcp.results.quotes import Quotation  # start-up

        quotation = Quotation(quote)
        with self._engines.current() as (engine, fresh):
            target = self._target(engine, id) if id is not None and id.strip() else None
            return quote_context.check_quote(self._contents(engine).quotes, quotation, target, fresh, max_chars)

    @_question
    def find_text(
        self, pattern: str, *, since: str | None = None, until: str | None = None, host: str | None = None,
        site: str | None = None, archive: str | None = None, episode: str | None = None, by: TextCounts = "year",
        case: Case = "smart", whole_words: bool = False, sort: Sort = "oldest", cursor: str | None = None,
        max_chars: int = DEFAULT_MAX_CHARS,
    ) -> TextMatches:  # fmt: skip
        """Find all matches of the regular expression ``pattern`` (RE2), written and spoken; count them and list them by
        date.

        Filters are those of ``search``; with an ``episode``, more of its matches are shown. ``case`` is smart (capitals
        count if the pattern has any), ignore or match; ``whole_words`` skips matches inside longer words. The hits fit
        ``max_chars`` as lines. Raises as ``episode`` and ``search`` do.
        """
        from zunda_mcp.query.pattern import TextPattern  # start-up: re2
        from zunda_mcp.results.text_lines import text_answer  # start-up

        by, case = filters.choice("by", by, get_args(TextCounts)), filters.choice("case", case, get_args(Case))
        sort = filters.choice("sort", sort, get_args(Sort)[:0:-1])
        places = (host, site, archive, episode)
        pages = Paging(cursor, "find_text", pattern, since, until, *places, by, case, whole_words, sort)
        compiled = TextPattern(pattern, case=case, whole_words=whole_words)
        with self._engines.current() as (engine, fresh):
            limits = self._filters(engine, episode, since=since, until=until, host=host, site=site, archive=archive)
            return text_answer(engine, compiled, limits, fresh, pages, by=by, sort=sort, max_chars=max_chars)

    def language(self) -> str | None:
        """The language of the archive as a tag (``ja``), from the open index; cheap, never waits."""
        return opened[0].status().language if (opened := self._engines.peek()) else None

    @_question
    def about(self) -> About:
        """The language, time zone, current day and range of days of the archive, after waiting for changed files."""
        with self._engines.current() as (engine, fresh):
            now = engine.status()
            zone, stated, today = now.timezone, now.timezone_stated, self._today(engine).isoformat()
            return About(language=now.language, timezone=zone, timezone_stated=stated, today=today, freshness=fresh)

    @_question
    def episodes(self) -> tuple[EpisodeBrief, ...]:
        """All episodes, newest first."""
        with self._engines.current() as (engine, _):
            return self._contents(engine).episodes

    @_question
    def sites(self) -> tuple[SiteCount, ...]:
        """All sites that stories link to, busiest first."""
        with self._engines.current() as (engine, _):
            return self._contents(engine).sites

    @_question
    def topic_names(self) -> tuple[Topic, ...]:
        """All topics that at least two stories share, most frequent first, without examples."""
        with self._engines.current() as (engine, _):
            return self._contents(engine).topics

    def freshness(self) -> Freshness:
        """How current the open index is and which days it covers; cheap, never waits."""
        if opened := self._engines.peek():
            return opened[1]
        name = self._archive.name if self._live.background.building else ""  # which would read the site's configuration
        return Freshness(state="building", archive=name, episodes=0, stories=0, oldest=None, newest=None, problems=0)

    @_question
    def episode_digests(self, generation: str = "", *, level: bool = True) -> tuple[str, Mapping[str, str] | None]:
        """Return the name of the newest generation and a digest of each of its episodes by id, or None for the digests
        if that generation is ``generation``. Two results show what changed in between. Without ``level``, use the open
        generation and return at once; ("", None) if there is none yet.
        """
        if not level:
            opened = self._engines.peek()
            return (opened[0].status().name, opened[0].digests()) if opened else ("", None)
        with self._engines.current() as (engine, _):
            name = engine.status().name
            return name, None if name == generation else engine.digests()

    @_question
    def problems(self) -> list[Problem]:
        """Every problem in the sources, as of the newest index."""
        with self._engines.current() as (engine, _):
            return engine.problems()

    @_question
    def strategies(self) -> dict[str, Strategy]:
        """Return how each archive, or each of its feeds, is split into stories, and why. Slow: for diagnosis."""
        with self._engines.current() as (engine, _):
            surveys = engine.status().surveys
        strategies: dict[str, Strategy] = {}
        for name, taken in ({self._archive.name: surveys} if "" in surveys else surveys).items():
            with suppress(KeyError, TypeError):
                strategies[name] = Strategy(**taken[""]["strategy"])
        return strategies | (feeds if len(feeds := self._archive.feed_strategies()) > 1 else {})

    @_question
    def coverage(self) -> Coverage:
        """How much of the sources was understood, as of the newest index."""
        from zunda_mcp.sources.coverage import coverage_of_index  # start-up

        with self._live.reading() as (whole, _):
            reader = whole if self._visible is None else ArchiveView(whole, self._visible)
            return coverage_of_index(self._archive.sources, reader.meta.episodes, reader.files)

    def surveys(self) -> tuple[ArchiveSurvey, ...]:
        """Survey how each archive is read, from its current files. Raises ``ArchiveError``, ``BuildingError``."""
        return self._surveys.latest()

    @_question
    def hosts(self) -> list[str]:
        """The hosts of the archive, busiest first."""
        with self._engines.current() as (engine, _):
            return filters.hosts(engine.entries())

    @shared_property
    def _surveys(self) -> SurveyCache:
        from zunda_mcp.sources.archive_survey import SurveyCache  # start-up: most servers are never asked

        return SurveyCache(self.settings, opened[0].status().surveys if (opened := self._engines.peek()) else {})

    @cached_property
    def _embedder(self) -> Embedder | None:
        """The embedder the user chose, or the installed one; loads no model."""
        return choose(self.settings.embedder)

    @cached_property
    def _aliases(self) -> Mapping[str, tuple[str, ...]]:
        return read_aliases(self.settings.aliases) if self.settings.aliases else {}

    def _contents(self, engine: Engine) -> Contents:
        """The lists of an engine, cached while it is the newest."""
        listed = self._listed
        if listed is None or listed[0] is not engine:
            listed = self._listed = (engine, Contents(engine))
        return listed[1]

    def _today(self, engine: Engine) -> dt.date:
        return self._now(zone_called(engine.status().timezone)).date()

    def _filters(self, engine: Engine, episode: str | None = None, **chosen: str | None) -> filters.Filters:
        """Resolve the filters. Raises ``ArgumentError``, or ``NotFoundError`` if there is no such ``episode``."""
        one = self._target(engine, episode).episode.id if episode else None
        return filters.resolve_filters(engine.entries(), self._today(engine), episode=one, **chosen)

    def _target(self, engine: Engine, text: str) -> identifiers.Target:
        return identifiers.resolve_id(engine.entries(), text, self._today(engine), engine.with_url)
