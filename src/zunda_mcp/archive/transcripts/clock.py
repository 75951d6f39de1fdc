"""Times: read as subtitles write them, shown as players show them, and linked to."""

from __future__ import annotations

import math
import re
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

STAMP = r"(?:\d{1,3}:)?\d{1,3}:\d{1,2}(?:[.,]\d{1,6})?"
"""A time as a pattern: ``1:04:16.5``, ``04:16,250``, ``4:16``."""

_STAMP = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,6}))?\Z")
_MEDIA = re.compile(r"\.(?:mp3|m4a|m4b|aac|oga|ogg|opus|wav|flac|mp4|m4v|webm|mov)\Z", re.IGNORECASE)
_YOUTUBE = frozenset({"youtube.com", "m.youtube.com", "music.youtube.com", "youtube-nocookie.com"})


def seconds_of(stamp: str) -> float | None:
    """``1:04:16.5`` as seconds; ``None`` for what is no time (a minute or second past 59, unless it leads)."""
    match = _STAMP.match(stamp.strip())
    if match is None:
        return None
    hours, minutes, seconds, fraction = match.groups()
    if int(seconds) > 59 or (hours is not None and int(minutes) > 59):
        return None
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + (int(fraction) / 10 ** len(fraction) if fraction else 0.0)


def clock(seconds: float) -> str:
    """Seconds as a player shows them, without fractions: ``4:16``, ``1:04:16``."""
    whole = max(0, math.floor(seconds))
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def at(url: str, seconds: float) -> str | None:
    """The address that opens a recording at a time; ``None`` for one that is not known to have such addresses.

    YouTube takes ``t`` (an embedded player ``start``), Vimeo a fragment, and an audio or video file the temporal
    fragment of W3C Media Fragments URI 1.0 (``#t=256``), which browsers follow.

    >>> at("https://www.youtube.com/watch?v=abcdefghijk", 256.9)
    'https://www.youtube.com/watch?v=abcdefghijk&t=256s'
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    whole = max(0, math.floor(seconds))
    if host == "youtu.be" or host in _YOUTUBE:
        return _youtube(parts, whole)
    if host == "vimeo.com":
        return urlunsplit(parts._replace(fragment=f"t={whole}s"))
    return urlunsplit(parts._replace(fragment=f"t={whole}")) if _MEDIA.search(parts.path) else None


def _youtube(parts: SplitResult, seconds: int) -> str | None:
    """A video at a time; ``None`` for a channel or a list."""
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in ("t", "start")]
    if (parts.hostname or "").endswith("youtu.be"):
        time = ("t", str(seconds))
    elif parts.path.startswith("/embed/"):
        time = ("start", str(seconds))
    elif parts.path == "/watch" or parts.path.startswith(("/live/", "/shorts/")):
        time = ("t", f"{seconds}s")
    else:
        return None
    return urlunsplit(parts._replace(query=urlencode([*kept, time]), fragment=""))
