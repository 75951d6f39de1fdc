"""The options of the HTTP server, checked when they are made, and its token file: one token a line, readable only by
the owner. A line ``TOKEN archives=NAME,NAME`` binds a token to some of several archives.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
import os
import re
import stat
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from zunda_mcp.config.files import open_regular
from zunda_mcp.errors import SettingsError

__all__ = [
    "DEFAULT_HOST", "HOST", "MCP_PATH", "HttpLimits", "HttpOptions", "OAuthOptions", "StoredToken", "TokenFile",
    "check_url", "is_loopback", "read_address",
]  # fmt: skip

MCP_PATH = "/mcp"
DEFAULT_HOST = "127.0.0.1"
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")

HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:/?#@\\,\s]+)(:[0-9]*)?", re.IGNORECASE | re.ASCII)
"""A host and an optional port (RFC 3986, section 3.2); ``urlsplit`` also accepts ``[::1].example.org`` and the like."""
_ORIGIN = re.compile(rf"https?://{HOST.pattern}/?", re.IGNORECASE | re.ASCII)
"""A web page's origin (RFC 6454), as browsers send it."""


@dataclass(frozen=True)
class HttpLimits:
    """Limits for all clients together; limits for each client are a proxy's job.

    A request body must arrive within ``body_seconds`` and have at most ``body_bytes``. At most ``connections`` are open
    at once. After a signal to stop, calls have ``stop_seconds`` to finish.
    """

    body_bytes: int = 4 * 1024 * 1024
    body_seconds: float = 30.0
    connections: int = 512
    stop_seconds: float = 0.3


@dataclass(frozen=True)
class OAuthOptions:
    """Which access tokens are accepted: JWTs signed by ``issuer`` for one of ``audiences``, with all of ``scopes``.

    Without ``audiences`` it is the server's own public URL (RFC 8707).
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
    """The address to serve on, and who may use it. Raises ``SettingsError`` for an invalid value.

    ``allow_hosts`` are further names clients may use for this server (``example.org``, or with a port).
    ``allow_origins`` are the web pages that may call it (``https://app.example.org``). ``public_url`` is the address
    that clients use if the server is behind a proxy. ``public_page`` shows the pages for browsers without a token, even
    if clients need one; ``no_token`` lets everybody use both pages and endpoint. ``archives`` are the names that a
    token may be bound to, None if they are not known yet.
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
    limits: HttpLimits = field(default_factory=HttpLimits)
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
            raise SettingsError("--no-token lets everybody in; leave it out, or both --token-file and --oauth-issuer.")
        if self.public_url is not None:
            check_url("--public-url", self.public_url, secure=self.oauth is not None)

    @property
    def wildcard(self) -> bool:
        """Whether the server listens on all addresses of the machine."""
        return self.host in {"0.0.0.0", "::", ""}  # noqa: S104  (compared, not bound)

    @property
    def guarded(self) -> bool:
        """Whether a client must show a token."""
        return self.token_file is not None or self.oauth is not None

    @property
    def names(self) -> set[str]:
        """The host names that this server answers to, in lower case. A name without a port is valid with any port."""
        own = {f"[{self.host}]" if ":" in self.host else self.host, urlsplit(self.public_url or "").hostname or ""}
        local = _LOOPBACK_NAMES if self.wildcard or is_loopback(self.host) else ()
        return {name.lower() for name in (*own, *local, *self.allow_hosts) if name}

    @property
    def url(self) -> str:
        """The URL of the endpoint for clients, which OAuth calls the resource."""
        if self.public_url is not None:
            url = self.public_url.rstrip("/")
            return url if urlsplit(url).path else url + MCP_PATH
        host = "127.0.0.1" if self.wildcard else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}{MCP_PATH}"

    @property
    def page_url(self) -> str:
        """The URL of the pages for browsers."""
        return self.url.removesuffix(MCP_PATH).rstrip("/") + "/"


def read_address(text: str) -> tuple[str, int]:
    """Return host and port of ``127.0.0.1:8765``, ``[::1]:8765``, ``localhost:8765`` or ``8765``; 0 is any free port.

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
    """Raise ``SettingsError`` unless it is a URL without query or fragment; if ``secure``, HTTPS or this machine's."""
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


_log = logging.getLogger(__name__)

