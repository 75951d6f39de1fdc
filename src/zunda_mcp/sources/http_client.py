"""The body of an answer: whole or not at all, decompressed piece by piece, and never larger than agreed.

One HTTP connection to an address that was checked, with one deadline for everything.

A time-out for each read would let a server hold us for ever by a byte now and then, so every read and write gets what
is left of the whole time.

One document over HTTP: conditional, bounded in size and time, redirects looked at one by one.

Conditional requests as RFC 9110, 13, has them. What the server's content is called does not count; its bytes do.
"""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
import time
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from zunda_mcp.errors import FetchError
from zunda_mcp.sources.addresses import Address, resolve

PIECE = 64 * 1024


class TooLargeError(ValueError):
    """The body is larger than the limit, before or after decompression."""


def read_body(answer: http.client.HTTPResponse, limit: int) -> bytes:
    """Read to the end.

    Raises ``TooLargeError``, ``http.client.IncompleteRead`` where it breaks off, and ``ValueError`` for an encoding
    that was not asked for or data that is not in it.
    """
    if answer.length is not None and answer.length > limit:
        raise TooLargeError(f"it announces {_mebibytes(answer.length)}, and {_mebibytes(limit)} is the limit")
    unpacked = _unpacker(answer.getheader("Content-Encoding") or "")
    pieces: list[bytes] = []
    size = 0
    while piece := answer.read(PIECE):
        out = unpacked.take(piece, limit - size) if unpacked else piece
        size += len(out)
        if size > limit:
            raise TooLargeError(f"it has more than {_mebibytes(limit)}, which is the limit")
        pieces.append(out)
    if answer.length or (unpacked and not unpacked.is_whole):  # what http.client still expects
        raise http.client.IncompleteRead(b"".join(pieces), answer.length or None)
    return b"".join(pieces)


class _Unpacker:
    """Decompresses gzip and zlib without ever holding more than was asked for."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(zlib.MAX_WBITS | 32)
        self._begun = False

    @property
    def is_whole(self) -> bool:
        """Whether the end of the compressed data was seen, or there was none at all."""
        return self._stream.eof or not self._begun

    def take(self, piece: bytes, room: int) -> bytes:
        """Decompress a piece, to at most ``room`` bytes and one more that says there were too many."""
        out: list[bytes] = []
        while piece:
            if self._stream.eof:  # another member, or padding
                if not piece.strip(b"\0"):
                    break
                self._stream = zlib.decompressobj(zlib.MAX_WBITS | 32)
            self._begun = True
            try:
                out.append(self._stream.decompress(piece, max(room - sum(map(len, out)), 0) + 1))
            except zlib.error as error:
                raise ValueError(f"it cannot be decompressed ({error})") from None
            if sum(map(len, out)) > room:
                break
            piece = self._stream.unconsumed_tail or self._stream.unused_data
        return b"".join(out)


class _RawDeflate(_Unpacker):
    """``deflate`` without the header that RFC 9110 asks for, as some servers send it."""

    def take(self, piece: bytes, room: int) -> bytes:
        if not self._begun and piece[:1] not in (b"\x78", b"\x58", b"\x08"):
            self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
        return super().take(piece, room)


def _unpacker(encoding: str) -> _Unpacker | None:
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return None
    if name in ("gzip", "x-gzip"):
        return _Unpacker()
    if name == "deflate":
        return _RawDeflate()
    raise ValueError(f"it is packed as {name[:40]!r}, which nobody asked for")


def _mebibytes(size: int) -> str:
    return f"{size / 1024 / 1024:.0f} MiB"


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


ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml, text/x-opml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.5, */*;q=0.1"
)
_MOVED = frozenset({301, 302, 303, 307, 308})
_LASTING = frozenset({301, 308})
_SAID = {
    401: "it asks for a password; write it into the address (https://NAME:PASSWORD@host/…)",
    403: "it forbids this; ask its owner, or try the address in a browser",
    404: "there is nothing at this address any more; look for the new one on the show's page",
    410: "it is gone for good; what was fetched stays, and zunda-mcp remove NAME takes it away",
    429: "it was asked too often; try again later",
}


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to recognise a version by: the ``ETag`` and ``Last-Modified`` headers as they came."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """When to give up: bytes after decompression, seconds in all, and redirects."""

    size: int = 32 * 1024 * 1024
    seconds: float = 60.0
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. ``status`` is 200, or 304 where nothing changed (then ``body`` is empty).

    ``final_url`` is where the answer came from, ``moved_to`` the address to ask from now on where every redirect on the
    way said that it is meant to last, ``charset`` what the server says the text is written in.
    """

    status: int
    body: bytes
    validators: Validators
    final_url: str
    content_type: str = ""
    charset: str | None = None
    moved_to: str | None = None
    redirects: tuple[str, ...] = field(default=())


