"""Many at once: eight servers and two indexers over one index while files change and processes are killed.

Two acts of half the time each: as this system is, from an index that is there; and with the semantics of Windows (see
``windows_semantics``), from none. Faults are: an answer that is an error, an answer that says it is level with the
files and is not, two writers at a time, a process that ends by itself, and a server that does not come level when all
is quiet. What was changed in its place may be missed for ``EDITS`` seconds; what shows in the times of a folder never.
"""

from __future__ import annotations

import random
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from changing_archive import ChangingArchive
from outcome import Outcome, Plan
from process_sampling import POSSIBLE, folder_size
from random_calls import Calls
from seats import HttpRoom, Seat, StdioSeat
from started import Starter
from writers import overlaps, read

STDIO, ROOMS, INDEXERS = 6, 2, 2
FEW = 2, 1, 1
"""How many of each in a run that is bounded by the number of its questions: those are short."""
_FEW_CASES = 40
"""Below so many questions there is but the first act."""
_LEVEL = 30.0
"""Seconds after the last change within which every server must be level."""
LAUNCHER = Path(__file__).with_name("witnessed.py")


@dataclass
class Crowd:
    """One act."""

    plan: Plan
    name: str
    archive: ChangingArchive
    calls: Calls
    starter: Starter
    stop: threading.Event = field(default_factory=threading.Event)
    counts: Counter[str] = field(default_factory=Counter)
    killed: dict[int, float] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fail(self, said: str) -> None:
        """Note a fault, with what repeats it."""
        with self._lock:
            if len(self.failures) < 40:
                self.failures.append(f"seed {self.plan.seed}, {self.name}: {said}")

    def count(self, what: str) -> None:
        """Count something that happened."""
        with self._lock:
            self.counts[what] += 1

    @property
    def done(self) -> bool:
        """Whether as many questions were asked as the plan wants."""
        return self.plan.cases is not None and self.counts["questions"] >= self.plan.cases

    @property
    def has_index(self) -> bool:
        """Whether there is an index, so that no question may be told that it is being built."""
        return (self.starter.index / "CURRENT").is_file()


def run(plan: Plan) -> Outcome:
    """Both acts."""
    outcome = Outcome("crowd", plan.seed)
    acts: list[tuple[str, tuple[str, ...]]] = [("as it is", ())]
    if POSSIBLE:
        acts += [("as on Windows", ("windows",)), ("as on FAT", ("fat",))]
    else:
        outcome.skipped.append("the semantics of Windows on Linux: no /proc here")
    if plan.cases is not None:
        acts = acts[:1] if plan.cases < _FEW_CASES else acts[::2]
    cases = None if plan.cases is None else plan.cases // len(acts)
    part = replace(plan, seconds=plan.seconds / len(acts), cases=cases)
    for number, (name, semantics) in enumerate(acts):
        scratch = plan.scratch / f"act{number}"
        scratch.mkdir(parents=True)
        crowd = _act(replace(part, scratch=scratch), name, semantics)
        outcome.cases += crowd.counts["questions"]
        outcome.failures += crowd.failures
        outcome.figures |= {f"{name}: {what}": count for what, count in sorted(crowd.counts.items())}
    return outcome


