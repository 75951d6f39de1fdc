"""Where each client keeps the configuration of its servers, on each system.

Sources, as of November 2026: the clients' own documentation (docs/clients.md has the pages), and

- Claude Desktop as a Windows package, the installer's default since 2026, whose app reads a folder of its own:
  github.com/anthropics/claude-code/issues/26073. Claude Code's ``CLAUDE_CONFIG_DIR`` moves its file.
- Windsurf is called Devin Desktop since June 2026 and reads another folder: docs.sevalla.com/ai-agents/windsurf.
- Cline's extension and its command line have a file each: github.com/cline/cline/issues/7249.
- LM Studio on machines where it was installed long ago: github.com/lmstudio-ai/lmstudio-bug-tracker/issues/1371.

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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from zunda_mcp.config.paths import home_folder
from zunda_mcp.errors import ArgumentError

__all__ = [
    "CLAUDE_CODE", "CLIENTS", "VSCODE", "Client", "Data", "Format", "Machine", "Place", "Scope", "client_named",
    "place",
]  # fmt: skip

Data: TypeAlias = "dict[str, Data] | list[Data] | str | int | float | bool | None"
"""What a configuration file holds, whatever its format."""
Format = Literal["json", "json with comments", "toml", "yaml"]

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
        python = Path(os.path.abspath(sys.executable))  # noqa: PTH100 - links stay links
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

    def configuration(self) -> Path:
        """Where programs that are alike on macOS and Linux keep it."""
        return self.applications() if self.platform == "win32" else self.folder("XDG_CONFIG_HOME", ".config")


@dataclass(frozen=True, slots=True)
class Client:
    """A client: its name on the command line, its name, the key of its servers, and the format of its file.

    ``user`` gives the files it may have, likeliest first. ``command`` and ``env`` are what an entry calls these, and
    ``more`` is what else stands in each, with ``{name}`` for the name of the server. ``restart`` is what to do after a
    change (in Japanese: ``rendering/japanese/verbs.toml``).
    """

    name: str
    title: str
    key: str
    user: Callable[[Machine], list[Path]]
    restart: str
    project: tuple[str, ...] | None = None
    format: Format = "json"
    command: str = "command"
    env: str = "env"
    more: Mapping[str, Data] = field(default_factory=dict)

    def shaped(self, name: str, entry: Mapping[str, Data]) -> dict[str, Data]:
        """A plain entry (``command``, ``args``, ``env``) of the server of this name, as this client writes it."""
        own = {"command": self.command, "env": self.env}
        more = {key: value.format(name=name) if isinstance(value, str) else value for key, value in self.more.items()}
        return {**more, **{own.get(key, key): value for key, value in entry.items()}}

    def started_by(self, entry: Data) -> tuple[list[str], dict[str, str]]:
        """The command line that an entry of this client starts, and its variables."""
        entry = entry if isinstance(entry, dict) else {}
        args, env = entry.get("args"), entry.get(self.env)
        words = [entry.get(self.command, ""), *(args if isinstance(args, list) else [])]
        return [str(word) for word in words], {k: str(v) for k, v in env.items()} if isinstance(env, dict) else {}


@dataclass(frozen=True, slots=True)
class Place:
    """The file of a client in one scope, below ``root``: the home or the project. ``present`` says whether the client
    has left any trace of itself there.
    """

    client: Client
    scope: Scope
    file: Path
    root: Path
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
    raise ArgumentError("CLIENT", f"there is no client {name!r}{hint} Choose one of {', '.join(names)}.")


def place(client: Client, scope: Scope, machine: Machine) -> Place:
    """The file to write. Raises ``ArgumentError`` if the client knows no such scope."""
    if scope == "project":
        if client.project is None:
            raise ArgumentError("--scope", f"{client.title} has no configuration for a project; leave out --scope.")
        return Place(client, scope, machine.here.joinpath(*client.project), machine.here, True)
    candidates = client.user(machine)
    files = [file for file in candidates if file.exists()]
    folders = [file for file in candidates if _folder(client, file, machine).is_dir()]
    return Place(client, scope, (files or folders or candidates)[0], machine.home, bool(files or folders))


def _folder(client: Client, file: Path, machine: Machine) -> Path:
    """The folder that is there once the client has run: its own, and for Claude Code the one beside its file."""
    if client is CLAUDE_CODE and file.parent == machine.home:
        return file.parent / ".claude"
    return file.parent.parent if client is _CLINE else file.parent


def _claude_desktop(machine: Machine) -> list[Path]:
    """The packaged app's file first: once that is there, the app does not see the other any more."""
    name = "claude_desktop_config.json"
    packaged = []
    if machine.platform == "win32":
        packages = machine.folder("LOCALAPPDATA", "AppData", "Local") / "Packages"
        packaged = [folder / "LocalCache" / "Roaming" / "Claude" / name for folder in sorted(packages.glob("Claude_*"))]
    return [*packaged, machine.applications() / "Claude" / name]


