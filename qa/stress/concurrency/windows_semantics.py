"""Linux behaving like Windows where it can, for a process that calls ``impose``.

- A file that any process of the crowd has open or mapped cannot be removed, renamed, or replaced (Python opens files
  there without ``FILE_SHARE_DELETE``), nor cut short while it is mapped. Every name of the file counts, hard links too.
- ``os.rename`` never replaces.
- There are no hard links, as on FAT and exFAT; or there are, as on NTFS: as ``links`` says.
- What was replaced just now can be denied to who opens it, for a moment (``denied``: how often).

What processes have open is read from /proc, for the processes that are named in a file, one id a line.
"""

from __future__ import annotations

import io
import os
import random
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any


def impose(processes: Path, *, links: bool, denied: float = 0.0, seed: int = 0) -> None:
    """Behave like Windows from now on; ``processes`` names those whose open files count."""
    unlink, replace, rename, link = os.unlink, os.replace, os.rename, os.link
    rng = random.Random(seed)

    def removed(path: Any, *given: Any, **options: Any) -> None:
        _refuse(path, processes)
        unlink(path, *given, **options)

    def replaced(source: Any, target: Any, *given: Any, **options: Any) -> None:
        _refuse(source, processes)
        _refuse(target, processes)
        replace(source, target, *given, **options)

    def renamed(source: Any, target: Any, *given: Any, **options: Any) -> None:
        if os.path.lexists(target):
            raise FileExistsError(17, "Cannot create a file when that file already exists", str(target))
        _refuse(source, processes)
        rename(source, target, *given, **options)

    def linked(source: Any, target: Any, *given: Any, **options: Any) -> None:
        if not links:
            raise OSError(1, "Incorrect function", str(target))
        link(source, target, *given, **options)

    opened = io.open

    def opening(file: Any, mode: str = "r", *given: Any, **options: Any) -> Any:
        if isinstance(file, str | os.PathLike):
            if "w" in mode:
                _refuse(file, processes, mapped=True)
            if denied and "r" in mode and os.fspath(file).endswith("CURRENT") and rng.random() < denied:
                raise PermissionError(13, "The process cannot access the file", os.fspath(file))
        return opened(file, mode, *given, **options)

    ours = {"unlink": removed, "remove": removed, "replace": replaced, "rename": renamed, "link": linked}
    for name, refusing in ours.items():
        setattr(os, name, refusing)
    io.open = opening  # what pathlib opens with
    shutil._use_fd_functions = False  # type: ignore[attr-defined]  # as where there is no dir_fd


def _refuse(path: Any, processes: Path, *, mapped: bool = False) -> None:
    try:
        status = Path(path).stat()
    except OSError:
        return  # the call itself will say what is wrong
    if any(_holds(pid, status, mapped) for pid in _named(processes)):
        raise PermissionError(13, "The process cannot access the file because it is being used", os.fspath(path))


def _named(processes: Path) -> Iterator[int]:
    yield from {int(line) for line in processes.read_text(encoding="ascii").split()}


def _holds(pid: int, status: os.stat_result, mapped: bool) -> bool:
    """Whether a process has a file open, or ``mapped`` it."""
    device = b"%02x:%02x" % (os.major(status.st_dev), os.minor(status.st_dev))
    wanted = re.compile(rb"^\S+ \S+ \S+ %s %d " % (device, status.st_ino))
    process = Path(f"/proc/{pid}")
    try:
        with (process / "maps").open("rb") as lines:
            if any(wanted.match(line) for line in lines):
                return True
        handles = [] if mapped else list((process / "fd").iterdir())
    except OSError:
        return False  # gone
    for handle in handles:
        with suppress(OSError):
            found = handle.stat()
            if (found.st_ino, found.st_dev) == (status.st_ino, status.st_dev):
                return True
    return False
