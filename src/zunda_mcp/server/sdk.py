"""The server on the MCP SDK: the methods of ``methods`` on any transport, in both eras of the protocol.

It uses the SDK's low-level server, which leaves arguments and answers to us. Importing the SDK is most of a cold start,
so only this module, the fallback of ``stdio`` and ``http`` do. ``ChangeNotifier`` detects changes in a thread; each
client is notified on its own event loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

import mcp_types as types
from anyio import to_thread
from mcp.server.caching import CacheHint
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import NotificationOptions, Server
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ResourcesListChanged, ResourceUpdated
from mcp.shared.exceptions import MCPError

from zunda_mcp import __version__
from zunda_mcp.server import methods
from zunda_mcp.server.dispatch import LazyArchive
from zunda_mcp.server.instructions import instructions as describe
from zunda_mcp.server.notifications import MOST_URIS, ArchiveChange, ChangeNotifier, remember

__all__ = ["ArchiveServer", "ListenStreams", "Sessions"]

_Context = ServerRequestContext[Any, Any]

_log = logging.getLogger(__name__)


class ListenStreams(ListenHandler):
    """Serves ``subscriptions/listen``. It accepts only what can change: the list of resources, and resources."""

    def __init__(self, notifier: ChangeNotifier) -> None:
        self._changes = InMemorySubscriptionBus()
        super().__init__(self._changes)
        self._notifier = notifier
        self._uris: Counter[str] = Counter()
        self._open = 0
        self._stop: Callable[[], None] = lambda: None

    async def __call__(
        self, ctx: _Context, params: types.SubscriptionsListenRequestParams
    ) -> types.SubscriptionsListenResult:
        """Serve one stream until the client disconnects or ``close`` ends it."""
        wanted = params.notifications
        uris = list(dict.fromkeys(wanted.resource_subscriptions or ()))[:MOST_URIS]
        only = types.SubscriptionFilter(
            resources_list_changed=wanted.resources_list_changed, resource_subscriptions=uris or None
        )
        if not self._open:
            loop = asyncio.get_running_loop()
            self._stop = self._notifier.listen(lambda change: _send(loop, self._publish(change)))
        self._open += 1
        self._uris.update(uris)
        try:
            return await super().__call__(ctx, params.model_copy(update={"notifications": only}))
        finally:
            self._uris.subtract(uris)
            self._uris += Counter()  # drop URIs without a subscriber
            self._open -= 1
            if not self._open:
                self._stop()

    async def _publish(self, change: ArchiveChange) -> None:
        if change.listed:
            await self._changes.publish(ResourcesListChanged())
        for uri in filter(change.touches, list(self._uris)):
            await self._changes.publish(ResourceUpdated(uri))


class Sessions:
    """The sessions that began with a handshake, and the resources that each has subscribed to."""

    def __init__(self, notifier: ChangeNotifier) -> None:
        self._notifier = notifier
        self._uris: dict[Any, dict[str, None]] = {}

    async def begin(self, context: _Context, _params: types.NotificationParams | None = None) -> None:
        """Notify a client when the list of resources changes, until its connection ends."""
        connection = context.session._connection  # the SDK offers no other hook for a session's end
        if connection in self._uris:
            return
        uris = self._uris[connection] = dict[str, None]()
        loop = asyncio.get_running_loop()

        async def notify(change: ArchiveChange) -> None:
            if change.listed:
                await connection.notify("notifications/resources/list_changed", None)
            for uri in filter(change.touches, sorted(uris)):
                await connection.notify("notifications/resources/updated", {"uri": uri})

        connection.exit_stack.callback(self._notifier.listen(lambda change: _send(loop, notify(change))))
        connection.exit_stack.callback(self._uris.pop, connection, None)

    async def subscribe(self, context: _Context, params: types.SubscribeRequestParams) -> types.EmptyResult:
        """Notify the client of changes to one resource as well."""
        await self.begin(context)
        remember(self._subscribed(context), str(params.uri))
        return types.EmptyResult()

    async def unsubscribe(self, context: _Context, params: types.UnsubscribeRequestParams) -> types.EmptyResult:
        """Stop notifying the client of changes to one resource."""
        self._subscribed(context).pop(str(params.uri), None)
        return types.EmptyResult()

    def _subscribed(self, context: _Context) -> dict[str, None]:
        return self._uris.get(context.session._connection, {})


def _send(loop: asyncio.AbstractEventLoop, message: Coroutine[Any, Any, None]) -> None:
    try:
        asyncio.run_coroutine_threadsafe(message, loop)
    except RuntimeError:  # the loop has ended, and its clients with it
        message.close()


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


class ArchiveServer(Server[Any]):
    """The MCP server of the SDK over an archive, ready to run on any transport.

    ``instructions`` may be a function, which is then called for each conversation. ``sessions`` says whether the
    transport can send notifications to conversations that began with a handshake.
    """

    def __init__(
        self, opening: LazyArchive, instructions: str | Callable[[], str] | None = None, *, sessions: bool = True
    ) -> None:
        hints: dict[Any, CacheHint] = {
            method: CacheHint(ttl_ms=ttl, scope=scope) for method, (ttl, scope) in methods.CACHE.items()
        }
        super().__init__("zunda-mcp", version=__version__, title="zunda-mcp", cache_hints=hints)
        text = instructions or describe(None)
        self._get_instructions = text if callable(text) else lambda: text
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
        """Check for changes now, since the index may have changed, and notify subscribers."""
        self._notifier.nudge()

    @property
    def instructions(self) -> str | None:
        """The instructions that a client gives its model, from the archive as it is now."""
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
        """Return the capabilities of ``methods`` for this protocol version."""
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
