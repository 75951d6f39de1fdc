"""The MCP SDK behind the front: started when a message comes that the front leaves to it, fed through pipes.

It hears those messages alone, and what clients only tell, as if it had stood there from the beginning: the line that
opened the conversation is given to it again, and its second answer to that line is kept from the client.
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

_log = logging.getLogger(__name__)
_END_WAIT = 0.5


class SdkFallback:
    """The SDK's server in a thread of its own. ``write`` sends a line to the client."""

    def __init__(
        self, build: Callable[[], Server[Any]], write: Callable[[bytes], None], known: Iterable[object]
    ) -> None:
        self._known = set(known)
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
        """A line from the client; whether the SDK can read it, since it says nothing to one that it cannot."""
        import mcp_types as types

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
        """The client has said its last word; what is being answered may end for a moment."""
        os.close(self._in)
        for thread in self._threads:
            thread.join(_END_WAIT)

    def _serve(self, build: Callable[[], Server[Any]], source: int, sink: int) -> None:
        import anyio
        from mcp.server.stdio import stdio_server

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
            _log.exception("the server behind the front has ended")

    def _pump(self) -> None:
        with os.fdopen(self._out, "rb") as answers:
            for line in answers:
                if self._known:
                    answered = json.loads(line).get("id")
                    if answered in self._known:
                        self._known.discard(answered)
                        continue
                self._write(line)
