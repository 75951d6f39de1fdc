"""Access tokens of an OAuth issuer: signed JWTs (RFC 9068), verified with the keys that the issuer publishes.

PyJWT fetches and caches the keys. Opaque tokens, which only their issuer can read, are not accepted.
"""

from __future__ import annotations

import logging
import time
from typing import Any

import anyio
import httpx2
import jwt
from anyio import to_thread
from jwt.exceptions import PyJWKClientConnectionError, PyJWTError
from jwt.types import Options
from mcp.client.auth.utils import build_oauth_authorization_server_metadata_discovery_urls
from mcp.server.auth.provider import AccessToken

from zunda_mcp.config.http_options import OAuthOptions, check_url
from zunda_mcp.errors import SettingsError

_log = logging.getLogger(__name__)

__all__ = ["IssuerKeys", "JwtVerifier"]

_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures with a private key that only the issuer has. With ``none`` or HS256 anybody could sign."""
_CHECKED: Options = {"require": ["exp", "iss", "aud"], "enforce_minimum_key_length": True}
_LEEWAY_SECONDS, _MAX_TOKEN_LENGTH = 30, 16 * 1024
"""Seconds by which the clocks of issuer and server may differ, and the most characters of a token."""
_TIMEOUT_SECONDS, _RETRY_SECONDS, _LIFESPAN_SECONDS = 5.0, 5.0, 3600.0
"""How long the issuer may take to answer, how long it is left alone after a failure, and how long its keys are used. A
token with an unknown key has them fetched earlier."""


class IssuerKeys(jwt.PyJWKClient):
    """The public keys of an issuer, found through its metadata (RFC 8414, OpenID Connect Discovery)."""

    def __init__(self, issuer: str, cooldown: float = 30.0) -> None:
        super().__init__(issuer, lifespan=_LIFESPAN_SECONDS, timeout=_TIMEOUT_SECONDS, cooldown_duration=cooldown)
        self.issuer = issuer
        self._failed_at = float("-inf")

    def fetch_data(self) -> Any:
        """Return the key set. Raises ``PyJWKClientConnectionError`` if the issuer fails, or has just failed."""
        if time.monotonic() - self._failed_at > _RETRY_SECONDS:
            try:
                self.issuer, self.uri = _discover(self.issuer)
                return super().fetch_data()
            except (PyJWTError, httpx2.HTTPError, SettingsError, ValueError, KeyError) as error:
                self._failed_at = time.monotonic()
                _log.warning("The keys of the issuer %s could not be fetched: %s", self.issuer, error)
        raise PyJWKClientConnectionError("no keys")


class JwtVerifier:
    """Implements the SDK's ``TokenVerifier`` for one resource, which is the default audience."""

    def __init__(self, options: OAuthOptions, resource: str) -> None:
        self.keys = IssuerKeys(options.issuer)
        self._audiences = options.audiences or (resource, f"{resource}/")
        self._threads = anyio.CapacityLimiter(4)

    async def verify_token(self, token: str) -> AccessToken | None:
        """Return what the token grants, None if it is invalid. Raises ``ConnectionError`` if there are no keys."""
        try:
            return await to_thread.run_sync(self._verify, token, limiter=self._threads)
        except PyJWKClientConnectionError:
            raise ConnectionError from None
        except (PyJWTError, ValueError, TypeError):
            return None

    def _verify(self, token: str) -> AccessToken | None:
        header = jwt.get_unverified_header(token) if len(token) <= _MAX_TOKEN_LENGTH else {}
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in _ALGORITHMS:
            return None
        for key in [self.keys.get_signing_key(kid)] if kid else self.keys.get_signing_keys():
            try:
                claims = jwt.decode(
                    token,
                    key.key,
                    [algorithm],
                    _CHECKED,
                    audience=self._audiences,
                    issuer=self.keys.issuer,
                    leeway=_LEEWAY_SECONDS,
                )
            except (PyJWTError, ValueError, TypeError):
                continue
            given = [claims.get("scope"), claims.get("scp")]  # RFC 9068, and some issuers: words or a list
            words = [one.split() if isinstance(one, str) else one for one in given]
            return AccessToken(
                token="",
                client_id=str(claims.get("client_id") or claims.get("azp") or claims.get("sub") or ""),
                scopes=[word for row in words if isinstance(row, list) for word in row if isinstance(word, str)],
                expires_at=int(claims["exp"]) + _LEEWAY_SECONDS,
                subject=claims.get("sub"),
                claims={"iss": self.keys.issuer},
            )
        return None


def _discover(issuer: str) -> tuple[str, str]:
    """Return the issuer as it spells itself, and the address of its keys. Redirects are not followed."""
    answers = []
    for url in build_oauth_authorization_server_metadata_discovery_urls(issuer, issuer):
        response = httpx2.get(url, timeout=_TIMEOUT_SECONDS)
        if response.status_code == 200:
            metadata = response.json()
            named, address = metadata["issuer"], metadata["jwks_uri"]
            if named.rstrip("/") != issuer.rstrip("/"):
                raise ValueError(f"its metadata names another issuer, {named!r} (RFC 8414, section 3.3)")
            check_url("jwks_uri", address)
            return named, address
        answers.append(f"{url} answered {response.status_code}")
    raise ValueError(answers[0])
