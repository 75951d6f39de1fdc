"""An httpx2 transport that checks where a connection goes, and has one deadline for everything.

A host is resolved once, its addresses are checked (``public_addresses.resolve_host``), and the connection goes to one
of these addresses. So it does not matter if the name resolves differently a moment later. TLS still checks the
certificate against the name.

The time-outs of httpx2 are for single reads and writes, so a server could keep us busy for ever by sending a byte now
and then. Here every read and write waits at most until one deadline.

Import this module only where a request is made: httpx2 adds 0.1 s to the start.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from typing import Any

import httpcore2
import httpx2

from zunda_mcp.sources.public_addresses import resolve_host

__all__ = ["CheckedTransport"]


class CheckedTransport(httpx2.BaseTransport):
    """HTTP/1.1 to public addresses, and to private ones of ``private_hosts``, within ``seconds`` in all.

    Raises exceptions of httpcore2, ``TimeoutError`` at the deadline, and ``FetchError`` for a forbidden host.
    """

    def __init__(self, private_hosts: Collection[str], seconds: float) -> None:
        backend = _CheckedBackend(private_hosts, _Deadline(seconds))
        self._pool = httpcore2.ConnectionPool(ssl_context=_tls(), network_backend=backend)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request without a body. Return the response before its body is read."""
        url = request.url
        target = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        response = self._pool.handle_request(httpcore2.Request(request.method, target, headers=request.headers.raw))
        assert isinstance(response.stream, Iterable)
        return httpx2.Response(
            response.status, headers=response.headers, stream=_Body(response), extensions=response.extensions
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx2.SyncByteStream):
    def __init__(self, response: httpcore2.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        return self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


class _Deadline:
    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds left. Raises ``TimeoutError`` if there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("time ran out")
        return left


class _CheckedBackend(httpcore2.NetworkBackend):
    def __init__(self, private_hosts: Collection[str], deadline: _Deadline) -> None:
        self._private_hosts = private_hosts
        self._deadline = deadline
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore2.NetworkStream:
        """Connect to the first checked address that answers."""
        addresses = resolve_host(host, port, self._private_hosts)
        for following in range(len(addresses) - 1, -1, -1):
            address = addresses[-1 - following]
            # All but the last get half of the time left, so that a dead first address does not use it up.
            left = self._deadline.left()
            try:
                stream = self._sockets.connect_tcp(address.ip, port, left / 2 if following else left, socket_options=())
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if not following:
                    raise
                continue
            return _DeadlineStream(stream, self._deadline)
        raise AssertionError("resolve gives at least one address")


class _DeadlineStream(httpcore2.NetworkStream):
    """A stream whose reads and writes wait at most until the deadline."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left())

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        secure = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left())
        return _DeadlineStream(secure, self._deadline)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


@cache
def _tls() -> ssl.SSLContext:
    """Return Python's default TLS context, which checks certificates and host names."""
    return ssl.create_default_context()
