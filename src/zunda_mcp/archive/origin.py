"""What a file's name and place say about its episode, before it is opened."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from zunda_mcp.archive.addresses import Addresses
from zunda_mcp.archive.source_file import SourceFile, printable
from zunda_mcp.episode import Problem


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an episode comes from.

    ``id`` is the file's stem, ``date`` the day a name like ``2025-07-08-279`` or ``2025-07-08-title`` begins with,
    ``slug`` the rest of the name (the whole name without a date), ``number`` the slug where it is nothing but digits.
    ``zone`` is the archive's time zone, ``None`` where nobody has stated one.
    """

    label: str
    path: Path
    id: str
    date: dt.date | None
    slug: str
    number: int | None
    zone: ZoneInfo | None
    addresses: Addresses

    def problem(self, cause: str, *, line: int | None = None, skipped: bool = False) -> Problem:
        """Return a problem of this file."""
        return Problem(path=self.label, line=line, cause=cause, skipped=skipped)


def origin_of(file: SourceFile, zone: ZoneInfo | None, addresses: Addresses) -> Origin:
    """Read a file's name."""
    stem = printable(file.path.stem)
    date, slug = dated_name(stem)
    number = int(slug) if date and slug.isascii() and slug.isdigit() and len(slug) < 10 else None
    return Origin(file.label, file.path, stem, date, slug, number, zone, addresses)


def dated_name(stem: str) -> tuple[dt.date | None, str]:
    """Split ``2025-07-08-279`` into its day and ``279``; a name without a real day is all slug."""
    parts = stem.split("-", 3)
    if len(parts) < 3 or len(parts[0]) != 4 or not all(part.isascii() and part.isdigit() for part in parts[:3]):
        return None, stem
    try:
        return dt.date(*map(int, parts[:3])), parts[3] if len(parts) > 3 else ""
    except ValueError:
        return None, stem
