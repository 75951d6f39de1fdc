"""Serve one client over stdin and stdout: start the parts, and end the process cleanly.

The light server answers while the archive opens in the background. The first message that needs the SDK starts it, and
it is connected by pipes. The handshake never waits for an index to be built.

While serving, descriptor 0 is the null device and descriptor 1 is stderr, as in the MCP SDK, so that a stray ``print``
or a child process cannot write into the conversation.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from typing import IO, TYPE_CHECKING, Any

from zunda_mcp.server.dispatch import LazyArchive
from zunda_mcp.server.instructions import ArchiveInstructions, open_archive
from zunda_mcp.server.notifications import watch_files
from zunda_mcp.server.process import close_and_end, end_process, end_soon, log_to_stderr
from zunda_mcp.server.stdio.light import LightServer

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

    from zunda_mcp.config.settings import Settings

__all__ = ["INSTRUCTIONS_WAIT", "MAX_LINE", "SdkFallback", "StdioStreams", "serve"]

INSTRUCTIONS_WAIT = 0.5
"""Seconds that the handshake may wait for an existing index, in order to describe it."""
_FINISH_WAIT = 0.3
"""Seconds that running requests have to finish after a signal."""
_SIGNALS = "waiting for signals"
_UNWRITABLE = 74


def serve(settings: Settings, *, watched: bool = False, connector: bool = False) -> None:
    """Serve the archive over stdin and stdout until stdin ends or a signal arrives.

    Returns when stdin has ended and no thread is running. If one is (a search, an index being built), the process ends
    here, because the client is gone; an index survives the death of its writer at any moment. SIGINT or SIGTERM end the
    process within a second, with exit code 0, after waiting briefly for running requests; a second signal kills it.
    With ``watched`` files are indexed as soon as they change; ``connector`` adds the tools for ChatGPT. Raises
    ``SystemExit`` with code 74 if answers could not be written although the client was there.
    """
    log_to_stderr()
    streams = StdioStreams()
    opening = LazyArchive(lambda: open_archive(settings), connector=connector)
    instructions = ArchiveInstructions(opening, wait=INSTRUCTIONS_WAIT if settings.index.is_dir() else 0.0)

    def start_fallback(replayed: list[object]) -> SdkFallback:
        from zunda_mcp.server.sdk import ArchiveServer  # most of a cold start

        return SdkFallback(lambda: ArchiveServer(opening, instructions.text, sessions=False), streams.write, replayed)

    server = LightServer(streams, opening, instructions.text, start_fallback)
    if watched:
        watch_files(opening, settings.episodes, server.nudge)
    _stop_on_signals(server, opening)
    server.run()
    code = _UNWRITABLE if streams.unwritable else 0
    close_and_end(opening, idle={_SIGNALS}, code=code)
    if code:
        raise SystemExit(code)


def _stop_on_signals(server: LightServer, opening: LazyArchive) -> None:
    """Make signals end the process from another thread, since the main one blocks on stdin until the client writes.

    A signal that arrives just before the main thread blocks would be handled only afterwards. So the other thread waits
    for the byte that ``signal.set_wakeup_fd`` writes the moment a signal arrives.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    kinds = (signal.SIGINT, signal.SIGTERM)

    def stop() -> None:
        end_soon()
        server.finish(_FINISH_WAIT)
        close_and_end(opening)
        end_process()

    def start_stopping() -> None:
        threading.Thread(target=stop, name="stopping", daemon=True).start()

    def handle(_signal: int, _frame: object) -> None:
        for kind in kinds:
            signal.signal(kind, signal.SIG_DFL)
        if sys.platform == "win32":  # where set_wakeup_fd needs a socket
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


MAX_LINE = 64 * 1024 * 1024
"""Bytes of the longest message that is read: more than any client sends, and little enough for memory."""

_log = logging.getLogger(__name__)


class StdioStreams:
    """Lines of bytes in and out, one message a line. ``write`` is thread-safe."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._lines = _claim(0, os.open(os.devnull, os.O_RDONLY), "rb")
        self._out = _claim(1, os.dup(2), "wb")
        self._lock = threading.Lock()
        self.unwritable = False

    def read(self) -> bytes:
        """Return the next line, ``b""`` at the end of the conversation. A line over ``MAX_LINE`` becomes blank."""
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
        """Send one line. Never raises: if the client is gone nothing happens; for any other cause, such as a full disk,
        ``unwritable`` is set and it is logged once.
        """
        with self._lock:
            try:
                self._out.write(line)
                self._out.flush()
            except (BrokenPipeError, ValueError):
                pass
            except OSError as error:
                if not self.unwritable:
                    _log.error("answers cannot be written to standard output (%s)", error.strerror or error)
                self.unwritable = True


def _claim(descriptor: int, diversion: int, mode: str) -> IO[bytes]:
    """Duplicate a standard descriptor for our own use, and point the original at ``diversion``."""
    private = os.dup(descriptor)
    os.set_inheritable(private, False)
    os.dup2(diversion, descriptor, inheritable=True)
    os.close(diversion)
    return os.fdopen(private, mode, closefd=False)


_END_WAIT = 0.5
"""Seconds that each thread has to finish once the client has closed stdin."""


class SdkFallback:
    """The SDK's server in a thread of its own. It gets what the light server does not answer, and every notification.

    The lines that began the conversation are replayed to it. ``replayed`` are the ids of such requests, whose second
    answers are dropped. ``write`` sends a line to the client.
    """

    def __init__(
        self, build: Callable[[], Server[Any]], write: Callable[[bytes], None], replayed: Iterable[object]
    ) -> None:
        self._replayed = set(replayed)
        from_client, self._in = os.pipe()
        self._out, to_client = os.pipe()
        self._write = write
        self._threads = [
            threading.Thread(target=self._serve, args=(build, from_client, to_client), name="sdk", daemon=True),
            threading.Thread(target=self._pump, name="sdk-answers", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def feed(self, line: bytes) -> bool:
        """Pass on a line from the client. Return False if the SDK cannot parse it, and so would not answer."""
        import mcp_types as types  # this and the imports below are most of a cold start

        try:
            types.jsonrpc_message_adapter.validate_json(line.decode("utf-8", "replace"), by_name=False)
        except ValueError:
            return False
        try:
            view = memoryview(line if line.endswith(b"\n") else line + b"\n")
            while view:
                view = view[os.write(self._in, view) :]
        except OSError:
            _log.warning("the server ended before its client did")
        return True

    def close(self) -> None:
        """End the input, and wait briefly for running requests."""
        os.close(self._in)
        for thread in self._threads:
            thread.join(_END_WAIT)

    def _serve(self, build: Callable[[], Server[Any]], source: int, sink: int) -> None:
        import anyio  # start-up
        from mcp.server.stdio import stdio_server  # start-up

        async def run() -> None:
            incoming = os.fdopen(source, encoding="utf-8", errors="replace", newline="\n")
            outgoing = os.fdopen(sink, "w", encoding="utf-8", newline="\n")
            with incoming, outgoing:
                server = build()
                async with stdio_server(anyio.wrap_file(incoming), anyio.wrap_file(outgoing)) as (reader, writer):
                    await server.run(reader, writer, server.create_initialization_options())

        try:
            anyio.run(run)
        except Exception:
            _log.exception("the SDK's server has stopped")

    def _pump(self) -> None:
        with os.fdopen(self._out, "rb") as answers:
            for line in answers:
                if self._replayed:
                    answered = json.loads(line).get("id")
                    if answered in self._replayed:
                        self._replayed.discard(answered)
                        continue
                self._write(line)
