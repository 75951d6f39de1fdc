"""A server of a few tools behind the real application, protocol and sockets, and a client of raw bytes."""

from __future__ import annotations

import itertools
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import anyio
import mcp_types as types
from anyio import to_thread
from mcp.server.lowlevel import Server
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ResourcesListChanged

from zunda_mcp.config.http_options import HttpOptions
from zunda_mcp.library import Library
from zunda_mcp.server.http.app import HttpApp, Served
from zunda_mcp.server.http.uvicorn_server import AppServer, listen

PATIENCE = 60.0
"""Seconds after which something missing is a failure, not a slow machine."""

HEAD = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
LEGACY = "2025-11-25"
MODERN = "2026-07-28"
HELLO = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}


@dataclass
class Tools:
    """A server with tools that wait, and what the test knows of them."""

    begun: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)
    bus: InMemorySubscriptionBus = field(default_factory=InMemorySubscriptionBus)

    def server(self) -> Server[Any]:
        """``echo`` says what it was told, ``wait`` ends when it is cancelled or released, ``block`` waits in a thread,
        ``large`` says a million letters, ``change`` tells who listens of a change."""

        async def listed(_context: object, _params: object) -> types.ListToolsResult:
            names = ("echo", "wait", "block", "large", "change")
            return types.ListToolsResult(
                tools=[types.Tool(name=name, input_schema={"type": "object"}) for name in names]
            )

        async def called(_context: object, params: types.CallToolRequestParams) -> types.CallToolResult:
            text = str((params.arguments or {}).get("text", ""))
            match params.name:
                case "wait":
                    await self._wait()
                case "block":
                    self.begun.set()
                    await to_thread.run_sync(self.release.wait, PATIENCE, abandon_on_cancel=True)
                case "large":
                    text = "大" * 1_000_000
                case "change":
                    await self.bus.publish(ResourcesListChanged())
            return types.CallToolResult(content=[types.TextContent(text=text)])

        return Server(
            "tools",
            version="1",
            on_list_tools=listed,
            on_call_tool=called,
            on_subscriptions_listen=ListenHandler(self.bus),
        )

    async def _wait(self) -> None:
        self.begun.set()
        try:
            while not self.release.is_set():
                await anyio.sleep(0.01)
        finally:
            self.ended.set()


@dataclass(frozen=True)
class Running:
    """A server that runs in a thread of this process."""

    options: HttpOptions
    server: AppServer
    thread: threading.Thread

    @property
    def port(self) -> int:
        """The port it got."""
        return self.options.port

    @property
    def url(self) -> str:
        """Where a client finds it."""
        return self.options.url

    def stop(self) -> None:
        """Stop it as a signal does, and wait for the end."""
        self.server.should_exit = True
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive(), "the server never ended"


@contextmanager
def running(
    options: HttpOptions | None = None,
    server: Server[Any] | None = None,
    report: Callable[[], Mapping[str, Any]] | None = None,
    opener: Callable[[], Library] | None = None,
    serve: Callable[[frozenset[str] | None], Served] | None = None,
) -> Iterator[Running]:
    """Serve on a free port of the loopback; ``serve`` may give each group of callers something else."""
    options = options or HttpOptions(port=0)
    sockets = listen(options)
    options = replace(options, port=sockets[0].getsockname()[1])
    started = threading.Event()
    served = Served(server or Tools().server(), report or dict, opener)
    app_server = AppServer(HttpApp(options, serve or (lambda _: served)), options, started.set)
    thread = threading.Thread(target=app_server.run, args=(sockets,), daemon=True)
    thread.start()
    assert started.wait(PATIENCE), "the server never began"
    found = Running(options, app_server, thread)
    try:
        yield found
    finally:
        found.stop()


