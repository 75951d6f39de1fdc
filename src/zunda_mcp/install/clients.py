"""Where each client keeps the configuration of its servers, on each system.

Sources, as of November 2026: the clients' own documentation (docs/clients.md has the pages), and

- Claude Desktop as a Windows package, the installer's default since 2026, reads a folder of its own:
  github.com/anthropics/claude-code/issues/26073. Claude Code's ``CLAUDE_CONFIG_DIR`` moves its file.
- Windsurf has been called Devin Desktop since June 2026 and reads another folder: docs.sevalla.com/ai-agents/windsurf.
- Cline's extension and its command line have a file each: github.com/cline/cline/issues/7249.
- LM Studio still uses its first folder on old installations: github.com/lmstudio-ai/lmstudio-bug-tracker/issues/1371.

**Claude Code** can also write its file itself (``claude mcp add-json``). We edit the file like any other, since that
shows an exact diff first, keeps a backup and can restore the bytes. It also works if the command is not in ``PATH``
(the editor extension brings its own), is another version, or refuses a name that is taken. But only the command knows
when Claude Code writes the file. So we compare the file with what we read directly before we replace it, and look at it
once more after the check (see ``zunda_mcp.cli.install_verbs``).
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
"""The content of a configuration file in any format."""
Format = Literal["json", "json with comments", "toml", "yaml"]

Scope = Literal["user", "project"]


@dataclass(frozen=True, slots=True)
class Machine:
    """What the places of files depend on. ``platform`` is as in ``sys.platform``, ``here`` is the project's folder."""

    platform: str
    environ: Mapping[str, str]
    home: Path
    here: Path
    python: Path

    @classmethod
    def this(cls) -> Machine:
        """Return the machine that this process runs on."""
        # Not resolved: the interpreter of an environment is a link, and finds its packages only by the link's own name.
        python = Path(os.path.abspath(sys.executable))  # noqa: PTH100 - links stay links
        return cls(sys.platform, dict(os.environ), home_folder(), Path.cwd(), python)

    def folder(self, variable: str, *default: str) -> Path:
        """Return the folder that an environment variable names, else ``default`` below the home folder."""
        value = self.environ.get(variable, "")
        return Path(value) if value and Path(value).is_absolute() else self.home.joinpath(*default)

    def applications(self) -> Path:
        """Return the folder where applications keep a user's data."""
        if self.platform == "darwin":
            return self.home / "Library" / "Application Support"
        if self.platform == "win32":
            return self.folder("APPDATA", "AppData", "Roaming")
        return self.folder("XDG_CONFIG_HOME", ".config")

    def configuration(self) -> Path:
        """Return that folder for programs that use ``~/.config`` on macOS as well."""
        return self.applications() if self.platform == "win32" else self.folder("XDG_CONFIG_HOME", ".config")


@dataclass(frozen=True, slots=True)
class Client:
    """A client: its name on the command line, its title, the key of its servers, and the format of its file.

    ``user`` returns the files it may have, likeliest first; ``project`` is the path of its file in a project.
    ``command`` and ``env`` are the keys of these two in an entry, and ``more`` are further members of each entry, with
    ``{name}`` for the name of the server. ``restart`` says what to do after a change (in Japanese:
    ``rendering/japanese/verbs.toml``).
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
        """Return a plain entry (``command``, ``args``, ``env``) for the server ``name`` as this client writes it."""
        own = {"command": self.command, "env": self.env}
        more = {key: value.format(name=name) if isinstance(value, str) else value for key, value in self.more.items()}
        return {**more, **{own.get(key, key): value for key, value in entry.items()}}

    def started_by(self, entry: Data) -> tuple[list[str], dict[str, str]]:
        """Return the command line that an entry of this client starts, and its environment variables."""
        entry = entry if isinstance(entry, dict) else {}
        args, env = entry.get("args"), entry.get(self.env)
        words = [entry.get(self.command, ""), *(args if isinstance(args, list) else [])]
        return [str(word) for word in words], {k: str(v) for k, v in env.items()} if isinstance(env, dict) else {}


@dataclass(frozen=True, slots=True)
class Place:
    """A client's file in one scope. ``root`` is the home folder or the project; ``present`` says whether there is any
    sign of the client in it.
    """

    client: Client
    scope: Scope
    file: Path
    root: Path
    present: bool


def client_named(name: str) -> Client:
    """Return the client of this name, ignoring case, spaces and signs. Raises ``ArgumentError``, naming the nearest."""
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
    """Return the file of a client in a scope. Raises ``ArgumentError`` if the client does not have this scope."""
    if scope == "project":
        if client.project is None:
            raise ArgumentError("--scope", f"{client.title} has no configuration for a project; leave out --scope.")
        return Place(client, scope, machine.here.joinpath(*client.project), machine.here, True)
    candidates = client.user(machine)
    files = [file for file in candidates if file.exists()]
    folders = [file for file in candidates if _folder(client, file, machine).is_dir()]
    return Place(client, scope, (files or folders or candidates)[0], machine.home, bool(files or folders))


def _folder(client: Client, file: Path, machine: Machine) -> Path:
    """Return the folder that exists once the client has run: its own, for Claude Code the one next to its file."""
    if client is CLAUDE_CODE and file.parent == machine.home:
        return file.parent / ".claude"
    return file.parent.parent if client is _CLINE else file.parent


def _claude_desktop(machine: Machine) -> list[Path]:
    """The packaged app's file comes first: once it exists, the app no longer reads the other."""
    name = "claude_desktop_config.json"
    packaged = []
    if machine.platform == "win32":
        packages = machine.folder("LOCALAPPDATA", "AppData", "Local") / "Packages"
        packaged = [folder / "LocalCache" / "Roaming" / "Claude" / name for folder in sorted(packages.glob("Claude_*"))]
    return [*packaged, machine.applications() / "Claude" / name]


def _cline(machine: Machine) -> list[Path]:
    """The file of the extension in VS Code comes first: it does not exist if only the command line is used."""
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
