"""Who may use the server: bearer tokens (RFC 6750) of a file or of an OAuth issuer, by the SDK's ``TokenVerifier``.

A client without a token learns where to get one: ``WWW-Authenticate`` names the resource's metadata, which name the
issuer (RFC 9728; MCP specification, Authorization).
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from anyio import to_thread
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser, BearerAuthBackend
from mcp.server.auth.provider import AccessToken
from starlette.requests import HTTPConnection

from zunda_mcp.server.http.options import MCP_PATH, HttpOptions
from zunda_mcp.server.http.refusals import Refusal
from zunda_mcp.server.http.tokens import TokenFile

if TYPE_CHECKING:
    from starlette.types import Scope

__all__ = ["Access"]

_WELL_KNOWN = "/.well-known/oauth-protected-resource"


class Access:
    """Checks the token of each request. Raises ``SettingsError`` if the token file cannot be used."""

    def __init__(self, options: HttpOptions) -> None:
        self._options = options
        self._resource = urlsplit(options.url)
        self._file = TokenFile(options.token_file) if options.token_file is not None else None
        self._jwt = None
        if options.oauth is not None:
            from zunda_mcp.server.http.oauth import (
                JwtVerifier,
            )  # optional at start-up: PyJWT and httpx2 only with OAuth

            self._jwt = JwtVerifier(options.oauth, options.url)
        self._backend = BearerAuthBackend(self)

    async def prepare(self) -> None:
        """Fetch the issuer's keys at the start, so that the log says at once if that fails."""
        if self._jwt is not None:
            with suppress(Exception):
                await to_thread.run_sync(self._jwt.keys.get_jwk_set)

    async def verify_token(self, token: str) -> AccessToken | None:
        """Implements the SDK's ``TokenVerifier``: a token of the file, or else of the issuer."""
        token = token.strip()
        verified = await self._file.verify_token(token) if self._file is not None else None
        return await self._jwt.verify_token(token) if verified is None and self._jwt is not None else verified

    async def authenticate(self, scope: Scope) -> AuthenticatedUser | None:
        """The user of a request; ``None`` if no token is needed. Raises ``Refusal`` (401, 403 or 503)."""
        if not self._options.guarded:
            return None
        request = HTTPConnection(scope)
        headers = request.headers.getlist("authorization")
        if not headers:
            raise self._refusal(401, "Send a token in the header Authorization: Bearer TOKEN")
        if len(headers) > 1 or not headers[0].lower().startswith("bearer "):
            raise self._refusal(401, "Send one header Authorization: Bearer TOKEN", "invalid_request")
        authenticated = await self._backend.authenticate(request)
        if authenticated is None:
            advice = "This token is wrong, expired or meant for another server; ask whoever runs this one"
            raise self._refusal(401, advice, "invalid_token")
        user: AuthenticatedUser = authenticated[1]
        required = self._options.oauth.scopes if self._options.oauth and user.access_token.claims else ()
        if missing := [name for name in required if name not in user.scopes]:
            advice = f"This token lacks the scope {' '.join(missing)}; ask for one that has it"
            raise self._refusal(403, advice, "insufficient_scope")
        return user

    def is_valid(self, scope: Scope) -> bool:
        """Whether the token of an open request is still valid: not expired, or still a line of the file."""
        user = scope.get("user")
        if not isinstance(user, AuthenticatedUser):
            return True
        token = user.access_token
        if token.expires_at is not None:
            return time.time() < token.expires_at
        return self._file is not None and token.client_id in self._file.digests()

    def metadata(self, path: str) -> dict[str, Any] | None:
        """The protected resource metadata (RFC 9728) for one of their paths, else ``None``."""
        paths = {_WELL_KNOWN, _WELL_KNOWN + MCP_PATH, _WELL_KNOWN + self._resource.path}
        if self._options.oauth is None or self._jwt is None or path not in paths:
            return None
        scopes = {"scopes_supported": list(self._options.oauth.scopes)} if self._options.oauth.scopes else {}
        return {
            "resource": self._options.url,
            "authorization_servers": [self._jwt.keys.issuer],
            "bearer_methods_supported": ["header"],
            "resource_name": "zunda-mcp",
            **scopes,
        }

    def _refusal(self, status: int, advice: str, error: str | None = None) -> Refusal:
        """A refusal with the challenge of RFC 6750, section 3, and RFC 9728, section 5.1."""
        parts = {"error": error, "error_description": advice if error else None}
        if self._options.oauth is not None:
            resource = self._resource
            parts["scope"] = " ".join(self._options.oauth.scopes) or None
            parts["resource_metadata"] = f"{resource.scheme}://{resource.netloc}{_WELL_KNOWN}{resource.path}"
        challenge = ", ".join(f'{name}="{value}"' for name, value in parts.items() if value)
        return Refusal(status, f"{advice}.", {"WWW-Authenticate": f"Bearer {challenge}".strip()})