@dataclass(frozen=True)
class Answer:
    """A whole HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> dict[str, Any]:
        """The JSON of the body, or of the last event of a stream."""
        text = self.body.decode()
        if self.headers.get("content-type", "").startswith("text/event-stream"):
            text = [line for line in text.splitlines() if line.startswith("data:")][-1].removeprefix("data:")
        message: dict[str, Any] = json.loads(text)
        return message

    @property
    def complaint(self) -> str:
        """What a refusal says."""
        said: str = self.message["error"]["message"]
        return said


class Raw:
    """One connection, as bytes."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.socket = socket.create_connection((host, port), timeout=PATIENCE)
        self._rest = b""

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.socket.sendall(data)

    def until(self, mark: bytes) -> bytes:
        """What comes up to and including a mark; all there was, where the connection ends before it."""
        while mark not in self._rest:
            more = self.receive()
            if not more:
                found, self._rest = self._rest, b""
                return found
            self._rest += more
        at = self._rest.index(mark) + len(mark)
        found, self._rest = self._rest[:at], self._rest[at:]
        return found

    def head(self) -> tuple[int, dict[str, str]]:
        """Status and headers of the next answer."""
        lines = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        assert lines[0].startswith("HTTP/1.1 "), lines
        pairs = (line.partition(":") for line in lines[1:] if line)
        return int(lines[0].split()[1]), {name.lower(): value.strip() for name, _, value in pairs}

    def answer(self) -> Answer:
        """The next answer, all of it."""
        status, headers = self.head()
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = b""
            while size := int(self.until(b"\r\n") or b"0", 16):
                body += self._exactly(size)
                self._exactly(2)
            self._exactly(2)
        else:
            body = self._exactly(int(headers.get("content-length", "0")))
        return Answer(status, headers, body)

    def closed(self) -> bool:
        """Whether the server has closed the connection, with nothing more to say."""
        return not self._rest and not self.receive()

    def _exactly(self, size: int) -> bytes:
        while len(self._rest) < size:
            more = self.receive()
            assert more, "the answer ended early"
            self._rest += more
        found, self._rest = self._rest[:size], self._rest[size:]
        return found

    def receive(self) -> bytes:
        """The next bytes; none if the connection has ended."""
        try:
            return self.socket.recv(65536)
        except ConnectionResetError:
            return b""


def ask(
    port: int,
    method: str = "GET",
    path: str = "/mcp",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    *,
    host: str = "127.0.0.1",
) -> Answer:
    """One request on a connection of its own."""
    with Raw(port, host) as raw:
        raw.send(request(method, path, headers, body))
        return raw.answer()


def request(method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> bytes:
    """The bytes of a request."""
    given = {"Host": "localhost", **(headers or {})}
    if body or method == "POST":
        given.setdefault("Content-Length", str(len(body)))
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def message(method: str, params: Mapping[str, Any] | None = None, era: str = LEGACY, number: int = 1) -> bytes:
    """A JSON-RPC request of either era."""
    asked = dict(params or {})
    if era == MODERN:
        asked["_meta"] = {
            "io.modelcontextprotocol/protocolVersion": MODERN,
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        }
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": asked}).encode()


_numbers = itertools.count(1)


def call(tool: str, era: str = LEGACY, headers: Mapping[str, str] | None = None, **arguments: Any) -> bytes:
    """The bytes of a call of a tool, with an id of its own."""
    own = {"MCP-Protocol-Version": era, **HEAD, **(headers or {})}
    if era == MODERN:
        own |= {"Mcp-Method": "tools/call", "Mcp-Name": tool}
    return request(
        "POST", "/mcp", own, message("tools/call", {"name": tool, "arguments": arguments}, era, next(_numbers))
    )


def hello(port: int, headers: Mapping[str, str] | None = None, host: str = "127.0.0.1") -> Answer:
    """Open a session of the handshake era."""
    return ask(port, "POST", headers={**HEAD, **(headers or {})}, body=message("initialize", HELLO), host=host)


def session(port: int, headers: Mapping[str, str] | None = None) -> dict[str, str]:
    """The headers of an opened session."""
    opened = {"Mcp-Session-Id": hello(port, headers).headers["mcp-session-id"], **(headers or {})}
    told = json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"}).encode()
    assert ask(port, "POST", headers={**HEAD, **opened}, body=told).status == 202
    return opened


def listen_request(port: int, era: str = MODERN, headers: Mapping[str, str] | None = None) -> bytes:
    """The bytes that open a stream of notices: that of a new session, or in the modern era one with the id 7."""
    if era == LEGACY:
        return request("GET", "/mcp", {**HEAD, **session(port, headers)})
    own = {"MCP-Protocol-Version": MODERN, "Mcp-Method": "subscriptions/listen", **HEAD, **(headers or {})}
    asked = message("subscriptions/listen", {"notifications": {"resourcesListChanged": True}}, MODERN, 7)
    return request("POST", "/mcp", own, asked)
