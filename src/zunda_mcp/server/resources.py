"""Resources: what a user or a client can attach to a conversation without a tool call.

``archive://overview`` and ``archive://topics`` say what there is, ``archive://survey`` how it was understood;
``episode://{id}`` and ``story://{id}`` are read as ``get_episode`` reads them, so an id may also be a date, a number or
``latest``. A URI is only ever looked up in the index: no part of it becomes a path. Shapes are those of the protocol,
camelCase (MCP specification, server/resources).
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from zunda_mcp.errors import ArgumentError, BuildingError, NotFoundError
from zunda_mcp.reading.metadata.locale import zone_called
from zunda_mcp.rendering import answer_text, episode_text, survey_text
from zunda_mcp.rendering.sanitize import one_line, shorten
from zunda_mcp.results.cursor import make_cursor, read_cursor
from zunda_mcp.server import overview

if TYPE_CHECKING:
    from zunda_mcp.answers import EpisodeBrief
    from zunda_mcp.library import Library

__all__ = [
    "EPISODE",
    "MAX_CHARS",
    "OVERVIEW",
    "STORY",
    "SURVEY",
    "TOPICS",
    "episode_uri",
    "list_resources",
    "list_templates",
    "read_resource",
    "story_uri",
]

EPISODE, STORY = "episode://{id}", "story://{id}"
OVERVIEW, TOPICS, SURVEY = "archive://overview", "archive://topics", "archive://survey"
MAX_CHARS = 30_000
"""The longest text of one resource; a client may put all of it before its model."""

_PAGE = 100
_LONGEST_URI = 600
_URI = re.compile(r"([a-z][a-z0-9+.-]*)://(.*)", re.IGNORECASE | re.DOTALL)
_SCHEMES = ("archive", "episode", "story")
_HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_MARKDOWN, _PLAIN = "text/markdown", "text/plain"
_BOTH = ["user", "assistant"]

_Order = tuple[str, int, str]
"""Where an episode stands among all: its date, its number or 0, its id."""


def episode_uri(episode_id: str) -> str:
    """The URI of an episode (RFC 6570, simple expansion of ``episode://{id}``)."""
    return f"episode://{quote(episode_id, safe='', errors='replace')}"


def story_uri(story_id: str) -> str:
    """The URI of a story; the ``#`` of its id is written ``%23``, since it would begin a fragment."""
    return f"story://{quote(story_id, safe='', errors='replace')}"


def list_resources(archive: Library, cursor: str | None = None) -> dict[str, Any]:
    """``{"resources": [...], "nextCursor"?}``: overview, topics and survey, then all episodes, newest first, in pages.

    The cursor names the last episode shown, so new and deleted episodes move nothing. While the first index is being
    built the list holds what can be named without it.

    Raises:
        ArgumentError: The cursor is none of ours.
        ArchiveError, IndexingError: There is nothing to list from.
    """
    after = _after(cursor) if cursor else None
    fixed = [] if after else _fixed()
    try:
        episodes, zone = archive.episodes(), zone_called(archive.about().timezone)
    except BuildingError:
        return {"resources": fixed}
    rest = [one for one in episodes if after is None or _order(one) < after]
    shown = rest[:_PAGE]
    page: dict[str, Any] = {"resources": [*fixed, *(_listed(one, zone) for one in shown)]}
    return page | {"nextCursor": _cursor(shown[-1])} if len(rest) > _PAGE else page


def list_templates() -> dict[str, Any]:
    """``{"resourceTemplates": [...]}``: an episode and a story by id."""
    episode = "One episode with all its stories, as Markdown. The id may be a date, an episode number or latest."
    story = "One story in full, as Markdown with its source. The id is the episode's, # and the story's place."
    return {
        "resourceTemplates": [
            _template(EPISODE, "episode", "Episode 放送回", f"{episode} 例: episode://2025-07-08-279"),
            _template(STORY, "story", "Story 話題", f"{story} 例: story://2025-07-08-279%232"),
        ]
    }


def read_resource(archive: Library, uri: str) -> dict[str, Any]:
    """``{"contents": [{"uri", "mimeType", "text"}]}``: one resource, at most ``MAX_CHARS`` characters long.

    Raises:
        ArgumentError: The URI is malformed or could never name a resource.
        NotFoundError: It names nothing in the archive; ``suggestions`` are URIs that do.
    """
    scheme, name = _parts(uri)
    kind = _MARKDOWN
    match scheme, name:
        case "archive", "overview":
            text = overview.overview(archive)
        case "archive", "topics":
            text, kind = overview.topics(archive, MAX_CHARS), _PLAIN
        case "archive", "survey":
            text, kind = survey_text.survey(archive.surveys(), MAX_CHARS), _PLAIN
        case (("episode" | "story"), _):
            text = _read(archive, scheme, name)
        case _:
            raise _unknown(uri)
    return {"contents": [{"uri": uri, "mimeType": kind, "text": text}]}


# --- reading


def _parts(uri: str) -> tuple[str, str]:
    """The scheme of a URI and the name in it, decoded once."""
    match = _URI.fullmatch(uri.strip()) if len(uri) <= _LONGEST_URI else None
    if match is None:
        msg = f'"{_shown(uri)}" is not a URI of this archive; write one such as {OVERVIEW} or episode://latest.'
        raise ArgumentError("uri", msg)
    scheme = match[1].lower()
    if scheme not in _SCHEMES:
        raise _unknown(uri)
    try:
        name = unquote(match[2], errors="strict").strip().removesuffix("/")
    except UnicodeDecodeError:
        name = "\0"
    if _HIDDEN.search(name) or "/" in name or "\\" in name or not name.strip("."):
        msg = f'"{_shown(uri)}" names nothing that could be an id; write one such as episode://latest.'
        raise ArgumentError("uri", msg)
    return scheme, name


def _read(archive: Library, scheme: str, name: str) -> str:
    try:
        answer = archive.episode(name)
    except NotFoundError as error:
        near = tuple((story_uri if "#" in one else episode_uri)(one) for one in error.suggestions)
        raise NotFoundError(str(error), near) from error
    if scheme == "story" and answer.story is None:
        episode = answer.episode
        stories = tuple(story_uri(story.id) for story in episode.stories)
        offered = f"its stories are {stories[0]} to {stories[-1]}" if stories else "it has no stories"
        msg = f"{episode.id} is an episode; read {episode_uri(episode.id)}, or {offered}."
        raise NotFoundError(msg, stories[:3])
    return episode_text.episode(answer, MAX_CHARS)


def _unknown(uri: str) -> NotFoundError:
    msg = f'There is no resource "{_shown(uri)}"; there are {OVERVIEW}, {TOPICS}, {SURVEY}, {EPISODE} and {STORY}.'
    return NotFoundError(msg, (OVERVIEW, TOPICS))


def _shown(uri: str) -> str:
    return shorten(one_line(uri), 80)


# --- listing


def _fixed() -> list[dict[str, Any]]:
    whole = "What this archive is: its span, hosts, busiest sites and topics, newest episodes, and how to ask it."
    read = "How the files are read: by which rule and line, what was not understood, and the table that changes it."
    names = "Every topic that several stories share, with other spellings, counts, first and last date."
    return [
        {
            "uri": OVERVIEW,
            "name": "overview",
            "title": "Archive overview アーカイブの概要",
            "description": whole,
            "mimeType": _MARKDOWN,
            "annotations": {"audience": _BOTH, "priority": 1.0},
        },
        {
            "uri": TOPICS,
            "name": "topics",
            "title": "Topics 話題の一覧",
            "description": names,
            "mimeType": _PLAIN,
            "annotations": {"audience": _BOTH, "priority": 0.6},
        },
        {
            "uri": SURVEY,
            "name": "survey",
            "title": "Survey 読み方の調査",
            "description": read,
            "mimeType": _PLAIN,
            "annotations": {"audience": _BOTH, "priority": 0.2},
        },
    ]


def _listed(episode: EpisodeBrief, zone: dt.tzinfo) -> dict[str, Any]:
    """An episode in the list. It counts as last modified when the day of its publication began, so that sorting by
    that time sorts by age; when its file was written or copied says nothing to a reader.
    """
    number = f"Episode {episode.number}" if episode.number is not None else "Episode"
    stories = f"{episode.stories} {'story' if episode.stories == 1 else 'stories'}"
    about = " · ".join([number, stories, *map(one_line, episode.hosts[:4])])
    annotations: dict[str, Any] = {"audience": _BOTH, "priority": 0.4}
    if episode.date:
        day = dt.datetime.combine(dt.date.fromisoformat(episode.date), dt.time(), zone)
        annotations["lastModified"] = day.isoformat()
    return {
        "uri": episode_uri(episode.id),
        "name": one_line(episode.id),
        "title": f"{answer_text.day(episode.date)} {shorten(one_line(episode.title), 150) or '(no title)'}",
        "description": shorten(about, 200),
        "mimeType": _MARKDOWN,
        "annotations": annotations,
    }


def _template(uri: str, name: str, title: str, description: str) -> dict[str, Any]:
    return {"uriTemplate": uri, "name": name, "title": title, "description": description, "mimeType": _MARKDOWN}


# --- cursors


def _order(episode: EpisodeBrief) -> _Order:
    return episode.date or "", episode.number or 0, episode.id


def _cursor(episode: EpisodeBrief) -> str:
    return make_cursor(_order(episode), "resources/list")


def _after(cursor: str) -> _Order:
    match read_cursor(cursor, "resources/list"):
        case [str(date), int(number), str(name)]:
            return date, number, name
    msg = "cursor was not given by resources/list; leave it out to begin with the newest episodes."
    raise ArgumentError("cursor", msg)
