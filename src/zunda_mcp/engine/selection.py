"""Which of the matches an answer lists, and in which order.

Without a limit it lists every full match, as far as they can be read in one go, then the best few that hold only a
part; where no story holds all that was asked, the closest. With a limit it lists all that is ranked, so many a page; by
date only full matches, or the closest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from zunda_mcp.answers import MAX_LIMIT, Sort
from zunda_mcp.engine.ranking import Scored
from zunda_mcp.query import tuning
from zunda_mcp.query.explanation import Explanation

__all__ = ["Ranked", "Selection", "select"]


@dataclass(frozen=True, slots=True)
class Ranked:
    """The documents that match a query as ``items`` in ``order``, with scores; ``full`` are those that hold all that
    was asked, none for a sentence that nobody wrote.

    ``words`` are the normalised words to mark in snippets. ``near`` are documents that do not answer and are merely
    close. ``expansions`` maps each other name that matched to the word as typed. ``named`` are the documents that hold
    a rare name of the query, ``windows`` those found by the meaning of what is spoken in them, with the place of the
    nearest window among those of the passage.
    """

    items: Sequence[Scored]
    full: Sequence[int]
    words: Sequence[str] = ()
    explanation: Explanation = field(default_factory=Explanation)
    near: Sequence[Scored] = ()
    expansions: Mapping[str, str] = field(default_factory=dict)
    by_meaning: bool = False
    named: frozenset[int] = frozenset()
    order: Sort = "relevance"
    windows: Mapping[int, int] = field(default_factory=dict)

    def best(self, count: int) -> Sequence[Scored]:
        """The first so many by score, whatever the order."""
        return self.items[:count] if self.order == "relevance" else sorted(self.items, key=lambda one: -one[1])[:count]


@dataclass(frozen=True, slots=True)
class Selection:
    """``items`` in the order in which they are listed, ``count`` of them a page; ``full`` are the documents that hold
    all that was asked. ``sure`` says that the first surely answers.
    """

    items: Sequence[Scored]
    count: int
    full: frozenset[int]
    sure: bool


def select(ranked: Ranked, limit: int | None) -> Selection:
    """What is listed of ``ranked``: ``limit`` of them, or what an answer needs."""
    full, items = frozenset(ranked.full), ranked.items
    best = () if full else ranked.best(tuning.CLOSEST)
    sure = len(full) == 1 or _is_far_ahead(best)
    if limit is not None and (full or ranked.order == "relevance"):
        return Selection(items, limit, full, sure)
    if not full:
        closest = _closest(ranked, best[: 1 + tuning.BESIDE_SURE if sure else tuning.CLOSEST])
        if ranked.order != "relevance":
            numbers = {number for number, _ in closest}
            closest = [item for item in items if item[0] in numbers]
        return Selection(closest, limit or len(closest), full, sure)
    listed = [item for item in items if item[0] in full] if len(items) > len(full) else items
    if len(full) > MAX_LIMIT:
        return Selection(listed, tuning.FIRST_OF_MANY, full, sure)
    near = _near(items, full, tuning.BESIDE_SURE if sure else tuning.BESIDE_FULL)
    return Selection([*listed, *near], len(full) + len(near), full, sure)


def _closest(ranked: Ranked, best: Sequence[Scored]) -> list[Scored]:
    """The best, and after them the others that hold a name of the query."""
    named = ranked.named.difference(number for number, _ in best)
    return [*best, *(item for item in ranked.items if item[0] in named)]


def _near(items: Sequence[Scored], full: frozenset[int], count: int) -> list[Scored]:
    """The best that hold only a part, where they are nearly as good as the best of all."""
    first = items[0][1]
    near = (item for item in items if item[0] not in full and item[1] * tuning.SURE_RATIO > first)
    return list(islice(near, count))


def _is_far_ahead(best: Sequence[Scored]) -> bool:
    """Whether nothing comes near the first."""
    return len(best) > 1 and best[0][1] >= tuning.SURE_RATIO * best[1][1] > 0
