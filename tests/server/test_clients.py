"""What needs no installation of what `make clients` runs: the project's own SDK, the fixtures, and the judging."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import anyio
import mcp_types as types
import pytest
from clients_page import BEGIN, END, write_page, write_report
from fixture_server import TOOL_NAMES, build_fixture_server
from installing import HERE, PYTHON_CLIENTS, npm_versions
from judging import EPISODE, PARTS, PLAN, WORD, Seen, judge
from mcp import Client
from mcp.client import ClientRequestContext
from rows import Row
from serving import STDIO, Door, build_index, over_http
from visiting import look, own_sdk

from zunda_mcp.server.tools import TOOLS

Mode = Literal["legacy", "auto"]
ERAS: dict[Mode, str] = {"legacy": "2025-11-25", "auto": "2026-07-28"}
BOTH_MODES = pytest.mark.parametrize("mode", list(ERAS))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the index of the sample archive."""
    found = tmp_path_factory.mktemp("clients")
    build_index(found)
    return found


@pytest.fixture(scope="module")
def door(folder: Path) -> Iterator[Door]:
    """The real server over HTTP."""
    with over_http(folder=folder) as found:
        yield found


def _offered(seen: Seen) -> list[str]:
    """The parts of the tour that a server with these capabilities must give."""
    kinds = {"resources": "resources", "completion": "completions", "prompts": "prompts"}
    return [part for part in PARTS if kinds.get(part, "tools") in seen["capabilities"]]


@BOTH_MODES
def test_the_sdk_makes_the_whole_tour_over_stdio(folder: Path, mode: Mode) -> None:
    seen, trouble = look(own_sdk(mode, ERAS[mode]), STDIO, folder)
    assert trouble is None
    assert seen["era"] == ERAS[mode]
    assert {part: judge(seen, part) for part in _offered(seen)} == dict.fromkeys(_offered(seen))


@BOTH_MODES
def test_the_sdk_makes_the_whole_tour_over_http(folder: Path, door: Door, mode: Mode) -> None:
    seen, trouble = look(own_sdk(mode, ERAS[mode]), door, folder)
    assert trouble is None
    assert seen["era"] == ERAS[mode]
    assert {part: judge(seen, part) for part in _offered(seen)} == dict.fromkeys(_offered(seen))


def test_a_client_that_cannot_connect_is_told(folder: Path) -> None:
    seen, trouble = look(own_sdk("auto", ERAS["auto"]), Door("HTTP", "http://127.0.0.1:9/mcp"), folder)
    assert seen == {}
    assert trouble is not None
    assert trouble.startswith("ended with exit code 1")


# --- judging


def test_every_tool_is_called() -> None:
    assert list(PLAN["calls"]) == [tool.name for tool in TOOLS]


def _text(*words: str, **more: object) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": " ".join(words)}], **more}


_RIGHT: Seen = {
    "tools": [{"name": tool.name} for tool in TOOLS],
    "answers": {
        "search_episodes": _text("2025-07-08-279#2", structuredContent={"hits": [{"id": "2025-07-08-279#2"}]}),
        "find_text": _text("2025-07-08-279#2"),
        "get_episode": _text(EPISODE),
        "list_topics": _text("RAG"),
        "topic_timeline": _text("2025-12-18-389"),
        "find_related": _text("2025-12-18-389#3"),
        "check_quote": _text("2025-07-08-279#2"),
    },
    "refusal": _text(f'Call search_episodes(query="{WORD}").', isError=True),
    "resources": [{"uri": "archive://overview"}],
    "templates": [{"uriTemplate": "episode://{id}"}],
    "read": {"contents": [{"uri": f"episode://{EPISODE}", "text": WORD}]},
    "completion": [EPISODE],
    "prompts": [{"name": "digest"}],
    "messages": {"digest": [{"role": "user", "content": {"type": "text", "text": "Search."}}]},
}
_WRONG: list[tuple[str, Callable[[Seen], object]]] = [
    ("tools", lambda seen: seen["tools"].pop()),
    ("tools", lambda seen: seen["answers"].update(find_related=_text("nothing"))),
    ("tools", lambda seen: seen["answers"]["search_episodes"].update(structuredContent={"hits": []})),
    ("tools", lambda seen: seen["answers"]["get_episode"].update(isError=True)),
    ("a wrong call", lambda seen: seen["refusal"].update(isError=False)),
    ("a wrong call", lambda seen: seen.update(refusal=_text("no", isError=True))),
    ("resources", lambda seen: seen["resources"].clear()),
    ("resources", lambda seen: seen["templates"].clear()),
    ("resources", lambda seen: seen["read"]["contents"][0].update(text="nothing")),
    ("completion", lambda seen: seen["completion"].clear()),
    ("completion", lambda seen: seen["completion"].append("2024-05-29-4")),
    ("prompts", lambda seen: seen["prompts"].clear()),
    ("prompts", lambda seen: seen["messages"]["digest"][0]["content"].update(text="")),
    ("prompts", lambda seen: seen.update(failed={"prompts": "Method not found"})),
]


