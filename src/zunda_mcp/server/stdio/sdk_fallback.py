"""The MCP SDK as the fallback of the light server: started by the first message that needs it, fed through pipes.

It gets those messages and every later notification. The line that opened the conversation is replayed to it, and its
second answer to that line is not passed on to the client.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

__all__ = ["SdkFallback"]

_log = logging.getLogger(__name__)
_END_WAIT = 0.5
"""Seconds that each thread gets to finish once the client has closed stdin."""


class SdkFallback:
    """The SDK's server in a thread of its own.

    ``write`` sends a line to the client. ``replayed`` are the ids of requests the client already has answers to.
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
        """Pass a line from the client on; False where the SDK cannot parse it, and so would not answer."""
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
        """The client has closed stdin: wait briefly for answers that are under way."""
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
