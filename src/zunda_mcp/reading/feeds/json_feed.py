"""Read JSON Feed 1 and 1.1 (https://www.jsonfeed.org/version/1.1/), and the JSON chapters of Podcasting 2.0."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from zunda_mcp.reading.feeds.item import Body, Chapter, Feed, Item, Person, with_distinct_keys
from zunda_mcp.reading.feeds.podcasting import number_in, sorted_chapters
from zunda_mcp.reading.html.to_markdown import plain_title
from zunda_mcp.text.calendar_days import read_day

__all__ = ["is_json_feed", "parse_json", "read_chapters", "read_json_feed"]

_VERSION = "jsonfeed.org/version/"


def is_json_feed(value: object) -> bool:
    """Whether parsed JSON states that it is a JSON Feed."""
    return isinstance(value, dict) and _VERSION in str(value.get("version", ""))


def read_json_feed(value: dict[str, Any]) -> Feed:
    """Read a parsed feed. A member of the wrong type counts as missing."""
    items = value.get("items")
    return Feed(
        title=plain_title(_text(value, "title")),
        link=_text(value, "home_page_url"),
        language=_text(value, "language"),
        next=_text(value, "next_url"),
        items=with_distinct_keys(
            [_item(item, value) for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        ),
    )


def read_chapters(data: str) -> tuple[Chapter, ...]:
    """Read a chapters file (``application/json+chapters``, version 1.2); ``()`` for anything else.

    Chapters that a table of contents should not show (``"toc": false``) are left out.
    """
    value = parse_json(data)
    chapters = value.get("chapters") if isinstance(value, dict) else None
    if not isinstance(chapters, list):
        return ()
    return sorted_chapters(
        (float(one["startTime"]), _text(one, "title"), _text(one, "url"))
        for one in chapters
        if isinstance(one, dict) and one.get("toc") is not False and _is_time(one.get("startTime"))
    )


def parse_json(data: str) -> object:
    """Parse JSON; ``None`` if it is not valid or nested too deeply."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _item(item: dict[str, Any], feed: dict[str, Any]) -> Item:
    title = plain_title(_text(item, "title"))
    link = _text(item, "url")
    written = _text(item, "date_published") or _text(item, "date_modified")
    html, text, summary = (_text(item, name) for name in ("content_html", "content_text", "summary"))
    body = Body(html) if html else Body(text or summary, "text")
    audio = next(_audio(item), "")
    external = _text(item, "external_url")
    if external and external not in body.text:
        body = (
            Body(f'{body.text}<p><a href="{external}">{title or external}</a></p>')
            if html
            else Body(f"{body.text}\n\n[{title or external}]({external})".strip(), "text")
        )
    return Item(
        key=_text(item, "id") or link or audio or f"{title}\n{written}",
        title=title,
        link=link,
        moment=read_day(written),
        written_date=written,
        body=body,
        summary=Body(summary, "text") if summary and summary != body.text else None,
        people=tuple(Person(name) for name in _authors(item) or _authors(feed)),
        audio=audio,
        number=number_in(title),
    )


def _text(value: dict[str, Any], name: str) -> str:
    """A member as text; the ids of version 1.0 may be numbers."""
    member = value.get(name)
    if isinstance(member, int | float) and not isinstance(member, bool):
        return str(member)
    return member.strip() if isinstance(member, str) else ""


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e7


def _authors(value: dict[str, Any]) -> list[str]:
    listed = value.get("authors")
    authors = [*(listed if isinstance(listed, list) else []), value.get("author")]
    names = (_text(author, "name") for author in authors if isinstance(author, dict))
    return list(dict.fromkeys(name for name in names if name))


def _audio(item: dict[str, Any]) -> Iterator[str]:
    attachments = item.get("attachments")
    for attachment in attachments if isinstance(attachments, list) else ():
        if isinstance(attachment, dict):
            plays = _text(attachment, "mime_type").lower().startswith(("audio", "video"))
            if plays and _text(attachment, "url"):
                yield _text(attachment, "url")
