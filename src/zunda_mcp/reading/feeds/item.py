"""What feeds of every kind have in common, as facts: nothing is interpreted here but which element means what.

The id of an episode that came in a feed: one that is said and pasted, and stays when the feed changes.

It is made of the item alone, never of its place: the day it is dated, and the last part of its page's address, else of
its guid, else a digest of that. So ``https://show.example/episode/279`` of 8 July 2025 is ``2025-07-08-279``, the id
that its file in the show's own archive has.

The language a feed says it is in, and the time zone it dates its items in.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from zunda_mcp.reading.metadata.days import Moment
from zunda_mcp.reading.metadata.file_names import dated_name
from zunda_mcp.reading.metadata.site import zone_named


@dataclass(frozen=True, slots=True)
class TranscriptLink:
    """A transcript that lies elsewhere (https://podcastindex.org/namespace/1.0): its address, media type, language."""

    url: str
    type: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the audio: ``start`` in seconds, its title, and what it links to (``""`` where nothing)."""

    start: float
    title: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in an episode; ``role`` and ``group`` in lower case, as the taxonomy of Podcasting 2.0 has them."""

    name: str
    role: str = "host"
    group: str = "cast"


@dataclass(frozen=True, slots=True)
class Body:
    """A text and what it is: ``html``, ``xhtml`` or plain ``text`` (which may be Markdown)."""

    text: str
    type: str = "html"


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a feed. ``key`` is what it is known by for good: its guid or id, else link, else title and date.

    ``body`` is its longest text, ``summary`` a shorter one beside it where it has one. ``link`` is its page, ``audio``
    the address of its enclosure, ``line`` where it begins in the page of the feed (from 1).
    """

    key: str
    title: str
    link: str
    moment: Moment | None
    written_date: str
    body: Body
    summary: Body | None
    people: tuple[Person, ...]
    audio: str
    number: int | None
    season: str
    youtube_id: str | None
    transcripts: tuple[TranscriptLink, ...]
    chapters: tuple[Chapter, ...]
    chapters_url: str
    line: int


@dataclass(frozen=True, slots=True)
class Feed:
    """One page of a feed. ``next`` is the address of the page after it; ``remarks`` are what was odd: line and
    sentence.
    """

    kind: str
    title: str
    link: str
    language: str
    next: str
    items: tuple[Item, ...]
    remarks: tuple[tuple[int | None, str], ...] = ()


MAX_SLUG = 60
_GENERIC = frozenset({"index", "default", "episode", "episodes", "podcast", "post", "view", "show", "item", "feed"})
_SUFFIX = re.compile(r"\.(html?|php|aspx?|md|mp3|m4a)$", re.IGNORECASE)
_SHORT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,23}")


def ids(items: Iterable[Item], home: str = "", previous: Mapping[str, str] | None = None) -> dict[str, str]:
    """The id of every item by its key. ``home`` is the feed's own page; ``previous`` are ids given before, which stay.

    Where two items would have one id, the older keeps it and the other gets a digest behind it.
    """
    given = dict(previous or {})
    taken = {id_: key for key, id_ in given.items()}
    waiting = {item.key: item for item in items if item.key not in given}
    for item in sorted(waiting.values(), key=_age):
        found = _episode_id(item, home)
        if found in taken:
            found = f"{found}-{digest(item.key)}"
        taken[found] = item.key
        given[item.key] = found
    return given


def _episode_id(item: Item, home: str = "") -> str:
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


_MIN_DATED_ITEMS = 3
_TAG = re.compile(r"([A-Za-z]{2,3})((?:[-_][A-Za-z0-9]{1,8})*)\Z")
_OF_LANGUAGE = {("ja", 9): "Asia/Tokyo", ("ko", 9): "Asia/Seoul"}


def language_of(feed: Feed) -> str | None:
    """The language as a tag (RFC 5646), ``None`` for what is no tag (``English``)."""
    match = _TAG.match(feed.language.strip())
    return match[1].lower() + match[2].replace("_", "-") if match else None


def zone_of(feeds: Iterable[Feed]) -> str | None:
    """The zone of the items by its IANA name, where at least three have a time and all of them one offset.

    Offset zero says nothing, since it is what programs write that know no better; neither do halves of hours. In a
    zone with daylight saving time the offsets differ, and days are then taken as they are written.
    """
    feeds = list(feeds)
    moments = [item.moment.at for feed in feeds for item in feed.items if item.moment and item.moment.at]
    offsets = {moment.utcoffset() for moment in moments}
    if len(moments) < _MIN_DATED_ITEMS or len(offsets) != 1:
        return None
    (offset,) = offsets
    if not offset or offset % dt.timedelta(hours=1):
        return None
    hours = offset // dt.timedelta(hours=1)
    language = next((found for feed in feeds if (found := language_of(feed))), "").partition("-")[0]
    named = _OF_LANGUAGE.get((language, hours), f"Etc/GMT{-hours:+d}")
    return named if zone_named(named) else None
