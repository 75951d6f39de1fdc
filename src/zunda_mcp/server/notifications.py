"""Notify clients when the archive changes: which resources are new, gone or have different text.

While anyone is subscribed, a thread checks for changed files every few seconds, as every call does, and compares the
episodes in the index with those it last saw. This needs no call, and a merge or new vectors cause no notification. With
``serve --watch`` the operating system reports changed files, and they are indexed at once.

In the eras with a handshake, every client is notified when the list of resources changes, and when a resource changes
that it has subscribed to. In 2026-07-28 a client opens streams (``subscriptions/listen``) and chooses what each
reports; every message of a stream has the id of the request that opened it.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from zunda_mcp.errors import SettingsError, ZundaError
from zunda_mcp.server.dispatch import LazyArchive

__all__ = [
    "MOST_URIS", "ArchiveChange", "ChangeNotifier", "Subscriptions", "remember", "require_watchfiles", "watch_files",
]  # fmt: skip

_log = logging.getLogger(__name__)

_INTERVAL = 2.0
"""Seconds between two checks for changes if no call makes one."""


class ArchiveChange(NamedTuple):
    """The ids of episodes that were added, removed or edited. ``listed`` says whether any was added or removed."""

    listed: bool
    episodes: frozenset[str]

    def touches(self, uri: str) -> bool:
        """Whether the resource at this URI may have different text now.

        A name that is not an id (a date, a number, ``latest``) matches every episode it might mean: a needless
        notification costs a client one read, a missing one costs it the change.
        """
        scheme, _, rest = uri.partition("://")
        if scheme.lower() == "archive":
            return True
        name = unquote(rest).partition("#")[0].lower()
        if name in ("latest", "最新"):
            return True
        return any(
            name == changed or changed.startswith(f"{name}-") or changed.endswith(f"-{name}")
            for changed in map(str.lower, self.episodes)
        )


class ChangeNotifier:
    """Calls its listeners with each change, in a thread of its own; listeners must not block. Thread-safe."""

    def __init__(self, opening: LazyArchive, interval: float = _INTERVAL) -> None:
        self._opening = opening
        self._interval = interval
        self._lock = threading.Lock()
        self._listeners: dict[object, Callable[[ArchiveChange], None]] = {}
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._seen: tuple[str, Mapping[str, str] | None] = ("", None)

    def listen(self, callback: Callable[[ArchiveChange], None]) -> Callable[[], None]:
        """Call ``callback`` with each change from now on. Return a function that ends this."""
        token = object()
        with self._lock:
            self._listeners[token] = callback
            if self._thread is None:
                self._seen = self._current()
                self._thread = threading.Thread(target=self._run, name="notifications", daemon=True)
                self._thread.start()

        def stop() -> None:
            with self._lock:
                self._listeners.pop(token, None)

        return stop

    def nudge(self) -> None:
        """Check for changes now: a call has been answered, which may have updated the index.

        If the archive was not open when the first listener came, changes are reported from this call on.
        """
        with self._lock:
            if self._listeners and self._seen[1] is None:
                self._seen = self._current()
        self._wake.set()

    def _run(self) -> None:
        while not self._opening.closed.is_set():
            generation, digests = self._changed_since(self._seen[0])
            if digests is not None:
                with self._lock:
                    before, self._seen = self._seen[1], (generation, digests)
                if before is not None and (change := _difference(before, digests)):
                    self._notify(change)
            self._wake.wait(self._interval)
            self._wake.clear()
            with self._lock:
                if not self._listeners:
                    self._thread = None
                    return

    def _changed_since(self, generation: str) -> tuple[str, Mapping[str, str] | None]:
        """Return the current generation, and the digests of its episodes unless it is still ``generation``."""
        try:
            return self._opening.get().episode_digests(generation)
        except ZundaError:
            return "", None  # not readable yet, or temporarily not; every call says so
        except Exception:
            _log.exception("checking for changes failed")
            return "", None

    def _current(self) -> tuple[str, Mapping[str, str] | None]:
        """Return the generation that is open now and its digests, so that a change right after it is not missed."""
        archive = self._opening.peek()
        try:
            return archive.episode_digests(level=False) if archive else ("", None)
        except (OSError, ValueError, TypeError, KeyError):
            return "", None  # just deleted, or damaged: the next check will tell

    def _notify(self, change: ArchiveChange) -> None:
        with self._lock:
            listeners = list(self._listeners.values())
        for callback in listeners:
            try:
                callback(change)
            except Exception:
                _log.exception("notifying a client of a change failed")


def _difference(before: Mapping[str, str], after: Mapping[str, str]) -> ArchiveChange | None:
    listed = before.keys() ^ after.keys()
    edited = {name for name in before.keys() & after.keys() if before[name] != after[name]}
    return ArchiveChange(bool(listed), frozenset(listed | edited)) if listed or edited else None


_STREAMS = 64
"""The most streams that one client can have open."""
MOST_URIS = 1000
"""The most resources that one conversation or stream can subscribe to; a conversation then drops the oldest."""
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
        """Notify the client of changes from now on, once it has finished the handshake."""
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

    def _send(self, change: ArchiveChange) -> None:
        with self._lock:
            uris = [uri for uri in self._uris if change.touches(uri)]
        if change.listed:
            self._write({"jsonrpc": "2.0", "method": "notifications/resources/list_changed"})
        for uri in uris:
            self._write({"jsonrpc": "2.0", "method": "notifications/resources/updated", "params": {"uri": uri}})

    # --- 2026-07-28

    def stream(self, request_id: object, params: dict[str, Any]) -> bool:
        """Open a stream: acknowledge it, then send a message for each change. False if ``params`` are malformed."""
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

        def send_change(change: ArchiveChange) -> None:
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


_DEBOUNCE_MS = 200
"""How long changes are collected, in milliseconds, so that a copied folder is indexed once."""
_RETRY_S = 5.0
"""Seconds until the next attempt after the folders could not be watched."""


def require_watchfiles() -> None:
    """Raise ``SettingsError`` unless the package ``watchfiles`` is installed."""
    try:
        import watchfiles  # noqa: F401  (an optional package; only whether it is installed)
    except ImportError as error:
        msg = 'serve --watch needs the package watchfiles: pip install "zunda-mcp[watch]", or leave --watch out.'
        raise SettingsError(msg) from error


def watch_files(opening: LazyArchive, folders: Sequence[Path], changed: Callable[[], None]) -> threading.Thread:
    """Start a thread that updates the index whenever a file below ``folders`` changes, and then calls ``changed``."""
    thread = threading.Thread(target=_watch, args=(opening, folders, changed), name="watch", daemon=True)
    thread.start()
    return thread


def _watch(opening: LazyArchive, folders: Sequence[Path], changed: Callable[[], None]) -> None:
    from watchfiles import watch as changes  # an optional package

    while not opening.closed.is_set():
        existing = [folder for folder in folders if folder.exists()]
        with contextlib.suppress(FileNotFoundError):  # a folder was deleted just now
            if existing:
                for _ in changes(*existing, debounce=_DEBOUNCE_MS, stop_event=opening.closed, raise_interrupt=False):
                    _update_index(opening)
                    changed()
                    if not all(folder.exists() for folder in existing):
                        break
        opening.closed.wait(_RETRY_S)


def _update_index(opening: LazyArchive) -> None:
    try:
        opening.get().episode_digests()
    except ZundaError as error:
        _log.warning("%s", error)
    except Exception:
        _log.exception("a change could not be indexed")
