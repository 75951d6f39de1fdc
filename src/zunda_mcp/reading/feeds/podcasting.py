"""Read the podcast vocabularies in an RSS or Atom item: people, numbers, audio, chapters, transcripts.

They are https://podcastindex.org/namespace/1.0, https://podlove.org/simple-chapters, Apple's ``itunes`` and Yahoo's
``media``.

Of the transcripts that an item links to, one in the language of the feed comes first, then one with exact times
(WebVTT, SubRip) before one whose times may be words apart (JSON), before text for people (HTML, plain).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from zunda_mcp.reading.endings import ENDINGS, ending_of, kind_of
from zunda_mcp.reading.feeds.item import Chapter, Item, Person, TranscriptLink
from zunda_mcp.reading.feeds.xml_tree import Element
from zunda_mcp.reading.json_values import seconds
from zunda_mcp.reading.metadata.fields import title_number, whole_number
from zunda_mcp.text.urls import is_web, story_url

__all__ = [
    "People", "audio", "candidates", "chapters", "file_of", "form_of", "number", "number_in", "people",
    "sorted_chapters", "transcripts",
]  # fmt: skip

_MAIL = re.compile(r"^\S+@\S+\s*\((.+)\)$|^(.+?)\s*[(<]\S+@\S+[)>]$")
_LONGEST_NAME = 300
_NUMBER = re.compile(r"^\[?(\d{1,5})\]?\s*[:.|–—-]\s|(?:^|[\s(\[])show\s*(\d{1,5})\b", re.IGNORECASE)


class People(NamedTuple):
    """The people an element names: persons (Podcasting 2.0) and authors."""

    persons: tuple[Person, ...] = ()
    authors: tuple[Person, ...] = ()

    def or_those_of(self, channel: People) -> tuple[Person, ...]:
        """Return the people of an episode: persons of the item, else of its channel, else authors in this order."""
        return self.persons or channel.persons or self.authors or channel.authors


def people(element: Element) -> People:
    """Read the people that an item or a channel names."""
    persons: dict[tuple[str, str], Person] = {}
    for one in element.all("podcast:person"):
        role, group = one.get("role").lower() or "host", one.get("group").lower() or "cast"
        if name := " ".join(one.words().split()):
            persons[name, role] = Person(name, role, group)
    for tag in ("itunes:author", "author", "dc:creator", "atom:author"):
        names = [name for one in element.all(tag) if (name := _author(one))]
        if names:
            return People(tuple(persons.values()), tuple(Person(name) for name in dict.fromkeys(names)))
    return People(tuple(persons.values()))


def number(item: Element, title: str) -> int | None:
    """Return the number of an episode: the stated one, else that in its title."""
    stated = (whole_number(item.text(tag)) for tag in ("podcast:episode", "itunes:episode"))
    return next((one for one in stated if one is not None), number_in(title))


def number_in(title: str) -> int | None:
    """Return the episode number in a title: ``第12回``, ``#12``, ``Episode 12``, ``12: …``."""
    number, match = title_number(title), _NUMBER.search(title)
    return int(match[1] or match[2]) if number is None and match else number


def audio(item: Element) -> str:
    """Return the address of the recording: of the first enclosure that is audio or video, else of the first without a
    type, else that of ``media:content``.
    """
    media = [*item.all("media:content"), *(c for group in item.all("media:group") for c in group.all("media:content"))]
    enclosures = [*item.all("enclosure"), *(one for one in item.all("atom:link") if one.get("rel") == "enclosure")]
    untyped = [one for one in enclosures if not one.get("type")]
    places = (*filter(_plays, enclosures), *untyped, *filter(_plays, media))
    return next((url for one in places if (url := one.get("url", "href"))), "")


def _plays(element: Element) -> bool:
    kind = element.get("type").lower() or element.get("medium").lower()
    return kind.startswith(("audio", "video"))


def chapters(item: Element) -> tuple[Chapter, ...]:
    """Return the chapters inside the item (Podlove Simple Chapters), whose times are Normal Play Time (RFC 2326)."""
    listed = [one for holder in item.all("psc:chapters") for one in holder.all("psc:chapter")]
    return sorted_chapters((seconds(one.get("start")), one.get("title"), one.get("href")) for one in listed)


def sorted_chapters(chapters: Iterable[tuple[float | None, str, str]]) -> tuple[Chapter, ...]:
    """Return chapters from their times, titles and links, in order of time, without those that lack time or title."""
    made = (Chapter(s, t.strip(), u.strip()) for s, t, u in chapters if s is not None and t.strip())
    return tuple(sorted(made, key=lambda chapter: chapter.start))


def transcripts(item: Element) -> tuple[TranscriptLink, ...]:
    """Return the links to transcripts, in the order of the feed."""
    return tuple(
        TranscriptLink(element.get("url"), element.get("type").lower(), element.get("language"))
        for element in item.all("podcast:transcript")
        if element.get("url")
    )


def _author(element: Element) -> str:
    """The name of an author without the mail address; ``""`` if there is only an address."""
    text = " ".join((element.text("atom:name") or ("" if element.tag == "atom:author" else element.words())).split())
    match = _MAIL.match(text) if len(text) <= _LONGEST_NAME else None
    name = next((part for part in match.groups() if part), "") if match else text
    return "" if "@" in name and " " not in name else name


# --- transcripts

_LESS_EXACT = ("json", "html", "txt")
"""The forms of transcripts that are no captions, most exact first; captions come before them, in order of the table."""

_TYPES = {
    **dict.fromkeys(("text/vtt", "application/vtt", "text/webvtt"), "vtt"),
    **dict.fromkeys(("application/srt", "application/x-subrip", "text/srt"), "srt"),
    **dict.fromkeys(("application/json", "text/json"), "json"),
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/plain": "txt",
}
_FORM = {"json": "json", "html": "html", "text": "txt", "markdown": "txt"}
"""The form of a transcript by the kind of file; captions are kept as what they are."""


def candidates(item: Item, language: str, base: str) -> list[TranscriptLink]:
    """Return the transcripts of an item with absolute addresses, the best first, without those of unknown form."""
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
    type tells it, else the ending.
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
    """Return the name of the stored file: 16 hexadecimal digits of the SHA-256 of the address, and the form."""
    digits = hashlib.sha256(transcript.url.encode("utf-8", "replace")).hexdigest()[:16]
    return f"{digits}.{form_of(transcript)}"
