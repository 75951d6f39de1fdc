"""Read JSON Feed 1 and 1.1 (https://www.jsonfeed.org/version/1.1/), and the JSON chapters of Podcasting 2.0."""

from __future__ import annotations

from typing import Any

from zunda_mcp.reading.feeds.item import Body, Chapter, Feed, Item, Person, with_distinct_keys
from zunda_mcp.reading.feeds.podcasting import number_in, sorted_chapters
from zunda_mcp.reading.html.to_markdown import plain_title
from zunda_mcp.reading.json_values import parsed, rows, seconds
from zunda_mcp.text.calendar_days import read_day

__all__ = ["is_json_feed", "read_chapters", "read_json_feed"]

_VERSION = "jsonfeed.org/version/"


def is_json_feed(value: object) -> bool:
    """Whether parsed JSON states that it is a JSON Feed."""
    return isinstance(value, dict) and _VERSION in str(value.get("version", ""))


def read_json_feed(value: dict[str, Any]) -> Feed:
    """Read a parsed feed. A member of the wrong type counts as missing."""
    return Feed(
        title=plain_title(_text(value, "title")),
        link=_text(value, "home_page_url"),
        language=_text(value, "language"),
        next=_text(value, "next_url"),
        items=with_distinct_keys([_item(item, value) for item in rows(value, "items")]),
    )


def read_chapters(data: str) -> tuple[Chapter, ...]:
    """Read a chapters file (``application/json+chapters``, version 1.2), without those of ``"toc": false``."""
    listed = [one for one in rows(parsed(data), "chapters") if one.get("toc") is not False]
    return sorted_chapters((seconds(one.get("startTime")), _text(one, "title"), _text(one, "url")) for one in listed)


def _item(item: dict[str, Any], feed: dict[str, Any]) -> Item:
    title, link, external = plain_title(_text(item, "title")), _text(item, "url"), _text(item, "external_url")
    written = _text(item, "date_published") or _text(item, "date_modified")
    html, summary = _text(item, "content_html"), _text(item, "summary")
    text = html or _text(item, "content_text") or summary
    if external and external not in text:
        name = title or external
        text = f'{text}<p><a href="{external}">{name}</a></p>' if html else f"{text}\n\n[{name}]({external})".strip()
    plays = (one for one in rows(item, "attachments") if _text(one, "mime_type").lower().startswith(("audio", "video")))
    audio = next((url for one in plays if (url := _text(one, "url"))), "")
    return Item(
        key=_text(item, "id") or link or audio or f"{title}\n{written}",
        title=title,
        link=link,
        moment=read_day(written),
        written_date=written,
        body=Body(text, "html" if html else "text"),
        summary=Body(summary, "text") if summary and summary != text else None,
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


def _authors(value: dict[str, Any]) -> list[str]:
    names = (_text(author, "name") for author in (*rows(value, "authors"), *rows([value.get("author")])))
    return list(dict.fromkeys(name for name in names if name))
