"""Fuzzing of the protocol: damaged lines over stdio to the light server and its fallback, damaged bodies over HTTP."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException
from typing import Any

from fuzz_asking import QUESTIONS, sendable
from fuzz_engine import Target, promise
from fuzz_mutation import mutated_bytes, mutated_json, words

from zunda_mcp.config.http_options import HttpOptions
from zunda_mcp.library import Library
from zunda_mcp.server.dispatch import LazyArchive
from zunda_mcp.server.http.app import HttpApp, Served
from zunda_mcp.server.http.uvicorn_server import AppServer, listen
from zunda_mcp.server.sdk import ArchiveServer
from zunda_mcp.server.stdio.light import LightServer
from zunda_mcp.server.stdio.stdio_server import SdkFallback

PATIENCE = 60.0
"""Seconds after which an answer that is due is missing."""
LINES = 40
"""Messages of one conversation."""
_MODERN = "2026-07-28"
_META = {
    "io.modelcontextprotocol/protocolVersion": _MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "fuzz", "version": "1"},
}
_HELLO = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "fuzz", "version": "1"}}
_UNANSWERED = {"subscriptions/listen"}
"""Requests whose answer is the end of what they open."""

_REQUESTS: list[tuple[str, dict[str, Any]]] = [
    ("initialize", _HELLO),
    ("ping", {}),
    ("tools/list", {}),
    ("tools/call", {"name": "search_episodes", "arguments": {"query": "生成AI", "limit": 2}}),
    ("tools/call", {"name": "get_episode", "arguments": {"id": "latest", "max_chars": 500}}),
    ("tools/call", {"name": "check_quote", "arguments": {"quote": "手元で動く生成AI"}}),
    ("resources/list", {}),
    ("resources/templates/list", {}),
    ("resources/read", {"uri": "episode://latest"}),
    ("resources/subscribe", {"uri": "episode://latest"}),
    ("resources/unsubscribe", {"uri": "episode://latest"}),
    ("prompts/list", {}),
    ("prompts/get", {"name": "topic_brief", "arguments": {"topic": "生成AI"}}),
    (
        "completion/complete",
        {"ref": {"type": "ref/resource", "uri": "episode://{id}"}, "argument": {"name": "id", "value": "2"}},
    ),
    ("server/discover", {}),
    ("subscriptions/listen", {"notifications": {"resourcesListChanged": True}}),
    ("logging/setLevel", {"level": "info"}),
    ("no/such", {"a": [1, {"b": None}]}),
]
_NOTICES: list[tuple[str, dict[str, Any]]] = [
    ("notifications/initialized", {}),
    ("notifications/cancelled", {"requestId": 3, "reason": "no"}),
    ("notifications/progress", {"progressToken": 1, "progress": 0.5}),
    ("notifications/roots/list_changed", {}),
]


def targets(library: Library, port: int) -> list[Target]:
    """The doors of the protocol; ``port`` is that of an HTTP server of this machine (``http_server``)."""
    opening = LazyArchive(lambda: library)
    return [
        Target(
            "protocol lines",
            [],
            _conversation,
            lambda lines: _converse(opening, lines),
            2,
            worth=len,
            pooled=False,
        ),
        Target("HTTP bodies", [], _posted, lambda case: _http(port, case), 8, pooled=False),
    ]


def _text(draw: random.Random, _pool: list[Any]) -> str:
    return words(draw, QUESTIONS)


def _message(draw: random.Random, identity: object, *, modern: bool) -> Any:
    """One message, in half of the cases with something wrong in it."""
    notice = draw.random() < 0.12
    method, params = draw.choice(_NOTICES if notice else _REQUESTS)
    params = {**params, "_meta": _META} if modern else params
    message: Any = {"jsonrpc": "2.0", "method": method, "params": params}
    if not notice:
        message["id"] = identity
    if draw.random() < 0.5:
        message = mutated_json(draw, message, _text)
    return message


def _line(draw: random.Random, message: object) -> bytes:
    line = json.dumps(message, ensure_ascii=draw.random() < 0.5).encode("utf-8", "surrogatepass")
    return mutated_bytes(draw, [line]).replace(b"\n", b" ") if draw.random() < 0.3 else line


def _conversation(draw: random.Random, _pool: list[Any]) -> list[bytes]:
    modern = draw.random() < 0.4
    lines = []
    if not modern and draw.random() < 0.9:
        hello = {"jsonrpc": "2.0", "id": "hello", "method": "initialize", "params": _HELLO}
        lines = [json.dumps(hello).encode(), b'{"jsonrpc":"2.0","method":"notifications/initialized"}']
    for number in range(LINES):
        identity: object = draw.choice((number, number, number, f"n{number}", 2**60 + number, -number))
        lines.append(_line(draw, _message(draw, identity, modern=modern)))
    return lines


def due(line: bytes) -> object:
    """The id of the answer that a line must have, None where none is due: it is no JSON, or asks nothing."""

    def refuse(_: str) -> object:
        raise ValueError

    try:
        message = json.loads(line.decode("utf-8", "replace"), parse_constant=refuse)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or "result" in message or "error" in message:
        return None
    identity = message.get("id")
    if isinstance(identity, bool) or not isinstance(identity, int | str) or str(message.get("method")) in _UNANSWERED:
        return None
    return identity if str(identity).isprintable() else None


class _Wire:
    """What the front reads from and writes to; it ends when every answer that is due is there, or after a while."""

    def __init__(self, lines: list[bytes]) -> None:
        self._lines = iter([line + b"\n" for line in lines])
        self.due = Counter(identity for line in lines if (identity := due(line)) is not None)
        self.sent: list[bytes] = []
        self._lock = threading.Lock()
        self._answered: Counter[object] = Counter()
        self._more = threading.Event()
        self._cancelled = {one for line in lines for one in _cancelled(line)}

    def read(self) -> bytes:
        line = next(self._lines, None)
        if line is not None:
            return line
        end = time.monotonic() + PATIENCE
        while self.missing() and time.monotonic() < end:
            self._more.wait(0.05)
            self._more.clear()
        return b""

    def write(self, line: bytes) -> None:
        with self._lock:
            self.sent.append(line)
            self._more.set()

    def missing(self) -> Counter[object]:
        """The ids that are still owed an answer."""
        with self._lock:
            sent, self.sent = self.sent, []
        for line in sent:
            answer = _answer(line)
            if "id" in answer:
                self._answered[answer["id"]] += 1
        owed = self.due - self._answered
        return Counter({identity: count for identity, count in owed.items() if identity not in self._cancelled})


def _cancelled(line: bytes) -> Iterator[object]:
    """The ids that a line may cancel."""
    try:
        params = json.loads(line.decode("utf-8", "replace"))["params"]
        if isinstance(params.get("requestId"), str | int):
            yield params["requestId"]
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return


def _answer(line: bytes) -> dict[str, Any]:
    """One line of the server, which must be a message of JSON-RPC in valid UTF-8."""
    answer: dict[str, Any] = json.loads(line.decode("utf-8"))
    sendable(answer)
    promise(line.endswith(b"\n") and line.count(b"\n") == 1, "a message is one line")
    promise(answer.get("jsonrpc") == "2.0", "an answer is a message of JSON-RPC 2.0")
    if "method" in answer:
        promise("id" not in answer, "the server asks its client nothing")
        return {}
    promise("id" in answer, "an answer has an id")
    promise(("result" in answer) != ("error" in answer), "an answer is a result or an error")
    if "error" in answer:
        promise(isinstance(answer["error"].get("code"), int), "an error has a code")
        promise(isinstance(answer["error"].get("message"), str), "an error has a message")
    promise("Traceback" not in str(answer.get("error", "")), "an error is no traceback")
    promise("fault in the server" not in str(answer), "a request is answered or refused, and never fails")
    return answer


def _converse(opening: LazyArchive, lines: list[bytes]) -> None:
    wire = _Wire(lines)

    def start_fallback(replayed: list[object]) -> SdkFallback:
        return SdkFallback(lambda: ArchiveServer(opening, sessions=False), wire.write, replayed)

    server = LightServer(wire, opening, lambda: "an archive", start_fallback)
    server.run()
    missing = wire.missing()
    silent = [line for line in lines if due(line) in missing] if missing else []
    promise(not missing, f"every request is answered; without an answer: {ascii(silent)[:1500]}")


# --- HTTP


@dataclass(frozen=True)
class _Post:
    """One request: its body, and the headers beyond the usual ones."""

    body: bytes
    headers: tuple[tuple[str, str], ...]


def _posted(draw: random.Random, _pool: list[Any]) -> _Post:
    modern = draw.random() < 0.6
    message = _message(draw, draw.choice((1, "one", 2**53)), modern=modern)
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    if modern:
        headers["MCP-Protocol-Version"] = _MODERN
        if isinstance(message, dict) and draw.random() < 0.9:
            headers["Mcp-Method"] = _latin(message.get("method"))
            params = message.get("params")
            if isinstance(params, dict) and (named := params.get("name") or params.get("uri")):
                headers["Mcp-Name"] = _latin(named)
    if draw.random() < 0.2:
        name = draw.choice(
            (*headers, "Mcp-Session-Id", "MCP-Protocol-Version", "Origin", "Last-Event-ID", "Content-Encoding")
        )
        headers[name] = _latin(words(draw, ["application/json", "x", "2025-06-18", "gzip", "http://localhost", "0"]))
    body = b"[" * 3000 if draw.random() < 0.02 else _line(draw, message)
    return _Post(body, tuple(headers.items()))


def _latin(text: object) -> str:
    """A text as a header can hold it."""
    return "".join(sign if " " <= sign <= "~" else "?" for sign in str(text))[:500].strip()


def _http(port: int, case: _Post) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("POST", "/mcp", case.body, dict(case.headers))
        response = connection.getresponse()
        if response.headers.get_content_type() == "text/event-stream" and b"subscriptions/listen" in case.body:
            return  # it stays open until somebody closes it
        said = response.read().decode("utf-8")
    except HTTPException as error:
        promise(False, f"HTTP is answered in HTTP ({error!r})")
        return
    finally:
        connection.close()
    promise(response.status < 500, f"no request makes the server fail ({response.status}: {said[:200]})")
    promise("Traceback" not in said, "no traceback leaves the server")
    if response.status == 200:
        data = [row.removeprefix("data:").strip() for row in said.split("\n") if row.startswith("data:")]
        answers = [_answer(row.encode() + b"\n") for row in (data or [said]) if row]
        wanted = due(case.body)
        promise(
            wanted is None or any(one.get("id") == wanted for one in answers), "an answer has the id of its request"
        )


@contextmanager
def http_server(library: Library) -> Iterator[int]:
    """The library over HTTP, without sessions, on a free port of the loopback; gives the port."""
    options = HttpOptions(port=0, stateless=True)
    sockets = listen(options)
    options = replace(options, port=sockets[0].getsockname()[1])
    opening = LazyArchive(lambda: library)
    started = threading.Event()
    server = AppServer(HttpApp(options, lambda _: Served(ArchiveServer(opening), dict)), options, started.set)
    thread = threading.Thread(target=server.run, args=(sockets,), daemon=True)
    thread.start()
    if not started.wait(PATIENCE):
        msg = "the HTTP server never started"
        raise RuntimeError(msg)
    try:
        yield options.port
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
