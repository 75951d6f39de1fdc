"""Learns from the files of an archive how they are written.

The files of a folder are split in the way that most of them vote for, since a choice for each file alone would flip
between ways that look alike. If they do not agree, each file is split in its own way (``splitting.strategies``). Every
file is looked at, and its evidence is kept, so that the next look opens only new and changed files.

The result is the profile of an archive. It depends on the files as they are, never on the order in which they came.
When its digest changes, every file of the archive has to be read again.
"""

from __future__ import annotations

import hashlib
import heapq
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from math import inf
from typing import Any, Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from zunda_mcp.reading.detection import conventions as ways
from zunda_mcp.reading.detection.conventions import STRATEGIES, Conventions, Strategy
from zunda_mcp.reading.metadata.file_names import after_year
from zunda_mcp.reading.metadata.site import Configuration
from zunda_mcp.reading.source_file import SourceFile
from zunda_mcp.text.calendar_days import Order, short_order

__all__ = [
    "LONGEST", "Evidence", "Profile", "Survey", "Thing", "Witness", "digest_of", "sample", "survey",
]  # fmt: skip

Thing = TypeVar("Thing")

_SAMPLE = 40
"""How many items of a feed are looked at, or files if a sample must do."""

LONGEST = 200_000
"""How many characters of a file are looked at."""

_OFTEN = 12
"""A heading in this many files is a section even in a large archive; ``draft`` has the same number for links."""

_FEW = 8
"""The least number of votes with which the files of one folder can have their own strategy."""

_LEVELLED = (ways.HEADINGS, ways.TIMED_HEADINGS)
_NAMES = {
    ways.LINK_HEADS: "have stories that begin with a line that is one link",
    ways.LIST_ITEMS: "are lists whose items are the stories",
    ways.HEADINGS: "have stories under headings",
    ways.TIMED_HEADINGS: "have stories under headings with a time",
    ways.TURNS: "are transcripts by speaker",
    ways.FRONT_MATTER_LIST: "name their stories in the front matter",
    ways.JSON_LIST: "are JSON lists",
    ways.WHOLE: "have nothing to split: the episode is the unit",
}


class Evidence(NamedTuple):
    """What one file shows about its archive.

    ``vote`` is the strategy it suggests, ``None`` if it could be any. ``page`` says that it is a page, ``matter`` that
    it has front matter, ``titled`` that no title is missing there, ``dated`` that it has a day. ``levels`` are the
    levels of headings with text of their own, ``keys`` those of the front matter except title and date, ``headings``
    the texts of all headings, and ``name`` the file name as a title; both are case folded. ``order`` is the only order
    in which its day in numbers makes sense, ``short`` a text with a day whose year has two digits, ``guess`` the number
    that its name seems to contain. ``misnamed`` says that its name has another day than its front matter, ``None`` that
    they cannot be compared. ``opening`` says that it is a plain text whose first lines state its day.
    """

    vote: str | None = None
    page: bool = False
    matter: bool = False
    titled: bool = False
    dated: bool = False
    levels: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    order: Order = ""
    guess: int | None = None
    name: str = ""
    short: str = ""
    misnamed: bool | None = None
    opening: bool = False


class Survey(NamedTuple):
    """What a look at an archive showed: how its files are split, and its conventions apart from the settings."""

    strategy: Strategy = Strategy()
    conventions: Conventions = Conventions()

    def as_dict(self) -> dict[str, Any]:
        """Return the survey as plain JSON values."""
        names = [one.name for one in fields(Conventions) if one.name not in _NOT_KEPT]
        kept = {name: getattr(self.conventions, name) for name in names}
        return {**kept, "strategy": asdict(self.strategy), **{name: sorted(kept[name]) for name in _SETS}}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Survey:
        """Make a survey from what ``as_dict`` returned. Raises ``KeyError``, ``TypeError`` or ``ValueError``."""
        strategy = Strategy(**kept["strategy"])
        folders = {folder: (name, level) for folder, (name, level) in kept["folders"].items()}
        sets = {name: frozenset(kept[name]) for name in _SETS}
        return cls(strategy, Conventions(**{**kept, **sets, "folders": folders, "strategy": strategy.name}))


_SETS = ("alike", "sections")
_NOT_KEPT = ("strategy", "settings", "mapping")


def sample(things: Sequence[Thing], name: Callable[[Thing], str], size: int = _SAMPLE) -> list[Thing]:
    """Return up to ``size`` of these in their order: those whose names have the smallest digests, so that a new one
    replaces at most one.
    """
    if len(things) <= size:
        return list(things)

    def digest(thing: Thing) -> bytes:
        return hashlib.blake2b(name(thing).encode("utf-8", "surrogatepass"), digest_size=8).digest()

    chosen = set(map(name, heapq.nsmallest(size, things, key=digest)))
    return [thing for thing in things if name(thing) in chosen]


