"""Choose among the transcripts that a feed item links to, and name the file in which one is stored.

A transcript in the language of the feed comes first, then one with exact times (WebVTT, SubRip) before one whose times
may be words apart (JSON), before text for people (HTML, plain). Media types are those of
https://podcastindex.org/namespace/1.0, and what feeds write instead.
"""

from __future__ import annotations

import hashlib
from urllib.parse import unquote, urljoin, urlsplit

from zunda_mcp.reading.endings import ending_of, kind_of
from zunda_mcp.reading.feeds.item import Item, TranscriptLink
from zunda_mcp.text.urls import is_web

__all__ = ["candidates", "file_of", "form_of"]

_FORMS = ("vtt", "srt", "json", "html", "txt")  # most exact first

_TYPES = {
    "text/vtt": "vtt",
    "application/vtt": "vtt",
    "text/webvtt": "vtt",
    "application/srt": "srt",
    "application/x-subrip": "srt",
    "text/srt": "srt",
    "application/json": "json",
    "text/json": "json",
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/plain": "txt",
}
_FORM = {"json": "json", "html": "html", "text": "txt", "markdown": "txt"}
"""The form of a transcript by the kind of file; captions are kept as what they are."""


def candidates(item: Item, language: str, base: str) -> list[TranscriptLink]:
    """Return the transcripts of an item with absolute addresses, the best first, without those of unknown form."""
    links: dict[str, TranscriptLink] = {}
    for one in item.transcripts:
        try:
            url = urljoin(base, one.url)
        except ValueError:
            continue
        if is_web(url) and form_of(one):
            links.setdefault(url, TranscriptLink(url, one.type, one.language))
    return sorted(links.values(), key=lambda one: (_is_foreign(one.language, language), _FORMS.index(form_of(one))))


def form_of(transcript: TranscriptLink) -> str:
    """Return ``vtt``, ``srt``, ``json``, ``html`` or ``txt``, by the type, else by the ending; ``""`` if unknown."""
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


def _is_foreign(language: str, wanted: str) -> bool:
    """Whether both languages are stated and differ."""
    if not language or not wanted:
        return False
    return language.replace("_", "-").split("-")[0].lower() != wanted.replace("_", "-").split("-")[0].lower()
