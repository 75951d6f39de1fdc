"""Clients that speak to a server for a long time: over stdio or HTTP, in either era, from several threads."""

from __future__ import annotations

import http.client
import itertools
import json
import queue
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

Era = Literal["2025-11-25", "2026-07-28"]
LEGACY: Era = "2025-11-25"
MODERN: Era = "2026-07-28"
PATIENCE = 120.0
"""Seconds after which a missing answer is a fault, not a slow machine."""

_META = "io.modelcontextprotocol/"
_NAMED = {"tools/call": "name", "resources/read": "uri", "prompts/get": "name"}

Message = dict[str, Any]


class SilentError(Exception):
    """No answer: the server is gone, or said nothing for ``PATIENCE`` seconds."""


class Conversation(Protocol):
    """What the harnesses ask of a client."""

    era: Era

    def ask(self, method: str, params: Mapping[str, Any] | None = None) -> Message: ...
    def abandon(self, method: str, params: Mapping[str, Any] | None = None) -> None: ...
    def listen(self, uris: Sequence[str]) -> None: ...
    def close(self) -> None: ...


def enveloped(era: Era, params: Mapping[str, Any] | None) -> Message:
    """Parameters as the era sends them."""
    asked = dict(params or {})
    if era == MODERN:
        asked["_meta"] = {
            f"{_META}protocolVersion": MODERN,
            f"{_META}clientCapabilities": {},
            f"{_META}clientInfo": {"name": "stress", "version": "1"},
        }
    return asked


def greeting(era: Era) -> tuple[str, Message]:
    """The method and parameters that open a conversation."""
    if era == MODERN:
        return "server/discover", {}
    return "initialize", {"protocolVersion": era, "capabilities": {}, "clientInfo": {"name": "stress", "version": "1"}}


