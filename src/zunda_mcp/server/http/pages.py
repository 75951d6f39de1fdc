"""The pages of the archive beside the MCP endpoint, for browsers: whom they are open to, and how they are sent.

Where the server asks for tokens, the pages do too, unless they are public: a browser shows one as the password of HTTP
Basic authentication (RFC 7617), since it cannot send another header by itself. Only ``GET`` and ``HEAD`` are answered,
and nothing is kept between two requests.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from zunda_mcp.server.http.options import MCP_PATH, HttpOptions

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from zunda_mcp.library import Library
    from zunda_mcp.server.http.access import Access
    from zunda_mcp.server.web.routes import Page, PageRequest

__all__ = ["Pages"]

_THREADS = 4
"""Pages that are made at once; the others wait, so that calls of assistants do not wait for readers. More would not be
faster: making a page is work of one core."""
_OPEN = frozenset({"/robots.txt", "/assets/page.css", "/assets/page.js", "/assets/icon.svg"})
"""What says nothing of the archive; any other name there is a page, which does."""
_CHALLENGE = 'Basic realm="zunda-mcp", charset="UTF-8"'


class Pages:
    """Answers every path that is not the endpoint's. ``opener`` gives the open library; it may block and raise."""

    def __init__(self, opener: Callable[[], Library], options: HttpOptions, access: Access) -> None:
        self._opener = opener
        self._options, self._access = options, access
        self._threads = anyio.CapacityLimiter(_THREADS)
        self.root = urlsplit(options.public_url or "").path.removesuffix(MCP_PATH).rstrip("/") + "/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        from zunda_mcp.server.web import routes  # start-up: a server whose pages nobody opens does without

        request = self._request(Request(scope))
        if await self._is_open(scope):
            page = await to_thread.run_sync(routes.answer, self._opener, request, limiter=self._threads)
        else:
            challenge = _CHALLENGE if self._options.token_file is not None else None
            page = routes.locked_page(request, challenge)
        await _response(page)(scope, receive, send)

    @property
    def _public(self) -> bool:
        return self._options.public_page or not self._options.guarded

    async def _is_open(self, scope: Scope) -> bool:
        if self._public or scope["path"] in _OPEN:
            return True
        return await self._access.is_authenticated(_with_bearer(scope))

    def _request(self, request: Request) -> PageRequest:
        from zunda_mcp.server.web.routes import PageRequest  # start-up

        return PageRequest(
            path=str(request.scope["path"]).removeprefix("/"),
            parameters=dict(request.query_params),
            languages=request.headers.get("accept-language", ""),
            language_cookie=request.cookies.get("language", ""),
            root=self.root,
            endpoint=self._endpoint(request),
            guarded=self._options.guarded,
            public=self._public,
        )

    def _endpoint(self, request: Request) -> str:
        """The address of the MCP server as this visitor reaches it; its host was checked."""
        if self._options.public_url is not None:
            return self._options.url
        return f"http://{request.headers.get('host', '')}{MCP_PATH}"


def _with_bearer(scope: Scope) -> Scope:
    """The request with the password of HTTP Basic authentication as its bearer token."""
    headers = []
    for name, value in scope["headers"]:
        kind, _, credentials = value.partition(b" ")
        if name == b"authorization" and kind.lower() == b"basic":
            try:
                token = base64.b64decode(credentials, validate=True).partition(b":")[2]
            except binascii.Error:
                token = b""
            headers.append((name, b"Bearer " + token))
        else:
            headers.append((name, value))
    return {**scope, "headers": headers}


def _response(page: Page) -> Response:
    return Response(page.body, page.status, dict(page.headers))
