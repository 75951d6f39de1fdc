"""Which of the matches an answer lists, and in which order.

Without a limit it lists every full match, as far as they can be read in one go, then the best few that hold only a
part; where no story holds all that was asked, the closest. With a limit it lists the best, in the order of the ranking.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from zunda_mcp.answers import MAX_LIMIT
from zunda_mcp.engine.local import Matches
from zunda_mcp.engine.ranking import Scored

__all__ = ["Selection", "select", "years"]

_FIRST = 20
"""Full matches on a page where they are more than one page lists."""
_NEAR = 3
"""Stories that hold a part, after those that hold all."""
_CLOSEST = 6
"""Stories that are listed where none holds all that was asked."""
_BESIDE = 2
"""Stories that are listed beside one that surely answers."""
_SURE = 1.5
"""So many times the score of the second, and the first surely answers (of 70 judged queries 7 of 7)."""
_LOOKED_AT = 100
"""Near ones stand among the first so many, or are not looked for."""


@dataclass(frozen=True, slots=True)
class Selection:
    """``items`` in the order in which they are listed, ``count`` of them a page; ``full`` are the documents that hold
    all that was asked. ``sure`` says that the first surely answers.
    """

    items: Sequence[Scored]
    count: int
    full: frozenset[int]
    sure: bool


def select(matches: Matches, limit: int | None) -> Selection:
    """What is listed of ``matches``: ``limit`` of them, or what an answer needs."""
    documents = [] if matches.open else matches.full
    full = frozenset(documents)
    items = matches.items
    sure = _is_sure(items, len(full))
    if limit is not None:
        return Selection(items, limit, full, sure)
    if not full:
        closest = items[: 1 + _BESIDE if sure else _CLOSEST]
        return Selection(closest, len(closest), full, sure)
    near = _near(items, full, _BESIDE if sure else _NEAR)
    count = len(full) if len(full) <= MAX_LIMIT else _FIRST
    listed = [item for item in items if item[0] in full] if len(items) > len(full) else items
    if len(full) <= MAX_LIMIT:
        listed, count = [*listed, *near], count + len(near)
    return Selection(listed, count, full, sure)


def _near(items: Sequence[Scored], full: Container[int], count: int) -> list[Scored]:
    """The best that hold only a part, where they are nearly as good as the best of all."""
    first = items[0][1]
    return [item for item in islice(items, _LOOKED_AT) if item[0] not in full and item[1] * _SURE > first][:count]


def _is_sure(items: Sequence[Scored], full: int) -> bool:
    """Whether the first answers and nothing else does: it alone holds everything, or nothing comes near it."""
    first = items[:2]
    return full == 1 or (full == 0 and len(first) == 2 and first[0][1] >= _SURE * first[1][1] > 0)


def years(days: Iterable[str]) -> dict[str, int]:
    """How many of these ISO days fall in each year, in order; nothing where all fall in one."""
    counts = Counter(day[:4] for day in days)
    return dict(sorted(counts.items())) if len(counts) > 1 else {}
