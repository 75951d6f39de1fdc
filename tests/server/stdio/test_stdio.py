"""The server as clients run it: a process, an archive of files, lines of JSON in both eras of the protocol."""

from __future__ import annotations

import json
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from stdio_client import Era, Server, write_archive

from zunda_mcp.server.tools import TOOLS

ERAS: tuple[Era, ...] = ("2025-06-18", "2026-07-28")
BOTH_ERAS = pytest.mark.parametrize("era", ERAS)
PER_TOOL = pytest.mark.parametrize("tool", [tool.name for tool in TOOLS])
GOOD: dict[str, dict[str, Any]] = {
    "search_episodes": {"query": "生成AI"},
    "find_text": {"pattern": "生成ai"},
    "get_episode": {"id": "latest"},
    "list_topics": {},
    "topic_timeline": {"topic": "生成AI"},
    "find_related": {"id": "2025-07-02-2#1"},
    "check_quote": {"quote": "詳しい説明が続く。"},
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three episodes of three stories."""
    return write_archive(tmp_path_factory.mktemp("archive") / "episodes", extra="\n\n詳しい説明が続く。" * 20)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the index of the three episodes is; the first server that needs it builds it."""
    return tmp_path_factory.mktemp("cache") / "index"


@pytest.fixture(scope="module", params=ERAS)
def server(request: pytest.FixtureRequest, archive: Path, index: Path) -> Iterator[Server]:
    """A greeted server whose index is there, in each era."""
    with Server(archive, index, request.param) as running:
        running.open()
        running.patient_call("search_episodes")
        yield running
        assert running.hang_up() == 0
        assert "Traceback" not in running.complaints


def _text(result: dict[str, Any]) -> str:
    block, *links = result["content"]
    assert block["type"] == "text"
    assert all(link["type"] == "resource_link" for link in links)
    text: str = block["text"]
    return text


def _refused(result: dict[str, Any]) -> str:
    """The one sentence of a refusal: no data, no traceback, no path, no library's own words."""
    said = _text(result)
    assert result["isError"] is True
    assert "structuredContent" not in result
    assert "\n" not in said
    assert not re.search(r"pydantic|Traceback|site-packages|\.py\b", said)
    return said


@BOTH_ERAS
def test_the_handshake_does_not_wait_for_the_index(era: Era, tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "episodes", days=60, extra="長い説明が続く。" * 40)
    with Server(archive, tmp_path / "index", era) as server:
        answer = server.open()["result"]
        offered = {"tools", "resources", "prompts", "completions"}
        assert set(answer["capabilities"]) == offered | ({"extensions"} if era == "2026-07-28" else set())
        assert "search_episodes" in answer["instructions"]
        if era == "2025-06-18":
            assert answer["protocolVersion"] == era
        else:
            assert answer["supportedVersions"] == [era]
        assert len(server.ask("tools/list")["result"]["tools"]) == len(TOOLS)
        result = server.patient_call("search_episodes", query="生成AI", limit=1)
        assert result["structuredContent"]["total_stories"] == 60
        assert server.hang_up() == 0


@BOTH_ERAS
def test_instructions_tell_what_is_in_an_index_that_is_there(
    era: Era, archive: Path, index: Path, server: Server
) -> None:
    expected = "3 episodes with 9 stories from 2025-07-01 to 2025-07-03"
    said = ""
    for _ in range(5):  # a machine that is very busy may not open it in the time a handshake waits
        with Server(archive, index, era) as another:
            said = another.open()["result"]["instructions"]
            another.hang_up()
        if expected in said:
            break
    assert expected in said


def test_versions_of_the_handshake_era_are_echoed(archive: Path, index: Path) -> None:
    for version in ("2024-11-05", "2025-03-26", "2025-11-25"):
        with Server(archive, index) as server:
            hello = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "old", "version": "1"}}
            assert server.ask("initialize", hello)["result"]["protocolVersion"] == version
            assert server.hang_up() == 0


def test_every_tool_answers(server: Server) -> None:
    for tool, arguments in GOOD.items():
        result = server.call(tool, **arguments)
        assert not result.get("isError"), _text(result)
        assert _text(result)
        if tool not in ("get_episode", "find_text"):
            assert result["structuredContent"]["freshness"]["newest"] == "2025-07-03"


