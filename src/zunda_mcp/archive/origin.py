"""What a file's name and place say about its episode, before it is opened, and how its archive writes episodes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from zunda_mcp.archive.addresses import Addresses
from zunda_mcp.archive.conventions import Conventions
from zunda_mcp.archive.file_names import read_name
from zunda_mcp.archive.source_file import SourceFile, as_id, printable
from zunda_mcp.episode import Problem


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an episode comes from.

    ``id`` is the file's stem (that of its folder or of several folders where the stem alone says nothing), ``date``
    the day its name or its folders hold, ``slug`` the rest of the name, ``number`` the slug where it is nothing but
    digits after a day, ``guess`` a number the name holds otherwise, ``title`` the slug in words.
    ``zone`` is the archive's time zone, ``None`` where nobody has stated one; ``companions`` are files that may hold
    transcripts, for a format that has several episodes in a file.
    """

    label: str
    path: Path
    id: str
    date: dt.date | None
    slug: str
    number: int | None
    zone: ZoneInfo | None
    addresses: Addresses
    guess: int | None = None
    title: str = ""
    conventions: Conventions = field(default_factory=Conventions)
    companions: tuple[SourceFile, ...] = ()

    def problem(self, cause: str, *, line: int | None = None, skipped: bool = False) -> Problem:
        """Return a problem of this file."""
        return Problem(path=self.label, line=line, cause=cause, skipped=skipped)


def origin_of(
    file: SourceFile,
    zone: ZoneInfo | None,
    addresses: Addresses,
    conventions: Conventions = Conventions(),  # noqa: B008 - immutable
) -> Origin:
    """Read a file's name and the names of the folders it lies in, down from its source."""
    stem = as_id(printable(file.path.stem))
    below = tuple(file.label.split("/")[1:-1])
    name = read_name(stem, below)
    identity = file.id or name.id
    return Origin(
        file.label,
        file.path,
        identity,
        name.date,
        name.slug,
        name.number,
        zone,
        addresses,
        name.guess,
        name.title,
        conventions,
        file.companions,
    )
