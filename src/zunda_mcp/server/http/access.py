"""Access control: allowed hosts, origins and bearer tokens (RFC 6750), and which archives a caller may see.

The SDK compares hosts and origins, extracts the token, calls ``Access`` as its ``TokenVerifier``, and refuses unknown
callers. ``WWW-Authenticate`` tells a client without a token where to get one (RFC 9728; MCP specification,
Authorization).
"""

from __future__ import annotations

import base64
import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser, BearerAuthBackend, RequireAuthMiddleware
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.routes import build_resource_metadata_url
from mcp.server.transport_security import TransportSecurityMiddleware, TransportSecuritySettings
from pydantic import AnyHttpUrl
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from zunda_mcp.config.http_options import HOST, HttpOptions, TokenFile

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Scope

__all__ = ["Access", "BoundToken", "HostCheck", "Refusal", "archives_of", "json_response"]

_ADVICE = {
    403: "This web page may not use the server; start it with --allow-origin ORIGIN if it should.",
    421: "This server does not answer to that host; start it with --allow-host NAME if it should.",
}
_NO_KEYS = "Access tokens cannot be checked now, because their issuer does not answer; try again soon."
# The response says what is wrong. Logging it would let strangers flood the log.
logging.getLogger("mcp.server.transport_security").setLevel(logging.ERROR)


class Refusal(Exception):  # noqa: N818  (raised to where responses are sent)
    """A refused request; the response is a JSON-RPC error with a null id. 503 asks the client to try again."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        code, retry = (-32000, {"Retry-After": "5"}) if status == 503 else (-32600, {})
        error = {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": message}}
        self.response = json_response(error, status, {**retry, **(headers or {})})


def json_response(content: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON response that no cache stores."""
    return JSONResponse(content, status, {"Cache-Control": "no-store", **(headers or {})})


class HostCheck:
    """Accepts requests whose host is a name of this server and whose origin, if any, is allowed.

    A web page can point its own name at this machine and then call the server from a visitor's browser (DNS
    rebinding). Such a request still has that name as ``Host`` and the page as ``Origin``.
    """

    def __init__(self, options: HttpOptions) -> None:
        self._names, self._wildcard = options.names, options.wildcard
        self._origins = [origin.lower().rstrip("/") for origin in options.allow_origins]

    async def check(self, scope: Scope) -> None:
        """Raise ``Refusal`` (403 or 421) unless the host and the origin are allowed."""
        request = Request({**scope, "headers": [(name, value.lower()) for name, value in scope["headers"]]})
        host = HOST.fullmatch(request.headers.get("host", ""))
        if host is None:
            raise Refusal(421, _ADVICE[421])
        is_address = host[1].startswith("[") or not host[1].strip("0123456789.")
        names = {*self._names, host[1]} if self._wildcard and is_address else self._names  # rebinding needs a name
        hosts = [*names, *(f"{name}:*" for name in names if not name.rpartition(":")[2].isdecimal())]
        pages = [f"{scheme}://{name}" for scheme in ("http", "https") for name in hosts]
        settings = TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=[*pages, *self._origins])
        if (refused := await TransportSecurityMiddleware(settings).validate_request(request)) is not None:
            raise Refusal(refused.status_code, _ADVICE[refused.status_code])


class BoundToken(AccessToken):
    """A token from the file. Its bearer may see ``archives``; None means all."""

    archives: frozenset[str] | None = None


class Access:
    """Checks tokens, as the SDK's ``TokenVerifier``. Without a token file and an issuer, none is needed.

    Raises ``SettingsError`` if the token file cannot be used.
    """

    def __init__(self, options: HttpOptions) -> None:
        self._options, self._jwt = options, None
        self._scopes = list(options.oauth.scopes) if options.oauth is not None else []
        self._file = TokenFile(options.token_file, options.archives) if options.token_file is not None else None
        if options.oauth is not None:
            from zunda_mcp.server.http.oauth import JwtVerifier  # start-up: PyJWT only with OAuth

            self._jwt = JwtVerifier(options.oauth, options.url)

    async def verify_token(self, token: str) -> AccessToken | None:
        """Return what a token of file or issuer grants, None if invalid. Raises ``Refusal`` (503) without keys."""
        token = token.strip()
        if self._file is not None and (own := self._file.find(token)) is not None:
            return BoundToken(token="", client_id=own.name, scopes=self._scopes, archives=own.archives)
        try:
            return await self._jwt.verify_token(token) if self._jwt is not None else None
        except ConnectionError:
            raise Refusal(503, _NO_KEYS) from None

    def protect(self, app: ASGIApp) -> ASGIApp:
        """Wrap the application in the SDK's check of tokens if tokens are needed."""
        if not self._options.guarded:
            return app
        url = build_resource_metadata_url(AnyHttpUrl(self._options.url)) if self._jwt is not None else None
        required = RequireAuthMiddleware(AuthContextMiddleware(app), self._scopes, url)
        return AuthenticationMiddleware(required, BearerAuthBackend(self))

    def metadata(self, path: str) -> dict[str, Any] | None:
        """Return the protected resource metadata (RFC 9728) if ``path`` is one of its addresses, else None.

        It spells the issuer as the issuer does, since clients compare the spelling; the SDK's would add a slash.
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
        """Return the request with its caller, None if it lacks a valid token where one is needed. Browsers can send the
        token as the password of HTTP Basic authentication (RFC 7617).
        """
        if not self._options.guarded:
            return scope
        kind, _, token = Request(scope).headers.get("authorization", "").partition(" ")
        if kind.lower() == "basic":
            with suppress(ValueError):
                token = base64.b64decode(token, validate=True).decode().partition(":")[2]
        valid = await self.verify_token(token) if kind.lower() in ("basic", "bearer") else None
        return None if valid is None else {**scope, "user": AuthenticatedUser(valid)}

    def is_valid(self, scope: Scope) -> bool:
        """Whether the token of an open request is still valid: not expired, or still in the file."""
        token = _token_of(scope)
        if token is None:
            return True
        if token.expires_at is not None:
            return time.time() < token.expires_at
        lines = self._file.tokens() if self._file is not None else ()
        return any((line.name, line.archives) == (token.client_id, archives_of(scope)) for line in lines)


def archives_of(scope: Scope) -> frozenset[str] | None:
    """Return the archives that the caller of a request may see; None means all."""
    token = _token_of(scope)
    return token.archives if isinstance(token, BoundToken) else None


def _token_of(scope: Scope) -> AccessToken | None:
    user = scope.get("user")
    return user.access_token if isinstance(user, AuthenticatedUser) else None
