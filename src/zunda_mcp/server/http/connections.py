"""uvicorn's HTTP/1.1 protocol with a bound on connections that send no request.

uvicorn keeps such connections open for ever, so idle ones could take every place. Here each has a deadline for the head
of its next request, and a new connection above the limit takes the place of the one that has been idle longest. Where
none is idle, uvicorn answers the new one with 503 (``limit_concurrency``).
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from zunda_mcp.server.http.options import Limits

__all__ = ["bounded_protocol"]


class _BoundedProtocol(H11Protocol):
    """One connection."""

    limits = Limits()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._deadline: asyncio.TimerHandle | None = None
        self.idle_since = self.loop.time()

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered and none is being read."""
        return self.cycle is None or self.cycle.response_complete or self.cycle.more_body

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        if len(self.connections) >= self.limits.connections:
            self._evict_idle()
        super().connection_made(transport)
        self._set_deadline()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._set_deadline()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self.idle_since = self.loop.time()
        self._set_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._deadline is not None:
            self._deadline.cancel()

    def _set_deadline(self) -> None:
        """Start the time for a request's head where none runs; single bytes do not start it again."""
        in_progress = self.cycle is not None and not self.cycle.response_complete
        if in_progress and self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        elif not in_progress and self._deadline is None and not self.transport.is_closing():
            self._deadline = self.loop.call_later(self.limits.head_seconds, self.transport.abort)

    def _evict_idle(self) -> None:
        others = (other for other in self.connections if isinstance(other, _BoundedProtocol) and other.is_idle)
        oldest = min(others, key=lambda other: other.idle_since, default=None)
        if oldest is not None:
            self.connections.discard(oldest)  # at once, so that of many that come together each closes another one
            oldest.transport.abort()


def bounded_protocol(limits: Limits) -> type[H11Protocol]:
    """The protocol for uvicorn's ``http`` setting, with ``connections`` and ``head_seconds`` of these limits."""
    return type("BoundedProtocol", (_BoundedProtocol,), {"limits": limits})
