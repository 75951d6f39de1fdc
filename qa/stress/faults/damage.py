"""Damaged index files: noticed and made anew, or reported, and never answered from.

A case takes a clean index, damages it in a way chosen by seed, and asks everything ``archive_states.answers`` knows. A
new library, a library that had the index open, or (some) a server of its own over stdio must answer as the clean index
does, or say in plain words that it cannot; anything else is a fault. The ways: a file cut short, emptied, removed,
lengthened, filled with zeros or with garbage, with one bit flipped, with another file of the index in its place, or
two files swapped; ``CURRENT`` and the small files of facts replaced by garbage or by those of another version; and a
bit that flips without a trace in the file's time, which must be found when the files are read a moment after.

A file that is cut short while a process has it mapped may end that process (SIGBUS on POSIX); it is therefore replaced
by a shorter one, as a program does that writes beside and renames. Changes of other kinds are made in place.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from archive_states import States, answers, difference, open_library, wait_for_workers
from faulty_runs import LINES
from outcome import Outcome, Plan
from private_state import private_state

from zunda_mcp.errors import IndexingError, ZundaError
from zunda_mcp.index.schema import VERSION
from zunda_mcp.library import Library

_CASES = 600
_FILES = 24  # of the archive: an index is made anew in most cases
_OVER_STDIO = 25
_PATIENCE = 60.0

Damage = Callable[[Path, random.Random, list[Path]], str]
"""Damages a file, given all files; says how."""


def run(plan: Plan) -> Outcome:
    """Hundreds of damaged indexes, unless the plan says how many or its time ends."""
    outcome = Outcome("damage", plan.seed)
    deadline = time.monotonic() + plan.seconds
    with private_state(plan.scratch):
        states = States(plan.archive, plan.scratch, plan.seed)
        states.make(2, most=_FILES)
        damaging = _Damaging(states, plan)
        while outcome.cases < (plan.cases or _CASES) and time.monotonic() < deadline:
            outcome.failures += damaging.case(outcome.cases)
            outcome.cases += 1
    outcome.figures |= dict(sorted(damaging.met.items()))
    return outcome


class _Damaging:
    """The cases of a run."""

    def __init__(self, states: States, plan: Plan) -> None:
        self._states, self._plan = states, plan
        self._state = states.all[-1]
        self.met: Counter[str] = Counter()
        states.set(self._state, self._state)
        with open_library(states.archive, states.index) as library:
            self._wanted = answers(library, deep=True)
        states.put_back(self._state)

    def case(self, number: int) -> list[str]:
        """One damaged index; what was answered wrongly."""
        chance = random.Random(f"{self._plan.seed} damage {number}")
        self._states.set(self._state, self._state)
        _unlink_shared(self._states.index)
        name, hurt = chance.choice(sorted(_WAYS.items()))
        who = chance.choice(("a new library", "a new library", "an open library"))
        if number % _OVER_STDIO == _OVER_STDIO - 1 and name != "rot":
            who = "a server"
        place = ""
        with open_library(self._states.archive, self._states.index) as library:
            if who == "an open library":
                answers(library)
            place = self._hurt(name, hurt, chance)
            wrong = self._server_says() if who == "a server" else self._library_says(library, rotten=name == "rot")
        wait_for_workers()
        self.met[f"{name}, {who}"] += 1
        self._states.put_back(self._state)
        return [f"seed {self._plan.seed} case {number}: {place}, {who}: {wrong}"] if wrong else []

    def _hurt(self, name: str, hurt: Damage, chance: random.Random) -> str:
        index = self._states.index
        generation = index / json.loads((index / "CURRENT").read_text(encoding="utf-8"))["generation"]
        files = sorted(path for path in generation.rglob("*") if path.is_file() and path.stat().st_size)
        if name in ("cut", "garbage", "flipped", "another version") and chance.random() < 0.2:
            files = [index / "CURRENT"]
        if name == "another version":
            files = [index / "CURRENT", generation / "meta.json", generation / "inventory.json"]
        file = chance.choice(files)
        return f"{hurt(file, chance, files)} ({file.relative_to(index)})"

    def _library_says(self, library: Library, *, rotten: bool) -> str:
        """What is wrong with the answers; asked again while it says that it builds."""
        deadline = time.monotonic() + _PATIENCE
        if rotten:
            for _ in range(2):  # one opens the index, whatever it answers; then everything is read
                try:
                    library.search("AI")
                except ZundaError:
                    break
            if not library.verify() and library.search("AI").total_stories is not None:
                return "a bit that flipped was not found when all was read"
        while time.monotonic() < deadline:
            try:
                said = answers(library, deep=True)
            except IndexingError:
                self.met["answers that said it is being built anew"] += 1
                time.sleep(0.02)
                continue
            except Exception as error:
                return f"{type(error).__name__}: {error}"
            return _plain(difference(_mended(said), _mended(self._wanted)))
        return "it never answered again"

    def _server_says(self) -> str:
        archive, index = self._states.archive, self._states.index
        command = [sys.executable, "-m", "zunda_mcp", "serve", "--episodes", str(archive), "--index", str(index)]
        environ = {**os.environ, "ZUNDA_MCP_EMBEDDER": "none"}
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=environ) as server:
            assert server.stdin is not None
            assert server.stdout is not None
            server.stdin.write(b"".join(json.dumps(line).encode() + b"\n" for line in LINES))
            server.stdin.flush()
            answer: dict[str, Any] = {}
            while answer.get("id") != 2 and (line := server.stdout.readline()):
                answer = json.loads(line)
            _, complaints = server.communicate()
        found = answer.get("result", {}).get("structuredContent", {}).get("total_stories")
        wanted = self._wanted["search AI newest"]["total_stories"]
        if b"Traceback" in complaints:
            return f"a traceback: {complaints[-400:]!r}"
        return "" if found == wanted else f"answers {json.dumps(answer)[:300]}"


def _mended(said: dict[str, Any]) -> dict[str, Any]:
    """Answers as an index gives them that may have been made whole meanwhile: see ``archive_states.answers``."""
    kept = {}
    for name, value in said.items():
        if name.startswith(("episode", "search")) and "relevance" not in name:
            kept[name] = value
            if name.startswith("search"):
                hits = [{key: hit[key] for key in hit if key not in ("score", "snippet")} for hit in value["hits"]]
                if len(hits) < value["total_stories"]:
                    hits = [hit for hit in hits if hit["date"] != hits[-1]["date"]]
                kept[name] = [value["total_stories"], value["total_episodes"], sorted(hits, key=lambda hit: hit["id"])]
        elif name == "topics":
            kept[name] = sorted(topic["name"] for topic in value["topics"])
        elif name.startswith("timeline"):
            kept[name] = {key: value[key] for key in value if key not in ("first", "last", "busiest")}
        elif name == "quote":
            kept[name] = value["verdict"]
    return kept


def _plain(difference: str) -> str:
    return f"other answers: {difference}" if difference else ""


# --- ways to damage a file


def _cut(file: Path, chance: random.Random, _files: list[Path]) -> str:
    size = chance.randrange(file.stat().st_size)
    _replaced(file, file.read_bytes()[:size])
    return f"cut to {size} bytes"


def _emptied(file: Path, _chance: random.Random, _files: list[Path]) -> str:
    _replaced(file, b"")
    return "emptied"


def _removed(file: Path, _chance: random.Random, _files: list[Path]) -> str:
    file.unlink()
    return "removed"


def _longer(file: Path, chance: random.Random, _files: list[Path]) -> str:
    with file.open("ab") as stream:
        stream.write(chance.randbytes(chance.randint(1, 5000)))
    return "made longer"


def _zeros(file: Path, chance: random.Random, _files: list[Path]) -> str:
    size = file.stat().st_size
    start = chance.randrange(size)
    _over(file, start, bytes(min(4096, size - start)), chance)
    return f"zeros from {start}"


def _garbage(file: Path, chance: random.Random, _files: list[Path]) -> str:
    _over(file, 0, chance.randbytes(file.stat().st_size), chance)
    return "garbage"


def _flipped(file: Path, chance: random.Random, _files: list[Path]) -> str:
    at, bit = chance.randrange(file.stat().st_size), chance.randrange(8)
    with file.open("rb") as stream:
        stream.seek(at)
        byte = stream.read(1)[0]
    _over(file, at, bytes((byte ^ 1 << bit,)), chance)
    return f"bit {bit} of byte {at} flipped"


def _rot(file: Path, chance: random.Random, files: list[Path]) -> str:
    status = file.stat()
    said = _flipped(file, chance, files)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    return f"{said} with no trace in its time"


def _another(file: Path, chance: random.Random, files: list[Path]) -> str:
    other = chance.choice(files)
    _replaced(file, other.read_bytes())
    return f"in its place a copy of {other.name}"


def _swapped(file: Path, chance: random.Random, files: list[Path]) -> str:
    other = chance.choice([one for one in files if one != file])
    aside = file.with_name("aside")
    file.rename(aside)
    other.rename(file)
    aside.rename(other)
    return f"swapped with {other.name}"


def _version(file: Path, chance: random.Random, _files: list[Path]) -> str:
    data = json.loads(file.read_text(encoding="utf-8"))
    if file.name == "inventory.json":
        data = dict(list(data.items())[:-1])
    else:
        data["schema"] = chance.choice((0, VERSION - 1, VERSION + 1, "9", None))
    _replaced(file, json.dumps(data).encode())
    return "of another version"


_WAYS: dict[str, Damage] = {
    "cut": _cut,
    "emptied": _emptied,
    "removed": _removed,
    "longer": _longer,
    "zeros": _zeros,
    "garbage": _garbage,
    "flipped": _flipped,
    "rot": _rot,
    "another file": _another,
    "swapped": _swapped,
    "another version": _version,
}


def _over(file: Path, at: int, data: bytes, chance: random.Random) -> None:
    """Write over a part of it in place; at times the file is given the same bytes elsewhere, as by a copy."""
    if chance.random() < 0.3:
        _replaced(file, file.read_bytes()[:at] + data + file.read_bytes()[at + len(data) :])
        return
    with file.open("r+b") as stream:
        stream.seek(at)
        stream.write(data)


def _replaced(file: Path, data: bytes) -> None:
    other = file.with_name(f"{file.name}.other")
    other.write_bytes(data)
    other.replace(file)


def _unlink_shared(index: Path) -> None:
    """Files of its own for an index that was put there by hard links, so that damage stays in it; times are kept."""
    for file in index.rglob("*"):
        if file.is_file() and file.stat().st_nlink > 1:
            status = file.stat()
            _replaced(file, file.read_bytes())
            os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