def test_a_search_finds_and_cites(server: Server) -> None:
    result = server.call("search_episodes", query="音声合成", since="2025-07-02", sort="oldest")
    data = result["structuredContent"]
    assert [hit["id"] for hit in data["hits"]] == ["2025-07-02-2#2", "2025-07-03-3#2"]
    assert data["hits"][0]["url"] == "https://www.example.net/voice/2"
    assert "site" not in data["hits"][0]
    assert "- 2025-07-02-2#2 " in _text(result)
    assert "https://www.example.net/voice/2\n" in _text(result)


def test_a_search_goes_on_where_the_cursor_says(server: Server) -> None:
    seen: list[str] = []
    cursor = None
    for _ in range(9):
        result = server.call("search_episodes", query="", sort="oldest", limit=2, cursor=cursor)
        data = result["structuredContent"]
        seen += [hit["id"] for hit in data["hits"]]
        cursor = data["next_cursor"]
        assert (cursor is None) or f'cursor="{cursor}"' in _text(result)
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 9


def test_an_episode_is_read_page_by_page(server: Server) -> None:
    first = _text(server.call("get_episode", id="2025-07-02", detail="full", max_chars=1000))
    assert first.startswith("Quoted from the archive")
    more = re.search(r'cursor="([^"]+)"', first)
    assert more is not None
    second = _text(server.call("get_episode", id="2025-07-02-2", detail="full", max_chars=1000, cursor=more[1]))
    assert "continued" in second
    assert max(len(first), len(second)) <= 1000
    assert "引用元" not in first + second
    refused = _refused(server.call("get_episode", id="2025-07-03", cursor=more[1]))
    assert 'get_episode(id="2025-07-03-3")' in refused


def test_one_story_is_read_alone(server: Server) -> None:
    said = _text(server.call("get_episode", id="2025-07-02-2#3"))
    assert "# 3. Agents that read code" in said
    assert "2025-07-02-2#1 小さな言語モデルを手元で動かす" in said
    assert "少ない録音" not in said


def test_nothing_found_says_how_far_was_searched(server: Server) -> None:
    result = server.call("search_episodes", query="ウィスキー蒸留所")
    assert not result.get("isError")
    assert result["structuredContent"]["total_stories"] == 0
    assert _text(result).startswith("Nothing found. The archive was searched up to 2025-07-03.")


@PER_TOOL
def test_an_unknown_argument_is_refused(server: Server, tool: str) -> None:
    said = _refused(server.call(tool, **GOOD[tool], max_char=500))
    assert said.startswith(f'{tool} has no argument "max_char"; did you mean "max_chars"? Call {tool}(')


