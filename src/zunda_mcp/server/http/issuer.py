"""An OAuth issuer as a resource server sees it: its metadata and its public keys, fetched and kept.

Metadata is looked for where RFC 8414 and OpenID Connect Discovery put it, in the order of the MCP specification
(Authorization, Authorization Server Metadata Discovery); keys are a JSON Web Key Set (RFC 7517). A key that is not
known makes the set be fetched again, at most once in a while, so that nobody drives the server to its issuer.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from zunda_mcp.errors import SettingsError, ZundaError
from zunda_mcp.server.http.options import check_url

logger = logging.getLogger(__name__)

_LARGEST = 256 * 1024
_MOST_KEYS = 64
_SECONDS = 5.0
_FRESH = 600.0
"""How long, in seconds, keys are used before they are fetched again."""
_STALE = 3600.0
"""How long they are used where they cannot be."""
_PAUSE = 30.0
"""The least time, in seconds, between two fetches for a key that is not known."""
_RETRY = 5.0
"""The least time, in seconds, before a fetch that failed is tried again."""


class IssuerError(ZundaError):
    """The issuer cannot be asked for its keys."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Keys come from the address the issuer's metadata names and from no other."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


@dataclass(frozen=True)
class PublicKey:
    """A key that checks signatures. ``algorithm`` is the one it is for, where the issuer says so."""

    kid: str
    algorithm: str | None
    key: Any


@dataclass(frozen=True)
class Keys:
    """What an issuer published, and when it was fetched: its exact name and its signing keys."""

    issuer: str
    keys: tuple[PublicKey, ...]
    at: float

    def named(self, kid: str) -> tuple[PublicKey, ...]:
        """The keys with this id; all of them where a token names none."""
        return tuple(key for key in self.keys if kid in {"", key.kid})


class Issuer:
    """Fetches and keeps the keys of one issuer. Belongs to one event loop; fetching happens in a thread."""

    def __init__(self, url: str, *, pause: float = _PAUSE) -> None:
        self.url = url
        self._pause = pause
        self._known: Keys | None = None
        self._tried = float("-inf")
        self._failed = False
        self._fetching: asyncio.Task[None] | None = None
        self._opener = urllib.request.build_opener(_NoRedirect)

    @property
    def name(self) -> str:
        """The issuer as its metadata write it, once they are known: clients compare it letter by letter."""
        return self._known.issuer if self._known else self.url

    async def keys(self, kid: str) -> Keys:
        """The issuer's keys, fetched again where they are old or ``kid`` is not among them and the pause is over.

        Raises ``IssuerError`` where there are none that may be used.
        """
        now = time.monotonic()
        known = self._known
        missing = known is None or not known.named(kid)
        if missing or known is None or now - known.at > _FRESH:
            pause = min(self._pause, _RETRY) if self._failed else self._pause
            if self._fetching is None and now - self._tried > pause:
                self._tried = now
                self._fetching = asyncio.create_task(self._renew())
            if missing and self._fetching is not None:  # keys that are merely old do till the new ones are here
                await asyncio.shield(self._fetching)
        if self._known is None or time.monotonic() - self._known.at > _STALE:
            raise IssuerError("Access tokens cannot be checked now since their issuer does not answer; try again soon.")
        return self._known

    async def _renew(self) -> None:
        self._failed = True
        try:
            self._known = await asyncio.get_running_loop().run_in_executor(None, self._fetch)
            self._failed = False
        except (OSError, ValueError, HTTPException, SettingsError) as error:
            logger.warning("The keys of the issuer %s could not be fetched: %s", self.url, error)
        except Exception:
            logger.exception("the keys of the issuer %s could not be read", self.url)
        finally:
            self._fetching = None

    def _fetch(self) -> Keys:
        metadata = self._metadata()
        named, address = metadata.get("issuer"), metadata.get("jwks_uri")
        if not isinstance(named, str) or named.rstrip("/") != self.url.rstrip("/"):
            raise ValueError(f"its metadata speak for another issuer, {named!r} (RFC 8414, section 3.3)")
        if not isinstance(address, str):
            raise ValueError("its metadata name no jwks_uri")
        check_url("jwks_uri", address)
        return Keys(named, _signing_keys(self._get(address)), time.monotonic())

    def _metadata(self) -> dict[str, Any]:
        parts = urlsplit(self.url)
        base, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
        places = [
            f"{base}/.well-known/oauth-authorization-server{path}",
            f"{base}/.well-known/openid-configuration{path}",
            *([f"{base}{path}/.well-known/openid-configuration"] if path else []),
        ]
        failed: Exception | None = None
        for place in places:
            try:
                return self._get(place)
            except (OSError, ValueError, HTTPException) as error:
                failed = failed or error
        raise failed or ValueError("it has no metadata")

    def _get(self, url: str) -> dict[str, Any]:
        end = time.monotonic() + _SECONDS
        request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310  (see check_url)
        body = b""
        try:
            answer = self._opener.open(request, timeout=_SECONDS)
        except urllib.error.HTTPError as error:
            with error:
                raise ValueError(f"{url} answered {error.code} {error.reason}") from None
        with answer:
            while piece := answer.read1(65536):
                body += piece
                if len(body) > _LARGEST or time.monotonic() > end:
                    raise ValueError(f"{url} sends too much or too slowly")
        found = json.loads(body)
        if not isinstance(found, dict):
            raise ValueError(f"{url} holds no JSON object")
        return found


def _signing_keys(document: Mapping[str, Any]) -> tuple[PublicKey, ...]:
    """The public keys of a JWK Set that may sign; what is odd, secret or for encryption is passed over."""
    from jwt import PyJWK
    from jwt.exceptions import PyJWTError

    found: list[PublicKey] = []
    listed = document.get("keys")
    for data in (listed if isinstance(listed, list) else [])[:_MOST_KEYS]:
        if not isinstance(data, dict) or data.get("kty") not in {"RSA", "EC", "OKP"} or data.get("use", "sig") != "sig":
            continue
        try:
            key = PyJWK({name: value for name, value in data.items() if name != "d"}).key
        except (PyJWTError, ValueError, TypeError):
            continue
        kid, algorithm = data.get("kid"), data.get("alg")
        found.append(PublicKey(kid if isinstance(kid, str) else "", algorithm, key))
    if not found:
        raise ValueError("its key set holds no key that can check a signature")
    return tuple(found)
