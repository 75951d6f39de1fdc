"""A real HTTP server on loopback that does what it is told, well or badly; and feeds for it to serve."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[["Request"], None]


class Request(BaseHTTPRequestHandler):
    """One request, to be answered by what the server has at its path."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        answer = self.server.answers.get(self.path.partition("?")[0])
        with contextlib.suppress(ConnectionError):
            if answer is None:
                self.give(b"nothing here", status=404, kind="text/plain")
            else:
                answer(self)
        self.close_connection = True

    def give(self, body: bytes, *, status: int = 200, kind: str = "application/rss+xml", **headers: str) -> None:
        """A plain answer; names of headers have ``_`` for ``-``."""
        self.head(status, **{"Content-Type": kind, "Content-Length": str(len(body))}, **headers)
        self.wfile.write(body)

    def head(self, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if value:
                self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def wait(self) -> None:
        """Until the test is over."""
        self.server.over.wait(20)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        pass


class Server(ThreadingHTTPServer):
    """``answers`` by path, ``asked`` as (path, headers) in order."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what these tests are about."""

    def serve(self, path: str, body: str | bytes, **headers: Any) -> str:
        """Give this body at this path from now on; returns the address."""
        data = body.encode() if isinstance(body, str) else body
        self.answers[path] = lambda request: request.give(data, **headers)
        return self.url + path


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    """A server that runs."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def item(number: int, *, text: str = "", **more: str) -> str:
    """One RSS item, dated the day of its number."""
    extra = "".join(f"<{name.replace('_', ':')}>{value}</{name.replace('_', ':')}>" for name, value in more.items())
    return (
        f"<item><title>Episode {number}</title><link>https://show.example/{number}</link>"
        f"<guid>show-{number}</guid><pubDate>{number:02} Jan 2031 07:00:00 +0900</pubDate>"
        f"<description>{text or f'About number {number}.'}</description>{extra}</item>"
    )


def rss(*items: str, title: str = "A Show", channel: str = "") -> str:
    """A feed of these items."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" '
        'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
        'xmlns:podcast="https://podcastindex.org/namespace/1.0">'
        f"<channel><title>{title}</title><link>https://show.example/</link><language>en</language>{channel}"
        + "\n".join(items)
        + "</channel></rss>"
    )