_MIN_LENGTH, _MAX_FILE_BYTES = 16, 1024 * 1024
_BOUND = "archives="
_ADVICE = 'write one with: python3 -c "import secrets; print(secrets.token_urlsafe(32))"'


class StoredToken(NamedTuple):
    """What is kept of a token: a name made from it, its digest, and the archives it is bound to (None: all)."""

    name: str
    digest: bytes
    archives: frozenset[str] | None


class TokenFile:
    """The tokens in a file; only their digests stay in memory.

    It is read again on use, at most every ``check_seconds``. ``archives`` are the names that a token may be bound to,
    None if they are not known. Raises ``SettingsError`` if the file cannot be read, is open to other users, has an
    invalid line or no token. If that happens later, all tokens are refused until the file is corrected.
    """

    def __init__(self, path: Path, archives: frozenset[str] | None = None, check_seconds: float = 1.0) -> None:
        self._path, self._archives, self._check_seconds = path, archives, check_seconds
        self._tokens, self._checked_at = _read(path, archives), time.monotonic()

    def find(self, token: str) -> StoredToken | None:
        """Return the entry of a token, None if the file does not contain it."""
        digest, match = _digest(token), None
        for one in self.tokens():  # always all of them, so that the time reveals nothing
            if hmac.compare_digest(one.digest, digest):
                match = one
        return match

    def tokens(self) -> Sequence[StoredToken]:
        """Return all valid tokens."""
        if time.monotonic() - self._checked_at >= self._check_seconds:
            try:
                self._tokens = _read(self._path, self._archives)
            except SettingsError as error:
                if self._tokens:
                    _log.warning("%s Until then every token is refused.", error)
                self._tokens = []
            self._checked_at = time.monotonic()
        return self._tokens


def _read(path: Path, archives: frozenset[str] | None) -> list[StoredToken]:
    try:
        with open_regular(path) as file:
            if os.name == "posix" and _is_shared(os.fstat(file.fileno())):
                raise SettingsError(f"--token-file {path} can be read by other users; run: chmod 600 {path}")
            lines = [line.split() for line in file.read(_MAX_FILE_BYTES).decode("utf-8-sig").splitlines()]
    except (OSError, ValueError) as error:
        cause = error.strerror or type(error).__name__ if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(f"--token-file {path} cannot be read ({cause}); {_ADVICE}") from error
    tokens: dict[bytes, StoredToken] = {}
    for number, (text, *bound) in enumerate((line for line in lines if line and line[0][0] != "#"), start=1):
        where = f"--token-file {path}: token {number}"
        if len(text) < _MIN_LENGTH or not all("!" <= character <= "~" for character in text):
            raise SettingsError(f"{where} needs {_MIN_LENGTH} or more ASCII letters, digits and signs; {_ADVICE}")
        digest = _digest(text)
        if digest in tokens:
            raise SettingsError(f"{where} is listed twice; delete one of the lines.")
        name = f"token-{hashlib.sha256(digest).hexdigest()[:12]}"
        tokens[digest] = StoredToken(name, digest, _bound(bound, archives, where))
    if not tokens:
        raise SettingsError(f"--token-file {path} contains no token; {_ADVICE}")
    return list(tokens.values())


def _bound(words: Sequence[str], there: frozenset[str] | None, where: str) -> frozenset[str] | None:
    """Return the archives named after a token, None if none are. Raises ``SettingsError`` if they cannot be used."""
    if not words:
        return None
    names = words[0].removeprefix(_BOUND).split(",")
    if len(words) > 1 or not words[0].startswith(_BOUND) or not all(names):
        raise SettingsError(f"{where} is followed by something other than {_BOUND}NAME,NAME; {_ADVICE}")
    if there is not None and (strange := [name for name in names if name not in there]):
        list_of_them = f"there are {', '.join(sorted(there))}." if there else "there is one archive, which has no name."
        raise SettingsError(f"{where} is bound to an archive {strange[0]} that does not exist; {list_of_them}")
    return frozenset(names)


def _is_shared(status: os.stat_result) -> bool:
    """Whether users who should not can use the file. Its group may if another user owns it, as with mounted secrets."""
    user = os.geteuid() if os.name == "posix" else None
    return bool(status.st_mode & (stat.S_IRWXO | (stat.S_IRWXG if status.st_uid == user else 0)))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
