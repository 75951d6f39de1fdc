"""What front matter says beside dates and titles: people, audio, video, the page, a number in the title."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from zunda_mcp.archive import fields as names
from zunda_mcp.archive.fields import Fields
from zunda_mcp.archive.urls import encoded, is_web

_AUDIO = re.compile(r"\.(?:mp3|m4a|m4b|aac|ogg|oga|opus|wav|flac|mp4)(?:$|[?#])", re.IGNORECASE)
_VAGUE = frozenset({"url", "file", "audio", "media"})
_NUMBERED = re.compile(
    r"(?:#|第|\bepisode\s*#?|\bissue\s*#?|\bep\.?\s*#?|\bno\.\s*|\bvol\.?\s*)0*(\d{1,5})(?!\d)", re.IGNORECASE
)
_VIDEO_ID = re.compile(r"[\w-]{11}", re.ASCII)


def people_of(fields: Fields, known: Mapping[str, str]) -> tuple[str, ...]:
    """Return hosts, then guests; a slug that the archive has a file for as the name in it."""
    found = [*fields.list(*names.HOSTS), *fields.list(*names.GUESTS)]
    return tuple(dict.fromkeys(_name(person, known) for person in found))


def _name(person: str, known: Mapping[str, str]) -> str:
    """Look a slug up; ``name2`` is who ``name`` is, where only that has a file."""
    slug = person.casefold()
    return known.get(slug) or known.get(slug.rstrip("0123456789")) or person


def audio_of(fields: Fields) -> str | None:
    """Return the audio's address or file name as written. ``url: …`` counts where it names a file of sound."""
    for name, text in fields.texts(*names.AUDIO):
        first, _, length = text.partition(" ")
        if not (is_web(first) and length.lstrip()[:1].isdigit()):  # "address length type" is what PodPress writes
            first = text
        if name not in _VAGUE or _AUDIO.search(first) or (name == "audio" and ("/" in first or "." in first)):
            return first
    return None


def own_page(fields: Fields) -> str | None:
    """Return the whole web address that front matter gives for its page."""
    for _, text in fields.texts(*names.PAGE):
        if is_web(text) and not _AUDIO.search(text):
            return encoded(text)
    return None


def video_of(fields: Fields) -> str | None:
    """Return the id of the YouTube video, from an address or from the id itself."""
    for name, text in fields.texts(*names.VIDEO):
        if _VIDEO_ID.fullmatch(text) and name.startswith("youtube"):
            return text
        try:
            address = urlsplit(text)
        except ValueError:
            continue
        host = (address.hostname or "").removeprefix("www.").removeprefix("m.")
        parts = address.path.strip("/").split("/")
        shown = parts[0] if host == "youtu.be" else ""
        if host in ("youtube.com", "youtube-nocookie.com"):
            shown = (
                parts[-1] if parts[0] in ("embed", "live", "shorts") else (parse_qs(address.query).get("v") or [""])[0]
            )
        if _VIDEO_ID.fullmatch(shown):
            return shown
    return None


def title_number(title: str) -> int | None:
    """Return the number a title counts its episode with: ``#12``, ``第12回``, ``Issue 12``."""
    match = _NUMBERED.search(title)
    return int(match[1]) if match else None
