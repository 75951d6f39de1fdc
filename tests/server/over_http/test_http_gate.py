"""Which hosts, pages, paths and methods the server answers to."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from http_server import HEAD, HELLO, MODERN, Running, ask, hello, message, running

from zunda_mcp.config.http_options import HttpOptions, read_address
from zunda_mcp.errors import SettingsError
from zunda_mcp.server.http.uvicorn_server import listen


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """A server with nothing said about it."""
    with running() as found:
        yield found


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST:1234", "[::1]", "127.0.0.1:80"])
def test_the_names_of_this_machine_are_answered(server: Running, host: str) -> None:
    assert hello(server.port, {"Host": host}).status == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "10.0.0.1", ""],
)
def test_a_foreign_host_is_refused(server: Running, host: str) -> None:
    answer = hello(server.port, {"Host": host})
    assert answer.status == 421
    assert "--allow-host" in answer.complaint


def test_an_allowed_host_is_answered_and_with_a_port_only_with_that() -> None:
    with running(HttpOptions(port=0, allow_hosts=("zunda.example", "other.example:8443"))) as server:
        assert hello(server.port, {"Host": "zunda.example"}).status == 200
        assert hello(server.port, {"Host": "Zunda.Example:9000"}).status == 200
        assert hello(server.port, {"Host": "other.example:8443"}).status == 200
        assert hello(server.port, {"Host": "other.example"}).status == 421


def test_the_host_of_the_public_url_is_answered() -> None:
    with running(HttpOptions(port=0, public_url="https://zunda.example")) as server:
        assert server.url == "https://zunda.example/mcp"
        assert hello(server.port, {"Host": "zunda.example"}).status == 200


@pytest.mark.parametrize("origin", ["http://localhost:6274", "http://127.0.0.1", "http://[::1]:3000"])
def test_a_page_of_this_machine_is_answered_and_may_read(server: Running, origin: str) -> None:
    answer = hello(server.port, {"Origin": origin})
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] in {origin, "*"}
    assert "mcp-session-id" in answer.headers["access-control-expose-headers"].lower()


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example", "file://", "x"])
def test_a_foreign_origin_is_refused(server: Running, origin: str) -> None:
    answer = hello(server.port, {"Origin": origin})
    assert answer.status == 403
    assert "--allow-origin" in answer.complaint
    assert "access-control-allow-origin" not in answer.headers


def test_an_allowed_page_may_ask_first_what_it_may() -> None:
    with running(HttpOptions(port=0, allow_origins=("https://app.example",))) as server:
        asked = {
            "Origin": "https://app.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization, mcp-protocol-version",
        }
        answer = ask(server.port, "OPTIONS", headers=asked)
        assert answer.status == 200
        assert "POST" in answer.headers["access-control-allow-methods"]
        assert "authorization" in answer.headers["access-control-allow-headers"].lower()
        assert ask(server.port, "OPTIONS", headers={**asked, "Origin": "https://evil.example"}).status == 403


def test_health_and_metadata_stand_behind_the_gate_too(server: Running) -> None:
    assert ask(server.port, path="/health", headers={"Host": "evil.example"}).status == 421


@pytest.mark.parametrize(
    "path", ["/", "/mcp/x", "/MCP", "/sse", "/.well-known/oauth-protected-resource", "/%2e%2e/mcp"]
)
def test_an_unknown_path_is_not_found_and_says_where_the_endpoint_is(server: Running, path: str) -> None:
    answer = ask(server.port, "POST", path, HEAD, message("initialize", HELLO))
    assert answer.status == 404
    assert "/mcp" in answer.complaint


@pytest.mark.parametrize("method", ["PUT", "PATCH", "HEAD", "OPTIONS", "TRACE"])
def test_a_wrong_method_is_told_the_right_ones(server: Running, method: str) -> None:
    answer = ask(server.port, "PUT" if method == "HEAD" else method)
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, POST, DELETE"
    assert ask(server.port, "POST", "/health").headers["allow"] == "GET, HEAD"


def test_without_sessions_there_is_nothing_to_get_or_delete() -> None:
    with running(HttpOptions(port=0, stateless=True)) as server:
        for method in ("GET", "DELETE"):
            answer = ask(server.port, method, headers=HEAD)
            assert (answer.status, answer.headers["allow"]) == (405, "POST")
    with running() as server:
        answer = ask(server.port, headers={**HEAD, "MCP-Protocol-Version": MODERN})
        assert (answer.status, answer.headers["allow"]) == (405, "POST")


def test_what_is_no_json_or_takes_no_answer_is_told_so(server: Running) -> None:
    body = message("initialize", HELLO)
    assert ask(server.port, "POST", headers={**HEAD, "Content-Type": "text/plain"}, body=body).status == 400
    assert ask(server.port, "POST", headers={**HEAD, "Accept": "application/json"}, body=body).status == 406
    assert ask(server.port, "POST", headers=HEAD, body=b"{").status == 400
    assert ask(server.port, "POST", "/mcp/", HEAD, body).status == 200


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("8765", "127.0.0.1", 8765),
        (":0", "127.0.0.1", 0),
        ("[::1]:8765", "::1", 8765),
        ("localhost:80", "localhost", 80),
        ("0.0.0.0:8765", "0.0.0.0", 8765),
    ],
)
def test_an_address_is_read_in_all_its_forms(text: str, host: str, port: int) -> None:
    assert read_address(text) == (host, port)


@pytest.mark.parametrize(
    "text", ["", "localhost", "::1:8765", "127.0.0.1:99999", "http://localhost:8765", "host:-1", "１"]
)
def test_a_wrong_address_is_refused_with_a_right_one(text: str) -> None:
    with pytest.raises(SettingsError, match=r"127\.0\.0\.1:8765"):
        read_address(text)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", ""])
def test_others_are_not_served_without_a_token(host: str) -> None:
    with pytest.raises(SettingsError, match="--token-file FILE or --oauth-issuer URL"):
        listen(HttpOptions(host=host, port=0))


def test_a_taken_port_and_a_foreign_address_are_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SettingsError, match="another port"):
        listen(HttpOptions(port=taken.getsockname()[1]))
    with pytest.raises(SettingsError, match="no address"):
        listen(HttpOptions(host="nowhere.invalid"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"allow_hosts": ("http://example.org",)},
        {"allow_origins": ("example.org",)},
        {"public_url": "example.org"},
    ],
)
def test_a_wrong_name_is_refused_before_anything_starts(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match=r"write it like|write https"):
        HttpOptions(**wrong)  # type: ignore[arg-type]


def test_the_loopback_of_ipv6_is_served() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with running(HttpOptions(host="::1", port=0)) as server:
        assert server.url == f"http://[::1]:{server.port}/mcp"
        assert hello(server.port, {"Host": f"[::1]:{server.port}"}, host="::1").status == 200
    with running(HttpOptions(host="localhost", port=0)) as server:
        assert hello(server.port, host="127.0.0.1").status == 200
        assert hello(server.port, host="::1").status == 200
