"""What feeds of every kind have in common, as facts: nothing is interpreted here but which element means what."""

from __future__ import annotations

from dataclasses import dataclass

from zunda_mcp.archive.dates import Moment


@dataclass(frozen=True, slots=True)
class Transcript:
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
    transcripts: tuple[Transcript, ...]
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
