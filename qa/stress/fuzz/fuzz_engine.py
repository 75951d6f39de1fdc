"""The loop of the fuzzing harness: draw a case, hold the product to its promises, keep what reached new lines.

In a share of the cases every line of the product that runs is noted (``sys.settrace``); a case that reached one that no
case of its target had reached before joins the pool that later cases are bred from, as AFL does it
(https://lcamtuf.coredump.cx/afl/technical_details.txt). Everything follows from the seed: each target draws from a
generator of its own and gets its cases in rounds of fixed size, so a run that ends later only adds to one that ended
earlier.
"""

from __future__ import annotations

import random
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import zunda_mcp

PRODUCT = str(Path(zunda_mcp.__file__).parent)
_TRACED = 12
"""One case in so many is watched for new lines; watching makes it about ten times slower."""
_POOL = 600
_SLOW = 20.0
"""Seconds after which one case is a fault of its own."""


class BrokenPromiseError(AssertionError):
    """The product answered, but not as it promises."""


def promise(kept: bool, sentence: str) -> None:
    """Fail the case with ``sentence`` where a promise was not ``kept``."""
    if not kept:
        raise BrokenPromiseError(sentence)


@dataclass
class Target:
    """One door of the product.

    ``make`` draws a case, given the pool; ``check`` raises where the product breaks a promise. ``share`` is how many
    cases it gets a round; a case may count for ``worth`` (messages, files). ``pooled`` says that its cases can be bred
    from.
    """

    name: str
    seeds: Sequence[Any]
    make: Callable[[random.Random, list[Any]], Any]
    check: Callable[[Any], None]
    share: int
    worth: Callable[[Any], int] = lambda _: 1
    pooled: bool = True


@dataclass
class Tally:
    """What became of one target."""

    cases: int = 0
    grown: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    lines: set[tuple[str, int]] = field(default_factory=set)
    faults: dict[tuple[str, str], str] = field(default_factory=dict)


class Fuzzer:
    """Runs targets in rounds until time or cases run out."""

    def __init__(self, targets: Sequence[Target], seed: int) -> None:
        self.targets = targets
        self.seed = seed
        self.tallies = {target.name: Tally() for target in targets}
        self._draws = {target.name: random.Random(f"{seed}:{target.name}") for target in targets}
        self._pools = {target.name: list(target.seeds) for target in targets}

    @property
    def cases(self) -> int:
        """All cases so far."""
        return sum(tally.cases for tally in self.tallies.values())

    def run(self, seconds: float, cases: int | None = None) -> None:
        """Go round until ``seconds`` have passed or ``cases`` were run, whichever comes first."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and (cases is None or self.cases < cases):
            for target in self.targets:
                for _ in range(target.share):
                    self._one(target)
                    if time.monotonic() > end:
                        return

    def _one(self, target: Target) -> None:
        tally, draw, pool = self.tallies[target.name], self._draws[target.name], self._pools[target.name]
        watched = target.pooled and draw.randrange(_TRACED) == 0
        case = target.make(draw, pool)
        reached: set[tuple[str, int]] = set()
        started = time.perf_counter()
        try:
            if watched:
                _watch(target.check, case, reached)
            else:
                target.check(case)
        except Exception as error:
            self._fault(target, tally, case, error)
        took = time.perf_counter() - started
        tally.cases += target.worth(case)
        tally.seconds += took
        tally.slowest = max(tally.slowest, took)
        if took > _SLOW:
            said = f"{target.name}: case {tally.cases} of seed {self.seed} took {took:.0f} s: {_shown(case)}"
            tally.faults.setdefault(("slow", ""), said)
        if reached - tally.lines:
            tally.lines |= reached
            tally.grown += 1
            if len(pool) < _POOL:
                pool.append(case)
            else:
                pool[draw.randrange(_POOL)] = case

    def _fault(self, target: Target, tally: Tally, case: object, error: Exception) -> None:
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if frame.filename.startswith(PRODUCT)] or frames
        place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"
        key = (type(error).__name__ + (str(error)[:40] if isinstance(error, BrokenPromiseError) else ""), place)
        if key not in tally.faults:
            tally.faults[key] = (
                f"{target.name}: {type(error).__name__}: {str(error)[:1600]} ({place}); "
                f"case {tally.cases} of seed {self.seed}: {_shown(case)}"
            )


def _watch(check: Callable[[Any], None], case: object, reached: set[tuple[str, int]]) -> None:
    def enter(frame: FrameType, _event: str, _arg: object) -> Callable[[FrameType, str, object], Any] | None:
        return line if frame.f_code.co_filename.startswith(PRODUCT) else None

    def line(frame: FrameType, event: str, _arg: object) -> Callable[[FrameType, str, object], Any]:
        if event == "line":
            reached.add((frame.f_code.co_filename, frame.f_lineno))
        return line

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        check(case)
    finally:
        sys.settrace(before)


def _shown(case: object) -> str:
    text = ascii(case)
    return text if len(text) <= 1500 else f"{text[:1500]}… ({len(text)} characters)"
