"""Times within the audio, as show notes write them before or behind a topic."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

_CLOCK = r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)(?:[.,]\d{1,3})?(?![\w:])"
_BOLD = r"(?:\*\*|__|\*|_|`)?"
_OPEN, _CLOSE = r"(?:\\?\[|[(（【<])?", r"(?:\\?\]|[)）】>])?"
_LEADING = re.compile(
    rf"\s*{_BOLD}{_OPEN}{_BOLD}@?{_CLOCK}(?:\s*[-–—~〜]\s*(?:\d{{1,2}}:)?\d{{1,3}}:[0-5]\d(?![\w:]))?"
    rf"{_BOLD}{_CLOSE}(?:\([^()\s]*\))?{_BOLD}{_CLOSE}\s*(?:[-–—:：|~〜・]+(?:\s+|(?=\S)))?{_BOLD}(?<!\w)"
)
_BRACKETED = re.compile(rf"\s*(?:\\?\[|[(（]){_CLOCK}(?:\\?\]|[)）])(?:\([^()\s]*\))?\s*$")
_TRAILING = re.compile(rf"\s+(?:\\?\[|[(（])?{_CLOCK}(?:\\?\]|[)）])?\s*$")

_LONGEST = 80
_HOUR = 3600.0


class Timed(NamedTuple):
    """A text without its time, and the time in seconds into the audio."""

    text: str
    start: float


def leading_time(text: str) -> Timed | None:
    """Read ``**[00:25](#t=00:25)** topic``, ``[@2:17] - topic``, ``3:52 topic``; ``None`` where no time begins it."""
    match = _LEADING.match(text)
    if match is None:
        return None
    rest = text[match.end() :]
    if rest.count("**") % 2:
        rest = rest.replace("**", "", 1)  # the other half of **00:25 topic**
    return Timed(rest.strip(), _seconds(match))


def trailing_time(text: str, *, bare: bool) -> Timed | None:
    """Read ``topic (12:30)``, and where ``bare`` allows it ``topic 00:01:11``."""
    ahead = max(len(text) - _LONGEST, 0)
    match = (_TRAILING if bare else _BRACKETED).search(text[ahead:])
    return Timed(text[: ahead + match.start()].strip(), _seconds(match)) if match else None


def clock(text: str) -> float | None:
    """Read a time alone: ``1:02:03``, ``02:03``, or seconds (``123``, ``123.5``)."""
    stripped = text.strip().strip("[]()")
    match = re.fullmatch(_CLOCK, stripped)
    if match:
        return _seconds(match)
    return float(stripped) if re.fullmatch(r"\d{1,6}(?:\.\d{1,6})?", stripped, re.ASCII) else None


def _seconds(match: re.Match[str]) -> float:
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return float(hours * 3600 + minutes * 60 + seconds)


def over_the_hour(starts: Sequence[float | None]) -> list[float | None]:
    """Times of topics in their order, where notes go on with ``06:42`` behind ``53:45`` and mean 1:06:42.

    Only where a time falls back by more than half an hour, from the last third of an hour, and no later time is beyond
    the one before: else it is out of order, and stays as written.
    """
    latest = list(accumulate((start or 0.0 for start in reversed(starts)), max))[::-1]  # from each place on
    found: list[float | None] = []
    last, hours = 0.0, 0
    for start, later in zip(starts, latest, strict=True):
        if start is None:
            found.append(None)
            continue
        before = last - hours * _HOUR
        if start < before - _HOUR / 2 and before > _HOUR * 2 / 3 and before < _HOUR and later < before:
            hours += 1
        last = start + hours * _HOUR
        found.append(last)
    return found
