"""The light server answers exactly as the MCP SDK does: the same lines go to both, and the answers are compared."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import preloaded
import pytest
from stdio_client import write_archive

#: The server as it is run, but that a busy machine gets all the time it needs to tell what is in the archive.
PATIENT = """
import sys
from zunda_mcp.cli import main
from zunda_mcp.server.stdio import stdio_server

stdio_server.INSTRUCTIONS_WAIT = 30.0
sys.exit(main(["serve", *sys.argv[1:]]))
"""

SDK_ALONE = """
import sys
import threading
from pathlib import Path
import anyio
from mcp.server.stdio import stdio_server
from zunda_mcp.library import Library
from zunda_mcp.server.dispatch import LazyArchive
from zunda_mcp.server.instructions import instructions
from zunda_mcp.server.sdk import ArchiveServer
from zunda_mcp.config.load import load_settings

async def main():
    settings = load_settings(episodes=[sys.argv[1]], index=sys.argv[2], environ={}, embedder="none")
    opening = LazyArchive(lambda: Library.open(settings))
    archive = opening.get()
    archive.search("")
    server = ArchiveServer(opening, instructions(archive.freshness(), archive.language()))
    async with stdio_server() as (reader, writer):
        await server.run(reader, writer, server.create_initialization_options())

anyio.run(main)
"""

HANDSHAKES = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28", "1999-01-01"]
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
}

Line = dict[str, Any] | str


def request(identity: object, method: str, **params: Any) -> dict[str, Any]:
    """A request as a client sends it."""
    return {"jsonrpc": "2.0", "id": identity, "method": method, "params": params}


def initialize(version: str) -> list[Line]:
    """The handshake of the first era."""
    client = {"name": "test", "version": "1"}
    return [
        request(0, "initialize", protocolVersion=version, capabilities={}, clientInfo=client),
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
    ]


def calls(**more: Any) -> list[Line]:
    """What a client asks in either era, answered by the light server; each id once."""
    return [
        request(1, "tools/list", **more),
        request("two", "tools/call", name="search_episodes", arguments={"query": "生成AI"}, **more),
        request(3, "tools/call", name="search_episodes", arguments={"query": "ない言葉"}, **more),
        request(4, "tools/call", name="search_episodes", arguments={"q": "生成AI"}, **more),
        request(5, "tools/call", name="get_episode", arguments={"id": "latest"}, **more),
        request(6, "tools/call", name="list_topics", **more),
        request(7, "tools/call", name="topic_timeline", arguments={"topic": "音声合成"}, **more),
        request(8, "tools/call", name="find_related", arguments={"id": "2025-07-02-2#1"}, **more),
        request(9, "tools/call", name="search_episode", arguments={}, **more),
        request(10, "tools/call", name="check_quote", arguments={"quote": "詳しい説明"}, **more),
        request(11, "ping", **more),
        request(12, "tools/list", cursor="anything", **more),
    ]


def odd(**more: Any) -> list[Line]:
    """What only the SDK answers, and an ordinary call after it."""
    return [
        request(20, "resources/list", **more),
        request(21, "no/such/method", **more),
        request(22, "tools/call", arguments={}, **more),
        request(23, "tools/call", name=5, **more),
        request(24, "tools/call", name="search_episodes", arguments=[1], **more),
        "this is no JSON",
        "[1, 2]",
        "",
        request(25, "tools/call", name="search_episodes", arguments={"query": "エージェント"}, **more),
        request(26, "tools/list", **more),
    ]


def conversation(code: str, arguments: list[str], lines: list[Line], answers: int) -> dict[str, Any]:
    """Send lines one after the other, waiting for each answer; the answers by id."""
    with preloaded.start(arguments, code=code) as process:
        got: dict[str, Any] = {}
        patience = threading.Timer(60, process.kill)  # a missing answer is a failure, not a hang
        patience.start()
        for line in lines:
            raw = line if isinstance(line, str) else json.dumps(line)
            process.stdin.write(raw.encode("utf-8") + b"\n")
            process.stdin.flush()
            if isinstance(line, dict) and "id" in line:
                answer = json.loads(process.stdout.readline())
                assert repr(answer["id"]) not in got
                got[repr(answer["id"])] = answer
        process.stdin.close()
        rest = process.stdout.read()
        assert process.wait(60) == 0
        patience.cancel()
    assert rest == b""
    assert len(got) == answers
    return got


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """An archive of three episodes and its index, built."""
    from conftest import library_over

    folder = tmp_path_factory.mktemp("light")
    episodes, index = write_archive(folder / "episodes"), folder / "index"
    with library_over(episodes, index) as library:
        library.refresh()
    return str(episodes), str(index)


def both(places: tuple[str, str], lines: list[Line]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answers of the server as it is run, and those of the SDK alone."""
    episodes, index = places
    asked = sum(1 for line in lines if isinstance(line, dict) and "id" in line)
    return (
        conversation(PATIENT, ["--episodes", episodes, "--index", index, "--embedder", "none"], lines, asked),
        conversation(SDK_ALONE, [episodes, index], lines, asked),
    )


@pytest.mark.parametrize("version", HANDSHAKES)
def test_an_initialized_conversation_is_the_same_with_and_without_the_light_server(
    places: tuple[str, str], version: str
) -> None:
    light, sdk = both(places, [*initialize(version), *calls()])
    assert light == sdk


