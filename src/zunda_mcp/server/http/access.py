"""Who may use the server, and what of it: bearer tokens (RFC 6750) of a file or of an OAuth issuer.

The SDK reads the header, asks ``Access`` as its ``TokenVerifier``, and refuses whom it does not know; a client without
a token learns from ``WWW-Authenticate`` where to get one (RFC 9728; MCP specification, Authorization).
"""

from __future__ import annotations

import base64
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser, BearerAuthBackend, RequireAuthMiddleware
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.routes import build_resource_metadata_url
from pydantic import AnyHttpUrl
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import HTTPConnection

from zunda_mcp.config.http_options import HttpOptions
from zunda_mcp.config.token_file import TokenFile

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Scope

__all__ = ["Access", "BoundToken", "archives_of"]


class BoundToken(AccessToken):
    """A token of the file. ``archives`` are those that whoever has it may see; None are all."""

    archives: frozenset[str] | None = None


class Access:
    """Checks tokens; without a token file and an issuer, everyone may. Implements the SDK's ``TokenVerifier``.

    Raises ``SettingsError`` if the token file cannot be used.
    """

    def __init__(self, options: HttpOptions) -> None:
        self._options = options
        self._scopes = list(options.oauth.scopes) if options.oauth is not None else []
        self._file = TokenFile(options.token_file, options.archives) if options.token_file is not None else None
        self._jwt = None
        if options.oauth is not None:
            from zunda_mcp.server.http.oauth import JwtVerifier  # start-up: PyJWT and httpx2 only with OAuth

            self._jwt = JwtVerifier(options.oauth, options.url)

    async def verify_token(self, token: str) -> AccessToken | None:
        """A token of the file, which has every scope, or else of the issuer."""
        token = token.strip()
        if self._file is not None and (own := self._file.find(token)) is not None:
            return BoundToken(token="", client_id=own.name, scopes=self._scopes, archives=own.archives)
        return await self._jwt.verify_token(token) if self._jwt is not None else None

    def protect(self, app: ASGIApp) -> ASGIApp:
        """The application behind the SDK's check of tokens, where any are needed."""
        if not self._options.guarded:
            return app
        url = build_resource_metadata_url(AnyHttpUrl(self._options.url)) if self._jwt is not None else None
        required = RequireAuthMiddleware(AuthContextMiddleware(app), self._scopes, url)
        return AuthenticationMiddleware(required, BearerAuthBackend(self))

    def metadata(self, path: str) -> dict[str, Any] | None:
        """The protected resource metadata (RFC 9728) for one of their paths, else ``None``.

        They name the issuer as it names itself: clients compare the spelling, and the SDK's own would add a slash.
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

    async def authenticated(self, scope: Scope) -> Scope | None:
        """The request with who makes it; None where it needs a token and shows no valid one: as a bearer's, or as the
        password of HTTP Basic authentication (RFC 7617), which is what a browser can send.
        """
        if not self._options.guarded:
            return scope
        kind, _, token = HTTPConnection(scope).headers.get("authorization", "").partition(" ")
        if kind.lower() == "basic":
            with suppress(ValueError):
                token = base64.b64decode(token, validate=True).decode().partition(":")[2]
        elif kind.lower() != "bearer":
            return None
        valid = await self.verify_token(token)
        return None if valid is None else {**scope, "user": AuthenticatedUser(valid)}

    def is_valid(self, scope: Scope) -> bool:
        """Whether the token of an open request is still valid: not expired, or still a line of the file."""
        user = scope.get("user")
        if not isinstance(user, AuthenticatedUser):
            return True
        token = user.access_token
        if token.expires_at is not None:
            return time.time() < token.expires_at
        lines = self._file.tokens() if self._file is not None else ()
        return any((line.name, line.archives) == (token.client_id, archives_of(scope)) for line in lines)


def archives_of(scope: Scope) -> frozenset[str] | None:
    """The archives that whoever makes a request may see; None are all."""
    user = scope.get("user")
    token = user.access_token if isinstance(user, AuthenticatedUser) else None
    return token.archives if isinstance(token, BoundToken) else None
