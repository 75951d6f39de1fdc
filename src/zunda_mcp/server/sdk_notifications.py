"""Telling clients of the SDK's server about changes: streams of 2026-07-28, and sessions of the eras before.

Changes are noticed in a thread (``notices``); what is sent is sent on the event loop of the client.
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

from zunda_mcp.server.notifications import Change, Notices
from zunda_mcp.server.stdio.subscriptions import MOST_URIS, remember

Context = ServerRequestContext[Any, Any]

logger = logging.getLogger(__name__)


class Listening(ListenHandler):
    """Serves ``subscriptions/listen``. Only what can change is acknowledged: the list of resources, and resources."""

    def __init__(self, notices: Notices) -> None:
        self._changes = InMemorySubscriptionBus()
        super().__init__(self._changes)
        self._notices = notices
        self._uris: Counter[str] = Counter()
        self._open = 0
        self._stop = _nothing

    async def __call__(
        self, ctx: Context, params: types.SubscriptionsListenRequestParams
    ) -> types.SubscriptionsListenResult:
        """Serve one stream until the client goes away or ``close`` ends it."""
        asked = params.notifications
        uris = list(dict.fromkeys(asked.resource_subscriptions or ()))[:MOST_URIS]
        only = types.SubscriptionFilter(
            resources_list_changed=asked.resources_list_changed, resource_subscriptions=uris or None
        )
        if not self._open:
            loop = asyncio.get_running_loop()
            self._stop = self._notices.listen(lambda change: _send(loop, self._publish(change)))
        self._open += 1
        self._uris.update(uris)
        try:
            return await super().__call__(ctx, params.model_copy(update={"notifications": only}))
        finally:
            self._uris.subtract(uris)
            self._uris += Counter()  # forget those that nobody wants any more
            self._open -= 1
            if not self._open:
                self._stop()

    async def _publish(self, change: Change) -> None:
        if change.listed:
            await self._changes.publish(ResourcesListChanged())
        for uri in filter(change.touches, list(self._uris)):
            await self._changes.publish(ResourceUpdated(uri))


class Sessions:
    """The conversations that began with a handshake, and which resources each has subscribed to."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices
        self._uris: dict[Any, dict[str, None]] = {}

    async def begin(self, context: Context, _params: types.NotificationParams | None = None) -> None:
        """A client is ready to be told that the list of resources changed, until its connection ends."""
        connection = context.session._connection  # the SDK gives no other way to a session's end
        if connection in self._uris:
            return
        uris = self._uris[connection] = dict[str, None]()
        loop = asyncio.get_running_loop()

        async def tell(change: Change) -> None:
            if change.listed:
                await connection.notify("notifications/resources/list_changed", None)
            for uri in filter(change.touches, sorted(uris)):
                await connection.notify("notifications/resources/updated", {"uri": uri})

        connection.exit_stack.callback(self._notices.listen(lambda change: _send(loop, tell(change))))
        connection.exit_stack.callback(self._uris.pop, connection, None)

    async def subscribe(self, context: Context, params: types.SubscribeRequestParams) -> types.EmptyResult:
        """Tell of changes of one resource, too."""
        await self.begin(context)
        remember(self._of(context), str(params.uri))
        return types.EmptyResult()

    async def unsubscribe(self, context: Context, params: types.UnsubscribeRequestParams) -> types.EmptyResult:
        """Tell of changes of one resource no longer."""
        self._of(context).pop(str(params.uri), None)
        return types.EmptyResult()

    def _of(self, context: Context) -> dict[str, None]:
        return self._uris.get(context.session._connection, {})


def _send(loop: asyncio.AbstractEventLoop, message: Coroutine[Any, Any, None]) -> None:
    try:
        asyncio.run_coroutine_threadsafe(message, loop)
    except RuntimeError:  # the loop has ended, and its clients with it
        message.close()


def _nothing() -> None:
    return None
