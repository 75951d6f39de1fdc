"""The front of the server: answers what every client says first, and calls of tools, without loading the MCP SDK.

Loading the SDK is most of a cold start (about four fifths of the time to the first answer), and nothing in a plain
conversation over stdio needs it: the handshakes of both eras, the list of tools, calls of tools and pings are a few
lines of JSON. They are answered here, the same to the byte's meaning as the SDK answers them, which a test compares.
The first message of any other kind is handed to the SDK (``behind``), and so is all that follows it.

Formats: MCP specification 2024-11-05 to 2025-11-25 (``initialize``) and 2026-07-28 (``server/discover``).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any, Protocol

from zunda_mcp import __version__
from zunda_mcp.server.answering import Opening, respond, unknown_tool
from zunda_mcp.server.tools import BY_NAME, TOOLS
from zunda_mcp.server.wire import Wire

HANDSHAKES = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
MODERN = "2026-07-28"
LIST_TTL_MS = 3_600_000

_META = "io.modelcontextprotocol/"
_CAPABILITIES = {"tools": {"listChanged": False}}
_REPLAYED = "zunda-front"
_INVALID_PARAMS = -32602
_AT_ONCE = 16
_LAST_WORDS = 2.0

Message = dict[str, Any]


class LeftOver(Protocol):
    """Who hears what the front does not answer."""

    def feed(self, line: bytes) -> None: ...
    def close(self) -> None: ...


class Front:
    """One conversation over a wire.

    ``instructions`` says what the archive is, when it is asked for; ``behind`` starts the SDK, given the ids of the
    answers to keep from the client.
    """

    def __init__(
        self,
        wire: Wire,
        opening: Opening,
        instructions: Callable[[], str],
        behind: Callable[[list[object]], LeftOver],
    ) -> None:
        self._wire = wire
        self._opening = opening
        self._info = {"name": "zunda-mcp", "title": "zunda-mcp", "version": __version__}
        self._instructions = instructions
        self._start_behind = behind
        self._behind: LeftOver | None = None
        self._era: str | None = None
        self._replay: list[bytes] = []
        self._replayed: list[object] = []
        self._calls: dict[object, threading.Thread] = {}
        self._working: set[threading.Thread] = set()
        self._room = threading.BoundedSemaphore(_AT_ONCE)

    def run(self) -> None:
        """Serve until the client ends the conversation."""
        while line := self._wire.read():
            if self._behind is not None:
                self._behind.feed(line)
            elif not self._heard(line):
                self._behind = self._start_behind(self._replayed)
                for said in self._replay:
                    self._behind.feed(said)
                self._behind.feed(line)
        for thread in list(self._working):
            thread.join(_LAST_WORDS)
        if self._behind is not None:
            self._behind.close()

    # --- one message

    def _heard(self, line: bytes) -> bool:
        """Whether the front has taken care of a line."""
        if not line.strip():
            return True
        message = _message(line)
        if message is None:
            return False
        method, params = message["method"], message.get("params", {})
        if "id" not in message:
            return self._notified(method, params, line)
        identity = message["id"]
        if method == "initialize":
            return self._initialize(identity, params, line)
        era = None if identity in self._calls else self._era_of(params)
        result = None if era is None else self._result(method, params, era, identity)
        if result:
            self._send(identity, result, era)
        return result is not None

    def _result(self, method: str, params: Message, era: str, identity: object) -> Message | None:
        """The answer, ``{}`` where it comes later or is empty by nature, None where the front has none."""
        if method == "tools/call":
            return {} if self._call(identity, params, era) else None
        if method == "tools/list" and isinstance(params.get("cursor", ""), str):
            listed: Message = {"tools": declarations()}
            return listed | {"ttlMs": LIST_TTL_MS, "cacheScope": "public"} if era == MODERN else listed
        if method == "server/discover" and era == MODERN:
            return {
                "supportedVersions": [MODERN],
                "capabilities": _CAPABILITIES,
                "instructions": self._instructions(),
                "ttlMs": 0,
                "cacheScope": "private",
            }
        if method == "ping" and era != MODERN:
            self._write({"jsonrpc": "2.0", "id": identity, "result": {}})
            return {}
        return None

    def _notified(self, method: str, params: Message, line: bytes) -> bool:
        if method == "notifications/initialized" and self._era in HANDSHAKES:
            self._replay.append(line)
            return True
        if method == "notifications/cancelled":
            self._calls.pop(params.get("requestId"), None)  # its answer is no longer wanted
            return True
        return False

    def _initialize(self, identity: object, params: Message, line: bytes) -> bool:
        client = params.get("clientInfo")
        if self._era is not None or not isinstance(client, dict) or not isinstance(params.get("capabilities"), dict):
            return False
        wanted, names = params.get("protocolVersion"), (client.get("name"), client.get("version"))
        if not isinstance(wanted, str) or not all(isinstance(name, str) for name in names):
            return False
        self._era = wanted if wanted in HANDSHAKES else HANDSHAKES[-1]
        self._replay.append(line)
        self._replayed.append(identity)
        result = {
            "protocolVersion": self._era,
            "capabilities": _CAPABILITIES,
            "serverInfo": self._info,
            "instructions": self._instructions(),
        }
        self._write({"jsonrpc": "2.0", "id": identity, "result": result})
        return True

    def _era_of(self, params: Message) -> str | None:
        """The version a request is made in, None where only the SDK can say what is wrong with it."""
        meta = params.get("_meta", {})
        version = meta.get(_META + "protocolVersion") if isinstance(meta, dict) else None
        if self._era in HANDSHAKES:
            return self._era if version is None else None
        if version != MODERN or not isinstance(meta.get(_META + "clientCapabilities"), dict):
            return None
        if self._era is None:
            self._era = MODERN
            first = {"jsonrpc": "2.0", "id": _REPLAYED, "method": "server/discover", "params": {"_meta": meta}}
            self._replay.append(json.dumps(first).encode("ascii") + b"\n")
            self._replayed.append(_REPLAYED)
        return MODERN

    # --- calls

    def _call(self, identity: object, params: Message, era: str) -> bool:
        name, arguments = params.get("name"), params.get("arguments")
        if not isinstance(name, str) or not (arguments is None or isinstance(arguments, dict)):
            return False
        if name not in BY_NAME:
            error = {"code": _INVALID_PARAMS, "message": unknown_tool(name)}
            self._write({"jsonrpc": "2.0", "id": identity, "error": error})
            return True
        self._room.acquire()
        thread = threading.Thread(
            target=self._answer, args=(identity, name, arguments, era), name=f"call-{name}", daemon=True
        )
        self._calls[identity] = thread
        self._working.add(thread)
        thread.start()
        return True

    def _answer(self, identity: object, name: str, arguments: Message | None, era: str) -> None:
        try:
            reply = respond(self._opening, name, arguments)
            result: Message = {"content": [{"type": "text", "text": reply.text}], "isError": reply.refused}
            if reply.data is not None:
                result["structuredContent"] = reply.data
            if self._forget(identity):
                self._send(identity, result, era)
        finally:
            self._forget(identity)
            self._working.discard(threading.current_thread())
            self._room.release()

    def _forget(self, identity: object) -> bool:
        """Whether the call that this thread answers is still wanted; from now on it is not."""
        if self._calls.get(identity) is not threading.current_thread():
            return False
        del self._calls[identity]
        return True

    # --- answers

    def _send(self, identity: object, result: Message, era: str | None) -> None:
        if era == MODERN:
            result = {**result, "resultType": "complete", "_meta": {_META + "serverInfo": self._info}}
        self._write({"jsonrpc": "2.0", "id": identity, "result": result})

    def _write(self, message: Message) -> None:
        line = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        self._wire.write(line.encode("utf-8", "replace") + b"\n")


def _message(line: bytes) -> Message | None:
    """A line as a plain request or notification; None for whatever else it may be."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return None
    plain = isinstance(message, dict) and message.get("jsonrpc") == "2.0" and isinstance(message.get("method"), str)
    if not plain or not isinstance(message.get("params", {}), dict):
        return None
    identity = message.get("id", "")
    return message if isinstance(identity, (str, int)) and not isinstance(identity, bool) else None


def declarations() -> list[Message]:
    """The tools as the protocol lists them."""
    listed = []
    for tool in TOOLS:
        declared: Message = {
            "name": tool.name,
            "title": tool.title,
            "description": tool.description,
            "inputSchema": tool.input_schema(),
        }
        output = tool.output_schema()
        if output is not None:
            declared["outputSchema"] = output
        hints = {"readOnlyHint": True, "destructiveHint": False, "idempotentHint": True, "openWorldHint": False}
        listed.append({**declared, "annotations": hints})
    return listed
