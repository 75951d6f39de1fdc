"""What the user decides about serving over HTTP, checked where one value alone can be wrong."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from zunda_mcp.errors import SettingsError

MCP_PATH = "/mcp"
DEFAULT_HOST = "127.0.0.1"
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Limits:
    """How much a client may take of the server.

    ``body_bytes`` is the largest body of one request, ``bodies_bytes`` of all bodies held at once. ``head_seconds`` is
    how long a connection may be silent or take to send the head of a request, ``body_seconds`` how long a body may
    take, ``request_seconds`` how long an answer may take, ``write_seconds`` how long a client may not read.
    ``requests`` are answered at once, ``streams`` (of notices) are open at once, ``connections`` are open at once.
    ``stop_seconds`` is how long requests may go on after a signal to stop.
    """

    body_bytes: int = 4 * 1024 * 1024
    bodies_bytes: int = 64 * 1024 * 1024
    head_seconds: float = 10.0
    body_seconds: float = 30.0
    request_seconds: float = 120.0
    write_seconds: float = 30.0
    requests: int = 64
    streams: int = 256
    sessions: int = 2000
    connections: int = 512
    stop_seconds: float = 0.3


@dataclass(frozen=True)
class OAuthOptions:
    """Whose access tokens count: signed JWTs of ``issuer``, meant for one of ``audiences``, with all of ``scopes``.

    Without audiences, tokens must be meant for the server's own public URL (RFC 8707).
    """

    issuer: str
    audiences: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_url("--oauth-issuer", self.issuer)
        for scope in self.scopes:
            if not re.fullmatch(r"[!#-\[\]-~]+", scope):
                raise SettingsError(f"--oauth-scope {scope} is no scope; give one word, and repeat the flag for more.")


@dataclass(frozen=True)
class HttpOptions:
    """Where to serve, and to whom.

    ``allow_hosts`` are further names clients may use for this server (``example.org``, or with a port),
    ``allow_origins`` the web pages that may speak to it (``https://app.example.org``), ``public_url`` is the address
    that clients use where a proxy stands in front. Raises ``SettingsError`` for a value that cannot be meant.
    """

    host: str = DEFAULT_HOST
    port: int = 8765
    stateless: bool = False
    allow_hosts: tuple[str, ...] = ()
    allow_origins: tuple[str, ...] = ()
    token_file: Path | None = None
    oauth: OAuthOptions | None = None
    public_url: str | None = None
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        for origin in self.allow_origins:
            split_origin(origin, "--allow-origin")
        for host in self.allow_hosts:
            if not HOST.fullmatch(host):
                raise SettingsError(f"--allow-host {host} is no host; write it like example.org or example.org:8443.")
        if self.public_url is not None:
            if self.oauth is not None:
                check_url("--public-url", self.public_url)
            elif urlsplit(self.public_url).scheme not in {"http", "https"} or not urlsplit(self.public_url).hostname:
                raise SettingsError(
                    f"--public-url {self.public_url} is no address; write https://example.org{MCP_PATH}."
                )

    @property
    def wildcard(self) -> bool:
        """Whether every address of the machine is served."""
        return self.host in {"0.0.0.0", "::", ""}  # noqa: S104  (asked about, not bound)

    @property
    def guarded(self) -> bool:
        """Whether a client must show a token."""
        return self.token_file is not None or self.oauth is not None

    @property
    def url(self) -> str:
        """The address to give to a client; also what OAuth calls the resource."""
        if self.public_url is not None:
            bare = self.public_url.rstrip("/")
            return bare if urlsplit(bare).path else bare + MCP_PATH
        host = "127.0.0.1" if self.wildcard else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}{MCP_PATH}"


def read_address(text: str) -> tuple[str, int]:
    """Host and port of ``127.0.0.1:8765``, ``[::1]:8765``, ``localhost:8765`` or ``8765``; port 0 is any free one.

    Raises ``SettingsError`` for anything else.
    """
    host, _, port = text.strip().rpartition(":")
    host = host or DEFAULT_HOST
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        host = ""
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise SettingsError(
            f"--http {text} is no address; write it like --http {DEFAULT_HOST}:8765 or --http [::1]:8765."
        )
    return host, int(port)


HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:/?#@\\,\s]+)(:[0-9]*)?", re.IGNORECASE | re.ASCII)
"""A name or an address and a port (RFC 3986, section 3.2); ``urlsplit`` takes more, such as ``[::1].example.org``."""


def split_origin(text: str, place: str) -> str:
    """An origin (RFC 6454) in the form browsers send it; raises ``SettingsError`` where it is none."""
    scheme, _, host = text.strip().lower().rstrip("/").partition("://")
    if scheme not in {"http", "https"} or not HOST.fullmatch(host):
        raise SettingsError(f"{place} {text} is no origin; write it like https://app.example.org.")
    return f"{scheme}://{host.removesuffix(':80' if scheme == 'http' else ':443')}"


def check_url(place: str, url: str) -> None:
    """Raises ``SettingsError`` unless the URL is HTTPS, or HTTP on this machine, without query and fragment."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme == "http" and not is_loopback(host):
        raise SettingsError(f"{place} {url} must begin with https:// since tokens depend on it.")
    plain = url.isascii() and url.isprintable() and not set(url) & set(' "#?\\')
    if parts.scheme not in {"http", "https"} or not host or not plain:
        raise SettingsError(f"{place} {url} is no address; write it like https://auth.example.org.")


def is_loopback(host: str) -> bool:
    """Whether a name or address can only mean this machine."""
    if host.lower() in LOOPBACK_NAMES:
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
