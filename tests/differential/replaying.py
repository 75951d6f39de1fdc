"""A run of the differential test: an archive grows step by step, and one index over it answers as one built anew.

Everything of a run follows from its scenario and seed; a run is a list of steps, and a failing one is cut down to a
shorter list that still fails.
"""

from __future__ import annotations

import logging
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from comparing import Difference, differences, level
from growing_archive import SCENARIOS, Clock, GrowingArchive, Operation, Part, first_files, perform
from other_embedder import other_embedder

from conftest import CLUSTER, TODAY, forget_index, index_name
from zunda_mcp.config.load import load_settings
from zunda_mcp.config.settings import Settings
from zunda_mcp.errors import ZundaError
from zunda_mcp.library import Library

_AGAIN = 3
"""How often what differs is asked again: a look at the files may be due only in a moment."""

WAYS = (
    *("question", "question", "question", "question", "refresh", "another library", "a second server", "reopened"),
    "no index any more",
)


@dataclass(frozen=True)
class Step:
    """What happens to the files, and who then takes it in: a question, ``refresh``, another library on the same index,
    a second server that has been there for long, a process of its own, a library that is closed and opened again, or a
    question after the folder of the index was deleted.

    ``embedder`` is ``none``, ``use`` (the bundled one) or ``other``.
    """

    operations: tuple[Operation, ...]
    way: str = "question"
    embedder: str = "none"

    def __str__(self) -> str:
        said = f"taken in by {self.way}" + (f", embedder {self.embedder}" if self.embedder != "none" else "")
        return "; ".join([*map(str, self.operations), said])


@dataclass
class Failure:
    """A step after which answers differed."""

    scenario: str
    seed: int
    at: int
    steps: list[Step]
    found: list[Difference]
    in_cluster: bool = False

    def __str__(self) -> str:
        smallest = min(self.found, key=lambda one: len(one.grown) + len(one.built))
        kinds = sorted({one.kind for one in self.found})
        where = " --cluster" if self.in_cluster else ""
        done = "\n".join(f"    {number}. {_short(str(step))}" for number, step in enumerate(self.steps, 1))
        return (
            f"scenario {self.scenario!r}, seed {self.seed}, step {self.at}: {len(self.found)} answers differ, of "
            f"{', '.join(kinds)}; the smallest: {smallest}\n  repeat: python qa/stress/differential.py "
            f'--scenario "{self.scenario}" --seed {self.seed} --steps {self.at}{where}\n  steps:\n{done}'
        )


def _short(step: str, most: int = 1500) -> str:
    return step if len(step) <= most else f"{step[:most]} … {step[-60:]}"


class Pair:
    """An archive's folders, a library whose index grows with them, and one built anew when asked for. The index that
    grows is at ``ZUNDA_TEST_OPENSEARCH_URL`` where it is to be ``in_cluster``; the other is always embedded.
    """

    def __init__(self, folder: Path, parts: Sequence[Part], *, in_cluster: bool = False) -> None:
        self.root = folder / "archive"
        self._folder = folder
        self._growing = folder / "grown"
        self._engine = f"{CLUSTER}/{index_name(self._growing)}" if in_cluster else None
        self._parts = parts
        self._clock = Clock()
        self._number = 0
        self._embedder = "none"
        first_files(self.root, parts)
        self._serving = ExitStack()
        self._other = ""
        self.grown: Library | None = None
        self._second: Library | None = None

    def take(self, step: Step) -> None:
        """Do a step, and bring the index that grows level by its way."""
        for operation in step.operations:
            perform(self.root, operation, self._clock)
        anew = step.way == "reopened" or step.embedder != self._embedder
        if self.grown is None or self._second is None or anew:
            self._embedder = step.embedder
            self._close_both()
            self.grown, self._second = (self._library(self._growing) for _ in range(2))
        match step.way:
            case "refresh":
                self.grown.refresh()
            case "another library":
                with self._library(self._growing) as other:
                    other.refresh()
            case "a second server":
                level(self._second)
            case "process":
                self._index_in_a_process()
            case "no index any more":
                shutil.rmtree(self._growing, ignore_errors=True)
        level(self.grown)
        if self._embedder != "none":  # vectors come behind the answers
            self.grown.refresh()

    def compare(self, rng: random.Random, share: float) -> list[Difference]:
        """How the answers of the index that grew differ from those of one built anew."""
        assert self.grown is not None
        self._number += 1
        state = rng.getstate()
        folder = self._folder / f"built-{self._number}"
        with self._library(folder) as built:
            built.refresh()
            for last in range(_AGAIN):
                rng.setstate(state)
                found = differences(self.grown, built, rng, share=share)
                if not found or last == _AGAIN - 1:
                    break
                level(self.grown)
                _rest()
        shutil.rmtree(folder, ignore_errors=True)
        return found

    def start_anew(self) -> None:
        """Give up the index that grew, so that what differs once is not found at every step after it."""
        self._close_both()
        shutil.rmtree(self._growing, ignore_errors=True)
        if self._engine:
            forget_index(self._growing)

    def close(self) -> None:
        """Close the libraries over the index that grows, and the embedder."""
        self.start_anew()
        self._serving.close()

    def _close_both(self) -> None:
        for library in (self.grown, self._second):
            if library is not None:
                library.close()
        self.grown = self._second = None

    def _library(self, index: Path) -> Library:
        return Library(self._settings(index), now=TODAY.astimezone)

    @property
    def _setting(self) -> str:
        """The setting of the embedder."""
        if self._embedder == "other" and not self._other:
            self._other = self._serving.enter_context(other_embedder())
        return self._other if self._embedder == "other" else self._embedder

    def _settings(self, index: Path) -> Settings:
        engine = self._engine if index == self._growing else None
        if len(self._parts) == 1:
            folder = self.root / (self._parts[0].name or "show")
            return load_settings(episodes=[folder], index=index, environ={}, embedder=self._setting, engine=engine)
        return load_settings(
            archives=[f"{part.name}={self.root / part.name}" for part in self._parts],
            index=index,
            environ={},
            cwd=self.root,
            embedder=self._setting,
            engine=engine,
        )

    def _index_in_a_process(self) -> None:
        flags = [flag for part in self._parts for flag in ("--archive", f"{part.name}={self.root / part.name}")]
        if len(self._parts) == 1:
            flags = ["--episodes", str(self.root / (self._parts[0].name or "show"))]
        subprocess.run(
            [
                *(sys.executable, "-m", "zunda_mcp", "index", *flags),
                *("--index", str(self._growing), "--embedder", self._setting),
                *(("--engine", self._engine) if self._engine else ()),
            ],
            check=True,
            capture_output=True,
            cwd=self.root,
        )


