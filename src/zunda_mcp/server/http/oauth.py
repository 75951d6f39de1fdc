"""Access tokens of an OAuth issuer: signed JWTs (RFC 9068), checked with the keys that the issuer publishes.

PyJWT fetches and keeps the keys. Opaque tokens, which only their issuer can read, are not taken.
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
from mcp.client.auth.utils import build_oauth_authorization_server_metadata_discovery_urls
from mcp.server.auth.provider import AccessToken

from zunda_mcp.errors import SettingsError
from zunda_mcp.server.http.options import OAuthOptions, check_url
from zunda_mcp.server.http.refusals import busy

logger = logging.getLogger(__name__)

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a private key that only the issuer has; with none or HS256, anyone could sign."""

_LEEWAY = 30
"""Seconds by which clocks may differ."""
_LONGEST = 16 * 1024
_SECONDS = 5.0
"""How long the issuer may take to answer."""
_FRESH, _STALE, _RETRY = 600.0, 3600.0, 5.0
"""Seconds: keys are fetched again after, are used at most for, and are tried again after where the issuer failed."""


class IssuerKeys(jwt.PyJWKClient):
    """The public keys of an issuer, where its metadata (RFC 8414, OpenID Connect Discovery) say they are."""

    def __init__(self, issuer: str, cooldown: float = 30.0) -> None:
        super().__init__(issuer, lifespan=_FRESH, timeout=_SECONDS, cooldown_duration=cooldown)
        self.issuer = issuer
        self._at = self._failed = float("-inf")
        self._last: dict[str, Any] = {}

    def fetch_data(self) -> dict[str, Any]:
        """The key set; that of the last hour where the issuer fails, else raises ``PyJWKClientConnectionError``."""
        now = time.monotonic()
        if now - self._failed > _RETRY:
            try:
                self.issuer, self.uri = _discover(self.issuer)
                data = super().fetch_data()
                keys = [key for key in data["keys"] if isinstance(key, dict) and key.get("kty") != "oct"]
                jwt.PyJWKSet.from_dict(data | {"keys": keys})
                self._last, self._at, self._failed = data | {"keys": keys}, now, float("-inf")
            except (PyJWTError, httpx2.HTTPError, SettingsError, ValueError) as error:
                self._failed = now
                logger.warning("The keys of the issuer %s could not be fetched: %s", self.issuer, error)
        if now - self._at > _STALE:
            raise PyJWKClientConnectionError("no keys")
        return self._last


class JwtVerifier:
    """A ``TokenVerifier`` of the SDK for one resource, which is the audience where the options name none."""

    def __init__(self, options: OAuthOptions, resource: str) -> None:
        self.keys = IssuerKeys(options.issuer)
        self._audiences = options.audiences or (resource, f"{resource}/")
        self._threads = anyio.CapacityLimiter(4)

    async def verify_token(self, token: str) -> AccessToken | None:
        """What the token grants, ``None`` where it counts for nothing here. Raises ``Refusal`` (503)."""
        try:
            return await to_thread.run_sync(self._verify, token, limiter=self._threads)
        except PyJWKClientConnectionError:
            message = "Access tokens cannot be checked now since their issuer does not answer; try again soon."
            raise busy(message, 5) from None
        except (PyJWTError, ValueError, TypeError):
            return None

    def _verify(self, token: str) -> AccessToken | None:
        header = jwt.get_unverified_header(token) if len(token) <= _LONGEST else {}
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in ALGORITHMS:
            return None
        for key in [self.keys.get_signing_key(kid)] if kid else self.keys.get_signing_keys():
            try:
                claims = jwt.decode(
                    token,
                    key.key,
                    algorithms=[algorithm],
                    audience=self._audiences,
                    issuer=self.keys.issuer,
                    leeway=_LEEWAY,
                    options={"require": ["exp", "iss", "aud"], "enforce_minimum_key_length": True},
                )
            except (PyJWTError, ValueError, TypeError):
                continue
            subject = claims.get("sub")
            return AccessToken(
                token="",
                client_id=str(claims.get("client_id") or claims.get("azp") or subject or ""),
                scopes=sorted(_scopes(claims)),
                expires_at=int(claims["exp"]) + _LEEWAY,
                subject=subject,
                claims={"iss": self.keys.issuer},
            )
        return None


def _discover(issuer: str) -> tuple[str, str]:
    """The issuer as it writes itself, and the address of its keys; redirects are not followed."""
    failed = ""
    for place in build_oauth_authorization_server_metadata_discovery_urls(issuer, issuer):
        answer = httpx2.get(place, timeout=_SECONDS)
        if answer.status_code != 200:
            failed = failed or f"{place} answered {answer.status_code}"
            continue
        metadata = answer.json()
        named, address = metadata["issuer"], metadata["jwks_uri"]
        if named.rstrip("/") != issuer.rstrip("/"):
            raise ValueError(f"its metadata are of another issuer, {named!r} (RFC 8414, section 3.3)")
        check_url("jwks_uri", address)
        return named, address
    raise ValueError(failed)


def _scopes(claims: dict[str, Any]) -> set[str]:
    """``scope`` as RFC 9068 has it, or ``scp`` as some issuers write it, as words or a list."""
    given = [claims.get("scope"), claims.get("scp")]
    lists = [value.split() if isinstance(value, str) else value for value in given]
    return {word for words in lists if isinstance(words, list) for word in words if isinstance(word, str)}
