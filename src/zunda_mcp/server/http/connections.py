"""Connections that ask for nothing: they end soon, and make room where others want in."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["YieldingConnection"]

_numbers = itertools.count()


class YieldingConnection(H11Protocol):
    """A connection of uvicorn's that ends where no request begins in time. Where more are open than its limit, the
    oldest one that waits for a request is closed for the new one, so that whoever holds many shuts nobody out.
    """

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self._number = next(_numbers)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)
        if self.limit_concurrency is not None and len(self.connections) >= self.limit_concurrency:
            others = (one for one in self.connections if one is not self and isinstance(one, YieldingConnection))
            oldest = min(filter(_waits, others), key=lambda one: one._number, default=None)
            if oldest is not None:  # else all are busy, and uvicorn says so to this one
                self.connections.discard(oldest)
                oldest.transport.abort()


def _waits(connection: YieldingConnection) -> bool:
    """Whether no request is being answered, and none has come whole up to its body."""
    in_progress = connection.cycle is not None and not connection.cycle.response_complete
    return not in_progress and connection.conn.their_state is h11.IDLE
