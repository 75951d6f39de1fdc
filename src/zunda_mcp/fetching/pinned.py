"""One HTTP connection to an address that was checked, with one deadline for everything.

A time-out for each read would let a server hold us for ever by a byte now and then, so every read and write gets what
is left of the whole time.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Sequence
from typing import Any

from zunda_mcp.fetching.addresses import Address


class Deadline:
    """A moment after which nothing is waited for."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left. Raises ``TimeoutError`` where none are."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time is over")
        return left


class _Plain(socket.socket):
    deadline: Deadline | None = None

    def recv_into(self, *arguments: Any, **more: Any) -> int:
        if self.deadline is not None:
            self.settimeout(self.deadline.left())
        return super().recv_into(*arguments, **more)


class _Secure(ssl.SSLSocket):
    deadline: Deadline | None = None

    def recv_into(self, *arguments: Any, **more: Any) -> int:
        if self.deadline is not None:
            self.settimeout(self.deadline.left())
        return super().recv_into(*arguments, **more)


class PinnedConnection(http.client.HTTPConnection):
    """A connection that goes to one of the given addresses, whatever the name may resolve to by then.

    ``context`` is the TLS to speak (certificates are checked for the name), ``None`` for plain HTTP.
    """

    def __init__(
        self, host: str, port: int, addresses: Sequence[Address], deadline: Deadline, context: ssl.SSLContext | None
    ) -> None:
        super().__init__(host, port)
        self._addresses = addresses
        self._deadline = deadline
        self._context = context
        if context is not None:
            self.default_port = 443

    def connect(self) -> None:
        """Connect to the first address that answers. Raises ``OSError`` (``ssl.SSLError`` among them)."""
        failure: OSError = OSError("no address answers")
        for place, address in enumerate(self._addresses):
            plain = _Plain(address.family, socket.SOCK_STREAM)
            try:
                # Half of what is left for all but the last, so that a dead first address is not the end.
                left = self._deadline.left()
                plain.settimeout(left if place == len(self._addresses) - 1 else left / 2)
                plain.connect((address.ip, address.port))
            except OSError as error:
                plain.close()
                failure = error
                continue
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.settimeout(self._deadline.left())
            plain.deadline = self._deadline
            self.sock = plain if self._context is None else self._secured(plain)
            return
        raise failure

    def _secured(self, plain: _Plain) -> ssl.SSLSocket:
        assert self._context is not None
        try:
            secure = self._context.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise
        if isinstance(secure, _Secure):
            secure.deadline = self._deadline
        return secure


def tls() -> ssl.SSLContext:
    """TLS as Python's defaults have it: certificates and names are checked."""
    context = ssl.create_default_context()
    context.sslsocket_class = _Secure
    return context
