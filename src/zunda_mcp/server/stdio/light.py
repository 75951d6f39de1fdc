"""What is said to a line that asks for an answer but is no request as JSON-RPC writes one.

The MCP SDK passes such lines over, and the client waits for ever. Where a line has an id that an answer can carry, it
is answered with "Invalid Request" (JSON-RPC 2.0, section 5.1); without one, as the SDK has it, an answer helps nobody.

The front of the server: holds a conversation over stdio without loading the MCP SDK.

Loading the SDK is most of a cold start (about four fifths of the time to the first answer), and nothing that clients
ordinarily say needs it: handshakes, lists, calls, resources, prompts, completions and subscriptions are a few lines of
JSON. They are answered here, the same to the byte's meaning as the SDK answers them, which a test compares. Messages
of any other kind are handed to the SDK (``behind``), one by one; the front goes on with the rest.

Formats: MCP specification 2024-11-05 to 2025-11-25 (``initialize``) and 2026-07-28 (``server/discover``).
"""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from zunda_mcp import __version__
from zunda_mcp.server import methods
from zunda_mcp.server.dispatch import Opening
from zunda_mcp.server.methods import HANDSHAKES, MODERN, Refused
from zunda_mcp.server.notifications import Notices
from zunda_mcp.server.stdio.streams import StdioStreams
from zunda_mcp.server.stdio.subscriptions import Subscriptions

