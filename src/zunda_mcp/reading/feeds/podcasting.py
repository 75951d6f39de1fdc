"""Read the podcast vocabularies in an RSS or Atom item: people, numbers, audio, chapters, transcripts.

They are https://podcastindex.org/namespace/1.0, https://podlove.org/simple-chapters, Apple's ``itunes`` and Yahoo's
``media``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from zunda_mcp.reading.feeds.item import Chapter, Person, TranscriptLink
from zunda_mcp.reading.feeds.xml_tree import Element

__all__ = [
    "People",
    "audio",
    "chapters",
    "chapters_url",
    "number",
    "number_in",
    "people",
    "sorted_chapters",
    "transcripts",
]

_MAIL = re.compile(r"^\S+@\S+\s*\((.+)\)$|^(.+?)\s*[(<]\S+@\S+[)>]$")
_LONGEST_NAME = 300
_CLOCK = re.compile(r"^(?:(\d{1,4}):)?(\d{1,4}):(\d{1,2}(?:\.\d+)?)$")
_TITLE_NUMBERS = (
    re.compile(r"第\s*(\d{1,6})\s*[回話]"),
    re.compile(r"(?:^|[\s(\[【])#\s?(\d{1,6})\b"),
    re.compile(r"(?:^|[\s(\[])(?:episode|ep\.?|show|issue)\s*(?:#\s*)?(\d{1,6})\b", re.IGNORECASE),
    re.compile(r"^\[?(\d{1,5})\]?\s*[:.|–—-]\s"),
)


class People(NamedTuple):
    """The people an element names: persons (Podcasting 2.0) and authors."""

    persons: tuple[Person, ...] = ()
    authors: tuple[Person, ...] = ()

    def or_those_of(self, channel: People) -> tuple[Person, ...]:
        """Return the people of an episode: persons of the item, else of its channel, else authors in this order."""
        return self.persons or channel.persons or self.authors or channel.authors


def people(element: Element) -> People:
    """Read the people that an item or a channel names."""
    named = [_person(one) for one in element.all("podcast:person")]
    persons = {(person.name, person.role): person for person in named if person.name}
    for tag in ("itunes:author", "author", "dc:creator", "atom:author"):
        names = [name for one in element.all(tag) if (name := _author(one))]
        if names:
            return People(tuple(persons.values()), tuple(Person(name) for name in dict.fromkeys(names)))
    return People(tuple(persons.values()))


def number(item: Element, title: str) -> int | None:
    """Return the number of an episode: the stated one, else that in its title."""
    for tag in ("podcast:episode", "itunes:episode"):
        text = item.text(tag)
        whole = text.removesuffix(".0")
        if whole.isascii() and whole.isdigit() and len(whole) < 10:
            return int(whole)
    return number_in(title)


def number_in(title: str) -> int | None:
    """Return the episode number in a title: ``第12回``, ``#12``, ``Episode 12``, ``12: …``."""
    return next((int(match[1]) for pattern in _TITLE_NUMBERS if (match := pattern.search(title))), None)


def audio(item: Element) -> str:
    """Return the address of the recording.

    It is the first enclosure that is audio or video, else the first without a type, else that of ``media:content``.
    """
    media = [*item.all("media:content"), *(c for group in item.all("media:group") for c in group.all("media:content"))]
    links = [link for link in item.all("atom:link") if link.get("rel") == "enclosure"]
    enclosures = [*item.all("enclosure"), *links]
    for element in enclosures:
        if _plays(element) and element.get("url", "href"):
            return element.get("url", "href")
    for element in enclosures:
        if not element.get("type") and element.get("url", "href"):
            return element.get("url", "href")
    return next((one.get("url") for one in media if _plays(one) and one.get("url")), "")


def chapters(item: Element) -> tuple[Chapter, ...]:
    """Return the chapters inside the item (Podlove Simple Chapters)."""
    written = (
        (_seconds(element.get("start")), element.get("title"), element.get("href"))
        for holder in item.all("psc:chapters")
        for element in holder.all("psc:chapter")
    )
    return sorted_chapters((start, title, url) for start, title, url in written if start is not None)


def sorted_chapters(chapters: Iterable[tuple[float, str, str]]) -> tuple[Chapter, ...]:
    """Return chapters from their times, titles and links, in order of time; those without a title are left out."""
    return tuple(sorted((Chapter(s, t.strip(), u.strip()) for s, t, u in chapters if t.strip()), key=lambda c: c.start))


def chapters_url(item: Element) -> str:
    """Return the address of the chapters file, ``""`` if the item has none."""
    return next((element.get("url") for element in item.all("podcast:chapters") if element.get("url")), "")


def transcripts(item: Element) -> tuple[TranscriptLink, ...]:
    """Return the links to transcripts, in the order of the feed."""
    return tuple(
        TranscriptLink(element.get("url"), element.get("type").lower(), element.get("language"))
        for element in item.all("podcast:transcript")
        if element.get("url")
    )


def _seconds(text: str) -> float | None:
    """Normal Play Time (RFC 2326, 3.6): ``1:02:03.5``, ``02:03``, ``123`` to _seconds."""
    match = _CLOCK.match(text.strip())
    if match:
        return int(match[1] or 0) * 3600 + int(match[2]) * 60 + float(match[3])
    try:
        plain = float(text)
    except ValueError:
        return None
    return plain if 0 <= plain < 1e7 else None


def _person(element: Element) -> Person:
    return Person(
        " ".join(element.words().split()), element.get("role").lower() or "host", element.get("group").lower() or "cast"
    )


def _author(element: Element) -> str:
    """The name of an author without the mail address; ``""`` if there is only an address."""
    text = " ".join((element.text("atom:name") or ("" if element.tag == "atom:author" else element.words())).split())
    match = _MAIL.match(text) if len(text) <= _LONGEST_NAME else None
    name = next((part for part in match.groups() if part), "") if match else text
    return "" if "@" in name and " " not in name else name


def _plays(element: Element) -> bool:
    kind = element.get("type").lower() or element.get("medium").lower()
    return kind.startswith(("audio", "video"))
