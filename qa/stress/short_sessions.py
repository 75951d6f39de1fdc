"""``python short_sessions.py SECONDS serve …``: zunda-mcp whose HTTP sessions end after so many idle seconds.

A day of half an hour then holds the end of sessions that clients left behind, which takes half an hour by itself.
"""

from __future__ import annotations

import sys
from typing import Any

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from zunda_mcp.cli import main


def shorten(seconds: float) -> None:
    """Have idle sessions end after so many seconds."""
    begin = StreamableHTTPSessionManager.__init__

    def begun(self: StreamableHTTPSessionManager, *given: Any, **options: Any) -> None:
        begin(self, *given, **{**options, "session_idle_timeout": seconds})

    StreamableHTTPSessionManager.__init__ = begun  # type: ignore[method-assign]


if __name__ == "__main__":
    shorten(float(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