def fetch(
    url: str, known: Validators | None = None, limits: Limits | None = None, *, named: Collection[str] = ()
) -> Fetched:
    """Get a document.

    ``known`` makes the request conditional; ``named`` are hosts of the user's own that may have private addresses.
    Raises ``FetchError`` with the cause and what to do for everything that is no whole document.
    """
    limits = limits or Limits()
    deadline = Deadline(limits.seconds)
    first = here = _checked(url)
    seen = [here]
    lasting = True
    while True:
        try:
            answer, connection = _asked(here, first, known, deadline, named)
        except FetchError:
            raise
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise FetchError(f"{shown(here)} cannot be fetched: {_why(error, limits)}.") from error
        try:
            if answer.status in _MOVED and answer.getheader("Location"):
                lasting = lasting and answer.status in _LASTING
                here = _next(here, answer.getheader("Location") or "", seen, limits)
                seen.append(here)
                continue
            return _taken(answer, here, seen=seen, lasting=lasting, known=known, limits=limits)
        finally:
            answer.close()
            connection.close()


def shown(url: str) -> str:
    """A URL as it may be shown: without a password."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _checked(url: str) -> str:
    """A URL that can be asked. Raises ``FetchError`` for any other."""
    from zunda_mcp.text.urls import encoded

    try:
        parts = urlsplit(url.strip())
        host, _port = parts.hostname, parts.port
        if host:
            host.encode("idna")
    except (ValueError, UnicodeError):
        raise FetchError(
            f"{shown(url)[:200]} is no usable address. Write it like https://example.org/feed.xml"
        ) from None
    if parts.scheme not in ("http", "https") or not host:
        raise FetchError(f"{shown(url)[:200]} is no address of the web. Only http:// and https:// are asked.")
    return urlunsplit(urlsplit(encoded(url.strip()))._replace(fragment=""))


def _next(here: str, location: str, seen: list[str], limits: Limits) -> str:
    """Where a redirect leads. Raises ``FetchError`` for one that must not be followed."""
    try:
        target = _checked(urljoin(here, location))
    except ValueError:
        raise FetchError(f"{shown(here)} redirects to {location[:200]!r}, which is no address.") from None
    if target in seen:
        raise FetchError(
            f"{shown(seen[0])} redirects in a circle, by way of {shown(target)}. Try the show's page for its feed."
        )
    if len(seen) > limits.redirects:
        raise FetchError(
            f"{shown(seen[0])} redirects more than {limits.redirects} times. Try the show's page for its feed."
        )
    if urlsplit(here).scheme == "https" and urlsplit(target).scheme == "http":
        raise FetchError(
            f"{shown(here)} redirects to {shown(target)}, which is not encrypted. If that is meant, add that."
        )
    return target


def _asked(
    url: str, first: str, known: Validators | None, deadline: Deadline, named: Collection[str]
) -> tuple[http.client.HTTPResponse, http.client.HTTPConnection]:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    host = (parts.hostname or "").encode("idna").decode("ascii")
    port = parts.port or (443 if secure else 80)
    connection = PinnedConnection(host, port, resolve(host, port, named), deadline, tls() if secure else None)
    headers = {"User-Agent": user_agent(), "Accept": ACCEPT, "Accept-Encoding": "gzip, deflate", "Connection": "close"}
    if known and known.etag:
        headers["If-None-Match"] = known.etag
    if known and known.last_modified:
        headers["If-Modified-Since"] = known.last_modified
    origin = urlsplit(first)
    if origin.username and (origin.scheme, origin.hostname, origin.port) == (parts.scheme, parts.hostname, parts.port):
        secret = f"{unquote(origin.username)}:{unquote(origin.password or '')}"
        headers["Authorization"] = "Basic " + base64.b64encode(secret.encode()).decode()
    try:
        connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), headers=headers)
        return connection.getresponse(), connection
    except BaseException:
        connection.close()
        raise


def _taken(
    answer: http.client.HTTPResponse,
    url: str,
    *,
    seen: list[str],
    lasting: bool,
    known: Validators | None,
    limits: Limits,
) -> Fetched:
    """The document of a final answer."""
    given = Validators(_header(answer, "ETag"), _header(answer, "Last-Modified"))
    moved = url if lasting and len(seen) > 1 else None
    if answer.status == 304 and known is not None:
        return Fetched(304, b"", Validators(given.etag or known.etag, given.last_modified or known.last_modified), url)
    if answer.status != 200:
        raise FetchError(f"{shown(url)} answers {answer.status}: {_said(answer)}.", answer.status)
    try:
        body = read_body(answer, limits.size)
    except TooLargeError as error:
        raise FetchError(f"{shown(url)} is too large: {error}. It was not read.") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise FetchError(f"{shown(url)} cannot be fetched: {_why(error, limits)}.") from error
    kind = answer.headers.get_content_type() if answer.headers.get("Content-Type") else ""
    return Fetched(200, body, given, url, kind, answer.headers.get_content_charset(), moved, tuple(seen[1:]))


def _header(answer: http.client.HTTPResponse, name: str) -> str:
    """A header that can be sent back: short, and nothing but what a header may hold."""
    value = answer.getheader(name) or ""
    return value if len(value) <= 1000 and value.isascii() and value.isprintable() else ""


def _said(answer: http.client.HTTPResponse) -> str:
    after = (answer.getheader("Retry-After") or "").strip()
    if answer.status in (429, 503) and after.isdigit() and len(after) < 7:
        return f"it asks to wait; try again in {int(after):,} seconds"
    if answer.status >= 500:
        return "it is out of order; what was fetched stays, try again later"
    reason = answer.reason.strip() or "unknown"
    return _SAID.get(answer.status, f"it does not give the document ({reason[:80]})")


def _why(error: Exception, limits: Limits) -> str:
    """What went wrong, in words for somebody who did not write a network stack."""
    if isinstance(error, TimeoutError):
        return f"it took longer than {limits.seconds:.0f} seconds; try again later"
    if isinstance(error, ssl.SSLError):
        if isinstance(error, ssl.SSLCertVerificationError):
            said = (
                f"its certificate is not valid ({error.verify_message}); a wrong clock on this machine looks the same"
            )
        else:
            said = f"no secure connection can be made ({error.reason or error})"
        return said
    if isinstance(error, http.client.HTTPException):
        if isinstance(error, http.client.IncompleteRead):
            return "the connection broke off before the end; try again"
        return f"the server does not speak HTTP as it should ({type(error).__name__}: {str(error)[:100]})"
    if isinstance(error, OSError):
        return f"{(error.strerror or str(error) or type(error).__name__).lower()}; try again later"
    return str(error)


@cache
def user_agent() -> str:
    """How we call ourselves."""
    from zunda_mcp import __version__

    return f"zunda-mcp/{__version__} (feed reader; one user's own)"
