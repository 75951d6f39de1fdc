"""What the doctor sees in clients' files without starting anything."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from install_samples import CLIENT_NAMES, machine, place_of

from zunda_mcp.install.configuration import ConfigurationFile
from zunda_mcp.install.installed import Entry, entries


def write(home: Path, client: str, entry: dict[str, Any], *, scope: str = "user", key: str | None = None) -> Path:
    """A client's file with one entry."""
    where = place_of(client, home, scope=scope)
    if key is None and "command" in entry:
        data = ConfigurationFile(where).with_entry("zunda", where.client.shaped("zunda", entry)).data
    else:
        data = json.dumps({key or where.client.key: {"zunda": entry}}).encode()
    return place_of(client, home, data, scope).file


def found(home: Path, **environ: str) -> list[Entry]:
    """Every entry, seen from an archive in ``home/posts``."""
    return entries(machine(home, **environ), [home / "posts"])


@pytest.fixture
def good(tmp_path: Path) -> dict[str, Any]:
    """An entry without a fault."""
    (tmp_path / "posts").mkdir()
    return {"command": sys.executable, "args": ["-m", "zunda_mcp", "serve", "--episodes", str(tmp_path / "posts")]}


@pytest.mark.parametrize("client", CLIENT_NAMES)
def test_a_good_entry_of_any_client_has_no_fault(tmp_path: Path, good: dict[str, Any], client: str) -> None:
    file = write(tmp_path, client, good)
    (entry,) = found(tmp_path)
    assert (entry.client, entry.scope, entry.file, entry.name) == (client, "user", str(file), "zunda")
    assert (entry.faults, entry.same_archive, entry.off) == ([], True, False)


def test_another_archive_is_told(tmp_path: Path, good: dict[str, Any]) -> None:
    (tmp_path / "more").mkdir()
    write(tmp_path, "cursor", {**good, "args": [*good["args"], f"--episodes={tmp_path / 'more'}"]})
    (entry,) = found(tmp_path)
    assert (entry.faults, entry.same_archive) == ([], False)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"command": "/gone/zunda-mcp"}, "is not there any more"),
        ({"command": "venv/bin/zunda-mcp"}, "is a relative path"),
        ({"command": "zunda-mcp"}, "write the absolute path of the program"),
        ({"args": ["zunda_mcp", "serve"]}, "it names no --episodes and no archive is chosen"),
        ({"args": ["zunda_mcp", "serve", "--episodes", "posts"]}, "--episodes posts is a relative path"),
        ({"args": ["zunda_mcp", "serve", "--episodes=/gone/posts"]}, "there is no folder /gone/posts"),
        ({"args": ["zunda_mcp", "serve", "--episodes", "/", "--index", "ix"]}, "--index ix is a relative path"),
    ],
)
def test_each_fault_is_told(tmp_path: Path, good: dict[str, Any], change: dict[str, Any], said: str) -> None:
    write(tmp_path, "claude-desktop", {**good, **change})
    (entry,) = found(tmp_path)
    assert [fault for fault in entry.faults if said in fault]


@pytest.mark.skipif(sys.platform == "win32", reason="programs are told by their ending there")
def test_a_program_that_may_not_run_is_told(tmp_path: Path, good: dict[str, Any]) -> None:
    program = tmp_path / "zunda-mcp"
    program.touch(mode=0o644)
    write(tmp_path, "cursor", {**good, "command": str(program)})
    (entry,) = found(tmp_path)
    assert entry.faults == [f"the command {program} may not be executed"]
    program.chmod(0o755)
    write(tmp_path, "cursor", {**good, "command": "zunda-mcp"})
    (entry,) = found(tmp_path, PATH=str(tmp_path))
    assert entry.faults[0].endswith(f"which is short in a client: write {program}")


def test_an_entry_under_the_wrong_key_is_told(tmp_path: Path, good: dict[str, Any]) -> None:
    write(tmp_path, "vscode", good, key="mcpServers")
    (entry,) = found(tmp_path)
    assert entry.faults == ["it stands under mcpServers, but VS Code reads servers"]


def test_a_broken_file_is_told_and_the_others_are_still_seen(tmp_path: Path, good: dict[str, Any]) -> None:
    place_of("claude-desktop", tmp_path, b'{"mcpServers": {')
    write(tmp_path, "cursor", {**good, "disabled": True}, scope="project")
    broken, off = found(tmp_path)
    assert (broken.client, broken.name) == ("claude-desktop", None)
    assert "not valid JSON at line 1, column 17" in broken.faults[0]
    assert (off.client, off.scope, off.off, off.faults) == ("cursor", "project", True, [])


def test_what_claude_code_keeps_for_one_project_is_seen_there(tmp_path: Path, good: dict[str, Any]) -> None:
    here = str(machine(tmp_path).here)
    data = {"projects": {here: {"mcpServers": {"zunda": good}}, "/other": {"mcpServers": {"zunda": good}}}}
    place_of("claude-code", tmp_path, json.dumps(data).encode())
    (entry,) = found(tmp_path)
    assert (entry.scope, entry.faults) == ("local", [])


def test_servers_of_others_and_their_keys_are_nobodys_business(tmp_path: Path, good: dict[str, Any]) -> None:
    write(tmp_path, "cursor", {**good, "env": {"API_KEY": "s3cret", "ZUNDA_MCP_EPISODES": "/x"}})
    (entry,) = found(tmp_path)
    assert "s3cret" not in entry.model_dump_json()
    write(tmp_path, "cursor", {"command": "npx", "args": ["other"]})
    assert found(tmp_path) == []