INVALID_REQUEST = -32600
TOO_DEEP = "This message is nested too deep to be read; send a flatter one."
UNREADABLE = "This message holds what JSON cannot (half a character, a number that is none) or is nested too deep."

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[{}\[\]:,]|[^\s"{}\[\]:,]+', re.DOTALL)


def fault(message: dict[str, Any]) -> str | None:
    """What is wrong with a message that asks something, in a sentence; None where it is a request, or asks nothing."""
    if not is_id(message.get("id")) or "result" in message or "error" in message:
        return None
    if message.get("jsonrpc") != "2.0":
        return 'This message has no "jsonrpc": "2.0"; send one that has.'
    if not isinstance(message.get("method"), str):
        return 'This request has no method; send one such as "tools/list".'
    if not isinstance(message.get("params", {}), dict):
        return "The params of this request are no object; send them as {…}, or leave them out."
    return None


def is_id(value: object) -> bool:
    """Whether an answer can carry this id: a text or a whole number."""
    return isinstance(value, str | int) and not isinstance(value, bool)


def id_in(text: str) -> object:
    """The id at the top of a message that is nested too deep to be read, None where it has none."""
    depth, key, before = 0, None, ""
    for found in _TOKEN.finditer(text):
        sign = found[0]
        if sign in ("{", "["):
            depth += 1
        elif sign in ("}", "]"):
            depth -= 1
        elif depth == 1 and sign == ":":
            key = before
        elif depth == 1 and key == '"id"' and sign != ",":
            return _scalar(sign)
        if depth == 1 and sign == ",":
            key = None
        before = sign
    return None


def _scalar(sign: str) -> object:
    import json

    try:
        value = json.loads(sign)
    except ValueError:
        return None
    return value if is_id(value) else None


_META = "io.modelcontextprotocol/"
_REPLAYED = "zunda-front"
_AT_ONCE = 16
_LAST_WORDS = 2.0

Message = dict[str, Any]

logger = logging.getLogger(__name__)


class LeftOver(Protocol):
    """Who hears what the front does not answer."""

    def feed(self, line: bytes) -> bool: ...
    def close(self) -> None: ...


class LightServer:
    """One conversation over a wire.

    ``instructions`` says what the archive is, when it is asked for; ``behind`` starts the SDK, given the ids of the
    answers to keep from the client.
    """

    def __init__(
        self,
        wire: StdioStreams,
        opening: Opening,
        instructions: Callable[[], str],
        behind: Callable[[list[object]], LeftOver],
    ) -> None:
        self._wire = wire
        self._opening = opening
        self._notices = Notices(opening)
        self._subscriptions = Subscriptions(self._notices, self._write)
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
            self._hear(line)
        self.finish()

    def nudge(self) -> None:
        """The index may be newer: look, and tell who listens."""
        self._notices.nudge()

    def finish(self, patience: float = _LAST_WORDS) -> None:
        """Let what is being answered come to its end, for ``patience`` seconds at most."""
        end = time.monotonic() + patience
        for thread in list(self._working):
            thread.join(max(0.0, end - time.monotonic()))
        if self._behind is not None:
            self._behind.close()

    def _leave(self, line: bytes, message: Message) -> None:
        """Hand a line to the SDK, which first hears how the conversation began."""
        if self._behind is None:
            self._behind = self._start_behind(self._replayed)
            for said in self._replay:
                self._behind.feed(said)
        if not self._behind.feed(line) and "method" in message and is_id(message.get("id")):
            self._refuse(message["id"], UNREADABLE)

    # --- one message

    def _hear(self, line: bytes) -> None:
        if not line.strip():
            return
        message, text = None, line.decode("utf-8", "replace").lstrip("\ufeff")  # no UTF-8 becomes U+FFFD, as in the SDK
        try:
            message = json.loads(text)
        except RecursionError:
            if (identity := id_in(text)) is not None:
                self._refuse(identity, TOO_DEEP)
                return
        except ValueError:
            pass
        if not isinstance(message, dict):
            logger.warning("a line of %s bytes that is no JSON-RPC message was passed over", len(line))
        elif wrong := fault(message):
            self._refuse(message["id"], wrong)
        elif not (_plain(message) and self._heard(message, line)):
            self._leave(line, message)

    def _heard(self, message: Message, line: bytes) -> bool:
        """Whether the front has taken care of a plain message."""
        method, params = message["method"], message.get("params", {})
        if "id" not in message:
            return self._notified(method, params, line)
        identity = message["id"]
        if method == "initialize":
            return self._initialize(identity, params, line)
        era = None if identity in self._calls else self._era_of(params)
        return era is not None and self._asked(identity, method, params, era)

    def _asked(self, identity: object, method: str, params: Message, era: str) -> bool:
        """Answer a request, or see that it will be; False where the front has no answer."""
        if methods.served(method):
            if not methods.well_formed(method, params):
                return False
            if method in methods.IMMEDIATE:
                self._answer(identity, method, params, era)
            else:
                self._work(identity, method, params, era)
            return True
        if era == MODERN and method == "subscriptions/listen":
            return self._subscriptions.stream(identity, params)
        found = self._discovered(method) if era == MODERN else self._agreed(method, params)
        if found is None:
            return False
        self._send(identity, method, found, era)
        return True

    def _discovered(self, method: str) -> Message | None:
        """What a client of 2026-07-28 asks first."""
        if method != "server/discover":
            return None
        return {
            "supportedVersions": [MODERN],
            "capabilities": methods.capabilities(modern=True),
            "instructions": self._instructions(),
        }

    def _agreed(self, method: str, params: Message) -> Message | None:
        """What clients of the eras with a handshake ask in passing; the answer is empty."""
        if method in ("resources/subscribe", "resources/unsubscribe"):
            uri = params.get("uri")
            if not isinstance(uri, str):
                return None
            self._subscriptions.want(uri, wanted=method == "resources/subscribe")
            return {}
        return {} if method == "ping" else None

    def _notified(self, method: str, params: Message, line: bytes) -> bool:
        if method == "notifications/initialized" and self._era in HANDSHAKES:
            if len(self._replay) == 1:  # the SDK hears it once, however often it was said
                self._replay.append(line)
            self._subscriptions.begin()
            return self._behind is None
        if method == "notifications/cancelled":
            identity = params.get("requestId")
            if isinstance(identity, str | int):
                self._calls.pop(identity, None)  # its answer is no longer wanted
                self._subscriptions.end(identity)
            return self._behind is None
        return self._behind is None  # nothing else that a client tells changes an answer

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
        found = {
            "protocolVersion": self._era,
            "capabilities": methods.capabilities(modern=False),
            "serverInfo": self._info,
            "instructions": self._instructions(),
        }
        self._write({"jsonrpc": "2.0", "id": identity, "result": found})
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

    # --- answers

    def _work(self, identity: object, method: str, params: Message, era: str) -> None:
        """Answer in a thread of its own, unless the client has cancelled it by then."""
        self._room.acquire()

        def work() -> None:
            try:
                self._answer(identity, method, params, era, wanted=lambda: self._forget(identity))
            finally:
                self._forget(identity)
                self._working.discard(threading.current_thread())
                self._room.release()

        thread = threading.Thread(target=work, name=method, daemon=True)
        self._calls[identity] = thread
        self._working.add(thread)
        thread.start()

    def _forget(self, identity: object) -> bool:
        """Whether the request that this thread answers is still wanted; from now on it is not."""
        if self._calls.get(identity) is not threading.current_thread():
            return False
        del self._calls[identity]
        return True

    def _answer(
        self, identity: object, method: str, params: Message, era: str, wanted: Callable[[], bool] = lambda: True
    ) -> None:
        try:
            found = methods.result(self._opening, method, params, era)
        except Refused as refused:
            error: Message = {"code": refused.code, "message": refused.message}
            if refused.data is not None:
                error["data"] = refused.data
            if wanted():
                self._write({"jsonrpc": "2.0", "id": identity, "error": error})
        else:
            self._notices.nudge()  # before the client can act on the answer
            if wanted():
                self._send(identity, method, found, era)

    def _send(self, identity: object, method: str, found: Message, era: str) -> None:
        if era == MODERN:
            meta = {**found.get("_meta", {}), _META + "serverInfo": self._info}
            found = {**methods.complete(method, found), "_meta": meta}
        self._write({"jsonrpc": "2.0", "id": identity, "result": found})

    def _refuse(self, identity: object, why: str) -> None:
        """Answer what is no request of JSON-RPC."""
        error = {"code": INVALID_REQUEST, "message": why}
        self._write({"jsonrpc": "2.0", "id": identity, "error": error})

    def _write(self, message: Message) -> None:
        line = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        self._wire.write(line.encode("utf-8", "replace") + b"\n")


def _plain(message: Message) -> bool:
    """Whether it is a request or notification with nothing odd about it."""
    identity = message.get("id", "")
    return (
        message.get("jsonrpc") == "2.0"
        and isinstance(message.get("method"), str)
        and isinstance(message.get("params", {}), dict)
        and is_id(identity)
    )
