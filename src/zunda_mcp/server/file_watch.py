"""``serve --watch``: the operating system reports changed files, and they are indexed before anybody asks.

Without it every call checks for changes first, and subscribed clients are notified within seconds.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from zunda_mcp.errors import SettingsError, ZundaError
from zunda_mcp.server.dispatch import Opening

__all__ = ["require_watchfiles", "watch_files"]

_log = logging.getLogger(__name__)

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


def watch_files(opening: Opening, folders: Sequence[Path], changed: Callable[[], None]) -> threading.Thread:
    """Start a thread that updates the index whenever a file below ``folders`` changes, and then calls ``changed``."""
    thread = threading.Thread(target=_watch, args=(opening, folders, changed), name="watch", daemon=True)
    thread.start()
    return thread


def _watch(opening: Opening, folders: Sequence[Path], changed: Callable[[], None]) -> None:
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


def _update_index(opening: Opening) -> None:
    try:
        opening.get().episode_digests()
    except ZundaError as error:
        _log.warning("%s", error)
    except Exception:
        _log.exception("a change could not be indexed")
