"""Where clients keep their configuration on each system, and what the entry in it is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from install_samples import CLIENT_NAMES, machine

from zunda_mcp.config.load import load_settings
from zunda_mcp.errors import ArgumentError, InstallError
from zunda_mcp.install.clients import Machine, Scope, client_named, place
from zunda_mcp.install.server_entry import checked_name, entry_for, is_ours, left_out

MAC = "Library/Application Support"
ROAMING = "AppData/Roaming"
CLINE = "cline_mcp_settings.json"
CLINE_IN_VSCODE = ".config/Code/User/globalStorage/saoudrizwan.claude-dev"


@pytest.mark.parametrize(
    ("platform", "name", "scope", "below"),
    [
        ("darwin", "claude-desktop", "user", f"{MAC}/Claude/claude_desktop_config.json"),
        ("win32", "claude-desktop", "user", f"{ROAMING}/Claude/claude_desktop_config.json"),
        ("linux", "claude-desktop", "user", ".config/Claude/claude_desktop_config.json"),
        ("darwin", "vscode", "user", f"{MAC}/Code/User/mcp.json"),
        ("win32", "vscode", "user", f"{ROAMING}/Code/User/mcp.json"),
        ("linux", "vscode", "user", ".config/Code/User/mcp.json"),
        *((system, "claude-code", "user", ".claude.json") for system in ("darwin", "win32", "linux")),
        *((system, "cursor", "user", ".cursor/mcp.json") for system in ("darwin", "win32", "linux")),
        *((system, "codex", "user", ".codex/config.toml") for system in ("darwin", "win32", "linux")),
        *((system, "gemini-cli", "user", ".gemini/settings.json") for system in ("darwin", "win32", "linux")),
        ("linux", "windsurf", "user", ".config/devin/mcp_config.json"),
        ("win32", "windsurf", "user", f"{ROAMING}/devin/mcp_config.json"),
        *((system, "zed", "user", ".config/zed/settings.json") for system in ("darwin", "linux")),
        ("win32", "zed", "user", f"{ROAMING}/Zed/settings.json"),
        ("darwin", "cline", "user", f"{MAC}/Code/User/globalStorage/saoudrizwan.claude-dev/settings/{CLINE}"),
        *((system, "lm-studio", "user", ".lmstudio/mcp.json") for system in ("darwin", "win32", "linux")),
        *((system, "goose", "user", ".config/goose/config.yaml") for system in ("darwin", "linux")),
        ("win32", "goose", "user", f"{ROAMING}/Block/goose/config/config.yaml"),
        ("linux", "codex", "project", "project/.codex/config.toml"),
        ("linux", "gemini-cli", "project", "project/.gemini/settings.json"),
        ("linux", "zed", "project", "project/.zed/settings.json"),
        ("linux", "claude-code", "project", "project/.mcp.json"),
        ("win32", "cursor", "project", "project/.cursor/mcp.json"),
        ("darwin", "vscode", "project", "project/.vscode/mcp.json"),
    ],
)
def test_each_client_has_its_file(tmp_path: Path, platform: str, name: str, scope: Scope, below: str) -> None:
    assert place(client_named(name), scope, machine(tmp_path, platform)).file == tmp_path / below


@pytest.mark.parametrize(
    ("platform", "name", "variable", "below"),
    [
        ("linux", "claude-desktop", "XDG_CONFIG_HOME", "Claude/claude_desktop_config.json"),
        ("linux", "vscode", "XDG_CONFIG_HOME", "Code/User/mcp.json"),
        ("win32", "claude-desktop", "APPDATA", "Claude/claude_desktop_config.json"),
        ("win32", "vscode", "APPDATA", "Code/User/mcp.json"),
        ("linux", "claude-code", "CLAUDE_CONFIG_DIR", ".claude.json"),
        ("linux", "codex", "CODEX_HOME", "config.toml"),
        ("darwin", "goose", "XDG_CONFIG_HOME", "goose/config.yaml"),
    ],
)
def test_the_systems_own_variables_move_the_file(
    tmp_path: Path, platform: str, name: str, variable: str, below: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    there = machine(tmp_path, platform, **{variable: str(elsewhere)})
    assert place(client_named(name), "user", there).file == elsewhere / below
    relative = machine(tmp_path, platform, **{variable: "elsewhere"})
    assert "elsewhere" not in str(place(client_named(name), "user", relative).file)


def test_the_packaged_claude_desktop_on_windows_has_a_file_of_its_own(tmp_path: Path) -> None:
    def file() -> Path:
        return place(client_named("claude-desktop"), "user", machine(tmp_path, "win32")).file

    old = tmp_path / ROAMING / "Claude" / "claude_desktop_config.json"
    assert file() == old
    package = tmp_path / "AppData/Local/Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming/Claude"
    package.mkdir(parents=True)
    assert file() == package / old.name
    old.parent.mkdir(parents=True)
    old.write_text("{}", encoding="utf-8")
    assert file() == old, "until the app has written a file of its own, it reads the common one"
    (package / old.name).write_text("{}", encoding="utf-8")
    assert file() == package / old.name


def test_a_client_that_was_never_there_is_told_from_one_that_was(tmp_path: Path) -> None:
    for name in CLIENT_NAMES:
        assert not place(client_named(name), "user", machine(tmp_path)).present
    for folder in (
        *(".claude", ".cursor", ".config/Claude", ".config/Code/User", ".codex", ".gemini", ".codeium/windsurf"),
        *(".config/zed", ".cline/data", ".lmstudio", ".config/goose"),
    ):
        (tmp_path / folder).mkdir(parents=True)
    for name in CLIENT_NAMES:
        assert place(client_named(name), "user", machine(tmp_path)).present


@pytest.mark.parametrize("name", ["claude-desktop", "Claude Desktop", "claude_desktop", "ClaudeDesktop"])
def test_a_clients_name_may_be_written_in_any_usual_way(name: str) -> None:
    assert client_named(name).name == "claude-desktop"
    assert client_named("VS Code").name == "vscode"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("claude", "did you mean claude-desktop or claude-code?"),
        ("cursr", "did you mean cursor?"),
        ("vs-coed", "did you mean vscode?"),
        (
            "emacs",
            "Choose one of claude-desktop, claude-code, cursor, vscode, codex, gemini-cli, windsurf, zed, cline, lm-",
        ),
    ],
)
def test_an_unknown_client_suggests_the_nearest(name: str, said: str) -> None:
    with pytest.raises(ArgumentError) as found:
        client_named(name)
    assert said in str(found.value)


def test_of_two_files_that_a_client_may_have_the_one_that_is_there_is_written(tmp_path: Path) -> None:
    cases = {
        "windsurf": (".config/devin/mcp_config.json", ".codeium/windsurf/mcp_config.json"),
        "cline": (f"{CLINE_IN_VSCODE}/settings/{CLINE}", f".cline/data/settings/{CLINE}"),
        "lm-studio": (".lmstudio/mcp.json", ".cache/lm-studio/mcp.json"),
    }
    for name, (newer, older) in cases.items():
        (tmp_path / older).parent.mkdir(parents=True)
        (tmp_path / older).write_text("{}", encoding="utf-8")
        assert place(client_named(name), "user", machine(tmp_path)).file == tmp_path / older
        (tmp_path / newer).parent.mkdir(parents=True)
        (tmp_path / newer).write_text("{}", encoding="utf-8")
        assert place(client_named(name), "user", machine(tmp_path)).file == tmp_path / newer


def test_claude_desktop_has_no_project(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="leave out --scope"):
        place(client_named("claude-desktop"), "project", machine(tmp_path))


# --- the entry ---


def entry(there: Machine, client: str | None = None, **named: Any) -> dict[str, Any]:
    """The entry for a client, as these flags make it."""
    settings = load_settings(
        episodes=named.get("episodes", ()),
        index=named.get("index"),
        environ=there.environ,
        cwd=there.here,
        **{name: named[name] for name in ("aliases", "embedder") if name in named},
    )
    plain = entry_for(there, settings, named)
    return client_named(client).shaped("zunda", plain) if client else plain


def test_every_path_in_the_entry_is_absolute(tmp_path: Path) -> None:
    there = machine(tmp_path)
    for folder in ("posts", "old 回"):
        (there.here / folder).mkdir()
    (there.here / "names.txt").touch()
    made = entry(there, episodes=["posts", "old 回"], index="ix", aliases="names.txt", embedder="none")
    assert made["command"] == str(there.python)
    assert made["args"] == [
        *("-m", "zunda_mcp", "serve"),
        *("--episodes", str(there.here / "posts"), "--episodes", str(there.here / "old 回")),
        *("--index", str(there.here / "ix"), "--aliases", str(there.here / "names.txt"), "--embedder", "none"),
    ]


@pytest.mark.parametrize(("platform", "script"), [("linux", "zunda-mcp"), ("win32", "zunda-mcp.exe")])
def test_the_program_beside_the_interpreter_is_preferred(tmp_path: Path, platform: str, script: str) -> None:
    there = machine(tmp_path, platform)
    (there.here / "episodes").mkdir()
    there.python.parent.mkdir(parents=True)
    program = there.python.parent / script
    program.touch(mode=0o755)
    assert entry(there)["command"] == str(program)
    assert entry(there)["args"] == ["serve", "--episodes", str(there.here / "episodes")]
    if sys.platform != "win32":
        program.chmod(0o644)
        assert entry(there)["args"][:3] == ["-m", "zunda_mcp", "serve"]


def test_vs_code_wants_the_type_named(tmp_path: Path) -> None:
    there = machine(tmp_path)
    (there.here / "episodes").mkdir()
    assert list(entry(there, "vscode")) == ["type", "command", "args"]
    assert all("type" not in entry(there, name) for name in ("claude-desktop", "claude-code", "cursor"))


def test_what_the_terminal_knows_goes_along_but_never_a_secret(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    there = machine(
        tmp_path,
        ZUNDA_MCP_EPISODES=str(posts),
        ZUNDA_MCP_NAME="放送",
        ZUNDA_MCP_STATE="state",
        ZUNDA_MCP_EMBEDDER="none",
        ZUNDA_MCP_EMBEDDER_KEY="s3cret",
        ZUNDA_MCP_TEST_X="1",
        PATH="/bin",
    )
    made = entry(there)
    assert made["args"][2:] == ["serve", "--episodes", str(posts), "--embedder", "none"]
    assert made["env"] == {"ZUNDA_MCP_NAME": "放送", "ZUNDA_MCP_STATE": str(there.here / "state")}
    assert "s3cret" not in str(made)
    assert "ZUNDA_MCP_EMBEDDER_KEY is a secret" in (left_out(there) or "")
    assert left_out(machine(tmp_path)) is None


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InstallError, match=r"There is no folder .*nowhere"):
        entry(machine(tmp_path), episodes=["nowhere"])


def test_a_passing_environment_is_refused(tmp_path: Path) -> None:
    there = machine(tmp_path)
    (there.here / "episodes").mkdir()
    passing = Machine("linux", {}, tmp_path, there.here, tmp_path / ".cache/uv/archive-v0/x1/bin/python")
    with pytest.raises(InstallError, match="uv tool install zunda-mcp"):
        entry(passing)


@pytest.mark.parametrize(
    ("command", "ours"),
    [
        (["/x/bin/zunda-mcp", "serve"], True),
        (["C:\\x\\Scripts\\zunda-mcp.exe"], True),
        (["python", "-m", "zunda_mcp", "serve"], True),
        (["uvx", "zunda-mcp[semantic]==0.1.0", "serve"], True),
        (["docker", "run", "-i", "ghcr.io/x/zunda-mcp:latest"], True),
        (["npx", "zunda-mcp-remote"], False),
        (["node", "/home/me/zunda-mcp/server.js"], False),
        ([], False),
    ],
)
def test_our_own_entries_are_told_from_others(command: list[str], ours: bool) -> None:
    assert is_ours({"command": command[0] if command else None, "args": list(command[1:])}) is ours


@pytest.mark.parametrize("name", ["", "ずんだ", "a b", "x" * 65, "a.b"])
def test_a_name_that_a_client_would_refuse_is_refused(name: str) -> None:
    with pytest.raises(ArgumentError, match="--name"):
        checked_name(name)
