"""Over stdio no socket is opened, no program started, and nothing written but the index and the user's own state."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import traced

from conftest import SAMPLE

_PATIENCE = 60.0


class Conversation:
    """A traced server, asked one thing after another."""

    def __init__(self, command: list[str], environ: dict[str, str], folder: Path) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environ, cwd=folder
        )
        self._number = 0

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        self._send({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        assert self._process.stdout is not None
        while (answer := json.loads(self._process.stdout.readline())).get("id") != self._number:
            pass
        result: dict[str, Any] = answer["result"]
        return result

    def call(self, name: str, **arguments: Any) -> dict[str, Any]:
        return self.ask("tools/call", name=name, arguments=arguments)

    def titles(self, query: str) -> list[str]:
        """The titles of the first answer that calls itself up to date: on a busy machine one may come before."""
        end = time.monotonic() + _PATIENCE
        while True:
            answer: dict[str, Any] = self.call("search_episodes", query=query)["structuredContent"]
            if answer["freshness"]["state"] == "current" or time.monotonic() > end:
                return [hit["title"] for hit in answer["hits"]]

    def open(self) -> None:
        hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
        self.ask("initialize", **hello)
        self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def end(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=120)
        self._process.stdout.close()

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(timeout=30)

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        self._process.stdin.flush()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    if not traced.works(tmp_path):
        pytest.skip("strace is not here, or may not trace: what the system is asked for was not checked")
    shutil.copytree(SAMPLE, tmp_path / "episodes")
    for name in ("home", "home/.cache", "cwd", "tmp"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def environ(place: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ZUNDA_MCP_", "XDG_"))}
    own = {"HOME": str(place / "home"), "TMPDIR": str(place / "tmp"), "ZUNDA_MCP_STATE": str(place / "state")}
    return kept | own | {"PYTHONDONTWRITEBYTECODE": "1"}


def converse(place: Path, environ: dict[str, str], embedder: str) -> traced.Traced:
    """A whole conversation: every tool, resources, prompts, a new file, a changed one, one that goes."""
    serve = [sys.executable, "-m", "zunda_mcp", "serve", "--embedder", embedder]
    serve += ["--episodes", str(place / "episodes"), "--index", str(place / "index")]
    talk = Conversation(traced.tracing(place / "log", serve), environ, place / "cwd")
    try:
        talk.open()
        found = talk.call("search_episodes", query="画像を作るAIの話")["structuredContent"]
        hit = found["hits"][0]["id"]
        talk.call("get_episode", id=hit)
        talk.call("find_related", id=hit)
        talk.call("list_topics")
        talk.call("topic_timeline", topic="AI")
        talk.call("check_quote", quote=found["hits"][0]["title"])
        for one in talk.ask("resources/list")["resources"][:5]:
            talk.ask("resources/read", uri=one["uri"])
        talk.ask("prompts/list")
        talk.ask(
            "completion/complete",
            ref={"type": "ref/resource", "uri": "episode://{id}"},
            argument={"name": "id", "value": "2"},
        )
        new = place / "episodes" / "2031-01-01-1.md"
        new.write_text(
            "---\ntitle: 新\ndate: 2031-01-01\n---\n\n- [光る羊羹](https://a.example/1)\n\n要点。\n", encoding="utf-8"
        )
        assert "光る羊羹" in talk.titles("光る羊羹")
        changed = place / "episodes" / ".2031-01-01-1.md"  # put in its place: the folder shows it at once
        changed.write_text(new.read_text(encoding="utf-8").replace("羊羹", "団子"), encoding="utf-8")
        changed.replace(new)
        assert "光る団子" in talk.titles("光る団子")
        new.unlink()
        assert "光る団子" not in talk.titles("光る団子")
        talk.end()
    finally:
        talk.kill()
    return traced.read(place / "log")


def rebuilt(place: Path, environ: dict[str, str], embedder: str) -> traced.Traced:
    index = [sys.executable, "-m", "zunda_mcp", "index", "--rebuild", "--embedder", embedder]
    index += ["--episodes", str(place / "episodes"), "--index", str(place / "index")]
    command = traced.tracing(place / "log", index)
    subprocess.run(command, check=True, capture_output=True, env=environ, cwd=place / "cwd", timeout=300)
    return traced.read(place / "log")


def judge(found: traced.Traced, place: Path) -> None:
    assert found.network == []
    assert len(found.programs) == 1, found.programs
    assert found.written
    assert found.outside(place / "index", place / "state", place / "home" / ".cache" / "zunda-mcp") == []
    assert list((place / "tmp").iterdir()) == []


def test_a_rebuild_and_a_conversation_open_no_socket_and_write_nothing_elsewhere(
    place: Path, environ: dict[str, str]
) -> None:
    """By meaning too: what a model needs comes on top of what words need."""
    judge(rebuilt(place, environ, "use"), place)
    judge(converse(place, environ, "use"), place)


def test_the_trace_would_show_a_socket_a_program_and_a_file(place: Path, environ: dict[str, str]) -> None:
    program = (
        "import socket, subprocess, threading, pathlib\n"
        "def work():\n"
        f"    pathlib.Path({str(place / 'cwd')!r}, '外').write_text('x')\n"
        "    socket.socket().close()\n"
        "threading.Thread(target=work).start()\n"
        "subprocess.run(['true'])\n"
    )
    command = traced.tracing(place / "log", [sys.executable, "-c", program])
    subprocess.run(command, check=True, env=environ, timeout=60)
    found = traced.read(place / "log")
    assert any("socket(" in line for line in found.network)
    assert len(found.programs) == 2
    assert [line.rpartition("/")[2] for line in found.outside(place / "index")] == ["外"]
