"""How one archive writes its episodes, what is no story there, and what a file's name and place say of its episode."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from zunda_mcp.config.settings import ReaderSettings
from zunda_mcp.models import Problem
from zunda_mcp.reading.mapping.archive_table import WAYS, ArchiveMapping, Rule, Trace
from zunda_mcp.reading.metadata.file_names import read_name
from zunda_mcp.reading.metadata.site import Addresses
from zunda_mcp.reading.source_file import SourceFile, as_id, printable
from zunda_mcp.text.calendar_days import Order, find_day
from zunda_mcp.text.lazy_pattern import lazy_pattern

__all__ = [
    "DRAFT", "FRONT_MATTER_LIST", "HEADINGS", "JSON_LIST", "LINK_HEADS", "LIST_ITEMS", "STRATEGIES", "TIMED_HEADINGS",
    "TURNS", "WHOLE", "Conventions", "Ignored", "Origin", "Strategy", "origin_of", "section_name",
]  # fmt: skip

_SPONSOR = lazy_pattern(
    r"""
        ^\W*(?:(?:our|today.?s|this\s+(?:week|episode|month|issue).?s)\s+)?sponsors?(?:ed)?\s*(?:$|[:：–—-]|\bby\b)
      | ^\W*(?:brought\s+to\s+you\s+by|sponsored\s+(?:by|content)|a\s+word\s+from\s+our\s+sponsors?
             |thanks\s+to\s+our\s+sponsors?|(?:this|the)\s+(?:show|episode|week|issue)\s+is\s+sponsored)
      | (?:^|[-–—|(（×:：])\s*(?:\w+\s+)?sponsors?\s*[)）]?\W*$
      | ^\W*(?:スポンサー|広告|提供)\s*(?:$|[:：は])""",
    re.IGNORECASE | re.VERBOSE,
)
_LONGEST = 300
_FORM = re.compile(
    r"\w+://(?:(?:forms\.gle|form\.run|tally\.so|forms\.office\.com|form\.jotform\.com|[\w.-]+\.typeform\.com)(?![\w.-])"
    r"|docs\.google\.com/forms/)",
    re.IGNORECASE,
)
"""A form to fill in, of the services podcasts use for letters."""


class Ignored(NamedTuple):
    """What is no story in one archive: sponsor sections, contact forms, and what the user's ``patterns`` name: a piece
    of a title or URL, or with ``*`` or ``?`` in it a pattern for the whole of one; case does not matter.
    """

    patterns: tuple[str, ...] = ()

    def title(self, title: str) -> bool:
        """Whether a heading or item with this title, and what stands under it, is no story."""
        return _SPONSOR.search(title[:_LONGEST]) is not None or self._named(title)

    def url(self, url: str | None) -> bool:
        """Whether a story with this address is none."""
        return bool(url) and (_FORM.match(url or "") is not None or self._named(url or ""))

    def by_user(self, title: str, url: str | None) -> bool:
        """Whether the user's patterns alone name this story."""
        return bool(self.patterns) and (self._named(title) or self._named(url or ""))

    def _named(self, text: str) -> bool:
        folded = text.casefold()
        return any(
            fnmatchcase(folded, pattern) if set(pattern) & set("*?") else pattern in folded
            for pattern in map(str.casefold, self.patterns)
        )


DRAFT = "This page is a draft"
"""How the problem of a page begins that its author keeps back."""

LINK_HEADS, LIST_ITEMS, HEADINGS, TIMED_HEADINGS, TURNS, FRONT_MATTER_LIST, JSON_LIST, WHOLE = STRATEGIES = WAYS


