"""Answer tool calls: read the arguments, call the library, and fit the answer into its size.

Nothing here depends on the protocol; ``methods`` turns a reply into a result. Calls block, so make them in a thread.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from pydantic import JsonValue

from zunda_mcp.answers import (
    DEFAULT_MAX_CHARS,
    MAX_LIMIT,
    SEARCH_MAX_CHARS,
    Cited,
    EpisodeAnswer,
    Related,
    SearchResult,
    Timeline,
    TopicList,
)  # fmt: skip
from zunda_mcp.errors import ZundaError
from zunda_mcp.rendering import episode_text, matches_text, quote_text, search_text, topics_text
from zunda_mcp.rendering.sanitize import clean_data, clean_line, shorten
from zunda_mcp.results.sizing import bound, json_size, tightened
from zunda_mcp.server import tool_arguments
from zunda_mcp.server.tools import CONNECTOR_TOOLS, MIN_CHARS, TOOLS, Tool

if TYPE_CHECKING:
    from collections.abc import Callable

    from zunda_mcp.library import Library

__all__ = ["LazyArchive", "Reply", "answer", "refusal", "respond", "shrink_timeline", "unknown_tool"]

_Limited = TypeVar("_Limited", SearchResult, TopicList, Related)

_log = logging.getLogger(__name__)

_ALL = {tool.name: tool for tool in (*TOOLS, *CONNECTOR_TOOLS)}
_LINK_SHARE = 4
"""A link is left out if it would take more than a quarter of the answer."""


class LazyArchive:
    """The archive, opened when it is first needed.

    The server starts even if the archive cannot be opened. Each call then says what is wrong and tries to open it
    again, so that the server need not be restarted when a folder comes back. ``tools`` are the tools that clients see;
    with ``connector`` they include the two for ChatGPT.
    """

    def __init__(self, opener: Callable[[], Library], *, connector: bool = False) -> None:
        self._opener = opener
        self.tools = (*TOOLS, *CONNECTOR_TOOLS) if connector else TOOLS
        self._lock = threading.Lock()
        self._archive: Library | None = None
        self.closed = threading.Event()

    def get(self) -> Library:
        """Return the archive, opening it if necessary. Raises what opening raises."""
        with self._lock:
            if self._archive is None:
                self._archive = self._opener()
            return self._archive

    def within(self, archives: Collection[str]) -> LazyArchive:
        """Return a view for callers who may see only these of several archives. It closes with this one."""
        view = LazyArchive(lambda: self.get().within(archives))
        view.tools, view.closed = self.tools, self.closed
        return view

    def peek(self) -> Library | None:
        """Return the archive if it is open already, else None."""
        return self._archive

    def close(self) -> None:
        """Close the archive if it was opened."""
        self.closed.set()
        with self._lock:
            if self._archive is not None:
                self._archive.close()
                self._archive = None


class Reply(NamedTuple):
    """An answer: its text, the same facts as data if the tool has a model for them, and links to resources."""

    text: str
    data: dict[str, JsonValue] | None = None
    refused: bool = False
    links: tuple[dict[str, Any], ...] = ()


def answer(archive: Library, name: str, raw: Mapping[str, Any] | None) -> Reply:
    """Answer one call of an existing tool.

    Raises:
        ZundaError: The call cannot be answered; the message says why and what to do.
    """
    values: dict[str, Any] = dict(tool_arguments.read_tool_arguments(name, _ALL[name].params, raw))
    size: int = values.get("max_chars", SEARCH_MAX_CHARS if name == "search_episodes" else DEFAULT_MAX_CHARS)
    note = _above_most(name, values, raw)
    if name in ("search_episodes", "list_topics"):
        values["max_chars"] = size - len(note)  # even with a limit, which in the library lifts this bound
    match name:
        case "search_episodes":
            result = _noted(archive.search(values.pop("query", ""), **values), note)
            return Reply(search_text.search(result, size), clean_data(result))
        case "find_text":
            matches = archive.find_text(values.pop("pattern"), **values)
            return Reply(matches_text.matches(matches, size))  # structured content would be twice as long
        case "list_topics":
            topics = _noted(archive.topics(values.pop("query", ""), **values), note)
            return Reply(topics_text.topics(topics, size), clean_data(topics))
        case "search" | "fetch":
            from zunda_mcp.server import connector  # start-up

            text, data = getattr(connector, name)(archive, **values)
            return Reply(text, data)
        case "check_quote":
            checked = archive.check_quote(values.pop("quote"), **values)
            return Reply(quote_text.quote(checked, size), clean_data(checked))
    return _about_one(archive, name, values, size, note)


def _above_most(name: str, values: Mapping[str, Any], raw: Mapping[str, Any] | None) -> str:
    """Return a note for ``understood`` if the call asks for more than ``MAX_LIMIT``, else ``""``."""
    if values.get("limit") != MAX_LIMIT:
        return ""
    unbounded = tuple(param._replace(high=sys.maxsize) for param in _ALL[name].params)
    wanted = tool_arguments.read_tool_arguments(name, unbounded, raw)["limit"]
    return "" if wanted == MAX_LIMIT else f"; limit is at most {MAX_LIMIT}"


def _noted(answer: _Limited, note: str) -> _Limited:
    return answer.model_copy(update={"understood": f"{answer.understood}{note}"}) if note else answer


def _about_one(archive: Library, name: str, values: dict[str, Any], size: int, note: str) -> Reply:
    """Answer a call about one topic, episode or story, and fit the answer into ``size`` characters."""
    values.pop("max_chars", None)
    match name:
        case "topic_timeline":
            timeline = shrink_timeline(archive.timeline(values.pop("topic"), **values), size)
            return Reply(topics_text.timeline(timeline, size), clean_data(timeline))
        case "find_related":
            related = _noted(archive.related(values.pop("id"), max_chars=size - len(note), **values), note)
            return Reply(search_text.related(related, size), clean_data(related))
        case _:
            gist = values.get("detail", "auto") == "auto"
            return _read(archive.episode(values["id"]), size, values.get("cursor"), gist=gist)


def _read(result: EpisodeAnswer, size: int, cursor: str | None, *, gist: bool) -> Reply:
    """Return a page of an episode or story, with a link to its resource if there is room."""
    from zunda_mcp.server.resources import episode_uri, story_uri  # start-up

    link = {
        "type": "resource_link",
        "uri": story_uri(result.story) if result.story else episode_uri(result.episode.id),
        "name": clean_line(result.story or result.episode.id),
        "mimeType": "text/markdown",
    }
    cost = len(json.dumps(link, ensure_ascii=False))
    if cost > size // _LINK_SHARE:
        return Reply(episode_text.episode(result, size, cursor, gist=gist))
    return Reply(episode_text.episode(result, size - cost, cursor, gist=gist), links=(link,))


def respond(opening: LazyArchive, name: str, raw: Mapping[str, Any] | None) -> Reply:
    """Answer one call of an existing tool. Errors become replies too; never raises."""
    try:
        return answer(opening.get(), name, raw)
    except ZundaError as error:
        return Reply(refusal(error), refused=True)
    except Exception:
        _log.exception("%s failed", name)
        text = (
            f"{name} could not answer because of a fault in the server, which is in its log. "
            "Try a simpler call; `zunda-mcp doctor` checks the archive and its index."
        )
        return Reply(text, refused=True)


def unknown_tool(name: str, tools: Sequence[Tool] = TOOLS) -> str:
    """Return the message for a call of a tool that does not exist or is not in ``tools``."""
    names = tuple(tool.name for tool in tools)
    meant = tool_arguments.near(name[:100], names)
    offered = f"did you mean {meant[0]}?" if meant else f"there are {', '.join(names)}."
    return f'Unknown tool "{shorten(clean_line(name), 60)}"; {offered}'


def refusal(error: ZundaError) -> str:
    """Return the message of an error, with its suggestions unless it contains them already."""
    text = clean_line(str(error))
    missing = [clean_line(name) for name in getattr(error, "suggestions", ()) if name not in text]
    return shorten(f"{text} Near: {', '.join(missing)}." if missing else text, MIN_CHARS)


_ONE_PERIOD = 160
"""Characters reserved for one period as JSON and the sentence that names the periods left out."""


def shrink_timeline(answer: Timeline, max_chars: int) -> Timeline:
    """Shorten a timeline to at most ``max_chars`` characters, both as text and as JSON.

    Empty periods are dropped first, then suggestions and busiest episodes, then all but the latest periods.

    Raises:
        ArgumentError: Not even the totals fit; the message names a ``max_chars`` that works.
    """
    smaller = answer
    for smaller in _smaller(answer):
        if _size(smaller) <= max_chars:
            return smaller
    outline = tightened(smaller.model_copy(update={"periods": []}), max_chars - _ONE_PERIOD)
    return bound(_with_latest(outline, smaller, max_chars), max_chars)


def _size(answer: Timeline) -> int:
    return max(json_size(answer), len(topics_text.timeline(answer)))


def _smaller(answer: Timeline) -> Iterator[Timeline]:
    """Yield the timeline, then shorter and shorter ones that keep every period with a story."""
    yield answer
    full = [period for period in answer.periods if period.stories]
    understood = answer.understood
    if len(full) < len(answer.periods):
        understood = f"{understood}; periods without a story are left out"
    yield answer.model_copy(update={"periods": full, "understood": understood})
    less = answer.model_copy(update={"periods": full, "understood": understood, "suggestions": []})
    for busy in (3, 1, 0):
        yield (less := less.model_copy(update={"busiest": less.busiest[:busy]}))
    short = {name: _short(mention) for name, mention in (("first", answer.first), ("last", answer.last))}
    yield less.model_copy(update={**short, "topic": shorten(answer.topic, 80), "understood": shorten(understood, 110)})


def _with_latest(frame: Timeline, answer: Timeline, max_chars: int) -> Timeline:
    """Return ``frame`` with the latest periods that fit, and a note that earlier ones are left out."""
    smaller = frame
    longer = {"week": ' or by="month"', "month": ' or by="year"', "year": ""}[answer.by]
    for start in range(1, len(answer.periods) + 1):
        periods = answer.periods[start:]
        cut = f"only periods from {periods[0].period} on" if periods else "no periods"
        note = f"{frame.understood}; {cut}, a larger max_chars{longer} shows all"
        smaller = frame.model_copy(update={"periods": periods, "understood": note})
        if _size(smaller) <= max_chars:
            break
    return smaller


def _short(mention: Cited | None) -> Cited | None:
    if mention is None:
        return None
    return mention.model_copy(
        update={"title": shorten(mention.title, 36), "episode_title": shorten(mention.episode_title, 36)}
    )
