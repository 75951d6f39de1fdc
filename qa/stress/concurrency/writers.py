"""Reading what ``witnessed`` processes have said of their writing: was there ever more than one writer at a time?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Writing:
    """One hold of the writer's lock: by whom (process, thread), from when to when in monotonic seconds."""

    who: tuple[int, int]
    start: float
    end: float


def read(witness: Path, killed: Mapping[int, float]) -> tuple[list[Writing], list[str]]:
    """All holds of the lock in order, and faults: a generation begun or published by one who did not hold it.

    ``killed`` says when processes were killed, which ends their hold: from then on the lock is free.
    """
    holds: list[Writing] = []
    faults: list[str] = []
    inside: dict[tuple[int, int], float] = {}
    lines = witness.read_text(encoding="ascii").splitlines() if witness.is_file() else []
    for line in lines:
        at, pid, thread, what, name = (*line.split(" "), "")[:5]
        who = int(pid), int(thread)
        match what:
            case "enter":
                inside[who] = float(at)
            case "leave":
                holds.append(Writing(who, inside.pop(who), float(at)))
            case _:
                if who not in inside:
                    faults.append(f"process {pid} did {what} {name} without the writer's lock")
    last = float(lines[-1].split(" ")[0]) if lines else 0.0
    holds += [Writing(who, start, killed.get(who[0], last)) for who, start in inside.items()]
    return sorted(holds, key=lambda hold: hold.start), faults


def overlaps(holds: list[Writing]) -> list[str]:
    """A sentence for every two holds that were held at one time; ``holds`` in order of their start."""
    found = []
    latest: Writing | None = None
    for hold in holds:
        if latest is not None and hold.start < latest.end:
            found.append(f"{latest.who} held the writer's lock until {latest.end}, {hold.who} had it from {hold.start}")
        if latest is None or hold.end > latest.end:
            latest = hold
    return found
