"""The ASGI application: every request from the door to the SDK, and the few things answered beside it.

The way of a request: its names (``gate``), its path and method, its token (``access``), its body (``bodies``), a place
and a time (``exchanges``), and then the SDK's session manager, which speaks the protocol of both eras.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import anyio
from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.streamable_http import check_accept_headers
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.subscriptions import ListenHandler
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request

from zunda_mcp.server.http.access import Access
from zunda_mcp.server.http.bodies import Bodies, ClientGoneError
from zunda_mcp.server.http.exchanges import Exchanges
from zunda_mcp.server.http.gate import Gate
from zunda_mcp.server.http.health import Health
from zunda_mcp.server.http.options import MCP_PATH, HttpOptions
from zunda_mcp.server.http.refusals import Refusal, dump

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server
    from starlette.types import Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

_LOOK = 1.0
"""How often, in seconds, it is looked whether the tokens of open streams still count."""
_LISTEN = "subscriptions/listen"


def build_app(
    server: Server[Any], options: HttpOptions, report: Callable[[], Mapping[str, Any]] | None = None
) -> HttpApp:
    """The application that serves ``server`` at ``/mcp``, any low-level server of the SDK, for one run.

    ``report`` says for ``GET /health`` how the archive is; it may block, and raises where the archive does not answer.
    Raises ``SettingsError`` where the token file is not usable.
    """
    return HttpApp(server, options, report)


class HttpApp:
    """Serves one low-level server. ``stop`` brings what is being answered to an end."""

    def __init__(
        self, server: Server[Any], options: HttpOptions, report: Callable[[], Mapping[str, Any]] | None = None
    ) -> None:
        limits = options.limits
        self._server = server
        self._stateless = options.stateless
        self._access = Access(options)
        self._bodies = Bodies(limits)
        self._exchanges = Exchanges(limits)
        self._health = Health(report, self._access)
        self._manager = StreamableHTTPSessionManager(
            server,
            stateless=options.stateless,
            max_request_body_size=limits.body_bytes,
            max_sessions=limits.sessions,
        )
        self._mcp = AuthContextMiddleware(self._converse)
        # Origins were judged by the gate: whoever comes so far may read the answer (Fetch, CORS protocol).
        pages = CORSMiddleware(
            self._answer,
            allow_origin_regex=".*",
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["*"],
            expose_headers=["Mcp-Session-Id", "WWW-Authenticate", "Retry-After"],
        )
        self._door = Gate(pages, options)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._door(scope, receive, send)

    async def stop(self, grace: float) -> None:
        """End the streams, give requests so many seconds more, and cut short the rest."""
        listening = self._server.get_request_handler(_LISTEN)
        if listening is not None and isinstance(listening.handler, ListenHandler):
            listening.handler.close()  # so that clients hear that the end was meant
        await self._exchanges.stop(grace)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        async with self._manager.run():
            await send({"type": "lifespan.startup.complete"})
            async with anyio.create_task_group() as group:
                group.start_soon(self._access.prepare)
                group.start_soon(self._revoke)
                await receive()
                group.cancel_scope.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    async def _revoke(self) -> None:
        """End what is open for tokens that are taken back or expire meanwhile."""
        while True:
            await anyio.sleep(_LOOK)
            self._exchanges.revoke(self._access.counts)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].rstrip("/") or "/"
        try:
            if path == MCP_PATH:
                _check_method(scope, self._methods(scope))
                user = await self._access.user(scope)  # the SDK ties a session to whoever opened it
                await self._mcp(scope if user is None else {**scope, "user": user}, receive, send)
            elif path == "/health":
                _check_method(scope, ("GET", "HEAD"))
                await self._health(scope, receive, send)
            elif (metadata := self._access.metadata(path)) is not None:
                _check_method(scope, ("GET", "HEAD"))
                await _send_json(send, dump(metadata))
            else:
                raise Refusal(404, f"There is nothing here; the MCP endpoint of this server is {MCP_PATH}.")
        except Refusal as refusal:
            await refusal(scope, receive, send)
        except ClientGoneError:
            return

    def _methods(self, scope: Scope) -> tuple[str, ...]:
        """Only the handshake era has a stream to get and a session to delete, and only with sessions."""
        return ("POST",) if self._stateless or _modern(scope) else ("GET", "POST", "DELETE")

    async def _converse(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request of the protocol."""
        run = self._exchanges.run
        if scope["method"] != "POST":
            stream = scope["method"] == "GET"
            await run(self._manager.handle_request, scope, receive, send, stream=stream)
            return
        _check_kinds(Request(scope))
        with self._bodies.holding() as body:
            await body.read(scope, receive)
            # The SDK refuses a listen header over another body, so that nothing else can pass for a stream.
            listens = _modern(scope) and Request(scope).headers.get("mcp-method") == _LISTEN

            async def cancel(asked: str | int) -> None:
                await self._cancel(scope, asked)

            await run(
                self._manager.handle_request,
                scope,
                body.replayed(receive),
                send,
                body=body.content,
                stream=listens,
                abandoned=None if self._stateless or _modern(scope) else cancel,
            )

    async def _cancel(self, scope: Scope, asked: str | int) -> None:
        """Within a session a request goes on without its connection, until it is cancelled as a client would."""
        notice = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": asked}}
        pieces: list[Message] = [{"type": "http.request", "body": json.dumps(notice).encode(), "more_body": False}]

        async def receive() -> Message:
            return pieces.pop() if pieces else {"type": "http.disconnect"}

        async def send(_: Message) -> None:
            return

        headers = [(name, value) for name, value in scope["headers"] if name != b"content-length"]
        await self._manager.handle_request({**scope, "headers": headers}, receive, send)


def _modern(scope: Scope) -> bool:
    """Whether the SDK takes the request as one of the era without sessions."""
    version = next(
        (value.decode("latin-1") for name, value in scope["headers"] if name == b"mcp-protocol-version"), None
    )
    return version is not None and version not in HANDSHAKE_PROTOCOL_VERSIONS


def _check_method(scope: Scope, allowed: tuple[str, ...]) -> None:
    if scope["method"] not in allowed:
        names = ", ".join(allowed)
        raise Refusal(405, f"Use {names.replace(', ', ' or ')} here, not {scope['method'][:20]}.", {"Allow": names})


def _check_kinds(request: Request) -> None:
    """What a client sends must be JSON, and it must take both kinds of answers (MCP specification, Streamable HTTP)."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refusal(415, "Send the message as JSON, with the header Content-Type: application/json.")
    if not all(check_accept_headers(request)):
        raise Refusal(406, "Take both kinds of answers, with the header Accept: application/json, text/event-stream.")


async def _send_json(send: Send, body: bytes, status: int = 200) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
