"""The end: by either signal, whatever is open, soon, with exit code 0 and a last word to every client."""

from __future__ import annotations

import gc
import os
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import preloaded
import pytest
from http_server import (
    HEAD,
    LEGACY,
    MODERN,
    PATIENCE,
    Raw,
    Tools,
    ask,
    call,
    hello,
    listen_request,
    request,
    running,
    session,
)
from stdio_client import write_archive

from zunda_mcp.cli.arguments import read_arguments
from zunda_mcp.cli.server_verbs import serve
from zunda_mcp.config.http_options import HttpLimits, HttpOptions
from zunda_mcp.errors import ArgumentError, SettingsError

SIGNALS = pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals are sent otherwise here")


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command that serves a small archive."""
    folder = tmp_path_factory.mktemp("served")
    episodes = write_archive(folder / "episodes")
    return ["serve", "--episodes", str(episodes), "--index", str(folder / "index")]


@contextmanager
def _served(command: list[str], *more: str) -> Iterator[tuple[preloaded.Command, int]]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ZUNDA_MCP_")}
    environ["ZUNDA_MCP_EMBEDDER"] = "none"
    with preloaded.start([*command, "--http", "127.0.0.1:0", *more], environ) as process:
        try:
            first = process.stderr.readline().decode()
            found = re.search(r" at http://127\.0\.0\.1:(\d+)/mcp\b", first)
            assert found is not None, first
            yield process, int(found[1])
        finally:
            process.kill()


@POSIX
@SIGNALS
def test_an_idle_server_ends_with_code_0_and_says_how_to_connect(command: list[str], kind: signal.Signals) -> None:
    with _served(command) as (process, port):
        assert hello(port).status == 200
        process.send_signal(kind)
        assert process.wait(PATIENCE) == 0
        said = process.stderr.read().decode()
        assert f"claude mcp add --transport http zunda http://127.0.0.1:{port}/mcp" in said
        assert "Traceback" not in said
        assert "ERROR" not in said


@POSIX
@SIGNALS
def test_open_streams_and_half_requests_do_not_hold_the_server(command: list[str], kind: signal.Signals) -> None:
    with _served(command) as (process, port):
        opened = session(port)
        with Raw(port) as stream, Raw(port) as half, Raw(port) as body, Raw(port):
            stream.send(request("GET", "/mcp", {**HEAD, **opened}))
            assert stream.head()[0] == 200
            half.send(b"POST /mcp HTTP/1.1\r\nHost: local")
            body.send(request("POST", "/mcp", {**HEAD, "Content-Length": "100"}) + b"{")
            assert ask(port, path="/health").status == 200
            process.send_signal(kind)
            assert process.wait(PATIENCE) == 0
            assert stream.until(b"never").endswith(b"0\r\n\r\n")  # ended, not torn
            assert stream.closed()


@POSIX
def test_two_signals_at_once_end_it_too_and_leave_no_listener(command: list[str]) -> None:
    with _served(command) as (process, port):
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) in {0, -signal.SIGTERM}
        with pytest.raises(ConnectionError):
            Raw(port)


@POSIX
def test_a_server_whose_index_is_being_built_ends_too(tmp_path: Path) -> None:
    episodes = write_archive(tmp_path / "episodes", days=400)
    with _served(["serve", "--episodes", str(episodes), "--index", str(tmp_path / "index")]) as (process, port):
        opened = session(port)
        with Raw(port) as raw:
            raw.send(call("search_episodes", headers=opened, query="生成AI"))
            raw.head()
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 0


@pytest.mark.parametrize(
    ("wrong", "advice"),
    [
        ("--http 0.0.0.0:0", "--token-file FILE or --oauth-issuer URL"),
        ("--http nonsense", "127.0.0.1:8765"),
        ("--http 0 --token-file /nowhere/tokens", "cannot be read"),
        ("--http 0 --oauth-issuer http://auth.example", "https://"),
        ("--http 0 --oauth-scope read", "--oauth-issuer URL"),
        ("--token-file x", "add --http"),
        ("--stateless", "add --http"),
        ("--allow-host example.org", "add --http"),
    ],
)
def test_wrong_use_is_refused_before_anything_is_served(command: list[str], wrong: str, advice: str) -> None:
    try:
        with pytest.raises((ArgumentError, SettingsError), match=re.escape(advice)):
            serve(read_arguments([*command, *wrong.split()]))
    finally:
        gc.enable()


def test_a_refused_address_is_one_line_and_exit_code_2(command: list[str]) -> None:
    done = preloaded.run([*command, "--http", "0.0.0.0:0"])
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_a_listening_client_hears_that_the_end_was_meant() -> None:
    tools = Tools()
    with running(None, tools.server()) as server, Raw(server.port) as raw:
        raw.send(listen_request(server.port))
        assert raw.head()[0] == 200
        assert b"notifications/subscriptions/acknowledged" in raw.until(b"\r\n\r\n")
        with Raw(server.port) as other:
            other.send(call("change", MODERN))
            assert other.answer().status == 200
        assert b"notifications/resources/list_changed" in raw.until(b"list_changed") + raw.until(b"\r\n\r\n")
        server.stop()
        last = raw.until(b"0\r\n\r\n")
        assert b'"id":7' in last
        assert b'"result"' in last
        assert raw.closed()


@pytest.mark.parametrize("era", [LEGACY, MODERN])
def test_a_call_that_ends_in_time_is_answered_before_the_end(era: str) -> None:
    tools = Tools()
    with running(HttpOptions(port=0, limits=HttpLimits(stop_seconds=PATIENCE)), tools.server()) as server:
        opened = session(server.port) if era == LEGACY else {}
        with Raw(server.port) as raw:
            raw.send(call("wait", era, opened, text="最後"))
            assert tools.begun.wait(PATIENCE)
            server.server.should_exit = True
            timer = threading.Timer(0.2, tools.release.set)
            timer.start()
            assert "最後" in str(raw.answer().message)
            timer.join()


@pytest.mark.parametrize("era", [LEGACY, MODERN])
@pytest.mark.parametrize("tool", ["wait", "block"])
def test_a_call_that_does_not_end_is_cut_short_when_the_server_stops(era: str, tool: str) -> None:
    tools = Tools()
    with running(HttpOptions(port=0, limits=HttpLimits(stop_seconds=0.1)), tools.server()) as server:
        opened = session(server.port) if era == LEGACY else {}
        with Raw(server.port) as raw:
            raw.send(call(tool, era, opened))
            assert tools.begun.wait(PATIENCE)
            server.stop()
            assert b'"result"' not in raw.until(b"never")
            assert raw.closed()
        tools.release.set()
