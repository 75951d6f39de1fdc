"""Generations on disk: complete states of the index, of which exactly one is current.

::

    index/
      CURRENT          one line of JSON: which generation, and the schema it was made with
      writer.lock      held by the one writer; the system releases it when the writer dies
      g000007/         a generation: never changed once it is current
        meta.json      counts, averages, identity of the archive
        catalog.json   episodes and source files, see ``catalog``
        vectors.json   and beside it the vectors of stories and words, where there is an embedder, see ``vectors``
        whoosh/        the Whoosh index

A new generation is written beside the current one, flushed to disk, and made current by replacing ``CURRENT``, which
is atomic. Whoever is killed on the way leaves a folder that nothing names, swept by the next writer. Segment files
that did not change are hard links (copies where the file system has none), so a small change costs little.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from zunda_mcp.errors import IndexingError
from zunda_mcp.index.trust import read_pointer, seal, sealed

_NAME = re.compile(r"^g\d{6,}$")
_CURRENT = "CURRENT"
WHOOSH = "whoosh"
_LOCK_SECONDS = 0.05
_T = TypeVar("_T")
_R = TypeVar("_R")


class Generations:
    """The index folder of one archive.

    Raises ``IndexingError`` where the folder cannot be made or written.
    """

    def __init__(self, folder: Path, version: int) -> None:
        self.folder = folder
        self.version = version
        self._seen: tuple[tuple[int, int, int], str | None] | None = None

    def current(self) -> str | None:
        """Name of the current generation; None where there is none that this code and this user made.

        The pointer is read again only when it is another file than last time.
        """
        try:
            status = (self.folder / _CURRENT).stat()
        except OSError:
            self._seen = None
            return None
        stamp = (status.st_mtime_ns, status.st_ino, status.st_size)
        seen = self._seen
        if seen is None or seen[0] != stamp:
            try:
                pointer = _patiently(read_pointer, self.folder / _CURRENT, tries=10)
            except OSError:
                return None  # for now: it is not remembered
            self._seen = seen = (stamp, self._named(pointer))
        return seen[1]

    def _named(self, pointer: Mapping[str, object]) -> str | None:
        name = pointer.get("generation")
        if not isinstance(name, str) or not _NAME.match(name) or pointer.get("schema") != self.version:
            return None
        if not sealed(self.folder, name, pointer.get("seal")) or not (self.folder / name / "meta.json").is_file():
            return None
        return name

    def path(self, name: str) -> Path:
        """The folder of a generation."""
        return self.folder / name

    @contextmanager
    def writing(self, wait: float = 600.0) -> Iterator[None]:
        """Hold the writer's lock; waits up to ``wait`` seconds for another process to finish.

        Raises ``IndexingError`` when it is still held then, or the folder cannot be written.
        """
        from filelock import FileLock, Timeout

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.folder / "writer.lock", timeout=wait, poll_interval=_LOCK_SECONDS)
            lock.acquire()
        except Timeout as error:
            msg = f"Another process is still indexing into {self.folder}; try again when it is done."
            raise IndexingError(msg) from error
        except OSError as error:
            why = error.strerror or error
            msg = f"Cannot write the index folder {self.folder} ({why}); choose another with --index DIR."
            raise IndexingError(msg) from error
        try:
            yield
        finally:
            lock.release()

    def begin(self, base: str | None) -> Path:
        """A new, empty generation folder, or one that starts with the segments of ``base``. Lock held."""
        self._sweep()
        numbers = [int(path.name[1:]) for path in self.folder.iterdir() if _NAME.match(path.name)]
        folder = self.folder / f"g{max(numbers, default=0) + 1:06d}"
        (folder / WHOOSH).mkdir(parents=True)
        if base is not None:
            for name in whoosh_files(self.folder / base):
                _link(self.folder / base / WHOOSH / name, folder / WHOOSH / name)
        return folder

    def carry(self, base: str, folder: Path, names: Iterable[str]) -> None:
        """Give a generation folder the files of ``base`` with these names that it has not itself."""
        for name in names:
            source = self.folder / base / name
            if source.is_file() and not (folder / name).exists():
                _link(source, folder / name)

    def publish(self, folder: Path) -> str:
        """Make a finished generation current and return its name. Lock held."""
        for file in sorted(folder.rglob("*")):
            _flush(file)
        _flush(folder)
        pointer = {"generation": folder.name, "schema": self.version, "seal": seal(self.folder, folder.name)}
        temporary = self.folder / f"{_CURRENT}.new"
        temporary.unlink(missing_ok=True)  # a link that lies there may lead to any file of the user
        temporary.write_text(json.dumps(pointer) + "\n", encoding="utf-8")
        _flush(temporary)
        _patiently(temporary.replace, self.folder / _CURRENT)
        self._seen = None
        _flush(self.folder)
        self._sweep(keep_previous=True)
        return folder.name

    def abandon(self, folder: Path) -> None:
        """Remove a generation that will not be published."""
        shutil.rmtree(folder, ignore_errors=True)

    def _sweep(self, keep_previous: bool = False) -> None:
        """Remove what no reader will open again; what a reader still holds open on Windows stays for next time."""
        current = self.current()
        names = sorted(path.name for path in self.folder.iterdir() if _NAME.match(path.name))
        keep = {current}
        if keep_previous and current in names:
            keep.update(names[max(0, names.index(current) - 1) : names.index(current)])
        for name in names:
            if name not in keep:
                shutil.rmtree(self.folder / name, ignore_errors=True)


def whoosh_files(generation: Path) -> dict[str, int]:
    """The files of a generation's Whoosh index with their sizes in bytes; locks are not part of it."""
    files = (path for path in (generation / WHOOSH).iterdir() if path.is_file() and "LOCK" not in path.name)
    return {path.name: path.stat().st_size for path in sorted(files)}


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _flush(path: Path) -> None:
    """Ask the system to put a file or folder on the disk; a system that cannot (Windows folders) is let be."""
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _patiently(do: Callable[[_T], _R], given: _T, tries: int = 50) -> _R:
    """What ``do`` gives, tried again for a moment where Windows refuses because another process has the file open."""
    for _ in range(tries - 1):
        with contextlib.suppress(PermissionError):
            return do(given)
        time.sleep(0.02)
    return do(given)
