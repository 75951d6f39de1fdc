"""Where each client keeps the configuration of its servers, on each system.

Sources: the clients' own documentation; for Claude Desktop as a Windows package (the installer's default since 2026,
whose app reads a folder of its own) github.com/anthropics/claude-code/issues/26073. Claude Code's ``CLAUDE_CONFIG_DIR``
moves its file.

**Claude Code** could also be asked to write its file itself (``claude mcp add-json``). The file is edited here like any
other, because that shows an exact diff before, keeps a copy, gives the bytes back afterwards, and works where the
command is not in ``PATH`` (the editor extension brings its own), is another version, or refuses a name that is taken.
What the command has for it is that it knows when Claude Code writes the file: so here the file is compared with what
was read directly before it is replaced, and looked at once more after the check (see ``zunda_mcp.cli.install_verbs``).
"""

from __future__ import annotations

import difflib
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from zunda_mcp.config.paths import home_folder
from zunda_mcp.errors import ArgumentError

__all__ = [
    "CLAUDE_CODE",
    "CLAUDE_DESKTOP",
    "CLIENTS",
    "CURSOR",
    "VSCODE",
    "Client",
    "Machine",
    "Place",
    "Scope",
    "client_named",
    "place",
]

Scope = Literal["user", "project"]


@dataclass(frozen=True, slots=True)
class Machine:
    """What a place depends on. ``platform`` is as in ``sys.platform``, ``here`` the folder of the project."""

    platform: str
    environ: Mapping[str, str]
    home: Path
    here: Path
    python: Path

    @classmethod
    def this(cls) -> Machine:
        """The machine this runs on."""
        # Not resolved: the interpreter of an environment is a link, and only its own name finds its packages.
        python = Path(os.path.abspath(sys.executable))  # noqa: PTH100
        return cls(sys.platform, dict(os.environ), home_folder(), Path.cwd(), python)

    def folder(self, variable: str, *default: str) -> Path:
        """The folder that an environment variable names, else one below the home."""
        value = self.environ.get(variable, "")
        return Path(value) if value and Path(value).is_absolute() else self.home.joinpath(*default)

    def applications(self) -> Path:
        """Where applications keep what is the user's."""
        if self.platform == "darwin":
            return self.home / "Library" / "Application Support"
        if self.platform == "win32":
            return self.folder("APPDATA", "AppData", "Roaming")
        return self.folder("XDG_CONFIG_HOME", ".config")


@dataclass(frozen=True, slots=True)
class Client:
    """A client: its name on the command line, its name, the key of its servers, and how it reads JSON.

    ``typed`` says that each entry says ``"type": "stdio"``. ``restart`` is what to do after a change, in English and
    Japanese.
    """

    name: str
    title: str
    key: str
    comments: bool
    typed: bool
    user: Callable[[Machine], list[Path]]
    project: tuple[str, ...] | None
    restart: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """The file of a client in one scope. ``present`` says whether the client has left any trace of itself there."""

    client: Client
    scope: Scope
    file: Path
    present: bool


def client_named(name: str) -> Client:
    """The client of this name, written in any of the usual ways. Raises ``ArgumentError`` with the nearest one."""
    plain = re.sub(r"[^a-z]", "", name.lower())
    for client in CLIENTS:
        if plain == client.name.replace("-", ""):
            return client
    names = [client.name for client in CLIENTS]
    near = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.4)
    near = [other for other in names if len(plain) > 2 and other.startswith(plain)] or near
    hint = f"; did you mean {' or '.join(near)}?" if near else "."
    raise ArgumentError("CLIENT", f"there is no client {name!r}{hint} Known are {', '.join(names)}.")


def place(client: Client, scope: Scope, machine: Machine) -> Place:
    """The file to write. Raises ``ArgumentError`` where the client knows no such scope."""
    if scope == "project":
        if client.project is None:
            raise ArgumentError("--scope", f"{client.title} has no configuration for a project; leave --scope away.")
        return Place(client, scope, machine.here.joinpath(*client.project), True)
    candidates = client.user(machine)
    files = [file for file in candidates if file.exists()]
    folders = [file for file in candidates if _folder(client, file, machine).is_dir()]
    return Place(client, scope, (files or folders or candidates)[0], bool(files or folders))


def _folder(client: Client, file: Path, machine: Machine) -> Path:
    """The folder that is there once the client has run: its own, and for Claude Code the one beside its file."""
    return file.parent / ".claude" if client is CLAUDE_CODE and file.parent == machine.home else file.parent


def _claude_desktop(machine: Machine) -> list[Path]:
    """The packaged app's file first: once that is there, the app does not see the other any more."""
    name = "claude_desktop_config.json"
    found = []
    if machine.platform == "win32":
        packages = machine.folder("LOCALAPPDATA", "AppData", "Local") / "Packages"
        found = [folder / "LocalCache" / "Roaming" / "Claude" / name for folder in sorted(packages.glob("Claude_*"))]
    return [*found, machine.applications() / "Claude" / name]


def _claude_code(machine: Machine) -> list[Path]:
    return [machine.folder("CLAUDE_CONFIG_DIR") / ".claude.json"]


def _cursor(machine: Machine) -> list[Path]:
    return [machine.home / ".cursor" / "mcp.json"]


def _vscode(machine: Machine) -> list[Path]:
    return [machine.applications() / "Code" / "User" / "mcp.json"]


CLAUDE_DESKTOP = Client(
    "claude-desktop",
    "Claude Desktop",
    "mcpServers",
    comments=False,
    typed=False,
    user=_claude_desktop,
    project=None,
    restart=(
        "Quit Claude Desktop completely (closing the window is not enough), then open it again.",
        "Claude Desktop を完全に終了し(ウィンドウを閉じるだけでは足りません)、もう一度開いてください。",
    ),
)
CLAUDE_CODE = Client(
    "claude-code",
    "Claude Code",
    "mcpServers",
    comments=False,
    typed=False,
    user=_claude_code,
    project=(".mcp.json",),
    restart=(
        "Start a new session of Claude Code; /mcp there shows the server.",
        "Claude Code を新しく起動してください。/mcp でサーバーを確認できます。",
    ),
)
CURSOR = Client(
    "cursor",
    "Cursor",
    "mcpServers",
    comments=True,
    typed=False,
    user=_cursor,
    project=(".cursor", "mcp.json"),
    restart=(
        "Restart Cursor, and switch the server on in Settings → MCP if it is off.",
        "Cursor を再起動し、Settings → MCP でサーバーが有効か確認してください。",
    ),
)
VSCODE = Client(
    "vscode",
    "VS Code",
    "servers",
    comments=True,
    typed=True,
    user=_vscode,
    project=(".vscode", "mcp.json"),
    restart=(
        "In VS Code run “MCP: List Servers”, choose the server and start it; VS Code asks once whether you trust it.",
        "VS Code で「MCP: List Servers」を実行し、サーバーを選んで開始してください。初回は信頼するか聞かれます。",
    ),
)
CLIENTS = (CLAUDE_DESKTOP, CLAUDE_CODE, CURSOR, VSCODE)
