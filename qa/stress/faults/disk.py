"""The disk says no: full, read-only, forbidden, gone from under a process, or with times that go backwards.

Each case runs ``zunda-mcp index`` or a server over a changed archive with one such trouble, then takes the trouble
away. Throughout: the process ends by itself, says in one sentence what is wrong (an exit code of errors, no traceback)
or does its work all the same; what is current then answers as before or as after, whole; and when the trouble is over
the next run completes.

- full: no space at the n-th call below the index folder and ever after, or at that one alone (``fault_points``); and a
  small real file system in memory where this system lets us mount one;
- refused: permission denied at the n-th call; a read-only index folder; a folder of the key that cannot be used;
- gone: the episodes folder vanishes under a server, or the index folder does;
- times: an edited file of the same size with an older time; a clock that runs an hour or thirty years behind.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from archive_states import State, States, answers, difference, open_library, wait_for_workers, wait_until_current
from fault_points import Fault
from faulty_runs import Ended, Runs
from outcome import Outcome, Plan
from private_state import private_state

from zunda_mcp.errors import ZundaError
from zunda_mcp.index.generation import Generations
from zunda_mcp.index.schema import VERSION

_CASES = 200
_FILES = 40
_ERRORS = (0, 3)
"""Exit codes of a run that met trouble: it worked all the same, or it says that archive or index cannot be used."""


def run(plan: Plan) -> Outcome:
    """A call that fails, every other trouble once, then calls that fail by seed until cases or time are over."""
    outcome = Outcome("disk", plan.seed)
    if not hasattr(os, "fork"):
        outcome.skipped.append("all of it: this system has no fork")
        return outcome
    deadline = time.monotonic() + plan.seconds
    with private_state(plan.scratch), Runs(plan.scratch) as runs:
        states = States(plan.archive, plan.scratch, plan.seed)
        states.make(3, most=_FILES)
        troubles = _Troubles(states, runs, plan, outcome)
        for trouble in (troubles.failing_call, *troubles.once):
            if outcome.cases < (plan.cases or _CASES) and time.monotonic() < deadline:
                troubles.case(trouble.__name__, trouble)
        while outcome.cases < (plan.cases or _CASES) and time.monotonic() < deadline:
            troubles.case("failing_call", troubles.failing_call)
    outcome.figures |= dict(sorted(troubles.met.items()))
    return outcome


class _Troubles:
    """The cases of a run. Each yields what is wrong."""

    def __init__(self, states: States, runs: Runs, plan: Plan, outcome: Outcome) -> None:
        self._states, self._runs, self._plan, self._outcome = states, runs, plan, outcome
        self._dry: dict[tuple[str, int], int] = {}
        self._chance = random.Random()
        self.met: Counter[str] = Counter()
        self.once: list[Callable[[State, State], Iterator[str]]] = [
            self.small_disk,
            self.index_read_only,
            self.episodes_gone,
            self.index_gone,
            self.older_time,
            self.clock_behind,
        ]

    def case(self, name: str, trouble: Callable[[State, State], Iterator[str]]) -> None:
        """One trouble over one change of the archive, and what comes after it."""
        number = self._outcome.cases
        self._chance = random.Random(f"{self._plan.seed} disk {number}")
        at = self._chance.randrange(1, len(self._states.all))
        old, new = self._states.all[at - 1], self._states.all[at]
        self._states.set(new, old)
        try:
            wrong = [*trouble(old, new), *self._after(new)]
        finally:
            wait_for_workers()
            self._states.put_back(new)
        self._outcome.cases += 1
        self._outcome.failures += [f"seed {self._plan.seed} case {number}: {name}, state {at}: {why}" for why in wrong]

    # --- a disk that is full, calls that fail

    def failing_call(self, old: State, new: State) -> Iterator[str]:
        """The n-th call below the index folder fails, once or from then on."""
        verb = self._chance.choice(("index", "index", "serve"))
        kind = self._chance.choice(("full", "refused"))
        folder = str(self._states.index)
        key = verb, self._states.all.index(new)
        if key not in self._dry:
            self._dry[key] = len(self._run(verb, Fault(folder)).calls)
            self._states.put_back(new)
            self._states.set(new, old)
        fault = Fault(folder, kind, self._chance.randint(1, self._dry[key]), lasting=self._chance.random() < 0.6)  # type: ignore[arg-type]
        ended = self._run(verb, fault)
        last = ended.calls[fault.at - 1] if len(ended.calls) >= fault.at else "not reached"
        what = f"{verb}, {kind} at call {fault.at} ({last}){' and after' if fault.lasting else ''}"
        self.met[f"{kind}, {verb}: {'said' if ended.code or 'warn' in ended.stderr.lower() else 'went on'}"] += 1
        yield from (f"{what}: {why}" for why in (*_ended(ended, verb), *self._whole(old, new)))

    def small_disk(self, old: State, new: State) -> Iterator[str]:
        """A real file system of too few bytes."""
        index = self._states.index
        size = sum(path.stat().st_size for path in index.rglob("*") if path.is_file())
        for room in (4096, size // 40, size // 4):
            shutil.rmtree(index)
            index.mkdir()
            made = subprocess.run(
                ["mount", "-t", "tmpfs", "-o", f"size={size + 65536 + room}", "none", index],
                check=False,
                capture_output=True,
            )
            if made.returncode:
                self._outcome.skipped.append(f"a small file system: {made.stderr.decode(errors='replace').strip()}")
                self._states.clear()
                self._states.put_back(new)
                self._states.set(new, old)
                return
            try:
                shutil.copytree(old.index, index, dirs_exist_ok=True)
                ended = self._run("index", Fault(str(index)), vectors=True)
                self.met[f"a disk with little room, index: exit code {ended.code}"] += 1
                yield from _ended(ended, "index")
                yield from self._whole(old, new)
            finally:
                subprocess.run(["umount", "-l", index], check=False, capture_output=True)

    # --- permissions

    def index_read_only(self, old: State, new: State) -> Iterator[str]:
        """The index may be read, not written."""
        if os.getuid() == 0 and os.uname().sysname != "Linux":
            self._outcome.skipped.append("a read-only index folder: the modes of files do not hold for root")
            return
        with _read_only(self._states.index):
            for verb in ("index", "serve"):
                ended = self._run(verb, Fault(str(self._states.index)), powerless=True)
                yield from _ended(ended, verb)
                if verb == "index" and "Cannot write the index folder" not in ended.stderr:
                    yield f"it does not say that the index cannot be written: {ended.stderr[-300:]}"
                if verb == "serve" and '"total_stories"' not in ended.stdout:
                    yield f"a server does not answer from what it may read: {ended.stdout[-300:]} {ended.stderr[-300:]}"
            yield from self._whole(old, new)

    # --- gone

    def episodes_gone(self, old: State, new: State) -> Iterator[str]:
        """The episodes vanish under a server and come back; a run without them says so and leaves the index."""
        away = self._states.archive.with_name("away")
        with open_library(self._states.archive, self._states.index) as library:
            wait_until_current(library)
            before = answers(library)
            self._states.archive.rename(away)
            try:
                said = library.search("AI")
                if said.freshness.state != "unreadable":
                    yield f"the state is {said.freshness.state}, not unreadable"
                if wrong := difference(answers(library), before):
                    yield f"without the episodes it answers otherwise: {wrong}"
                ended = self._run("index", Fault(str(self._states.index)))
                if ended.code not in (2, 3) or "Traceback" in ended.stderr:
                    yield f"index without episodes: exit code {ended.code}, {ended.stderr[-300:]}"
            finally:
                away.rename(self._states.archive)
            wait_until_current(library)
            if wrong := difference(answers(library), new.answers):
                yield f"with the episodes back it answers otherwise: {wrong}"

    def index_gone(self, old: State, new: State) -> Iterator[str]:
        """The index folder is removed under a server, at once and while it answers."""
        del old
        with open_library(self._states.archive, self._states.index) as library:
            library.search("AI")
            for _ in range(2):
                shutil.rmtree(self._states.index)
                said = _patiently(lambda: answers(library))
                if isinstance(said, str):
                    yield said
                elif wrong := difference(said, new.answers):
                    yield f"after the index was removed it answers otherwise: {wrong}"
            with library._live.reading() as (reader, _):
                shutil.rmtree(self._states.index)
                try:
                    reader.episode(next(iter(reader.keyed("kind:notes"))))
                except OSError as error:
                    self.met[f"a file gone during an answer: {errno.errorcode.get(error.errno or 0, 'OSError')}"] += 1

    # --- times

    def older_time(self, old: State, new: State) -> Iterator[str]:
        """An edit that keeps the size and sets the time back, as a restored backup does."""
        del old, new
        folder = self._states.archive
        with open_library(folder, self._states.index) as library:
            library.refresh()
            dated = (path for path in sorted(folder.rglob("*.md")) if path.name[0].isdigit())
            file = next(path for path in dated if "AI" in path.read_text(encoding="utf-8"))
            text, status = file.read_text(encoding="utf-8"), file.stat()
            file.unlink()  # other states share it
            file.write_text(text.replace("AI", "QX"), encoding="utf-8")
            os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns - 3_600_000_000_000))
            try:
                if not library.refresh().changed:
                    yield "an edit of the same size with an older time is not seen"
            finally:
                file.unlink()
                file.write_text(text, encoding="utf-8")
                os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))

    def clock_behind(self, old: State, new: State) -> Iterator[str]:
        """The system's clock is set back between two runs."""
        for hours, verb in ((1, "index"), (24 * 365 * 30, "serve")):
            ended = self._run(verb, Fault(str(self._states.index)), clock=-3600.0 * hours)
            yield from _ended(ended, verb)
            with open_library(self._states.archive, self._states.index) as library:
                library._live.update = library._live.reader.refresh  # type: ignore[method-assign]
                if wrong := difference(answers(library), new.answers):
                    yield f"{verb} with a clock {hours} hours behind: other answers: {wrong}"
            self._states.put_back(new)
            self._states.set(new, old)

    # --- what must hold

    def _run(self, verb: str, fault: Fault, **more: Any) -> Ended:
        args = [verb, "--episodes", str(self._states.archive), "--index", str(self._states.index)]
        return self._runs.run(args, fault, **more)

    def _whole(self, old: State, new: State) -> Iterator[str]:
        """What is wrong with what is current while the trouble lasts."""
        generations = Generations(self._states.index, VERSION)
        name = generations.current()
        if name is None:
            yield "no generation is current"
            return
        if damaged := generations.damage(name, thorough=True):
            yield f"files of the current generation are not as written: {damaged}"
        with open_library(self._states.archive, self._states.index) as library:
            library._live.update = library._live.reader.refresh  # type: ignore[method-assign]
            said = answers(library)
        if said not in (old.answers, new.answers):
            yield f"it answers as neither before nor after: {difference(said, new.answers)}"

    def _after(self, new: State) -> Iterator[str]:
        """What is wrong when the trouble is over."""
        ended = self._run("index", Fault(str(self._states.index)))
        if ended.code:
            yield f"index fails when the trouble is over: {ended.stderr[-300:]}"
        with open_library(self._states.archive, self._states.index) as library:
            wait_until_current(library)
            if wrong := difference(answers(library), new.answers):
                yield f"when the trouble is over it answers otherwise: {wrong}"
        kept = {"CURRENT", "writer.lock", *Generations(self._states.index, VERSION).kept()}
        if stray := {path.name for path in self._states.index.iterdir()} - kept:
            yield f"stray files are left: {sorted(stray)}"


