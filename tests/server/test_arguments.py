"""Reading arguments: what is meant is understood, what cannot be meant is refused in one sentence with a call."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zunda_mcp.errors import ArgumentError
from zunda_mcp.server.tool_arguments import MAX_TEXT, read_tool_arguments
from zunda_mcp.server.tools import BY_NAME, TOOLS

SEARCH = BY_NAME["search_episodes"].params


def _read(**arguments: Any) -> dict[str, str | int]:
    return read_tool_arguments("search_episodes", SEARCH, arguments)


def _refused(tool: str, arguments: dict[str, Any]) -> str:
    with pytest.raises(ArgumentError) as caught:
        read_tool_arguments(tool, BY_NAME[tool].params, arguments)
    return str(caught.value)


@pytest.mark.parametrize("five", [5, 5.0, "5", " 5 ", "5.0", "５", "+5", [5]])
def test_a_number_is_understood_however_it_is_written(five: object) -> None:
    assert _read(limit=five) == {"limit": 5}


@pytest.mark.parametrize(
    ("given_value", "meant"), [(0, 1), (-3, 1), (51, 50), (10**30, 50), ("9" * 18, 50), ("50", 50), ("1,000", 50)]
)
def test_a_limit_out_of_range_becomes_the_nearest_that_is_allowed(given_value: object, meant: int) -> None:
    assert _read(limit=given_value) == {"limit": meant}


@pytest.mark.parametrize(("given_value", "meant"), [(1, 1000), (999, 1000), (7000, 7000), (10**6, 60_000)])
def test_max_chars_stays_between_its_bounds(given_value: int, meant: int) -> None:
    assert _read(max_chars=given_value) == {"max_chars": meant}


@pytest.mark.parametrize("value", ["many", "5.5", 5.5, True, {}, [], [5, 6], math.inf, math.nan, "1e3", "五"])
def test_what_is_no_whole_number_is_refused_with_a_call_that_works(value: object) -> None:
    said = _refused("search_episodes", {"query": "生成AI", "limit": value})
    assert said.startswith("limit takes a whole number from 1 to 50, not ")
    assert said.endswith('. Call search_episodes(query="生成AI", limit=10).')


@pytest.mark.parametrize(
    ("given_value", "meant"),
    [
        (2025, "2025"),
        (2025.0, "2025"),
        (20250708, "20250708"),
        ("  先週 ", "先週"),
        (["2025-07"], "2025-07"),
        ("2025\x00-07", "2025-07"),
    ],
)
def test_a_text_may_come_as_a_number_or_a_list(given_value: object, meant: str) -> None:
    assert _read(since=given_value) == {"since": meant}


def test_a_list_of_words_is_one_query() -> None:
    assert _read(query=["生成AI", "音声"]) == {"query": "生成AI 音声"}


@pytest.mark.parametrize("value", [True, {"a": 1}, [1], [["x"]], math.nan, 10**30])
def test_what_is_no_text_is_refused(value: object) -> None:
    assert _refused("search_episodes", {"query": value}).startswith("query takes one text, not ")


@pytest.mark.parametrize("nothing", [None, "", "  ", "null", "None", "undefined"])
def test_nothing_given_means_not_given(nothing: object) -> None:
    assert _read(query="x", since=nothing, host=nothing, limit=nothing, sort=nothing, cursor=nothing) == {"query": "x"}


def test_the_word_null_can_be_looked_for() -> None:
    assert _read(query="null") == {"query": "null"}


def test_an_unknown_name_without_a_value_is_nothing_given() -> None:
    assert _read(query="x", page=None) == {"query": "x"}


@pytest.mark.parametrize("value", ["Newest", " NEWEST ", "ｎｅｗｅｓｔ", ["newest"]])
def test_a_choice_is_understood_in_any_case(value: object) -> None:
    assert _read(sort=value) == {"sort": "newest"}


@pytest.mark.parametrize(
    ("value", "call"),
    [
        ("date", 'search_episodes(sort="newest")'),
        ("oldes", 'search_episodes(sort="oldest")'),
        ("???", 'search_episodes(sort="relevance")'),
        (7, 'search_episodes(sort="relevance")'),
    ],
)
def test_an_unknown_choice_is_refused_with_the_nearest(value: object, call: str) -> None:
    said = _refused("search_episodes", {"sort": value})
    assert said.startswith("sort takes relevance, newest or oldest, not ")
    assert said.endswith(f"Call {call}.")


@pytest.mark.parametrize(
    ("tool", "other", "meant", "value"),
    [
        ("search_episodes", "q", "query", "生成AI"),
        ("search_episodes", "keywords", "query", ["生成AI", "音声"]),
        ("search_episodes", "Query", "query", "生成AI"),
        ("search_episodes", "url", "query", "https://example.com/a"),
        ("search_episodes", "from", "since", "2025-07"),
        ("search_episodes", "start_date", "since", "2025-07"),
        ("search_episodes", "startDate", "since", 2025),
        ("search_episodes", "date_from", "since", "２０２５"),
        ("search_episodes", "date_to", "until", "2025-07"),
        ("search_episodes", "max-chars", "max_chars", "9000"),
        ("search_episodes", "maxChars", "max_chars", 9000),
        ("search_episodes", "ＭＡＸ＿ＣＨＡＲＳ", "max_chars", 9000),
        ("search_episodes", "top_k", "limit", "５"),
        ("search_episodes", "domain", "site", "zenn.dev"),
        ("search_episodes", "speaker", "host", "ずんだもん"),
        ("get_episode", "episode_id", "id", "latest"),
        ("get_episode", "date", "id", "2025-07-08"),
        ("get_episode", "number", "id", 279),
        ("topic_timeline", "query", "topic", "MCP"),
        ("find_related", "url", "id", "https://example.com/a"),
        ("list_topics", "order_by", "sort", "rising"),
        ("check_quote", "sentence", "quote", "推論が速い。"),
    ],
)
def test_another_name_that_can_only_mean_one_argument_is_understood(
    tool: str, other: str, meant: str, value: object
) -> None:
    params = BY_NAME[tool].params
    assert read_tool_arguments(tool, params, {other: value}) == read_tool_arguments(tool, params, {meant: value})


@pytest.mark.parametrize("name", ["date", "month", "year", "period"])
def test_one_time_is_both_ends_of_it(name: str) -> None:
    assert _read(query="MCP", **{name: "2025-07"}) == {"query": "MCP", "since": "2025-07", "until": "2025-07"}


def test_arguments_packed_into_one_more_object_are_unpacked() -> None:
    assert _read(arguments={"q": "MCP", "limit": "3"}) == {"query": "MCP", "limit": 3}


def test_a_list_that_came_as_json_in_a_text_is_one_query() -> None:
    assert _read(query='["生成AI", "音声"]') == {"query": "生成AI 音声"}
    assert _read(query="[WIP] 生成AI") == {"query": "[WIP] 生成AI"}


def test_the_same_said_twice_is_said_once_and_two_things_under_one_name_are_refused() -> None:
    assert _read(query="MCP", q="MCP") == {"query": "MCP"}
    said = _refused("search_episodes", {"query": "MCP", "q": "A2A"})
    assert said.startswith('search_episodes has no argument "q"; ')
    assert 'query="MCP"' in said
    assert _refused("search_episodes", {"q": "MCP", "keywords": "A2A"}).startswith(
        'search_episodes has no argument "keywords"'
    )


@pytest.mark.parametrize(
    ("tool", "wrong", "right"),
    [
        ("search_episodes", "before", "until"),
        ("search_episodes", "older_than", "until"),
        ("search_episodes", "page", "cursor"),
        ("search_episodes", "offset", "cursor"),
        ("search_episodes", "hots", "host"),
        ("search_episodes", "untill", "until"),
        ("get_episode", "path", "id"),
        ("list_topics", "sorted", "sort"),
    ],
)
def test_a_wrong_name_is_answered_with_the_right_one(tool: str, wrong: str, right: str) -> None:
    said = _refused(tool, {wrong: "2025"})
    assert said.startswith(f'{tool} has no argument "{wrong}"; did you mean "{right}"? Call {tool}(')
    assert f"{right}=" in said


def test_a_name_that_is_near_to_nothing_is_answered_with_all_names() -> None:
    said = _refused("find_related", {"id": "latest", "zzzzzz": 1})
    assert said == (
        'find_related has no argument "zzzzzz"; it takes id, limit, max_chars. Call find_related(id="latest").'
    )


@pytest.mark.parametrize(
    ("tool", "said"),
    [
        ("get_episode", 'get_episode needs id. Call get_episode(id="latest").'),
        ("topic_timeline", 'topic_timeline needs topic. Call topic_timeline(topic="生成AI").'),
        ("find_related", 'find_related needs id. Call find_related(id="latest").'),
    ],
)
@pytest.mark.parametrize("nothing", [None, "", " "])
def test_a_missing_argument_is_asked_for_with_an_example(tool: str, said: str, nothing: object) -> None:
    required = next(param.name for param in BY_NAME[tool].params if param.required)
    assert _refused(tool, {}) == said
    assert _refused(tool, {required: nothing}) == said


def test_a_text_too_long_to_be_meant_is_refused_shortly() -> None:
    said = _refused("search_episodes", {"query": "長" * 100_000})
    assert said.startswith(f"query is 100000 characters long and at most {MAX_TEXT} are read.")
    assert len(said) < 200


def test_what_is_wrong_is_shown_short_and_harmless() -> None:
    said = _refused("search_episodes", {"limit": "\x1b[31m" + "x\u202e" * 500, "query": "y\x07" * 300})
    assert said.isprintable()
    assert len(said) < 300


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
_NAMES = sorted({param.name for tool in TOOLS for param in tool.params})


@given(
    tool=st.sampled_from(TOOLS), arguments=st.dictionaries(st.sampled_from(_NAMES) | st.text(), _ANYTHING, max_size=4)
)
def test_whatever_comes_is_read_or_refused_in_one_line(tool: Any, arguments: dict[str, Any]) -> None:
    try:
        values = read_tool_arguments(tool.name, tool.params, arguments)
    except ArgumentError as error:
        said = str(error)
    else:
        kinds = {param.name: int if param.kind == "whole" else str for param in tool.params}
        assert all(isinstance(value, kinds[name]) for name, value in values.items())
        return
    assert f"Call {tool.name}(" in said
    assert "\n" not in said
    assert "pydantic" not in said
