"""The index in a running process: kept up to date with the files, and replaced while it is read.

Every question first checks whether files have changed: always the times of the folders (which a new, renamed or deleted
file changes), and every file if the last full look was long enough ago, in proportion to the time it took. A few
changed files are indexed at once, so the question that follows finds a new episode. Many or large ones are indexed in
the background, while answers come from the last generation and say what is pending. So is a small change that takes
longer than a question can wait, since only reading a file shows how long it takes.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from zunda_mcp.answers import Freshness, RefreshReport, State
from zunda_mcp.config.memory import release_freed
from zunda_mcp.errors import ArchiveError, EmbeddingError, ZundaError
from zunda_mcp.index import index_tuning
from zunda_mcp.index.archive_view import of_archives
from zunda_mcp.index.background import BackgroundWork
from zunda_mcp.index.catalog import Meta, SourceFiles
from zunda_mcp.index.changes import Changes, compare, rebuild_reason, to_merge, with_profiles
from zunda_mcp.index.generation import Generations
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.index.shared_reader import DamagedError, ReplacedError, SharedReader
from zunda_mcp.reading.collection import Readable

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Embedder
    from zunda_mcp.index.refresh import Refresher
    from zunda_mcp.index.writer import Progress
    from zunda_mcp.reading.scanning.scan import Scan

__all__ = ["LiveIndex", "Look"]

_log = logging.getLogger(__name__)


class Look(NamedTuple):
    """The result of the last look at the files. ``is_newest``: nothing newer than the opened generation exists or is
    being made. ``pending`` are the labels of changed files that are not in it; ``unavailable`` those of files and
    folders that cannot be read, of which it has what was last read.
    """

    is_readable: bool
    is_newest: bool
    pending: Collection[str]
    unavailable: Collection[str]

    def freshness(self, meta: Meta) -> Freshness:
        """Return how far answers from a generation reach."""
        state: State = "current" if self.is_newest and not self.pending else "updating"
        if not self.is_readable or (self.unavailable and not self.pending):
            state = "unreadable"
        return meta.freshness(state, len(self.pending), len(self.unavailable))


class LiveIndex:
    """Readers of the newest generation, kept up to date with the files. Thread-safe.

    ``reader`` is the reader that answers share, ``background`` the work that runs beside them.
    """

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
        self.reader = SharedReader(generations, sources, self._note_opened, self._rebuild)
        self.background = BackgroundWork(self.reader, lambda: self.refresher, embedder, self.look_again)
        self._looking = threading.Lock()
        self._next_look = 0.0
        self._folders: dict[Path, int | None] = dict.fromkeys(archive.sources)
        self._compared: tuple[Scan, SourceFiles, Changes] | None = None
        self._pending: Collection[str] = ()
        self._unavailable: Collection[str] = ()
        self._readable = True
        self._small_change: threading.Thread | None = None

    @cached_property
    def refresher(self) -> Refresher:
        """Reads and indexes files; loaded when there is something to index, since a search does not need it."""
        from zunda_mcp.index.refresh import Refresher  # start-up

        return Refresher(self._archive, self._generations, self._sources)

    # --- life

    def start(self) -> None:
        """Begin to open or build the index in the background; returns at once."""
        threading.Thread(target=self._open_early, name="zunda-open", daemon=True).start()

    def close(self) -> None:
        """Close the reader once running answers are finished."""
        self.background.close()
        self.reader.close()

    def _open_early(self) -> None:
        try:
            self.reader.refresh()
            if self.peek() is None:
                self.background.build()
            else:  # an earlier run may have had no embedder; starting comes first
                self.background.embed(index_tuning.EMBED_AFTER)
        except ZundaError as error:
            _log.warning("%s", error)
        except Exception:
            _log.exception("The index could not be opened early")

    # --- answers

    @contextmanager
    def reading(self, archives: Collection[str] | None = None) -> Iterator[tuple[IndexReader, Look]]:
        """A reader that is as up to date as possible, and the result of the look at the files. With ``archives``,
        errors reveal nothing about other archives.

        Raises ``BuildingError`` while the first index is being built, ``ArchiveError`` or ``IndexingError`` if there is
        none and none can be made. If reading a file of the index fails, raises ``DamagedError`` if the file is not as
        it was written, ``ReplacedError`` if a newer generation is current.
        """
        looked = self.update()
        with contextlib.suppress(OSError):
            self.reader.refresh()  # what was published meanwhile
        lease = self.reader.acquire()
        if lease is None:
            raise self.background.no_reader_error(in_detail=archives is None)
        reader = lease.reader
        is_newest = looked and self.reader.is_newest(reader) and not reader.meta.lengths_changed
        try:
            labels = (of_archives(some, archives) for some in (self._pending, self._unavailable))
            yield reader, Look(self._readable, is_newest, *labels)
        except ZundaError:
            raise
        except Exception as error:
            if damaged := self.reader.damage(reader, thorough=True):
                self.reader.discard(reader, damaged)
                raise DamagedError from error
            if isinstance(error, OSError) and not self.reader.is_newest(reader):
                raise ReplacedError from error
            raise
        finally:
            self.reader.release(lease)
            self.background.verify_later(lease)

    def peek(self) -> IndexReader | None:
        """Return the reader that is open now, without looking at any file; None if none is open yet."""
        return self.reader.peek()

    def refresh(self, progress: Progress | None, *, rebuild: bool, embed: bool) -> RefreshReport:
        """Bring the index up to date now, in this thread, and ``embed`` what has no vector.

        Raises as ``Refresher.refresh`` does; if the embedder fails, the report says so.
        """
        report = self.refresher.refresh(self.reader.open, progress=progress, rebuild=rebuild)
        if embed and (embedder := self._embedder()) is not None:
            update: dict[str, object] = {}
            try:
                update["embedded"] = self.refresher.embed(self.reader.open, embedder, progress=progress)
            except EmbeddingError as error:
                update["embedding_error"] = str(error)
            update["generation"] = self._generations.current() or report.generation
            report = report.model_copy(update=update)
        self.reader.refresh()
        self._pending, self._readable = (), True
        self.background.may_retry()
        self.look_again()
        return report

    # --- looking for changes

    def update(self) -> bool:
        """Open what others have published, index what has changed on disk, and start a build if there is no index.

        Return False if another question is looking and takes so long that this one goes on without a look.
        """
        with contextlib.suppress(OSError):
            self.reader.refresh()
        if self.peek() is None:
            self.background.build()
            self.background.wait_for_build()
            return True
        if not self._looking.acquire(timeout=index_tuning.WRITER_WAIT):
            return False
        try:
            due = time.monotonic() >= self._next_look or self._unavailable
            if due or self._folder_times() != self._folders:
                self._look()
            return True
        finally:
            self._looking.release()

    def look_again(self) -> None:
        """Have the next question look at every file, since some may have changed during a build."""
        self._next_look = 0.0

    def _look(self) -> None:
        """Find what has changed on disk, and index it now or in the background."""
        reader = self.peek()
        if reader and (damaged := self.reader.damage(reader)):
            self.reader.discard(reader, damaged)
            self.background.wait_for_build()
            return
        if self._generations.current() is None:  # the pointer is gone, or another version wrote its own over it
            self.background.build()
            return
        started = time.monotonic()
        changes = self._changes()
        self._next_look = time.monotonic() + (time.monotonic() - started) * index_tuning.SCAN_PAUSE_FACTOR
        if changes is None:
            return
        self._pending = {*(file.label for file in changes.touched), *changes.removed}
        unread = set(self._archive.unread()).difference(file.label for file in changes.to_read)
        self._unavailable = {*changes.hidden, *(file.label for file in changes.retried), *unread}
        if not changes:
            if reader is not None and rebuild_reason(reader.meta):
                self.background.build()
        elif self._small_change and self._small_change.is_alive():
            pass
        elif _is_small(changes) and not self.background.building:
            self._small_change = threading.Thread(target=self._index_small_change, name="zunda-change", daemon=True)
            self._small_change.start()
            self._small_change.join(index_tuning.SMALL_CHANGE_WAIT)
        else:
            self.background.build()

    def _changes(self) -> Changes | None:
        """What has changed since the generation in use; None if there is none, or if the folders cannot be read."""
        reader = self.peek()
        if reader is None:
            return None
        before = self._folder_times()  # so that a file added during the scan still shows
        try:
            scan = self._archive.scan(reader.files.entries)
        except ArchiveError:
            self._readable, self._unavailable = False, ()
            return None
        self._readable = True
        self._folders = before
        if self._compared is None or self._compared[:2] != (scan, reader.files):
            read = (one for file in (*scan.files, *scan.people) for one in (file, *file.transcripts))
            folders = {os.path.dirname(one.location) for one in read}  # noqa: PTH120 - of thousands
            self._folders = dict.fromkeys([*self._archive.sources, *map(Path, folders)])
            self._folders = self._folder_times() | before
            self._compared = scan, reader.files, compare(scan, reader.files)
        changes = self._compared[2]
        if not _is_small(changes):
            return changes  # the profile is looked at when they are read
        return with_profiles(changes, self._archive.digests(scan), reader.meta.profiles, self._archive.archive_of)

    def _folder_times(self) -> dict[Path, int | None]:
        """Modification times of the folders with episodes; None for one that is gone."""
        times: dict[Path, int | None] = {}
        for folder in self._folders:
            try:
                times[folder] = folder.stat().st_mtime_ns
            except OSError:
                times[folder] = None
        return times

    def _index_small_change(self) -> None:
        """Index a few changed files. If another writer is at work or the disk is full, they stay pending."""
        try:
            self.refresher.refresh(self.reader.open, upkeep="none", wait=index_tuning.WRITER_WAIT)
        except ZundaError as error:
            _log.warning("%s", error)
            return
        except Exception:
            _log.exception("Changed files could not be indexed")
            self._next_look = time.monotonic() + index_tuning.RETRY_AFTER
            return
        adopted = self.reader.refresh()
        release_freed()
        self.look_again()
        if not adopted:
            return
        self._pending = ()
        self.background.embed()
        reader = self.peek()
        if reader is not None and rebuild_reason(reader.meta):
            self.background.build()
        elif reader is not None and to_merge(reader.meta.parts):
            self.background.merge()

    # --- called by the parts

    def _note_opened(self, reader: IndexReader) -> None:
        self._archive.recall(reader.meta.surveys)
        self._unavailable = reader.meta.unavailable

    def _rebuild(self) -> None:
        self.background.build()


def _is_small(changes: Changes) -> bool:
    """Whether a change is small enough to be indexed before the question that found it is answered."""
    return changes.count <= index_tuning.MAX_FILES_AT_ONCE and changes.bytes <= index_tuning.MAX_BYTES_AT_ONCE
