"""Access tokens of an OAuth issuer, checked here: signature, issuer, audience and time (RFC 7519, RFC 9068).

Opaque tokens, which only their issuer can read, are not taken.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from zunda_mcp.server.http.issuer import Issuer, IssuerError
from zunda_mcp.server.http.options import OAuthOptions

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a private key that only the issuer has; with none or HS256, anyone could sign."""

_LEEWAY = 30
"""Seconds by which clocks may differ."""
_LONGEST = 16 * 1024


@dataclass(frozen=True)
class Grant:
    """What a valid token says: for whom it speaks, what it allows, and until when (seconds since 1970) it counts."""

    client: str
    issuer: str
    subject: str | None
    scopes: frozenset[str]
    expires_at: int


class AccessTokens:
    """Checks access tokens for one resource, the audience where the options name none."""

    def __init__(self, options: OAuthOptions, resource: str, issuer: Issuer | None = None) -> None:
        self._issuer = issuer or Issuer(options.issuer)
        self._audiences = options.audiences or (resource, f"{resource}/")

    @property
    def issuer(self) -> str:
        """The issuer's name as it writes it itself, once that is known."""
        return self._issuer.name

    async def prepare(self) -> None:
        """Fetch the issuer's keys; what keeps it from that is in the log."""
        with suppress(IssuerError):
            await self._issuer.keys("")

    async def grant(self, token: str) -> Grant | None:
        """What the token grants, ``None`` where it counts for nothing here. Raises ``IssuerError``."""
        import jwt
        from jwt.exceptions import PyJWTError

        if len(token) > _LONGEST or token.count(".") != 2:
            return None
        try:
            head = jwt.get_unverified_header(token)
        except (PyJWTError, ValueError):
            return None
        algorithm, kid = head.get("alg"), head.get("kid", "")
        if algorithm not in ALGORITHMS or not isinstance(kid, str):
            return None
        known = await self._issuer.keys(kid)
        for key in known.named(kid):
            if key.algorithm not in {None, algorithm}:
                continue
            try:
                claims = jwt.decode(
                    token,
                    key.key,
                    algorithms=[algorithm],
                    audience=self._audiences,
                    issuer=known.issuer,
                    leeway=_LEEWAY,
                    options={"require": ["exp", "iss", "aud"], "enforce_minimum_key_length": True},
                )
            except (PyJWTError, ValueError, TypeError):
                continue
            return _grant(claims, known.issuer)
        return None


def _grant(claims: dict[str, Any], issuer: str) -> Grant:
    subject = claims.get("sub")
    client = claims.get("client_id") or claims.get("azp") or subject or ""
    subject = subject if isinstance(subject, str) else None
    return Grant(str(client), issuer, subject, _scopes(claims), int(claims["exp"]) + _LEEWAY)


def _scopes(claims: dict[str, Any]) -> frozenset[str]:
    """``scope`` as RFC 9068 has it, or ``scp`` as some issuers write it, as words or a list."""
    found: set[str] = set()
    for value in (claims.get("scope"), claims.get("scp")):
        if isinstance(value, str):
            found |= set(value.split())
        elif isinstance(value, list):
            found |= {word for word in value if isinstance(word, str)}
    return frozenset(found)
