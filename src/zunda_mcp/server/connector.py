"""``search`` and ``fetch``, the two tools that ChatGPT's connectors require of every server.

Each takes one text and returns one object, as JSON text and as structured content: ``{"results": [{"id", "title",
"url"}]}`` and ``{"id", "title", "text", "url", "metadata"}`` (https://platform.openai.com/docs/mcp). A client cites
``url``: it is the page of the episode, else the link of the story, else the URI of the resource.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import JsonValue

from zunda_mcp.answers import Hit
from zunda_mcp.rendering import episode_text
from zunda_mcp.rendering.sanitize import clean, clean_line, shorten
from zunda_mcp.results.snippets import reading_text
from zunda_mcp.server.resources import episode_uri, story_uri
from zunda_mcp.server.tools import MOST_CHARS

if TYPE_CHECKING:
    from zunda_mcp.library import Library

__all__ = ["fetch", "search"]

_TITLE = 160
"""The most characters of a title; the title of a post is the beginning of its text."""

_Answer = tuple[str, dict[str, JsonValue]]


def search(archive: Library, query: str) -> _Answer:
    """Return all hits, or the closest stories. Titles include the date, since the model chooses by titles alone."""
    result = archive.search(query, detail="titles", max_chars=MOST_CHARS)
    results: list[JsonValue] = [_result(hit) for hit in result.hits]
    return _answer({"results": results})


def fetch(archive: Library, id: str) -> _Answer:
    """Return a story or an episode in full, up to the size that clients show. Raises ``NotFoundError``."""
    read = archive.episode(id)
    episode = read.episode
    story = next((one for one in episode.stories if one.id == read.story), None)
    name = (story.title or reading_text(story.summary)) if story else ""
    day = episode.date.isoformat() if episode.date else None
    facts = {
        "date": day,
        "episode": episode.title,
        "hosts": ", ".join(episode.hosts),
        "link": story.url if story else None,
        "audio": episode.audio_url,
        "archive": read.freshness.archive,
    }
    return _answer(
        {
            "id": clean(read.story or episode.id),
            "title": _titled(name or episode.title, day),
            "text": episode_text.episode(read, MOST_CHARS),
            "url": _address(read.story, episode.id, episode.page_url, story.url if story else None),
            "metadata": {name: clean_line(value) for name, value in facts.items() if value},
        }
    )


def _result(hit: Hit) -> JsonValue:
    story = hit.id if hit.id != hit.episode_id else None
    return {
        "id": clean(hit.id),
        "title": _titled(hit.title or hit.episode_title, hit.date),
        "url": _address(story, hit.episode_id, hit.episode_url, hit.url),
    }


def _titled(title: str, day: str | None) -> str:
    shown = shorten(clean_line(title), _TITLE)
    return f"{day} {shown}" if day and day not in shown else shown


def _address(story: str | None, episode: str, page: str | None, link: str | None) -> str:
    return clean_line(page or link or (story_uri(story) if story else episode_uri(episode)))


def _answer(data: dict[str, JsonValue]) -> _Answer:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")), data
