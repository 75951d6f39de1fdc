"""Connections that keep nobody waiting: uvicorn's HTTP/1.1 protocol, with an eye on clients that are slow on purpose.

uvicorn waits for ever for the head of a request, and for a client that does not read its answer. Here both have a
deadline, and where all places are taken, the connection that has waited longest without a request, or else for the
rest of one, makes room.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from zunda_mcp.server.http.options import Limits
from zunda_mcp.server.http.refusals import SERVER_BUSY, Refusal, dump


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
        full = len(self.connections) >= self.limits.connections
        super().connection_made(transport)
        if full and not self._make_room():
            self._refuse(Refusal(503, "As many connections as may be; try again in a moment.", code=SERVER_BUSY))
            return
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

    def send_400_response(self, msg: str) -> None:
        self._refuse(Refusal(400, f"{msg} Send HTTP/1.1 with a head of less than 64 KB."))

    def _watch(self) -> None:
        """While no request is answered, the next one has so long to come."""
        if self.serving:
            if self._deadline is not None:
                self._deadline.cancel()
                self._deadline = None
        elif self._deadline is None and not self.transport.is_closing():
            self._deadline = self.loop.call_later(self.limits.head_seconds, self._too_late)

    def _too_late(self) -> None:
        self._deadline = None
        if self.serving or self.transport.is_closing():
            return
        if self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            seconds = f"{self.limits.head_seconds:g} seconds"
            self._refuse(Refusal(408, f"The head of the request did not arrive within {seconds}; send it faster."))
        elif self.conn.their_state is h11.IDLE:
            self.transport.close()
        else:  # the rest of a body that was refused long ago
            self.transport.abort()

    def _make_room(self) -> bool:
        """Close the connection that has waited longest without a request, else with a body that is still to come;
        whether there was one.
        """
        others = (other for other in self.connections if isinstance(other, Connection) and other is not self)
        waiting = (other for other in others if not other.serving or other.cycle.more_body)
        oldest = min(waiting, key=lambda other: (other.serving, other.since), default=None)
        if oldest is not None:
            self.connections.discard(oldest)  # at once, so that of many that come together each closes another one
            oldest.transport.abort()
        return oldest is not None

    def _refuse(self, refusal: Refusal) -> None:
        """Answer where there is no request that an application could answer."""
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            body = dump(refusal.error)
            headers = [
                ("content-type", "application/json"),
                ("content-length", str(len(body))),
                ("connection", "close"),
            ]
            for event in (
                h11.Response(status_code=refusal.status, headers=headers),
                h11.Data(data=body),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


def limited(limits: Limits) -> type[Connection]:
    """The protocol with these limits, to be given to uvicorn."""
    return type("LimitedConnection", (Connection,), {"limits": limits})
