"""The index as a running process holds it: up to date with the files, replaced under its readers.

Every question first looks whether files changed: the folders always (a new, renamed or deleted file changes the time
of its folder), every file when the last look is a few times longer ago than a look takes. A few changed files are
indexed at once, so that a new episode is found by the question that follows it; many, or few that are large, are
indexed in the background while answers come from the last good generation and say what is pending. What was taken for
a small change and takes longer than a question can wait goes on in the background as well: how long a file takes is
known only when it was read.
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
from zunda_mcp.index.catalog import Meta
from zunda_mcp.index.changes import Changes, compare, rebuild_reason, to_merge, with_profiles
from zunda_mcp.index.generation import Generations
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.index.shared_reader import DamagedError, ReplacedError, SharedReader
from zunda_mcp.reading.collection import Readable

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Embedder
    from zunda_mcp.index.refresh import Refresher
    from zunda_mcp.index.writer import Progress

__all__ = ["LiveIndex", "Look"]

_log = logging.getLogger(__name__)


class Look(NamedTuple):
    """What the last look at the files showed. ``is_newest`` says that nothing newer than the generation that was opened
    is there or on its way; the labels of changed files that are not in it are ``pending``, those of files and folders
    that cannot be read, so that what was last read of them is in it, ``unavailable``.
    """

    is_readable: bool
    is_newest: bool
    pending: Collection[str]
    unavailable: Collection[str]

    def freshness(self, meta: Meta) -> Freshness:
        """How far answers from a generation reach."""
        state: State = "current" if self.is_newest and not self.pending else "updating"
        if not self.is_readable or (self.unavailable and not self.pending):
            state = "unreadable"
        return meta.freshness(state, len(self.pending), len(self.unavailable))


class LiveIndex:
    """Readers of the newest generation, kept up to date with the files. Thread-safe.

    ``reader`` and ``background`` are its parts: the reader that answers share, and the work behind them.
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
        self._pending: Collection[str] = ()
        self._unavailable: Collection[str] = ()
        self._readable = True
        self._small_change: threading.Thread | None = None

    @cached_property
    def refresher(self) -> Refresher:
        """What reads and indexes files; loaded when there is something to index, since a search needs none of it."""
        from zunda_mcp.index.refresh import Refresher  # start-up

        return Refresher(self._archive, self._generations, self._sources)

    # --- life

    def start(self) -> None:
        """Begin to open or build in the background; returns at once."""
        threading.Thread(target=self._open_early, name="zunda-open", daemon=True).start()

    def close(self) -> None:
        """Let go of the reader. Answers being made finish first."""
        self.background.close()
        self.reader.close()

    def _open_early(self) -> None:
        try:
            self.reader.refresh()
            if self.peek() is None:
                self.background.build()
            else:  # vectors may be missing since a time without an embedder; a start comes first
                self.background.embed(index_tuning.EMBED_AFTER)
        except ZundaError as error:
            _log.warning("%s", error)
        except Exception:
            _log.exception("The index could not be opened early")

    # --- answers

    @contextmanager
    def reading(self, archives: Collection[str] | None = None) -> Iterator[tuple[IndexReader, Look]]:
        """A reader as up to date as can be, and what the look at the files showed; where ``archives`` are named, of
        these, and then what is raised tells of no other.

        Raises ``BuildingError`` while the first index is being built, ``ArchiveError`` or ``IndexingError`` where
        there is none and none can be made. What fails on a file of the index raises ``DamagedError`` where the file is
        not as it was written, and ``ReplacedError`` where a newer generation is current.
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
        """The reader that is open now, without looking at any file; None before there is one."""
        return self.reader.peek()

    def refresh(self, progress: Progress | None, *, rebuild: bool, embed: bool) -> RefreshReport:
        """Bring the index up to date now, in this thread, and ``embed`` what has no vector.

        Raises as ``Refresher.refresh``; the report says where an embedder fails.
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
        """Open what others published, index what changed on disk, start a build where there is no index.

        False if another question looks just now and takes so long that this one goes without.
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
        """The next question looks at every file: some may have changed while a build ran."""
        self._next_look = 0.0

    def _look(self) -> None:
        """Find what changed on disk, and index it, now or in the background."""
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
        """What changed since the generation in use; None if there is none, or the folders cannot be read."""
        reader = self.peek()
        if reader is None:
            return None
        before = self._folder_times()  # a file that comes during the scan then still shows
        try:
            scan = self._archive.scan(reader.files.entries)
        except ArchiveError:
            self._readable, self._unavailable = False, ()
            return None
        self._readable = True
        read = (one for file in (*scan.files, *scan.people) for one in (file, *file.transcripts))
        folders = {os.path.dirname(one.location) for one in read}  # noqa: PTH120 - of thousands
        self._folders = dict.fromkeys([*self._archive.sources, *map(Path, folders)])
        self._folders = self._folder_times() | before
        changes = compare(scan, reader.files)
        if not _is_small(changes):
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

    def _index_small_change(self) -> None:
        """A few changed files. Another writer or a full disk leaves them pending."""
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
