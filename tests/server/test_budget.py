"""``max_chars`` holds for the whole reply: in every tool, in both eras, measured on the wire in every form of it.

A client shows its model the structured content as compact JSON where there is any, else the blocks of content. Both
are measured, since one cannot know which; over stdio, so that nothing is added on the way.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from stdio_client import Era, Server

from zunda_mcp.answers import DEFAULT_MAX_CHARS, SEARCH_MAX_CHARS

CALLS: list[tuple[str, dict[str, Any]]] = [
    ("search_episodes", {"query": "生成AI"}),
    ("search_episodes", {"query": "", "limit": 50}),
    ("search_episodes", {"query": "エージェント", "detail": "full"}),
    ("search_episodes", {"query": "AI", "detail": "snippets"}),
    ("search_episodes", {"query": "エージェント 開発 モデル", "limit": 50, "sort": "newest"}),
    ("search_episodes", {"query": "Apache Kafka"}),
    ("search_episodes", {"query": "どこにもない言葉ゼヌムルグ"}),
    ("search_episodes", {"query": "とても" * 300}),
    ("get_episode", {"id": "latest"}),
    ("get_episode", {"id": "2025-07-08"}),
    ("get_episode", {"id": "2025-07-08", "detail": "full"}),
    ("get_episode", {"id": "2025-07-08-279#2"}),
    ("list_topics", {"limit": 50}),
    ("list_topics", {"sort": "rising", "limit": 50}),
    ("topic_timeline", {"topic": "LLM", "by": "week"}),
    ("topic_timeline", {"topic": "AI", "by": "month"}),
    ("find_related", {"id": "latest", "limit": 50}),
    ("find_related", {"id": "2025-07-08-279#2"}),
    ("check_quote", {"quote": "大規模言語モデル"}),
    ("check_quote", {"quote": "大規模言語モデルを速く動かすためのライブラリで" * 20}),
]
SIZES = [1000, 1500, 2000, 4000, DEFAULT_MAX_CHARS, 20_000, 60_000]


def shown(result: dict[str, Any]) -> list[int]:
    """How many characters a client shows its model, in each of the forms it may choose."""
    forms = [sum(len(block["text"]) if block["type"] == "text" else len(compact(block)) for block in result["content"])]
    if "structuredContent" in result:
        forms.append(len(compact(result["structuredContent"])))
    return forms


def compact(data: object) -> str:
    """JSON as it is sent."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


@pytest.fixture(scope="module", params=["2025-06-18", "2026-07-28"])
def era(request: pytest.FixtureRequest) -> Era:
    """A handshake, or none."""
    found: Era = request.param
    return found


@pytest.fixture(scope="module", params=["sample", pytest.param("real", marks=pytest.mark.archive)])
def server(era: Era, request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server over the sample, and one over the real archive where it is there."""
    settings = request.getfixturevalue(request.param).settings
    with Server(settings.episodes[0], settings.index, era) as serving:
        serving.open()
        serving.patient_call("search_episodes", query="AI")
        yield serving


@pytest.mark.parametrize(("tool", "arguments"), CALLS)
def test_a_reply_stays_within_max_chars(server: Server, tool: str, arguments: dict[str, Any]) -> None:
    lengths = {size: max(shown(server.call(tool, **arguments, max_chars=size))) for size in SIZES}
    assert {size: length for size, length in lengths.items() if length > size} == {}


@pytest.mark.parametrize(("tool", "arguments"), CALLS)
def test_a_reply_to_a_call_that_says_no_size_stays_under_the_default(
    server: Server, tool: str, arguments: dict[str, Any]
) -> None:
    most = SEARCH_MAX_CHARS if tool == "search_episodes" else DEFAULT_MAX_CHARS
    assert max(shown(server.call(tool, **arguments))) <= most


@pytest.mark.parametrize("tool", ["search_episodes", "list_topics"])
def test_following_the_cursor_shows_everything_once(server: Server, tool: str) -> None:
    arguments: dict[str, Any] = {"query": "", "since": "2025-07", "until": "2025-08"}
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        data = server.call(tool, **arguments, max_chars=3000, **cursor)["structuredContent"]
        rows = data["hits"] if tool == "search_episodes" else data["topics"]
        seen += [row.get("id") or row["name"] for row in rows]
        if data["next_cursor"] is None:
            break
        cursor = {"cursor": data["next_cursor"]}
    assert len(seen) == len(set(seen)) == data["total_stories" if tool == "search_episodes" else "total_topics"]


def test_pages_of_an_episode_put_together_are_the_episode(server: Server) -> None:
    whole = server.call("get_episode", id="latest", detail="full", max_chars=60_000)["content"][0]["text"]
    parts: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(200):
        text: str = server.call("get_episode", id="latest", detail="full", max_chars=1000, **cursor)["content"][0][
            "text"
        ]
        head, _, rest = text.partition("\n\n")
        body, _, tail = rest.rpartition("\n\n[")
        parts.append(body)
        assert head
        if "cursor=" not in tail:
            break
        cursor = {"cursor": tail.split('cursor="')[1].split('"')[0]}
    said = "".join("".join(parts).split())
    assert said in "".join(whole.split())
    assert len(parts) > 1


def test_a_page_of_an_episode_links_to_it_as_a_resource_that_can_be_read(server: Server) -> None:
    for asked in ("latest", "2025-07-08-279#2"):
        blocks = server.call("get_episode", id=asked)["content"]
        assert [block["type"] for block in blocks] == ["text", "resource_link"]
        contents = server.ask("resources/read", {"uri": blocks[1]["uri"]})["result"]["contents"]
        assert contents[0]["mimeType"] == blocks[1]["mimeType"]
        assert blocks[1]["name"] in contents[0]["text"]
