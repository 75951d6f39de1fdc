"""Notify clients when the archive changes: which resources are new, gone or have different text.

While anyone is subscribed, a thread checks for changed files every few seconds, as every call does, and compares the
episodes in the index with those it last saw. No call has to come first, and a merge or new vectors notify nobody.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from zunda_mcp.errors import ZundaError
from zunda_mcp.server.dispatch import Opening

__all__ = ["Change", "ChangeNotifier"]

_log = logging.getLogger(__name__)

_INTERVAL = 2.0
"""Seconds between two checks for changes while no call makes one."""


@dataclass(frozen=True)
class Change:
    """The ids of episodes that were added, removed or edited; ``listed`` where any was added or removed."""

    listed: bool
    episodes: frozenset[str]

    def touches(self, uri: str) -> bool:
        """Whether the resource at this URI may have different text now.

        A name that is not an id (a date, a number, ``latest``) is touched by every episode it might mean: one
        notification too many costs a client one more read, one too few costs it the change.
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

    def __init__(self, opening: Opening, interval: float = _INTERVAL) -> None:
        self._opening = opening
        self._interval = interval
        self._lock = threading.Lock()
        self._listeners: dict[object, Callable[[Change], None]] = {}
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._seen: tuple[str, Mapping[str, str] | None] = ("", None)

    def listen(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Call ``callback`` with each change from now on; the function that is returned ends this."""
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

        Where the archive was not open when the first listener came, changes count from this answer on.
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
        """The current generation, and the digests of its episodes unless it is still ``generation``."""
        try:
            return self._opening.get().episode_digests(generation)
        except ZundaError:
            return "", None  # not readable yet, or not just now; every call says so
        except Exception:
            _log.exception("checking for changes failed")
            return "", None

    def _current(self) -> tuple[str, Mapping[str, str] | None]:
        """The generation that is open now, so that a change right after it is not missed."""
        archive = self._opening.peek()
        try:
            return archive.episode_digests(level=False) if archive else ("", None)
        except (OSError, ValueError, TypeError, KeyError):
            return "", None  # deleted just now, or damaged: the next check finds out

    def _notify(self, change: Change) -> None:
        with self._lock:
            listeners = list(self._listeners.values())
        for callback in listeners:
            try:
                callback(change)
            except Exception:
                _log.exception("notifying a client of a change failed")


def _difference(before: Mapping[str, str], after: Mapping[str, str]) -> Change | None:
    listed = before.keys() ^ after.keys()
    edited = {name for name in before.keys() & after.keys() if before[name] != after[name]}
    return Change(bool(listed), frozenset(listed | edited)) if listed or edited else None
