"""What one client over stdio wants to be told: notices of both eras, from one source.

In the eras with a handshake, every client is told that the list of resources changed, and of each resource it has
subscribed to. In 2026-07-28 a client opens streams (``subscriptions/listen``) and is told on each what it asked for
there; every message of a stream carries the id of the request that opened it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from zunda_mcp.server.notifications import Change, Notices

_STREAMS = 64
MOST_URIS = 1000
"""How many resources one conversation, or one stream, can be told of; of more, those named first are forgotten."""
_ID = "io.modelcontextprotocol/subscriptionId"
_INTERNAL = -32603


class Subscriptions:
    """The subscriptions of one conversation; ``write`` sends a message. Thread-safe."""

    def __init__(self, notices: Notices, write: Callable[[dict[str, Any]], None]) -> None:
        self._notices = notices
        self._write = write
        self._lock = threading.Lock()
        self._uris: dict[str, None] = {}
        self._streams: dict[object, Callable[[], None]] = {}
        self._begun = False

    # --- with a handshake

    def begin(self) -> None:
        """The client is ready to be told of changes of the list."""
        with self._lock:
            if self._begun:
                return
            self._begun = True
        self._notices.listen(self._told)

    def want(self, uri: str, *, wanted: bool) -> None:
        """Tell of changes of one resource from now on, or no longer."""
        with self._lock:
            if wanted:
                remember(self._uris, uri)
            else:
                self._uris.pop(uri, None)

    def _told(self, change: Change) -> None:
        with self._lock:
            uris = [uri for uri in self._uris if change.touches(uri)]
        if change.listed:
            self._write({"jsonrpc": "2.0", "method": "notifications/resources/list_changed"})
        for uri in uris:
            self._write({"jsonrpc": "2.0", "method": "notifications/resources/updated", "params": {"uri": uri}})

    # --- 2026-07-28

    def stream(self, identity: object, params: dict[str, Any]) -> bool:
        """Open a stream: acknowledged first, then one message for each thing that changed. False where malformed."""
        wanted = params.get("notifications")
        if not isinstance(wanted, dict):
            return False
        uris = wanted.get("resourceSubscriptions")
        if not (uris is None or (isinstance(uris, list) and all(isinstance(uri, str) for uri in uris))):
            return False
        if not all(isinstance(value, bool | None) for name, value in wanted.items() if name.endswith("ListChanged")):
            return False
        listed, uris = wanted.get("resourcesListChanged") is True, list(dict.fromkeys(uris or ()))[:MOST_URIS]
        meta = {_ID: identity}

        def say(method: str, **more: object) -> None:
            self._write({"jsonrpc": "2.0", "method": method, "params": {**more, "_meta": meta}})

        def told(change: Change) -> None:
            if listed and change.listed:
                say("notifications/resources/list_changed")
            for uri in filter(change.touches, uris):
                say("notifications/resources/updated", uri=uri)

        with self._lock:
            if len(self._streams) >= _STREAMS or identity in self._streams:
                error = {"code": _INTERNAL, "message": "Subscription limit reached; cancel one that is open."}
                self._write({"jsonrpc": "2.0", "id": identity, "error": error})
                return True
            honoured: dict[str, Any] = {"resourcesListChanged": True} if listed else {}
            if uris:
                honoured["resourceSubscriptions"] = uris
            say("notifications/subscriptions/acknowledged", notifications=honoured)
            self._streams[identity] = self._notices.listen(told) if honoured else lambda: None
        return True

    def end(self, identity: object) -> None:
        """The client has cancelled the request that opened a stream."""
        with self._lock:
            stop = self._streams.pop(identity, None)
        if stop is not None:
            stop()


def remember(uris: dict[str, None], uri: str) -> None:
    """Note one more resource, and forget the oldest where there are too many."""
    uris.pop(uri, None)
    uris[uri] = None
    while len(uris) > MOST_URIS:
        del uris[next(iter(uris))]
