"""The profile of an archive: all that its files and its configuration together say of how each file is read.

It depends on the files as they are, never on the order in which they came: what each of them shows (its evidence) is
kept with its size and time, so that an unchanged file is not opened again. Where the digest of a profile changes, every
file of the archive is to be read anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from zunda_mcp.reading.detection.conventions import Conventions
from zunda_mcp.reading.detection.survey import Evidence, Survey
from zunda_mcp.reading.metadata.site import Configuration
from zunda_mcp.reading.source_file import SourceFile

__all__ = ["Profile", "Witness", "digest_of"]


class Witness(NamedTuple):
    """What one file showed when it had this size, time and id: evidence of each of its items where it is a ``feed``,
    else of itself, if at all; of a file of people ``person``, the name of the person.
    """

    size: int
    mtime_ns: int
    id: str = ""
    feed: bool = False
    evidence: tuple[Evidence, ...] = ()
    person: str = ""

    def fits(self, file: SourceFile) -> bool:
        """Whether the file is still as it was."""
        return (self.size, self.mtime_ns, self.id) == (file.size, file.mtime_ns, file.id)

    def as_row(self) -> list[Any]:
        """Return this as JSON can hold it."""
        return [*self[:4], [one.as_row() for one in self.evidence], self.person]

    @classmethod
    def of_row(cls, row: list[Any]) -> Witness:
        """Make a witness of what ``as_row`` gave; raises ``TypeError`` or ``ValueError`` for anything else."""
        size, mtime_ns, identity, feed, evidence, person = row
        return cls(size, mtime_ns, identity, feed, tuple(map(Evidence.of_row, evidence)), person)


@dataclass(frozen=True, slots=True)
class Profile:
    """How the files of one archive are read. ``key`` tells from which states of which files it was made, ``digest``
    what came of it. ``unread`` are labels of files that could not be looked at now; for them an earlier look counts.
    """

    key: str
    digest: str
    survey: Survey
    conventions: Conventions
    configuration: Configuration
    zone: ZoneInfo | None
    language: str | None
    witnesses: Mapping[str, Witness] = field(default_factory=dict)
    unread: tuple[str, ...] = ()


def digest_of(*parts: object) -> str:
    """A digest of plain data."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
