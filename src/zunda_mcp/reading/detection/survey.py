"""A look at some of an archive's files, to learn how all of them are written.

One way of splitting for an archive, chosen by majority: chosen for each file alone, it would flip within one archive
between ways that look alike. The look is the same for the same files, and takes as long for ten thousand as for forty.
A file that comes or goes changes the sample by one file at most, and in a large archive rarely.
"""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

from zunda_mcp.reading.detection import conventions as ways
from zunda_mcp.reading.detection.conventions import STRATEGIES, Conventions, Strategy
from zunda_mcp.reading.source_file import SourceFile
from zunda_mcp.text.calendar_days import Order

if TYPE_CHECKING:
    from zunda_mcp.reading.detection.evidence import Evidence

Thing = TypeVar("Thing")

SAMPLE = 40
"""So many files are looked at."""

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
class Survey:
    """What a look at an archive showed: how its files are split, why, and how else they are written.

    ``conventions`` are those of the files alone, without settings.
    """

    strategy: Strategy = field(default_factory=Strategy)
    conventions: Conventions = field(default_factory=Conventions)

    def as_dict(self) -> dict[str, Any]:
        """Return this as JSON can hold it."""
        kept = {
            one.name: getattr(self.conventions, one.name) for one in fields(Conventions) if one.name not in _NOT_KEPT
        }
        return {**kept, "strategy": asdict(self.strategy), "sections": sorted(self.conventions.sections)}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Survey:
        """Make a survey of what ``as_dict`` gave; raises ``KeyError`` or ``TypeError`` for anything else."""
        strategy = Strategy(**kept["strategy"])
        lists = {"usual_keys": tuple(kept["usual_keys"]), "sections": frozenset(kept["sections"])}
        return cls(strategy, Conventions(**{**kept, **lists, "strategy": strategy.name}))


_NOT_KEPT = ("strategy", "sections", "settings", "mapping")


def sample(files: Sequence[SourceFile], size: int = SAMPLE) -> list[SourceFile]:
    """Return up to ``size`` of these in their order: those whose labels have the smallest digests."""
    if len(files) <= size:
        return list(files)
    chosen = set(heapq.nsmallest(size, (file.label for file in files), key=_place))
    return [file for file in files if file.label in chosen]


def _place(label: str) -> bytes:
    return hashlib.blake2b(label.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def spread(things: Sequence[Thing], size: int) -> list[Thing]:
    """Return up to ``size`` of these, spread evenly."""
    if len(things) <= size:
        return list(things)
    return [things[place * len(things) // size] for place in range(size)]


def survey(evidence: Sequence[Evidence], people: Mapping[str, str], wanted: str | None, what: str = "files") -> Survey:
    """Draw the conclusion from the evidence of single files, or of the items of a feed (``what``). ``wanted`` is the
    strategy the settings name.
    """
    counts = Counter(found.vote for found in evidence if found.vote)
    ordered = dict(sorted(counts.items(), key=lambda pair: (-pair[1], STRATEGIES.index(pair[0]))))
    levels = Counter(level for found in evidence for level in found.levels)
    pages = [found for found in evidence if found.page]
    strategy = _strategy(ordered, len(evidence), wanted, what)
    sections = _sections(pages or evidence) if strategy.name == ways.HEADINGS else ()
    if sections:
        shown = ", ".join(sections[:3])
        remark = f" Headings that many {what} have ({shown}) are sections: what has an address there is a story."
        strategy = replace(strategy, reason=strategy.reason + remark)
    conventions = Conventions(
        strategy=strategy.name,
        level=max(levels, key=lambda level: (levels[level], -level)) if levels and strategy.name in _LEVELLED else 2,
        undated=_most(evidence, lambda found: not found.dated),
        bare=_most(pages, lambda found: not found.front),
        untitled=_most([found for found in pages if found.front], lambda found: not found.titled),
        people=dict(people),
        usual_keys=_usual_keys(pages),
        sections=frozenset(sections),
        order=_order(evidence),
    )
    return Survey(strategy, conventions)


def _order(evidence: Sequence[Evidence]) -> Order:
    """Return the order of days in numbers that some files show by themselves and none of them contradicts."""
    shown = {one.order for one in evidence if one.order}
    return shown.pop() if len(shown) == 1 else ""


def _sections(pages: Sequence[Evidence]) -> tuple[str, ...]:
    """Return the headings that at least three files have, and a fifth of all; the usual ones first."""
    counts = Counter(heading for found in pages for heading in found.headings)
    many = ((-count, heading) for heading, count in counts.items() if count >= 3 and count * 5 >= len(pages))
    return tuple(heading for _, heading in sorted(many))


def _usual_keys(pages: Sequence[Evidence]) -> tuple[str, ...]:
    """Return the keys that more than half of at least three files have."""
    counts = Counter(key for found in pages for key in found.keys)
    usual = (key for key, count in counts.items() if len(pages) >= 3 and count * 2 > len(pages))
    return tuple(sorted(usual))


def _most(evidence: Sequence[Evidence], holds: Callable[[Evidence], bool]) -> bool:
    """Whether something holds for more than half of at least three files."""
    return len(evidence) >= 3 and sum(map(holds, evidence)) * 2 > len(evidence)


def _strategy(counts: Mapping[str, int], looked_at: int, wanted: str | None, what: str) -> Strategy:
    others = ", ".join(f"{name} {count}" for name, count in counts.items())
    said = f" Of {looked_at} {what} looked at: {others}." if counts else ""
    if wanted:
        return Strategy(wanted, f"The settings say so.{said}{_left_out(wanted)}", counts)
    if not counts:
        return Strategy()
    name = _winner(counts, looked_at)
    count = counts[name]
    rest = ", ".join(f"{other} {number}" for other, number in counts.items() if other != name)
    others = f" (others: {rest})" if rest else ""
    reason = f"{count} of {looked_at} {what} looked at {_NAMES[name]}{others}."
    return Strategy(name, reason + _left_out(name), counts)


def _winner(counts: Mapping[str, int], looked_at: int) -> str:
    """Return the way most files speak for. A file with nothing to split says nothing about those that have, and a
    transcript is split as one in any archive, so a tenth of the files is enough to win against these two.
    """
    names = list(counts)
    for name in names:
        if name not in (ways.WHOLE, ways.TURNS) and counts[name] * 10 >= looked_at:
            return name
    return ways.TURNS if counts.get(ways.TURNS, 0) * 10 >= looked_at else names[0]


def _left_out(name: str) -> str:
    if name in (ways.LINK_HEADS, ways.WHOLE, ways.TURNS):
        return ""
    return " Sponsors and letter forms are left out."
