"""What a process holds: memory, open files and threads, from /proc; and whether a series of such figures levels off."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

POSSIBLE = Path("/proc/self/status").is_file()
"""Whether this system says such things there; only Linux does."""


@dataclass(frozen=True)
class Sample:
    """At ``at`` seconds: private memory and all resident memory in MiB, threads, open files of the index, and others
    (sockets and pipes too)."""

    at: float
    private: float
    resident: float
    threads: int
    mapped: int
    files: int


def sample(pid: int, at: float, index: Path) -> Sample:
    """How a process is now that reads ``index``. Private memory leaves out mapped files, which the system takes back
    when it wants to.

    Raises ``OSError`` where the process is gone.
    """
    status: dict[str, str] = {}
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace").splitlines():
        name, _, value = line.partition(":")
        status[name] = value.strip()
    names = open_files(pid)
    mapped = sum(1 for name in names if name.startswith(f"{index}/"))
    private, resident = (int(status[name].split()[0]) / 1024 for name in ("RssAnon", "VmRSS"))
    threads, others = int(status["Threads"]), len(names) - mapped
    return Sample(round(at, 2), round(private, 2), round(resident, 2), threads, mapped, others)


def open_files(pid: int) -> list[str]:
    """What a process has open, by name; a removed file's name ends in `` (deleted)``."""
    found = []
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):  # closed just now
            found.append(str(handle.readlink()))
    return found


def folder_size(folder: Path) -> tuple[float, int]:
    """The MiB of a folder of generations, files with several names counted once, and how many generations it has."""
    sizes: dict[int, int] = {}
    generations = 0
    for parent, _, names in os.walk(folder):  # which passes over what is swept just now
        generations += Path(parent).parent == folder and Path(parent).name.startswith("g")
        for name in names:
            with suppress(OSError):
                status = Path(parent, name).lstat()
                sizes[status.st_ino] = status.st_size
    return round(sum(sizes.values()) / 2**20, 3), generations


def level(values: Sequence[float], share: float, slack: float) -> bool:
    """Whether a series has levelled off: the median of its last third is at most ``share`` above that of its middle
    third, or ``slack`` where that is more. Medians, because single figures jump with what is asked just then."""
    third = len(values) // 3
    if not third:
        return True
    before, after = median(values[third : 2 * third]), median(values[2 * third :])
    return after <= before + max(share * before, slack)


class Sampling:
    """Calls ``take`` every ``interval`` seconds in a thread, with the seconds since it began."""

    def __init__(self, take: Callable[[float], None], interval: float) -> None:
        self._take = take
        self._interval = interval
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampling", daemon=True)

    def __enter__(self) -> Sampling:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        began = time.monotonic()
        while not self._stop.is_set():
            self._take(time.monotonic() - began)
            self._stop.wait(self._interval)
