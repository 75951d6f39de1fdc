"""Access tokens of a real issuer on the loopback: which count, and what a client is told otherwise."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from http_server import (
    HEAD,
    HELLO,
    LEGACY,
    MODERN,
    Raw,
    Running,
    ask,
    call,
    hello,
    message,
    request,
    running,
    session,
)
from oauth_issuer import EC_KEY, OTHER_RSA_KEY, RSA_KEY, LocalIssuer, local_issuer, public_pem

from zunda_mcp.config.http_options import HttpOptions, OAuthOptions
from zunda_mcp.errors import SettingsError
from zunda_mcp.server.http.oauth import IssuerKeys
from zunda_mcp.server.http.uvicorn_server import listen

RESOURCE = "https://zunda.example/mcp"
NAMES = {"Host": "zunda.example"}


@pytest.fixture(scope="module")
def issuer() -> Iterator[LocalIssuer]:
    with local_issuer() as found:
        yield found


@pytest.fixture(scope="module")
def server(issuer: LocalIssuer) -> Iterator[Running]:
    """A server behind a proxy that takes tokens of the issuer with the scope archive:read."""
    oauth = OAuthOptions(issuer.url, scopes=("archive:read",))
    with running(HttpOptions(port=0, oauth=oauth, public_url="https://zunda.example")) as found:
        yield found


def _bearer(token: str) -> dict[str, str]:
    return {**NAMES, "Authorization": f"Bearer {token}"}


def _good(issuer: LocalIssuer, **more: Any) -> str:
    return issuer.token(**{"audience": RESOURCE, "scope": "openid archive:read", **more})


def test_without_a_token_a_client_finds_its_way_to_the_issuer(issuer: LocalIssuer, server: Running) -> None:
    refused = hello(server.port, NAMES)
    assert refused.status == 401
    challenge = refused.headers["www-authenticate"]
    assert challenge.startswith("Bearer ")
    address = re.search(r'resource_metadata="([^"]+)"', challenge)
    assert address is not None
    assert address[1] == "https://zunda.example/.well-known/oauth-protected-resource/mcp"
    found = ask(server.port, path="/.well-known/oauth-protected-resource/mcp", headers=NAMES)
    assert found.status == 200
    assert json.loads(found.body) == {
        "resource": RESOURCE,
        "authorization_servers": [issuer.url],
        "bearer_methods_supported": ["header"],
        "resource_name": "zunda-mcp",
        "scopes_supported": ["archive:read"],
    }
    assert ask(server.port, path="/.well-known/oauth-protected-resource", headers=NAMES).body == found.body


@pytest.mark.parametrize("era", [LEGACY, MODERN])
def test_a_good_token_is_answered_in_both_eras(issuer: LocalIssuer, server: Running, era: str) -> None:
    own = _bearer(_good(issuer))
    opened = session(server.port, own) if era == LEGACY else own
    with Raw(server.port) as raw:
        raw.send(call("echo", era, opened, text="聞こえる"))
        assert "聞こえる" in str(raw.answer().message)


@pytest.mark.parametrize(
    "token",
    [
        {"kid": "ec-1"},
        {"kid": None},
        {"alg": "PS256"},
        {"alg": "RS512"},
        {"aud": ["https://other.example", RESOURCE]},
        {"aud": f"{RESOURCE}/"},
        {"scope": None, "scp": ["archive:read"]},
        {"scope": None, "scp": "archive:read other"},
        {"nbf": int(time.time()) - 5},
        {"sub": None, "client_id": "robot"},
    ],
    ids=" ".join,
)
def test_every_right_form_of_a_token_counts(issuer: LocalIssuer, server: Running, token: dict[str, Any]) -> None:
    assert hello(server.port, _bearer(_good(issuer, **token))).status == 200


@pytest.mark.parametrize(
    "token",
    [
        {"exp": int(time.time()) - 60},
        {"exp": None},
        {"exp": "soon"},
        {"nbf": int(time.time()) + 86_400},
        {"aud": "https://other.example/mcp"},
        {"aud": None},
        {"aud": "https://zunda.example"},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"key": OTHER_RSA_KEY},
        {"kid": "unknown", "key": RSA_KEY},
        {"kid": "ec-1", "key": RSA_KEY},
        {"kid": "hmac-1", "key": b"k" * 32, "alg": "HS256"},
    ],
    ids=" ".join,
)
def test_a_token_that_is_wrong_in_one_way_counts_for_nothing(
    issuer: LocalIssuer, server: Running, token: dict[str, Any]
) -> None:
    refused = hello(server.port, _bearer(_good(issuer, **token)))
    assert refused.status == 401
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]
    assert "resource_metadata=" in refused.headers["www-authenticate"]


def _unsigned(issuer: LocalIssuer) -> str:
    return jwt.encode(jwt.decode(_good(issuer), options={"verify_signature": False}), "", algorithm="none")


def _signed_with_the_public_key(issuer: LocalIssuer) -> str:
    head, body, _ = _good(issuer).split(".")
    forged = jwt.utils.base64url_encode(json.dumps({"alg": "HS256", "kid": "rsa-1"}).encode()).decode()
    signature = hmac.new(public_pem(RSA_KEY), f"{forged}.{body}".encode(), hashlib.sha256).digest()
    assert head != forged
    return f"{forged}.{body}.{jwt.utils.base64url_encode(signature).decode()}"


def _changed(issuer: LocalIssuer) -> str:
    head, _, signature = _good(issuer, scope="archive:read").split(".")
    _, body, _ = _good(issuer, scope="archive:read everything").split(".")
    return f"{head}.{body}.{signature}"


@pytest.mark.parametrize("forge", [_unsigned, _signed_with_the_public_key, _changed])
def test_a_forged_token_counts_for_nothing(issuer: LocalIssuer, server: Running, forge: Any) -> None:
    assert hello(server.port, _bearer(forge(issuer))).status == 401


@pytest.mark.parametrize("value", ["Bearer", "Bearer ", "Basic YTpi", "Bearer a.b.c", "Bearer " + "a" * 20000, "x"])
def test_what_is_no_token_counts_for_nothing(server: Running, value: str) -> None:
    assert hello(server.port, {**NAMES, "Authorization": value}).status == 401


def test_a_token_in_the_address_is_not_looked_at(issuer: LocalIssuer, server: Running) -> None:
    body = message("initialize", HELLO)
    path = f"/mcp?access_token={_good(issuer)}"
    assert ask(server.port, "POST", path, {**HEAD, **NAMES}, body).status == 401


def test_a_token_without_the_scope_is_told_which_it_lacks(issuer: LocalIssuer, server: Running) -> None:
    refused = hello(server.port, _bearer(_good(issuer, scope="openid")))
    assert refused.status == 403
    assert 'error="insufficient_scope"' in refused.headers["www-authenticate"]
    assert "archive:read" in refused.headers["www-authenticate"]


def test_a_session_belongs_to_whoever_opened_it(issuer: LocalIssuer, server: Running) -> None:
    opened = session(server.port, _bearer(_good(issuer)))
    other = {**opened, **_bearer(_good(issuer, sub="mallory"))}
    with Raw(server.port) as raw:
        raw.send(call("echo", LEGACY, other))
        assert raw.answer().status == 404
        raw.send(call("echo", LEGACY, {**opened, **_bearer(_good(issuer))}))  # a fresh token of the same person
        assert raw.answer().status == 200


def test_a_stream_ends_with_the_token_it_was_opened_with(issuer: LocalIssuer, server: Running) -> None:
    opened = session(server.port, _bearer(_good(issuer)))
    dying = _bearer(_good(issuer, exp=int(time.time()) - 27))  # clocks may differ by 30 seconds
    with Raw(server.port) as raw:
        raw.send(request("GET", "/mcp", {**HEAD, **opened, **dying}))
        assert raw.head()[0] == 200
        assert raw.until(b"0\r\n\r\n").endswith(b"0\r\n\r\n")


def test_health_says_nothing_without_a_token(issuer: LocalIssuer, server: Running) -> None:
    assert json.loads(ask(server.port, path="/health", headers=NAMES).body) == {"status": "ok"}
    told = json.loads(ask(server.port, path="/health", headers=_bearer(_good(issuer))).body)
    assert told.keys() == {"status", "version"}


def test_other_audiences_may_be_named() -> None:
    with local_issuer() as issuer:
        oauth = OAuthOptions(issuer.url, audiences=("api://zunda",))
        with running(HttpOptions(port=0, oauth=oauth)) as server:
            good = {"Authorization": f"Bearer {issuer.token('api://zunda')}"}
            wrong = {"Authorization": f"Bearer {issuer.token(server.url)}"}
            assert (hello(server.port, good).status, hello(server.port, wrong).status) == (200, 401)


def test_a_server_without_public_url_is_the_audience_itself() -> None:
    with local_issuer() as issuer, running(HttpOptions(port=0, oauth=OAuthOptions(issuer.url))) as server:
        good = {"Authorization": f"Bearer {issuer.token(server.url)}"}
        assert hello(server.port, good).status == 200


@pytest.mark.parametrize(
    "place", ["/.well-known/openid-configuration/tenant", "/tenant/.well-known/openid-configuration"]
)
def test_an_issuer_with_a_path_is_found_in_each_place(place: str) -> None:
    with local_issuer("/tenant") as issuer:
        issuer.documents[place] = issuer.documents.pop("/.well-known/oauth-authorization-server/tenant")
        with running(HttpOptions(port=0, oauth=OAuthOptions(issuer.url))) as server:
            assert hello(server.port, {"Authorization": f"Bearer {issuer.token(server.url)}"}).status == 200


def test_an_issuer_is_called_as_it_calls_itself() -> None:
    with local_issuer() as issuer:
        known = issuer.documents["/.well-known/oauth-authorization-server"]
        known["issuer"] = f"{issuer.url}/"
        with running(HttpOptions(port=0, oauth=OAuthOptions(issuer.url))) as server:
            token = issuer.token(server.url, iss=f"{issuer.url}/")
            assert hello(server.port, {"Authorization": f"Bearer {token}"}).status == 200
            found = json.loads(ask(server.port, path="/.well-known/oauth-protected-resource").body)
            assert found["authorization_servers"] == [f"{issuer.url}/"]


def _break_nothing_there(issuer: LocalIssuer) -> None:
    issuer.documents.clear()


def _break_other_issuer(issuer: LocalIssuer) -> None:
    issuer.documents["/.well-known/oauth-authorization-server"]["issuer"] = "https://evil.example"


def _break_no_keys(issuer: LocalIssuer) -> None:
    issuer.documents["/keys"] = {"keys": [{"kty": "RSA"}]}


def _break_redirection(issuer: LocalIssuer) -> None:
    issuer.documents["/moved"] = issuer.documents["/keys"]
    issuer.documents["/keys"] = "/moved"


def _break_no_json(issuer: LocalIssuer) -> None:
    issuer.documents["/keys"] = b"<html>"


def _break_foreign_http(issuer: LocalIssuer) -> None:
    issuer.documents["/.well-known/oauth-authorization-server"]["jwks_uri"] = "http://keys.example/keys"


@pytest.mark.parametrize(
    "broken",
    [
        _break_nothing_there,
        _break_other_issuer,
        _break_no_keys,
        _break_redirection,
        _break_no_json,
        _break_foreign_http,
    ],
)
def test_an_issuer_that_cannot_be_asked_refuses_nobody_for_good(broken: Any, caplog: pytest.LogCaptureFixture) -> None:
    with local_issuer() as issuer:
        broken(issuer)
        with running(HttpOptions(port=0, oauth=OAuthOptions(issuer.url))) as server:
            token = issuer.token(server.url)
            answer = hello(server.port, {"Authorization": f"Bearer {token}"})
            assert answer.status == 503
            assert "retry-after" in answer.headers
    assert "could not be fetched" in caplog.text
    assert token not in caplog.text


def test_new_keys_are_fetched_and_old_ones_go() -> None:
    with local_issuer() as issuer:
        keys = IssuerKeys(issuer.url, cooldown=0.0)
        assert keys.get_signing_key("rsa-1").key_id == "rsa-1"
        issuer.private = {"rsa-2": OTHER_RSA_KEY, "ec-1": EC_KEY}
        issuer.publish()
        assert keys.get_signing_key("rsa-2").key_id == "rsa-2"
        with pytest.raises(jwt.PyJWKClientError):
            keys.get_signing_key("rsa-1")


def test_unknown_keys_do_not_drive_the_server_to_its_issuer(issuer: LocalIssuer, server: Running) -> None:
    assert hello(server.port, _bearer(_good(issuer))).status == 200
    before = len(issuer.asked)
    for number in range(20):
        assert hello(server.port, _bearer(_good(issuer, kid=f"guess-{number}", key=RSA_KEY))).status == 401
    assert len(issuer.asked) - before <= 2


def test_an_issuer_that_fails_is_not_asked_for_each_token() -> None:
    with local_issuer() as issuer, running(HttpOptions(port=0, oauth=OAuthOptions(issuer.url))) as server:
        issuer.documents.clear()
        for _ in range(20):
            hello(server.port, {"Authorization": f"Bearer {issuer.token(server.url, kid='rsa-2', key=RSA_KEY)}"})
        assert len(issuer.asked) <= 6


def test_known_keys_outlast_an_issuer_that_is_away() -> None:
    with local_issuer() as issuer:
        keys = IssuerKeys(issuer.url, cooldown=0.0)
        keys.get_signing_key("rsa-1")
        issuer.documents.clear()
        with pytest.raises(jwt.PyJWKClientError):
            keys.get_signing_key("unknown")
        assert keys.get_signing_key("rsa-1").key_id == "rsa-1"
        with pytest.raises(jwt.PyJWKClientConnectionError):
            IssuerKeys(issuer.url).get_signing_key("rsa-1")


@pytest.mark.parametrize("url", ["http://auth.example", "ftp://auth.example", "auth.example", "https://a.example/?x=1"])
def test_an_issuer_that_cannot_be_trusted_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(SettingsError, match="--oauth-issuer"):
        OAuthOptions(url)


def test_on_every_address_the_server_must_know_its_own() -> None:
    with pytest.raises(SettingsError, match="--public-url"):
        listen(HttpOptions(host="0.0.0.0", port=0, oauth=OAuthOptions("https://auth.example")))


def test_no_token_is_ever_logged(issuer: LocalIssuer, server: Running, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    good, bad = _good(issuer), _good(issuer, exp=1)
    session(server.port, _bearer(good))
    hello(server.port, _bearer(bad))
    for token in (good, bad):
        assert token not in caplog.text
        assert token.rpartition(".")[2] not in caplog.text
