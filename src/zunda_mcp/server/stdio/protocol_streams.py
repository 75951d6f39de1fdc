"""Reserve the process's stdin and stdout for the protocol: nothing else in the process can read or write them.

While serving, descriptor 0 is the null device and descriptor 1 is stderr, as in the MCP SDK, so that a stray ``print``
or a child process cannot write into the conversation.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from typing import IO

__all__ = ["MAX_LINE", "StdioStreams"]

MAX_LINE = 64 * 1024 * 1024
"""Bytes of the longest message that is read: more than any client sends, less than a machine has."""

_log = logging.getLogger(__name__)


class StdioStreams:
    """Lines in and out, as bytes, one message a line. ``write`` is thread-safe."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._lines = _claim(0, os.open(os.devnull, os.O_RDONLY), "rb")
        self._out = _claim(1, os.dup(2), "wb")
        self._lock = threading.Lock()
        self.gone = False

    def read(self) -> bytes:
        """The next line, or ``b""`` at the end of the conversation. One longer than ``MAX_LINE`` comes back blank."""
        try:
            line = self._lines.readline(MAX_LINE)
            if len(line) < MAX_LINE or line.endswith(b"\n"):
                return line
            _log.warning("ignored a line of more than %s bytes", MAX_LINE)
            while line and not line.endswith(b"\n"):
                line = self._lines.readline(MAX_LINE)
            return b"\n"
        except OSError:
            return b""

    def write(self, line: bytes) -> None:
        """Send one line. Where the client is gone, nothing is raised and ``gone`` is set."""
        with self._lock:
            try:
                self._out.write(line)
                self._out.flush()
            except (OSError, ValueError):
                self.gone = True


def _claim(descriptor: int, diversion: int, mode: str) -> IO[bytes]:
    """Duplicate a standard descriptor for our own use, and point the original at ``diversion``."""
    private = os.dup(descriptor)
    os.set_inheritable(private, False)
    os.dup2(diversion, descriptor, inheritable=True)
    os.close(diversion)
    return os.fdopen(private, mode, closefd=False)
