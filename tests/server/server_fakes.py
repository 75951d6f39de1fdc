"""A library that answers from memory, and a way to ask a server over it in either era of the protocol."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal

import anyio
import mcp_types as types
from mcp import Client
from mcp.shared.exceptions import MCPError

from zunda_mcp.answers import (
    About,
    BusyEpisode,
    Cited,
    Difference,
    EpisodeAnswer,
    EpisodeBrief,
    Freshness,
    Hit,
    PeriodCount,
    QuoteCheck,
    QuotePlace,
    Related,
    SearchResult,
    SiteCount,
    TextCount,
    TextExcerpt,
    TextHit,
    TextMatches,
    Timeline,
    Topic,
    TopicList,
)
from zunda_mcp.errors import NotFoundError
from zunda_mcp.library import Library
from zunda_mcp.models import Episode, Problem, Story
from zunda_mcp.server.dispatch import LazyArchive
from zunda_mcp.server.resources import read_resource
from zunda_mcp.server.sdk import ArchiveServer

Era = Literal["legacy", "auto"]

FRESH = Freshness(
    state="current",
    archive="ためしの放送局",
    episodes=2,
    stories=5,
    oldest="2025-07-07",
    newest="2025-07-08",
    problems=0,
)
EMPTY = FRESH.model_copy(update={"state": "building", "episodes": 0, "stories": 0, "oldest": None, "newest": None})


def hit(place: int = 1, **changes: Any) -> Hit:
    """A hit as search gives it."""
    values: dict[str, Any] = {
        "id": f"2025-07-08-279#{place}",
        "episode_id": "2025-07-08-279",
        "date": "2025-07-08",
        "title": f"小さな言語モデルの話 {place}",
        "url": f"https://example.com/{place}",
        "site": "example.com",
        "hosts": ["ずんだもん"],
        "episode_title": "ためしの放送局 7月8日",
        "episode_url": "https://example.org/episode/279",
        "audio_url": "https://example.org/audio/279.mp3",
        "snippet": "…手元で動く**生成AI**の作り方を、順を追って説明した。…",
        "score": 3.5,
        "matched": ["summary"],
    }
    return Hit(**{**values, **changes})


def found(hits: int = 2, **changes: Any) -> SearchResult:
    """A search result with so many hits."""
    values: dict[str, Any] = {
        "total_stories": hits,
        "total_episodes": min(hits, 1),
        "hits": [hit(place) for place in range(1, hits + 1)],
        "understood": "words 生成AI",
        "suggestions": [],
        "next_cursor": None,
        "freshness": FRESH,
    }
    return SearchResult(**{**values, **changes})


def episode(summary: str = "一段落目。\n\n二段落目。", **changes: Any) -> Episode:
    """An episode of three stories."""
    stories = tuple(
        Story(
            id=f"2025-07-08-279#{place}",
            episode_id="2025-07-08-279",
            place=place,
            title=f"話題 {place}",
            url=f"https://example.com/{place}",
            site="example.com",
            summary=summary,
        )
        for place in (1, 2, 3)
    )
    values: dict[str, Any] = {
        "id": "2025-07-08-279",
        "number": 279,
        "date": dt.date(2025, 7, 8),
        "published": None,
        "title": "ためしの放送局 7月8日",
        "description": "話題 1、話題 2、話題 3",
        "hosts": ("ずんだもん",),
        "page_url": "https://example.org/episode/279",
        "page_kind": "page",
        "audio_url": "https://example.org/audio/279.mp3",
        "youtube_id": "abcdefghijk",
        "prose": "",
        "path": "episodes/2025-07-08-279.md",
        "stories": stories,
    }
    return Episode(**{**values, **changes})


def told(story: str | None = None, **changes: Any) -> EpisodeAnswer:
    """The answer to get_episode."""
    return EpisodeAnswer(
        episode=episode(**changes),
        story=story,
        understood="latest is 2025-07-08-279",
        previous_id="2025-07-07-278",
        next_id=None,
        freshness=FRESH,
    )


def mention(place: int = 1) -> Cited:
    """A story named in passing."""
    return Cited(
        id=f"2025-07-08-279#{place}",
        date="2025-07-08",
        title="話題",
        url="https://example.com/1",
        episode_title="放送",
        episode_url="https://example.com/279",
    )


def over_time(periods: int = 12, empty: int = 6, **changes: Any) -> Timeline:
    """A timeline of so many months, some of them empty."""
    months = [f"{2020 + place // 12}-{place % 12 + 1:02d}" for place in range(periods)]
    counts = [
        PeriodCount(period=month, stories=0 if place < empty else 2, episodes=0 if place < empty else 1)
        for place, month in enumerate(months)
    ]
    values: dict[str, Any] = {
        "topic": "生成AI",
        "by": "month",
        "total_stories": 2 * (periods - empty),
        "total_episodes": periods - empty,
        "first": mention(1),
        "last": mention(2),
        "periods": counts,
        "busiest": [
            BusyEpisode(id=f"2025-07-0{day}-27{day}", date=f"2025-07-0{day}", title="放送", url=None, stories=2)
            for day in range(1, 6)
        ],
        "understood": "words 生成AI",
        "suggestions": [],
        "freshness": FRESH,
    }
    return Timeline(**{**values, **changes})


def near(hits: int = 3, **changes: Any) -> Related:
    """Stories near a story."""
    values: dict[str, Any] = {
        "of": mention(),
        "hits": [hit(place) for place in range(1, hits + 1)],
        "understood": "story 2025-07-08-279#1",
        "freshness": FRESH,
    }
    return Related(**{**values, **changes})


def stands(place: int = 1, **changes: Any) -> QuotePlace:
    """A place where a quote stands word for word."""
    values: dict[str, Any] = {
        "id": f"2025-07-08-279#{place}",
        "episode_id": "2025-07-08-279",
        "date": "2025-07-08",
        "title": f"小さな言語モデルの話 {place}",
        "url": f"https://example.com/{place}",
        "episode_title": "ためしの放送局 7月8日",
        "episode_url": "https://example.org/episode/279",
        "where": "summary",
        "verdict": "exact",
        "similarity": 1.0,
        "passage": "**手元で動く生成AIの作り方**を、順を追って説明した。",
        "differences": [],
    }
    return QuotePlace(**{**values, **changes})


def quoted(places: int = 1, **changes: Any) -> QuoteCheck:
    """A quote that stands in so many places; with ``verdict="similar"`` each of them differs."""
    verdict = changes.get("verdict", "exact") if places else "absent"
    differing = [Difference(quoted="作れません", archived="作れます"), Difference(quoted="", archived="とても")]
    near = {"similarity": 0.9, "differences": differing} if verdict == "similar" else {}
    values: dict[str, Any] = {
        "verdict": verdict,
        "total": places,
        "places": [stands(place, verdict=verdict, **near) for place in range(1, places + 1)],
        "next_step": "Quote it with its date, title and URL." if verdict == "exact" else "Do not quote it.",
        "understood": "a quote of 12 letters",
        "suggestions": [],
        "freshness": FRESH,
    }
    return QuoteCheck(**{**values, **changes})


def named(topics: int = 2, **changes: Any) -> TopicList:
    """A list of so many topics."""
    values: dict[str, Any] = {
        "total_topics": topics,
        "topics": [
            Topic(
                name=f"エージェント{place}",
                aliases=["agent"],
                stories=4,
                episodes=3,
                first="2025-07-07",
                last="2025-07-08",
                examples=[mention(place)],
            )
            for place in range(topics)
        ],
        "understood": "all topics by count",
        "next_cursor": None,
        "freshness": FRESH,
    }
    return TopicList(**{**values, **changes})


def matched(hits: int = 2, **changes: Any) -> TextMatches:
    """So many stories that a pattern matches."""
    values: dict[str, Any] = {
        "total_matches": 2 * hits,
        "total_stories": hits,
        "total_episodes": min(hits, 1),
        "first": "2025-07-08",
        "last": "2025-07-08",
        "by": "year",
        "counts": [TextCount(name="2025", stories=hits, matches=2 * hits)],
        "hits": [
            TextHit(
                id=f"2025-07-08-279#{place}",
                episode_id="2025-07-08-279",
                date="2025-07-08",
                title=f"小さな言語モデルの話 {place}",
                url=f"https://example.com/{place}",
                counts={"title": 1, "summary": 1},
                matches=[TextExcerpt(where="summary", text="手元で動く**言語モデル**の作り方")],
            )
            for place in range(1, hits + 1)
        ],
        "understood": "any case",
        "next_cursor": None,
        "freshness": FRESH,
    }
    return TextMatches(**{**values, **changes})


class FakeLibrary(Library):
    """Answers what it was given, remembers what it was asked, raises what it was told to."""

    def __init__(self, **answers: Any) -> None:
        self.asked: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self.started = self.closed = False
        self._answers: dict[str, Any] = {
            "search": found(),
            "episode": told(),
            "topics": named(),
            "timeline": over_time(),
            "related": near(),
            "check_quote": quoted(),
            "find_text": matched(),
            **answers,
        }

    def start(self) -> None:
        self.started = True

    def close(self) -> None:
        self.closed = True

    def freshness(self) -> Freshness:
        return FRESH

    def episode_digests(self, generation: str = "", *, level: bool = True) -> tuple[str, Mapping[str, str] | None]:
        return generation, None

    def search(self, *args: Any, **options: Any) -> Any:
        return self._answer("search", args, options)

    def episode(self, *args: Any, **options: Any) -> Any:
        if args == ("nothing",):
            raise NotFoundError('No episode "nothing".', ("2025-07-08-279",))
        return self._answer("episode", args, options)

    def topics(self, *args: Any, **options: Any) -> Any:
        return self._answer("topics", args, options)

    def timeline(self, *args: Any, **options: Any) -> Any:
        return self._answer("timeline", args, options)

    def related(self, *args: Any, **options: Any) -> Any:
        return self._answer("related", args, options)

    def language(self) -> str | None:
        return "ja"

    def about(self) -> About:
        return About(language="ja", timezone="Asia/Tokyo", timezone_stated=True, today="2025-07-09", freshness=FRESH)

    def episodes(self) -> tuple[EpisodeBrief, ...]:
        one = episode()
        return (
            EpisodeBrief(
                id=one.id,
                number=one.number,
                date=str(one.date),
                title=one.title,
                hosts=list(one.hosts),
                url=one.page_url,
                stories=len(one.stories),
            ),
        )

    def sites(self) -> tuple[SiteCount, ...]:
        return (SiteCount(site="example.com", stories=3),)

    def topic_names(self) -> tuple[Topic, ...]:
        return tuple(topic.model_copy(update={"examples": []}) for topic in named().topics)

    def hosts(self) -> list[str]:
        return ["ずんだもん"]

    def problems(self) -> list[Problem]:
        return []

    def check_quote(self, *args: Any, **options: Any) -> Any:
        return self._answer("check_quote", args, options)

    def find_text(self, *args: Any, **options: Any) -> Any:
        return self._answer("find_text", args, options)

    def _answer(self, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        self.asked.append((name, args, options))
        answer = self._answers[name]
        if isinstance(answer, Exception):
            raise answer
        return answer


def ask(
    library: FakeLibrary, tool: str, arguments: Mapping[str, Any] | None = None, era: Era = "auto"
) -> types.CallToolResult:
    """One call of a tool of a server over the library, through a client that speaks the era."""

    async def go() -> types.CallToolResult | MCPError:
        async with Client(ArchiveServer(LazyArchive(lambda: library)), mode=era) as client:
            try:
                return await client.call_tool(tool, dict(arguments or {}))
            except MCPError as error:  # raised out here it would come in a group
                return error

    result = anyio.run(go)
    if isinstance(result, MCPError):
        raise result
    return result


def text_of(result: types.CallToolResult) -> str:
    """The one text of a result; nothing but links may follow it."""
    block, *links = result.content
    assert all(isinstance(link, types.ResourceLink) for link in links)
    assert isinstance(block, types.TextContent)
    return block.text


def resource_text(archive: Library, uri: str) -> str:
    """What a resource says that is read by its URI."""
    result = types.ReadResourceResult.model_validate(read_resource(archive, uri))
    (contents,) = result.contents
    assert isinstance(contents, types.TextResourceContents)
    assert contents.uri == uri
    return contents.text
