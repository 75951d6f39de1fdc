"""What clients see: the list of tools and the answers to calls, in both eras of the protocol."""

from __future__ import annotations

import json
from functools import partial
from importlib import import_module
from typing import Any

import anyio
import mcp_types as types
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from server_fakes import EMPTY, FRESH, Era, FakeLibrary, ask, found, near, over_time, quoted, text_of, told

from zunda_mcp.answers import SEARCH_MAX_CHARS
from zunda_mcp.errors import ArchiveError, ArgumentError, BuildingError
from zunda_mcp.library import Library
from zunda_mcp.server.dispatch import LazyArchive
from zunda_mcp.server.instructions import instructions
from zunda_mcp.server.sdk import ArchiveServer
from zunda_mcp.server.tools import BY_NAME, TOOLS

jsonschema: Any = import_module("jsonschema")  # comes with mcp; its types do not
ERAS: tuple[Era, ...] = ("legacy", "auto")
BOTH_ERAS = pytest.mark.parametrize("era", ERAS)
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("search_episodes", {"query": "生成AI"}),
    ("find_text", {"pattern": "言語モデル", "whole_words": True}),
    ("get_episode", {"id": "latest"}),
    ("list_topics", {}),
    ("topic_timeline", {"topic": "生成AI"}),
    ("find_related", {"id": "2025-07-08-279#1"}),
    ("check_quote", {"quote": "手元で動く生成AIの作り方"}),
]


def _listed(era: Era) -> types.ListToolsResult:
    async def go() -> types.ListToolsResult:
        async with Client(ArchiveServer(LazyArchive(FakeLibrary)), mode=era) as client:
            return await client.list_tools()

    return anyio.run(go)


@BOTH_ERAS
def test_the_tools_are_listed_in_one_order_every_time(era: Era) -> None:
    names = [tool.name for tool in _listed(era).tools]
    assert names == [
        "search_episodes",
        "find_text",
        "get_episode",
        "list_topics",
        "topic_timeline",
        "find_related",
        "check_quote",
    ]
    assert _listed(era).model_dump_json() == _listed(era).model_dump_json()


def test_the_list_of_tools_is_small() -> None:
    """It is part of every conversation, so it is paid for in each."""
    tools = [tool.model_dump(by_alias=True, mode="json", exclude_none=True) for tool in _listed("legacy").tools]
    assert len(json.dumps({"tools": tools}, ensure_ascii=False, separators=(",", ":"))) < 4500


def test_every_tool_is_read_only_closed_and_takes_flat_scalars_only() -> None:
    for tool in _listed("auto").tools:
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint is True
        assert tool.annotations.open_world_hint is False
        assert {field["type"] for field in tool.input_schema["properties"].values()} <= {"string", "integer", "boolean"}
        jsonschema.Draft202012Validator.check_schema(tool.input_schema)


@BOTH_ERAS
def test_what_works_in_an_era_is_advertised_in_it(era: Era) -> None:
    async def go(*, sessions: bool) -> types.ServerCapabilities:
        async with Client(ArchiveServer(LazyArchive(FakeLibrary), sessions=sessions), mode=era) as client:
            return client.server_capabilities

    for sessions in (True, False):
        capabilities = anyio.run(partial(go, sessions=sessions))
        told = sessions or era != "legacy"
        assert capabilities.tools == types.ToolsCapability(list_changed=False)
        assert capabilities.prompts == types.PromptsCapability(list_changed=False)
        assert capabilities.resources == types.ResourcesCapability(subscribe=told, list_changed=told)
        assert capabilities.completions is not None
        assert capabilities.extensions == (None if era == "legacy" else {"io.modelcontextprotocol/ui": {}})


@BOTH_ERAS
@pytest.mark.parametrize(("tool", "arguments"), CALLS)
def test_every_tool_answers_in_both_eras(tool: str, arguments: dict[str, Any], era: Era) -> None:
    result = ask(FakeLibrary(), tool, arguments, era)
    assert not result.is_error
    assert text_of(result)
    assert (result.structured_content is None) == (tool in ("get_episode", "find_text"))


@pytest.mark.parametrize(("tool", "arguments"), CALLS)
def test_structured_content_is_the_model_of_the_answer(tool: str, arguments: dict[str, Any]) -> None:
    declared = BY_NAME[tool]
    result = ask(FakeLibrary(), tool, arguments)
    assert (declared.answer is None) == (tool in ("get_episode", "find_text"))
    if declared.answer is not None:
        declared.answer.model_validate(result.structured_content)


