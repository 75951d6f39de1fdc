"""``serve --watch``: the system says when a file changes, so that it is indexed and told before anybody asks.

Without it a question looks first, and a listening client is told within seconds; with it both have happened by then.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from zunda_mcp.errors import SettingsError, ZundaError
from zunda_mcp.server.answering import Opening

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
