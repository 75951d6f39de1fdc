"""Notify clients of the SDK's server of changes: streams of 2026-07-28, and sessions of the eras before.

``ChangeNotifier`` detects changes in a thread; messages are sent on the event loop of the client.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Coroutine
from typing import Any

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ResourcesListChanged, ResourceUpdated

from zunda_mcp.server.notifications import Change, ChangeNotifier
from zunda_mcp.server.stdio.subscriptions import MOST_URIS, remember

__all__ = ["ListenStreams", "Sessions"]

_Context = ServerRequestContext[Any, Any]

_log = logging.getLogger(__name__)


class ListenStreams(ListenHandler):
    """Serves ``subscriptions/listen``. It acknowledges only what can change: the list of resources, and resources."""

    def __init__(self, notifier: ChangeNotifier) -> None:
        self._changes = InMemorySubscriptionBus()
        super().__init__(self._changes)
        self._notifier = notifier
        self._uris: Counter[str] = Counter()
        self._open = 0
        self._stop = _nothing

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

    async def _publish(self, change: Change) -> None:
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

        async def notify(change: Change) -> None:
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


def _nothing() -> None:
    return None