class StdioConversation:
    """One client of one process. ``notices`` counts what it was told without asking. Thread-safe."""

    def __init__(self, process: subprocess.Popen[bytes], era: Era) -> None:
        self.era = era
        self.process = process
        self.notices = 0
        self._numbers = itertools.count(1)
        self._waiting: dict[int, queue.Queue[Message | None]] = {}
        self._lock = threading.Lock()
        self._streams: list[int] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def open(self) -> Message:
        """Greet the server."""
        method, params = greeting(self.era)
        found = self.ask(method, params)
        if self.era != MODERN:
            self._write({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return found

    def ask(self, method: str, params: Mapping[str, Any] | None = None) -> Message:
        """One request, and its answer with ``result`` or ``error``. Raises ``SilentError``."""
        number, answers = next(self._numbers), queue.Queue[Message | None](1)
        with self._lock:
            self._waiting[number] = answers
        try:
            self._send(number, method, params)
            if self.process.poll() is not None and not self._reader.is_alive():
                raise SilentError("the process has ended")
            answer = answers.get(timeout=PATIENCE)
        except queue.Empty:
            raise SilentError(f"no answer to {method} within {PATIENCE:g} s") from None
        finally:
            with self._lock:
                self._waiting.pop(number, None)
        if answer is None:
            raise SilentError("the process has ended")
        return answer

    def abandon(self, method: str, params: Mapping[str, Any] | None = None) -> None:
        """Ask, and cancel at once."""
        number = next(self._numbers)
        self._send(number, method, params)
        self._write({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": number}})

    def listen(self, uris: Sequence[str]) -> None:
        """Subscribe to resources, or end what was subscribed to before and open a stream of the newer era."""
        if self.era == MODERN:
            for number in self._streams:
                self._write({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": number}})
            self._streams = [next(self._numbers)]
            wanted = {"resourcesListChanged": True, "resourceSubscriptions": list(uris)}
            self._send(self._streams[0], "subscriptions/listen", {"notifications": wanted})
            return
        for uri in uris:
            self.ask("resources/subscribe", {"uri": uri})
        if len(uris) > 1:
            self.ask("resources/unsubscribe", {"uri": uris[0]})

    def close(self) -> None:
        """End the conversation; the process ends by itself."""
        assert self.process.stdin is not None
        with self._lock:
            self.process.stdin.close()

    def _send(self, number: int, method: str, params: Mapping[str, Any] | None) -> None:
        self._write({"jsonrpc": "2.0", "id": number, "method": method, "params": enveloped(self.era, params)})

    def _write(self, message: Message) -> None:
        assert self.process.stdin is not None
        try:
            with self._lock:
                self.process.stdin.write(json.dumps(message).encode() + b"\n")
                self.process.stdin.flush()
        except (OSError, ValueError):
            raise SilentError("the process takes nothing any more") from None

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            message = json.loads(line)
            if "method" in message:
                self.notices += 1
                continue
            with self._lock:
                waiting = self._waiting.get(message["id"])
            if waiting is not None:
                waiting.put(message)
        with self._lock:
            left = list(self._waiting.values())
        for waiting in left:
            waiting.put(None)


class HttpConversation:
    """One client of an HTTP server, over one connection that is kept."""

    def __init__(self, port: int, era: Era) -> None:
        self.era = era
        self._port = port
        self._numbers = itertools.count(1)
        self._session: str | None = None
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._streams: list[socket.socket] = []

    def open(self) -> Message:
        """Greet the server."""
        method, params = greeting(self.era)
        found = self.ask(method, params)
        if self.era != MODERN:
            self._post({"jsonrpc": "2.0", "method": "notifications/initialized"}, "notifications/initialized")
        return found

    def ask(self, method: str, params: Mapping[str, Any] | None = None) -> Message:
        """One request, and its answer with ``result`` or ``error``. Raises ``SilentError``."""
        number = next(self._numbers)
        said = enveloped(self.era, params)
        body = self._post({"jsonrpc": "2.0", "id": number, "method": method, "params": said}, method)
        for line in body.decode("utf-8").splitlines():
            data = line.removeprefix("data:").strip()
            found: Message = json.loads(data) if data.startswith("{") else {}
            if found.get("id", number) == number and ("result" in found or "error" in found):
                return found
        raise SilentError(f"no answer to {method}: {body[:200]!r}")

    def abandon(self, method: str, params: Mapping[str, Any] | None = None) -> None:
        """Ask on a connection of its own, and hang up before the answer."""
        with socket.create_connection(("127.0.0.1", self._port), timeout=PATIENCE) as gone:
            said = enveloped(self.era, params)
            message = {"jsonrpc": "2.0", "id": next(self._numbers), "method": method, "params": said}
            gone.sendall(self._request("POST", method, message))

    def listen(self, uris: Sequence[str]) -> None:
        """Open a stream of notices and hang up on the one before without a word, as clients that vanish do."""
        while self._streams:
            self._streams.pop().close()
        stream = socket.create_connection(("127.0.0.1", self._port), timeout=PATIENCE)
        self._streams.append(stream)
        if self.era == MODERN:
            wanted = {"resourcesListChanged": True, "resourceSubscriptions": list(uris)}
            said = enveloped(self.era, {"notifications": wanted})
            message = {"jsonrpc": "2.0", "id": next(self._numbers), "method": "subscriptions/listen", "params": said}
            stream.sendall(self._request("POST", "subscriptions/listen", message))
            return
        for uri in uris:
            self.ask("resources/subscribe", {"uri": uri})
        stream.sendall(self._request("GET", "", None))

    def close(self) -> None:
        """End the session as a polite client does."""
        if self._session is not None:
            self._connection.request("DELETE", "/mcp", headers=self._headers(""))
            self._connection.getresponse().read()
        self.vanish()

    def vanish(self) -> None:
        """Go away without a word; the session is left behind."""
        while self._streams:
            self._streams.pop().close()
        self._connection.close()

    def _headers(self, method: str, said: Mapping[str, Any] | None = None) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        if self._session is not None:
            headers["Mcp-Session-Id"] = self._session
        if self.era == MODERN:
            headers |= {"MCP-Protocol-Version": MODERN, "Mcp-Method": method}
            if (named := _NAMED.get(method)) and said is not None and named in said:
                headers["Mcp-Name"] = str(said[named])
        elif method != "initialize":
            headers["MCP-Protocol-Version"] = LEGACY
        return headers

    def _request(self, verb: str, method: str, message: Message | None) -> bytes:
        body = b"" if message is None else json.dumps(message).encode()
        said = self._headers(method, None if message is None else message.get("params"))
        said |= {"Host": "localhost", "Content-Length": str(len(body))}
        lines = [f"{verb} /mcp HTTP/1.1", *(f"{name}: {value}" for name, value in said.items())]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body

    def _post(self, message: Message, method: str) -> bytes:
        body = json.dumps(message).encode()
        try:
            for attempt in range(2):
                try:
                    self._connection.request("POST", "/mcp", body, self._headers(method, message.get("params")))
                    answer = self._connection.getresponse()
                except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                    self._connection.close()  # an idle connection that the server let go of; asked again once
                    if attempt:
                        raise
                    continue
                found = answer.read()
                self._session = answer.getheader("mcp-session-id") or self._session
                return found
        except (OSError, http.client.HTTPException) as error:
            raise SilentError(f"{method}: {type(error).__name__}: {error}") from error
        raise AssertionError