def survey(
    evidence: Sequence[Evidence],
    people: Mapping[str, str],
    wanted: str | None,
    what: str = "files",
    labels: Sequence[str] = (),
) -> Survey:
    """Return what the evidence shows: of files with these ``labels``, or of the items of a feed. ``what`` is the word
    for them in sentences, ``wanted`` the strategy that the settings name.
    """
    votes = _Votes()
    for one in evidence:
        votes.add(one)
    pages = [one for one in evidence if one.page]
    sections = _steady((one.headings for one in pages or evidence), lambda files: min(_OFTEN, max(2, files / 5)))
    named = _steady(((one.name,) if one.name else () for one in pages), lambda files: min(_OFTEN, max(4, files / 4)))
    shorts = [one.short for one in evidence]
    highest = max(map(after_year, labels), default=0)  # numbers of weeks go up to 52 or 53
    guesses = [one.guess for one in pages if one.guess is not None]
    differ = len({*guesses}) * 4 > len(guesses) * 3  # distinct were 9 of a show's 11 numbers, 5 of 14 parts and years
    strategy = _strategy(votes, wanted, what, sections)
    conventions = Conventions(
        strategy=strategy.name,
        level=votes.levels.name or 2 if strategy.name in _LEVELLED else 2,
        settled=bool(wanted) or votes.agree,
        folders={} if wanted else _differing(evidence, labels, strategy.name),
        undated=_most(evidence, lambda one: not one.dated),
        opening_days=bool(_steady(([True] if one.opening else [] for one in evidence), lambda files: files / 10)),
        bare=_most(pages, lambda one: not one.matter),
        untitled=_most([one for one in pages if one.matter], lambda one: not one.titled),
        unnumbered=_most(pages, lambda one: one.guess is None) and not differ,
        misnamed=_most([one for one in pages if one.misnamed is not None], lambda one: bool(one.misnamed)),
        people=dict(people),
        alike=_alike(evidence, labels, frozenset(_steady((one.keys for one in pages), _majority)), sections),
        sections=frozenset((*sections, *named)),
        order=_order([one.order for one in evidence if one.order]) or short_order([*filter(None, shorts)]),
        after_year="month" if highest <= 12 else "week" if 48 <= highest <= 53 else "",
    )
    return Survey(strategy, conventions)


# --- evidence with a margin
# Files are looked at in order, and what they have shown so far stays until the evidence against it is clear. So the
# outcome depends only on the files, and one more file seldom changes how all others are read.

_STAYS = 0.8
"""What has reached its threshold stays until it falls below this share of it."""

_LEAD = 1.25
"""A challenger replaces the leader when it has more than this many times the leader's count, and one more."""


class _Leader(Generic[Thing]):
    """The name that most files give."""

    def __init__(self, rank: Callable[[Thing], int] = lambda _: 0) -> None:
        self.counts: Counter[Thing] = Counter()
        self.name: Thing | None = None
        self._rank = rank  # between equal counts, the lower rank wins

    def add(self, names: Collection[Thing]) -> None:
        """Count the names that one file gives."""
        self.counts.update(names)
        best = min(names, key=lambda one: (-self.counts[one], self._rank(one)), default=None)
        if best is not None and (self.name is None or self.counts[best] > self.counts[self.name] * _LEAD + 1):
            self.name = best


def _steady(files: Iterable[Collection[Thing]], enough: Callable[[int], float]) -> tuple[Thing, ...]:
    """Return what at least ``enough(number of files)`` files have, the most frequent first."""
    counts: Counter[Thing] = Counter()
    steady: set[Thing] = set()
    least = 0.0
    for number, names in enumerate(files, start=1):
        own, before, least = set(names), least, enough(number)
        counts.update(own)
        steady |= {one for one in own if counts[one] >= least}
        if least != before:
            steady -= {one for one in steady if counts[one] < least * _STAYS}
    return tuple(sorted(steady, key=lambda one: (-counts[one], str(one))))


def _majority(files: int) -> float:
    """Return the majority of this many files; infinity for fewer than three."""
    return files // 2 + 1 if files >= 3 else inf


def _most(evidence: Sequence[Evidence], holds: Callable[[Evidence], bool]) -> bool:
    """Whether something holds for most files."""
    return bool(_steady(([True] if holds(one) else [] for one in evidence), _majority))


