"""The ASGI application: it checks each request and hands it to the SDK's session manager.

A request passes ``HostCheck`` (Host and Origin), then its path and method are checked, then its token (``Access``) and
its body; the SDK then speaks the protocol of both eras. ``GET /health`` and OAuth's metadata are answered here.
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
from zunda_mcp.server.http.hosts import HostCheck
from zunda_mcp.server.http.open_requests import OpenRequests, read_body
from zunda_mcp.server.http.options import MCP_PATH, HttpOptions
from zunda_mcp.server.http.refusals import Refusal, json_response

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server
    from starlette.types import Message, Receive, Scope, Send

__all__ = ["HttpApp"]

logger = logging.getLogger(__name__)

_CHECK_SECONDS = 1.0
"""How often the tokens of open streams are checked, and at most how often the archive is asked for its health."""
_HEALTH_SECONDS = 5.0
"""How long the archive may take to report its health."""


class HttpApp:
    """Serves a low-level server of the SDK at ``/mcp``, for one run.

    ``report`` returns the fields of ``GET /health``; it may block, and raises if the archive cannot be read.
    Raises ``SettingsError`` if the token file cannot be used.
    """

    def __init__(
        self, server: Server[Any], options: HttpOptions, report: Callable[[], Mapping[str, Any]] | None = None
    ) -> None:
        self._server, self._options, self._report = server, options, report or dict
        self._hosts, self._access, self._requests = HostCheck(options), Access(options), OpenRequests()
        self._health, self._health_at = json_response({}), float("-inf")
        self._threads = anyio.CapacityLimiter(2)
        self._sessions = StreamableHTTPSessionManager(
            server,
            stateless=options.stateless,
            max_request_body_size=options.limits.body_bytes,
            max_sessions=options.limits.sessions,
        )
        self._mcp = AuthContextMiddleware(self._handle_mcp)
        # HostCheck has refused foreign origins already, so any origin that gets here may read the answer.
        self._cors = CORSMiddleware(
            self._route,
            allow_origin_regex=".*",
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["*"],
            expose_headers=["Mcp-Session-Id", "WWW-Authenticate", "Retry-After"],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            try:
                await self._hosts.check(scope)
            except Refusal as refusal:
                await refusal.response(scope, receive, send)
            else:
                await self._cors(scope, receive, send)

    async def stop(self, grace_seconds: float) -> None:
        """Close subscriptions with a proper end, wait ``grace_seconds`` for calls, and cancel the rest."""
        entry = self._server.get_request_handler("subscriptions/listen")
        if entry is not None and isinstance(entry.handler, ListenHandler):
            entry.handler.close()
        await self._requests.stop(grace_seconds)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        async with self._sessions.run(), anyio.create_task_group() as group:
            group.start_soon(self._access.prepare)
            group.start_soon(self._revoke)
            await send({"type": "lifespan.startup.complete"})
            await receive()
            group.cancel_scope.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    async def _revoke(self) -> None:
        while True:
            await anyio.sleep(_CHECK_SECONDS)
            self._requests.revoke(self._access.is_valid)

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].rstrip("/") or "/"
        try:
            if path == MCP_PATH:
                # Only the older era gets a stream and deletes a session, and only where sessions are kept.
                version = Request(scope).headers.get("mcp-protocol-version", HANDSHAKE_PROTOCOL_VERSIONS[0])
                sessions = not self._options.stateless and version in HANDSHAKE_PROTOCOL_VERSIONS
                _check_method(scope, *(("GET", "POST", "DELETE") if sessions else ("POST",)))
                user = await self._access.authenticate(scope)  # the SDK ties a session to its user
                await self._mcp(scope if user is None else {**scope, "user": user}, receive, send)
                return
            metadata = self._access.metadata(path)
            if path != "/health" and metadata is None:
                raise Refusal(404, f"There is nothing here; the MCP endpoint of this server is {MCP_PATH}.")
            _check_method(scope, "GET", "HEAD")
            response = await self._get_health(scope) if metadata is None else json_response(metadata)
            await response(scope, receive, send)
        except Refusal as refusal:
            await refusal.response(scope, receive, send)
        except ClientDisconnect:
            return

    async def _handle_mcp(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            await self._requests.run(self._sessions.handle_request, scope, receive, send)
            return
        request = Request(scope, receive)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Refusal(415, "Send the message as JSON, with the header Content-Type: application/json.")
        body = await read_body(request, self._options.limits)
        messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return messages.pop() if messages else await receive()

        await self._requests.run(self._sessions.handle_request, scope, replay, send)

    async def _get_health(self, scope: Scope) -> Response:
        """The health of the archive. Without a token, where one is needed, only ``ok``: even from this machine, since
        requests through a proxy come from there too.
        """
        try:
            await self._access.authenticate(scope)
        except Refusal:
            return json_response({"status": "ok"})
        if time.monotonic() - self._health_at > _CHECK_SECONDS:
            try:
                with anyio.fail_after(_HEALTH_SECONDS):
                    state = await to_thread.run_sync(self._report, abandon_on_cancel=True, limiter=self._threads)
                self._health = json_response({"status": "ok", **state, "version": __version__})
            except Exception as error:
                message = "A fault in the server, which is in its log; zunda-mcp doctor says more."
                if isinstance(error, TimeoutError):
                    message = f"The archive did not answer within {_HEALTH_SECONDS:g} seconds; look at the log."
                elif isinstance(error, ZundaError):
                    message = str(error)
                else:
                    logger.exception("the archive did not report its health")
                self._health = json_response({"status": "failing", "error": message, "version": __version__}, 503)
            self._health_at = time.monotonic()
        return self._health


def _check_method(scope: Scope, *allowed: str) -> None:
    if scope["method"] not in allowed:
        message = f"Use {' or '.join(allowed)} here, not {scope['method'][:20]}."
        raise Refusal(405, message, {"Allow": ", ".join(allowed)})