def _act(plan: Plan, name: str, semantics: tuple[str, ...]) -> Crowd:
    """One act."""
    archive = ChangingArchive(plan.archive, plan.scratch / "archive", random.Random(plan.seed))
    witness = plan.scratch / "writing.log"
    launcher = (sys.executable, str(LAUNCHER), str(plan.seed), str(witness), *semantics)
    with Starter(archive.folder, plan.scratch / "index", plan.scratch, launcher) as starter:
        crowd = Crowd(plan, name, archive, Calls(plan.archive, random.Random(plan.seed + 1)), starter)
        if not semantics and (said := starter.index_once()):
            crowd.fail(said)
        stdio, rooms, indexers = (STDIO, ROOMS, INDEXERS) if plan.cases is None else FEW
        seats: list[Seat] = [StdioSeat(crowd, at) for at in range(stdio)]
        seats += [HttpRoom(crowd, stdio + at) for at in range(rooms)]
        threads = _begin(crowd, seats, indexers)
        end = time.monotonic() + plan.seconds
        while time.monotonic() < end and not crowd.done and not crowd.stop.wait(0.3):
            most = max(crowd.counts["generation folders at most"], folder_size(starter.index)[1])
            crowd.counts["generation folders at most"] = most
        crowd.stop.set()
        for thread in threads:
            thread.join()
        _settle(crowd, seats)
        holds, faults = read(witness, crowd.killed)
        for fault in [*faults, *overlaps(holds), *starter.faults()]:
            crowd.fail(fault)
    crowd.counts["times written"] = len(holds)
    crowd.counts["writers"] = len({hold.who[0] for hold in holds})
    crowd.counts["generation folders left"] = folder_size(starter.index)[1]
    crowd.counts["changes"] = sum(archive.done.values())
    return crowd


def _begin(crowd: Crowd, seats: list[Seat], indexers: int) -> list[threading.Thread]:
    """Everybody begins: the seats, the indexers, who changes files, and who kills."""
    work: list[tuple[Callable[..., None], tuple[object, ...]]] = [(seat.sit, ()) for seat in seats]
    work += [(_index_again, (crowd, crowd.plan.seed + 100 + at)) for at in range(indexers)]
    work += [(crowd.archive.changing, (crowd.stop, 0.5 if crowd.plan.cases else 0.8)), (_kill, (crowd, seats))]
    threads = [threading.Thread(target=_guarded, args=(crowd, *one), daemon=True) for one in work]
    for thread in threads:
        thread.start()
    return threads


def _guarded(crowd: Crowd, target: Callable[..., None], given: tuple[object, ...]) -> None:
    """Whatever goes wrong in the harness itself is a failure, too."""
    try:
        target(*given)
    except Exception:
        crowd.fail(traceback.format_exc())
        crowd.stop.set()


def _index_again(crowd: Crowd, seed: int) -> None:
    """Run the indexer again and again, now and then from the ground up, now and then killed on the way."""
    rng = random.Random(seed)
    while not crowd.stop.wait(rng.uniform(0, 0.5)):
        one = crowd.starter.start("indexer", "index", *(("--rebuild",) if rng.random() < 0.15 else ()))
        deadly = time.monotonic() + rng.uniform(0.2, 1.5) if rng.random() < 0.3 else None
        while one.process.poll() is None:
            if deadly is not None and time.monotonic() > deadly:
                crowd.killed[one.process.pid] = time.monotonic()
                one.process.kill()
                one.process.wait()
                crowd.count("indexers killed")
            time.sleep(0.01)
        if one.process.returncode and one.process.pid not in crowd.killed:
            crowd.fail(f"an indexer ended with {one.process.returncode}: {one.stderr_text()[-500:]}")
        crowd.count("indexers run")


def _kill(crowd: Crowd, seats: list[Seat]) -> None:
    """Kill a server now and then; its seat starts another."""
    rng = random.Random(crowd.plan.seed + 200)
    while not crowd.stop.wait(rng.uniform(2.0, 9.0)):
        rng.choice(seats).kill()


def _settle(crowd: Crowd, seats: list[Seat]) -> None:
    """All is quiet: every server must come level, know the same, and end in order when it is told to."""
    known = set()
    end = time.monotonic() + _LEVEL
    for seat in seats:
        while (wrong := seat.level()) and time.monotonic() < end:
            time.sleep(0.2)
        if wrong:
            crowd.fail(f"{seat.name} is not level when all is quiet: {wrong}")
        known.add(seat.episodes)
    if len(known) != 1:
        crowd.fail(f"the servers know different numbers of episodes when all is quiet: {sorted(known)}")
    for seat in seats:
        if (code := seat.end()) != 0:
            crowd.fail(f"{seat.name} ended with {code}: {seat.stderr_text()[-500:]}")
    if said := crowd.starter.index_once("--rebuild"):
        crowd.fail(said)
