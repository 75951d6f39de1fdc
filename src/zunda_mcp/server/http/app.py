"""The ASGI application: it checks each request and hands it to the SDK's session manager, or shows a page.

A request passes ``HostCheck`` and the check of its path and method, then that of its token (``Access``). Callers who
may see the same archives are a group with a server of its own: sessions, subscriptions, pages and health are those of
the group, and no request reaches another's. ``GET /health`` is answered here, and every other path by the pages for
browsers, where there are any.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import anyio
from anyio import to_thread
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.subscriptions import ListenHandler
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response

from zunda_mcp import __version__
from zunda_mcp.config.http_options import MCP_PATH, HttpOptions
from zunda_mcp.errors import ZundaError
from zunda_mcp.server.http.access import Access, archives_of
from zunda_mcp.server.http.request_checks import HostCheck, Refusal, TimedRequests, json_response

if TYPE_CHECKING:
    from anyio.abc import TaskGroup, TaskStatus
    from mcp.server.lowlevel import Server
    from starlette.types import Receive, Scope, Send

    from zunda_mcp.library import Library
    from zunda_mcp.server.web.routes import PageRequest

__all__ = ["HttpApp", "Served"]

_log = logging.getLogger(__name__)

_IDLE_SECONDS, _MAX_SESSIONS = 600.0, 1000
"""A session that nobody uses ends after so many seconds, and so many of a group are open at most: each of a client that
vanished holds about 0.09 MB. Clients of the older era then open another, as their specification asks."""
_PAGE_THREADS = 4
"""Pages that are made at once; the others wait, so that calls of assistants do not wait for readers. More would not be
faster: making a page is work of one core."""
_ALIVE = {"status": "ok"}
_OPEN_FILES = frozenset({"/robots.txt", "/assets/page.css", "/assets/page.js", "/assets/icon.svg"})
"""What says nothing of the archive; any other name there is a page, which does."""
_CHALLENGE = 'Basic realm="zunda-mcp", charset="UTF-8"'


class Served(NamedTuple):
    """What a group of callers is served: a low-level server of the SDK, the fields of ``GET /health``, and the library
    whose pages are shown (None: there are no pages). The last two may block, and raise if the archive cannot be read.
    """

    server: Server[Any]
    report: Callable[[], Mapping[str, Any]]
    opener: Callable[[], Library] | None = None


class HttpApp:
    """Serves the archive at ``/mcp``, for one run. ``serve`` gives what callers are served who may see these archives;
    None are all. Raises ``SettingsError`` if the token file cannot be used.
    """

    def __init__(self, options: HttpOptions, serve: Callable[[frozenset[str] | None], Served]) -> None:
        self._options, self._serve = options, serve
        self._hosts, self._access = HostCheck(options), Access(options)
        self._groups: dict[frozenset[str] | None, Served] = {None: serve(None)}
        self._sessions: dict[frozenset[str] | None, StreamableHTTPSessionManager] = {}
        self._tasks: TaskGroup
        self._beginning = anyio.Lock()
        self._health_threads, self._page_threads = anyio.CapacityLimiter(2), anyio.CapacityLimiter(_PAGE_THREADS)
        self._root = urlsplit(options.public_url or "").path.removesuffix(MCP_PATH).rstrip("/") + "/"
        self._timed = TimedRequests(self._answer, options.limits.body_seconds, self._access.is_valid)
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
            await receive()
            async with anyio.create_task_group() as self._tasks:
                await send({"type": "lifespan.startup.complete"})
                await receive()
                self._tasks.cancel_scope.cancel()
            await send({"type": "lifespan.shutdown.complete"})
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
        for group in self._groups.values():
            entry = group.server.get_request_handler("subscriptions/listen")
            if entry is not None and isinstance(entry.handler, ListenHandler):
                entry.handler.close()

    # --- groups

    def _group(self, scope: Scope) -> Served:
        """What whoever makes a request is served."""
        archives = archives_of(scope)
        if archives not in self._groups:
            self._groups[archives] = self._serve(archives)
        return self._groups[archives]

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to the session manager of its group, which begins with the group's first request."""
        group, archives = self._group(scope), archives_of(scope)
        async with self._beginning:
            if archives not in self._sessions:
                self._sessions[archives] = await self._tasks.start(self._run_sessions, group.server)
        await self._sessions[archives].handle_request(scope, receive, send)

    async def _run_sessions(
        self, server: Server[Any], *, task_status: TaskStatus[StreamableHTTPSessionManager]
    ) -> None:
        sessions = StreamableHTTPSessionManager(
            server,
            stateless=self._options.stateless,
            max_request_body_size=self._options.limits.body_bytes,
            session_idle_timeout=_IDLE_SECONDS,
            max_sessions=_MAX_SESSIONS,
        )
        async with sessions.run():
            task_status.started(sessions)
            await anyio.sleep_forever()

    # --- routes

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].rstrip("/") or "/"
        metadata, with_pages = self._access.metadata(path), self._groups[None].opener is not None
        try:
            if path == MCP_PATH and with_pages and _is_browser(scope):
                await RedirectResponse(self._root, 303)(scope, receive, send)
            elif path == MCP_PATH:
                # Only the older era gets a stream and deletes a session, and only where sessions are kept.
                version = Request(scope).headers.get("mcp-protocol-version", HANDSHAKE_PROTOCOL_VERSIONS[0])
                sessions = not self._options.stateless and version in HANDSHAKE_PROTOCOL_VERSIONS
                _check_method(scope, *(("GET", "POST", "DELETE") if sessions else ("POST",)))
                await self._mcp(scope, receive, send)
            elif path == "/health" or metadata is not None or with_pages:
                _check_method(scope, "GET", "HEAD")
                if metadata is not None:
                    response: Response = json_response(metadata)
                else:
                    response = await (self._health(scope) if path == "/health" else self._page(scope))
                await response(scope, receive, send)
            else:
                raise Refusal(404, f"There is nothing here; the MCP endpoint of this server is {MCP_PATH}.")
        except Refusal as refusal:
            await refusal.response(scope, receive, send)
        except ClientDisconnect:
            return

    async def _health(self, scope: Scope) -> Response:
        """The health of the archive, for whoever has a token or needs none. Others learn that the server answers: even
        from this machine, since requests through a proxy come from there too.
        """
        caller = await self._access.authenticated(scope)
        if caller is None:
            return json_response(_ALIVE)
        report = self._group(caller).report
        try:
            state = await to_thread.run_sync(report, abandon_on_cancel=True, limiter=self._health_threads)
            return json_response({**_ALIVE, **state, "version": __version__})
        except Exception as error:
            message = str(error) if isinstance(error, ZundaError) else "A fault in the server, which is in its log."
            if not isinstance(error, ZundaError):
                _log.exception("the archive did not report its health")
            return json_response({"status": "failing", "error": message, "version": __version__}, 503)

    async def _page(self, scope: Scope) -> Response:
        """A page of the archive. Where the server asks for tokens and the pages are not public, a browser shows one as
        the password of HTTP Basic authentication (RFC 7617), since it cannot send another header by itself.
        """
        from zunda_mcp.server.web import routes  # start-up: a server whose pages nobody opens does without

        request = self._page_request(Request(scope))
        is_open = request.public or scope["path"] in _OPEN_FILES
        caller = scope if is_open else await self._access.authenticated(scope)
        if caller is None:
            page = routes.locked_page(request, _CHALLENGE if self._options.token_file is not None else None)
        else:
            opener = self._group(caller).opener
            assert opener is not None  # else there are no pages
            page = await to_thread.run_sync(routes.answer, opener, request, limiter=self._page_threads)
        return Response(page.body, page.status, dict(page.headers))

    def _page_request(self, request: Request) -> PageRequest:
        from zunda_mcp.server.web.routes import PageRequest  # start-up

        here = f"http://{request.headers.get('host', '')}{MCP_PATH}"  # the host was checked
        return PageRequest(
            path=str(request.scope["path"]).removeprefix("/"),
            parameters=dict(request.query_params),
            languages=request.headers.get("accept-language", ""),
            language_cookie=request.cookies.get("language", ""),
            root=self._root,
            endpoint=here if self._options.public_url is None else self._options.url,
            guarded=self._options.guarded,
            public=self._options.public_page or not self._options.guarded,
        )


def _is_browser(scope: Scope) -> bool:
    """Whether somebody has opened the address of the endpoint in a browser, which asks for a page; no client does."""
    return scope["method"] == "GET" and "text/html" in Request(scope).headers.get("accept", "")


def _check_method(scope: Scope, *allowed: str) -> None:
    if scope["method"] not in allowed:
        message = f"Use {' or '.join(allowed)} here, not {scope['method'][:20]}."
        raise Refusal(405, message, {"Allow": ", ".join(allowed)})
