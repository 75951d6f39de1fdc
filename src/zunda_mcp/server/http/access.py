"""Who may use the server: bearer tokens (RFC 6750) of a file or of an OAuth issuer.

The SDK reads the header, asks ``Access`` as its ``TokenVerifier``, and refuses whom it does not know; a client without
a token learns from ``WWW-Authenticate`` where to get one (RFC 9728; MCP specification, Authorization).
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser, BearerAuthBackend, RequireAuthMiddleware
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.routes import build_resource_metadata_url
from pydantic import AnyHttpUrl
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import HTTPConnection

from zunda_mcp.errors import SettingsError
from zunda_mcp.server.http.options import HttpOptions

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Scope

__all__ = ["Access", "TokenFile"]

_log = logging.getLogger(__name__)

_MIN_LENGTH, _MAX_FILE_BYTES = 16, 1024 * 1024
_ADVICE = 'write one with: python3 -c "import secrets; print(secrets.token_urlsafe(32))"'


class Access:
    """Checks tokens; without a token file and an issuer, everyone may. Implements the SDK's ``TokenVerifier``.

    Raises ``SettingsError`` if the token file cannot be used.
    """

    def __init__(self, options: HttpOptions) -> None:
        self._options = options
        self._scopes = list(options.oauth.scopes) if options.oauth is not None else []
        self._file = TokenFile(options.token_file) if options.token_file is not None else None
        self._jwt = None
        if options.oauth is not None:
            from zunda_mcp.server.http.oauth import JwtVerifier  # start-up: PyJWT and httpx2 only with OAuth

            self._jwt = JwtVerifier(options.oauth, options.url)
        self._backend = BearerAuthBackend(self)

    async def verify_token(self, token: str) -> AccessToken | None:
        """A token of the file, which has every scope, or else of the issuer."""
        token = token.strip()
        if self._file is not None and (name := self._file.name_of(token)) is not None:
            return AccessToken(token="", client_id=name, scopes=self._scopes)
        return await self._jwt.verify_token(token) if self._jwt is not None else None

    def protect(self, app: ASGIApp) -> ASGIApp:
        """The application behind the SDK's check of tokens, where any are needed."""
        if not self._options.guarded:
            return app
        url = build_resource_metadata_url(AnyHttpUrl(self._options.url)) if self._jwt is not None else None
        required = RequireAuthMiddleware(AuthContextMiddleware(app), self._scopes, url)
        return AuthenticationMiddleware(required, self._backend)

    def metadata(self, path: str) -> dict[str, Any] | None:
        """The protected resource metadata (RFC 9728) for one of their paths, else ``None``.

        They name the issuer as it names itself: clients compare the spelling.
        """
        root = "/.well-known/oauth-protected-resource"
        if self._jwt is None or path not in (root, root + urlsplit(self._options.url).path):
            return None
        return {
            "resource": self._options.url,
            "authorization_servers": [self._jwt.keys.issuer],
            "bearer_methods_supported": ["header"],
            "resource_name": "zunda-mcp",
            **({"scopes_supported": self._scopes} if self._scopes else {}),
        }

    async def is_authenticated(self, scope: Scope) -> bool:
        """Whether a request shows a valid token, or needs none."""
        return not self._options.guarded or await self._backend.authenticate(HTTPConnection(scope)) is not None

    def is_valid(self, scope: Scope) -> bool:
        """Whether the token of an open request is still valid: not expired, or still a line of the file."""
        user = scope.get("user")
        if not isinstance(user, AuthenticatedUser):
            return True
        token = user.access_token
        if token.expires_at is not None:
            return time.time() < token.expires_at
        return self._file is not None and token.client_id in self._file.digests()


class TokenFile:
    """The tokens of a file, one per line, of which only digests are kept. The file is read again when it changes.

    ``check_seconds`` is how often it is checked for changes. Raises ``SettingsError`` if the file cannot be read, is
    open to other users, or holds no valid token. If that happens later, no token is valid until the file is mended.
    """

    def __init__(self, path: Path, check_seconds: float = 1.0) -> None:
        self._path, self._check_seconds = path, check_seconds
        self._digests, self._checked_at = _read(path), time.monotonic()

    def name_of(self, token: str) -> str | None:
        """What a token of the file is called, which is made from its digest; ``None`` for any other."""
        digest, match = _digest(token), None
        for name, expected in self.digests().items():  # always all of them, so that the time tells nothing
            if hmac.compare_digest(expected, digest):
                match = name
        return match

    def digests(self) -> dict[str, bytes]:
        """The digests of all valid tokens by name."""
        if time.monotonic() - self._checked_at >= self._check_seconds:
            try:
                self._digests = _read(self._path)
            except SettingsError as error:
                if self._digests:
                    _log.warning("%s Until then every token is refused.", error)
                self._digests = {}
            self._checked_at = time.monotonic()
        return self._digests


def _read(path: Path) -> dict[str, bytes]:
    try:
        with path.open("rb") as file:
            if os.name == "posix" and _is_shared(os.fstat(file.fileno())):
                raise SettingsError(f"--token-file {path} can be read by other users; run: chmod 600 {path}")
            lines = [line.strip() for line in file.read(_MAX_FILE_BYTES).decode("utf-8-sig").splitlines()]
    except (OSError, ValueError) as error:
        cause = error.strerror or type(error).__name__ if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(f"--token-file {path} cannot be read ({cause}); {_ADVICE}") from error
    tokens = [line for line in lines if line and not line.startswith("#")]
    if not tokens:
        raise SettingsError(f"--token-file {path} contains no token; {_ADVICE}")
    for number, token in enumerate(tokens, start=1):
        if len(token) < _MIN_LENGTH or not all("!" <= character <= "~" for character in token):
            needs = f"{_MIN_LENGTH} or more ASCII letters, digits and signs"
            raise SettingsError(f"--token-file {path}: token {number} needs {needs}; {_ADVICE}")
    return {f"token-{hashlib.sha256(digest).hexdigest()[:12]}": digest for digest in map(_digest, tokens)}


def _is_shared(status: os.stat_result) -> bool:
    """Whether other users can read or write the file. A group may if the file belongs to another user, like a mounted
    secret, which this server could not read otherwise.
    """
    user = os.geteuid() if os.name == "posix" else None
    group = stat.S_IRWXG if status.st_uid == user else 0
    return bool(status.st_mode & (stat.S_IRWXO | group))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
