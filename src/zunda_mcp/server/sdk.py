"""The server on the MCP SDK: the methods of ``methods`` on any transport, in both eras.

The SDK's low-level server is used because it leaves arguments and answers to us. Importing it is most of a cold
start, so nothing outside this module, ``behind`` and ``http`` does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import mcp_types as types
from anyio import to_thread
from mcp.server.caching import CacheHint
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import NotificationOptions, Server
from mcp.shared.exceptions import MCPError

from zunda_mcp import __version__
from zunda_mcp.rendering import answer_text
from zunda_mcp.server import methods
from zunda_mcp.server.dispatch import Opening
from zunda_mcp.server.notifications import Notices
from zunda_mcp.server.sdk_notifications import Listening, Sessions

Context = ServerRequestContext[Any, Any]

_PARAMS: dict[str, type[types.RequestParams]] = {
    "tools/list": types.PaginatedRequestParams,
    "tools/call": types.CallToolRequestParams,
    "resources/list": types.PaginatedRequestParams,
    "resources/templates/list": types.PaginatedRequestParams,
    "resources/read": types.ReadResourceRequestParams,
    "prompts/list": types.PaginatedRequestParams,
    "prompts/get": types.GetPromptRequestParams,
    "completion/complete": types.CompleteRequestParams,
}


def build_server(
    opening: Opening, instructions: str | Callable[[], str] | None = None, *, sessions: bool = True
) -> ArchiveServer:
    """The server over an archive, ready to be run on any transport.

    ``instructions`` may be asked for anew by each conversation. ``sessions`` says whether conversations that begin
    with a handshake have a stream on which they can be told of changes.
    """
    return ArchiveServer(opening, instructions or answer_text.instructions(None), sessions=sessions)


class ArchiveServer(Server[Any]):
    """An MCP server over an archive."""

    def __init__(self, opening: Opening, instructions: str | Callable[[], str], *, sessions: bool) -> None:
        hints: dict[Any, CacheHint] = {
            method: CacheHint(ttl_ms=ttl, scope=cast(Any, scope)) for method, (ttl, scope) in methods.CACHE.items()
        }
        super().__init__("zunda-mcp", version=__version__, title="zunda-mcp", cache_hints=hints)
        self._say = instructions if callable(instructions) else lambda: instructions
        self._opening = opening
        self._notices = Notices(opening)
        self._with_sessions = sessions
        for method, params in _PARAMS.items():
            self.add_request_handler(method, params, self._answer)
        self.add_request_handler(
            "subscriptions/listen", types.SubscriptionsListenRequestParams, Listening(self._notices)
        )
        if sessions:
            told = Sessions(self._notices)
            self.add_request_handler("resources/subscribe", types.SubscribeRequestParams, told.subscribe)
            self.add_request_handler("resources/unsubscribe", types.UnsubscribeRequestParams, told.unsubscribe)
            self.add_notification_handler("notifications/initialized", types.NotificationParams, told.begin)

    def nudge(self) -> None:
        """The index may be newer: look, and tell who listens."""
        self._notices.nudge()

    @property
    def instructions(self) -> str | None:
        """What a client tells its model about this server, from the archive as it is now."""
        return self._say()

    @instructions.setter
    def instructions(self, value: str | None) -> None:
        """The SDK's constructor sets them; here they are asked for each time."""

    def get_capabilities(
        self,
        notification_options: NotificationOptions | None = None,
        experimental_capabilities: dict[str, dict[str, Any]] | None = None,
        extensions: dict[str, dict[str, Any]] | None = None,
        *,
        protocol_version: str | None = None,
    ) -> types.ServerCapabilities:
        """The capabilities that work, as ``methods`` says them."""
        modern = protocol_version == methods.MODERN
        offered = methods.capabilities(modern=modern, notices=modern or self._with_sessions)
        return types.ServerCapabilities.model_validate(offered)

    async def _answer(self, context: Context, _params: types.RequestParams) -> dict[str, Any]:
        method, params, era = context.method, dict(context.params or {}), context.protocol_version
        try:
            found = await to_thread.run_sync(
                lambda: methods.result(self._opening, method, params, era), abandon_on_cancel=True
            )
        except methods.Refused as refused:
            raise MCPError(code=refused.code, message=refused.message, data=refused.data) from refused
        self._notices.nudge()
        return methods.complete(method, found) if era == methods.MODERN else found