@pytest.mark.parametrize("part", PARTS)
def test_what_a_client_should_see_is_right(part: str) -> None:
    assert judge(_RIGHT, part) is None


@pytest.mark.parametrize(("part", "spoil"), _WRONG)
def test_what_a_client_should_not_see_is_told(part: str, spoil: Callable[[Seen], object]) -> None:
    seen = copy.deepcopy(_RIGHT)
    spoil(seen)
    assert judge(seen, part)


# --- the fixtures


@BOTH_MODES
def test_the_fixtures_are_listed_and_answer_in_both_eras(mode: Mode) -> None:
    async def go() -> None:
        async with Client(build_fixture_server(), mode=mode) as client:
            assert [tool.name for tool in (await client.list_tools()).tools] == TOOL_NAMES
            (block,) = (await client.call_tool("test_simple_text")).content
            assert isinstance(block, types.TextContent)
            assert block.text == "This is a simple text response for testing."
            (read,) = (await client.read_resource("test://template/7/data")).contents
            assert isinstance(read, types.TextResourceContents)
            assert json.loads(read.text)["id"] == "7"

    anyio.run(go)


def test_a_fixture_asks_its_user_twice_and_remembers_the_first_answer() -> None:
    answers = iter([{"name": "Zunda"}, {"color": "green"}])

    async def answer(context: ClientRequestContext, params: types.ElicitRequestParams) -> types.ElicitResult:
        return types.ElicitResult(action="accept", content=dict(next(answers)))

    async def go() -> str:
        async with Client(build_fixture_server(), elicitation_callback=answer) as client:
            (block,) = (await client.call_tool("test_input_required_result_multi_round")).content
            assert isinstance(block, types.TextContent)
            return block.text

    assert anyio.run(go) == "Zunda likes green."


# --- the report, the pins, the schemas


_ROWS = [
    Row("A client", "1.2.3", "stdio", "2025-11-25", "tools", True, "5 listed"),
    Row("A client", "1.2.3", "stdio", "2025-11-25", "prompts", False, "a | b"),
    Row("A client", "1.2.3", "HTTP", "2026-07-28", "tools", True),
]


def test_the_page_gets_a_line_for_each_client_transport_and_era_and_keeps_its_words(tmp_path: Path) -> None:
    page = tmp_path / "clients.md"
    page.write_text(f"Before.\n\n{BEGIN}\nold\n{END}\n\nAfter.\n", encoding="utf-8")
    write_page(_ROWS, "2026-11-24", page)
    written = page.read_text(encoding="utf-8")
    write_page(_ROWS, "2026-11-24", page)
    assert page.read_text(encoding="utf-8") == written
    assert written.startswith("Before.")
    assert written.endswith("After.\n")
    assert "old" not in written
    assert "Run on 2026-11-24: 2 of 3 things done went right." in written
    assert "| A client | 1.2.3 | stdio | 2025-11-25 | tools (5 listed); prompts | not: prompts |" in written
    assert "| A client | 1.2.3 | HTTP | 2026-07-28 | tools | ok |" in written
    assert "- A client 1.2.3, stdio, prompts: a | b" in written


def test_the_report_counts_what_failed(tmp_path: Path) -> None:
    report = json.loads(write_report(_ROWS, "2026-11-24", tmp_path).read_text(encoding="utf-8"))
    assert (report["date"], report["failed"], len(report["rows"])) == ("2026-11-24", 1, 3)


def test_every_client_has_one_exact_version() -> None:
    assert all(re.fullmatch(r"\d+\.\d+\.\d+(-[a-z]+\.\d+)?", version) for version in npm_versions().values())
    assert all(re.fullmatch(r"[a-z-]+==\d+\.\d+\.\d+", packages[0]) for packages in PYTHON_CLIENTS.values())


def test_with_fixtures_only_the_tasks_extension_may_fail() -> None:
    lines = (HERE / "expected-failures-fixtures.yml").read_text(encoding="utf-8").splitlines()
    entries = [line.strip() for line in lines if line.strip().startswith("- ")]
    assert entries
    assert all(entry.startswith("- tasks-") for entry in entries)
