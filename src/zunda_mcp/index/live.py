"""The index as a running process holds it: open, level with the files, replaced under its readers.

Every question first looks whether files changed: the folders always (a new, renamed or deleted file changes the time
of its folder), every file when the last look is a few times longer ago than a look takes. A few changed files are
indexed at once, so that a new episode is found by the question that follows it; many, or few that are large, are
indexed in the background while answers come from the last good generation and say what is pending. Segments are
merged in the background, too. What was taken for a small change and takes longer than a question can wait goes on in
the background as well: how long a file takes is known only when it was read.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from zunda_mcp.answers import RefreshReport, State
from zunda_mcp.errors import ArchiveError, BuildingError, EmbeddingError, IndexingError, ZundaError
from zunda_mcp.index import tuning
from zunda_mcp.index.changes import Changes, compare, with_profiles
from zunda_mcp.index.generation import Generations
from zunda_mcp.index.merging import rebuild_reason, to_merge
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.index.retry import DamagedError, ReplacedError
from zunda_mcp.reading.collection import Readable

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Embedder
    from zunda_mcp.index.refresh import Refresher
    from zunda_mcp.index.writer import Progress

_log = logging.getLogger(__name__)


class _Lease:
    """A reader and how many answers are being made from it; closed when it is old and nobody uses it."""

    def __init__(self, reader: IndexReader) -> None:
        self.reader = reader
        self.users = 0
        self.retired = False
        self.verifying = False


class LiveIndex:
    """Readers of the newest generation, kept level with the files. Thread-safe."""

    def __init__(
        self,
        archive: Readable,
        generations: Generations,
        sources: str,
        embedder: Callable[[], Embedder | None] = lambda: None,
    ) -> None:
        self._embedder = embedder
        self._archive = archive
        self._generations = generations
        self._sources = sources
        self._lock = threading.RLock()
        self._lease: _Lease | None = None
        self._checking = threading.Lock()
        self._next_check = 0.0
        self._folders: dict[Path, int | None] = dict.fromkeys(archive.sources)
        self._pending = 0
        self._unavailable = 0
        self._readable = True
        self._worker: threading.Thread | None = None
        self._taking: threading.Thread | None = None
        self._merger: threading.Thread | None = None
        self._embedding: threading.Timer | None = None
        self._verifying: threading.Timer | None = None
        self._wanting = False
        self._failure: ZundaError | None = None
        self._progress = (0, 0)
        self._closed = False

    # --- life

    def start(self) -> None:
        """Begin to open or build in the background; returns at once."""
        threading.Thread(target=self._open_early, name="zunda-open", daemon=True).start()

    def close(self) -> None:
        """Let go of the reader. Answers being made finish first."""
        with self._lock:
            self._closed = True
            for timer in (self._embedding, self._verifying):
                if timer is not None:
                    timer.cancel()
            self._retire(None)

    @contextmanager
    def reading(self) -> Iterator[tuple[IndexReader, State, int]]:
        """A reader level with the files as far as could be, its state, and how many changed files are missing in it.

        Raises ``BuildingError`` while the first index is being built, ``ArchiveError`` or ``IndexingError`` where
        there is none and none can be made. What fails on a file of the index raises ``DamagedError`` where the file is
        not as it was written, and ``ReplacedError`` where a newer generation is current.
        """
        looked = self._level()
        with contextlib.suppress(OSError):
            self._adopt()  # what was published meanwhile
        with self._lock:
            lease = self._lease
            if lease is None:
                raise self._failure or self._building()
            lease.users += 1
            pending, unavailable = self._pending, self._unavailable
            newest = self._generations.current() == lease.reader.name
            behind = pending or not looked or not newest or lease.reader.meta.lengths_changed
            state: State = "updating" if behind else "current"
            if not self._readable or (unavailable and not pending):
                state = "unreadable"
        try:
            yield lease.reader, state, pending
        except ZundaError:
            raise
        except Exception as error:
            if damaged := self._damage(lease.reader, thorough=True):
                self._discard(lease.reader, damaged)
                raise DamagedError from error
            if isinstance(error, OSError) and self._generations.current() != lease.reader.name:
                raise ReplacedError from error
            raise
        finally:
            with self._lock:
                lease.users -= 1
                if lease.retired and not lease.users:
                    lease.reader.close()
            self._verify_soon(lease)

    @property
    def unavailable(self) -> int:
        """How many files and folders could not be read at the last look, and are in the index as last read."""
        return self._unavailable

    def peek(self) -> IndexReader | None:
        """The reader that is open now, without looking at any file; None before there is one."""
        with self._lock:
            return self._lease.reader if self._lease else None

    def verify(self) -> list[str]:
        """Read every file of the generation in use that this process has not read whole yet; those that are damaged.

        Where there is one the index is made anew in the background, and nothing is answered until it is there.
        """
        reader = self.peek()
        damaged = self._damage(reader, thorough=True) if reader else []
        if reader and damaged:
            self._discard(reader, damaged)
        return damaged

    @property
    def building(self) -> bool:
        """Whether a build runs in the background."""
        return self._worker is not None and self._worker.is_alive()

    def refresh(self, progress: Progress | None, *, rebuild: bool, embed: bool) -> RefreshReport:
        """Bring the index level with the files now, in this thread, and ``embed`` what has no vector.

        Raises as ``Refresher.refresh``; an embedder that fails is told in the report.
        """
        report = self._refresher.refresh(self._open, progress=progress, rebuild=rebuild)
        if embed and (embedder := self._embedder()) is not None:
            told: dict[str, object] = {}
            try:
                told["embedded"] = self._refresher.embed(self._open, embedder, progress=progress)
            except EmbeddingError as error:
                told["embedding_error"] = str(error)
            told["generation"] = self._generations.current() or report.generation
            report = report.model_copy(update=told)
        self._adopt()
        with self._lock:
            self._pending, self._readable, self._next_check = 0, True, 0.0
        return report

    @cached_property
    def _refresher(self) -> Refresher:
        """What reads and indexes files; loaded when there is something to index, since a search needs none of it."""
        from zunda_mcp.index.refresh import Refresher

        return Refresher(self._archive, self._generations, self._sources)

    # --- keeping level

    def _level(self) -> bool:
        """Adopt what others published, take in what changed on disk, start a build where there is no index.

        False where another question looks just now and takes so long that this one goes without.
        """
        with contextlib.suppress(OSError):
            self._adopt()
        if self.peek() is None:
            self._build()
            self._wait_for_first()
            return True
        if not self._checking.acquire(timeout=tuning.WRITER_WAIT):
            return False
        try:
            due = time.monotonic() >= self._next_check or self._unavailable
            if due or self._folder_times() != self._folders:
                self._look()
            return True
        finally:
            self._checking.release()

    def _look(self) -> None:
        """Find what changed on disk, and take it in, now or in the background."""
        if (reader := self.peek()) and self._damaged(reader):
            self._wait_for_first()
            return
        if self._generations.current() is None:  # the pointer is gone, or another version wrote its own over it
            self._build()
            return
        now = time.monotonic()
        changes = self._changes()
        self._next_check = time.monotonic() + (time.monotonic() - now) * tuning.SCAN_PAUSE_FACTOR
        if changes is None:
            return
        self._pending, self._unavailable = changes.count, changes.unavailable + len(changes.retried)
        self._unavailable += len(set(self._archive.unread()).difference(file.label for file in changes.to_read))
        if not changes:
            if reader is not None and rebuild_reason(reader.meta):
                self._build()
        elif self._taking and self._taking.is_alive():
            pass
        elif (
            changes.count <= tuning.MAX_FILES_AT_ONCE
            and changes.bytes <= tuning.MAX_BYTES_AT_ONCE
            and not self.building
        ):
            self._taking = threading.Thread(target=self._take_in, name="zunda-small-change", daemon=True)
            self._taking.start()
            self._taking.join(tuning.SMALL_CHANGE_WAIT)
        else:
            self._build()

    def _changes(self) -> Changes | None:
        reader = self.peek()
        if reader is None:
            return None
        before = self._folder_times()  # a file that comes during the scan then still shows
        try:
            scan = self._archive.scan(reader.files.entries)
        except ArchiveError:
            self._readable, self._unavailable = False, 0
            return None
        self._readable = True
        read = (one for file in (*scan.files, *scan.people) for one in (file, *file.companions))
        folders = {os.path.dirname(one.location) for one in read}  # noqa: PTH120
        self._folders = dict.fromkeys([*self._archive.sources, *map(Path, folders)])
        self._folders = self._folder_times() | before
        changes = compare(scan, reader.files)
        if changes.count > tuning.MAX_FILES_AT_ONCE or changes.bytes > tuning.MAX_BYTES_AT_ONCE:
            return changes  # the profile is looked at when they are read
        return with_profiles(changes, self._archive.digests(scan), reader.meta.profiles, self._archive.archive_of)

    def _folder_times(self) -> dict[Path, int | None]:
        """Modification times of the folders that hold episodes; None for one that is gone."""
        times: dict[Path, int | None] = {}
        for folder in self._folders:
            try:
                times[folder] = folder.stat().st_mtime_ns
            except OSError:
                times[folder] = None
        return times

    def _take_in(self) -> None:
        """A few changed files. Another writer or a full disk leaves them pending."""
        try:
            self._refresher.refresh(self._open, upkeep="none", wait=tuning.WRITER_WAIT)
        except ZundaError as error:
            _log.warning("%s", error)
            return
        except Exception:
            _log.exception("Changed files could not be indexed")
            self._next_check = time.monotonic() + tuning.RETRY_AFTER
            return
        adopted = self._adopt()
        self._next_check = 0.0  # files may have changed while it ran
        if not adopted:
            return
        self._pending = 0
        self._embed_soon()
        reader = self.peek()
        if reader is not None and rebuild_reason(reader.meta):
            self._build()
        elif reader is not None and to_merge(reader.meta.parts):
            self._merge()

    def _build(self) -> None:
        """Refresh in the background, one at a time; after a failure not again at once."""
        with self._lock:
            if self._closed or self.building or (self._failure and time.monotonic() < self._next_check):
                return
            self._failure = None
            self._worker = threading.Thread(target=self._work, name="zunda-index", daemon=True)
            self._worker.start()

    def _work(self) -> None:
        try:
            self._refresher.refresh(self._open, progress=self._note_progress)
            self._adopt()
            self._next_check = 0.0  # what is pending is seen by the next look: files may have changed while it ran
            self._embed_soon()
        except ZundaError as error:
            self._fail(error)
        except Exception as error:
            _log.exception("The index could not be built")
            self._fail(
                IndexingError(f"The index could not be built ({type(error).__name__}: {error}); run zunda-mcp doctor.")
            )

    def _merge(self) -> None:
        """Merge small segments in the background; questions go on, and so does taking in what changed."""
        with self._lock:
            if self._closed or self.building or (self._merger and self._merger.is_alive()):
                return
            self._merger = threading.Thread(target=self._merge_now, name="zunda-merge", daemon=True)
            self._merger.start()

    def _merge_now(self) -> None:
        try:
            self._refresher.refresh(self._open, upkeep="merge")
            self._adopt()
        except Exception as error:
            _log.warning("Small segments could not be merged (%s)", error)

    def _embed_soon(self, delay: float = 0.0) -> None:
        """Make the vectors that are missing in the background; questions go on without them."""
        with self._lock:
            self._wanting = True
            if self._closed or (self._embedding and self._embedding.is_alive()):
                return
            self._embedding = threading.Timer(delay, self._embed_now)
            self._embedding.daemon = True
            self._embedding.start()

    def _embed_now(self) -> None:
        try:
            embedder = self._embedder()
            while embedder is not None and self._wanting and not self._closed:
                self._wanting = False
                self._refresher.embed(self._open, embedder)
                self._adopt()
        except Exception as error:
            _log.warning("Vectors could not be made (%s)", error)

    def _fail(self, error: ZundaError) -> None:
        with self._lock:
            self._failure = error
            self._next_check = time.monotonic() + tuning.RETRY_AFTER

    def _note_progress(self, done: int, total: int, _what: str) -> None:
        self._progress = (done, total)

    def _wait_for_first(self) -> None:
        worker = self._worker
        if worker is not None:
            worker.join(tuning.FIRST_BUILD_WAIT)

    def _building(self) -> BuildingError:
        done, total = self._progress
        so_far = f" ({done} of {total} episodes so far)" if total else ""
        return BuildingError(f"The index is being built for the first time{so_far}; ask again in a few seconds.")

    # --- readers

    def _open_early(self) -> None:
        try:
            self._adopt()
            if self.peek() is None:
                self._build()
            else:
                self._embed_soon(
                    tuning.EMBED_AFTER
                )  # an index of a time without an embedder; not while a start is waited for
        except ZundaError as error:
            _log.warning("%s", error)
        except Exception:
            _log.exception("The index could not be opened early")

    def _open(self, name: str) -> IndexReader:
        return IndexReader(self._generations.path(name))

    # --- damage

    def _damage(self, reader: IndexReader, *, thorough: bool = False) -> list[str]:
        """As ``Generations.damage``; none where a newer generation is current: what is missing then was swept."""
        damaged = self._generations.damage(reader.name, thorough=thorough)
        return damaged if self._generations.current() in (None, reader.name) else []

    def _damaged(self, reader: IndexReader) -> bool:
        """Whether files of the generation in use were changed or removed; it is then given up and made anew."""
        damaged = self._damage(reader)
        if not damaged:
            return False
        self._discard(reader, damaged)
        return True

    def _discard(self, reader: IndexReader, damaged: Sequence[str]) -> None:
        """Answer no more from a damaged generation, and make it anew."""
        with self._lock:
            if self._lease is None or self._lease.reader is not reader:
                return
            _log.warning("Files of the index are damaged (%s); it is built anew", ", ".join(damaged[:3]))
            self._retire(None)
        self._build()

    def _verify_soon(self, lease: _Lease) -> None:
        """Read the files of a generation whole a moment after the first answer from it, in the background."""
        with self._lock:
            if self._closed or lease.verifying:
                return
            lease.verifying = True
            if self._verifying is not None:
                self._verifying.cancel()
            self._verifying = threading.Timer(tuning.VERIFY_AFTER, self.verify)
            self._verifying.daemon = True
            self._verifying.start()

    def _adopt(self) -> bool:
        """Open the current generation where it is another than the one in use; whether that is in use now."""
        for _ in range(5):
            name = self._generations.current()
            with self._lock:
                before = self._lease
                if name is None or self._closed:
                    return False
                if before and before.reader.name == name:
                    return True
            try:
                damaged = self._generations.damage(name)
                reader = None if damaged else self._open(name)
            except Exception as error:
                damaged, reader = [f"{type(error).__name__}: {error}"], None
            if reader is None:
                if self._generations.current() != name:
                    continue  # swept between looking and opening: a newer one is there
                _log.warning("Generation %s cannot be opened (%s); rebuilding", name, ", ".join(damaged[:3]))
                self._build()
                return False
            with self._lock:
                if self._lease is not before:  # another thread was faster, and maybe with a newer one
                    reader.close()
                    continue
                if self._closed or not reader.meta.made_from(self._sources):
                    reader.close()
                    return False
                self._archive.recall(reader.meta.surveys)
                self._unavailable = reader.meta.unavailable
                self._retire(reader)
            return True
        return False

    def _retire(self, successor: IndexReader | None) -> None:
        old = self._lease
        self._lease = _Lease(successor) if successor else None
        if old is not None:
            old.retired = True
            if not old.users:
                old.reader.close()
