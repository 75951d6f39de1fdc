"""Serve one client over stdin and stdout: start the parts, and end the process cleanly.

The archive opens in the background and the light server answers; the SDK is started when a message needs it. The
handshake never waits for an index to be built.
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
from zunda_mcp.server.stdio.protocol_streams import StdioStreams
from zunda_mcp.server.stdio.sdk_fallback import SdkFallback

if TYPE_CHECKING:
    from zunda_mcp.config.settings import Settings

__all__ = ["INSTRUCTIONS_WAIT", "serve"]

INSTRUCTIONS_WAIT = 0.5
"""Seconds that the handshake may wait for an existing index, to say what is in it."""
_FINISH_WAIT = 0.3
"""Seconds that answers under way get to finish after a signal."""
_KILL_AFTER = 0.9
"""Seconds after a signal until the process ends, even if a part of it hangs."""
_SIGNALS = "waiting for signals"
_CLOSE_WAIT = 0.2
"""Seconds that the end waits for the archive to close; its index survives being left open."""


def serve(settings: Settings, *, watched: bool = False, connector: bool = False) -> None:
    """Serve the archive over stdin and stdout until stdin ends or a signal comes.

    Returns when stdin has ended and no thread is running; where one still is (a search, the building of an index), the
    process ends here, because the client is gone. SIGINT or SIGTERM end it within a second, with exit code 0, after
    the answers under way; a second signal kills it. An index survives the death of its writer at any moment.
    ``watched`` indexes files as soon as they change (``file_watch``); ``connector`` offers what ChatGPT asks for.
    """
    log_to_stderr()
    streams = StdioStreams()
    opening = Opening(lambda: open_archive(settings), connector=connector)
    instructions = ArchiveInstructions(opening, wait=INSTRUCTIONS_WAIT if settings.index.is_dir() else 0.0)

    def start_fallback(replayed: list[object]) -> SdkFallback:
        from zunda_mcp.server.sdk import build_server  # most of a cold start

        return SdkFallback(lambda: build_server(opening, instructions.text, sessions=False), streams.write, replayed)

    server = LightServer(streams, opening, instructions.text, start_fallback)
    if watched:
        from zunda_mcp.server import file_watch  # --watch is an option

        file_watch.watch_files(opening, settings.episodes, server.nudge)
    _stop_on_signals(server, opening)
    server.run()
    _close(opening)
    idle = {threading.main_thread().name, _SIGNALS}
    if any(thread.is_alive() and thread.name not in idle for thread in threading.enumerate()):
        sys.stderr.flush()
        os._exit(0)


def _close(opening: Opening) -> None:
    closing = threading.Thread(target=opening.close, name="closing", daemon=True)
    closing.start()
    closing.join(_CLOSE_WAIT)


def _stop_on_signals(server: LightServer, opening: Opening) -> None:
    """End the process from another thread: the main one blocks on stdin until the client writes.

    A signal that comes just before the main thread begins to wait would be handled only when that ends. So the other
    thread waits for the byte that is written the moment a signal arrives (``signal.set_wakeup_fd``).
    """
    if threading.current_thread() is not threading.main_thread():
        return
    kinds = (signal.SIGINT, signal.SIGTERM)

    def stop() -> None:
        last = threading.Timer(_KILL_AFTER, os._exit, (0,))
        last.daemon = True
        last.start()
        server.finish(_FINISH_WAIT)
        _close(opening)
        sys.stderr.flush()
        os._exit(0)

    def start_stopping() -> None:
        threading.Thread(target=stop, name="stopping", daemon=True).start()

    def handle(_signal: int, _frame: object) -> None:
        for kind in kinds:
            signal.signal(kind, signal.SIG_DFL)
        if sys.platform == "win32":  # where a wake-up needs a socket
            start_stopping()

    if sys.platform != "win32":
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)

        def wait() -> None:
            os.read(reading, 1)
            start_stopping()

        threading.Thread(target=wait, name=_SIGNALS, daemon=True).start()
    for kind in kinds:
        signal.signal(kind, handle)
