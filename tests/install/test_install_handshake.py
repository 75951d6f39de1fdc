"""Starting servers as a client does: the real one, and ones that fail in every way servers do."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from install_samples import machine

from zunda_mcp.config.load import load_settings
from zunda_mcp.install import handshake
from zunda_mcp.install.clients import Machine
from zunda_mcp.install.handshake import Handshake, try_handshake
from zunda_mcp.install.server_entry import entry_for

SAMPLE = Path(__file__).parents[2] / "episodes"


def script(tmp_path: Path, code: str, **env: str) -> Handshake:
    """The handshake with a server that is this Python code."""
    return try_handshake(machine(tmp_path, sys.platform), [sys.executable, "-c", code], env)


@pytest.fixture
def this(tmp_path: Path) -> Machine:
    """This machine with this Python, and a scratch folder for a home."""
    environ = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    return Machine(sys.platform, environ, tmp_path, tmp_path, Path(sys.executable))


def test_the_entry_that_is_written_starts_a_server_that_answers(this: Machine, tmp_path: Path) -> None:
    named = {"episodes": [str(SAMPLE)], "index": str(tmp_path / "ix"), "embedder": "none"}
    settings = load_settings(episodes=[SAMPLE], index=tmp_path / "ix", environ={}, embedder="none")
    entry = entry_for(this, settings, named)
    args = entry["args"]
    assert isinstance(args, list)
    command = [str(entry["command"]), *map(str, args)]
    found = try_handshake(this, command, call=("search_episodes", {"query": "TensorRT-LLM", "limit": 1}))
    assert found.error is None
    assert found.ok
    assert found.server
    assert found.server.startswith("zunda-mcp ")
    assert found.protocol == "2025-06-18"
    assert {"search_episodes", "get_episode"} <= set(found.tools)
    assert found.answer
    assert "tensorrt-llm" in found.answer
    assert found.command == command


def test_a_call_that_is_refused_is_a_failure(this: Machine, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "zunda_mcp", "serve", "--episodes", str(tmp_path / "nowhere")]
    found = try_handshake(this, command, call=("search_episodes", {"query": "x"}))
    assert not found.ok
    assert "search_episodes was refused" in (found.error or "")


def test_wrong_settings_are_told_in_the_servers_own_words(this: Machine) -> None:
    found = try_handshake(this, [sys.executable, "-m", "zunda_mcp", "serve", "--epsiodes", "x"])
    assert not found.ok
    assert "exit code 2" in (found.error or "")
    assert "did you mean --episodes?" in (found.error or "")


def test_a_program_that_is_not_there_cannot_be_started(this: Machine, tmp_path: Path) -> None:
    assert "cannot be started" in (try_handshake(this, [str(tmp_path / "gone")]).error or "")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("print('Hello!', flush=True); input(); input()", "writes to stdout what is not the protocol: Hello!"),
        ("import sys; sys.exit('boom')", "exit code 1 without an answer; it said: boom"),
        ('input(); print(\'{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no"}}\')', "was refused"),
        (
            "import json\n"
            "for _ in range(3):\n"
            "    asked = json.loads(input())\n"
            "    print(json.dumps({'jsonrpc': '2.0', 'id': asked.get('id'), 'result': {}}), flush=True)\n",
            "offers no tool",
        ),
    ],
)
def test_a_server_that_fails_is_told_from_one_that_answers(tmp_path: Path, code: str, said: str) -> None:
    found = script(tmp_path, code)
    assert not found.ok
    assert said in (found.error or "")


def test_a_server_that_says_nothing_is_given_up_and_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handshake, "END_WAIT", 0.2)
    code = "import time; time.sleep(600)"
    found = try_handshake(machine(tmp_path, sys.platform), [sys.executable, "-c", code], patience=0.2)
    assert found.error == "no answer to initialize within 0 s"


def test_a_server_gets_no_more_of_the_environment_than_a_client_gives(tmp_path: Path) -> None:
    shown = machine(tmp_path, sys.platform, PATH="/secret/bin", HOME="/home/me", TOKEN="t", ZUNDA_MCP_NAME="n")
    code = "import os, sys; sys.exit(' '.join(sorted(os.environ)) + ' PATH=' + os.environ['PATH'] + ' ' + os.getcwd())"
    found = try_handshake(shown, [sys.executable, "-c", code], {"ZUNDA_MCP_STATE": "s"})
    error = found.error or ""
    assert "HOME" in error
    assert "ZUNDA_MCP_STATE" in error
    assert "TOKEN" not in error
    assert "ZUNDA_MCP_NAME" not in error
    assert "/secret" not in error
    assert error.endswith(f" {tmp_path.anchor}")
