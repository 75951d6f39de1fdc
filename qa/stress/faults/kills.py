"""Kill it anywhere: an indexing or refreshing process is ended by SIGKILL, and nothing is lost, halved or held.

A case takes an archive of which some files changed since it was indexed, runs ``zunda-mcp index`` (with and without
vectors put beside, from nothing, or over a change) or a server that takes the changes in and merges, and kills it: at
a call below the index folder chosen by seed (before an fsync, rename, link, lock, …, or within a write), or after a
random time. Then:

- the writer's lock is free;
- what is current answers as before the run or as after it, whole: asked of a library that does not look at the files,
  so that nothing is made level first;
- ``index`` or a new library, now and then a server of its own over stdio, answers as after the run once it says that
  it is current;
- then no stray folder, half-written pointer or temporary file is left, and every file of the index is as written.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from archive_states import State, States, answers, difference, open_library, wait_until_current
from fault_points import Fault
from faulty_runs import LINES, Ended, Runs
from outcome import Outcome, Plan
from private_state import private_state

from zunda_mcp.errors import IndexingError
from zunda_mcp.index.generation import Generations
from zunda_mcp.index.schema import VERSION
from zunda_mcp.index.vectors import FILES

Way = Literal["index", "vectors", "serve", "build"]
_WAYS: tuple[Way, ...] = ("index", "vectors", "serve", "index", "vectors", "serve", "build")
_OVER_STDIO = 12
_CASES = 300


def run(plan: Plan) -> Outcome:
    """300 kills, unless the plan says how many or its time ends."""
    outcome = Outcome("kills", plan.seed)
    if not hasattr(os, "fork"):
        outcome.skipped.append("all of it: this system has no SIGKILL and no fork")
        return outcome
    deadline = time.monotonic() + plan.seconds
    cases = plan.cases or _CASES
    with private_state(plan.scratch), Runs(plan.scratch) as runs:
        states = States(plan.archive, plan.scratch, plan.seed)
        states.make(12 if cases > 50 else 3)
        killing = _Killing(states, runs, plan)
        while outcome.cases < cases and time.monotonic() < deadline:
            outcome.failures += killing.case(outcome.cases)
            outcome.cases += 1
        outcome.failures += [f"seed {plan.seed}: {line}" for line in _harmed(states)]
    outcome.figures |= killing.figures()
    return outcome


class _Killing:
    """The cases of a run."""

    def __init__(self, states: States, runs: Runs, plan: Plan) -> None:
        self._states, self._runs, self._plan = states, runs, plan
        self._temporary = plan.scratch / "temporary"
        self._temporary.mkdir()
        self._dry: dict[tuple[Way, int], Ended] = {}
        self._at: Counter[str] = Counter()
        self._then: Counter[str] = Counter()

    def figures(self) -> dict[str, float | int | str]:
        """How often which call was the last, and what was current after it."""
        killed = {f"killed at {name}": count for name, count in sorted(self._at.items())}
        return {**killed, **{f"then current: {name}": count for name, count in sorted(self._then.items())}}

    def case(self, number: int) -> list[str]:
        """One kill; what was wrong after it."""
        chance = random.Random(f"{self._plan.seed} kill {number}")
        at = chance.randrange(1, len(self._states.all))
        way = chance.choice(_WAYS)
        old, new = (None if way == "build" else self._states.all[at - 1]), self._states.all[at]
        dry = self._dry.get((way, at))
        if dry is None:
            dry = self._dry[way, at] = self._run(way, old, new, Fault(str(self._states.index)))
            if dry.code:
                return [f"seed {self._plan.seed}: {way} of state {at} fails unharmed: {dry.stderr[-300:]}"]
        fault, after, said = Fault(str(self._states.index)), None, "a random moment"
        if chance.random() < 0.3:
            after = chance.uniform(0.0, dry.seconds)
        else:
            call, name = _some_call(dry.calls, chance)
            torn = name == "write" and chance.random() < 0.5
            fault = Fault(fault.folder, "torn" if torn else "kill", call)
            said = "within a write" if torn else name
        ended = self._run(way, old, new, fault, after=after, keep=True)
        self._at[said if ended.code == -signal.SIGKILL else "nothing, it had ended"] += 1
        wrong = [*self._whole(old, new), *self._goes_on(old, new, chance, over_stdio=number % _OVER_STDIO == 0)]
        self._states.put_back(new)
        last = ended.calls[-1] if ended.calls else "its start"
        return [
            f"seed {self._plan.seed} case {number}: {way} of state {at}, killed at {said} (call {fault.at}, last {last}"
            f"{f', {after:.4f} s' if after is not None else ''}): {line}"
            for line in wrong
        ]

    def _run(
        self, way: Way, old: State | None, new: State, fault: Fault, *, after: float | None = None, keep: bool = False
    ) -> Ended:
        """A run over a changed archive; with ``keep`` what it leaves is left to be looked at."""
        self._states.set(new, old)
        verb = "serve" if way == "serve" else "index"
        args = [verb, "--episodes", str(self._states.archive), "--index", str(self._states.index)]
        environ = {"TMPDIR": str(self._temporary)}
        ended = self._runs.run(args, fault, after=after, vectors=way in ("vectors", "build"), environ=environ)
        if not keep:
            self._states.put_back(new)
        return ended

    def _whole(self, old: State | None, new: State) -> Iterator[str]:
        """What is wrong with what the killed process left, before anything mends it."""
        generations = Generations(self._states.index, VERSION)
        try:
            with generations.writing(wait=0.0):
                pass
        except IndexingError as error:
            yield f"the lock is held after its holder died ({error})"
        name = generations.current()
        if name is None:
            self._then["none"] += 1
            if old is not None:
                yield "the old generation is gone and no new one is there"
            return
        if damaged := generations.damage(name, thorough=True):
            yield f"files of the current generation are not as written: {damaged}"
        try:
            with open_library(self._states.archive, self._states.index) as library:
                library._live.update = library._live.reader.refresh  # type: ignore[method-assign]
                said = answers(library)
        except Exception as error:
            yield f"the generation it left does not answer: {type(error).__name__}: {error}"
        else:
            right = {"old": old.answers if old else None, "new": new.answers}
            which = next((name for name, wanted in right.items() if said == wanted), None)
            self._then[which or "neither"] += 1
            if which is None:
                wrong = [difference(said, wanted) for wanted in right.values() if wanted]
                yield f"it answers as neither before nor after: {min(wrong, key=len)}"

    def _goes_on(self, old: State | None, new: State, chance: random.Random, *, over_stdio: bool) -> Iterator[str]:
        """What is wrong when the next process starts and brings the index level."""
        archive, index = self._states.archive, self._states.index
        if over_stdio and (why := _asked_over_stdio(archive, index, new)):
            yield why
        with open_library(archive, index) as library:
            if old is None or chance.random() < 0.5:
                library.refresh()
            wait_until_current(library)
            said = answers(library)
            if said != new.answers:
                yield f"after the next start the answers differ: {difference(said, new.answers)}"
            library.refresh()
        generations = Generations(index, VERSION)
        name = generations.current()
        if name is None or (damaged := generations.damage(name, thorough=True)):
            yield f"after the next run the index is damaged ({name}: {damaged if name else 'none current'})"
            return
        folders = sorted(path.name for path in index.iterdir() if path.is_dir())
        if folders[-1] != name or not generations.kept().issuperset(folders):
            yield f"stray folders are left: {folders}, current {name}"
        left = {path.name for path in index.iterdir() if path.is_file()} - {"CURRENT", "writer.lock"}
        known = {*json.loads((index / name / "inventory.json").read_text(encoding="utf-8")), "inventory.json"}
        inside = {path.relative_to(index / name).as_posix() for path in (index / name).rglob("*") if path.is_file()}
        left |= {file for file in inside - known if "LOCK" not in file}
        left |= {path.name for path in self._temporary.iterdir()}
        left |= {path.name for path in (self._plan.scratch / "state").glob("*")}
        if left:
            yield f"files are left behind: {sorted(left)}"
        if 0 < len(inside & set(FILES)) < 4:
            yield "vectors are there in part"


def _some_call(calls: list[str], chance: random.Random) -> tuple[int, str]:
    """One of the calls: half of the time any, else first a kind of call, so that rare ones have their turn."""
    places: dict[str, list[int]] = {}
    for place, call in enumerate(calls, 1):
        places.setdefault(call.split(" ", 1)[0], []).append(place)
    if chance.random() < 0.5:
        place = chance.randrange(1, len(calls) + 1)
        return place, calls[place - 1].split(" ", 1)[0]
    kind = chance.choice(sorted(places))
    return chance.choice(places[kind]), kind


def _asked_over_stdio(archive: Path, index: Path, new: State) -> str | None:
    """What is wrong with the first answer of a server of its own."""
    command = [sys.executable, "-m", "zunda_mcp", "serve", "--episodes", str(archive), "--index", str(index)]
    environ = {**os.environ, "ZUNDA_MCP_EMBEDDER": "none"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=environ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        answer: dict[str, Any] = {}
        server.stdin.write(b"".join(json.dumps(line).encode() + b"\n" for line in LINES))
        server.stdin.flush()
        while answer.get("id") != 2:
            line = server.stdout.readline()
            if not line:
                break
            answer = json.loads(line)
        _, complaints = server.communicate()
    content = answer.get("result", {}).get("structuredContent", {})
    wanted = new.answers["search AI newest"]["total_stories"]
    outdated = content.get("freshness", {}).get("state", "current") != "current"  # on a busy machine, and it says so
    if content.get("total_stories") != wanted and not outdated:
        return (
            f"a server started after it answers {json.dumps(answer)[:300]}, not {wanted} stories; {complaints[-300:]!r}"
        )
    return None


def _harmed(states: States) -> Iterator[str]:
    """Clean indexes whose files were written into in place: cases share them by hard links."""
    for state in states.all:
        generations = Generations(states.index, VERSION)
        states.clear()
        state.index.rename(states.index)
        name = generations.current()
        if name is None or generations.damage(name, thorough=True):
            yield f"a finished generation was changed in place: {state.index.name} {name}"
        states.index.rename(state.index)
