"""Work on the index that a running process does in the background: building, merging, embedding, verifying.

Each kind of work has its own thread, one at a time; the writer's lock of ``Generations`` orders those that write.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from zunda_mcp.config.memory import release_freed
from zunda_mcp.errors import ArchiveError, BuildingError, IndexingError, ZundaError
from zunda_mcp.index import index_tuning
from zunda_mcp.index.shared_reader import Lease, SharedReader

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Embedder
    from zunda_mcp.index.refresh import Refresher

__all__ = ["BackgroundWork"]

_log = logging.getLogger(__name__)


class BackgroundWork:
    """Threads that work on one index.

    ``refresher`` gives what reads and indexes files, ``embedder`` what makes vectors; both are loaded on first use.
    ``built`` is called after a build.
    """

    def __init__(
        self,
        reader: SharedReader,
        refresher: Callable[[], Refresher],
        embedder: Callable[[], Embedder | None],
        built: Callable[[], None],
    ) -> None:
        self._reader = reader
        self._refresher = refresher
        self._embedder = embedder
        self._built = built
        self._lock = threading.RLock()
        self._builder: threading.Thread | None = None
        self._merger: threading.Thread | None = None
        self._embedding: threading.Timer | None = None
        self._verifying: threading.Timer | None = None
        self._embedding_due = False
        self._failure: ZundaError | None = None
        self._retry_at = 0.0
        self._progress = (0, 0)
        self._closed = False

    @property
    def building(self) -> bool:
        """Whether a build is running."""
        return self._builder is not None and self._builder.is_alive()

    def close(self) -> None:
        """Start nothing more; work that is running finishes."""
        with self._lock:
            self._closed = True
            for timer in (self._embedding, self._verifying):
                if timer is not None:
                    timer.cancel()

    # --- building

    def build(self) -> None:
        """Start to bring the index up to date, or to build it, unless a build is running or one has just failed."""
        with self._lock:
            if self._closed or self.building or (self._failure and time.monotonic() < self._retry_at):
                return
            self._failure = None
            self._builder = threading.Thread(target=self._build, name="zunda-index", daemon=True)
            self._builder.start()

    def wait_for_build(self) -> None:
        """Wait for a running build, but no longer than a question may wait."""
        builder = self._builder
        if builder is not None:
            builder.join(index_tuning.FIRST_BUILD_WAIT)

    def no_reader_error(self, *, in_detail: bool = True) -> ZundaError:
        """Return the error for a question while there is no index: why the last build failed, or how far this one is.
        Unless ``in_detail``, it does not reveal what the archive contains or where it is.
        """
        if self._failure is not None:
            hidden = ArchiveError("The archive cannot be read now; the log of the server says why.")
            return self._failure if in_detail else hidden
        done, total = self._progress
        so_far = f" ({done} of {total} episodes so far)" if total and in_detail else ""
        return BuildingError(f"The index is being built for the first time{so_far}; ask again in a few seconds.")

    def may_retry(self) -> None:
        """Allow a build at once, even after a failure."""
        self._retry_at = 0.0

    def _build(self) -> None:
        try:
            self._refresher().refresh(self._reader.open, progress=self._note_progress)
            self._reader.refresh()
            self._built()
            release_freed()
            self.embed()
        except ZundaError as error:
            self._fail(error)
        except Exception as error:
            _log.exception("The index could not be built")
            self._fail(
                IndexingError(f"The index could not be built ({type(error).__name__}: {error}); run zunda-mcp doctor.")
            )

    def _fail(self, error: ZundaError) -> None:
        with self._lock:
            self._failure = error
            self._retry_at = time.monotonic() + index_tuning.RETRY_AFTER

    def _note_progress(self, done: int, total: int, _what: str) -> None:
        self._progress = (done, total)

    # --- merging

    def merge(self) -> None:
        """Start to merge small segments; questions are answered and changes indexed meanwhile."""
        with self._lock:
            if self._closed or self.building or (self._merger and self._merger.is_alive()):
                return
            self._merger = threading.Thread(target=self._merge, name="zunda-merge", daemon=True)
            self._merger.start()

    def _merge(self) -> None:
        try:
            self._refresher().refresh(self._reader.open, upkeep="merge")
            self._reader.refresh()
            release_freed()
        except Exception as error:
            _log.warning("Small segments could not be merged (%s)", error)

    # --- embedding

    def embed(self, delay: float = 0.0) -> None:
        """Make missing vectors after ``delay`` seconds; questions are answered without them meanwhile."""
        with self._lock:
            self._embedding_due = True
            if self._closed or (self._embedding and self._embedding.is_alive()):
                return
            self._embedding = threading.Timer(delay, self._embed)
            self._embedding.daemon = True
            self._embedding.start()

    def _embed(self) -> None:
        try:
            embedder = self._embedder()
            while embedder is not None and self._embedding_due and not self._closed:
                self._embedding_due = False
                self._refresher().embed(self._reader.open, embedder)
                self._reader.refresh()
                release_freed()
        except Exception as error:
            _log.warning("Vectors could not be made (%s)", error)

    # --- verifying

    def verify_later(self, lease: Lease) -> None:
        """Verify all files of a generation shortly after the first answer from it."""
        with self._lock:
            if self._closed or lease.verifying:
                return
            lease.verifying = True
            if self._verifying is not None:
                self._verifying.cancel()
            self._verifying = threading.Timer(index_tuning.VERIFY_AFTER, self.verify)
            self._verifying.daemon = True
            self._verifying.start()

    def verify(self) -> list[str]:
        """Read every file of the generation in use that this process has not read whole yet, and return the damaged
        ones.

        If there are any, nothing is answered from this generation any more, and the index is rebuilt in the background.
        """
        reader = self._reader.peek()
        damaged = self._reader.damage(reader, thorough=True) if reader else []
        if reader and damaged:
            self._reader.discard(reader, damaged)
        return damaged
