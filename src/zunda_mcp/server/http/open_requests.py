"""The requests being answered: how one is refused, how long its body may take, how its answer is cut short."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import anyio
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["OpenRequests", "Refusal", "json_response"]

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


class OpenRequests:
    """Lets ``app`` answer requests whose body comes within ``body_seconds``."""

    def __init__(self, app: ASGIApp, body_seconds: float) -> None:
        self._app, self._body_seconds = app, body_seconds
        self._open: dict[anyio.CancelScope, Scope] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises ``Refusal``: 408 for a slow body, 503 if the answer is cut short before it begins."""
        deadline, begun, ended = anyio.current_time() + self._body_seconds, False, False

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

        with anyio.CancelScope() as request:
            self._open[request] = scope
            try:
                await self._app(scope, receive_in_time, watched_send)
            finally:
                del self._open[request]
        if request.cancelled_caught and not begun:
            raise Refusal(503, "The server is stopping, or the token was taken back; ask again.")
        if request.cancelled_caught and not ended:
            with anyio.move_on_after(_LAST_SEND_SECONDS):
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    def revoke(self, is_valid: Callable[[Scope], bool]) -> None:
        """Cut the answers short whose token is no longer valid."""
        for request, scope in self._open.items():
            if not is_valid(scope):
                request.cancel()

    async def stop(self, grace_seconds: float) -> None:
        """Wait ``grace_seconds`` for calls to finish, then cut everything short that is left."""
        with anyio.move_on_after(grace_seconds):
            while any(scope["method"] == "POST" for scope in self._open.values()):
                await anyio.sleep(0.01)
        for request in self._open:
            request.cancel()
        with anyio.move_on_after(2 * _LAST_SEND_SECONDS):
            while self._open:
                await anyio.sleep(0.01)