def _cline(machine: Machine) -> list[Path]:
    """The extension's file in VS Code first: where the command line is used alone, that one is not there."""
    name = "cline_mcp_settings.json"
    folders = [
        machine.applications() / "Code" / "User" / "globalStorage" / "saoudrizwan.claude-dev",
        machine.folder("CLINE_DIR", ".cline") / "data",
    ]
    return [folder / "settings" / name for folder in folders]


_CLAUDE_DESKTOP = Client(
    "claude-desktop",
    "Claude Desktop",
    "mcpServers",
    user=_claude_desktop,
    restart="Quit Claude Desktop completely (closing the window is not enough), then open it again.",
)
CLAUDE_CODE = Client(
    "claude-code",
    "Claude Code",
    "mcpServers",
    user=lambda machine: [machine.folder("CLAUDE_CONFIG_DIR") / ".claude.json"],
    project=(".mcp.json",),
    restart="Start a new session of Claude Code; /mcp there shows the server.",
)
_CURSOR = Client(
    "cursor",
    "Cursor",
    "mcpServers",
    user=lambda machine: [machine.home / ".cursor" / "mcp.json"],
    project=(".cursor", "mcp.json"),
    format="json with comments",
    restart="Restart Cursor, and switch the server on in Settings → MCP if it is off.",
)
VSCODE = Client(
    "vscode",
    "VS Code",
    "servers",
    user=lambda machine: [machine.applications() / "Code" / "User" / "mcp.json"],
    project=(".vscode", "mcp.json"),
    format="json with comments",
    more={"type": "stdio"},
    restart="In VS Code run “MCP: List Servers”, and start the server there; VS Code asks once whether you trust it.",
)
_CODEX = Client(
    "codex",
    "Codex",
    "mcp_servers",
    user=lambda machine: [machine.folder("CODEX_HOME", ".codex") / "config.toml"],
    project=(".codex", "config.toml"),
    format="toml",
    restart="Start a new session of Codex; /mcp there shows the server.",
)
_GEMINI_CLI = Client(
    "gemini-cli",
    "Gemini CLI",
    "mcpServers",
    user=lambda machine: [machine.home / ".gemini" / "settings.json"],
    project=(".gemini", "settings.json"),
    format="json with comments",
    restart="Start Gemini CLI anew; /mcp there shows the server.",
)
_WINDSURF = Client(
    "windsurf",
    "Windsurf (Devin Desktop)",
    "mcpServers",
    user=lambda machine: [
        machine.configuration() / "devin" / "mcp_config.json",
        machine.home / ".codeium" / "windsurf" / "mcp_config.json",
    ],
    restart="Refresh the list of MCP servers in Windsurf, or restart it.",
)
_ZED = Client(
    "zed",
    "Zed",
    "context_servers",
    user=lambda machine: [
        machine.configuration() / ("Zed" if machine.platform == "win32" else "zed") / "settings.json"
    ],
    project=(".zed", "settings.json"),
    format="json with comments",
    more={"source": "custom"},
    restart="Zed starts the server by itself; the dot beside its name in the settings of the Agent Panel turns green.",
)
_CLINE = Client(
    "cline",
    "Cline",
    "mcpServers",
    user=_cline,
    restart="Cline starts the server by itself; the MCP Servers icon shows it.",
)
_LM_STUDIO = Client(
    "lm-studio",
    "LM Studio",
    "mcpServers",
    user=lambda machine: [machine.home / place / "mcp.json" for place in (".lmstudio", ".cache/lm-studio")],
    restart="Switch the server on in LM Studio: Program tab, then the switch beside its name.",
)
_GOOSE = Client(
    "goose",
    "goose",
    "extensions",
    user=lambda machine: [
        machine.configuration() / ("Block/goose/config" if machine.platform == "win32" else "goose") / "config.yaml"
    ],
    format="yaml",
    command="cmd",
    env="envs",
    more={
        "enabled": True,
        "type": "stdio",
        "name": "{name}",
        "description": "An archive of dated episodes",
        "timeout": 300,
    },
    restart="Start a new session of goose.",
)
CLIENTS = (
    *(_CLAUDE_DESKTOP, CLAUDE_CODE, _CURSOR, VSCODE),
    *(_CODEX, _GEMINI_CLI, _WINDSURF, _ZED, _CLINE, _LM_STUDIO, _GOOSE),
)
