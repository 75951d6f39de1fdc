"""Clients that send too much or too slowly: each is told so, and nobody else has to wait."""

from __future__ import annotations

import json
import logging
import socket
import threading

import anyio
import pytest
from http_server import (
    HEAD,
    HELLO,
    LEGACY,
    MODERN,
    PATIENCE,
    Raw,
    Tools,
    ask,
    call,
    hello,
    message,
    request,
    running,
    session,
)

from zunda_mcp.config.http_options import HttpLimits, HttpOptions

BOTH_ERAS = pytest.mark.parametrize("era", [LEGACY, MODERN])


def _limited(**limits: float) -> HttpOptions:
    return HttpOptions(port=0, limits=HttpLimits(**limits))  # type: ignore[arg-type]


def test_a_body_with_a_large_length_is_refused_before_it_is_sent() -> None:
    with running(_limited(body_bytes=1000)) as server, Raw(server.port) as raw:
        raw.send(request("POST", "/mcp", {**HEAD, "Content-Length": "1001", "Expect": "100-continue"}))
        assert raw.answer().status == 413


def test_a_body_in_chunks_without_a_length_is_refused_once_it_is_too_large() -> None:
    with running(_limited(body_bytes=1000)) as server, Raw(server.port) as raw:
        raw.send(
            request("POST", "/mcp", {**HEAD, "Transfer-Encoding": "chunked", "Content-Length": ""}).replace(
                b"Content-Length: \r\n", b""
            )
        )
        for _ in range(3):
            raw.send(b"190\r\n" + b" " * 400 + b"\r\n")
        assert raw.answer().status == 413


def test_a_body_is_counted_in_bytes_and_the_largest_is_taken() -> None:
    body = message("initialize", {**HELLO, "clientInfo": {"name": "大" * 100, "version": "1"}})
    raw_body = json.dumps(json.loads(body), ensure_ascii=False).encode()
    with running(_limited(body_bytes=len(raw_body))) as server:
        assert ask(server.port, "POST", headers=HEAD, body=raw_body).status == 200
        assert ask(server.port, "POST", headers=HEAD, body=raw_body + b" ").status == 413


