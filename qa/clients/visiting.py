"""Visits of other SDKs' clients: each makes the whole tour over stdio and over HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from installing import BUILD, HERE, NODE, PYTHON_CLIENTS, node_command, npm_versions, python_of
from judging import PARTS, PLAN, judge
from rows import Row, why
from serving import STDIO, Door, environment, real_server

_PATIENCE = 180


@dataclass(frozen=True)
class Visitor:
    """A client: its name and version, what runs it, the era it must come to, its mode, and what it cannot do.

    ``only`` are the doors it can come by, where not by all; ``hears`` whether its visit also waits for notices.
    """

    client: str
    version: str
    command: tuple[str, ...]
    era: str
    mode: str = "auto"
    lacks: tuple[str, ...] = ()
    only: tuple[Door, ...] = ()
    hears: bool = False

    def comes_by(self, door: Door) -> bool:
        """Whether the client has that transport."""
        return not self.only or door in self.only


def _python(name: str, script: str) -> tuple[str, ...]:
    return str(python_of(name)), str(HERE / "visitors" / script)


def _pinned(name: str) -> str:
    return PYTHON_CLIENTS[name][0].partition("==")[2]


def own_sdk(mode: str, era: str) -> Visitor:
    """The Python SDK 2.x that the project itself has."""
    script = str(HERE / "visitors" / "sdk2.py")
    return Visitor(f"Python SDK 2.x ({mode})", version("mcp"), (sys.executable, script), era, mode, hears=True)


def visitors() -> list[Visitor]:
    """All of them; whoever is not told otherwise negotiates as its makers meant."""
    node, npm = str(node_command("node")), npm_versions()
    langchain, agents = "langchain-mcp-adapters", "openai-agents"
    client = "@modelcontextprotocol/client"
    return [
        Visitor(
            "Python SDK 1.x",
            _pinned("mcp-1.6.0"),
            _python("mcp-1.6.0", "sdk1.py"),
            "2024-11-05",
            only=(STDIO,),
            hears=True,
        ),
        Visitor("Python SDK 1.x", _pinned("mcp-1.9.4"), _python("mcp-1.9.4", "sdk1.py"), "2025-03-26", hears=True),
        Visitor("Python SDK 1.x", _pinned("mcp-1.30.0"), _python("mcp-1.30.0", "sdk1.py"), "2025-11-25", hears=True),
        own_sdk("legacy", "2025-11-25"),
        own_sdk("auto", "2026-07-28"),
        Visitor("fastmcp client", _pinned("fastmcp"), _python("fastmcp", "fastmcp_client.py"), "2026-07-28"),
        Visitor(
            "LangChain MCP adapters",
            _pinned(langchain),
            _python(langchain, "langchain_adapters.py"),
            "2025-11-25",
            lacks=("completion",),
        ),
        Visitor(
            "OpenAI Agents SDK",
            _pinned(agents),
            _python(agents, "openai_agents.py"),
            "2026-07-28",
            lacks=("completion",),
        ),
        Visitor(
            "TypeScript SDK 1.x",
            npm["@modelcontextprotocol/sdk"],
            (node, str(NODE / "sdk1.mjs")),
            "2025-11-25",
            hears=True,
        ),
        Visitor(
            "TypeScript client 2.x (default)",
            npm[client],
            (node, str(NODE / "client2.mjs")),
            "2025-11-25",
            "default",
            hears=True,
        ),
        Visitor(
            "TypeScript client 2.x (auto)", npm[client], (node, str(NODE / "client2.mjs")), "2026-07-28", hears=True
        ),
    ]


def visit(visitor: Visitor, door: Door, folder: Path = BUILD) -> Iterator[Row]:
    """The rows of one tour, a row for each part."""
    seen, trouble = look(visitor, door, folder)
    era = str(seen.get("era", visitor.era))
    if trouble is None and era != visitor.era:
        trouble = f"came to {era}, not {visitor.era}"
    for part in PARTS:
        if part in visitor.lacks:
            continue
        wrong = trouble if trouble is not None else judge(seen, part)
        yield Row(visitor.client, visitor.version, door.name, era, part, wrong is None, why(wrong or ""))


def hear(visitor: Visitor, door: Door, archive: Path, folder: Path = BUILD) -> Row:
    """Whether a client is told of a new episode, which appears in a growing archive once it has asked for notices."""
    number = 900 + len(list(archive.glob("2030-*.md")))
    new = archive / f"2030-01-01-{number}.md"
    watch = {"uri": "archive://overview", "from": str(sorted(archive.glob("*.md"))[0]), "to": str(new), "seconds": 30}
    seen, trouble = look(visitor, door, folder, {"watch": watch})
    missing = {"list", watch["uri"]} - set(seen.get("notices", ()))
    if trouble is None and missing:
        trouble = f"heard nothing of {' and '.join(sorted(map(str, missing)))}"
    done = "notices of a new episode"
    return Row(visitor.client, visitor.version, door.name, visitor.era, done, trouble is None, why(trouble or ""))


def look(
    visitor: Visitor, door: Door, folder: Path, more: Mapping[str, object] | None = None
) -> tuple[dict[str, Any], str | None]:
    """What a client saw, and why that is nothing, where it is."""
    plan, told = folder / "plan.json", folder / "seen.json"
    told.unlink(missing_ok=True)
    where = {"command": real_server(folder=folder, episodes=door.episodes), "url": door.url, "mode": visitor.mode}
    plan.write_text(json.dumps(PLAN | where | dict(more or {})), encoding="utf-8")
    command = [*visitor.command, str(plan), str(told)]
    try:
        ran = subprocess.run(
            command, env=environment(), capture_output=True, encoding="utf-8", errors="replace", timeout=_PATIENCE,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {}, f"was not done after {_PATIENCE} seconds"
    if ran.returncode != 0 or not told.is_file():
        last = (ran.stderr or ran.stdout).strip().splitlines()[-1:]
        return {}, f"ended with exit code {ran.returncode}: {''.join(last)}"
    seen: dict[str, Any] = json.loads(told.read_text(encoding="utf-8"))
    return seen, None
