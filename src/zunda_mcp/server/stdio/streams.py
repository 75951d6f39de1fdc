"""The process's stdin and stdout as the protocol's own: nothing else in the process can read or write there.

While serving, descriptor 0 leads to the null device and descriptor 1 to stderr, as the MCP SDK does it too, so that a
stray ``print`` or a child process never speaks into the conversation.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from typing import IO

MAX_LINE = 64 * 1024 * 1024
"""Bytes of one message; more than any client sends, and less than a machine has."""

logger = logging.getLogger(__name__)


class StdioStreams:
    """Lines in, lines out; bytes, one message a line. Writing is safe from any thread."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._lines = _claim(0, os.open(os.devnull, os.O_RDONLY), "rb")
        self._out = _claim(1, os.dup(2), "wb")
        self._lock = threading.Lock()
        self.gone = False

    def read(self) -> bytes:
        """The next line, empty at the end of the conversation. One longer than ``MAX_LINE`` is passed over as blank."""
        try:
            line = self._lines.readline(MAX_LINE)
            if len(line) < MAX_LINE or line.endswith(b"\n"):
                return line
            logger.warning("a line of more than %s bytes was passed over", MAX_LINE)
            while line and not line.endswith(b"\n"):
                line = self._lines.readline(MAX_LINE)
            return b"\n"
        except OSError:
            return b""

    def write(self, line: bytes) -> None:
        """Send one line. A client that is gone is no error; it is noted in ``gone``."""
        with self._lock:
            try:
                self._out.write(line)
                self._out.flush()
            except (OSError, ValueError):
                self.gone = True


def _claim(descriptor: int, diversion: int, mode: str) -> IO[bytes]:
    """A private duplicate of a standard descriptor, which then leads to ``diversion``."""
    private = os.dup(descriptor)
    os.set_inheritable(private, False)
    os.dup2(diversion, descriptor, inheritable=True)
    os.close(diversion)
    return os.fdopen(private, mode, closefd=False)
