"""The stdio server: answers the usual messages of clients without loading the MCP SDK.

Loading the SDK is most of a cold start (about four fifths of the time to the first answer). Usual messages do not need
it: handshakes, lists, calls, resources, prompts, completions and subscriptions are a few lines of JSON. They are
answered here exactly as the SDK would; a test compares the two. Any other message goes to the SDK (``Fallback``), one
at a time, while this server carries on.

A call goes through ``run``, which reads a line, ``_receive``, which parses it, ``_handle``, which decides who answers,
``_request``, which finds its method in ``methods``, and ``_answer``, which runs that and writes the response.

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
from zunda_mcp.server.dispatch import LazyArchive
from zunda_mcp.server.methods import HANDSHAKES, MODERN, Refused
from zunda_mcp.server.notifications import ChangeNotifier, Subscriptions

__all__ = ["Fallback", "LightServer", "Lines"]

_Message = dict[str, Any]

_INVALID_REQUEST = -32600
_TOO_DEEP = "This message is nested too deeply; send a flatter one."
_UNREADABLE = "This message is not valid JSON (half a character, an impossible number) or is nested too deeply."

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[{}\[\]:,]|[^\s"{}\[\]:,]+', re.DOTALL)


def _find_fault(message: _Message) -> str | None:
    """Return a sentence on why a message is not a valid request or notification, None if it is valid."""
    if message.get("jsonrpc") != "2.0":
        return 'This message has no "jsonrpc": "2.0"; send one that has.'
    if not isinstance(message.get("method"), str):
        return 'This request has no method; send one such as "tools/list".'
    if not isinstance(message.get("params", {}), dict):
        return "The params of this request must be an object: send {…}, or leave them out."
    return None


def _is_id(value: object) -> bool:
    """Whether an answer can carry this id: a string or an integer."""
    return isinstance(value, str | int) and not isinstance(value, bool)


def _find_id(text: str) -> object:
    """Return the top-level id of a message that is nested too deeply to be parsed, or None."""
    depth, key, previous = 0, None, ""
    for match in _TOKEN.finditer(text):
        sign = match[0]
        if sign in ("{", "["):
            depth += 1
        elif sign in ("}", "]"):
            depth -= 1
        elif depth == 1 and sign == ":":
            key = previous
        elif depth == 1 and key == '"id"' and sign != ",":
            return _scalar(sign)
        if depth == 1 and sign == ",":
            key = None
        previous = sign
    return None


def _scalar(sign: str) -> object:
    try:
        value = json.loads(sign)
    except ValueError:
        return None
    return value if _is_id(value) else None


_META = "io.modelcontextprotocol/"
_REPLAYED = "zunda-front"
"""The id of the request that tells the SDK how a conversation of 2026-07-28 began."""
_AT_ONCE = 16
"""The most requests that are answered at once; while the next one waits, stdin is not read."""
_FINISH_WAIT = 2.0
"""Seconds that running requests have to finish once the client has closed stdin."""

_log = logging.getLogger(__name__)


class Lines(Protocol):
    """Lines from and to the client, one message a line. ``read`` returns ``b""`` at the end of the conversation."""

    def read(self) -> bytes: ...
    def write(self, line: bytes) -> None: ...


class Fallback(Protocol):
    """The server for messages that the light server does not answer."""

    def feed(self, line: bytes) -> bool: ...
    def close(self) -> None: ...


class LightServer:
    """One conversation over ``streams``.

    ``instructions`` returns the text that describes the archive. ``start_fallback`` starts the SDK; it takes the ids of
    the replayed requests, whose answers the client already has.
    """

    def __init__(
        self,
        streams: Lines,
        opening: LazyArchive,
        instructions: Callable[[], str],
        start_fallback: Callable[[list[object]], Fallback],
    ) -> None:
        self._streams = streams
        self._opening = opening
        self._notifier = ChangeNotifier(opening)
        self._subscriptions = Subscriptions(self._notifier, self._write)
        self._info = {"name": "zunda-mcp", "title": "zunda-mcp", "version": __version__}
        self._instructions = instructions
        self._start_fallback = start_fallback
        self._fallback: Fallback | None = None
        self._era: str | None = None
        self._replay: list[bytes] = []
        self._replayed: list[object] = []
        self._calls: dict[object, threading.Thread] = {}
        self._working: set[threading.Thread] = set()
        self._slots = threading.BoundedSemaphore(_AT_ONCE)

    def run(self) -> None:
        """Serve until the client ends the conversation."""
        while line := self._streams.read():
            self._receive(line)
        self.finish()

    def nudge(self) -> None:
        """Check for changes now, since the index may have changed, and notify subscribers."""
        self._notifier.nudge()

    def finish(self, patience: float = _FINISH_WAIT) -> None:
        """Wait up to ``patience`` seconds for running requests, and close the fallback."""
        end = time.monotonic() + patience
        for thread in list(self._working):
            thread.join(max(0.0, end - time.monotonic()))
        if self._fallback is not None:
            self._fallback.close()

    def _hand_over(self, line: bytes, message: _Message) -> None:
        """Pass a line to the SDK, after replaying the start of the conversation."""
        if self._fallback is None:
            self._fallback = self._start_fallback(self._replayed)
            for first in self._replay:
                self._fallback.feed(first)
        if not self._fallback.feed(line) and "method" in message and _is_id(message.get("id")):
            self._refuse(message["id"], _UNREADABLE)

    # --- one message

    def _receive(self, line: bytes) -> None:
        if not line.strip():
            return
        message, text = None, line.decode("utf-8", "replace").lstrip("\ufeff")  # bad bytes: U+FFFD, as in the SDK
        try:
            message = json.loads(text)
        except RecursionError:
            if (request_id := _find_id(text)) is not None:
                self._refuse(request_id, _TOO_DEEP)
                return
        except ValueError:
            pass
        if not isinstance(message, dict):
            _log.warning("ignored a line of %s bytes that is not a JSON-RPC message", len(line))
            return
        fault = _find_fault(message)
        if fault and _is_id(message.get("id")) and not {"result", "error"} & message.keys():
            self._refuse(message["id"], fault)
        elif fault or not _is_id(message.get("id", "")) or not self._handle(message, line):
            self._hand_over(line, message)

    def _handle(self, message: _Message, line: bytes) -> bool:
        """Handle a well-formed message. Return False if it is left to the SDK."""
        method, params = message["method"], message.get("params", {})
        if "id" not in message:
            return self._notification(method, params, line)
        request_id = message["id"]
        if method == "initialize":
            return self._initialize(request_id, params, line)
        era = None if request_id in self._calls else self._era_of(params)
        return era is not None and self._request(request_id, method, params, era)

    def _request(self, request_id: object, method: str, params: _Message, era: str) -> bool:
        """Answer a request here or in a thread. Return False if it is left to the SDK."""
        if methods.served(method):
            if not methods.well_formed(method, params):
                return False
            if method in methods.IMMEDIATE:
                self._answer(request_id, method, params, era)
            else:
                self._work(request_id, method, params, era)
            return True
        if era == MODERN and method == "subscriptions/listen":
            return self._subscriptions.stream(request_id, params)
        result = self._discover(method) if era == MODERN else self._handshake_request(method, params)
        if result is None:
            return False
        self._send(request_id, method, result, era)
        return True

    def _discover(self, method: str) -> _Message | None:
        """Return the result of a method that exists only in 2026-07-28, None for any other."""
        if method != "server/discover":
            return None
        return {
            "supportedVersions": [MODERN],
            "capabilities": methods.capabilities(modern=True),
            "instructions": self._instructions(),
        }

    def _handshake_request(self, method: str, params: _Message) -> _Message | None:
        """Return the empty result of a small request of the eras with a handshake, None for any other."""
        if method in ("resources/subscribe", "resources/unsubscribe"):
            uri = params.get("uri")
            if not isinstance(uri, str):
                return None
            self._subscriptions.set(uri, wanted=method == "resources/subscribe")
            return {}
        return {} if method == "ping" else None

    def _notification(self, method: str, params: _Message, line: bytes) -> bool:
        if method == "notifications/initialized" and self._era in HANDSHAKES:
            if len(self._replay) == 1:  # replayed once, however often it was sent
                self._replay.append(line)
            self._subscriptions.begin()
        elif method == "notifications/cancelled" and isinstance(request_id := params.get("requestId"), str | int):
            self._calls.pop(request_id, None)  # its answer is dropped
            self._subscriptions.end(request_id)
        return self._fallback is None  # no other notification changes an answer

    def _initialize(self, request_id: object, params: _Message, line: bytes) -> bool:
        client = params.get("clientInfo")
        if self._era is not None or not isinstance(client, dict) or not isinstance(params.get("capabilities"), dict):
            return False
        wanted, names = params.get("protocolVersion"), (client.get("name"), client.get("version"))
        if not isinstance(wanted, str) or not all(isinstance(name, str) for name in names):
            return False
        self._era = wanted if wanted in HANDSHAKES else HANDSHAKES[-1]
        self._replay.append(line)
        self._replayed.append(request_id)
        result = {
            "protocolVersion": self._era,
            "capabilities": methods.capabilities(modern=False),
            "serverInfo": self._info,
            "instructions": self._instructions(),
        }
        self._write({"jsonrpc": "2.0", "id": request_id, "result": result})
        return True

    def _era_of(self, params: _Message) -> str | None:
        """Return the protocol version of a request, None if only the SDK can say what is wrong with it."""
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

    def _work(self, request_id: object, method: str, params: _Message, era: str) -> None:
        """Answer in a new thread; the answer is dropped if the client cancels the request."""
        self._slots.acquire()

        def work() -> None:
            try:
                self._answer(request_id, method, params, era, wanted=lambda: self._forget(request_id))
            finally:
                self._forget(request_id)
                self._working.discard(threading.current_thread())
                self._slots.release()

        thread = threading.Thread(target=work, name=method, daemon=True)
        self._calls[request_id] = thread
        self._working.add(thread)
        thread.start()

    def _forget(self, request_id: object) -> bool:
        """Remove the request of this thread from the list. Return False if the client has cancelled it."""
        if self._calls.get(request_id) is not threading.current_thread():
            return False
        del self._calls[request_id]
        return True

    def _answer(
        self, request_id: object, method: str, params: _Message, era: str, wanted: Callable[[], bool] = lambda: True
    ) -> None:
        try:
            result = methods.result(self._opening, method, params, era)
        except Refused as refused:
            error: _Message = {"code": refused.code, "message": refused.message}
            if refused.data is not None:
                error["data"] = refused.data
            if wanted():
                self._write({"jsonrpc": "2.0", "id": request_id, "error": error})
        else:
            self._notifier.nudge()  # before the client can act on the answer
            if wanted():
                self._send(request_id, method, result, era)

    def _send(self, request_id: object, method: str, result: _Message, era: str) -> None:
        if era == MODERN:
            meta = {**result.get("_meta", {}), _META + "serverInfo": self._info}
            result = {**methods.modern_result(method, result), "_meta": meta}
        self._write({"jsonrpc": "2.0", "id": request_id, "result": result})

    def _refuse(self, request_id: object, why: str) -> None:
        """Answer with an "Invalid Request" error that says why."""
        error = {"code": _INVALID_REQUEST, "message": why}
        self._write({"jsonrpc": "2.0", "id": request_id, "error": error})

    def _write(self, message: _Message) -> None:
        line = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        self._streams.write(line.encode("utf-8", "replace") + b"\n")
