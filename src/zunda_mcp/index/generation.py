"""Generations on disk: complete states of the index, of which exactly one is current.

::

    index/
      CURRENT          one line of JSON: which generation is current, the schema and sources it was made with, and the
                       SHA-256 of its inventory; and the same for other versions and settings that use this folder
      writer.lock      held by the one writer; the system releases it when the writer dies
      g000007-1f3c…/   a generation: never changed once it is current, and its name is never used again
        meta.json      counts, averages, identity of the archive
        inventory.json the sizes and sums of all its files, see ``inventory``
        files.json     the source files, see ``catalog``
        vectors.json   and beside it the vectors of stories and words, where there is an embedder, see ``vectors``
        whoosh/        the Whoosh index

A new generation is written beside the current one, flushed to disk, and made current by replacing ``CURRENT``, which
is atomic. Whoever is killed on the way leaves a folder that nothing names; the next writer prunes it. Segment files
that did not change are hard links (copies where the file system has none), so a small change costs little. The last
few generations that were replaced stay for a minute: an answer that began with one of them can end with it.

Two versions of this program, or two servers with different settings, may use one folder: each has a current generation
of its own, and leaves those of the others alone. The last few are kept.

No file of an index is trusted to be harmless. Nothing in it is unpickled (see ``codec``), its inventory and
``meta.json`` can only name files within the generation, and links are never followed. A file that does not agree with
the inventory is damage, and the index is made anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from zunda_mcp.errors import IndexingError
from zunda_mcp.index import index_tuning, inventory
from zunda_mcp.index.inventory import Inventory

if TYPE_CHECKING:
    from filelock import BaseFileLock

__all__ = ["WHOOSH", "Generations", "is_usable"]

WHOOSH = "whoosh"
_NAME = re.compile(r"^g(\d{6,})-[0-9a-f]{8}$")
_CURRENT, _NEXT = "CURRENT", "CURRENT.new"
_POINTER_BYTES = 4096
_OTHERS = 2
_LOCK_SECONDS = 0.05
_DELETIONS_SECONDS = 2.0  # how long to retry if the folder is deleted meanwhile: longer than ``rm`` takes
_T = TypeVar("_T")
_R = TypeVar("_R")


def _read_pointer(file: Path) -> dict[str, object]:
    """The content of a ``CURRENT`` file; empty if it is not a regular file or not a JSON object.

    Raises ``OSError`` if it cannot be read now.
    """
    if not file.is_file():  # reading a pipe would wait forever
        return {}
    with file.open("rb") as stream:
        written = stream.read(_POINTER_BYTES)
    try:
        pointer = json.loads(written)
    except (ValueError, RecursionError):
        return {}
    return pointer if isinstance(pointer, dict) else {}


def is_usable(folder: Path) -> bool:
    """Whether an index may be stored in ``folder``: it has no links, which redirect writes, or foreign ``CURRENT``."""
    try:
        if folder.is_symlink() or any(entry.is_symlink() for entry in folder.iterdir()):
            return False
        return not (folder / _CURRENT).exists() or bool(_entries(_read_pointer(folder / _CURRENT)))
    except FileNotFoundError:
        return True
    except OSError:
        return False


class Generations:
    """The index folder of one archive. It sees only generations of this schema ``version`` and these ``sources`` (a
    digest of sources and settings; None accepts any) and leaves others alone.

    Raises ``IndexingError`` if the folder cannot be made or written.
    """

    def __init__(self, folder: Path, version: int, sources: str | None = None) -> None:
        self.folder = folder
        self.version = version
        self.sources = sources
        self._seen: tuple[tuple[int, int, int], str | None] | None = None
        self._inventories: dict[str, Inventory] = {}
        self._given_up: dict[str, tuple[Inventory, list[str]]] = {}
        self._sound: set[tuple[str, int, int, str]] = set()
        self._taken_over: dict[str, str] = {}

    def current(self) -> str | None:
        """Return the name of the current generation; None if this version has none for these sources and settings.

        The pointer is read again only if the file has changed.
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
                pointer = _patiently(_read_pointer, self.folder / _CURRENT, tries=10)
            except OSError:
                return None  # not cached
            self._seen = seen = (stamp, self._named(pointer))
        return seen[1]

    def _is_ours(self, entry: Mapping[str, object]) -> bool:
        return entry.get("schema") == self.version and self.sources in (None, entry.get("sources"))

    def _named(self, pointer: Mapping[str, object]) -> str | None:
        """The generation that a pointer names for this version and these sources; remembers its inventory."""
        entry = next(filter(self._is_ours, _entries(pointer)), None)
        if entry is None:
            return None
        name, wanted = str(entry["generation"]), str(entry.get("inventory"))
        folder = self.path(name)
        try:
            if folder.is_symlink():
                return None
            data = (folder / inventory.NAME).read_bytes()
            if hashlib.sha256(data).hexdigest() != wanted:
                return None
            files = inventory.read_inventory(data)
        except (OSError, ValueError, TypeError, AttributeError):
            return None
        others = [(one, records) for one, records in self._inventories.items() if one != name]
        self._inventories = dict(others[-2:]) | {name: files}
        return name

    def damage(self, name: str, *, thorough: bool = False) -> list[str]:
        """Return the files of a generation that differ from what was written; ``thorough`` also reads those that look
        untouched, each once. A damaged file stays damaged. Empty for a generation that this object never saw as
        current.
        """
        expected = self._inventories.get(name)
        if expected is None:
            return []
        given_up = self._given_up.get(name)
        if given_up and given_up[0] == expected:  # not a later generation of this name
            return given_up[1]
        folder = self.path(name)
        damaged, doubtful = inventory.altered(folder, expected)
        if thorough:
            doubtful = [one for one in expected if one not in damaged]
        unread = [one for one in doubtful if (stamp := self._stamp(name, one)) is None or stamp not in self._sound]
        stamps = {one: self._stamp(name, one) for one in unread}  # taken before reading, so that a later change shows
        wrong = inventory.differing(folder, expected, unread)
        self._sound |= {stamp for one, stamp in stamps.items() if stamp and one not in wrong}
        if wrong:
            self._given_up[name] = expected, [*damaged, *wrong]
        return [*damaged, *wrong]

    def _stamp(self, name: str, file: str) -> tuple[str, int, int, str] | None:
        """What must stay the same for a file to count as read: its name, inode and time, and its expected digest."""
        try:
            status = (self.path(name) / file).stat()
        except OSError:
            return None
        return file, status.st_ino, status.st_mtime_ns, self._inventories[name][file].digest

    def path(self, name: str) -> Path:
        """Return the folder of a generation."""
        return self.folder / name

    @contextmanager
    def writing(self, wait: float = 600.0) -> Iterator[None]:
        """Hold the writer's lock; waits up to ``wait`` seconds for another process to finish.

        Raises ``IndexingError`` if the lock is still held then, or if the folder cannot be written.
        """
        from filelock import Timeout  # start-up

        try:
            lock = self._acquire_lock(wait)
        except Timeout as error:
            msg = f"Another process is still indexing into {self.folder}; try again when it is done."
            raise IndexingError(msg) from error
        except OSError as error:
            why = error.strerror or error
            msg = f"Cannot write the index folder {self.folder} ({why}); choose another with --index DIR."
            raise IndexingError(msg) from error
        try:
            yield
        except OSError as error:
            why = error.strerror or error
            msg = f"The index in {self.folder} could not be written ({why}); see to that, or choose --index DIR."
            raise IndexingError(msg) from error
        finally:
            lock.release()

    def _acquire_lock(self, wait: float) -> BaseFileLock:
        """Make the folder and lock it; if the folder is deleted before the lock file is open, start over."""
        from filelock import FileLock  # start-up

        end = time.monotonic() + _DELETIONS_SECONDS
        while True:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                lock = FileLock(self.folder / "writer.lock", timeout=wait, poll_interval=_LOCK_SECONDS)
                lock.acquire()
            except (FileNotFoundError, FileExistsError):  # the latter if it is deleted during ``mkdir``
                is_no_folder = os.path.lexists(self.folder) and not self.folder.is_dir()
                if is_no_folder or time.monotonic() > end:
                    raise
            else:
                return lock

    def begin(self, base: str | None) -> Path:
        """Make a generation folder: empty, or with the segments of ``base``. The caller holds the writer's lock."""
        self.prune(keep_previous=False)
        self._taken_over = {}
        numbers = [int(name[1]) for path in self.folder.iterdir() if (name := _NAME.match(path.name))]
        folder = self.folder / f"g{max(numbers, default=0) + 1:06d}-{os.urandom(4).hex()}"
        (folder / WHOOSH).mkdir(parents=True)
        if base is not None:
            self.carry(base, folder, [name for name in self._inventories[base] if name.startswith(f"{WHOOSH}/")])
        return folder

    def carry(
        self, base: str, folder: Path, names: Iterable[str] | None = None, *, without: Iterable[str] = ()
    ) -> None:
        """Link the files of ``base`` into a generation folder that lacks them: ``names``, or all except ``without``."""
        records = self._inventories[base]
        for name in records if names is None else names:
            if name in records and name not in without and not (folder / name).exists():
                _link(self.folder / base / name, folder / name)
                self._taken_over[name] = records[name].digest

    def publish(self, folder: Path) -> str:
        """Make a finished generation current and return its name. The caller holds the writer's lock."""
        inventory.write(folder, inventory.take(folder, self._taken_over))
        of = hashlib.sha256((folder / inventory.NAME).read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*")):
            _flush(file)
        _flush(folder)
        before = self._pointer()
        previous = next((entry["generation"] for entry in before if self._is_ours(entry)), None)
        pointer = {
            "generation": folder.name,
            "schema": self.version,
            "sources": self.sources,
            "inventory": of,
            "previous": previous,
            "replaced": self._replaced(before, previous),
            "others": [entry for entry in before if not self._is_ours(entry)][:_OTHERS],
        }
        temporary = self.folder / _NEXT
        temporary.unlink(missing_ok=True)  # a link here could lead to any file of the user
        temporary.write_text(json.dumps(pointer) + "\n", encoding="utf-8")
        _flush(temporary)
        _patiently(temporary.replace, self.folder / _CURRENT)
        self._seen = None
        _flush(self.folder)
        self.prune()
        return folder.name

    @contextmanager
    def removed_on_failure(self, folder: Path) -> Iterator[None]:
        """Remove a generation if something fails before it is current."""
        try:
            yield
        except BaseException:
            self._seen = None
            if self.current() != folder.name:
                shutil.rmtree(folder, ignore_errors=True)
            raise

    def prune(self, *, keep_previous: bool = True) -> None:
        """Remove generations that no reader will open again; files that a reader still has open on Windows stay until
        next time.

        The caller holds the writer's lock.
        """
        with suppress(OSError):
            (self.folder / _NEXT).unlink()
        keep = self.kept(previous=keep_previous)
        for path in list(self.folder.iterdir()):
            if _NAME.match(path.name) and path.name not in keep:
                shutil.rmtree(path, ignore_errors=True)

    def kept(self, *, previous: bool = True) -> set[str]:
        """Return the generations to keep: the current ones, those just replaced, and the ``previous`` one of each."""
        entries = self._pointer()
        keep = {str(entry["generation"]) for entry in entries}
        keep.update(str(entry.get("previous")) for entry in entries if previous or not self._is_ours(entry))
        keep.update(name for entry in entries for name in _just_replaced(entry))
        return keep

    def _replaced(self, entries: Iterable[dict[str, object]], previous: object) -> dict[str, float]:
        """The generations of this version and these sources that were replaced recently, and when, newest first."""
        now = {previous: time.time()} if isinstance(previous, str) else {}
        earlier = next((_just_replaced(entry) for entry in entries if self._is_ours(entry)), {})
        return dict(islice((now | earlier).items(), index_tuning.MAX_REPLACED_KEPT))

    def _pointer(self) -> list[dict[str, object]]:
        """The entries of the pointer, one for each version and sources, newest first; none if it cannot be read."""
        try:
            return _entries(_patiently(_read_pointer, self.folder / _CURRENT, tries=10))
        except OSError:
            return []


def _entries(pointer: Mapping[str, object]) -> list[dict[str, object]]:
    """The entries that a pointer has: the generation published last, then those of others."""
    others = pointer.get("others")
    first = {name: value for name, value in pointer.items() if name != "others"}
    return [
        entry
        for entry in (first, *(others[:_OTHERS] if isinstance(others, list) else ()))
        if isinstance(entry, dict) and isinstance(name := entry.get("generation"), str) and _NAME.match(name)
    ]


def _just_replaced(entry: Mapping[str, object]) -> dict[str, float]:
    """The generations that an entry lists as replaced, and when, if answers may still be made from them."""
    replaced = entry.get("replaced")
    if not isinstance(replaced, dict):
        return {}
    now = time.time()
    return {
        name: at
        for name, at in replaced.items()
        if isinstance(at, float) and abs(now - at) < index_tuning.REPLACED_KEPT_SECONDS
    }


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _flush(path: Path) -> None:
    """Ask the system to write a file or folder to disk; ignore it if the system cannot (Windows folders)."""
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _patiently(do: Callable[[_T], _R], given: _T, tries: int = 50) -> _R:
    """Return ``do(given)``, retried for a moment if Windows refuses because another process has the file open."""
    for _ in range(tries - 1):
        with suppress(PermissionError):
            return do(given)
        time.sleep(0.02)
    return do(given)
