"""One writer at a time: a document in the cluster names the writer and when its lease ends. Then another may take it; a
writer that failed leaves the document, so the next knows that something is unfinished.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from zunda_mcp.engine.opensearch.connection import Connection
from zunda_mcp.errors import EngineError, IndexingError

__all__ = ["WriteLease", "leased"]

_HELD_SECONDS, _RENEW_SECONDS = 60.0, 15.0
_ID = "lease"


class WriteLease:
    """The lease of one writer. ``check`` raises if another writer has taken it over; ``follows_unfinished`` says
    whether the writer before this one failed or died.
    """

    def __init__(self, connection: Connection, held: float = _HELD_SECONDS) -> None:
        self._connection = connection
        self._index = f"{connection.address.name}.lease"
        self._owner = f"{socket.gethostname()} {os.getpid()} {uuid.uuid4().hex[:8]}"
        self._held = held
        self._version: tuple[int, int] | None = None
        self._lost = False
        self.follows_unfinished = False
        self._lock = threading.Lock()

    def acquire(self, wait: float) -> None:
        """Take the lease; waits up to ``wait`` seconds for another writer, then raises ``IndexingError``."""
        settings = {"settings": {"number_of_shards": 1, "auto_expand_replicas": "0-1"}}
        if not self._connection.request("GET", f"/{self._index}", missing=True):
            try:
                self._connection.request("PUT", f"/{self._index}", settings)
            except EngineError as error:
                if "already_exists" not in str(error):  # another writer was faster
                    raise
        end = time.monotonic() + wait
        while True:
            holder = self.try_again()
            if holder is None:
                return
            if time.monotonic() >= end:
                raise IndexingError(
                    f"Another process ({holder}) writes to {self._connection.address}; "
                    f"try again when it is done, or {self._held:.0f} s after it died."
                )
            time.sleep(min(1.0, self._held / 4))

    def try_again(self) -> str | None:
        """Try to take or renew the lease. Return None if that worked, or the name of its holder."""
        with self._lock:
            result = self._connection.request("GET", f"/{self._index}/_doc/{_ID}", missing=True)
            held = result.get("_source") if result.get("found") else None
            if held and held["owner"] != self._owner and held["until"] > time.time():
                self._lost = self._version is not None
                return str(held["owner"])
            self.follows_unfinished |= held is not None and held["owner"] != self._owner
            params: dict[str, Any] = {"op_type": "create"}
            if result.get("found"):
                params = {"if_seq_no": result["_seq_no"], "if_primary_term": result["_primary_term"]}
            body = {"owner": self._owner, "until": time.time() + self._held}
            try:
                answer = self._connection.request("PUT", f"/{self._index}/_doc/{_ID}", body, params=params)
            except EngineError as error:
                if "version_conflict" in str(error):
                    return "another writer"
                raise
            self._version = answer["_seq_no"], answer["_primary_term"]
            return None

    def check(self) -> None:
        """Raise ``IndexingError`` if another writer has taken over the lease: what both write would be mixed."""
        if self._lost:
            raise IndexingError(
                "Another process took over writing, since this one did not answer for long; index again."
            )

    def release(self, *, finished: bool = True) -> None:
        """Give the lease back; unless ``finished``, mark the writing as unfinished."""
        with self._lock:
            if self._version is not None and not self._lost:
                seq, term = self._version
                params, path = {"if_seq_no": seq, "if_primary_term": term}, f"/{self._index}/_doc/{_ID}"
                if finished:
                    self._connection.request("DELETE", path, params=params, missing=True)
                else:
                    self._connection.request("PUT", path, {"owner": self._owner, "until": 0.0}, params=params)

    def keep(self, stopped: threading.Event) -> None:
        """Renew the lease until ``stopped``."""
        while not stopped.wait(self._held * _RENEW_SECONDS / _HELD_SECONDS):
            try:
                self.try_again()
            except EngineError:  # while the cluster is away, nobody else can take the lease either
                continue


@contextmanager
def leased(connection: Connection, wait: float) -> Iterator[WriteLease]:
    """Hold the lease of an index, renewed in the background."""
    lease = WriteLease(connection)
    lease.acquire(wait)
    stopped = threading.Event()
    renewing = threading.Thread(target=lease.keep, args=(stopped,), name="zunda-lease", daemon=True)
    renewing.start()
    finished = False
    try:
        yield lease
        finished = True
    finally:
        stopped.set()
        renewing.join()
        with suppress(EngineError):  # the lease then expires
            lease.release(finished=finished)
