"""The ASGI application: every request from the gate to the SDK, and the few things answered beside it.

The way of a request: its names (``gate``), its path and method, its token (``access``), its body, a place and a time
(``exchanges``), and then the SDK's session manager, which speaks the protocol of both eras.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import anyio
from anyio import to_thread
from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.subscriptions import ListenHandler
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from zunda_mcp import __version__
from zunda_mcp.errors import ZundaError
from zunda_mcp.server.http.access import Access
from zunda_mcp.server.http.exchanges import Bodies, Exchanges
from zunda_mcp.server.http.gate import Gate
from zunda_mcp.server.http.options import MCP_PATH, HttpOptions
from zunda_mcp.server.http.refusals import Refusal, answer

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server
    from starlette.types import Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

_LOOK = 1.0
"""Seconds between two looks: whether the tokens of open streams still count, and how the archive is."""
_HEALTH_WAIT = 5.0
_LISTEN = "subscriptions/listen"


class HttpApp:
    """Serves a low-level server of the SDK at ``/mcp``, for one run; ``stop`` ends what is being answered.

    ``report`` says for ``GET /health`` how the archive is; it may block, and raises where the archive does not answer.
    Raises ``SettingsError`` where the token file is not usable.
    """

    def __init__(
        self, server: Server[Any], options: HttpOptions, report: Callable[[], Mapping[str, Any]] | None = None
    ) -> None:
        limits = options.limits
        self._server, self._stateless, self._report = server, options.stateless, report or dict
        self._gate, self._access = Gate(options), Access(options)
        self._bodies, self._exchanges = Bodies(limits), Exchanges(limits)
        self._health, self._health_at = answer({}), float("-inf")
        self._threads = anyio.CapacityLimiter(2)
        self._manager = StreamableHTTPSessionManager(
            server,
            stateless=options.stateless,
            max_request_body_size=limits.body_bytes,
            max_sessions=limits.sessions,
        )
        self._mcp = AuthContextMiddleware(self._converse)
        # Origins were judged by the gate: whoever comes so far may read the answer (Fetch, CORS protocol).
        self._pages = CORSMiddleware(
            self._answer,
            allow_origin_regex=".*",
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["*"],
            expose_headers=["Mcp-Session-Id", "WWW-Authenticate", "Retry-After"],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            try:
                await self._gate.check(scope)
            except Refusal as refusal:
                await refusal.response()(scope, receive, send)
            else:
                await self._pages(scope, receive, send)

    async def stop(self, grace: float) -> None:
        """Tell those that listen that the end is meant, give requests so many seconds, and cut short the rest."""
        listening = self._server.get_request_handler(_LISTEN)
        if listening is not None and isinstance(listening.handler, ListenHandler):
            listening.handler.close()
        await self._exchanges.stop(grace)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        async with self._manager.run(), anyio.create_task_group() as group:
            group.start_soon(self._access.prepare)
            group.start_soon(self._revoke)
            await send({"type": "lifespan.startup.complete"})
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
                # Only the handshake era has a stream to get and a session to delete, and only with sessions.
                sessions = not self._stateless and not _modern(scope)
                _check_method(scope, *(("GET", "POST", "DELETE") if sessions else ("POST",)))
                user = await self._access.user(scope)  # the SDK ties a session to whoever opened it
                await self._mcp(scope if user is None else {**scope, "user": user}, receive, send)
                return
            metadata = self._access.metadata(path)
            if path != "/health" and metadata is None:
                raise Refusal(404, f"There is nothing here; the MCP endpoint of this server is {MCP_PATH}.")
            _check_method(scope, "GET", "HEAD")
            response = await self._state(scope) if metadata is None else answer(metadata)
            await response(scope, receive, send)
        except Refusal as refusal:
            await refusal.response()(scope, receive, send)
        except ClientDisconnect:
            return

    async def _converse(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request of the protocol."""
        run = self._exchanges.run
        if scope["method"] != "POST":
            await run(self._manager.handle_request, scope, receive, send, stream=scope["method"] == "GET")
            return
        request = Request(scope, receive)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Refusal(415, "Send the message as JSON, with the header Content-Type: application/json.")
        body = await self._bodies.read(request)
        whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return whole.pop() if whole else await receive()

        # The SDK refuses a listen header over another body, so that nothing else can pass for a stream.
        listens = _modern(scope) and request.headers.get("mcp-method") == _LISTEN
        await run(self._manager.handle_request, scope, replay, send, body=body, stream=listens)

    async def _state(self, scope: Scope) -> Response:
        """The state of the archive, asked for at most once a second. Where tokens are needed, a request without one
        gets ``ok`` and nothing else, even from this machine: what comes through a proxy comes from there too.
        """
        try:
            await self._access.user(scope)
        except Refusal:
            return answer({"status": "ok"})
        if time.monotonic() - self._health_at > _LOOK:
            state: Mapping[str, Any]
            try:
                with anyio.fail_after(_HEALTH_WAIT):
                    state = await to_thread.run_sync(self._report, abandon_on_cancel=True, limiter=self._threads)
                self._health = answer({"status": "ok", **state, "version": __version__})
            except Exception as error:
                message = "A fault in the server, which is in its log; zunda-mcp doctor says more."
                if isinstance(error, TimeoutError):
                    message = f"The archive did not answer within {_HEALTH_WAIT:g} seconds; look at the log."
                elif isinstance(error, ZundaError):
                    message = str(error)
                else:
                    logger.exception("the archive did not report its state")
                self._health = answer({"status": "failing", "error": message, "version": __version__}, 503)
            self._health_at = time.monotonic()
        return self._health


def _modern(scope: Scope) -> bool:
    """Whether the SDK takes the request as one of the era without sessions."""
    version = Request(scope).headers.get("mcp-protocol-version")
    return version is not None and version not in HANDSHAKE_PROTOCOL_VERSIONS


def _check_method(scope: Scope, *allowed: str) -> None:
    if scope["method"] not in allowed:
        raise Refusal(
            405, f"Use {' or '.join(allowed)} here, not {scope['method'][:20]}.", {"Allow": ", ".join(allowed)}
        )
