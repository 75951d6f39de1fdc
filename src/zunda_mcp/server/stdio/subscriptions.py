"""The subscriptions of one stdio client, in both eras of the protocol.

In the eras with a handshake, every client is notified when the list of resources changes, and of each resource it has
subscribed to. In 2026-07-28 a client opens streams (``subscriptions/listen``) and names for each what to send; every
message of a stream carries the id of the request that opened it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from zunda_mcp.server.notifications import Change, ChangeNotifier

__all__ = ["MOST_URIS", "Subscriptions", "remember"]

_STREAMS = 64
"""How many streams one client can have open."""
MOST_URIS = 1000
"""How many resources one conversation, or one stream, can subscribe to; beyond that, the oldest are dropped."""
_ID = "io.modelcontextprotocol/subscriptionId"
_INTERNAL = -32603


class Subscriptions:
    """The subscriptions of one conversation. ``write`` sends a message. Thread-safe."""

    def __init__(self, notifier: ChangeNotifier, write: Callable[[dict[str, Any]], None]) -> None:
        self._notifier = notifier
        self._write = write
        self._lock = threading.Lock()
        self._uris: dict[str, None] = {}
        self._streams: dict[object, Callable[[], None]] = {}
        self._started = False

    # --- with a handshake

    def begin(self) -> None:
        """The client has finished the handshake: notify it of changes from now on."""
        with self._lock:
            if self._started:
                return
            self._started = True
        self._notifier.listen(self._send)

    def set(self, uri: str, *, wanted: bool) -> None:
        """Subscribe to one resource, or unsubscribe from it."""
        with self._lock:
            if wanted:
                remember(self._uris, uri)
            else:
                self._uris.pop(uri, None)

    def _send(self, change: Change) -> None:
        with self._lock:
            uris = [uri for uri in self._uris if change.touches(uri)]
        if change.listed:
            self._write({"jsonrpc": "2.0", "method": "notifications/resources/list_changed"})
        for uri in uris:
            self._write({"jsonrpc": "2.0", "method": "notifications/resources/updated", "params": {"uri": uri}})

    # --- 2026-07-28

    def stream(self, request_id: object, params: dict[str, Any]) -> bool:
        """Open a stream: acknowledge it, then send a message for each change. False where ``params`` are malformed."""
        wanted = params.get("notifications")
        if not isinstance(wanted, dict):
            return False
        uris = wanted.get("resourceSubscriptions")
        if not (uris is None or (isinstance(uris, list) and all(isinstance(uri, str) for uri in uris))):
            return False
        if not all(isinstance(value, bool | None) for name, value in wanted.items() if name.endswith("ListChanged")):
            return False
        listed, uris = wanted.get("resourcesListChanged") is True, list(dict.fromkeys(uris or ()))[:MOST_URIS]
        meta = {_ID: request_id}

        def send(method: str, **more: object) -> None:
            self._write({"jsonrpc": "2.0", "method": method, "params": {**more, "_meta": meta}})

        def send_change(change: Change) -> None:
            if listed and change.listed:
                send("notifications/resources/list_changed")
            for uri in filter(change.touches, uris):
                send("notifications/resources/updated", uri=uri)

        with self._lock:
            if len(self._streams) >= _STREAMS or request_id in self._streams:
                error = {"code": _INTERNAL, "message": "Subscription limit reached; cancel one that is open."}
                self._write({"jsonrpc": "2.0", "id": request_id, "error": error})
                return True
            accepted: dict[str, Any] = {"resourcesListChanged": True} if listed else {}
            if uris:
                accepted["resourceSubscriptions"] = uris
            send("notifications/subscriptions/acknowledged", notifications=accepted)
            self._streams[request_id] = self._notifier.listen(send_change) if accepted else lambda: None
        return True

    def end(self, request_id: object) -> None:
        """Close the stream that this request opened, if there is one: the client has cancelled it."""
        with self._lock:
            stop = self._streams.pop(request_id, None)
        if stop is not None:
            stop()


def remember(uris: dict[str, None], uri: str) -> None:
    """Add a URI as the newest, and drop the oldest beyond ``MOST_URIS``."""
    uris.pop(uri, None)
    uris[uri] = None
    while len(uris) > MOST_URIS:
        del uris[next(iter(uris))]
