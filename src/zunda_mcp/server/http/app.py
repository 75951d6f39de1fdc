"""The ASGI application: it checks each request, and passes it to the SDK's session manager or answers with a page.

A request passes ``HostCheck``, then checks of path and method, then the check of its token (``Access``). Callers who
may see the same archives form a group with a server of its own, which has its own sessions, subscriptions, pages and
health; no request reaches another group's. ``GET /health`` is answered here; the pages for browsers, if there are any,
answer all other paths.
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
from zunda_mcp.server.http.access import Access, HostCheck, Refusal, archives_of, json_response

if TYPE_CHECKING:
    from anyio.abc import TaskGroup, TaskStatus
    from mcp.server.lowlevel import Server
    from starlette.types import Message, Receive, Scope, Send

    from zunda_mcp.library import Library

__all__ = ["HttpApp", "Served"]

_log = logging.getLogger(__name__)


def _is_fault(record: logging.LogRecord) -> bool:
    """Whether a log record of the SDK is more than a request that arrived while its client closed the session."""
    error = record.exc_info[1] if record.exc_info else None
    closed = (anyio.ClosedResourceError, anyio.BrokenResourceError)
    others = error.split(closed)[1] if isinstance(error, BaseExceptionGroup) else error
    return error is None or not (others is None or isinstance(others, closed))


logging.getLogger("mcp.server.streamable_http").addFilter(_is_fault)

_IDLE_SECONDS, _MAX_SESSIONS = 600.0, 1000
"""Seconds after which an unused session ends, and the most open sessions of a group: one that a client abandoned takes
about 0.09 MB. Clients of the older era then open another, as their specification requires."""
_PAGE_THREADS = 4
"""Pages that are made at once; others wait, so that calls of assistants need not wait for them. More would not be
faster, since all pages are made on one core."""
_CHECK_SECONDS, _LAST_SEND_SECONDS = 1.0, 0.1
"""Seconds between checks of the tokens of open streams, and seconds that a client has to receive the end of an answer
that is cut short."""
_ALIVE = {"status": "ok"}


class Served(NamedTuple):
    """What a group of callers gets: a low-level server of the SDK, the fields of ``GET /health``, and the library for
    the pages (None for no pages). The last two may block, and raise if the archive cannot be read.
    """

    server: Server[Any]
    report: Callable[[], Mapping[str, Any]]
    opener: Callable[[], Library] | None = None


class HttpApp:
    """Serves the archive at ``/mcp``; for one run only. ``serve`` makes the server for callers who may see only these
    archives, or all (None). Raises ``SettingsError`` if the token file cannot be used.
    """

    def __init__(self, options: HttpOptions, serve: Callable[[frozenset[str] | None], Served]) -> None:
        self._options, self._serve = options, serve
        self._hosts, self._access = HostCheck(options), Access(options)
        self._groups: dict[frozenset[str] | None, Served] = {None: serve(None)}
        self._sessions: dict[frozenset[str] | None, StreamableHTTPSessionManager] = {}
        self._open: dict[anyio.CancelScope, Scope] = {}
        self._tasks: TaskGroup
        self._beginning = anyio.Lock()
        self._health_threads, self._page_threads = anyio.CapacityLimiter(2), anyio.CapacityLimiter(_PAGE_THREADS)
        self._root = urlsplit(options.public_url or "").path.removesuffix(MCP_PATH).rstrip("/") + "/"
        self._mcp = self._access.protect(self._answer)
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
                self._tasks.start_soon(self._end_without_token)
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
        """End all subscriptions, and the streams that clients of the older era opened with GET, so that clients see
        complete answers.
        """
        for request, scope in self._open.items():
            if scope["method"] == "GET":
                request.cancel()
        for group in self._groups.values():
            entry = group.server.get_request_handler("subscriptions/listen")
            if entry is not None and isinstance(entry.handler, ListenHandler):
                entry.handler.close()

    # --- one call

    def _group(self, scope: Scope) -> Served:
        """Return what the caller's group gets, making its server on its first request."""
        archives = archives_of(scope)
        if archives not in self._groups:
            self._groups[archives] = self._serve(archives)
        return self._groups[archives]

    async def _sessions_of(self, scope: Scope) -> StreamableHTTPSessionManager:
        """Return the session manager of the caller's group, starting it on the group's first request."""
        group, archives = self._group(scope), archives_of(scope)
        async with self._beginning:
            if archives not in self._sessions:
                self._sessions[archives] = await self._tasks.start(self._run_sessions, group.server)
        return self._sessions[archives]

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

    async def _end_without_token(self) -> None:
        """End open requests whose token has expired or was revoked."""
        while True:
            await anyio.sleep(_CHECK_SECONDS)
            for request, scope in self._open.items():
                if not self._access.is_valid(scope):
                    request.cancel()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request of MCP.

        Raises ``Refusal``: 408 if the body is slow, 503 if the request is ended before its answer begins.
        """
        seconds, begun, ended = self._options.limits.body_seconds, False, False
        deadline = anyio.current_time() + seconds

        async def receive_in_time() -> Message:
            nonlocal deadline
            try:
                with anyio.fail_after(deadline - anyio.current_time()):
                    message = await receive()
            except TimeoutError:
                advice = f"The body did not arrive within {seconds:g} seconds; send it faster."
                raise Refusal(408, advice, {"Connection": "close"}) from None
            if message["type"] == "http.disconnect" and deadline != float("inf"):
                request.cancel()  # the client left before its request was complete, which the SDK would log as an error
                await anyio.lowlevel.checkpoint()
            deadline = deadline if message.get("more_body", False) else float("inf")
            return message

        async def watched_send(message: Message) -> None:
            nonlocal begun, ended
            begun, ended = True, message["type"] == "http.response.body" and not message.get("more_body", False)
            await send(message)

        with anyio.CancelScope() as request:
            self._open[request] = scope
            try:
                await (await self._sessions_of(scope)).handle_request(scope, receive_in_time, watched_send)
            finally:
                del self._open[request]
        if request.cancelled_caught and not begun:
            raise Refusal(503, "The server is stopping, or the token was taken back or has expired; ask again.")
        if request.cancelled_caught and not ended:
            with anyio.move_on_after(_LAST_SEND_SECONDS):
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    # --- routes

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._response(scope)
            await (self._mcp if response is None else response)(scope, receive, send)
        except Refusal as refusal:
            await refusal.response(scope, receive, send)
        except ClientDisconnect:
            return

    async def _response(self, scope: Scope) -> Response | None:
        """Return the response to a request, None for a request of MCP. Raises ``Refusal``."""
        path, request, opener = scope["path"].rstrip("/") or "/", Request(scope), self._groups[None].opener
        if path == MCP_PATH:
            if opener is not None and scope["method"] == "GET" and "text/html" in request.headers.get("accept", ""):
                return RedirectResponse(self._root, 303)  # somebody has opened the address in a browser
            # Only clients of the older era open a stream or delete a session, and only if there are sessions.
            version = request.headers.get("mcp-protocol-version", HANDSHAKE_PROTOCOL_VERSIONS[0])
            sessions = not self._options.stateless and version in HANDSHAKE_PROTOCOL_VERSIONS
            _check_method(scope, *(("GET", "POST", "DELETE") if sessions else ("POST",)))
            return None
        metadata = self._access.metadata(path)
        if metadata is None and path != "/health" and opener is None:
            raise Refusal(404, f"There is nothing here; the MCP endpoint of this server is {MCP_PATH}.")
        _check_method(scope, "GET", "HEAD")
        if metadata is not None:
            return json_response(metadata)
        return await (self._health(scope) if path == "/health" else self._page(request))

    async def _health(self, scope: Scope) -> Response:
        """Return the health of the archive to callers with a token, if tokens are needed. Others only learn that the
        server answers, even from this machine, since requests through a proxy come from there too.
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

    async def _page(self, request: Request) -> Response:
        """Return a page of the archive, or the page for callers who lack the token it needs."""
        from zunda_mcp.server.web import routes  # start-up: only if somebody opens a page

        wanted = routes.page_request(request, self._options, self._root)
        caller = request.scope if wanted.is_open else await self._access.authenticated(request.scope)
        if caller is None:
            page = routes.locked_page(wanted, ask_for_token=self._options.token_file is not None)
        else:
            opener = self._group(caller).opener
            assert opener is not None  # without one, ``_response`` refuses pages
            page = await to_thread.run_sync(routes.answer, opener, wanted, limiter=self._page_threads)
        return Response(page.body, page.status, dict(page.headers))


def _check_method(scope: Scope, *allowed: str) -> None:
    if scope["method"] not in allowed:
        message = f"Use {' or '.join(allowed)} here, not {scope['method'][:20]}."
        raise Refusal(405, message, {"Allow": ", ".join(allowed)})
