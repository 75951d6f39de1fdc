"""Times in a recording: reads them from show notes and subtitles, shows them as players do, and makes links to them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from zunda_mcp.text.lazy_pattern import lazy_pattern

__all__ = [
    "NICKNAME", "STAMP", "TIME_LINK", "Timed", "leading_time", "over_the_hour", "seconds_in", "seconds_of", "timestamp",
    "trailing_time", "url_at",
]  # fmt: skip

_CLOCK = r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)(?:[.,]\d{1,3})?(?![\w:])"
_BOLD = r"(?:\*\*|__|\*|_|`)?"
_OPEN, _CLOSE = r"(?:\\?\[|[(（【<])?", r"(?:\\?\]|[)）】>])?"
_LEADING = lazy_pattern(
    rf"\s*{_BOLD}{_OPEN}{_BOLD}@?{_CLOCK}(?:\s*[-–—~〜]\s*(?:\d{{1,2}}:)?\d{{1,3}}:[0-5]\d(?![\w:]))?"
    rf"{_BOLD}{_CLOSE}(?:\([^()\s]*\))?{_BOLD}{_CLOSE}\s*(?:[-–—:：|~〜・]+(?:\s+|(?=\S)))?{_BOLD}(?<!\w)"
)
NICKNAME = lazy_pattern(r"<[ @+%]?([^<>\s]{1,30})>\s+")
"""Follows the time of day in the log of a chat: ``18:00 <ada> hi``."""
_BRACKETED = lazy_pattern(
    rf"\s*(?:\\?\[|[(（]){_CLOCK}(?:\\?\]|[)）])(?:\([^()\s]*\))?\s*$"
    rf"|\s+[-–—]*\s*(?P<mark>[*_`]{{1,2}}){_CLOCK}(?P=mark)\.?\s*$"
)
_TRAILING = lazy_pattern(rf"\s+(?:\\?\[|[(（])?{_CLOCK}(?:\\?\]|[)）])?\s*$")

_LONGEST = 80
_HOUR = 3600.0


class Timed(NamedTuple):
    """A text with its time taken off, and that time in seconds from the start of the audio."""

    text: str
    start: float


def leading_time(text: str) -> Timed | None:
    """Read ``**[00:25](#t=00:25)** topic``, ``[@2:17] - topic``, ``3:52 topic``, ``[3:52 topic](address)``; ``None``
    if the text does not begin with a time.
    """
    match = _LEADING.match(text)
    if match is None or NICKNAME.match(text, match.end()):
        return None
    rest = text[match.end() :]
    if match[0].count("[") > match[0].count("]") and "](" in rest:
        rest = f"[{rest.lstrip()}"  # the link goes on
    if rest.count("**") % 2:
        rest = rest.replace("**", "", 1)  # the other half of **00:25 topic**
    return Timed(rest.strip(), _seconds(match))


def trailing_time(text: str, *, bare: bool) -> Timed | None:
    """Read ``topic (12:30)``, and with ``bare`` also ``topic 00:01:11``; ``None`` if the text does not end so."""
    ahead = max(len(text) - _LONGEST, 0)
    match = (_TRAILING if bare else _BRACKETED).search(text[ahead:])
    return Timed(text[: ahead + match.start()].strip(), _seconds(match)) if match else None


def seconds_in(text: str) -> float | None:
    """Return the seconds of a text that is only a time: ``1:02:03``, ``02:03``, ``123``, ``123.5``; else ``None``."""
    stripped = text.strip().strip("[]()")
    match = re.fullmatch(_CLOCK, stripped)
    if match:
        return _seconds(match)
    return float(stripped) if re.fullmatch(r"\d{1,6}(?:\.\d{1,6})?", stripped, re.ASCII) else None


def _seconds(match: re.Match[str]) -> float:
    clock = [part for part in match.groups() if part is None or part.isdigit()]
    hours, minutes, seconds = (int(part or 0) for part in (clock if clock[1] else clock[-3:])[:3])
    return float(hours * 3600 + minutes * 60 + seconds)


def over_the_hour(starts: Sequence[float | None]) -> list[float | None]:
    """Return the times of topics in order, with hours added where notes write ``06:42`` after ``53:45`` for 1:06:42.

    That is so only if a time falls back by more than half an hour from the last third of an hour, and no later
    time exceeds the one before. Any other time is out of order, and stays as written.
    """
    latest = list(accumulate((start or 0.0 for start in reversed(starts)), max))[::-1]  # from each place on
    moments: list[float | None] = []
    last, hours = 0.0, 0
    for start, later in zip(starts, latest, strict=True):
        if start is None:
            moments.append(None)
            continue
        before = last - hours * _HOUR
        if start < before - _HOUR / 2 and before > _HOUR * 2 / 3 and before < _HOUR and later < before:
            hours += 1
        last = start + hours * _HOUR
        moments.append(last)
    return moments


STAMP = r"(?:\d{1,3}:)?\d{1,3}:\d{1,2}(?:[.,]\d{1,6})?"
"""A pattern for a time: ``1:04:16.5``, ``04:16,250``, ``4:16``."""
TIME_LINK = lazy_pattern(rf"\[[\[(]?({STAMP})[\])]?\]\(([^()\s]*)\)")
"""A pattern for a time that is a Markdown link, with its address: ``[(0:04:16)](https://video.example/?t=256)``."""

_STAMP = lazy_pattern(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,6}))?\Z")
_MEDIA = lazy_pattern(r"\.(?:mp3|m4a|m4b|aac|oga|ogg|opus|wav|flac|mp4|m4v|webm|mov)\Z", re.IGNORECASE)
_YOUTUBE = frozenset({"youtube.com", "m.youtube.com", "music.youtube.com", "youtube-nocookie.com"})


def seconds_of(stamp: str) -> float | None:
    """``1:04:16.5`` as seconds; ``None`` for anything else. Only the first number of a time may exceed 59."""
    match = _STAMP.match(stamp.strip())
    if match is None:
        return None
    hours, minutes, seconds, fraction = match.groups()
    if int(seconds) > 59 or (hours is not None and int(minutes) > 59):
        return None
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + (int(fraction) / 10 ** len(fraction) if fraction else 0.0)


def timestamp(seconds: float) -> str:
    """Seconds in the form that players show, without fractions: ``4:16``, ``1:04:16``."""
    whole = max(0, math.floor(seconds))
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def url_at(url: str, seconds: float) -> str | None:
    """The address that opens a recording at a time; ``None`` if none is known for this kind of address.

    YouTube takes ``t`` (an embedded player ``start``), Vimeo a fragment, and an audio or video file the temporal
    fragment of W3C Media Fragments URI 1.0 (``#t=256``), which browsers follow.

    >>> url_at("https://www.youtube.com/watch?v=abcdefghijk", 256.9)
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
    """The address of a video at a time; ``None`` for a channel or a list."""
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
