"""What an assistant is given: each tool set is an MCP server over stdio, behind a proxy that logs the calls."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent
OURS, GREP = "zunda-mcp", "shell with grep"


@dataclass(frozen=True)
class ToolSet:
    """``command`` starts the server."""

    name: str
    command: tuple[str, ...]

    def configure(self, config: Path, log: Path) -> None:
        """Write the client's configuration; calls are appended to ``log`` (see ``call_log``)."""
        proxy = [str(_HERE / "call_log.py"), str(log), "--", *self.command]
        servers = {"archive": {"command": sys.executable, "args": proxy}}
        config.write_text(json.dumps({"mcpServers": servers}, ensure_ascii=False, indent=1), encoding="utf-8")


def ours(archive: Path, index: Path) -> ToolSet:
    """This project's server, with meaning where the extra is installed."""
    serve = ("serve", "--episodes", str(archive), "--index", str(index))
    return ToolSet(OURS, (sys.executable, "-m", "zunda_mcp", *serve))


def grep(archive: Path) -> ToolSet:
    """A shell of a few programs over the files."""
    return ToolSet(GREP, (sys.executable, str(_HERE / "shell_server.py"), str(archive)))


def peer(text: str, archive: Path) -> ToolSet:
    """A peer's server, from ``NAME=COMMAND`` with ``{archive}`` for the folder. Raises ``ValueError``."""
    name, equals, command = text.partition("=")
    words = shlex.split(command)
    if not (name and equals and words):
        msg = f"{text!r} is no peer; write NAME=COMMAND, with {{archive}} where the folder belongs."
        raise ValueError(msg)
    return ToolSet(name, tuple(word.replace("{archive}", str(archive)) for word in words))