def _rest() -> None:
    """Longer than the time between two full looks at a small folder."""
    time.sleep(0.4)


def steps_of(
    scenario: str, seed: int, embedders: Sequence[str] = ("none",), *, processes: bool = False
) -> Iterator[Step]:
    """The steps of a run, without end: the first are additions, and the embedder changes now and then."""
    rng = random.Random(f"{scenario} {seed}")
    growing = GrowingArchive(SCENARIOS[scenario], rng)
    first = [operation for _ in range(3 * len(SCENARIOS[scenario])) for operation in growing.next_operations(calm=True)]
    embedder = embedders[0]
    yield Step(tuple(first), "refresh", embedder)
    number = 0
    while True:
        number += 1
        if rng.random() < 0.08:
            embedder = rng.choice(embedders)
        ways = (*WAYS, "process") if processes and rng.random() < 0.2 else WAYS
        yield Step(tuple(growing.next_operations(calm=number < 4)), rng.choice(ways), embedder)


def run(
    scenario: str,
    seed: int,
    steps: int,
    scratch: Path,
    *,
    share: float = 1.0,
    embedders: Sequence[str] = ("none",),
    processes: bool = False,
    going_on: Callable[[], bool] = lambda: True,
    stop_at_first: bool = False,
    in_cluster: bool = False,
) -> tuple[int, list[Failure]]:
    """So many steps of a scenario, each compared; how many were made, and those after which answers differed."""
    failures: list[Failure] = []
    made: list[Step] = []
    with _quiet(), tempfile.TemporaryDirectory(dir=scratch, ignore_cleanup_errors=True) as folder:
        pair = Pair(Path(folder), SCENARIOS[scenario], in_cluster=in_cluster)
        try:
            for number, step in enumerate(steps_of(scenario, seed, embedders, processes=processes)):
                if number >= steps or not going_on():
                    break
                made.append(step)
                found = _after(pair, step, random.Random(f"{seed} {number}"), share)
                if found:
                    failures.append(Failure(scenario, seed, number + 1, list(made), found, in_cluster))
                    if stop_at_first:
                        break
                    pair.start_anew()
        finally:
            pair.close()
    return len(made), failures


def fails(
    scenario: str,
    steps: Sequence[Step],
    scratch: Path,
    *,
    seed: int,
    at: int,
    share: float = 1.0,
    in_cluster: bool = False,
) -> list[Difference]:
    """What differs after the last of these steps, compared only then."""
    with _quiet(), tempfile.TemporaryDirectory(dir=scratch, ignore_cleanup_errors=True) as folder:
        pair = Pair(Path(folder), SCENARIOS[scenario], in_cluster=in_cluster)
        try:
            for step in steps[:-1]:
                pair.take(step)
            return _after(pair, steps[-1], random.Random(f"{seed} {at - 1}"), share)
        finally:
            pair.close()


def cut_down(failure: Failure, scratch: Path, share: float, tries: int = 60) -> Failure:
    """The failure with as few steps and operations as can be found in so many tries, of the same kinds of answers."""
    kinds = {one.kind for one in failure.found}
    left = tries

    def still(steps: Sequence[Step]) -> list[Difference]:
        nonlocal left
        left -= 1
        found = fails(
            failure.scenario,
            steps,
            scratch,
            seed=failure.seed,
            at=failure.at,
            share=share,
            in_cluster=failure.in_cluster,
        )
        return found if any(one.kind in kinds for one in found) else []

    best, found = failure.steps, failure.found
    size = len(best) // 2
    while size and left > 0:
        at = 0
        while at < len(best) - 1 and left > 0:
            fewer = [*best[:at], *best[min(at + size, len(best) - 1) :]]
            if again := still(fewer):
                best, found = fewer, again
            else:
                at += size
        size //= 2
    for at, step in enumerate(best):
        for operation in step.operations:
            if left <= 0 or len(best[at].operations) < 2:
                break
            fewer_operations = tuple(one for one in best[at].operations if one is not operation)
            fewer = [*best[:at], Step(fewer_operations, step.way, step.embedder), *best[at + 1 :]]
            if again := still(fewer):
                best, found = fewer, again
    return replace(failure, steps=best, found=found)


def _after(pair: Pair, step: Step, rng: random.Random, share: float) -> list[Difference]:
    try:
        pair.take(step)
        return pair.compare(rng, share)
    except (ZundaError, TimeoutError, subprocess.CalledProcessError) as error:
        said = error.stderr.decode() if isinstance(error, subprocess.CalledProcessError) else str(error)
        return [Difference(f"taken in by {step.way}", f"{type(error).__name__}: {said}", "")]


@contextmanager
def _quiet() -> Iterator[None]:
    level_before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(level_before)


__all__ = ["Failure", "Pair", "Step", "cut_down", "fails", "run", "steps_of"]
