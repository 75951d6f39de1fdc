"""Which of the transcripts that an item names is read, and what it is called when it is kept.

Of several the one that tells most: in the language of the feed, and with exact times (WebVTT, SubRip) before times that
may be words apart (JSON), before a text for people (HTML, plain). The types are those of
https://podcastindex.org/namespace/1.0 and what feeds write instead of them.
"""

from __future__ import annotations

import hashlib
from urllib.parse import unquote, urljoin, urlsplit

from zunda_mcp.reading.feeds.item import Item, TranscriptLink
from zunda_mcp.text.urls import is_web

FORMS = ("vtt", "srt", "json", "html", "txt")
"""What transcripts are written in, those that tell most first."""

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
_ENDINGS = {"vtt": "vtt", "srt": "srt", "json": "json", "html": "html", "htm": "html", "txt": "txt", "md": "txt"}


def candidates(item: Item, language: str, base: str) -> list[TranscriptLink]:
    """The transcripts of an item with whole web addresses, the best first; those in an unknown form are left out."""
    found: dict[str, TranscriptLink] = {}
    for one in item.transcripts:
        try:
            url = urljoin(base, one.url)
        except ValueError:
            continue
        if is_web(url) and form_of(one):
            found.setdefault(url, TranscriptLink(url, one.type, one.language))
    return sorted(found.values(), key=lambda one: (_foreign(one.language, language), FORMS.index(form_of(one))))


def form_of(transcript: TranscriptLink) -> str:
    """One of ``FORMS`` by the type, else by the ending of the address; ``""`` where neither tells."""
    try:
        ending = unquote(urlsplit(transcript.url).path).rpartition(".")[2].lower()
    except ValueError:
        return ""
    kind = transcript.type.partition(";")[0].strip().lower()
    if kind in ("", "text/plain", "application/octet-stream") and ending in _ENDINGS:
        return _ENDINGS[ending]
    return _TYPES.get(kind) or _ENDINGS.get(ending, "")


def file_of(transcript: TranscriptLink) -> str:
    """The name of the file it is kept in: sixteen hexadecimal digits of its address's SHA-256, and its form."""
    digits = hashlib.sha256(transcript.url.encode("utf-8", "replace")).hexdigest()[:16]
    return f"{digits}.{form_of(transcript)}"


def _foreign(language: str, wanted: str) -> int:
    """0 for the wanted language or one that nobody states, 1 for another."""
    if not language or not wanted:
        return 0
    return int(language.replace("_", "-").split("-")[0].lower() != wanted.replace("_", "-").split("-")[0].lower())