@PER_TOOL
@pytest.mark.parametrize(
    "value",
    [
        {"a": 1},
        [[1]],
        True,
        -1,
        10**40,
        1.5,
        "",
        " ",
        "\x00\x1b[2J\u202e",
        "長" * 20_000,
        "../../etc/passwd",
        [],
        ["a"],
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_wrong_value_for_any_argument_is_answered_in_plain_words(server: Server, tool: str, value: object) -> None:
    (declared,) = (known for known in TOOLS if known.name == tool)
    for param in declared.params:
        result = server.call(tool, **{**GOOD[tool], param.name: value})
        if result.get("isError"):
            _refused(result)
        else:
            assert len(_text(result)) <= 60_000
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", _text(result))


@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd", "..\\..\\secret", "/etc/passwd", "file:///etc/passwd", "2025-07-02-2/../x", "%2e%2e"],
)
@pytest.mark.parametrize("tool", ["get_episode", "find_related"])
def test_an_id_is_looked_up_and_never_opened(server: Server, tool: str, name: str) -> None:
    assert "root:" not in _refused(server.call(tool, id=name))


@pytest.mark.parametrize(
    "query",
    [
        "語 " * 900,
        '"' * 300,
        "-" * 300,
        "(" * 300 + ")" * 300,
        "* ? [a-z]* title:x AND OR NOT ^2 ~3",
        "\u202e逆\u2066さ\u2069",
        "🏳️‍🌈 ‍ ﷽ ゙゚",
        "https://" + "a." * 300 + "com",
    ],
    ids=range(8),
)
def test_a_hostile_query_is_answered(server: Server, query: str) -> None:
    for tool, name in (
        ("search_episodes", "query"),
        ("list_topics", "query"),
        ("topic_timeline", "topic"),
        ("check_quote", "quote"),
    ):
        result = server.call(tool, **{name: query})
        assert len(_text(result)) <= 6000
        assert "fault in the server" not in _text(result)


def test_an_unknown_tool_is_a_protocol_error(server: Server) -> None:
    error = server.ask("tools/call", {"name": "search", "arguments": {}})["error"]
    assert error["code"] == -32602
    assert "search_episodes" in error["message"]


@pytest.mark.parametrize("arguments", ["{}", [], 5, True])
def test_arguments_that_are_no_object_are_a_protocol_error(server: Server, arguments: object) -> None:
    error = server.ask("tools/call", {"name": "list_topics", "arguments": arguments})["error"]
    assert error["code"] == -32602
    assert "pydantic" not in json.dumps(error)


def test_lines_that_are_no_message_do_not_end_the_conversation(server: Server) -> None:
    for line in (b"hello", b"{", b"[]", b"\xff\xfe", b"", b"[" * 50_000):
        server.write(line)
    assert not server.call("list_topics").get("isError")


def test_calls_sent_together_are_all_answered(server: Server) -> None:
    numbers = {server.send("tools/call", {"name": "list_topics", "arguments": {}}) for _ in range(20)}
    assert {server.read()["id"] for _ in numbers} == numbers


def test_a_new_episode_is_found_without_a_restart(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "episodes", days=2)
    with Server(archive, tmp_path / "index") as server:
        server.open()
        assert server.patient_call("search_episodes")["structuredContent"]["total_episodes"] == 2
        write_archive(archive, days=3)
        for _ in range(200):  # the files are not looked at more often than is worth it
            if server.call("search_episodes")["structuredContent"]["total_episodes"] == 3:
                break
        assert server.call("get_episode", id="2025-07-03").get("isError") is not True
        assert server.hang_up() == 0


def test_a_missing_archive_is_told_at_each_call_and_never_ends_the_server(tmp_path: Path) -> None:
    with Server(tmp_path / "nowhere", tmp_path / "index") as server:
        server.open()
        for _ in range(2):
            assert server.call("search_episodes", query="x")["isError"] is True
        assert server.hang_up() == 0
        assert "Traceback" not in server.complaints


@BOTH_ERAS
def test_the_end_of_stdin_is_the_end_of_the_server(era: Era, archive: Path, index: Path) -> None:
    with Server(archive, index, era) as server:
        server.open()
        assert server.hang_up() == 0
        assert server.complaints == ""


def test_the_end_of_stdin_before_any_word_is_an_end_too(archive: Path, index: Path) -> None:
    with Server(archive, index) as server:
        assert server.hang_up() == 0
        assert server.complaints == ""


def test_the_end_of_stdin_does_not_wait_for_the_building_of_the_index(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "episodes", days=120, extra="長い説明が続く。" * 40)
    with Server(archive, tmp_path / "index") as server:
        server.open()
        server.send("tools/call", {"name": "search_episodes", "arguments": {"query": "x"}})
        assert server.hang_up() == 0
        assert "Traceback" not in server.complaints
    with Server(archive, tmp_path / "index") as server:  # and what was left behind is no obstacle
        server.open()
        assert server.patient_call("search_episodes")["structuredContent"]["total_episodes"] == 120


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without a signal")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("busy", [False, True])
def test_a_signal_ends_the_server_though_stdin_is_open(
    number: signal.Signals, busy: bool, archive: Path, index: Path
) -> None:
    with Server(archive, index) as server:
        server.open()
        asked = set()
        if busy:
            server.patient_call("search_episodes")  # so that no answer waits for the index to be built
            asked = {server.send("tools/call", {"name": "search_episodes", "arguments": {}}) for _ in range(5)}
            heard = server.send("ping")  # which is answered by who reads, and so after all have been heard
            while (answered := server.read()["id"]) != heard:
                asked.discard(answered)
        server.process.send_signal(number)
        assert server.finish() == 0
        while asked:  # what was asked before is answered
            asked.discard(server.read()["id"])
        assert "Traceback" not in server.complaints


def test_a_client_that_is_gone_is_no_reason_to_complain(archive: Path, index: Path) -> None:
    with Server(archive, index, listen=False) as server:
        server.open()
        assert server.process.stdout is not None
        server.process.stdout.close()
        server.send("tools/list")
        assert server.hang_up() == 0
        assert "Traceback" not in server.complaints