class _Votes:
    """The votes of several files for a strategy and for a level of headings."""

    def __init__(self) -> None:
        self.levels = _Leader[int](int)
        self.files = 0
        self.agree = True
        self._ways = _Leader[str](STRATEGIES.index)
        self._others: Counter[str] = Counter()
        self._decide = self._turns = False

    def add(self, one: Evidence) -> None:
        """Count the votes of one file. A file with nothing to split says nothing about the others, and a transcript is
        split as one in any archive, so a tenth of the files is enough to win against these two votes.
        """
        self.files += 1
        self.levels.add(one.levels)
        if one.vote in (ways.WHOLE, ways.TURNS):
            self._others[one.vote] += 1
        elif one.vote:
            self._ways.add([one.vote])
        deciding = self._ways.counts.total()
        self._decide = _reaches(deciding, max(1, self.files / 10), before=self._decide)
        self._turns = _reaches(self._others[ways.TURNS], max(1, self.files / 10), before=self._turns)
        votes = self._ways.counts[self._ways.name] if self._ways.name else 0
        self.agree = not self._decide or _reaches(votes, deciding * 2 / 3, before=self.agree)

    @property
    def counts(self) -> dict[str, int]:
        """Votes for each strategy, most first; equal ones in the order of ``STRATEGIES``."""
        pairs = (self._ways.counts + self._others).items()
        return dict(sorted(pairs, key=lambda pair: (-pair[1], STRATEGIES.index(pair[0]))))

    @property
    def deciding(self) -> int:
        """The number of votes for the strategies that decide; 0 if these are too few."""
        return self._ways.counts.total() if self._decide else 0

    @property
    def winner(self) -> str:
        """The strategy with the most votes that decide; ``""`` without any vote."""
        if self._decide and self._ways.name:
            return self._ways.name
        return ways.TURNS if self._turns else next(iter(self.counts), "")


def _reaches(value: float, bound: float, *, before: bool) -> bool:
    return value >= bound * (_STAYS if before else 1)


def _order(shown: Sequence[Order]) -> Order:
    """Return the order of days that more than nine tenths of the files show, else ``""``; the rest are slips."""
    return next((order for order in set(shown) if shown.count(order) * 10 > len(shown) * 9), "")


def _alike(
    evidence: Sequence[Evidence], labels: Sequence[str], keys: Collection[str], sections: Collection[str]
) -> frozenset[str]:
    """Return the pages without a day that look like the others: they have a title and most of the usual keys, or two of
    the headings that many files have, or one and a number in their name.
    """

    def is_like(one: Evidence) -> bool:
        own = len({*one.keys}.intersection(keys))
        titled = one.matter and one.titled and bool(keys) and own * 2 > len(keys)
        return titled or len({*one.headings}.intersection(sections)) >= (2 if one.guess is None else 1)

    pairs = zip(evidence, labels, strict=False)
    return frozenset(label for one, label in pairs if not one.dated and is_like(one))


def _differing(evidence: Sequence[Evidence], labels: Sequence[str], usual: str) -> dict[str, tuple[str, int]]:
    """Return the folders whose files agree on another strategy than the folder above: at least ``_FEW`` votes, two
    thirds of them. So an archive is split the same whether it is opened at its root or at such a folder.
    """
    by_folder: defaultdict[str, _Votes] = defaultdict(_Votes)
    for one, label in zip(evidence, labels, strict=False):
        steps = label.split("/")
        for depth in range(1, len(steps)):
            by_folder["/".join(steps[:depth])].add(one)
    differing: dict[str, tuple[str, int]] = {}
    for folder, votes in sorted(by_folder.items()):
        if votes.deciding >= _FEW and votes.agree:
            above = folder.rpartition("/")[0]
            while above and above not in differing:
                above = above.rpartition("/")[0]
            if votes.winner != (differing[above][0] if above else usual):
                differing[folder] = votes.winner, votes.levels.name or 2
    return differing


def _strategy(votes: _Votes, wanted: str | None, what: str, sections: Sequence[str]) -> Strategy:
    counts = votes.counts
    name = wanted or votes.winner
    if not name:
        return Strategy()
    listed = ", ".join(f"{other} {number}" for other, number in counts.items() if wanted or other != name)
    if wanted:
        reason = "The settings say so." + (f" Of {votes.files} {what} looked at: {listed}." if counts else "")
    else:
        others = f" (others: {listed})" if listed else ""
        reason = f"{counts[name]} of {votes.files} {what} looked at {_NAMES[name]}{others}."
    if name not in (ways.LINK_HEADS, ways.WHOLE, ways.TURNS):
        reason += " Sponsors and contact forms are left out."
    if sections and name == ways.HEADINGS:
        shown = ", ".join(sections[:3])
        reason += f" Headings that many {what} have ({shown}) are sections: what has an address there is a story."
    return Strategy(name, reason, counts)


# --- the profile


class Witness(NamedTuple):
    """What one file showed when it had this size, time and id: for a ``feed`` the evidence of each of its items, else
    its own evidence, if any; for a file of people the slug and name of each.
    """

    size: int
    mtime_ns: int
    id: str = ""
    feed: bool = False
    evidence: tuple[Evidence, ...] = ()
    people: tuple[tuple[str, str], ...] = ()

    def fits(self, file: SourceFile) -> bool:
        """Whether the file still has the same size, time and id."""
        return (self.size, self.mtime_ns, self.id) == (file.size, file.mtime_ns, file.id)


@dataclass(frozen=True, slots=True)
class Profile:
    """How the files of one archive are read. ``key`` is a digest of the files it was made from and their states,
    ``digest`` one of the result. ``unread`` are labels of files that cannot be read now, so an earlier look counts.
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
    """Return a digest of plain data, in hex."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
