"""The id of an episode that came in a feed: one that is said and pasted, and stays when the feed changes.

It is made of the item alone, never of its place: the day it is dated, and the last part of its page's address, else of
its guid, else a digest of that. So ``https://show.example/episode/279`` of 8 July 2025 is ``2025-07-08-279``, the id
that its file in the show's own archive has.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote, urlsplit

from zunda_mcp.archive.feeds.feed import Item
from zunda_mcp.archive.file_names import dated_name

MAX_SLUG = 60
_GENERIC = frozenset({"index", "default", "episode", "episodes", "podcast", "post", "view", "show", "item", "feed"})
_SUFFIX = re.compile(r"\.(html?|php|aspx?|md|mp3|m4a)$", re.IGNORECASE)
_SHORT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,23}")


def ids(items: Iterable[Item], home: str = "", known: Mapping[str, str] | None = None) -> dict[str, str]:
    """The id of every item by its key. ``home`` is the feed's own page; ``known`` are ids given before, which stay.

    Where two items would have one id, the older keeps it and the other gets a digest behind it.
    """
    given = dict(known or {})
    taken = {id_: key for key, id_ in given.items()}
    waiting = {item.key: item for item in items if item.key not in given}
    for item in sorted(waiting.values(), key=_age):
        found = episode_id(item, home)
        if found in taken:
            found = f"{found}-{digest(item.key)}"
        taken[found] = item.key
        given[item.key] = found
    return given


def episode_id(item: Item, home: str = "") -> str:
    """The id that an item has by itself."""
    slug = _of_page(item.link, home) or _of_guid(item.key) or digest(item.key)
    return f"{item.moment.day}-{slug}" if item.moment else slug


def slug_of(item: Item, home: str = "") -> str:
    """The part of a page's address that is the item's own, ``""`` where there is none."""
    return _of_page(item.link, home)


def digest(key: str) -> str:
    """Eight hexadecimal digits of a key's SHA-256."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:8]


def _of_page(link: str, home: str) -> str:
    if not link or _same(link, home):
        return ""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    if parts.query:
        return ""  # what the page is stands there, in a form of its own
    names = [_SUFFIX.sub("", name) for name in unquote(parts.path).split("/") if name]
    if not names or names[-1].lower() in _GENERIC:
        return ""
    return _slug(dated_name(names[-1])[1] or names[-1])


def _of_guid(key: str) -> str:
    """A guid that is short enough to be said; most are addresses or long numbers."""
    return key if _SHORT.fullmatch(key) else ""


def _slug(text: str) -> str:
    slug = re.sub(r"[^\w.~]+", "-", text).strip("-._").lower()
    if len(slug) <= MAX_SLUG:
        return slug
    return f"{slug[: MAX_SLUG - 9].rstrip('-')}-{digest(slug)}"


def _same(one: str, other: str) -> bool:
    def bare(url: str) -> str:
        return url.partition("://")[2].removeprefix("www.").rstrip("/").lower()

    return bare(one) == bare(other)


def _age(item: Item) -> tuple[str, str]:
    return item.moment.day.isoformat() if item.moment else "9999", item.key
