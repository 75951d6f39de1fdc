"""``search`` and ``fetch`` as ChatGPT's connectors ask for them: on request, over both transports, in this shape."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import preloaded
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from server_fakes import FakeLibrary, found, hit
from stdio_client import Server, write_archive

from zunda_mcp.server.dispatch import LazyArchive, answer
from zunda_mcp.server.methods import Refused, result
from zunda_mcp.server.tools import TOOLS

Call = Callable[[str, dict[str, Any]], dict[str, Any]]


@contextmanager
def _over_stdio(folder: Path) -> Iterator[tuple[list[str], Call]]:
    with Server(folder / "episodes", folder / "index", flags=["--chatgpt"]) as server:
        server.open()
        names = [tool["name"] for tool in server.ask("tools/list")["result"]["tools"]]
        yield names, lambda name, given: server.ask("tools/call", {"name": name, "arguments": given})["result"]


@contextmanager
def _over_http(folder: Path) -> Iterator[tuple[list[str], Call]]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ZUNDA_MCP_")}
    environ["ZUNDA_MCP_EMBEDDER"] = "none"
    flags = ["--episodes", str(folder / "episodes"), "--index", str(folder / "index"), "--http", "localhost:0"]
    with preloaded.start(["serve", *flags, "--chatgpt"], environ) as process:
        try:
            address = re.search(rb"(http://localhost:\d+/mcp)", process.stderr.readline())
            assert address is not None
            url = address[1].decode()

            async def listed() -> list[str]:
                async with Client(streamable_http_client(url)) as client:
                    return [tool.name for tool in (await client.list_tools()).tools]

            async def called(name: str, given: dict[str, Any]) -> dict[str, Any]:
                async with Client(streamable_http_client(url)) as client:
                    called = await client.call_tool(name, given)
                    return called.model_dump(mode="json", by_alias=True, exclude_none=True)

            yield anyio.run(listed), lambda name, given: anyio.run(called, name, given)
        finally:
            process.terminate()
            process.wait(60)


@pytest.mark.parametrize("served", [_over_stdio, _over_http])
def test_what_search_finds_can_be_fetched(tmp_path: Path, served: Any) -> None:
    write_archive(tmp_path / "episodes")
    with served(tmp_path) as (names, call):
        assert names == [*(tool.name for tool in TOOLS), "search", "fetch"]
        searched = call("search", {"query": "音声合成"})
        (content,) = searched["content"]
        listed = json.loads(content["text"])
        assert listed == searched["structuredContent"]
        assert [sorted(one) for one in listed["results"]] == [["id", "title", "url"]] * 3
        first = next(one for one in listed["results"] if one["id"] == "2025-07-01-1#2")
        assert first["title"] == "2025-07-01 音声合成の新しい手法"
        fetched = call("fetch", {"id": first["id"]})
        (content,) = fetched["content"]
        document = json.loads(content["text"])
        assert document == fetched["structuredContent"]
        assert sorted(document) == ["id", "metadata", "text", "title", "url"]
        assert (document["id"], document["title"], document["url"]) == (first["id"], first["title"], first["url"])
        assert "少ない録音から声を作る音声合成の手法を紹介した。1回目の話。" in document["text"]
        assert document["metadata"]["link"] == "https://www.example.net/voice/1"
        assert document["metadata"]["date"] == "2025-07-01"
        missing = call("fetch", {"id": "9999"})
        assert missing["isError"]


def test_without_the_flag_neither_is_offered_nor_answered() -> None:
    opening = LazyArchive(FakeLibrary)
    assert [tool["name"] for tool in result(opening, "tools/list", {}, "2025-11-25")["tools"]] == [
        tool.name for tool in TOOLS
    ]
    with pytest.raises(Refused, match="Unknown tool"):
        result(opening, "tools/call", {"name": "fetch", "arguments": {"id": "latest"}}, "2025-11-25")


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({}, "https://example.org/episode/279"),
        ({"episode_url": None}, "https://example.com/1"),
        ({"episode_url": None, "url": None}, "story://2025-07-08-279%231"),
        ({"id": "2025-07-08-279", "episode_url": None, "url": None}, "episode://2025-07-08-279"),
    ],
)
def test_each_result_has_an_address_to_cite(changes: dict[str, Any], url: str) -> None:
    class Library(FakeLibrary):
        def search(self, *_args: Any, **_options: Any) -> Any:
            return found(0).model_copy(update={"hits": [hit(1, **changes)]})

    reply = answer(Library(), "search", {"query": "x"})
    assert [one["url"] for one in json.loads(reply.text)["results"]] == [url]
