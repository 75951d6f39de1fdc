"""The requests being answered: bodies are read whole and in time, and a server that stops can cut answers short."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import anyio
from starlette.requests import Request

from zunda_mcp.server.http.options import Limits
from zunda_mcp.server.http.refusals import Refusal, busy

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["OpenRequests", "read_body"]

_LAST_SEND_SECONDS = 0.1
"""How long a client may take to receive the end of an answer that is cut short."""


async def read_body(request: Request, limits: Limits) -> bytes:
    """Read a whole body. Raises ``Refusal`` (413, 408) and Starlette's ``ClientDisconnect``."""
    body = bytearray()
    too_large = Refusal(413, f"A body may have at most {limits.body_bytes:,} bytes; send less, a shorter query.")
    if int(request.headers.get("content-length", 0)) > limits.body_bytes:
        raise too_large
    try:
        with anyio.fail_after(limits.body_seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limits.body_bytes:
                    raise too_large
    except TimeoutError:
        message = f"The body did not arrive within {limits.body_seconds:g} seconds; send it faster."
        raise Refusal(408, message, {"Connection": "close"}) from None
    return bytes(body)


class OpenRequests:
    """All requests being answered; each can be cancelled with a reason."""

    def __init__(self) -> None:
        self._open: dict[anyio.CancelScope, Scope] = {}
        self._reasons: dict[anyio.CancelScope, Refusal] = {}
        self._stopping = False

    async def run(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Let ``app`` answer. Raises ``Refusal`` if the answer is cancelled before it begins; later, it just ends."""
        if self._stopping:
            raise busy("The server is stopping; try again when it is back.", 5)
        begun = ended = False

        async def watched_send(message: Message) -> None:
            nonlocal begun, ended
            begun = True
            ended = message["type"] == "http.response.body" and not message.get("more_body", False)
            await send(message)

        request = anyio.CancelScope()
        self._open[request] = scope
        try:
            with request:
                await app(scope, receive, watched_send)
            if reason := self._reasons.pop(request, None):
                if not begun:
                    raise reason
                if not ended:
                    with anyio.move_on_after(_LAST_SEND_SECONDS):
                        await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._reasons.pop(request, None)
            del self._open[request]

    def revoke(self, is_valid: Callable[[Scope], bool]) -> None:
        """Cancel the requests whose token is no longer valid."""
        for request, scope in self._open.items():
            if not is_valid(scope):
                self._cancel(request, Refusal(401, "This token is no longer valid; ask again with a fresh one."))

    async def stop(self, grace_seconds: float) -> None:
        """Refuse new requests, wait ``grace_seconds`` for calls to finish, then cancel everything that is left."""
        self._stopping = True
        await self._wait(grace_seconds, lambda scope: scope["method"] == "POST")
        for request in self._open:
            self._cancel(request, busy("The server is stopping; ask again when it is back."))
        await self._wait(2 * _LAST_SEND_SECONDS, lambda _: True)

    def _cancel(self, request: anyio.CancelScope, reason: Refusal) -> None:
        self._reasons.setdefault(request, reason)
        request.cancel()

    async def _wait(self, seconds: float, matters: Callable[[Scope], bool]) -> None:
        with anyio.move_on_after(seconds):
            while any(map(matters, self._open.values())):
                await anyio.sleep(0.01)
