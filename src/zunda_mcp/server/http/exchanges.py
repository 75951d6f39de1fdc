"""Requests while they are answered: so many at once, each for so long, and an orderly end for all of them.

A request that runs out of time, or is cut short because the server stops, is still answered in the form its client
waits for: a status where nothing was sent yet, else a JSON-RPC error as the last event of the stream.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import anyio

from zunda_mcp.server.http.options import Limits
from zunda_mcp.server.http.refusals import SERVER_BUSY, TIMED_OUT, Refusal, dump, error_message

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LAST_WORD = 0.1
"""How long, in seconds, the last words to a client that was cut short may take."""


class Exchange:
    """One request and what was sent of its answer."""

    def __init__(self, request: Scope, send: Send, body: bytes | bytearray, *, stream: bool) -> None:
        self.scope = anyio.CancelScope()
        self.request = request
        self.revoked = False
        self.body = body
        self.stream = stream
        self.stopped = False
        self._send = send
        self.ended = False
        self._begun = self._events = False

    async def send(self, message: Message) -> None:
        """Send on, and remember how far the answer is."""
        if message["type"] == "http.response.start":
            self._begun = True
            kinds = [value for name, value in message.get("headers", ()) if name.lower() == b"content-type"]
            self._events = any(kind.startswith(b"text/event-stream") for kind in kinds)
        elif message["type"] == "http.response.body" and not message.get("more_body", False):
            self.ended = True
        await self._send(message)

    async def cut_short(self, status: int, reason: str, code: int) -> None:
        """Say that no more will come, and why; a client that does not even take that is left."""
        if self.ended:
            return
        asked = _asked(self.body)
        with anyio.move_on_after(_LAST_WORD):
            if not self._begun:
                await Refusal(status, reason, {"Retry-After": "1"}, code=code, id=asked)({}, _nothing, self._send)
                return
            last = b""
            if self._events and asked is not None:
                last = b"event: message\r\ndata: " + dump(error_message(reason, code, asked)) + b"\r\n\r\n"
            await self._send({"type": "http.response.body", "body": last, "more_body": False})


class Exchanges:
    """All requests that are being answered."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._open: set[Exchange] = set()
        self._stopping = False

    async def run(
        self,
        app: ASGIApp,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        body: bytes | bytearray = b"",
        stream: bool = False,
        abandoned: Callable[[str | int], Awaitable[None]] | None = None,
    ) -> None:
        """Let ``app`` answer. ``abandoned`` is told the id of a request that was cut short.

        A ``stream`` of notices may last without end, and counts among the streams.
        Raises ``Refusal`` (503) where too many are.
        """
        self._admit(stream=stream)
        exchange = Exchange(scope, send, body, stream=stream)
        self._open.add(exchange)
        if not stream:
            exchange.scope.deadline = anyio.current_time() + self._limits.request_seconds
        try:
            with exchange.scope:
                await app(scope, receive, exchange.send)
            if exchange.scope.cancelled_caught:
                await self._cut_short(exchange, abandoned)
        finally:
            self._open.discard(exchange)

    def revoke(self, counts: Callable[[Scope], bool]) -> None:
        """End what is answered to tokens that no longer count."""
        for exchange in self._open:
            if not exchange.revoked and not counts(exchange.request):
                exchange.revoked = True
                exchange.scope.cancel()

    async def stop(self, grace: float) -> None:
        """Refuse what comes, end the streams, give the rest so many seconds, and cut short what is left then."""
        self._stopping = True
        self._cancel(lambda exchange: exchange.stream and not exchange.body)
        await self._emptied(min(grace, _LAST_WORD), of_streams=True)  # those that listen may end by themselves
        self._cancel(lambda exchange: exchange.stream)
        await self._emptied(grace)
        self._cancel(lambda _: True)
        await self._emptied(2 * _LAST_WORD)

    async def _emptied(self, seconds: float, *, of_streams: bool = False) -> None:
        with anyio.move_on_after(seconds):
            while any(exchange.stream or not of_streams for exchange in self._open):
                await anyio.sleep(0.01)

    def _admit(self, *, stream: bool) -> None:
        if self._stopping:
            raise Refusal(
                503, "The server is stopping; try again when it is back.", {"Retry-After": "5"}, code=SERVER_BUSY
            )
        busy = sum(exchange.stream == stream and not exchange.ended for exchange in self._open)
        if busy >= (self._limits.streams if stream else self._limits.requests):
            what = "streams are open" if stream else "requests are being answered"
            raise Refusal(
                503, f"As many {what} as may be; try again in a moment.", {"Retry-After": "1"}, code=SERVER_BUSY
            )

    def _cancel(self, which: Callable[[Exchange], bool]) -> None:
        for exchange in self._open:
            if which(exchange) and not exchange.stopped:
                exchange.stopped = True
                exchange.scope.cancel()

    async def _cut_short(self, exchange: Exchange, abandoned: Callable[[str | int], Awaitable[None]] | None) -> None:
        asked = _asked(exchange.body)
        if abandoned is not None and asked is not None:
            with anyio.move_on_after(_LAST_WORD):
                await abandoned(asked)
        if exchange.stopped:
            await exchange.cut_short(503, "The server is stopping; ask again when it is back.", SERVER_BUSY)
        elif exchange.revoked:
            await exchange.cut_short(401, "This token no longer counts; ask again with a fresh one.", SERVER_BUSY)
        else:
            seconds = self._limits.request_seconds
            await exchange.cut_short(504, f"No answer within {seconds:g} seconds; ask for less.", TIMED_OUT)


def _asked(body: bytes | bytearray) -> str | int | None:
    """The id of the JSON-RPC request in a body."""
    try:
        message: Any = json.loads(body) if body else None
    except (ValueError, RecursionError):
        return None
    asked = message.get("id") if isinstance(message, dict) else None
    return asked if isinstance(asked, str | int) and not isinstance(asked, bool) else None


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
