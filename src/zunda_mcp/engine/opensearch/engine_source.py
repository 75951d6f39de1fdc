"""Which state of a cluster answers: the newest, and where this machine reads the sources too, one level with them."""

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
    """The engines of an index in a cluster, kept up to date with ``live``; without it they are only asked.

    Raises ``SettingsError`` for an address that is none, or where the package for it is missing.
    """
    reading = ReadingEngines(Connection(ClusterAddress.parse(address)), aliases, embedder)
    return reading if live is None else WrittenEngines(reading, live)


class ReadingEngines:
    """Gives the engine of the newest state of an index in a cluster. Thread-safe.

    ``archives`` are those of several that it answers from, and ``connection`` is within; None are all.
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
        """As ``EngineSource.current``. The state is read once more when the answer is made: where it is another by
        then, a part of it may be of the one and a part of the other, and that is no answer. Raises ``EngineError``
        if the cluster cannot be reached or has no index.
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
        """Whoever reads the sources does that."""

    def reopen(self) -> None:
        """Open the newest state: this machine wrote one."""
        self._opened = None
        self._newest()

    def close(self) -> None:
        """Let go of the connections."""
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
    """The same on a machine that reads the sources: what changed in them is in the cluster before a question is
    answered. Thread-safe.
    """

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
        """As ``EngineSource.current``. Raises as ``LiveIndex.reading``, and ``EngineError``."""
        with self._live.reading(self._archives) as (reader, look):
            self._whole._write(reader, None, anew=False)
        with self._reading.current() as (engine, _):
            yield engine, look.freshness(engine.meta)

    def peek(self) -> tuple[Engine, Freshness] | None:
        return self._reading.peek()

    def within(self, archives: frozenset[str]) -> EngineSource:
        return WrittenEngines(self._reading.within(archives), self._live, archives, self)

    def level(self, progress: Progress | None, *, anew: bool) -> None:
        """Write what differs between the cluster and the local index."""
        with self._live.reading() as (reader, _):
            self._written = None
            self._write(reader, progress, anew=anew)

    def close(self) -> None:
        """Let go of the connections."""
        self._reading.close()

    def _write(self, reader: IndexReader, progress: Progress | None, *, anew: bool) -> None:
        from zunda_mcp.engine.opensearch.index_writing import (
            write_index,  # a server that is only asked needs none of it
        )

        with self._lock:
            if self._written != reader.name:
                write_index(self._reading.connection, reader, progress or (lambda done, total, what: None), anew=anew)
                self._reading.reopen()
                self._written = reader.name
