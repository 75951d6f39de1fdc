"""An OAuth issuer on the loopback: metadata, a key set, and tokens signed by its keys or by others."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class LocalIssuer:
    """Publishes what ``documents`` hold, counts who asks, and signs."""

    def __init__(self, path: str = "") -> None:
        self.path = path
        self.documents: dict[str, Any] = {}
        self.asked: list[str] = []
        self.private: dict[str, PrivateKey] = {}
        self.url = ""

    def begin(self, port: int) -> None:
        """Publish metadata and two keys, one of each family."""
        base = f"http://127.0.0.1:{port}"
        self.url = f"{base}{self.path}"
        self.documents[f"/.well-known/oauth-authorization-server{self.path}"] = self.metadata(base)
        self.private = {"rsa-1": RSA_KEY, "ec-1": EC_KEY}
        self.publish()

    def metadata(self, base: str) -> dict[str, Any]:
        """What RFC 8414 asks of an issuer, as far as a resource server looks."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "response_types_supported": ["code"],
            "jwks_uri": f"{base}/keys",
        }

    def publish(self) -> None:
        """Put the public halves of the keys into the key set, beside a secret one that must never count."""
        secret = {"kty": "oct", "kid": "hmac-1", "k": base64.urlsafe_b64encode(b"k" * 32).decode(), "alg": "HS256"}
        self.documents["/keys"] = {"keys": [*(_public(kid, key) for kid, key in self.private.items()), secret]}

    def token(
        self, audience: str, *, kid: str | None = "rsa-1", key: Any = None, alg: str | None = None, **claims: Any
    ) -> str:
        """A signed token for an audience; a claim that is ``None`` is left out."""
        now = int(time.time())
        given = {"iss": self.url, "aud": audience, "sub": "alice", "iat": now, "exp": now + 300, **claims}
        signer = key if key is not None else self.private[kid or "rsa-1"]
        return jwt.encode(
            {name: value for name, value in given.items() if value is not None},
            signer,
            algorithm=alg or ("ES256" if isinstance(signer, ec.EllipticCurvePrivateKey) else "RS256"),
            headers={"kid": kid, "typ": "at+jwt"} if kid else {"typ": "at+jwt"},
        )


RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def public_pem(key: PrivateKey) -> bytes:
    """The public half as text."""
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _public(kid: str, key: PrivateKey) -> dict[str, Any]:
    algorithm: Any = (
        jwt.algorithms.ECAlgorithm if isinstance(key, ec.EllipticCurvePrivateKey) else jwt.algorithms.RSAAlgorithm
    )
    found: dict[str, Any] = json.loads(algorithm.to_jwk(key.public_key()))
    return {**found, "kid": kid, "use": "sig"}


@contextmanager
def local_issuer(path: str = "") -> Iterator[LocalIssuer]:
    """An issuer that runs."""
    issuer = LocalIssuer(path)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.asked.append(self.path)
            document = issuer.documents.get(self.path)
            if isinstance(document, str):  # a redirection
                self.send_response(302)
                self.send_header("Location", document)
                self.end_headers()
                return
            body = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(200 if document is not None else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        issuer.begin(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()