@dataclass(frozen=True, slots=True)
class Strategy:
    """How the files of an archive are split into stories: one of ``STRATEGIES``, a sentence that says why, and how many
    of the files that were looked at speak for each.
    """

    name: str = LINK_HEADS
    reason: str = "No file suggests another way."
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conventions:
    """All a format needs to know of the archive a file belongs to: what a look at its files showed, and the settings.

    ``strategy`` is one of ``STRATEGIES``, ``level`` is the level of the headings that begin a story, ``settled`` says
    that two thirds of the files speak for it; ``folders`` gives another way and level for the folders, by label, whose
    files agree on it. ``undated`` says that the archive's files
    have no dates, ``bare`` that they have no front matter, ``untitled`` no titles, ``unnumbered`` that the numbers
    which some names hold are those of parts, ``misnamed`` that the days in names are not those of the front matter:
    what is usual in an archive is no problem of a file. ``people`` gives a name for a slug, ``alike`` are the labels of
    pages without a day that look
    like the others, ``sections`` the headings and names (``section_name``) that many files have.
    ``opening_days`` says that enough texts tell a day in their first lines for that to be their own.
    ``order`` is the one in which days like ``03/04/2024`` are written, ``""`` where nothing tells; ``after_year`` what
    the second number of names like ``2024-06`` is. ``mapping`` is what is declared of the file.
    """

    strategy: str = LINK_HEADS
    level: int = 2
    settled: bool = True
    folders: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    undated: bool = False
    opening_days: bool = True
    bare: bool = False
    untitled: bool = False
    unnumbered: bool = False
    misnamed: bool = False
    people: Mapping[str, str] = field(default_factory=dict)
    alike: frozenset[str] = frozenset()
    sections: frozenset[str] = frozenset()
    order: Order = ""
    after_year: str = "month"
    settings: ReaderSettings = field(default_factory=ReaderSettings)
    mapping: ArchiveMapping = field(default_factory=ArchiveMapping)

    def declared(self, mapping: ArchiveMapping) -> Conventions:
        """The same with what is declared: of an archive, or of one of its files."""
        return replace(
            self,
            mapping=mapping,
            order=mapping.order or self.order,
            strategy=mapping.stories or self.strategy,
            level=min(mapping.levels, default=self.level),
            sections=frozenset() if mapping.levels else self.sections,
        )

    def has_section(self, title: str) -> bool:
        """Whether many files have this heading, or are called so."""
        return section_name(title) in self.sections

    @property
    def date_keys(self) -> tuple[str, ...]:
        """The keys that a day stands under, where the archive's owner says so."""
        if "date" in self.mapping.rules:
            return self.mapping.keys("date") or ("",)
        return (self.settings.date_key,) if self.settings.date_key else ()

    def below(self, folder: str) -> Conventions:
        """Those of the files in a folder, by its label: the way of the nearest of ``folders`` that it lies in."""
        while folder and self.folders and not self.mapping.stories:
            if own := self.folders.get(folder):
                return replace(self, strategy=own[0], level=own[1], settled=True)
            folder = folder.rpartition("/")[0]
        return self

    @property
    def ignored(self) -> Ignored:
        """What is no story here."""
        return Ignored(self.settings.ignore)


def section_name(title: str) -> str:
    """Return a heading as those of several files are compared: case folded, without a day in it."""
    day = find_day(title) if any(map(str.isdecimal, title)) else None
    text = f"{title[: day.start]}{title[day.end :]}" if day else title
    return text.strip(_EDGES).casefold()


_EDGES = " \t*_`:：|,-–—()（）[]"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an episode comes from.

    ``id`` is the file's stem (that of its folder or of several folders where the stem alone says nothing), ``date``
    the day its name or its folders hold, ``slug`` the rest of the name, ``number`` the slug where it is nothing but
    digits after a day, ``guess`` a number the name holds otherwise, ``title`` the slug in words.
    ``metadata`` is the file beside it that is its front matter.
    ``period`` is the month or the week that the name or its folders hold where they hold no day.
    ``zone`` is the archive's time zone, ``None`` where nobody has stated one; ``transcripts`` are files that may hold
    transcripts, for a format that has several episodes in a file. ``trace`` records where fields stood.
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
    transcripts: tuple[SourceFile, ...] = ()
    period: str = ""
    metadata: Path | None = None
    trace: Trace | None = None

    @property
    def below(self) -> str:
        """The path below the source, with ``/``."""
        return self.label.partition("/")[2] or self.label

    def note(self, name: str, rule: Rule | str, line: int | None = None, value: object = "") -> None:
        """Record where a field of the episode stood."""
        if self.trace is not None:
            self.trace.note(self.id, name, rule, line, value)

    def problem(self, cause: str, *, line: int | None = None, skipped: bool = False) -> Problem:
        """Return a problem of this file."""
        return Problem(path=self.label, line=line, cause=cause, skipped=skipped)


def origin_of(
    file: SourceFile, zone: ZoneInfo | None, addresses: Addresses, conventions: Conventions, trace: Trace | None = None
) -> Origin:
    """Read a file's name and the names of the folders it lies in, down from its source."""
    folders = tuple(file.label.split("/")[1:-1])
    order, after = conventions.order, conventions.after_year
    name = read_name(as_id(printable(file.path.stem)), folders, order, after, months=not conventions.misnamed)
    return Origin(
        label=file.label,
        path=file.path,
        zone=zone,
        addresses=addresses,
        conventions=conventions.below(file.label.rpartition("/")[0]),
        transcripts=file.transcripts,
        metadata=Path(file.metadata) if file.metadata else None,
        trace=trace,
        **{**name._asdict(), "id": file.id or name.id},
    )