@pytest.mark.parametrize(("version", "linked"), [("2024-11-05", 0), ("2025-03-26", 0), ("2025-06-18", 1)])
def test_links_to_resources_are_only_sent_to_those_who_know_them(
    places: tuple[str, str], version: str, linked: int
) -> None:
    lines = [*initialize(version), request(1, "tools/call", name="get_episode", arguments={"id": "latest"})]
    for answers in both(places, lines):
        content = answers["1"]["result"]["content"]
        assert [block["type"] for block in content] == ["text", *["resource_link"] * linked]


def test_a_stateless_conversation_is_the_same_with_and_without_the_light_server(places: tuple[str, str]) -> None:
    light, sdk = both(places, [request("d", "server/discover", _meta=META), *calls(_meta=META)])
    assert light == sdk


def test_a_stateless_conversation_may_begin_with_any_request(places: tuple[str, str]) -> None:
    lines: list[Line] = [request(1, "tools/list", _meta=META), request(2, "resources/list", _meta=META)]
    light, sdk = both(places, lines)
    assert light == sdk


@pytest.mark.parametrize("version", ["2025-06-18", "2025-11-25"])
def test_what_the_light_server_leaves_to_the_sdk_goes_on_as_if_it_had_been_there(
    places: tuple[str, str], version: str
) -> None:
    light, sdk = both(places, [*initialize(version), *calls()[:3], *odd()])
    assert light == sdk


def test_a_stateless_conversation_is_handed_over_too(places: tuple[str, str]) -> None:
    light, sdk = both(places, [request("d", "server/discover", _meta=META), *calls(_meta=META)[:3], *odd(_meta=META)])
    assert light == sdk


@pytest.mark.parametrize(
    "first",
    [
        request(1, "tools/list"),
        request(1, "ping"),
        request(1, "initialize", protocolVersion="2025-06-18"),
        request(1, "initialize", protocolVersion=7, capabilities={}, clientInfo={"name": "x", "version": "1"}),
        request(1, "server/discover"),
        request(1, "server/discover", _meta={**META, "io.modelcontextprotocol/protocolVersion": "2031-01-01"}),
    ],
)
def test_a_conversation_that_begins_wrong_is_refused_as_the_sdk_refuses_it(
    places: tuple[str, str], first: dict[str, Any]
) -> None:
    light, sdk = both(places, [first])
    assert light == sdk


def test_a_plain_conversation_never_loads_the_sdk(places: tuple[str, str]) -> None:
    episodes, index = places
    code = (
        "import sys, threading\n"
        "from zunda_mcp.cli import main\n"
        "import os\n"
        "ended = os._exit\n"
        "os._exit = lambda code: (print(*sorted(m for m in sys.modules if m.split('.')[0] in ('mcp', 'anyio')),"
        " file=sys.stderr), sys.stderr.flush(), ended(code))\n"
        f"main(['serve', '--episodes', {episodes!r}, '--index', {index!r}])\n"
        "print(*sorted(m for m in sys.modules if m.split('.')[0] in ('mcp', 'anyio')), file=sys.stderr)\n"
    )
    lines = [*initialize("2025-06-18"), *calls()]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run(
        [sys.executable, "-c", code], input=text.encode(), capture_output=True, check=True, timeout=60
    )
    assert done.stderr.decode().split() == []
    assert len(done.stdout.splitlines()) == 13


def test_what_is_printed_by_mistake_never_reaches_the_client(places: tuple[str, str]) -> None:
    episodes, index = places
    code = (
        "import zunda_mcp.server.dispatch as answering\n"
        "real = answering.answer\n"
        "def loud(*args):\n    print('oops', flush=True)\n    return real(*args)\n"
        "answering.answer = loud\n"
        "from zunda_mcp.cli import main\n"
        f"main(['serve', '--episodes', {episodes!r}, '--index', {index!r}])\n"
    )
    lines = [*initialize("2025-06-18"), request(1, "tools/call", name="list_topics")]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run(
        [sys.executable, "-c", code], input=text.encode(), capture_output=True, check=True, timeout=60
    )
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [0, 1]
    assert b"oops" in done.stderr


def test_calls_sent_all_at_once_are_all_answered_before_the_end(places: tuple[str, str], tmp_path: Path) -> None:
    episodes, index = places
    lines = [*initialize("2025-06-18")]
    lines += [request(i, "tools/call", name="search_episodes", arguments={"query": "生成AI"}) for i in range(1, 101)]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    command = [sys.executable, "-m", "zunda_mcp", "serve", "--episodes", episodes, "--index", index]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=True, timeout=60, cwd=tmp_path)
    assert sorted(json.loads(line)["id"] for line in done.stdout.splitlines()) == list(range(101))


def test_an_id_may_be_used_again_as_soon_as_it_is_answered(places: tuple[str, str], tmp_path: Path) -> None:
    episodes, index = places
    command = [sys.executable, "-m", "zunda_mcp", "serve", "--episodes", episodes, "--index", index]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path)
    patience = threading.Timer(60, server.kill)
    patience.start()
    try:
        assert server.stdin
        assert server.stdout
        call = request(7, "tools/call", name="search_episodes", arguments={"query": "生成AI"})
        for line in [*initialize("2025-06-18"), *[call] * 30]:
            server.stdin.write((json.dumps(line) + "\n").encode())
            server.stdin.flush()
            if isinstance(line, dict) and "id" in line:
                assert json.loads(server.stdout.readline())["id"] == line["id"]
    finally:
        patience.cancel()
        server.communicate()
