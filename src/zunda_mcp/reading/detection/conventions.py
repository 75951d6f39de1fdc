"""How one archive writes its episodes, what is not a story, and what a file's name and folders say of its episode."""

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
"""Addresses of forms at the services that podcasts use for letters."""


class Ignored(NamedTuple):
    """What is not a story in one archive: sponsor sections, contact forms, and what the user's ``patterns`` match. A
    pattern is a part of a title or URL or, with ``*`` or ``?`` in it, a glob for all of one. Case does not matter.
    """

    patterns: tuple[str, ...] = ()

    def title(self, title: str) -> bool:
        """Whether a heading or item with this title, and what is under it, is not a story."""
        return _SPONSOR.search(title[:_LONGEST]) is not None or self._named(title)

    def url(self, url: str | None) -> bool:
        """Whether an item with this address is not a story."""
        return bool(url) and (_FORM.match(url or "") is not None or self._named(url or ""))

    def by_user(self, title: str, url: str | None) -> bool:
        """Whether one of the user's patterns matches a story with this title and address."""
        return bool(self.patterns) and (self._named(title) or self._named(url or ""))

    def _named(self, text: str) -> bool:
        folded = text.casefold()
        return any(
            fnmatchcase(folded, pattern) if set(pattern) & set("*?") else pattern in folded
            for pattern in map(str.casefold, self.patterns)
        )


DRAFT = "This page is a draft"
"""How the problem of a page that its author has not published begins."""

LINK_HEADS, LIST_ITEMS, HEADINGS, TIMED_HEADINGS, TURNS, FRONT_MATTER_LIST, JSON_LIST, WHOLE = STRATEGIES = WAYS


@dataclass(frozen=True, slots=True)
class Strategy:
    """How the files of an archive are split into stories: the ``name`` is one of ``STRATEGIES``, the ``reason`` a
    sentence, and ``counts`` the number of files that vote for each strategy.
    """

    name: str = LINK_HEADS
    reason: str = "No file suggests another way."
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conventions:
    """What a format needs to know about the archive of a file: what a look at its files showed, and the settings.

    ``strategy`` is one of ``STRATEGIES``, ``level`` the level of the headings that begin a story, and ``settled`` says
    that two thirds of the files vote for the strategy. ``folders`` are the folders, by label, whose files agree on
    another strategy and level. What is usual in an archive is not a problem of a file, so these say what most files
    lack: ``undated`` a date, ``bare`` front matter, ``untitled`` a title. ``unnumbered`` says that numbers in names are
    not those of episodes, ``misnamed`` that days in names differ from those in the front matter, ``opening_days`` that
    enough texts state their day in the first lines. ``people`` are names by slug, ``alike`` the labels of pages without
    a day that look like the others, ``sections`` the headings and names (``section_name``) that many files have.
    ``order`` is the order in days like ``03/04/2024``, ``""`` if unknown, and ``after_year`` what the second number in
    names like ``2024-06`` is. ``mapping`` is what the archive declares for the file.
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
        """Return these conventions with what an archive declares for all its files or for one of them."""
        return replace(
            self,
            mapping=mapping,
            order=mapping.order or self.order,
            strategy=mapping.stories or self.strategy,
            level=min(mapping.levels, default=self.level),
            sections=frozenset() if mapping.levels else self.sections,
        )

    def has_section(self, title: str) -> bool:
        """Whether many files have this heading or name."""
        return section_name(title) in self.sections

    @property
    def date_keys(self) -> tuple[str, ...]:
        """The front matter keys of the date that the archive's table or the settings name, if any."""
        if "date" in self.mapping.rules:
            return self.mapping.keys("date") or ("",)
        return (self.settings.date_key,) if self.settings.date_key else ()

    def below(self, folder: str) -> Conventions:
        """Return the conventions of files in a folder, by its label: those of the nearest of ``folders``, if any."""
        while folder and self.folders and not self.mapping.stories:
            if own := self.folders.get(folder):
                return replace(self, strategy=own[0], level=own[1], settled=True)
            folder = folder.rpartition("/")[0]
        return self

    @property
    def ignored(self) -> Ignored:
        """What is not a story in this archive."""
        return Ignored(self.settings.ignore)


def section_name(title: str) -> str:
    """Return a heading in the form used to compare files: case folded and without a day."""
    day = find_day(title) if any(map(str.isdecimal, title)) else None
    text = f"{title[: day.start]}{title[day.end :]}" if day else title
    return text.strip(_EDGES).casefold()


_EDGES = " \t*_`:：|,-–—()（）[]"


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that an episode comes from, and what its name and folders say.

    ``id`` is the file's stem, or the name of one or several of its folders if the stem is a generic one. ``date`` is
    the day in its name or folders, ``period`` the month or week if there is no day. ``slug`` is the rest of the name,
    ``title`` the slug in words, ``number`` the slug if it is only digits after a day, and ``guess`` any other number in
    the name. ``zone`` is the archive's time zone, ``None`` if none is stated. ``metadata`` is a separate file with its
    front matter. ``transcripts`` are files that may be transcripts, for formats with several episodes in a file.
    ``trace`` records where fields were found.
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
        """The path of the file relative to its source, with ``/``."""
        return self.label.partition("/")[2] or self.label

    def note(self, name: str, rule: Rule | str, line: int | None = None, value: object = "") -> None:
        """Record where a field of the episode was found."""
        if self.trace is not None:
            self.trace.note(self.id, name, rule, line, value)

    def problem(self, cause: str, *, line: int | None = None, skipped: bool = False) -> Problem:
        """Return a problem of this file."""
        return Problem(path=self.label, line=line, cause=cause, skipped=skipped)


def origin_of(
    file: SourceFile, zone: ZoneInfo | None, addresses: Addresses, conventions: Conventions, trace: Trace | None = None
) -> Origin:
    """Return the origin of a file, read from its name and the names of its folders below the source."""
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
