"""A look at an archive's files, to learn how they are written.

The files of a folder are split in the way that most of them speak for: chosen for each file alone, it would flip
between ways that look alike. Where most do not agree, each file is split in its own (``splitting.strategies``). Every
file is looked at, and what it says is kept, so that a look opens only what is new.

What comes of it is the profile of an archive. It depends on the files as they are, never on the order in which they
came. Where its digest changes, every file of the archive is to be read anew.
"""

from __future__ import annotations

import hashlib
import heapq
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field, fields
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from zunda_mcp.reading.detection import conventions as ways
from zunda_mcp.reading.detection.conventions import STRATEGIES, Conventions, Strategy
from zunda_mcp.reading.metadata.site import Configuration
from zunda_mcp.reading.source_file import SourceFile
from zunda_mcp.text.calendar_days import Order

__all__ = [
    "LONGEST",
    "SAMPLE",
    "Evidence",
    "Profile",
    "Survey",
    "Thing",
    "Witness",
    "digest_of",
    "sample",
    "spread",
    "survey",
]

Thing = TypeVar("Thing")

SAMPLE = 40
"""So many items of a feed are looked at, or files where a glance must do."""

LONGEST = 200_000
"""Characters of a file that are looked at."""

_OFTEN = 12
"""A heading that so many files have is a section even in a large archive, as a link is boilerplate (``draft``)."""

_FEW = 8
"""From so many files on, those of one folder can have a way of their own."""

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


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one file shows of the archive it is from.

    ``vote`` is the strategy it speaks for, ``None`` where it could be any. ``page`` says that it has a body, ``matter``
    that it has front matter, ``titled`` that a title is not missing there, ``dated`` that it has a day; ``levels`` are
    those of the headings that have text of their own, ``keys`` those of the front matter beside title and date,
    ``headings`` the words of all headings, case folded. ``order`` is the one in which its day in numbers can only be
    written.
    """

    vote: str | None = None
    page: bool = False
    matter: bool = False
    titled: bool = False
    dated: bool = False
    levels: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()
    headings: frozenset[str] = frozenset()
    order: Order = ""

    def as_row(self) -> list[Any]:
        """Return this as JSON can hold it."""
        return [sorted(value) if isinstance(value, frozenset) else value for value in astuple(self)]

    @classmethod
    def of_row(cls, row: list[Any]) -> Evidence:
        """Make evidence of what ``as_row`` gave; raises ``TypeError`` or ``ValueError`` for anything else."""
        vote, page, matter, titled, dated, levels, keys, headings, order = row
        return cls(vote, page, matter, titled, dated, tuple(levels), tuple(keys), frozenset(headings), order)


@dataclass(frozen=True, slots=True)
class Survey:
    """What a look at an archive showed: how its files are split, and how else they are written, settings apart."""

    strategy: Strategy = field(default_factory=Strategy)
    conventions: Conventions = field(default_factory=Conventions)

    def as_dict(self) -> dict[str, Any]:
        """Return this as JSON can hold it."""
        names = [one.name for one in fields(Conventions) if one.name not in _NOT_KEPT]
        kept = {name: getattr(self.conventions, name) for name in names}
        return {**kept, "strategy": asdict(self.strategy), "sections": sorted(self.conventions.sections)}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Survey:
        """Make a survey of what ``as_dict`` gave; raises ``KeyError`` or ``TypeError`` for anything else."""
        strategy = Strategy(**kept["strategy"])
        folders = {folder: (name, level) for folder, (name, level) in kept["folders"].items()}
        lists = {"usual_keys": tuple(kept["usual_keys"]), "sections": frozenset(kept["sections"]), "folders": folders}
        return cls(strategy, Conventions(**{**kept, **lists, "strategy": strategy.name}))


_NOT_KEPT = ("strategy", "sections", "settings", "mapping")


def sample(files: Sequence[SourceFile], size: int = SAMPLE) -> list[SourceFile]:
    """Return up to ``size`` of these in their order: those whose labels have the smallest digests."""
    if len(files) <= size:
        return list(files)

    def place(label: str) -> bytes:
        return hashlib.blake2b(label.encode("utf-8", "surrogatepass"), digest_size=8).digest()

    chosen = set(heapq.nsmallest(size, (file.label for file in files), key=place))
    return [file for file in files if file.label in chosen]


def spread(things: Sequence[Thing], size: int) -> list[Thing]:
    """Return up to ``size`` of these, spread evenly."""
    if len(things) <= size:
        return list(things)
    return [things[place * len(things) // size] for place in range(size)]


def survey(
    evidence: Sequence[Evidence],
    people: Mapping[str, str],
    wanted: str | None,
    what: str = "files",
    folders: Sequence[str] = (),
) -> Survey:
    """Draw the conclusion from the evidence of files, each from one of ``folders`` (labels), or of the items of a feed
    (``what``). ``wanted`` is the strategy the settings name.
    """
    votes = _Votes()
    for one in evidence:
        votes.add(one)
    pages = [one for one in evidence if one.page]
    keys = Counter(key for one in pages for key in one.keys)
    orders = {one.order for one in evidence if one.order}
    sections = _sections(pages or evidence)
    strategy = _strategy(votes, wanted, what, sections)
    conventions = Conventions(
        strategy=strategy.name,
        level=votes.level if strategy.name in _LEVELLED else 2,
        settled=bool(wanted) or votes.agree,
        second="" if wanted or votes.agree else votes.second,
        folders={} if wanted else _differing(evidence, folders, strategy.name),
        undated=_most(evidence, lambda one: not one.dated),
        bare=_most(pages, lambda one: not one.matter),
        untitled=_most([one for one in pages if one.matter], lambda one: not one.titled),
        people=dict(people),
        usual_keys=tuple(sorted(key for key, count in keys.items() if len(pages) >= 3 and count * 2 > len(pages))),
        sections=frozenset(sections),
        order=orders.pop() if len(orders) == 1 else "",
    )
    return Survey(strategy, conventions)


class _Votes:
    """The votes of some files: for which way of splitting, and for which level of headings."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._levels: Counter[int] = Counter()
        self.files = 0

    def add(self, one: Evidence) -> None:
        """Count what one file says."""
        self.files += 1
        self._levels.update(one.levels)
        if one.vote:
            self.counts[one.vote] += 1

    @property
    def level(self) -> int:
        """The level of most headings with text of their own."""
        return max(self._levels, key=lambda level: (self._levels[level], -level)) if self._levels else 2

    @property
    def ordered(self) -> dict[str, int]:
        """The ways from the most to the fewest votes; of as many, in the order of ``STRATEGIES``."""
        return dict(sorted(self.counts.items(), key=lambda pair: (-pair[1], STRATEGIES.index(pair[0]))))

    @property
    def deciding(self) -> dict[str, int]:
        """The votes that decide. A file with nothing to split says nothing of those that have, and a transcript is
        split as one in any archive, so a tenth of the files is enough to win against these two.
        """
        votes = {name: count for name, count in self.ordered.items() if name not in (ways.WHOLE, ways.TURNS)}
        return votes if sum(votes.values()) * 10 >= self.files else {}

    @property
    def winner(self) -> str:
        """The way most files speak for; without a vote ``""``."""
        turns = self.counts[ways.TURNS] * 10 >= self.files and self.counts[ways.TURNS] > 0
        rest = ways.TURNS if turns else next(iter(self.ordered), "")
        return next(iter(self.deciding), rest)

    @property
    def agree(self) -> bool:
        """Whether the winner has two thirds of the votes that decide."""
        return self.counts[self.winner] * 3 >= sum(self.deciding.values()) * 2

    @property
    def second(self) -> str:
        """The way with the most deciding votes next to the winner, ``""`` without one."""
        return next((name for name in self.deciding if name != self.winner), "")


