"""Serving one client over stdin and stdout: the archive opens in the background, the front answers, the SDK waits.

The handshake never waits for an index; a call does, for a moment.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

from zunda_mcp.errors import ZundaError
from zunda_mcp.server import render
from zunda_mcp.server.answering import Archive, Opening
from zunda_mcp.server.behind import Behind
from zunda_mcp.server.front import Front
from zunda_mcp.server.wire import Wire

if TYPE_CHECKING:
    from zunda_mcp.settings import Settings

logger = logging.getLogger(__name__)

_GREETING_WAIT = 0.5
"""How long, in seconds, the handshake may wait for an index that is there to say what is in it."""
_GLANCE = 0.005
"""How often, in seconds, it is looked whether the archive is open."""
_CLOSING_WAIT = 0.2
"""How long, in seconds, the end waits for the archive to close; its index survives being left open."""


def serve(settings: Settings) -> None:
    """Serve the archive over stdin and stdout until stdin ends or a signal comes.

    Returns when stdin has ended and nothing is left running; where a thread still is (a search, the building of an
    index), the process ends here, because the client is gone and waits for nothing. SIGINT and SIGTERM end it at
    once: the index is written so that a writer may die at any moment.
    """
    _log_to_stderr()
    _die_on_signals()
    wire = Wire()
    opening = Opening(lambda: _open(settings))
    greeting = _Greeting(opening, wait=_GREETING_WAIT if settings.index.is_dir() else 0.0)

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


class _Greeting:
    """What the server says of its archive: opens it in the background, and tells what is in it once that is known."""

    def __init__(self, opening: Opening, wait: float) -> None:
        self._opening = opening
        self._wait = wait
        self._text = render.instructions(None)
        self._thread = threading.Thread(target=self._look, name="greeting", daemon=True)
        self._thread.start()

    def text(self) -> str:
        """The instructions, as much as is known after a moment's wait."""
        self._thread.join(self._wait)
        return self._text

    def _look(self) -> None:
        try:
            archive = self._opening.get()
            archive.start()
            while not (fresh := archive.freshness()).episodes:
                if fresh.state != "building" or self._opening.closed.wait(_GLANCE):
                    return
            self._text = render.instructions(fresh)
        except ZundaError as error:
            logger.warning("%s", error)  # every call will say so too
        except Exception:
            logger.exception("the archive could not be opened")
        finally:
            gc.enable()
            gc.freeze()


def _open(settings: Settings) -> Archive:
    from zunda_mcp.library import Library

    return Library.open(settings)


def _log_to_stderr() -> None:
    """stdout belongs to the protocol. Whoever has set up logging before keeps it."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="zunda-mcp: %(levelname)s: %(message)s")


def _die_on_signals() -> None:
    """Let the system end the process: a handler would wait for a thread that blocks on reading stdin."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