def _ended(ended: Ended, verb: str) -> Iterator[str]:
    """What is wrong with how a run ended."""
    if ended.code not in _ERRORS or (verb == "serve" and ended.code):
        yield f"{verb} ended with {ended.code}: {ended.stderr[-400:]}"
    if "Traceback" in ended.stderr:
        yield f"{verb} shows a traceback: {ended.stderr[-600:]}"
    if ended.code and len(ended.stderr.strip().splitlines()) != 1:
        yield f"{verb} does not say in one line what is wrong: {ended.stderr[-400:]}"
    if verb == "serve" and '"id":2' not in ended.stdout.replace(" ", ""):
        yield f"the server did not answer: {ended.stderr[-400:]}"


def _patiently(ask: Callable[[], dict[str, Any]]) -> dict[str, Any] | str:
    """The answers, asked again while it is said that the index is being built; else what is wrong."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            return ask()
        except ZundaError:
            time.sleep(0.05)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    return "it never answered again"


@contextmanager
def _read_only(folder: Path) -> Iterator[None]:
    """No folder below lets go of a file or takes one; the modes of files, which other states share, stay."""
    inside = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    (folder / "writer.lock").unlink(missing_ok=True)
    for path in inside:
        path.chmod(0o555)
    try:
        yield
    finally:
        for path in inside:
            path.chmod(0o755)