def _differing(evidence: Sequence[Evidence], folders: Sequence[str], usual: str) -> dict[str, tuple[str, int]]:
    """The folders whose files agree on another way than what they lie in: ``_FEW`` files, two thirds of them. So an
    archive is split the same whether it is opened at its root or at such a folder.
    """
    by_folder: dict[str, _Votes] = {}
    for one, folder in zip(evidence, folders, strict=False):
        steps = folder.split("/")
        for depth in range(1, len(steps) + 1):
            by_folder.setdefault("/".join(steps[:depth]), _Votes()).add(one)
    differing: dict[str, tuple[str, int]] = {}
    for folder, votes in sorted(by_folder.items()):
        if sum(votes.deciding.values()) >= _FEW and votes.agree:
            above = folder.rpartition("/")[0]
            while above and above not in differing:
                above = above.rpartition("/")[0]
            if votes.winner != (differing[above][0] if above else usual):
                differing[folder] = votes.winner, votes.level
    return differing


def _sections(pages: Sequence[Evidence]) -> tuple[str, ...]:
    """Return the headings that at least two files have and a fifth of all, or ``_OFTEN``; the usual ones first. So the
    second file of an archive may change the first, and no later one does.
    """
    counts = Counter(heading for one in pages for heading in one.headings)
    least = min(_OFTEN, max(2, len(pages) / 5))
    many = sorted((-count, heading) for heading, count in counts.items() if count >= least)
    return tuple(heading for _, heading in many)


def _most(evidence: Sequence[Evidence], holds: Callable[[Evidence], bool]) -> bool:
    """Whether something holds for more than half of at least three files."""
    return len(evidence) >= 3 and sum(map(holds, evidence)) * 2 > len(evidence)


def _strategy(votes: _Votes, wanted: str | None, what: str, sections: Sequence[str]) -> Strategy:
    counts = votes.ordered
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
        reason += " Sponsors and letter forms are left out."
    if sections and name == ways.HEADINGS:
        shown = ", ".join(sections[:3])
        reason += f" Headings that many {what} have ({shown}) are sections: what has an address there is a story."
    return Strategy(name, reason, counts)


# --- the profile


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
