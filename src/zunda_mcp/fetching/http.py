"""One document over HTTP: conditional, bounded in size and time, redirects looked at one by one.

Conditional requests as RFC 9110, 13, has them. What the server's content is called does not count; its bytes do.
"""

from __future__ import annotations

import base64
import http.client
import ssl
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from zunda_mcp.errors import FetchError
from zunda_mcp.fetching.addresses import resolve
from zunda_mcp.fetching.bodies import TooLargeError, read_body
from zunda_mcp.fetching.pinned import Deadline, PinnedConnection, tls

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
    from zunda_mcp.archive.urls import encoded

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
