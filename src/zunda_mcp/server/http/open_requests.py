"""One request being answered: how it is refused, how long its body may take, and when its answer is cut short."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import anyio
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Refusal", "TimedRequests", "json_response"]

_CHECK_SECONDS = 1.0
"""How often the token of an open stream is checked."""
_LAST_SEND_SECONDS = 0.1
"""How long a client may take to receive the end of an answer that is cut short."""


class Refusal(Exception):  # noqa: N818  (raised to where responses are sent)
    """A refused request; the response is a JSON-RPC error with a null id. 503 asks the client to try again."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        code, retry = (-32000, {"Retry-After": "5"}) if status == 503 else (-32600, {})
        error = {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": message}}
        self.response = json_response(error, status, {**retry, **(headers or {})})


def json_response(
    content: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """JSON that no cache stores."""
    return JSONResponse(content, status, {"Cache-Control": "no-store", **(headers or {})})


class TimedRequests:
    """Lets ``app`` answer requests whose body comes within ``body_seconds``, for as long as ``is_valid`` is true of
    them: of their token, which may expire or be taken back.
    """

    def __init__(self, app: ASGIApp, body_seconds: float, is_valid: Callable[[Scope], bool]) -> None:
        self._app, self._body_seconds, self._is_valid = app, body_seconds, is_valid
        self._streams: set[anyio.CancelScope] = set()

    def end_streams(self) -> None:
        """End every stream that a client of the older era has opened with GET, as an answer that is complete."""
        for stream in self._streams:
            stream.cancel()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises ``Refusal``: 408 for a slow body, 503 if the token ends before the answer begins."""
        deadline, begun, ended = anyio.current_time() + self._body_seconds, False, False
        timer: asyncio.TimerHandle

        async def receive_in_time() -> Message:
            nonlocal deadline
            try:
                with anyio.fail_after(deadline - anyio.current_time()):
                    message = await receive()
            except TimeoutError:
                advice = f"The body did not arrive within {self._body_seconds:g} seconds; send it faster."
                raise Refusal(408, advice, {"Connection": "close"}) from None
            if not message.get("more_body", False):
                deadline = float("inf")
            return message

        async def watched_send(message: Message) -> None:
            nonlocal begun, ended
            begun, ended = True, message["type"] == "http.response.body" and not message.get("more_body", False)
            await send(message)

        def check() -> None:
            nonlocal timer
            if self._is_valid(scope):
                timer = loop.call_later(_CHECK_SECONDS, check)
            else:
                request.cancel()

        loop = asyncio.get_running_loop()
        timer = loop.call_later(_CHECK_SECONDS, check)
        with anyio.CancelScope() as request:
            if scope["method"] == "GET":
                self._streams.add(request)
            try:
                await self._app(scope, receive_in_time, watched_send)
            finally:
                timer.cancel()
                self._streams.discard(request)
        if request.cancelled_caught and not begun:
            raise Refusal(503, "The server is stopping, or the token was taken back or has expired; ask again.")
        if request.cancelled_caught and not ended:
            with anyio.move_on_after(_LAST_SEND_SECONDS):
                await send({"type": "http.response.body", "body": b"", "more_body": False})
