"""The ASGI application: it checks each request and hands it to the SDK's session manager.

A request passes ``HostCheck`` (Host and Origin) and the check of its path and method, then that of its token
(``Access``); the SDK bounds its body and speaks the protocol of both eras. ``GET /health`` is answered here, and every
other path by the pages for browsers (``Pages``), where there are any.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import anyio
from anyio import to_thread
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.subscriptions import ListenHandler
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response

from zunda_mcp import __version__
from zunda_mcp.errors import ZundaError
from zunda_mcp.server.http.access import Access
from zunda_mcp.server.http.hosts import HostCheck
from zunda_mcp.server.http.open_requests import Refusal, TimedRequests, json_response
from zunda_mcp.server.http.options import MCP_PATH, HttpOptions
from zunda_mcp.server.http.pages import Pages

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server
    from starlette.types import Receive, Scope, Send

    from zunda_mcp.library import Library

__all__ = ["HttpApp"]

_log = logging.getLogger(__name__)


class HttpApp:
    """Serves a low-level server of the SDK at ``/mcp``, for one run.

    ``report`` returns the fields of ``GET /health``; it may block, and raises if the archive cannot be read.
    ``opener`` gives the library whose pages are shown, and may block and raise as well.
    Raises ``SettingsError`` if the token file cannot be used.
    """

    def __init__(
        self,
        server: Server[Any],
        options: HttpOptions,
        report: Callable[[], Mapping[str, Any]] | None = None,
        opener: Callable[[], Library] | None = None,
    ) -> None:
        self._server, self._options, self._report = server, options, report or dict
        self._hosts, self._access = HostCheck(options), Access(options)
        self._pages = Pages(opener, options, self._access) if opener is not None else None
        self._threads = anyio.CapacityLimiter(2)
        self._sessions = StreamableHTTPSessionManager(
            server,
            stateless=options.stateless,
            max_request_body_size=options.limits.body_bytes,
            session_idle_timeout=_IDLE_SECONDS,
            max_sessions=_MAX_SESSIONS,
        )
        self._timed = TimedRequests(self._sessions.handle_request, options.limits.body_seconds, self._access.is_valid)
        self._mcp = self._access.protect(self._timed)
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

    def end_subscriptions(self) -> None:
        """Tell clients that listen that nothing more will come, and end the streams of the older era."""
        self._timed.end_streams()
        entry = self._server.get_request_handler("subscriptions/listen")
        if entry is not None and isinstance(entry.handler, ListenHandler):
            entry.handler.close()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        async with self._sessions.run():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].rstrip("/") or "/"
        try:
            if path == MCP_PATH:
                # Only the older era gets a stream and deletes a session, and only where sessions are kept.
                version = Request(scope).headers.get("mcp-protocol-version", HANDSHAKE_PROTOCOL_VERSIONS[0])
                sessions = not self._options.stateless and version in HANDSHAKE_PROTOCOL_VERSIONS
                if self._pages is not None and _is_browser(scope):
                    await RedirectResponse(self._pages.root, 303)(scope, receive, send)
                    return
                _check_method(scope, *(("GET", "POST", "DELETE") if sessions else ("POST",)))
                await self._mcp(scope, receive, send)
                return
            metadata = self._access.metadata(path)
            if metadata is None and path != "/health" and self._pages is not None:
                _check_method(scope, "GET", "HEAD")
                await self._pages(scope, receive, send)
                return
            if path != "/health" and metadata is None:
                raise Refusal(404, f"There is nothing here; the MCP endpoint of this server is {MCP_PATH}.")
            _check_method(scope, "GET", "HEAD")
            if metadata is None:
                response = await self._health() if await self._access.is_authenticated(scope) else json_response(_ALIVE)
            else:
                response = json_response(metadata)
            await response(scope, receive, send)
        except Refusal as refusal:
            await refusal.response(scope, receive, send)
        except ClientDisconnect:
            return

    async def _health(self) -> Response:
        """The health of the archive, for whoever has a token or needs none. Others learn that the server answers: even
        from this machine, since requests through a proxy come from there too.
        """
        try:
            state = await to_thread.run_sync(self._report, abandon_on_cancel=True, limiter=self._threads)
            return json_response({**_ALIVE, **state, "version": __version__})
        except Exception as error:
            message = str(error) if isinstance(error, ZundaError) else "A fault in the server, which is in its log."
            if not isinstance(error, ZundaError):
                _log.exception("the archive did not report its health")
            return json_response({"status": "failing", "error": message, "version": __version__}, 503)


_ALIVE = {"status": "ok"}
#: A session that nobody uses ends after so many seconds, and so many are open at most: each of a client that vanished
#: holds about 0.09 MB. Clients of the older era open another when theirs has ended, as their specification asks.
_IDLE_SECONDS, _MAX_SESSIONS = 600.0, 1000


def _is_browser(scope: Scope) -> bool:
    """Whether somebody has opened the address of the endpoint in a browser, which asks for a page; no client does."""
    return scope["method"] == "GET" and "text/html" in Request(scope).headers.get("accept", "")


def _check_method(scope: Scope, *allowed: str) -> None:
    if scope["method"] not in allowed:
        message = f"Use {' or '.join(allowed)} here, not {scope['method'][:20]}."
        raise Refusal(405, message, {"Allow": ", ".join(allowed)})
