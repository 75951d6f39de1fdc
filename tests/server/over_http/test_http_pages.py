"""The pages for browsers beside the MCP endpoint: whom they are open to, and what they are sent with."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from http_server import Answer, Raw, Running, ask, request, running

from zunda_mcp.config.http_options import HttpOptions
from zunda_mcp.errors import SettingsError
from zunda_mcp.library import Library
from zunda_mcp.server.http.uvicorn_server import listen

TOKEN = "a-token-of-32-characters-exactly"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "en"}


@pytest.fixture(scope="module")
def server(sample: Library) -> Iterator[Running]:
    with running(opener=lambda: sample) as found:
        yield found


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(TOKEN, encoding="utf-8")
    path.chmod(0o600)
    return path


def basic(password: str) -> dict[str, str]:
    """What a browser sends for a password."""
    return {**BROWSER, "Authorization": "Basic " + base64.b64encode(f"me:{password}".encode()).decode()}


def get(server: Running, path: str, headers: dict[str, str] | None = None) -> Answer:
    return ask(server.port, "GET", path, BROWSER if headers is None else headers)


def test_the_first_page_is_a_page_and_knows_where_clients_connect(server: Running) -> None:
    answer = get(server, "/")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "http://localhost/mcp" in answer.body.decode()


def test_a_search_is_an_address_with_japanese_in_it(server: Running) -> None:
    answer = get(server, "/?q=%E7%94%9F%E6%88%90AI&sort=newest")
    assert answer.status == 200
    assert 'value="生成AI"' in answer.body.decode()


def test_pages_forbid_scripts_frames_and_requests_elsewhere(server: Running) -> None:
    headers = get(server, "/?q=AI").headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["vary"].startswith("Accept-Language, Cookie")


def test_pages_are_only_read(server: Running) -> None:
    assert ask(server.port, "POST", "/", BROWSER, b"q=1").status == 405


def test_a_browser_at_the_endpoint_is_shown_the_pages_and_a_client_is_not(server: Running) -> None:
    answer = get(server, "/mcp")
    assert (answer.status, answer.headers["location"]) == (303, "/")
    assert get(server, "/mcp", {"Accept": "text/event-stream"}).status != 303


def test_a_page_that_there_is_not_is_a_page(server: Running) -> None:
    for path in ("/nothing", "/assets/../secret", "/assets/other.css", "/stories/2025-07-08-279", "/episodes/x/y"):
        assert get(server, path).status == 404, path


def test_files_of_pages_may_be_kept(server: Running) -> None:
    answer = get(server, "/assets/page.css")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert answer.headers["cache-control"] == "public, max-age=300"


def test_search_engines_may_read_what_is_public(server: Running, sample: Library, token_file: Path) -> None:
    text = get(server, "/robots.txt").body.decode()
    assert text == "User-agent: *\nDisallow: /?\nDisallow: /topics?\nDisallow: /mcp\n"
    with running(HttpOptions(port=0, token_file=token_file), opener=lambda: sample) as closed:
        assert get(closed, "/robots.txt").body.decode() == "User-agent: *\nDisallow: /\n"


def test_the_head_of_a_page_is_its_own(server: Running) -> None:
    with Raw(server.port) as raw:
        raw.send(request("HEAD", "/connect", BROWSER))
        status, headers = raw.head()
        raw.send(request("GET", "/connect", BROWSER))
        assert (status, raw.head()[0]) == (200, 200)  # no body came between them
        assert int(headers["content-length"]) > 1000


def test_the_language_is_remembered_by_a_cookie(server: Running) -> None:
    chosen = get(server, "/?lang=ja").headers
    assert "language=ja" in chosen["set-cookie"]
    assert chosen["cache-control"] == "no-store"
    assert '<html lang="ja">' in get(server, "/", {**BROWSER, "Cookie": "language=ja"}).body.decode()


def test_with_a_token_pages_ask_for_it_as_browsers_can(sample: Library, token_file: Path) -> None:
    with running(HttpOptions(port=0, token_file=token_file), opener=lambda: sample) as server:
        refused = get(server, "/?q=AI")
        assert refused.status == 401
        assert refused.headers["www-authenticate"].startswith("Basic ")
        assert sample.about().freshness.archive not in refused.body.decode()
        for path in ("/assets/other", "/assets/", "/robots.txt/1"):  # pages too, which name the archive
            assert get(server, path).status == 401
        assert get(server, "/assets/page.css").status == 200
        assert get(server, "/", basic("a-wrong-token-of-some-length")).status == 401
        assert get(server, "/", {**BROWSER, "Authorization": "Basic ****"}).status == 401
        answer = get(server, "/?q=AI", basic(TOKEN))
        assert answer.status == 200
        assert answer.headers["cache-control"] == "no-store"
        assert get(server, "/", {**BROWSER, "Authorization": f"Bearer {TOKEN}"}).status == 200
        assert "Bearer TOKEN" in get(server, "/connect", basic(TOKEN)).body.decode()


def test_a_public_page_is_open_while_clients_need_the_token(sample: Library, token_file: Path) -> None:
    options = HttpOptions(port=0, token_file=token_file, public_page=True)
    with running(options, opener=lambda: sample) as server:
        answer = get(server, "/?q=AI")
        assert answer.status == 200
        assert answer.headers["cache-control"] == "public, max-age=60"
        assert ask(server.port, "POST", headers={"Content-Type": "application/json"}, body=b"{}").status == 401


def test_behind_a_proxy_addresses_begin_where_the_site_does(sample: Library) -> None:
    options = HttpOptions(port=0, public_url="https://show.example/archive/mcp")
    with running(options, opener=lambda: sample) as server:
        text = get(server, "/", {**BROWSER, "Host": "show.example"}).body.decode()
        assert 'action="/archive/"' in text
        assert "https://show.example/archive/mcp" in text
        assert options.page_url == "https://show.example/archive/"


def test_who_wants_everybody_in_says_so() -> None:
    with pytest.raises(SettingsError, match="--no-token if everyone may"):
        listen(HttpOptions(host="0.0.0.0", port=0))
    for opened in listen(HttpOptions(host="0.0.0.0", port=0, no_token=True)):
        opened.close()
    with pytest.raises(SettingsError, match="--no-token"):
        HttpOptions(no_token=True, token_file=Path("token"))
