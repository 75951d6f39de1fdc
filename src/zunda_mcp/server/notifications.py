"""Telling clients that the archive has changed: which resources are new, gone, or have other text.

While anybody listens, a thread looks every few seconds whether files changed, as every question does, and compares
what episodes the index knows with what it knew. Nobody has to ask first, and nobody is told of a merge or of vectors.

``serve --watch``: the system says when a file changes, so that it is indexed and told before anybody asks.

Without it a question looks first, and a listening client is told within seconds; with it both have happened by then.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from zunda_mcp.errors import SettingsError, ZundaError
from zunda_mcp.server.dispatch import Opening

logger = logging.getLogger(__name__)

_INTERVAL = 2.0
"""How often, in seconds, it is looked for changes where no question does."""


@dataclass(frozen=True)
class Change:
    """Episodes that came, went, or were edited, by id."""

    listed: bool
    episodes: frozenset[str]

    def touches(self, uri: str) -> bool:
        """Whether the resource at this URI may read otherwise now.

        A name that is no id (a date, a number, ``latest``) is touched by whatever it might stand for: to be told once
        too often costs a client one more reading, to be told once too seldom costs it the change.
        """
        scheme, _, rest = uri.partition("://")
        if scheme.lower() == "archive":
            return True
        name = unquote(rest).partition("#")[0].lower()
        if name in ("latest", "最新"):
            return True
        return any(
            name == known or known.startswith(f"{name}-") or known.endswith(f"-{name}")
            for known in map(str.lower, self.episodes)
        )


class Notices:
    """Who wants to be told. Thread-safe; who is told is called in a thread of this object, and must not block."""

    def __init__(self, opening: Opening, interval: float = _INTERVAL) -> None:
        self._opening = opening
        self._interval = interval
        self._lock = threading.Lock()
        self._listeners: dict[object, Callable[[Change], None]] = {}
        self._look_now = threading.Event()
        self._thread: threading.Thread | None = None
        self._known: tuple[str, Mapping[str, str] | None] = ("", None)

    def listen(self, told: Callable[[Change], None]) -> Callable[[], None]:
        """Call ``told`` with each change from now on, until what is returned is called."""
        token = object()
        with self._lock:
            self._listeners[token] = told
            if self._thread is None:
                self._known = self._glance()
                self._thread = threading.Thread(target=self._watch, name="notices", daemon=True)
                self._thread.start()

        def stop() -> None:
            with self._lock:
                self._listeners.pop(token, None)

        return stop

    def nudge(self) -> None:
        """A question has been answered, and the answer is about to be sent: the index may be newer, so look now.

        Where nothing was open when the first listener came, what it will be told is counted from this answer on.
        """
        with self._lock:
            if self._listeners and self._known[1] is None:
                self._known = self._glance()
        self._look_now.set()

    def _watch(self) -> None:
        while not self._opening.closed.is_set():
            now, found = self._look(self._known[0])
            if found is not None:
                with self._lock:
                    known, self._known = self._known[1], (now, found)
                if known is not None and (change := _compared(known, found)):
                    self._tell(change)
            self._look_now.wait(self._interval)
            self._look_now.clear()
            with self._lock:
                if not self._listeners:
                    self._thread = None
                    return

    def _look(self, generation: str) -> tuple[str, Mapping[str, str] | None]:
        """The generation there is, and the digests of its episodes, where it is another one."""
        try:
            return self._opening.get().episode_digests(generation)
        except ZundaError:
            return "", None  # nothing to read yet, or not for now; every call says so
        except Exception:
            logger.exception("changes could not be looked for")
            return "", None

    def _glance(self) -> tuple[str, Mapping[str, str] | None]:
        """What is open now, so that a change that follows at once is not missed."""
        archive = self._opening.peek()
        try:
            return archive.episode_digests(level=False) if archive else ("", None)
        except (OSError, ValueError, TypeError, KeyError):
            return "", None  # swept just now, or damaged: the look that follows finds out

    def _tell(self, change: Change) -> None:
        with self._lock:
            listeners = list(self._listeners.values())
        for told in listeners:
            try:
                told(change)
            except Exception:
                logger.exception("a client could not be told of a change")


def _compared(before: Mapping[str, str], after: Mapping[str, str]) -> Change | None:
    listed = before.keys() ^ after.keys()
    edited = {name for name in before.keys() & after.keys() if before[name] != after[name]}
    return Change(bool(listed), frozenset(listed | edited)) if listed or edited else None


logger = logging.getLogger(__name__)

_DEBOUNCE_MS = 200
"""How long, in milliseconds, changes gather, so that a copied folder is taken in once."""
_AGAIN_S = 5.0
"""When, in seconds, it is tried again after the folders could not be watched."""


def check() -> None:
    """Raises ``SettingsError`` where the package that watches is not installed."""
    try:
        import watchfiles  # noqa: F401  (only whether it is there)
    except ImportError as error:
        said = 'serve --watch needs the package watchfiles: pip install "zunda-mcp[watch]", or leave --watch out.'
        raise SettingsError(said) from error


def watch(opening: Opening, folders: Sequence[Path], changed: Callable[[], None]) -> threading.Thread:
    """Bring the index level whenever something below ``folders`` changes, then call ``changed``; in a thread."""
    thread = threading.Thread(target=_watch, args=(opening, folders, changed), name="watch", daemon=True)
    thread.start()
    return thread


def _watch(opening: Opening, folders: Sequence[Path], changed: Callable[[], None]) -> None:
    from watchfiles import watch as changes

    while not opening.closed.is_set():
        there = [folder for folder in folders if folder.exists()]
        with contextlib.suppress(FileNotFoundError):  # a folder that went just now
            if there:
                for _ in changes(*there, debounce=_DEBOUNCE_MS, stop_event=opening.closed, raise_interrupt=False):
                    _level(opening)
                    changed()
                    if not all(folder.exists() for folder in there):
                        break
        opening.closed.wait(_AGAIN_S)


def _level(opening: Opening) -> None:
    try:
        opening.get().episode_digests()
    except ZundaError as error:
        logger.warning("%s", error)
    except Exception:
        logger.exception("a change could not be taken in")
