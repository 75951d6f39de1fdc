"""Taking in the body of a request: not too large, not too slow, not too many at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import anyio

from zunda_mcp.server.http.options import Limits
from zunda_mcp.server.http.refusals import SERVER_BUSY, Refusal

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope


class ClientGoneError(Exception):
    """The client went away before its request was whole; nobody waits for an answer."""


class Bodies:
    """Reads bodies, and knows how many bytes of them the server holds."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._held = 0

    @contextmanager
    def holding(self) -> Iterator[Body]:
        """A body that counts as held until it is let go."""
        body = Body(self, self._limits)
        try:
            yield body
        finally:
            self._held -= len(body.content)

    def take(self, size: int) -> None:
        """Count bytes as held. Raises ``Refusal`` (503) where that would be too many."""
        if self._held + size > self._limits.bodies_bytes:
            raise Refusal(
                503, "The server is reading too much at once; try again soon.", {"Retry-After": "1"}, code=SERVER_BUSY
            )
        self._held += size


class Body:
    """One body, whole once it was read."""

    def __init__(self, bodies: Bodies, limits: Limits) -> None:
        self._bodies = bodies
        self._limits = limits
        self.content = bytearray()

    async def read(self, scope: Scope, receive: Receive) -> None:
        """Read all of it. Raises ``Refusal``: 413 too large, 408 too slow, 503; ``ClientGoneError``."""
        most = self._limits.body_bytes
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not declared.isdigit() or int(declared[:20]) > most:
            raise self._too_large()
        with anyio.move_on_after(self._limits.body_seconds) as patience:
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise ClientGoneError
                piece = message.get("body", b"")
                if len(self.content) + len(piece) > most:
                    raise self._too_large()
                self._bodies.take(len(piece))
                self.content += piece
                if not message.get("more_body", False):
                    return
        assert patience.cancelled_caught
        raise Refusal(
            408,
            f"The body did not arrive within {self._limits.body_seconds:g} seconds; send it faster.",
            {"Connection": "close"},
        )

    def replayed(self, receive: Receive) -> Receive:
        """Receives the whole body at once, and then what else comes from the client."""
        whole: list[Message] = [{"type": "http.request", "body": bytes(self.content), "more_body": False}]

        async def replay() -> Message:
            return whole.pop() if whole else await receive()

        return replay

    def _too_large(self) -> Refusal:
        return Refusal(
            413, f"A body may have at most {self._limits.body_bytes:,} bytes; send less, e.g. a shorter query."
        )
