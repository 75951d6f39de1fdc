"""What one request may take: the size, time and number of bodies, and of answers; and an orderly end for all of them.

An answer that runs out of time, or is cut short because the server stops or a token is taken back, still ends in the
form its client waits for: a status where nothing was sent yet, else a JSON-RPC error as the last event of the stream.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import anyio
from starlette.requests import Request

from zunda_mcp.server.http.options import Limits
from zunda_mcp.server.http.refusals import SERVER_BUSY, TIMED_OUT, Refusal, busy

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LAST_WORD = 0.1
"""How long, in seconds, the last words to a client that was cut short may take."""


class Bodies:
    """Reads the bodies of requests, and knows how many bytes are being read at once."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._held = 0

    async def read(self, request: Request) -> bytes:
        """All of a body. Raises ``Refusal`` (413, 408, 503), and Starlette's ``ClientDisconnect``."""
        limits, body = self._limits, bytearray()
        too_large = Refusal(413, f"A body may have at most {limits.body_bytes:,} bytes; send less, a shorter query.")
        if int(request.headers.get("content-length", 0)) > limits.body_bytes:
            raise too_large
        try:
            with anyio.fail_after(limits.body_seconds):
                async for piece in request.stream():
                    if len(body) + len(piece) > limits.body_bytes:
                        raise too_large
                    if self._held + len(piece) > limits.bodies_bytes:
                        raise busy("The server is reading too much at once; try again soon.")
                    self._held += len(piece)
                    body += piece
        except TimeoutError:
            message = f"The body did not arrive within {limits.body_seconds:g} seconds; send it faster."
            raise Refusal(408, message, {"Connection": "close"}) from None
        finally:
            self._held -= len(body)
        return bytes(body)


class Exchange:
    """One request and what was sent of its answer."""

    def __init__(self, request: Scope, send: Send, body: bytes, *, stream: bool) -> None:
        self.request, self.stream, self.request_id = request, stream, _id(body)
        self.scope = anyio.CancelScope()
        self.ended = self._begun = self._events = False
        self._reason: Refusal | None = None
        self._send = send

    async def send(self, message: Message) -> None:
        """Send on, and remember how far the answer is."""
        if message["type"] == "http.response.start":
            self._begun = True
            self._events = (b"content-type", b"text/event-stream") in (
                (name.lower(), value.partition(b";")[0]) for name, value in message.get("headers", ())
            )
        elif message["type"] == "http.response.body":
            self.ended = not message.get("more_body", False)
        await self._send(message)

    def end(self, reason: Refusal) -> None:
        """Cut the answer short."""
        if self._reason is None:
            self._reason = reason
            self.scope.cancel()

    async def refuse(self, late: Refusal) -> None:
        """Say that no more will come, and why: it was cut short, or is late. Who does not take that is left."""
        reason = self._reason or late
        with anyio.move_on_after(_LAST_WORD):
            if not self._begun:
                await reason.response(self.request_id)(self.request, _nothing, self._send)
            elif not self.ended:
                last = json.dumps(reason.message(self.request_id), separators=(",", ":")).encode()
                event = b"event: message\r\ndata: " + last + b"\r\n\r\n"
                last = event if self._events and self.request_id is not None else b""
                await self._send({"type": "http.response.body", "body": last, "more_body": False})


class Exchanges:
    """All requests that are being answered."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._open: set[Exchange] = set()
        self._stopping = False

    async def run(
        self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, *, body: bytes = b"", stream: bool = False
    ) -> None:
        """Let ``app`` answer. A ``stream`` of notices may last without end, and counts among the streams.

        Raises ``Refusal`` (503) where too many are.
        """
        limits = self._limits
        if self._stopping:
            raise busy("The server is stopping; try again when it is back.", 5)
        if sum(one.stream == stream and not one.ended for one in self._open) >= (
            limits.streams if stream else limits.requests
        ):
            raise busy(f"Too many {'streams are open' if stream else 'requests at once'}; try again in a moment.")
        exchange = Exchange(scope, send, body, stream=stream)
        self._open.add(exchange)
        if not stream:
            exchange.scope.deadline = anyio.current_time() + limits.request_seconds
        try:
            with exchange.scope:
                await app(scope, receive, exchange.send)
            if exchange.scope.cancelled_caught:
                message = f"No answer within {limits.request_seconds:g} seconds; ask for less."
                await exchange.refuse(Refusal(504, message, {"Retry-After": "1"}, code=TIMED_OUT))
        finally:
            self._open.discard(exchange)

    def revoke(self, counts: Callable[[Scope], bool]) -> None:
        """End what is answered to tokens that no longer count."""
        for exchange in self._open:
            if not counts(exchange.request):
                message = "This token no longer counts; ask again with a fresh one."
                exchange.end(Refusal(401, message, code=SERVER_BUSY))

    async def stop(self, grace: float) -> None:
        """Refuse what comes, give requests so many seconds to end by themselves, and cut short what is left then."""
        self._stopping = True
        await self._emptied(grace, lambda exchange: not exchange.stream or exchange.request_id is not None)
        for exchange in self._open:
            exchange.end(busy("The server is stopping; ask again when it is back."))
        await self._emptied(2 * _LAST_WORD, lambda _: True)

    async def _emptied(self, seconds: float, awaited: Callable[[Exchange], bool]) -> None:
        with anyio.move_on_after(seconds):
            while any(map(awaited, self._open)):
                await anyio.sleep(0.01)


def _id(body: bytes) -> str | int | None:
    """The id of the JSON-RPC request in a body."""
    try:
        message: Any = json.loads(body) if body else None
    except (ValueError, RecursionError):
        return None
    request_id = message.get("id") if isinstance(message, dict) else None
    return request_id if isinstance(request_id, str | int) and not isinstance(request_id, bool) else None


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
