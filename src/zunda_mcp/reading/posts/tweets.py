"""Read the items of an X archive as posts. All numbers in an archive are text; a missing member is no error."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, NamedTuple

from zunda_mcp.reading.encoding import with_newlines
from zunda_mcp.reading.posts.post import Kind, Post, moment_of, time_of, unescaped, x_address

__all__ = ["Note", "Tweet", "like", "note", "number", "rows", "tidy", "tweet", "unwrapped"]

_SHORT = re.compile(r"https?://t\.co/\w+")
_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, start=1)}
_CREATED = re.compile(r"\w{3} (\w{3}) ([0-9]{1,2}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) \+0000 ([0-9]{4})$", re.ASCII)


class Tweet(NamedTuple):
    """A post, and the number of the first of its edits (its own if it was never edited)."""

    post: Post
    first: int


class Note(NamedTuple):
    """The full text of a long post, under a number of its own."""

    id: int
    at: dt.datetime
    text: str


def tweet(item: Any, user: str | None) -> Tweet | None:
    """Read an item of ``tweets.js``, ``community-tweet.js`` or the older ``tweet.js``; ``None`` without a number."""
    fields = unwrapped(item, "tweet", "communityTweet")
    id = number(fields.get("id_str")) or number(fields.get("id"))
    if id is None:
        return None
    text = _text(fields.get("full_text")) or _text(fields.get("text"))
    text = _with_full_links(unescaped(text), _addresses(fields))
    kind: Kind = "repost" if text.startswith("RT @") else "post"
    at = _created(_text(fields.get("created_at"))) or time_of(id)
    return Tweet(Post(id, user, at, tidy(text), kind, x_address(id, user)), _first_edit(fields, id))


def note(item: Any) -> Note | None:
    """Read an item of ``note-tweet.js``; ``None`` without a number, time or text."""
    fields = unwrapped(item, "noteTweet")
    core = fields.get("core")
    id, at = number(fields.get("noteTweetId")), moment_of(fields.get("createdAt"))
    if not isinstance(core, dict) or id is None or at is None:
        return None
    links = {
        _first_text(row, "shortUrl", "url"): _first_text(row, "expandedUrl", "expanded_url")
        for row in rows(core.get("urls"))
    }
    links = {short: long for short, long in links.items() if short and long}
    return Note(id, at, tidy(_with_full_links(unescaped(_text(core.get("text"))), links)))


def like(item: Any) -> Post | None:
    """Read an item of ``like.js``. Its author is unknown, and its time is that of the post."""
    fields = unwrapped(item, "like")
    id = number(fields.get("tweetId"))
    if not id:
        return None
    text = tidy(unescaped(_text(fields.get("fullText"))))
    return Post(id, None, time_of(id), text, "like", x_address(id, None))


def _with_full_links(text: str, addresses: dict[str, str]) -> str:
    """Replace ``t.co`` links by the addresses they stand for."""
    if not addresses or "//t.co/" not in text:
        return text
    return _SHORT.sub(lambda match: addresses.get(match[0], match[0]), text)


def unwrapped(item: Any, *names: str) -> dict[str, Any]:
    """Return the fields of an item, which may be wrapped in a member with one of ``names``; ``{}`` for non-objects."""
    if not isinstance(item, dict):
        return {}
    inner = next((item[name] for name in names if isinstance(item.get(name), dict)), item)
    return inner if isinstance(inner, dict) else {}


def rows(value: Any) -> list[dict[str, Any]]:
    """Return the objects in a list; ``[]`` for anything else."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def number(value: Any) -> int | None:
    """Return a number that may be written as text; ``None`` for anything else."""
    if isinstance(value, bool):
        return None
    text = str(value) if isinstance(value, int) else value
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= 20 else None


def tidy(text: str) -> str:
    """Return a text with plain newlines and without NUL characters."""
    return with_newlines(text).replace("\0", "").strip("\n")


def _addresses(fields: dict[str, Any]) -> dict[str, str]:
    addresses: dict[str, str] = {}
    for name in ("extended_entities", "entities"):
        entities = fields.get(name)
        if isinstance(entities, dict):
            for row in (*rows(entities.get("media")), *rows(entities.get("urls"))):
                short, long = _first_text(row, "url"), _first_text(row, "expanded_url")
                if short and long:
                    addresses[short] = long
    return addresses


def _first_edit(fields: dict[str, Any], id: int) -> int:
    info = fields.get("edit_info")
    if not isinstance(info, dict):
        return id
    edit = info.get("edit")
    edit = edit if isinstance(edit, dict) else {}
    if first := number(edit.get("initialTweetId")):
        return first
    for part in (info.get("initial"), edit.get("editControlInitial")):
        if isinstance(part, dict) and isinstance(listed := part.get("editTweetIds"), list):
            return min([id, *(other for each in listed if (other := number(each)))])
    return id


def _created(text: str) -> dt.datetime | None:
    match = _CREATED.match(text)  # five times as fast as strptime, whose month names depend on the locale
    if not match or match[1] not in _MONTHS:
        return None
    day, hour, minute, second, year = (int(part) for part in match.groups()[1:])
    try:
        return dt.datetime(year, _MONTHS[match[1]], day, hour, minute, second, tzinfo=dt.UTC)
    except ValueError:
        return None


def _first_text(row: dict[str, Any], *names: str) -> str:
    return next((text for name in names if (text := _text(row.get(name)))), "")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
