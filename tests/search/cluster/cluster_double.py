"""A server on this machine that answers as a cluster in trouble does, for what no healthy one can be brought to say."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

__all__ = ["INFO", "answering"]

INFO = {"version": {"distribution": "opensearch", "number": "3.8.0"}}

Answer = Callable[[str, str, str], tuple[int, Any]]


@contextmanager
def answering(answer: Answer, delay: float = 0.0, certificate: Path | None = None) -> Iterator[str]:
    """The address of a server that gives ``answer(method, path, body)``: a status and what is sent as JSON. With the
    file of a ``certificate`` and its key, it speaks TLS.
    """

    class _Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            import gzip

            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            if self.headers.get("Content-Encoding") == "gzip":
                raw = gzip.decompress(raw)
            time.sleep(delay)
            status, found = answer(self.command, self.path.partition("?")[0], raw.decode("utf-8"))
            data = json.dumps(found).encode("utf-8")
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            with suppress(BrokenPipeError):  # whoever asked has given up
                self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _handle  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # whoever asked did not trust it
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
