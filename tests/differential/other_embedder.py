"""An embedder of another name and size than the bundled one: an endpoint on this machine with vectors of letters."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_SIZE = 64


def vector(text: str) -> list[float]:
    """The same for the same text: how often it has each pair of letters, the pairs thrown into a few bins."""
    bins = [0.01] * _SIZE
    for pair in zip(text, text[1:], strict=False):
        bins[hashlib.sha256("".join(pair).encode()).digest()[0] % _SIZE] += 1.0
    return bins


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        texts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input"]
        data = [{"object": "embedding", "index": at, "embedding": vector(text)} for at, text in enumerate(texts)]
        body = json.dumps({"object": "list", "model": "letters", "data": data}).encode("utf-8")
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def other_embedder() -> Iterator[str]:
    """The setting that names it, while it is served on a free port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    serving = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1 letters"
    finally:
        server.shutdown()
        server.server_close()
        serving.join()
