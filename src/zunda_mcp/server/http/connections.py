"""Connections that keep nobody waiting: uvicorn's HTTP/1.1 protocol, with an eye on clients that are slow on purpose.

uvicorn waits for ever for the head of a request, and for a client that does not read its answer. Here both have a
deadline, and where all places are taken, the connection that has waited longest without a request, or else for the
rest of one, is closed. Where none can be, the new one gets uvicorn's own 503.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from zunda_mcp.server.http.options import Limits


class Connection(H11Protocol):
    """One connection. ``limits`` is set by ``limited``."""

    limits = Limits()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._deadline: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None
        self.since = self.loop.time()  # of the last answer, or of the beginning

    @property
    def serving(self) -> bool:
        """Whether a request is being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        if len(self.connections) >= self.limits.connections:
            self._make_room()
        super().connection_made(transport)
        with contextlib.suppress(OSError):  # it may be gone already
            transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self.since = self.loop.time()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        for timer in (self._deadline, self._writing):
            if timer is not None:
                timer.cancel()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._writing = self.loop.call_later(self.limits.write_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None

    def _watch(self) -> None:
        """While no request is answered, the next one has so long to come; a byte of it does not wind up the clock."""
        if self.serving and self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        elif not self.serving and self._deadline is None and not self.transport.is_closing():
            self._deadline = self.loop.call_later(self.limits.head_seconds, self.transport.abort)

    def _make_room(self) -> None:
        others = (other for other in self.connections if isinstance(other, Connection))
        waiting = (other for other in others if not other.serving or other.cycle.more_body)
        oldest = min(waiting, key=lambda other: (other.serving, other.since), default=None)
        if oldest is not None:
            self.connections.discard(oldest)  # at once, so that of many that come together each closes another one
            oldest.transport.abort()


def limited(limits: Limits) -> type[Connection]:
    """The protocol with these limits, to be given to uvicorn."""
    return type("LimitedConnection", (Connection,), {"limits": limits})
