"""Fetch one document over HTTP: conditionally, with limits for size and time, and with each redirect checked.

httpx2 does the HTTP; ``transport`` decides where a connection may go and when it must end. Conditional requests follow
RFC 9110, section 13. The media type that a server states is ignored.

The decoders of httpx2 stop after the first gzip member and accept a truncated body. So bodies are read raw and
decompressed here, up to the size that the caller allows. We ask for ``gzip``, and for ``deflate`` with or without the
zlib header that RFC 9110, section 8.4.1.2 requires and some servers omit.
"""

from __future__ import annotations

import ssl
import zlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from zunda_mcp.errors import FetchError
from zunda_mcp.text.urls import encoded

if TYPE_CHECKING:
    import httpx2

__all__ = ["FetchLimits", "FetchedDocument", "Validators", "fetch", "mebibytes", "without_password"]

_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml, text/x-opml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.5, */*;q=0.1"
)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_ADVICE = {
    401: "it asks for a password; write it into the address (https://NAME:PASSWORD@host/…)",
    403: "it forbids this; ask its owner, or try the address in a browser",
    404: "there is nothing at this address any more; look for the new one on the show's page",
    410: "it is gone for good; what was fetched stays, and zunda-mcp remove NAME takes it away",
    429: "it was asked too often; try again later",
}


@dataclass(frozen=True, slots=True)
class Validators:
    """The ``ETag`` and ``Last-Modified`` headers by which a server recognises a version, unchanged."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """The most bytes after decompression, seconds in all, and redirects."""

    size: int = 32 * 1024 * 1024
    seconds: float = 60.0
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class FetchedDocument:
    """What a server sent. ``status`` is 200, or 304 if nothing changed (then ``body`` is empty).

    ``final_url`` is the address after redirects; ``moved_to`` is the same if all redirects were permanent, so that
    later requests should use it. ``charset`` is the encoding that the server states.
    """

    status: int
    body: bytes
    validators: Validators
    final_url: str
    charset: str | None = None
    moved_to: str | None = None


def fetch(
    url: str,
    validators: Validators | None = None,
    limits: FetchLimits | None = None,
    *,
    private_hosts: Collection[str] = (),
) -> FetchedDocument:
    """Fetch a document.

    ``validators`` of an earlier answer make the request conditional. Only ``private_hosts``, which the user named, may
    have private addresses. Raises ``FetchError``, with the cause and what to do, unless a complete document arrives.
    """
    import httpx2  # start-up

    from zunda_mcp.sources.transport import CheckedTransport  # start-up

    limits = limits or FetchLimits()
    first = here = _checked_url(url)
    visited = [here]
    permanent = True
    transport = CheckedTransport(private_hosts, limits.seconds)
    with httpx2.Client(transport=transport, trust_env=False, headers=_headers(validators)) as client:
        while True:
            response = _send(client, here, first, limits)
            with closing(response):
                location = response.headers.get("Location", "")
                if response.status_code not in _REDIRECTS or not location:
                    moved_to = here if permanent and len(visited) > 1 else None
                    return _document(response, visited, moved_to, validators, limits)
                permanent = permanent and response.status_code in _PERMANENT
                here = _redirect_target(location, visited, limits)
                visited.append(here)


def without_password(url: str) -> str:
    """Return a URL without user name and password, so that it can be shown.

    >>> without_password("https://me:secret@show.example/feed.xml")
    'https://show.example/feed.xml'
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _checked_url(url: str) -> str:
    """Return a URL ready for a request. Raises ``FetchError`` if it is malformed or not http or https."""
    try:
        parts = urlsplit(url.strip())
        host, _port = parts.hostname, parts.port
        if host:
            host.encode("idna")
    except (ValueError, UnicodeError):
        raise _unusable(url) from None
    if parts.scheme not in ("http", "https") or not host:
        raise FetchError(f"{without_password(url)[:200]} is not a web address. Only http:// and https:// work.")
    return urlunsplit(urlsplit(encoded(url.strip()))._replace(fragment=""))


def _unusable(url: str) -> FetchError:
    return FetchError(
        f"{without_password(url)[:200]} is not a usable address. Write it like https://example.org/feed.xml"
    )


def _redirect_target(location: str, visited: list[str], limits: FetchLimits) -> str:
    """Return the URL that a redirect leads to. Raises ``FetchError`` if it must not be followed."""
    first, here = without_password(visited[0]), visited[-1]
    try:
        target = _checked_url(urljoin(here, location))
    except ValueError:
        raise FetchError(
            f"{without_password(here)} redirects to {location[:200]!r}, which is not an address."
        ) from None
    if target in visited:
        raise FetchError(
            f"{first} redirects in a circle, by way of {without_password(target)}. Try the show's page for its feed."
        )
    if len(visited) > limits.redirects:
        raise FetchError(f"{first} redirects more than {limits.redirects} times. Try the show's page for its feed.")
    if urlsplit(here).scheme == "https" and urlsplit(target).scheme == "http":
        raise FetchError(
            f"{without_password(here)} redirects to {without_password(target)}, which is not encrypted. "
            "If that is meant, add that."
        )
    return target


def _headers(validators: Validators | None) -> dict[str, str]:
    headers = {
        "User-Agent": _user_agent(),
        "Accept": _ACCEPT,
        "Accept-Encoding": "gzip, deflate",
        "Connection": "close",
    }
    if validators and validators.etag:
        headers["If-None-Match"] = validators.etag
    if validators and validators.last_modified:
        headers["If-Modified-Since"] = validators.last_modified
    return headers


def _send(client: httpx2.Client, url: str, first: str, limits: FetchLimits) -> httpx2.Response:
    """Request one URL. The password in ``first`` is sent only to the same origin (scheme, host and port)."""
    import httpcore2  # start-up
    import httpx2  # start-up

    parts, origin = urlsplit(url), urlsplit(first)
    auth = None
    if origin.username and (origin.scheme, origin.hostname, origin.port) == (parts.scheme, parts.hostname, parts.port):
        auth = httpx2.BasicAuth(unquote(origin.username), unquote(origin.password or ""))
    try:
        return client.send(client.build_request("GET", without_password(url)), auth=auth, stream=True)
    except httpx2.InvalidURL:
        raise _unusable(url) from None
    except httpcore2.ProtocolError as error:
        raise _failure(url, f"the server does not speak HTTP as it should ({str(error)[:100]})") from error
    except (OSError, httpcore2.TimeoutException, httpcore2.NetworkError) as error:
        raise _failure(url, _network_cause(error, limits)) from error


def _document(
    response: httpx2.Response,
    visited: list[str],
    moved_to: str | None,
    validators: Validators | None,
    limits: FetchLimits,
) -> FetchedDocument:
    """Read a response that is not a redirect. Raises ``FetchError`` as ``fetch`` does."""
    import httpcore2  # start-up

    url = visited[-1]
    given = Validators(_sendable(response, "ETag"), _sendable(response, "Last-Modified"))
    if response.status_code == 304 and validators is not None:
        kept = Validators(given.etag or validators.etag, given.last_modified or validators.last_modified)
        return FetchedDocument(304, b"", kept, url)
    if response.status_code != 200:
        status = response.status_code
        raise FetchError(f"{without_password(url)} answers {status}: {_advice(response)}.", status)
    try:
        announced = response.headers.get("Content-Length", "")
        if announced.isdigit() and int(announced) > limits.size:
            raise _TooLargeError(f"it announces {mebibytes(int(announced))}, and {mebibytes(limits.size)} is the limit")
        body = _read_limited(response.iter_raw(), response.headers.get("Content-Encoding", ""), limits.size)
    except _TooLargeError as error:
        raise FetchError(f"{without_password(url)} is too large: {error}. It was not read.") from None
    except (_TruncatedError, httpcore2.ProtocolError) as error:
        raise _failure(url, "the connection broke off before the end; try again") from error
    except ValueError as error:
        raise _failure(url, str(error)) from error
    except (OSError, httpcore2.TimeoutException, httpcore2.NetworkError) as error:
        raise _failure(url, _network_cause(error, limits)) from error
    charset = response.charset_encoding
    return FetchedDocument(200, body, given, url, charset and charset.lower(), moved_to)


def _failure(url: str, cause: str) -> FetchError:
    return FetchError(f"{without_password(url)} cannot be fetched: {cause}.")


def _sendable(response: httpx2.Response, name: str) -> str:
    """Return a header of the response if it can be sent back: short and printable ASCII; ``""`` if not."""
    value = response.headers.get(name, "")
    return value if len(value) <= 1000 and value.isascii() and value.isprintable() else ""


def _advice(response: httpx2.Response) -> str:
    status = response.status_code
    after = response.headers.get("Retry-After", "").strip()
    if status in (429, 503) and after.isdigit() and len(after) < 7:
        return f"it asks to wait; try again in {int(after):,} seconds"
    if status >= 500:
        return "the server has a fault; what was fetched stays, try again later"
    reason = response.reason_phrase.strip() or "unknown"
    return _ADVICE.get(status, f"it does not give the document ({reason[:80]})")


def _network_cause(error: Exception, limits: FetchLimits) -> str:
    """Return why a connection failed, in plain words."""
    import httpcore2  # start-up

    if isinstance(error, (TimeoutError, httpcore2.TimeoutException)):
        return f"it took longer than {limits.seconds:.0f} seconds; try again later"
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, OSError):
        cause = cause.__cause__ or cause.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not valid ({cause.verify_message}); a wrong clock on this machine looks the same"
    if isinstance(cause, ssl.SSLError):
        return f"no secure connection can be made ({cause.reason or cause})"
    return f"{((cause and cause.strerror) or str(error) or type(error).__name__).lower()}; try again later"


@cache
def _user_agent() -> str:
    from zunda_mcp import __version__  # start-up

    return f"zunda-mcp/{__version__} (feed reader; one user's own)"


_EITHER_HEADER = zlib.MAX_WBITS | 32  # zlib or gzip, whichever the data begins with
_ZLIB_FIRST_BYTES = (b"\x78", b"\x58", b"\x08")


class _TooLargeError(ValueError):
    """The body is larger than the limit, before or after decompression."""


class _TruncatedError(ValueError):
    """The compressed data is incomplete."""


def _read_limited(pieces: Iterable[bytes], encoding: str, limit: int) -> bytes:
    """Join and decompress the pieces of a body; ``encoding`` is its ``Content-Encoding`` header.

    Raises ``_TooLargeError`` if it has more than ``limit`` bytes, ``_TruncatedError``, and ``ValueError`` for an
    encoding that was not asked for or data that cannot be decompressed.
    """
    name = encoding.strip().lower()
    if name in ("gzip", "x-gzip", "deflate"):
        pieces = _decompress(pieces, limit, may_be_raw=name == "deflate")
    elif name not in ("", "identity"):
        raise ValueError(f"it is compressed as {name[:40]!r}, which was not asked for")
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > limit:
            raise _TooLargeError(f"it has more than {mebibytes(limit)}, which is the limit")
    return bytes(body)


def mebibytes(size: int) -> str:
    """Return a number of bytes as MiB, for a message."""
    return f"{size / 1024 / 1024:.0f} MiB"


def _decompress(pieces: Iterable[bytes], limit: int, *, may_be_raw: bool) -> Iterator[bytes]:
    stream = zlib.decompressobj(_EITHER_HEADER)
    begun = False
    for piece in pieces:
        if not begun and may_be_raw and piece[:1] not in _ZLIB_FIRST_BYTES:
            stream = zlib.decompressobj(-zlib.MAX_WBITS)
        rest = piece
        while rest:
            if stream.eof:  # another gzip member follows, or padding
                if not rest.strip(b"\0"):
                    break
                stream = zlib.decompressobj(_EITHER_HEADER)
            begun = True
            try:
                yield stream.decompress(rest, limit + 1)
            except zlib.error as error:
                raise ValueError(f"it cannot be decompressed ({error})") from None
            rest = stream.unconsumed_tail or stream.unused_data
    if begun and not stream.eof:
        raise _TruncatedError("the compressed data breaks off")
