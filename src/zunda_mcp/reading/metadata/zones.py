"""The time zone that an archive's days are counted in: by its name, and as its dates show it where nobody names one."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable
from zoneinfo import ZoneInfo

__all__ = ["usual_zone", "zone_called", "zone_name", "zone_named"]

_OFFSET = re.compile(r"UTC([+-])([0-9]{2}):([0-9]{2})")


def zone_name(zone: dt.tzinfo | None) -> str:
    """The name of a zone that ``zone_called`` finds again: ``Asia/Tokyo``, ``UTC+09:00`` or ``UTC``."""
    if isinstance(zone, ZoneInfo):
        return zone.key
    offset = zone.utcoffset(None) if zone else None
    return str(dt.timezone(dt.timedelta(minutes=round(offset.total_seconds() / 60)))) if offset else "UTC"


def zone_called(name: str) -> dt.tzinfo:
    """The zone of this name (IANA, or ``UTC+09:00``); UTC where this machine knows none of that name."""
    if match := _OFFSET.fullmatch(name):
        sign = -1 if match[1] == "-" else 1
        return dt.timezone(sign * dt.timedelta(hours=int(match[2]), minutes=int(match[3])))
    return zone_named(name) or dt.UTC


def usual_zone(zones: Iterable[tuple[str, int]]) -> str:
    """The zone that most episodes are dated in, of names with how many; ``""`` where none says."""
    counts: Counter[str] = Counter()
    for name, number in zones:
        counts[name] += number
    counts.pop("", None)
    return max(counts, key=lambda name: (counts[name], name)) if counts else ""


def zone_named(name: str | None) -> ZoneInfo | None:
    """Return a time zone by its IANA name (``Asia/Tokyo``), ``None`` if there is none of that name."""
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        return None
