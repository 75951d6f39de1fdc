"""The one open reader that all answers of a process share, replaced when a newer generation is current.

As in Lucene's ``SearcherManager``, an answer acquires the reader and releases it, and a replaced reader is closed when
its last answer is done.

A reader maps most files of its generation when they are first needed. If the generation is pruned while an answer uses
it, files that were not open yet are gone, and the answer is made again from the newest generation. The same applies if
files turn out to be damaged: the index is being rebuilt, and the next try waits for that. Nothing else is retried: a
file that is missing for any other reason is an error that is shown at once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from functools import wraps
from typing import ParamSpec, TypeVar

from zunda_mcp.errors import IndexingError
from zunda_mcp.index import index_tuning
from zunda_mcp.index.generation import Generations
from zunda_mcp.index.reader import IndexReader

__all__ = ["DamagedError", "Lease", "ReplacedError", "SharedReader", "retry_if_replaced"]

_log = logging.getLogger(__name__)
_TRIES = 5


class Lease:
    """A reader and how many answers use it; ``verifying``: its files have been read whole, or are being read."""

    def __init__(self, reader: IndexReader) -> None:
        self.reader = reader
        self.users = 0
        self.replaced = False
        self.verifying = False


class SharedReader:
    """Opens the current generation of these sources. Thread-safe.

    ``opened`` is called with each reader before it is used, ``broken`` if the current generation is damaged or cannot
    be opened.
    """

    def __init__(
        self,
        generations: Generations,
        sources: str,
        opened: Callable[[IndexReader], None],
        broken: Callable[[], None],
    ) -> None:
        self._generations = generations
        self._sources = sources
        self._opened = opened
        self._broken = broken
        self._lock = threading.RLock()
        self._lease: Lease | None = None
        self._closed = False

    def open(self, name: str) -> IndexReader:
        """Return a reader of a generation, which the caller closes."""
        return IndexReader(self._generations.path(name))

    def peek(self) -> IndexReader | None:
        """Return the reader that is open now, without looking at any file; None if none is open yet."""
        with self._lock:
            return self._lease.reader if self._lease else None

    def acquire(self) -> Lease | None:
        """Return a lease for one answer, to be released after it; None if no reader is open."""
        with self._lock:
            if self._lease is not None:
                self._lease.users += 1
            return self._lease

    def release(self, lease: Lease) -> None:
        """Give a lease back after an answer; the last user of a replaced reader closes it."""
        with self._lock:
            lease.users -= 1
            if lease.replaced and not lease.users:
                lease.reader.close()

    def close(self) -> None:
        """Open no more readers, and close this one when its answers are done."""
        with self._lock:
            self._closed = True
            self._replace(None)

    def is_newest(self, reader: IndexReader) -> bool:
        """Whether the reader's generation is the current one."""
        return self._generations.current() == reader.name

    def refresh(self) -> bool:
        """Switch to the current generation, and return whether it is in use now.

        Raises ``OSError`` if the index folder cannot be read now.
        """
        for _ in range(_TRIES):
            name = self._generations.current()
            with self._lock:
                before = self._lease
                if name is None or self._closed:
                    return False
                if before and before.reader.name == name:
                    return True
            try:
                damaged = self._generations.damage(name)
                reader = None if damaged else self.open(name)
            except Exception as error:
                damaged, reader = [f"{type(error).__name__}: {error}"], None
            if reader is None:
                if self._generations.current() != name:
                    continue  # pruned between looking and opening: a newer one is there
                _log.warning("Generation %s cannot be opened (%s); rebuilding", name, ", ".join(damaged[:3]))
                self._broken()
                return False
            with self._lock:
                if self._lease is not before:  # another thread was faster, and maybe with a newer one
                    reader.close()
                    continue
                if self._closed or not reader.meta.made_from(self._sources):
                    reader.close()
                    return False
                self._opened(reader)
                self._replace(reader)
            return True
        return False

    def damage(self, reader: IndexReader, *, thorough: bool = False) -> list[str]:
        """As ``Generations.damage``; none if a newer generation is current, because then missing files were pruned."""
        damaged = self._generations.damage(reader.name, thorough=thorough)
        return damaged if self._generations.current() in (None, reader.name) else []

    def discard(self, reader: IndexReader, damaged: Sequence[str]) -> None:
        """Stop answering from a damaged generation, and have it rebuilt."""
        with self._lock:
            if self._lease is None or self._lease.reader is not reader:
                return
            _log.warning("Files of the index are damaged (%s); it is built anew", ", ".join(damaged[:3]))
            self._replace(None)
        self._broken()

    def _replace(self, successor: IndexReader | None) -> None:
        old = self._lease
        self._lease = Lease(successor) if successor else None
        if old is not None:
            old.replaced = True
            if not old.users:
                old.reader.close()


_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")


class DamagedError(IndexingError):
    """An answer failed because a file of the index is not as it was written."""

    def __init__(self) -> None:
        super().__init__("The index was damaged or removed and is being built anew; ask again in a few seconds.")


class ReplacedError(IndexingError):
    """An answer failed on a file of a generation that a newer one had replaced."""

    def __init__(self) -> None:
        super().__init__("The index was replaced while this was answered; ask again.")


def retry_if_replaced(answer: Callable[_Given, _Answer]) -> Callable[_Given, _Answer]:
    """Return ``answer`` with retries if its generation is replaced or turns out to be damaged meanwhile."""

    @wraps(answer)
    def retried(*given: _Given.args, **options: _Given.kwargs) -> _Answer:
        for _ in range(index_tuning.ANSWER_TRIES - 1):
            try:
                return answer(*given, **options)
            except (ReplacedError, DamagedError):
                continue
        return answer(*given, **options)

    return retried
