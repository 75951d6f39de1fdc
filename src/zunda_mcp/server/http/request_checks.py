"""What every request has to pass: its host and origin, the time its body takes, and its token as long as it is open."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import anyio
from mcp.server.transport_security import TransportSecurityMiddleware, TransportSecuritySettings
from starlette.requests import Request
from starlette.responses import JSONResponse

from zunda_mcp.config.http_options import HOST, HttpOptions

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["HostCheck", "Refusal", "TimedRequests", "json_response"]

_CHECK_SECONDS = 1.0
"""How often the token of an open stream is checked."""
_LAST_SEND_SECONDS = 0.1
"""How long a client may take to receive the end of an answer that is cut short."""
_ADVICE = {
    403: "This web page may not use the server; start it with --allow-origin ORIGIN if it should.",
    421: "This server does not answer to that host; start it with --allow-host NAME if it should.",
}
# The response says what is wrong; strangers could flood a log.
logging.getLogger("mcp.server.transport_security").setLevel(logging.ERROR)


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


class HostCheck:
    """Accepts requests to a name of this server, from no web page or from an allowed one; the SDK compares.

    A web page can point a name of its own at this machine and call the server from its visitor's browser (DNS
    rebinding). Such a request still carries that name as ``Host`` and the page as ``Origin``.
    """

    def __init__(self, options: HttpOptions) -> None:
        self._names, self._wildcard = options.names, options.wildcard
        self._origins = [origin.lower().rstrip("/") for origin in options.allow_origins]

    async def check(self, scope: Scope) -> None:
        """Raises ``Refusal`` (403 or 421) unless the host and the origin are allowed."""
        request = Request({**scope, "headers": [(name, value.lower()) for name, value in scope["headers"]]})
        host = HOST.fullmatch(request.headers.get("host", ""))
        if host is None:
            raise Refusal(421, _ADVICE[421])
        own = {host[1]} if self._wildcard and _is_address(host[1]) else set()  # rebinding needs a name
        hosts = [form for name in self._names | own for form in _with_any_port(name)]
        pages = [f"{scheme}://{name}" for scheme in ("http", "https") for name in hosts]
        settings = TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=[*pages, *self._origins])
        if (refused := await TransportSecurityMiddleware(settings).validate_request(request)) is not None:
            raise Refusal(refused.status_code, _ADVICE[refused.status_code])


def _with_any_port(name: str) -> tuple[str, ...]:
    return (name,) if ":" in name and not name.endswith("]") else (name, f"{name}:*")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


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

        async def receive_in_time() -> Message:
            nonlocal deadline
            try:
                with anyio.fail_after(deadline - anyio.current_time()):
                    message = await receive()
            except TimeoutError:
                advice = f"The body did not arrive within {self._body_seconds:g} seconds; send it faster."
                raise Refusal(408, advice, {"Connection": "close"}) from None
            if message["type"] == "http.disconnect" and deadline != float("inf"):
                request.cancel()  # the client is gone before it said all: the SDK would log this as an error
                await anyio.lowlevel.checkpoint()
            if not message.get("more_body", False):
                deadline = float("inf")
            return message

        async def watched_send(message: Message) -> None:
            nonlocal begun, ended
            begun, ended = True, message["type"] == "http.response.body" and not message.get("more_body", False)
            await send(message)

        async def watch_token() -> None:
            while self._is_valid(scope):
                await asyncio.sleep(_CHECK_SECONDS)
            request.cancel()

        watch = asyncio.ensure_future(watch_token())
        with anyio.CancelScope() as request:
            if scope["method"] == "GET":
                self._streams.add(request)
            try:
                await self._app(scope, receive_in_time, watched_send)
            finally:
                watch.cancel()
                self._streams.discard(request)
        if request.cancelled_caught and not begun:
            raise Refusal(503, "The server is stopping, or the token was taken back or has expired; ask again.")
        if request.cancelled_caught and not ended:
            with anyio.move_on_after(_LAST_SEND_SECONDS):
                await send({"type": "http.response.body", "body": b"", "more_body": False})
