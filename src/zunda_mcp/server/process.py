"""How the process of a server logs and ends."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
from collections.abc import Collection
from typing import NoReturn

from zunda_mcp.rendering.sanitize import clean, clean_line
from zunda_mcp.server.dispatch import LazyArchive

__all__ = ["close_and_end", "end_process", "end_soon", "log_to_stderr"]

_KILL_AFTER = 0.9
"""Seconds after a signal until the process ends."""
_CLOSE_WAIT = 0.2
"""Seconds to wait for the archive to close; its index survives if it is left open."""


def close_and_end(opening: LazyArchive, idle: Collection[str] = (), code: int = 0) -> None:
    """Close the archive. If a thread is still running (a search, an index being built), end the process with exit
    ``code``, because its clients are gone. Threads named in ``idle`` only wait, and are ignored.
    """
    closing = threading.Thread(target=opening.close, name="closing", daemon=True)
    closing.start()
    closing.join(_CLOSE_WAIT)
    waiting = {threading.main_thread().name, *idle}
    if any(thread.is_alive() and thread.name not in waiting for thread in threading.enumerate()):
        end_process(code)


def end_process(code: int = 0) -> NoReturn:
    """End the process at once, whatever is still running. An index survives the death of its writer at any moment."""
    with contextlib.suppress(Exception):
        sys.stderr.flush()
    os._exit(code)


def end_soon() -> None:
    """End the process within a second of a signal, even if a part of it hangs."""
    timer = threading.Timer(_KILL_AFTER, os._exit, (0,))
    timer.daemon = True
    timer.start()


def log_to_stderr() -> None:
    """Log to stderr, since stdout belongs to the protocol. If logging is already set up, do nothing."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_CleanFormatter("zunda-mcp: %(levelname)s: %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)


class _CleanFormatter(logging.Formatter):
    """Cleans log lines before they reach a terminal, since they may contain file names and text from a client."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        return clean_line(super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        return clean(super().format(record))
