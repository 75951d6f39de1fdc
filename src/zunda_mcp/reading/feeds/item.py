"""A feed and its items as all formats state them, and the ids, language and time zone derived from them.

The id of an episode must be easy to say and paste, and stay when the feed changes. So it is made from the item alone:
its day, and the last part of the address of its page, else its guid if that is short, else a digest of its key. The
item ``https://show.example/episode/279`` of 8 July 2025 gets the id ``2025-07-08-279``, as its file in the show's
archive would.

Transcripts that an item links to are ranked: those in the language of the feed first, then those with exact times
(WebVTT, SubRip), then those with less exact times (JSON), then text for people (HTML, plain).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from zunda_mcp.reading.endings import ENDINGS, ending_of, kind_of
from zunda_mcp.reading.metadata.file_names import dated_name
from zunda_mcp.reading.metadata.locale import language_tag, zone_named
from zunda_mcp.text.calendar_days import Moment
from zunda_mcp.text.urls import is_web, story_url

__all__ = [
    "Chapter", "Feed", "FeedText", "Item", "Person", "TranscriptLink", "candidates", "file_of", "form_of", "ids",
    "language_of", "slug_of", "with_distinct_keys", "zone_of",
]  # fmt: skip


class TranscriptLink(NamedTuple):
    """A link to a transcript (https://podcastindex.org/namespace/1.0): its address, media type and language."""

    url: str
    type: str
    language: str = ""


class Chapter(NamedTuple):
    """A chapter of the recording: its ``start`` in seconds, its title, and its link (``""`` if it has none)."""

    start: float
    title: str
    url: str = ""


class Person(NamedTuple):
    """A person in an episode. ``role`` and ``group`` are in lower case, from the taxonomy of Podcasting 2.0."""

    name: str
    role: str = "host"
    group: str = "cast"


class FeedText(NamedTuple):
    """A text and its type: ``html``, ``xhtml`` or plain ``text`` (which may be Markdown)."""

    text: str
    type: str = "html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of a feed. ``key`` identifies it: its guid or id, else its link, its audio, or its title and date.

    ``body`` is its longest text, ``summary`` a shorter one if it has two. ``link`` is the address of its page,
    ``audio`` that of its recording, and ``line`` its first line in the feed, from 1. ``copied`` says that its guid is
    that of another item.
    """

    key: str
    title: str
    link: str
    moment: Moment | None
    written_date: str
    body: FeedText
    summary: FeedText | None
    people: tuple[Person, ...]
    audio: str
    number: int | None
    youtube_id: str | None = None
    transcripts: tuple[TranscriptLink, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    chapters_url: str = ""
    line: int = 1
    copied: bool = False


class Feed(NamedTuple):
    """One page of a feed. ``next`` is the address of the page of older items, ``remarks`` are faults by line."""

    title: str
    link: str
    language: str
    next: str
    items: tuple[Item, ...]
    remarks: tuple[tuple[int | None, str], ...] = ()


def with_distinct_keys(items: Sequence[Item]) -> tuple[Item, ...]:
    """Return the items of one page with distinct keys, unless two are the same item. If most items share a key, it is
    replaced by their page, audio, or title and date; else the first item with a copied guid keeps it.
    """
    counts = Counter(item.key for item in items)
    wrong = {key for key, count in counts.items() if count >= 3 and count * 2 > len(items)}
    first: dict[str, Item] = {}
    distinct: list[Item] = []
    for item in items:
        key = item.key
        if key in wrong:
            key = item.link or item.audio or f"{item.title}\n{item.written_date}"
        elif _facts(first.setdefault(key, item)) != _facts(item):
            key = f"{key}\n{item.title}\n{item.written_date}"
        distinct.append(item if key == item.key else replace(item, key=key, copied=item.key not in wrong))
    return tuple(distinct)


def _facts(item: Item) -> tuple[object, ...]:
    return item.title, item.moment.day if item.moment else None, item.audio


_MAX_SLUG = 60  # characters
_GENERIC = frozenset({"index", "default", "episode", "episodes", "podcast", "post", "view", "show", "item", "feed"})
_SUFFIX = re.compile(r"\.(html?|php|aspx?|md|mp3|m4a)$", re.IGNORECASE)
_SHORT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,23}")


def ids(items: Iterable[Item], home: str = "", previous: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the id of every item by its key. ``home`` is the page of the feed; ``previous`` ids stay. If two items
    would have the same id, the older one gets it, and the other's ends with a digest.
    """
    given = dict(previous or {})
    taken = {id_: key for key, id_ in given.items()}
    waiting = {item.key: item for item in items if item.key not in given}
    for item in sorted(waiting.values(), key=lambda one: (str(one.moment.day) if one.moment else "9999", one.key)):
        id_ = _episode_id(item, home)
        if id_ in taken:
            id_ = f"{id_}-{_digest(item.key)}"
        taken[id_] = item.key
        given[item.key] = id_
    return given


def _episode_id(item: Item, home: str = "") -> str:
    sayable = item.key if _SHORT.fullmatch(item.key) else ""  # most guids are addresses or long numbers
    slug = slug_of(item, home) or sayable or _digest(item.key)
    return f"{item.moment.day}-{slug}" if item.moment else slug


def slug_of(item: Item, home: str = "") -> str:
    """Return the part of an item's page address that identifies the item; ``""`` if there is none."""
    if not item.link or _bare(item.link) == _bare(home):
        return ""
    try:
        parts = urlsplit(item.link)
    except ValueError:
        return ""
    names = [_SUFFIX.sub("", name) for name in unquote(parts.path).split("/") if name]
    if parts.query or not names or names[-1].lower() in _GENERIC:  # with a query, the path does not identify the page
        return ""
    slug = re.sub(r"[^\w.~]+", "-", dated_name(names[-1])[1] or names[-1]).strip("-._").lower()
    return slug if len(slug) <= _MAX_SLUG else f"{slug[: _MAX_SLUG - 9].rstrip('-')}-{_digest(slug)}"


def _bare(url: str) -> str:
    return url.partition("://")[2].removeprefix("www.").rstrip("/").lower()


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:8]


