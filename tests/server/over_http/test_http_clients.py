"""The archive over HTTP as clients use it: the SDK's own client in both eras, with sessions and without."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import anyio
import mcp_types as types
import preloaded
import pytest
from http_server import PATIENCE, ask
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from stdio_client import write_archive

from zunda_mcp.server.tools import TOOLS

TOKEN = "a-token-for-the-tests"
ERAS: tuple[Literal["legacy", "auto"], ...] = ("legacy", "auto")


@contextmanager
def _served(folder: Path, *more: str) -> Iterator[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ZUNDA_MCP_")}
    environ["ZUNDA_MCP_EMBEDDER"] = "none"
    tokens = folder / "tokens"
    tokens.write_text(TOKEN, encoding="utf-8")
    tokens.chmod(0o600)
    environ["ZUNDA_MCP_TOKEN_FILE"] = str(tokens)
    folders = ["--episodes", str(folder / "episodes"), "--index", str(folder / "index")]
    with preloaded.start(["serve", *folders, "--http", "localhost:0", *more], environ) as process:
        try:
            first = process.stderr.readline().decode()
            found = re.search(r"(http://localhost:\d+/mcp)", first)
            assert found is not None, first + process.stderr.read().decode()
            assert b'--header "Authorization: Bearer TOKEN"' in process.stderr.readline()
            yield found[1]
        finally:
            process.terminate()
            process.wait(PATIENCE)
        assert process.stderr.read() == b""


@pytest.fixture(scope="module", params=[(), ("--stateless",)], ids=["sessions", "stateless"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the archive is served, with sessions or without."""
    folder = tmp_path_factory.mktemp("served")
    write_archive(folder / "episodes")
    with _served(folder, *request.param) as found:
        yield found


@pytest.mark.parametrize("era", ERAS)
def test_a_client_lists_and_calls_the_tools(url: str, era: Literal["legacy", "auto"]) -> None:
    async def go() -> tuple[str, list[str], types.CallToolResult, types.CallToolResult]:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with (
            create_mcp_http_client(headers=headers) as http,
            Client(streamable_http_client(url, http_client=http), mode=era) as client,
        ):
            listed = await client.list_tools()
            found = await client.call_tool("search_episodes", {"query": "音声合成"})
            wrong = await client.call_tool("get_episode", {"id": "9999"})
            return str(client.protocol_version), [tool.name for tool in listed.tools], found, wrong

    version, names, found, wrong = anyio.run(go)
    assert version == ("2025-11-25" if era == "legacy" else "2026-07-28")
    assert names == [tool.name for tool in TOOLS]
    assert found.structured_content is not None
    assert found.structured_content["total_stories"] == 3
    assert wrong.is_error


def test_calls_at_once_are_all_answered(url: str) -> None:
    answers: list[bool] = []

    async def go() -> None:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with (
            create_mcp_http_client(headers=headers) as http,
            Client(streamable_http_client(url, http_client=http)) as client,
        ):

            async def one() -> None:
                result = await client.call_tool("search_episodes", {"query": "生成AI"})
                answers.append(bool(result.is_error))

            async with anyio.create_task_group() as group:
                for _ in range(20):
                    group.start_soon(one)

    anyio.run(go)
    assert answers == [False] * 20


def test_health_knows_the_archive(url: str) -> None:
    port = int(url.rpartition(":")[2].partition("/")[0])
    assert json.loads(ask(port, path="/health").body) == {"status": "ok"}
    told = json.loads(ask(port, path="/health", headers={"Authorization": f"Bearer {TOKEN}"}).body)
    assert (told["status"], told["state"], told["episodes"], told["newest"]) == ("ok", "current", 3, "2025-07-03")
