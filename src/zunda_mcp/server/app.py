"""Serving one client over stdin and stdout: the archive opens in the background, the front answers, the SDK waits.

The handshake never waits for an index; a call does, for a moment.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

from zunda_mcp.server.answering import Opening
from zunda_mcp.server.behind import Behind
from zunda_mcp.server.front import Front
from zunda_mcp.server.greeting import Greeting, log_to_stderr, open_archive
from zunda_mcp.server.wire import Wire

if TYPE_CHECKING:
    from zunda_mcp.settings import Settings

_GREETING_WAIT = 0.5
"""How long, in seconds, the handshake may wait for an index that is there to say what is in it."""
_CLOSING_WAIT = 0.2
"""How long, in seconds, the end waits for the archive to close; its index survives being left open."""


def serve(settings: Settings) -> None:
    """Serve the archive over stdin and stdout until stdin ends or a signal comes.

    Returns when stdin has ended and nothing is left running; where a thread still is (a search, the building of an
    index), the process ends here, because the client is gone and waits for nothing. SIGINT and SIGTERM end it at
    once: the index is written so that a writer may die at any moment.
    """
    log_to_stderr()
    _die_on_signals()
    wire = Wire()
    opening = Opening(lambda: open_archive(settings))
    greeting = Greeting(opening, wait=_GREETING_WAIT if settings.index.is_dir() else 0.0)

    def behind(known: list[object]) -> Behind:
        from zunda_mcp.server.sdk import build_server

        return Behind(lambda: build_server(opening, greeting.text, sessions=False), wire.write, known)

    Front(wire, opening, greeting.text, behind).run()
    closing = threading.Thread(target=opening.close, name="closing", daemon=True)
    closing.start()
    closing.join(_CLOSING_WAIT)
    if any(thread.is_alive() and thread is not threading.main_thread() for thread in threading.enumerate()):
        sys.stderr.flush()
        os._exit(0)


def _die_on_signals() -> None:
    """Let the system end the process: a handler would wait for a thread that blocks on reading stdin."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
