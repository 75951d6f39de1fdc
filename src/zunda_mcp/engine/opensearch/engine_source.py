"""Gives the engine of the newest state of a cluster, which is first updated if this machine also reads the sources."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from zunda_mcp.answers import Freshness
from zunda_mcp.engine.base import Engine, EngineSource
from zunda_mcp.engine.opensearch.cluster_engine import ClusterEngine
from zunda_mcp.engine.opensearch.connection import ClusterAddress, Connection
from zunda_mcp.engine.opensearch.kept_lists import IndexState, settled_state
from zunda_mcp.errors import ZundaError
from zunda_mcp.index.live import LiveIndex
from zunda_mcp.index.shared_reader import ReplacedError

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Embedder
    from zunda_mcp.engine.opensearch.index_writing import Progress
    from zunda_mcp.index.reader import IndexReader

__all__ = ["ReadingEngines", "WrittenEngines", "cluster_engines"]

_Aliases = Mapping[str, tuple[str, ...]]


def cluster_engines(
    address: str,
    live: LiveIndex | None,
    aliases: Callable[[], _Aliases],
    embedder: Callable[[], Embedder | None],
) -> EngineSource:
    """Return the engines of an index in a cluster, kept up to date with ``live``; without it they are only queried.

    Raises ``SettingsError`` if the address is invalid, or the package for it is not installed.
    """
    reading = ReadingEngines(Connection(ClusterAddress.parse(address)), aliases, embedder)
    return reading if live is None else WrittenEngines(reading, live)


class ReadingEngines:
    """Gives the engine of the newest state of an index in a cluster. Thread-safe.

    ``archives`` are those that ``connection`` is limited to; None means all.
    """

    def __init__(
        self,
        connection: Connection,
        aliases: Callable[[], _Aliases],
        embedder: Callable[[], Embedder | None],
        archives: frozenset[str] | None = None,
    ) -> None:
        self.connection = connection
        self._aliases = aliases
        self._embedder = embedder
        self._archives = archives
        self._lock = threading.Lock()
        self._opened: tuple[ClusterEngine, IndexState] | None = None

    @contextmanager
    def current(self) -> Iterator[tuple[ClusterEngine, Freshness]]:
        """As ``EngineSource.current``. Reads the state again after the answer, and raises ``ReplacedError`` if it has
        changed, since the answer may mix two states. Raises ``EngineError`` if the cluster cannot be reached or has no
        index.
        """
        engine, state = self._opened or self._newest()
        try:
            yield engine, engine.meta.freshness("current")
        except ZundaError:
            self._check_newest(state)
            raise
        self._check_newest(state)

    def _check_newest(self, state: IndexState) -> None:
        if (newest := settled_state(self.connection)) != state:
            self._opened = None
            if newest is not None:
                raise ReplacedError
            raise self.connection.no_index()

    def peek(self) -> tuple[Engine, Freshness] | None:
        opened = self._opened
        return None if opened is None else (opened[0], opened[0].meta.freshness("current"))

    def within(self, archives: frozenset[str]) -> ReadingEngines:
        return ReadingEngines(self.connection.within(archives), self._aliases, self._embedder, archives)

    def level(self, progress: Progress | None, *, anew: bool) -> None:
        """Do nothing: a machine that reads the sources writes the index."""

    def reopen(self) -> None:
        """Open the state that this machine has just written."""
        self._opened = None
        self._newest()

    def close(self) -> None:
        """Close the connections."""
        self.connection.close()

    def _newest(self) -> tuple[ClusterEngine, IndexState]:
        self.connection.check()
        state = settled_state(self.connection)
        if state is None:
            raise self.connection.no_index()
        with self._lock:
            if self._opened is None or self._opened[1] != state:
                engine = ClusterEngine(self.connection, state, self._aliases, self._embedder, self._archives)
                self._opened = engine, state
            return self._opened


class WrittenEngines:
    """As ``ReadingEngines``, on a machine that reads the sources: each question first writes changes. Thread-safe."""

    def __init__(
        self,
        reading: ReadingEngines,
        live: LiveIndex,
        archives: frozenset[str] | None = None,
        whole: WrittenEngines | None = None,
    ) -> None:
        self._reading = reading
        self._live = live
        self._archives = archives
        self._whole = whole or self
        self._lock = threading.Lock()
        self._written: str | None = None

    @contextmanager
    def current(self) -> Iterator[tuple[Engine, Freshness]]:
        """As ``EngineSource.current``. Raises as ``LiveIndex.reading`` and ``ReadingEngines.current`` do."""
        with self._live.reading(self._archives) as (reader, look):
            self._whole._write(reader, None, anew=False)
        with self._reading.current() as (engine, _):
            yield engine, look.freshness(engine.meta)

    def peek(self) -> tuple[Engine, Freshness] | None:
        return self._reading.peek()

    def within(self, archives: frozenset[str]) -> EngineSource:
        return WrittenEngines(self._reading.within(archives), self._live, archives, self)

    def level(self, progress: Progress | None, *, anew: bool) -> None:
        """Write the differences between the local index and the cluster."""
        with self._live.reading() as (reader, _):
            self._written = None
            self._write(reader, progress, anew=anew)

    def close(self) -> None:
        """Close the connections."""
        self._reading.close()

    def _write(self, reader: IndexReader, progress: Progress | None, *, anew: bool) -> None:
        from zunda_mcp.engine.opensearch.index_writing import (
            write_index,  # only writers need it
        )

        with self._lock:
            if self._written != reader.name:
                write_index(self._reading.connection, reader, progress or (lambda done, total, what: None), anew=anew)
                self._reading.reopen()
                self._written = reader.name
