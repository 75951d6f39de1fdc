"""Several servers and one writer, and nothing of an index on any of their machines."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import preloaded
import pytest

pytest.importorskip("opensearchpy")

from cluster_libraries import address_of, removed
from http_server import MODERN, Raw, call

from conftest import CLUSTER, SAMPLE, library_over

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(not CLUSTER, reason="no cluster at ZUNDA_TEST_OPENSEARCH_URL; `make cluster` starts one"),
    pytest.mark.skipif(os.name != "posix", reason="a server ends otherwise here"),
]


@contextmanager
def serving(address: str, environ: Mapping[str, str]) -> Iterator[int]:
    """A server that only asks the cluster; yields its port."""
    command = ["serve", "--http", "127.0.0.1:0", "--stateless", "--engine", address]
    with preloaded.start(command, dict(environ)) as process:
        try:
            first = process.stderr.readline().decode()
            port = re.search(r" at http://127\.0\.0\.1:(\d+)/mcp\b", first)
            assert port is not None, first
            yield int(port[1])
        finally:
            process.kill()


def searched(port: int, query: str) -> dict[str, Any]:
    with Raw(port) as raw:
        raw.send(call("search_episodes", MODERN, query=query))
        answer: dict[str, Any] = raw.answer().message["result"]["structuredContent"]
        return answer


def test_two_servers_and_a_writer_keep_no_index_and_answer_alike(tmp_path: Path) -> None:
    folder, address = Path(shutil.copytree(SAMPLE, tmp_path / "show")), address_of(tmp_path / "index")
    home = tmp_path / "home"
    places = {name: str(home) for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "TMPDIR")}
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ZUNDA_MCP_")}
    environ |= {"ZUNDA_MCP_EMBEDDER": "none", **places}
    home.mkdir()

    def write() -> None:
        done = preloaded.run(["index", "--episodes", str(folder), "--engine", address], environ)
        assert done.returncode == 0, done.stderr

    with removed(tmp_path / "index"):
        write()
        with serving(address, environ) as first, serving(address, environ) as second:
            with library_over(folder, tmp_path / "index") as embedded:
                embedded.refresh()
                here = [hit.id for hit in embedded.search("エージェント").hits]
            assert [hit["id"] for hit in searched(first, "エージェント")["hits"]] == here
            assert searched(first, "エージェント") == searched(second, "エージェント")
            assert not searched(second, "みみずく")["total_stories"]
            text = (
                "---\ntitle: 新しい回\ndate: 2026-02-01 05:00:00 +0900\n---\n\n- [みみずくの森](https://a.example/1)\n"
            )
            (folder / "2026-02-01-901.md").write_text(text, encoding="utf-8")
            write()
            for port in (first, second):
                assert [hit["id"] for hit in searched(port, "みみずく")["hits"]] == ["2026-02-01-901#1"]
    left = {path.name for path in home.rglob("*") if path.is_file()}
    assert not left, left
