"""When to say "nothing": how a change of the nearness factor trades one mistake for the other.

A question whose subject is absent from the archive is answered with nothing, unless some story is so near in meaning
that it answers whatever its words (``zunda_mcp.query.tuning.SURELY_NEAR``). A greater factor answers more of the
questions about what the archive lacks with nothing, and more of those that it could answer as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from benchmarks.quality.judged import NONE, Ask, Query
from zunda_mcp.query import tuning

FACTORS = (0.75, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.75, 2.0, 3.0)


@dataclass(frozen=True)
class Point:
    """At ``factor``: the shares answered with no hit of what the archive lacks, and of what it can answer."""

    factor: float
    lacking: float
    answerable: float


def curve(queries: Sequence[Query], ask: Ask, forget: Callable[[], None] = lambda: None) -> list[Point]:
    """A point a factor, and the factor in force among them; empty where nothing is lacking. ``ask`` is our own engine,
    with vectors; ``forget`` lets it forget what it ranked under another factor.
    """
    lacking = [query for query in queries if query.kind == NONE]
    answerable = [query for query in queries if query.kind != NONE]
    if not lacking or not answerable:
        return []
    in_force = tuning.SURELY_NEAR
    try:
        points = []
        for factor in sorted({*FACTORS, in_force}):
            forget()
            points.append(_point(factor, lacking, answerable, ask))
        return points
    finally:
        tuning.SURELY_NEAR = in_force
        forget()


def _point(factor: float, lacking: Sequence[Query], answerable: Sequence[Query], ask: Ask) -> Point:
    tuning.SURELY_NEAR = factor
    return Point(factor, _silent(lacking, ask), _silent(answerable, ask))


def _silent(queries: Sequence[Query], ask: Ask) -> float:
    return fmean(not ask(query) for query in queries)