_MIN_DATED_ITEMS = 3  # this many equal offsets suffice to infer a time zone
_OF_LANGUAGE = {("ja", 9): "Asia/Tokyo", ("ko", 9): "Asia/Seoul"}


def language_of(feed: Feed) -> str | None:
    """Return the language of a feed as a tag (RFC 5646), or ``None`` if it states something else (``English``)."""
    return language_tag(feed.language)


def zone_of(feeds: Iterable[Feed]) -> str | None:
    """Return the IANA name of the items' time zone, if at least three have a time and all have the same offset, in
    whole hours. An offset of zero does not count, since programs that do not know the zone write it.
    """
    feeds = list(feeds)
    moments = [item.moment.at for feed in feeds for item in feed.items if item.moment and item.moment.at]
    offset, *others = {moment.utcoffset() for moment in moments} or {None}
    if len(moments) < _MIN_DATED_ITEMS or others or not offset or offset % dt.timedelta(hours=1):
        return None
    hours = offset // dt.timedelta(hours=1)
    language = next((tag for feed in feeds if (tag := language_of(feed))), "").partition("-")[0]
    named = _OF_LANGUAGE.get((language, hours), f"Etc/GMT{-hours:+d}")
    return named if zone_named(named) else None


# --- transcripts

_LESS_EXACT = ("json", "html", "txt")
"""Forms of transcripts other than captions, most exact first. Captions come before them, in the order of `ENDINGS`."""

_TYPES = {
    **dict.fromkeys(("text/vtt", "application/vtt", "text/webvtt"), "vtt"),
    **dict.fromkeys(("application/srt", "application/x-subrip", "text/srt"), "srt"),
    **dict.fromkeys(("application/json", "text/json"), "json"),
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/plain": "txt",
}
_FORM = {"json": "json", "html": "html", "text": "txt", "markdown": "txt"}
"""The form of a transcript by its kind of file. The form of captions is their ending."""


def candidates(item: Item, language: str, base: str) -> list[TranscriptLink]:
    """Return the transcripts of an item, best first, with absolute addresses and without those of unknown form."""
    forms = [*(ending[1:] for ending, kind in ENDINGS.items() if kind == "captions"), *_LESS_EXACT]
    links: dict[str, TranscriptLink] = {}
    for one in item.transcripts:
        url = story_url(one.url, base)
        if url and is_web(url) and form_of(one):
            links.setdefault(url, TranscriptLink(url, one.type, one.language))

    def order(one: TranscriptLink) -> tuple[bool, int]:
        own, wanted = (tag.replace("_", "-").split("-")[0].lower() for tag in (one.language, language))
        return bool(own and wanted and own != wanted), forms.index(form_of(one))

    return sorted(links.values(), key=order)


def form_of(transcript: TranscriptLink) -> str:
    """Return the form of a transcript: the ending of captions, ``json``, ``html`` or ``txt``; ``""`` if unknown. The
    media type decides unless it is generic, else the ending.
    """
    try:
        path = unquote(urlsplit(transcript.url).path)
    except ValueError:
        return ""
    kind = transcript.type.partition(";")[0].strip().lower()
    form = ending_of(path)[1:] if kind_of(path) == "captions" else _FORM.get(kind_of(path), "")
    if kind in ("", "text/plain", "application/octet-stream") and form:
        return form
    return _TYPES.get(kind) or form


def file_of(transcript: TranscriptLink) -> str:
    """Return the name of the stored file: 16 hex digits of the SHA-256 of the address, and the form as the ending."""
    digits = hashlib.sha256(transcript.url.encode("utf-8", "replace")).hexdigest()[:16]
    return f"{digits}.{form_of(transcript)}"
