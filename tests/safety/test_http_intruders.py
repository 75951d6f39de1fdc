"""HTTP from somebody who wants in, or wants to keep others out; test_http_*.py of the server hold the usual."""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import preloaded
import pytest
from http_server import HEAD, HELLO, PATIENCE, Raw, Running, ask, hello, message, request, running

from conftest import SAMPLE
from zunda_mcp.config.http_options import HttpLimits, HttpOptions

BODY = message("initialize", HELLO)


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running() as found:
        yield found


# --- another name for this machine (DNS rebinding)


@pytest.mark.parametrize(
    "host",
    [
        *(
            "evil.example:80",
            "evil.example.",
            "EVIL.EXAMPLE",
            "localhost.evil.example.",
            "evil-localhost",
            "localhost..",
            ".",
        ),
        *(
            "127.0.0.2",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "0.0.0.0",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::2]",
        ),
        *(
            "::1",
            "[::1",
            "[::1]x",
            "[::1].evil.example",
            "[::1%25lo]",
            "[fe80::1]",
            "localhost:x",
            "localhost:80:80",
            "localhost:-1",
        ),
        *(
            "localhost, evil.example",
            "evil.example, localhost",
            "evil.example localhost",
            "localhost/evil.example",
            "localhost#evil",
        ),
        *(
            "localhost@evil.example",
            "evil.example\\localhost",
            "local\u00adhost",
            "ｌocalhost".encode().decode("latin-1"),
        ),
        *(
            "127.0.0.1.nip.io",
            "localhost%00.evil.example",
            "localhost%2eevil.example",
            "*",
            "null",
            "host.docker.internal",
        ),
    ],
)
def test_no_form_of_a_foreign_host_is_taken_for_this_machine(server: Running, host: str) -> None:
    """As the loopback it counts only as it is written in an address of ours; 400 is HTTP that is none."""
    assert hello(server.port, {"Host": host}).status in {400, 421}


def test_two_hosts_or_none_are_refused(server: Running) -> None:
    for head in (b"Host: localhost\r\nHost: evil.example\r\n", b"Host: evil.example\r\nHost: localhost\r\n", b""):
        with Raw(server.port) as raw:
            raw.send(b"GET /health HTTP/1.1\r\n" + head + b"\r\n")
            assert raw.answer().status in {400, 421}


def test_an_address_in_the_first_line_is_no_way_around_the_host(server: Running) -> None:
    for target in (
        "http://evil.example/mcp",
        "http://localhost@evil.example/mcp",
        "//evil.example/mcp",
        "evil.example:80",
    ):
        with Raw(server.port) as raw:
            raw.send(request("POST", target, {**HEAD, "Host": "evil.example"}, BODY))
            assert raw.answer().status in {400, 404, 421}
        with Raw(server.port) as raw:
            raw.send(request("CONNECT", target, {"Host": "localhost"}))
            assert raw.answer().status in {400, 404, 405}


@pytest.mark.parametrize(
    "header", ["X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override"]
)
def test_no_other_header_speaks_for_the_host_or_the_path(server: Running, header: str) -> None:
    value = "host=localhost" if header == "Forwarded" else "localhost"
    assert hello(server.port, {"Host": "evil.example", header: value}).status == 421
    assert ask(server.port, path="/secret", headers={header: "/health"}).status == 404


# --- two requests in one (request smuggling: RFC 9112, sections 6.3, 7.1, 11.2)

OPEN = b"POST /mcp HTTP/1.1\r\nHost: localhost\r\n" + "".join(f"{k}: {v}\r\n" for k, v in HEAD.items()).encode()
CHUNKED = OPEN + b"Transfer-Encoding: chunked\r\n\r\n"
POISON = request("GET", "/health", {"X-Poison": "1"})


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: {size}\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: {size}",
        "Content-Length: 0\r\nContent-Length: {size}",
        "Content-Length: {size}, 0",
        "Content-Length: +{size}",
        "Content-Length: -1",
        "Content-Length: 0x10",
        "Content-Length: {size}_0",
        "Content-Length : {size}",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: identity",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding:\x0bchunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "X: y\r\n Transfer-Encoding: chunked",
        "X: y\rTransfer-Encoding: chunked",
        "X: y\x00\r\nTransfer-Encoding: chunked",
    ],
)
def test_a_request_whose_end_is_in_doubt_is_answered_once_and_hides_no_other(server: Running, framing: str) -> None:
    """Whatever follows what may be read in two ways is never taken for a request of its own."""
    hidden = b"0\r\n\r\n" + POISON
    head = framing.format(size=len(hidden)).encode("latin-1")
    with Raw(server.port) as raw:
        raw.send(OPEN + head + b"\r\n\r\n" + hidden)
        raw.socket.shutdown(socket.SHUT_WR)
        said = b""
        while more := raw.receive():
            said += more
    statuses = re.findall(rb"HTTP/1\.1 (\d{3})", said)
    assert statuses[1:] in ([], [b"400"]), said
    assert b"200" not in statuses


