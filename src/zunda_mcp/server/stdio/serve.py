"""Serving one client over stdin and stdout: the archive opens in the background, the front answers, the SDK waits.

The handshake never waits for an index; a call does, for a moment.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

from zunda_mcp.server.dispatch import Opening
from zunda_mcp.server.instructions import ArchiveInstructions, log_to_stderr, open_archive
from zunda_mcp.server.stdio.light import LightServer
from zunda_mcp.server.stdio.sdk_fallback import SdkFallback
from zunda_mcp.server.stdio.streams import StdioStreams

if TYPE_CHECKING:
    from zunda_mcp.config.settings import Settings

_GREETING_WAIT = 0.5
"""How long, in seconds, the handshake may wait for an index that is there to say what is in it."""
_LAST_ANSWERS = 0.3
"""How long, in seconds, what is being answered when a signal comes may take to its end."""
_LAST_MOMENT = 0.9
"""When, in seconds after a signal, the process ends even if something in it does not."""
_CLOSING_WAIT = 0.2
"""How long, in seconds, the end waits for the archive to close; its index survives being left open."""


def serve(settings: Settings, *, watched: bool = False) -> None:
    """Serve the archive over stdin and stdout until stdin ends or a signal comes.

    Returns when stdin has ended and nothing is left running; where a thread still is (a search, the building of an
    index), the process ends here, because the client is gone and waits for nothing. At SIGINT or SIGTERM it ends
    within a second, with exit code 0, once what is being answered is answered; a second signal kills. The index is
    written so that a writer may die at any moment. ``watched`` has the system say when files change.
    """
    log_to_stderr()
    wire = StdioStreams()
    opening = Opening(lambda: open_archive(settings))
    greeting = ArchiveInstructions(opening, wait=_GREETING_WAIT if settings.index.is_dir() else 0.0)

    def behind(known: list[object]) -> SdkFallback:
        from zunda_mcp.server.sdk import build_server

        return SdkFallback(lambda: build_server(opening, greeting.text, sessions=False), wire.write, known)

    front = LightServer(wire, opening, greeting.text, behind)
    if watched:
        from zunda_mcp.server import notifications

        notifications.watch(opening, settings.episodes, front.nudge)
    _stop_on_signals(front, opening)
    front.run()
    _close(opening)
    if any(thread.is_alive() and thread is not threading.main_thread() for thread in threading.enumerate()):
        sys.stderr.flush()
        os._exit(0)


def _close(opening: Opening) -> None:
    closing = threading.Thread(target=opening.close, name="closing", daemon=True)
    closing.start()
    closing.join(_CLOSING_WAIT)


def _stop_on_signals(front: LightServer, opening: Opening) -> None:
    """End from another thread: this one blocks on reading stdin, where nothing but the client can wake it."""
    if threading.current_thread() is not threading.main_thread():
        return
    kinds = (signal.SIGINT, signal.SIGTERM)

    def stop() -> None:
        front.finish(_LAST_ANSWERS)
        _close(opening)
        sys.stderr.flush()
        os._exit(0)

    def told(_signal: int, _frame: object) -> None:
        for kind in kinds:
            signal.signal(kind, signal.SIG_DFL)
        threading.Thread(target=stop, name="stopping", daemon=True).start()
        last = threading.Timer(_LAST_MOMENT, os._exit, (0,))
        last.daemon = True
        last.start()

    for kind in kinds:
        signal.signal(kind, told)
