"""The server on the MCP SDK: the methods of ``methods`` on any transport, in both eras of the protocol.

It uses the SDK's low-level server, which leaves arguments and answers to us. Importing the SDK is most of a cold start,
so only this module, ``sdk_notifications``, ``stdio.sdk_fallback`` and ``http`` do.
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
from zunda_mcp.server.notifications import ChangeNotifier
from zunda_mcp.server.sdk_notifications import ListenStreams, Sessions

__all__ = ["ArchiveServer", "build_server"]

_Context = ServerRequestContext[Any, Any]

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
    """A server over an archive, ready to run on any transport.

    ``instructions`` may be a function, which is then called for each conversation. ``sessions`` says whether the
    transport can send notifications to conversations that began with a handshake.
    """
    return ArchiveServer(opening, instructions or answer_text.instructions(None), sessions=sessions)


class ArchiveServer(Server[Any]):
    """An MCP server over an archive."""

    def __init__(self, opening: Opening, instructions: str | Callable[[], str], *, sessions: bool) -> None:
        hints: dict[Any, CacheHint] = {
            method: CacheHint(ttl_ms=ttl, scope=cast(Any, scope)) for method, (ttl, scope) in methods.CACHE.items()
        }
        super().__init__("zunda-mcp", version=__version__, title="zunda-mcp", cache_hints=hints)
        self._get_instructions = instructions if callable(instructions) else lambda: instructions
        self._opening = opening
        self._notifier = ChangeNotifier(opening)
        self._with_sessions = sessions
        for method, params in _PARAMS.items():
            self.add_request_handler(method, params, self._answer)
        self.add_request_handler(
            "subscriptions/listen", types.SubscriptionsListenRequestParams, ListenStreams(self._notifier)
        )
        if sessions:
            subscribers = Sessions(self._notifier)
            self.add_request_handler("resources/subscribe", types.SubscribeRequestParams, subscribers.subscribe)
            self.add_request_handler("resources/unsubscribe", types.UnsubscribeRequestParams, subscribers.unsubscribe)
            self.add_notification_handler("notifications/initialized", types.NotificationParams, subscribers.begin)

    def nudge(self) -> None:
        """The index may have changed: check now, and notify subscribers."""
        self._notifier.nudge()

    @property
    def instructions(self) -> str | None:
        """The instructions a client gives its model, from the archive as it is now."""
        return self._get_instructions()

    @instructions.setter
    def instructions(self, value: str | None) -> None:
        """Ignored: the SDK's constructor sets them once, and here they are built for each conversation."""

    def get_capabilities(
        self,
        notification_options: NotificationOptions | None = None,
        experimental_capabilities: dict[str, dict[str, Any]] | None = None,
        extensions: dict[str, dict[str, Any]] | None = None,
        *,
        protocol_version: str | None = None,
    ) -> types.ServerCapabilities:
        """The capabilities of ``methods`` for this protocol version."""
        modern = protocol_version == methods.MODERN
        capabilities = methods.capabilities(modern=modern, notify=modern or self._with_sessions)
        return types.ServerCapabilities.model_validate(capabilities)

    async def _answer(self, context: _Context, _params: types.RequestParams) -> dict[str, Any]:
        method, params, era = context.method, dict(context.params or {}), context.protocol_version
        try:
            result = await to_thread.run_sync(
                lambda: methods.result(self._opening, method, params, era), abandon_on_cancel=True
            )
        except methods.Refused as refused:
            raise MCPError(code=refused.code, message=refused.message, data=refused.data) from refused
        self._notifier.nudge()
        return methods.modern_result(method, result) if era == methods.MODERN else result
