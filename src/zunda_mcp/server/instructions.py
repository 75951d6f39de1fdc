"""What the server says of its archive before any call, and the opening of the archive behind it."""

from __future__ import annotations

import gc
import logging
import sys
import threading
from typing import TYPE_CHECKING

from zunda_mcp.errors import ZundaError
from zunda_mcp.rendering import answer_text
from zunda_mcp.rendering.sanitize import clean, one_line
from zunda_mcp.server.dispatch import Archive, Opening

if TYPE_CHECKING:
    from zunda_mcp.config.settings import Settings

logger = logging.getLogger(__name__)

_GLANCE = 0.005
"""How often, in seconds, it is looked whether the archive is open."""


class ArchiveInstructions:
    """What the server says of its archive: opens it in the background, and tells what is in it once that is known.

    ``wait`` is how long, in seconds, telling may wait for that.
    """

    def __init__(self, opening: Opening, wait: float) -> None:
        self._opening = opening
        self._wait = wait
        self._text = answer_text.instructions(None)
        self._thread = threading.Thread(target=self._look, name="greeting", daemon=True)
        self._thread.start()

    def text(self) -> str:
        """The instructions, from the archive as it is now; what is known after a moment's wait, while it opens."""
        self._thread.join(self._wait)
        archive = self._opening.peek()
        fresh = archive.freshness() if archive is not None else None
        if archive is None or fresh is None or not fresh.episodes:
            return self._text
        return answer_text.instructions(fresh, archive.language())

    def _look(self) -> None:
        try:
            archive = self._opening.get()
            archive.start()
            while not (fresh := archive.freshness()).episodes:
                if fresh.state != "building" or self._opening.closed.wait(_GLANCE):
                    return
        except ZundaError as error:
            logger.warning("%s", error)  # every call will say so too
        except Exception:
            logger.exception("the archive could not be opened")
        finally:
            gc.enable()
            gc.freeze()


def open_archive(settings: Settings) -> Archive:
    """The archive the settings name; loads the library when it is called."""
    from zunda_mcp.library import Library

    return Library.open(settings)


def log_to_stderr() -> None:
    """stdout belongs to the protocol. Whoever has set up logging before keeps it."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Harmless("zunda-mcp: %(levelname)s: %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)


class _Harmless(logging.Formatter):
    """Lines for whoever reads a log in a terminal: names of files and what a client sent may stand in them."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        return one_line(super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        return clean(super().format(record))