def test_the_library_is_asked_for_what_was_given_and_how_much_a_client_takes() -> None:
    library = FakeLibrary()
    ask(library, "search_episodes", {"query": " 生成AI ", "since": 2025, "limit": "５", "host": None})
    assert library.asked == [("search", ("生成AI",), {"since": "2025", "limit": 5, "max_chars": SEARCH_MAX_CHARS})]


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("search_episodes", {"query": "生成AI"}),
        ("list_topics", {"query": "生成AI"}),
        ("find_related", {"id": "latest"}),
    ],
)
def test_a_limit_above_the_most_is_not_cut_in_silence(tool: str, arguments: dict[str, Any]) -> None:
    said = "limit is at most 50"
    assert said in text_of(ask(FakeLibrary(), tool, {**arguments, "max_results": 60}))
    assert said in ask(FakeLibrary(), tool, {**arguments, "limit": 60}).structured_content["understood"]
    assert said not in text_of(ask(FakeLibrary(), tool, {**arguments, "limit": 50}))


def test_an_empty_search_lists() -> None:
    library = FakeLibrary()
    ask(library, "search_episodes", {})
    assert library.asked == [("search", ("",), {"max_chars": SEARCH_MAX_CHARS})]


@BOTH_ERAS
def test_an_unknown_argument_is_refused_with_the_right_name_and_a_call_that_works(era: Era) -> None:
    library = FakeLibrary()
    result = ask(library, "search_episodes", {"query": "生成AI", "form": "2025-07"}, era)
    assert result.is_error
    assert text_of(result) == (
        'search_episodes has no argument "form"; did you mean "since"? '
        'Call search_episodes(query="生成AI", since="2025-07").'
    )
    assert library.asked == []


@BOTH_ERAS
def test_an_unknown_tool_is_a_protocol_error_that_names_the_near_one(era: Era) -> None:
    with pytest.raises(MCPError, match="did you mean search_episodes") as caught:
        ask(FakeLibrary(), "search-episode", {"query": "x"}, era)
    assert caught.value.code == types.INVALID_PARAMS


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (BuildingError("The index is being built; ask again in a few seconds."), "ask again in a few seconds"),
        (ArgumentError("since", 'since: "soon" is no date; try since="2025-07".'), "is no date"),
        (ArchiveError("There is no folder of episodes."), "no folder"),
    ],
)
def test_a_deliberate_failure_is_a_result_with_its_own_sentence(error: Exception, said: str) -> None:
    result = ask(FakeLibrary(search=error), "search_episodes", {"query": "x"})
    assert result.is_error
    assert said in text_of(result)
    assert result.structured_content is None


def test_an_id_that_names_nothing_is_answered_with_near_ones() -> None:
    result = ask(FakeLibrary(), "get_episode", {"id": "nothing"})
    assert result.is_error
    assert text_of(result) == 'No episode "nothing". Near: 2025-07-08-279.'


def test_a_fault_inside_is_one_plain_sentence_and_its_details_go_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    result = ask(FakeLibrary(search=KeyError("/home/somebody/secret")), "search_episodes", {"query": "x"})
    assert result.is_error
    assert "fault in the server" in text_of(result)
    assert "secret" not in text_of(result)
    assert "secret" in caplog.text


def test_an_archive_that_cannot_be_opened_says_so_at_each_call_until_it_can() -> None:
    library = FakeLibrary()
    openings: list[Library | None] = [None, library]

    def opener() -> Library:
        if (archive := openings.pop(0)) is None:
            msg = "There is no folder of episodes."
            raise ArchiveError(msg)
        return archive

    async def go() -> list[types.CallToolResult]:
        async with Client(ArchiveServer(LazyArchive(opener))) as client:
            return [await client.call_tool("list_topics", {}) for _ in range(2)]

    first, second = anyio.run(go)
    assert first.is_error
    assert "no folder" in text_of(first)
    assert not second.is_error


@pytest.mark.parametrize(("tool", "arguments"), CALLS)
@pytest.mark.parametrize("size", [1000, 2000, 6000])
def test_the_whole_answer_stays_within_max_chars(tool: str, arguments: dict[str, Any], size: int) -> None:
    library = FakeLibrary(
        search=found(1),
        episode=told(summary="長い話。" * 2000),
        timeline=over_time(600, 100),
        related=near(50),
        check_quote=quoted(5),
    )
    result = ask(library, tool, {**arguments, "max_chars": size})
    assert not result.is_error
    assert len(text_of(result)) <= size
    if tool == "topic_timeline":
        assert len(json.dumps(result.structured_content, ensure_ascii=False, separators=(",", ":"))) <= size


@BOTH_ERAS
def test_instructions_say_what_the_archive_holds(era: Era) -> None:
    async def go() -> str | None:
        async with Client(ArchiveServer(LazyArchive(FakeLibrary), instructions(FRESH)), mode=era) as client:
            return client.instructions

    said = anyio.run(go)
    assert said is not None
    assert '"ためしの放送局": 2 episodes with 5 stories from 2025-07-07 to 2025-07-08.' in said


def test_instructions_are_general_while_nothing_is_known() -> None:
    assert instructions(EMPTY) == instructions(None)
    assert all(tool.name in instructions(None) for tool in TOOLS)
