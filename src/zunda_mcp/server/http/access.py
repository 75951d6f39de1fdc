"""Who may ask: bearer tokens (RFC 6750) of a file or of an OAuth issuer, and the metadata that lead a client to one.

A client without a token is told where to get one: ``WWW-Authenticate`` names the resource's metadata, which name the
issuer (RFC 9728; MCP specification, Authorization).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken

from zunda_mcp.server.http.issuer import IssuerError
from zunda_mcp.server.http.oauth import AccessTokens
from zunda_mcp.server.http.options import MCP_PATH, HttpOptions
from zunda_mcp.server.http.refusals import SERVER_BUSY, Refusal, dump
from zunda_mcp.server.http.tokens import TokenFile

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_WELL_KNOWN = "/.well-known/oauth-protected-resource"


class Access:
    """Decides about the token of a request. Raises ``SettingsError`` where the token file is not usable."""

    def __init__(self, options: HttpOptions) -> None:
        self._file = TokenFile(options.token_file) if options.token_file is not None else None
        self._oauth = options.oauth
        self._tokens = AccessTokens(options.oauth, options.url) if options.oauth is not None else None
        self._resource = options.url
        self.guarded = options.guarded

    async def prepare(self) -> None:
        """Ask the issuer for its keys before the first client comes, so that a wrong one is noticed at once."""
        if self._tokens is not None:
            await self._tokens.prepare()

    async def user(self, scope: Scope) -> AuthenticatedUser | None:
        """For whom the request speaks; ``None`` where no token is asked for. Raises ``Refusal``: 401, 403 or 503."""
        if not self.guarded:
            return None
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        if not given:
            raise self._unauthorized("Send a token in the header Authorization: Bearer TOKEN", None)
        scheme, _, token = given[0].decode("latin-1").partition(" ")
        token = token.strip()
        if len(given) > 1 or scheme.lower() != "bearer" or not token:
            raise self._unauthorized("Send one header Authorization: Bearer TOKEN", "invalid_request")
        holder = self._file.holder(token) if self._file is not None else None
        if holder is not None:
            return AuthenticatedUser(AccessToken(token="", client_id=holder, scopes=[]))
        if self._tokens is None or self._oauth is None:
            raise self._unauthorized("This token is not one of the server's; ask whoever runs it", "invalid_token")
        try:
            grant = await self._tokens.grant(token)
        except IssuerError as error:
            raise Refusal(503, str(error), {"Retry-After": "5"}, code=SERVER_BUSY) from error
        if grant is None:
            raise self._unauthorized("This token is expired, forged or meant for another server", "invalid_token")
        if missing := [name for name in self._oauth.scopes if name not in grant.scopes]:
            raise self._forbidden(missing)
        return AuthenticatedUser(
            AccessToken(
                token="",
                client_id=grant.client,
                scopes=sorted(grant.scopes),
                expires_at=grant.expires_at,
                subject=grant.subject,
                claims={"iss": grant.issuer},
            )
        )

    def counts(self, scope: Scope) -> bool:
        """Whether the token that a request came with still counts: a token of the file until its line is gone."""
        user = scope.get("user")
        if not isinstance(user, AuthenticatedUser):
            return True
        token = user.access_token
        if token.expires_at is not None:
            return time.time() < token.expires_at
        return self._file is not None and token.client_id in self._file.holders()

    def metadata(self, path: str) -> bytes | None:
        """The protected resource metadata (RFC 9728), if this is a path where they are looked for."""
        own = urlsplit(self._resource).path
        if (
            self._oauth is None
            or self._tokens is None
            or path not in {_WELL_KNOWN, _WELL_KNOWN + MCP_PATH, _WELL_KNOWN + own}
        ):
            return None
        document: dict[str, Any] = {
            "resource": self._resource,
            "authorization_servers": [self._tokens.issuer],
            "bearer_methods_supported": ["header"],
            "resource_name": "zunda-mcp",
        }
        if self._oauth.scopes:
            document["scopes_supported"] = list(self._oauth.scopes)
        return dump(document)

    def _unauthorized(self, advice: str, error: str | None) -> Refusal:
        return Refusal(401, f"{advice}.", {"WWW-Authenticate": self._challenge(error, advice)})

    def _forbidden(self, missing: list[str]) -> Refusal:
        advice = f"This token lacks the scope {' '.join(missing)}; ask for one that has it"
        return Refusal(403, f"{advice}.", {"WWW-Authenticate": self._challenge("insufficient_scope", advice)})

    def _challenge(self, error: str | None, advice: str) -> str:
        """RFC 6750, section 3, and RFC 9728, section 5.1; without a token, no error is named."""
        parts = {"error": error, "error_description": advice if error else None}
        if self._oauth is not None:
            parts["scope"] = " ".join(self._oauth.scopes) or None
            address = urlsplit(self._resource)
            parts["resource_metadata"] = f"{address.scheme}://{address.netloc}{_WELL_KNOWN}{address.path}"
        said = ", ".join(f'{name}="{value}"' for name, value in parts.items() if value)
        return f"Bearer {said}".strip()


class Authorized:
    """Passes on what comes with a good token, and who sent it: the SDK ties a session to whoever opened it."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = AuthContextMiddleware(app)
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        user = await self._access.user(scope)
        await self._app(scope if user is None else {**scope, "user": user}, receive, send)
