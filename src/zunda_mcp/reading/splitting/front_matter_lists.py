"""Stories that stand in the front matter: lists of articles, links, topics, chapters."""

from __future__ import annotations

from collections.abc import Iterator

from zunda_mcp.reading.draft import Entry
from zunda_mcp.reading.metadata.fields import Fields
from zunda_mcp.reading.metadata.front_matter import Value
from zunda_mcp.reading.splitting.body import Body, Split
from zunda_mcp.reading.splitting.titles import read_line
from zunda_mcp.text.timestamps import leading_time, seconds_in
from zunda_mcp.text.urls import is_web, story_url

__all__ = [
    "ADDRESSES",
    "CHAPTERS",
    "SOURCES",
    "STORIES",
    "SUMMARIES",
    "TIMES",
    "TITLES",
    "chapters",
    "entries_of_fields",
    "item_text",
    "list_of",
    "split_front_matter_lists",
]

STORIES = (
    "articles", "stories", "news", "items", "topics", "segments", "links", "show_links", "references",
    "resources",
)  # fmt: skip
CHAPTERS = ("chapters", "podcast_chapters", "timestamps", "toc", "timeline")
TITLES = ("title", "name", "headline", "topic", "text", "label")
ADDRESSES = ("url", "link", "href", "uri", "permalink", "external_url")
SUMMARIES = ("content", "summary", "description", "excerpt", "comment", "body", "note", "notes")
TIMES = ("starttime", "start", "start_time", "time", "timestamp", "at")
SOURCES = ("source", "site", "publisher", "author", "by")


def split_front_matter_lists(body: Body) -> Split:
    """Return what the lists of a file's front matter name, in their order; nothing of the body is claimed."""
    return Split(tuple(entries_of_fields(body, (*STORIES, *CHAPTERS))))


def chapters(body: Body) -> tuple[Entry, ...]:
    """Return the chapters alone: those in front matter whose stories stand elsewhere."""
    return tuple(entry for entry in entries_of_fields(body, CHAPTERS) if entry.start is not None)


def entries_of_fields(body: Body, names: tuple[str, ...]) -> Iterator[Entry]:
    """Yield the entries of the lists with these keys, in the order of the file."""
    for name in body.fields.keys(*names):
        line = body.fields.line(name) or 1
        for item in list_of(body.fields, name):
            entry = _entry(body, item, line)
            if entry is not None and not body.conventions.ignored.title(entry.title):
                yield entry


def list_of(fields: Fields, name: str) -> list[Value]:
    """Return the list under a key, also where it lies one deeper (``podcast_chapters: {chapters: […]}``)."""
    value = fields.value(name)
    if isinstance(value, dict):
        value = next((inner for inner in value.values() if isinstance(inner, list)), None)
    return value if isinstance(value, list) else []


def item_text(item: dict[str, Value], names: tuple[str, ...]) -> str:
    """Return the first of these an item says, ``""`` where it says none."""
    folded = {key.strip().lower().replace("-", "_"): value for key, value in item.items()}
    texts = (folded.get(name) for name in names)
    return next((value.strip() for value in texts if isinstance(value, str) and value.strip()), "")


def _entry(body: Body, item: Value, line: int) -> Entry | None:
    if isinstance(item, dict):
        title = item_text(item, TITLES)
        source = item_text(item, SOURCES)
        url = story_url(item_text(item, ADDRESSES), body.page) or (source if is_web(source) else None)
        summary = item_text(item, SUMMARIES) or ("" if is_web(source) else source)
        start = seconds_in(item_text(item, TIMES))
    elif isinstance(item, str):
        timed = leading_time(item)
        read = read_line(body.document, timed.text if timed else item, body.page)
        title, url, summary, start = read.title, read.url, read.rest, timed.start if timed else None
    else:
        return None
    if (not title and not url) or body.conventions.ignored.url(url):
        return None
    return Entry(title, url, None, url, summary, line, start)