def test_a_body_in_chunks_is_answered() -> None:
    body = message("initialize", HELLO)
    with running() as server, Raw(server.port) as raw:
        raw.send(
            request("POST", "/mcp", {**HEAD, "Transfer-Encoding": "chunked", "Content-Length": ""}).replace(
                b"Content-Length: \r\n", b""
            )
        )
        for place in range(0, len(body), 7):
            piece = body[place : place + 7]
            raw.send(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        raw.send(b"0\r\n\r\n")
        assert raw.answer().status == 200


def test_a_body_that_never_comes_is_given_up() -> None:
    with running(_limited(body_seconds=0.2)) as server, Raw(server.port) as raw:
        raw.send(request("POST", "/mcp", {**HEAD, "Content-Length": "100"}) + b"{")
        answer = raw.answer()
        assert answer.status == 408
        assert raw.closed()


@BOTH_ERAS
def test_a_client_that_goes_before_its_body_has_come_is_no_error(era: str, caplog: pytest.LogCaptureFixture) -> None:
    head = {**HEAD, "Content-Length": "100"} | ({} if era == LEGACY else {"MCP-Protocol-Version": MODERN})
    with caplog.at_level("INFO"), running() as server:
        with Raw(server.port) as raw:
            raw.send(request("POST", "/mcp", head) + b"{")
        assert ask(server.port, "POST", headers=HEAD, body=message("initialize", HELLO)).status == 200
    assert [line.message for line in caplog.records if line.levelname == "ERROR"] == []


@pytest.mark.parametrize(
    ("error", "logged"),
    [
        (anyio.ClosedResourceError(), False),
        (ExceptionGroup("unhandled", [anyio.ClosedResourceError(), anyio.BrokenResourceError()]), False),
        (ExceptionGroup("unhandled", [anyio.ClosedResourceError(), ValueError("x")]), True),
        (ValueError("x"), True),
    ],
)
def test_what_the_sdk_says_of_a_session_that_its_own_client_closed_is_no_error(
    error: Exception, logged: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with running():
        logging.getLogger("mcp.server.streamable_http").error("SSE response error", exc_info=error)
    assert any(one.name.startswith("mcp.") for one in caplog.records) == logged


def test_a_kept_connection_takes_one_request_after_another() -> None:
    with running() as server, Raw(server.port) as raw:
        for _ in range(5):
            raw.send(request("GET", "/health"))
            assert raw.answer().status == 200


def test_no_answer_waits_for_a_packet_to_be_acknowledged() -> None:
    with running() as server, Raw(server.port) as raw:
        raw.send(request("GET", "/health"))
        assert raw.answer().status == 200
        (connection,) = server.server.server_state.connections
        taken = connection.transport.get_extra_info("socket")
        assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_bytes_that_are_no_http_are_answered_as_such() -> None:
    with running() as server, Raw(server.port) as raw:
        raw.send(b"\x16\x03\x01 hello\r\n\r\n")
        assert raw.head()[0] == 400


def test_a_head_without_end_is_refused() -> None:
    with running() as server, Raw(server.port) as raw:
        raw.send(b"GET /mcp HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 200_000)
        assert raw.answer().status == 400


def test_where_every_connection_is_busy_the_next_is_told_so() -> None:
    tools = Tools()
    with running(_limited(connections=2), tools.server()) as server:
        opened = session(server.port)
        with Raw(server.port) as first, Raw(server.port) as second:
            for raw in (first, second):
                raw.send(call("wait", headers=opened))
                raw.head()
            with Raw(server.port) as third:
                third.send(request("GET", "/health"))
                assert third.answer().status == 503
            tools.release.set()


def test_connections_that_ask_nothing_shut_nobody_out_and_stay_bounded() -> None:
    idle: list[Raw] = []
    with running(_limited(connections=20)) as server:
        try:
            for place in range(100):
                idle.append(Raw(server.port))
                if place % 2:
                    idle[-1].send(b"GET /health HTTP/1.1\r\nHost: local")
            assert hello(server.port).status == 200
            assert len(server.server.server_state.connections) <= 20
            assert idle[0].closed()
        finally:
            for raw in idle:
                raw.socket.close()


def test_a_connection_on_which_nothing_begins_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    with running() as server:
        monkeypatch.setattr(server.server.config, "timeout_keep_alive", 0.1)
        with Raw(server.port) as raw:
            assert raw.closed()


@BOTH_ERAS
def test_a_thread_that_blocks_keeps_nobody_waiting(era: str) -> None:
    tools = Tools()
    with running(None, tools.server()) as server:
        opened = session(server.port) if era == LEGACY else {}
        with Raw(server.port) as busy, Raw(server.port) as other:
            busy.send(call("block", era, opened))
            assert tools.begun.wait(PATIENCE)
            other.send(call("echo", era, opened, text="先に"))
            assert "先に" in str(other.answer().message)
            tools.release.set()
            assert busy.answer().status == 200


def test_a_client_of_this_era_that_hangs_up_cancels_its_call() -> None:
    tools = Tools()
    with running(None, tools.server()) as server:
        with Raw(server.port) as raw:
            raw.send(call("wait", MODERN))
            assert tools.begun.wait(PATIENCE)
        assert tools.ended.wait(PATIENCE)


def test_many_clients_at_once_all_get_their_own_answers() -> None:
    answers: dict[int, str] = {}
    with running() as server:

        def converse(number: int) -> None:
            era = (LEGACY, MODERN)[number % 2]
            opened = session(server.port) if era == LEGACY else {}
            with Raw(server.port) as raw:
                for place in range(5):
                    raw.send(call("echo", era, opened, text=f"{number}-{place}"))
                    answers[number * 10 + place] = raw.answer().message["result"]["content"][0]["text"]

        threads = [threading.Thread(target=converse, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
    assert answers == {number * 10 + place: f"{number}-{place}" for number in range(16) for place in range(5)}