@pytest.mark.parametrize(
    "chunk",
    [
        *(
            b"-1\r\n",
            b"+1\r\nx\r\n",
            b"0x1\r\nx\r\n",
            b"1_0\r\n",
            b"ffffffffffffffffffff\r\n",
            b"f" * 100_000,
            b"g\r\n",
            b"\r\n",
        ),
        *(b"1\r\nxx0\r\n\r\n", b"1;" + b"a" * 100_000),
    ],
    ids=lambda chunk: str(chunk[:12]),
)
def test_a_chunk_that_is_none_is_refused_and_the_connection_closed(server: Running, chunk: bytes) -> None:
    head = CHUNKED
    with Raw(server.port) as raw:
        raw.send(head + chunk)
        raw.socket.shutdown(socket.SHUT_WR)
        said = b""
        while more := raw.receive():
            said += more
    assert re.findall(rb"HTTP/1\.1 (\d{3})", said) in ([], [b"400"], [b"413"]), said


# --- keeping others out


def test_bodies_that_come_byte_by_byte_keep_nobody_waiting() -> None:
    limits = HttpLimits(body_seconds=0.8)
    slow: list[Raw] = []
    with running(HttpOptions(port=0, limits=limits)) as server:
        try:
            for place in range(40):
                raw = Raw(server.port)
                slow.append(raw)
                whole = request("POST", "/mcp", {**HEAD, "Content-Length": "1000"}) + b"{"
                raw.send(whole)
                if place % 10 == 0:
                    assert ask(server.port, path="/health").status == 200
            for _ in range(5):
                for raw in slow:
                    try:
                        raw.send(b"x")
                    except OSError:
                        continue
                assert hello(server.port).status == 200
        finally:
            for raw in slow:
                raw.socket.close()
        assert hello(server.port).status == 200


def test_chunks_without_end_are_given_up(server: Running) -> None:
    with (
        running(HttpOptions(port=0, limits=HttpLimits(body_bytes=2000, body_seconds=PATIENCE))) as small,
        Raw(small.port) as raw,
    ):
        raw.send(CHUNKED)
        for _ in range(3000):
            try:
                raw.send(b"1\r\n \r\n")
            except OSError:
                break
        assert raw.answer().status == 413
        assert hello(small.port).status == 200


def test_a_client_that_closes_its_half_is_answered_and_let_go(server: Running) -> None:
    with Raw(server.port) as raw:
        raw.send(request("POST", "/mcp", HEAD, BODY))
        raw.socket.shutdown(socket.SHUT_WR)
        said = b""
        while more := raw.receive():
            said += more
        assert said.startswith(b"HTTP/1.1 200") or not said
    with Raw(server.port) as raw:
        raw.send(request("POST", "/mcp", {**HEAD, "Content-Length": "1000"}) + b"{")
        raw.socket.shutdown(socket.SHUT_WR)
        while raw.receive():
            pass
    assert hello(server.port).status == 200


def test_many_headers_are_refused_or_answered_and_never_waited_for(server: Running) -> None:
    with Raw(server.port) as raw:
        raw.send(
            b"GET /health HTTP/1.1\r\nHost: localhost\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(5000)) + b"\r\n"
        )
        assert raw.answer().status in {200, 400, 431}
    assert hello(server.port).status == 200


# --- from elsewhere


def test_the_command_listens_on_the_loopback_alone(tmp_path: Path) -> None:
    """With a port and nothing else said, and with the loopback's name."""
    command = ["serve", "--episodes", str(SAMPLE), "--index", str(tmp_path / "index")]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with preloaded.start([*command, "--http", str(port)]) as process:
        try:
            assert f"http://127.0.0.1:{port}/mcp" in process.stderr.readline().decode()
            assert ask(port, path="/health").status in {200, 503}
            for address in others():
                with pytest.raises(OSError, match=r".*"):
                    socket.create_connection((address, port), timeout=5).close()
        finally:
            process.kill()


def others() -> list[str]:
    """Addresses of this machine that are not 127.0.0.1."""
    found = {"127.0.0.2"} if sys.platform.startswith("linux") else set()
    with suppress(OSError):
        found |= {str(one[4][0]) for one in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    return sorted(found - {"127.0.0.1"})
