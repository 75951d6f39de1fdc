"""Bearer tokens of a file: which files are taken, which tokens count, and what changes when the file does."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

import pytest
from http_server import LEGACY, MODERN, Raw, ask, call, hello, listen_request, running, session

from zunda_mcp.config.http_options import HttpOptions, TokenFile
from zunda_mcp.errors import SettingsError
from zunda_mcp.server.http.uvicorn_server import listen

FIRST, SECOND = "first-token-of-the-file", "second/token+with~signs=="
POSIX = pytest.mark.skipif(os.name != "posix", reason="files have no such permissions here")


def _write(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return _write(tmp_path / "tokens", f"# 家の者\n{FIRST}\n\n  {SECOND}  \r\n")


def _holder(tokens: TokenFile, token: str) -> str | None:
    one = tokens.find(token)
    return one.name if one else None


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_every_token_of_the_file_counts_and_no_other(file: Path) -> None:
    with running(HttpOptions(port=0, token_file=file)) as server:
        for token in (FIRST, SECOND):
            assert hello(server.port, _bearer(token)).status == 200
        for token in (FIRST[:-1], FIRST + "x", FIRST.upper(), "# 家の者", "é" * 20):
            refused = hello(server.port, {"Authorization": f"Bearer {token}".encode().decode("latin-1")})
            assert refused.status == 401
            assert refused.headers["www-authenticate"].startswith('Bearer error="invalid_token"')
        assert hello(server.port, {"authorization": f"bearer   {FIRST}"}).status == 200
        assert hello(server.port).status == 401


def test_without_a_token_no_method_and_no_session_is_reached(file: Path) -> None:
    with running(HttpOptions(port=0, token_file=file)) as server:
        opened = session(server.port, _bearer(FIRST))
        only = {"Mcp-Session-Id": opened["Mcp-Session-Id"]}
        for method in ("GET", "POST", "DELETE"):
            assert ask(server.port, method, headers=only).status == 401
        with Raw(server.port) as raw:
            raw.send(call("echo", headers={**only, **_bearer(SECOND)}))
            assert raw.answer().status == 404  # a session belongs to the token that opened it
            raw.send(call("echo", headers=opened))
            assert raw.answer().status == 200


def test_there_is_no_metadata_where_there_is_no_issuer(file: Path) -> None:
    with running(HttpOptions(port=0, token_file=file)) as server:
        assert ask(server.port, path="/.well-known/oauth-protected-resource").status == 404
        assert "resource_metadata" not in hello(server.port).headers["www-authenticate"]


def test_a_file_opens_the_server_to_others(file: Path) -> None:
    for opened in listen(HttpOptions(host="0.0.0.0", port=0, token_file=file)):
        opened.close()


def test_every_address_of_a_machine_is_a_name_of_an_open_server(file: Path) -> None:
    with running(HttpOptions(host="0.0.0.0", port=0, token_file=file)) as server:
        assert hello(server.port, {"Host": "192.0.2.7:80", **_bearer(FIRST)}).status == 200
        assert hello(server.port, {"Host": "[2001:db8::1]", **_bearer(FIRST)}).status == 200
        assert hello(server.port, {"Host": "evil.example", **_bearer(FIRST)}).status == 421
        page = {"Host": "192.0.2.7", "Origin": "http://192.0.2.8", **_bearer(FIRST)}
        assert hello(server.port, page).status == 403
        assert hello(server.port, {**page, "Origin": "http://192.0.2.7:3000"}).status == 200


@pytest.mark.parametrize(
    "text", ["", "\n\n# nothing\n", "short-token\n", f"{FIRST}\nshort", f"{FIRST} {SECOND}", "トークン" * 8]
)
def test_a_file_without_good_tokens_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match=r"secrets\.token_urlsafe") as refused:
        TokenFile(_write(tmp_path / "tokens", text))
    assert FIRST not in str(refused.value)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(SettingsError, match="cannot be read"):
            TokenFile(path)
    (tmp_path / "binary").write_bytes(b"\xff\xfe" * 20)
    (tmp_path / "binary").chmod(0o600)
    with pytest.raises(SettingsError, match="UTF-8"):
        TokenFile(tmp_path / "binary")


@POSIX
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o620, 0o604, 0o602, 0o601])
def test_a_file_that_others_can_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(SettingsError, match="chmod 600"):
        TokenFile(_write(tmp_path / "tokens", FIRST, mode))


@POSIX
def test_a_mounted_secret_of_another_user_may_be_read_by_a_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _write(tmp_path / "tokens", FIRST, 0o640)
    owner = path.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    assert _holder(TokenFile(path), FIRST) is not None


def test_a_changed_file_is_read_again(file: Path) -> None:
    tokens = TokenFile(file, check_seconds=0.0)
    holder = _holder(tokens, FIRST)
    assert holder is not None
    assert _holder(tokens, SECOND) not in {None, holder}
    _write(file, f"{FIRST}\na-new-token-for-someone\n")
    assert _holder(tokens, "a-new-token-for-someone") is not None
    assert _holder(tokens, SECOND) is None
    assert _holder(tokens, FIRST) == holder


@pytest.mark.parametrize("broken", ["gone", "empty", "open"])
def test_a_file_that_becomes_useless_lets_nobody_in_until_it_is_mended(
    file: Path, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    if broken == "open" and os.name != "posix":
        pytest.skip("files have no such permissions here")
    tokens = TokenFile(file, check_seconds=0.0)
    match broken:
        case "gone":
            file.unlink()
        case "empty":
            _write(file, "")
        case _:
            file.chmod(0o644)
    assert [_holder(tokens, FIRST), _holder(tokens, FIRST)] == [None, None]
    assert caplog.text.count("every token is refused") == 1
    _write(file, FIRST)
    assert _holder(tokens, FIRST) is not None


@pytest.mark.parametrize("era", [LEGACY, MODERN])
def test_an_open_stream_ends_soon_after_its_token_is_taken_back_and_no_other(file: Path, era: str) -> None:
    with running(HttpOptions(port=0, token_file=file)) as server, Raw(server.port) as kept, Raw(server.port) as ended:
        for raw, token in ((kept, FIRST), (ended, SECOND)):
            raw.send(listen_request(server.port, era, _bearer(token)))
            assert raw.head()[0] == 200
        _write(file, FIRST)
        assert ended.until(b"0\r\n\r\n").endswith(b"0\r\n\r\n")
        assert hello(server.port, _bearer(SECOND)).status == 401
        kept.socket.settimeout(1.0)
        with pytest.raises(TimeoutError):
            kept.until(b"0\r\n\r\n")


def test_health_says_nothing_of_the_archive_without_a_token(file: Path) -> None:
    with running(HttpOptions(port=0, token_file=file), report=lambda: {"archive": "秘密"}) as server:
        assert json.loads(ask(server.port, path="/health").body) == {"status": "ok"}
        assert json.loads(ask(server.port, path="/health", headers=_bearer(FIRST)).body)["archive"] == "秘密"


def test_no_token_of_the_file_is_ever_logged(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with running(HttpOptions(port=0, token_file=file)) as server:
        session(server.port, _bearer(FIRST))
        hello(server.port, _bearer("a-token-that-is-wrong"))
    assert FIRST not in caplog.text
    assert "a-token-that-is-wrong" not in caplog.text
