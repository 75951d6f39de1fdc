"""Options of the HTTP server, each checked when it is given."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from zunda_mcp.errors import SettingsError

__all__ = [
    "DEFAULT_HOST",
    "HOST",
    "MCP_PATH",
    "HttpOptions",
    "Limits",
    "OAuthOptions",
    "check_url",
    "is_loopback",
    "read_address",
]

MCP_PATH = "/mcp"
DEFAULT_HOST = "127.0.0.1"
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")

HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:/?#@\\,\s]+)(:[0-9]*)?", re.IGNORECASE | re.ASCII)
"""A host and an optional port (RFC 3986, section 3.2); ``urlsplit`` also accepts ``[::1].example.org`` and the like."""
_ORIGIN = re.compile(rf"https?://{HOST.pattern}/?", re.IGNORECASE | re.ASCII)
"""A web page's origin (RFC 6454), as browsers send it."""


@dataclass(frozen=True)
class Limits:
    """What all clients together may use; limits for each client are a proxy's job.

    A request's body may take ``body_seconds`` and ``body_bytes``, and up to ``connections`` are open. After a signal to
    stop, calls have ``stop_seconds`` to finish.
    """

    body_bytes: int = 4 * 1024 * 1024
    body_seconds: float = 30.0
    connections: int = 512
    stop_seconds: float = 0.3


@dataclass(frozen=True)
class OAuthOptions:
    """Which access tokens are accepted: signed JWTs of ``issuer`` for one of ``audiences``, with all of ``scopes``.

    The default audience is the server's own public URL (RFC 8707).
    """

    issuer: str
    audiences: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_url("--oauth-issuer", self.issuer)
        for scope in self.scopes:
            if not re.fullmatch(r"[!#-\[\]-~]+", scope):
                raise SettingsError(f"--oauth-scope {scope} is not a scope; give one word, repeat the flag for more.")


@dataclass(frozen=True)
class HttpOptions:
    """Where to serve, and whom.

    ``allow_hosts`` are further names clients may use for this server (``example.org``, or with a port),
    ``allow_origins`` are web pages that may call it (``https://app.example.org``), ``public_url`` is the address
    that clients use when the server is behind a proxy. ``public_page`` opens the pages for browsers to everybody even
    where clients need a token, ``no_token`` both, to whoever reaches the address. ``archives`` are the names that a
    token may be bound to, None where nobody knows them yet.
    Raises ``SettingsError`` for an invalid value.
    """

    host: str = DEFAULT_HOST
    port: int = 8765
    stateless: bool = False
    allow_hosts: tuple[str, ...] = ()
    allow_origins: tuple[str, ...] = ()
    token_file: Path | None = None
    oauth: OAuthOptions | None = None
    public_url: str | None = None
    public_page: bool = False
    no_token: bool = False
    limits: Limits = field(default_factory=Limits)
    archives: frozenset[str] | None = None

    def __post_init__(self) -> None:
        for flag, values, pattern, example in (
            ("--allow-host", self.allow_hosts, HOST, "example.org or example.org:8443"),
            ("--allow-origin", self.allow_origins, _ORIGIN, "https://app.example.org"),
        ):
            for value in values:
                if not pattern.fullmatch(value):
                    raise SettingsError(f"{flag} {value} is not understood; write it like {example}.")
        if self.no_token and self.guarded:
            raise SettingsError("--no-token lets everybody in; leave out --token-file and --oauth-issuer, or it.")
        if self.public_url is not None:
            check_url("--public-url", self.public_url, secure=self.oauth is not None)

    @property
    def wildcard(self) -> bool:
        """Whether the server listens on every address of the machine."""
        return self.host in {"0.0.0.0", "::", ""}  # noqa: S104  (compared, not bound)

    @property
    def guarded(self) -> bool:
        """Whether a client must show a token."""
        return self.token_file is not None or self.oauth is not None

    @property
    def names(self) -> set[str]:
        """The hosts that this server answers to, in small letters; without a port, with every port."""
        own = {f"[{self.host}]" if ":" in self.host else self.host, urlsplit(self.public_url or "").hostname or ""}
        local = _LOOPBACK_NAMES if self.wildcard or is_loopback(self.host) else ()
        return {name.lower() for name in (*own, *local, *self.allow_hosts) if name}

    @property
    def url(self) -> str:
        """The address for clients; OAuth calls it the resource."""
        if self.public_url is not None:
            url = self.public_url.rstrip("/")
            return url if urlsplit(url).path else url + MCP_PATH
        host = "127.0.0.1" if self.wildcard else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}{MCP_PATH}"

    @property
    def page_url(self) -> str:
        """The address of the pages for browsers."""
        return self.url.removesuffix(MCP_PATH).rstrip("/") + "/"


def read_address(text: str) -> tuple[str, int]:
    """Host and port of ``127.0.0.1:8765``, ``[::1]:8765``, ``localhost:8765`` or ``8765``; port 0 is any free one.

    Raises ``SettingsError`` for anything else.
    """
    try:
        parts = urlsplit(f"//{text.strip() if ':' in text else f':{text.strip()}'}")
        if parts.port is not None and parts.netloc and not parts.path:
            return parts.hostname or DEFAULT_HOST, parts.port
    except ValueError:
        pass
    raise SettingsError(
        f"--http {text} is not an address; write it like --http {DEFAULT_HOST}:8765 or --http [::1]:8765."
    )


def check_url(flag: str, url: str, *, secure: bool = True) -> None:
    """Raise ``SettingsError`` unless it is a URL without query and fragment; ``secure``: HTTPS, or on this machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if secure and parts.scheme == "http" and not is_loopback(host):
        raise SettingsError(f"{flag} {url} must begin with https://, because tokens depend on it.")
    plain = url.isascii() and url.isprintable() and not set(url) & set(' "#?\\')
    if parts.scheme not in {"http", "https"} or not host or not plain:
        raise SettingsError(f"{flag} {url} is not an address; write it like https://zunda.example.org.")


def is_loopback(host: str) -> bool:
    """Whether a name or an address always means this machine."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host.lower() == "localhost"
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
