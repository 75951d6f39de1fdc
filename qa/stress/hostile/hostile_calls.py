"""A server that somebody wants something of: what lies around its archive, and what it is asked."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hostile_text import PAYLOADS, VISIBLE, name_files, write_archive

_COPIED = 12
_STEPS = (
    "../",
    "..\\",
    "%2e%2e%2f",
    "%252e%252e%252f",
    "%c0%ae%c0%ae/",
    "%2e%2e/",
    "..%5c",
    "..;/",
    "....//",
    "／",
    "．．/",
)
_ROOTS = (
    "",
    "/",
    "//",
    "\\\\localhost\\c$\\",
    "C:\\",
    "file://",
    "file:///",
    "\\\\?\\",
    "~/",
    "$HOME/",
    "%00",
    "\0",
    "./",
)
_WORDS = (
    "latest",
    "2031-01-01-1",
    "2031-01-01-1#1",
    "",
    "量子化",
    "AI",
    "*",
    "site:a.example",
    "host:",
    '"',
    "#",
    "2025-07",
)
_SCHEMES = ("episode://", "story://", "archive://", "file://", "http://127.0.0.1/", "EPISODE://", "")
_TEXTS = ("query", "id", "topic", "quote", "since", "until", "host", "site", "cursor", "sort", "kind", "archive", "by")
TOOLS = ("search_episodes", "get_episode", "list_topics", "topic_timeline", "find_related", "check_quote")


class Scene:
    """A user's folder: an archive that came from a stranger, and private files beside it that hold ``canary``."""

    def __init__(self, root: Path, archive: Path, canary: str) -> None:
        self.root = root
        self.canary = canary
        self.episodes = root / "clone" / "_posts"
        self.index = root / "index"
        self.marker = root / "RAN"
        post = f"---\ntitle: {canary}\ndate: 2031-03-01\n---\n\n- [{canary}](https://s.example/)\n\n{canary}\n"
        self.private = [
            root / "private" / "2031-03-01-1.md",
            root / ".ssh" / "id.md",
            root / "private" / "2031-01-01-1.vtt",
        ]
        for path in self.private:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(
                post if path.suffix == ".md" else f"WEBVTT\n\n00:01.000 --> 00:09.000\n{canary}\n", encoding="utf-8"
            )
        (root / "clone" / ".git").mkdir(parents=True)
        write_archive(self.episodes)
        name_files(self.episodes)
        for file in sorted(archive.rglob("*.md"))[:_COPIED]:
            shutil.copyfile(file, self.episodes / file.name)
        self._lead_out()

    def _lead_out(self) -> None:
        """Links and names that lead to what is private."""
        links = {"2031-03-01-1.md": self.private[0], "x.md": Path("../../.ssh/id.md"), "more": self.root / "private"}
        for name, target in links.items():
            with contextlib.suppress(OSError):  # a system where links need a privilege
                (self.episodes / name).symlink_to(target)
        named = "\n".join(
            f'{key}: "{value}"'
            for key in ("transcript", "include", "layout", "audio_file_path")
            for value in (self.private[2],)
        )
        (self.episodes / "2031-03-02-2.md").write_text(
            f"---\ntitle: 名前\ndate: 2031-03-02\n{named}\n---\n\n{{% include {self.private[0]} %}}\n\n"
            f"- [話](file://{self.private[0]})\n\n![x]({self.private[0]})\n",
            encoding="utf-8",
        )

    def untouched(self) -> str:
        """A digest of all that a server has no business to change."""
        found = hashlib.sha256()
        for path in sorted(self.root.rglob("*")):
            if path.is_relative_to(self.index) or path.is_relative_to(self.root / "state") or path.name == "log":
                continue
            found.update(os.fsencode(path) + b"\0")
            if path.is_symlink():
                found.update(os.fsencode(path.readlink()))
            elif path.is_file():
                found.update(path.read_bytes())
        return found.hexdigest()


class Victim:
    """The server over such a scene, spoken to over stdio; what it writes to its log stays in ``log``."""

    def __init__(self, scene: Scene) -> None:
        self.log = scene.root / "log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ZUNDA_MCP_", "XDG_"))}
        own = {"HOME": str(scene.root), "ZUNDA_MCP_STATE": str(scene.root / "state"), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "zunda_mcp", "serve", "--embedder", "none"]
        command += ["--episodes", str(scene.episodes), "--index", str(scene.index)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=kept | own,
                cwd=scene.root / "clone",
            )
        self._number = 0
        hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
        self.ask("initialize", hello)
        self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """The answer to one request. Raises ``EOFError`` where the server has ended."""
        self._number += 1
        self._send({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        assert self._process.stdout is not None
        while line := self._process.stdout.readline():
            answer: dict[str, Any] = json.loads(line)
            if answer.get("id") == self._number:
                return answer
        raise EOFError(f"the server has ended with {self._process.wait(timeout=30)}")

    def end(self) -> None:
        """Hang up and wait."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=30)
        self._process.stdout.close()

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise EOFError(str(error)) from error


def question(chance: random.Random, scene: Scene) -> tuple[str, dict[str, Any]]:
    """A method and parameters as an intruder would try them."""
    match chance.randrange(10):
        case 0 | 1:
            return "resources/read", {"uri": chance.choice(_SCHEMES) + _name(chance, scene)}
        case 2:
            uri = chance.choice(("episode://{id}", "story://{id}", _name(chance, scene)))
            return "completion/complete", {
                "ref": {"type": "ref/resource", "uri": uri},
                "argument": {"name": "id", "value": _name(chance, scene)},
            }
        case 3:
            name = chance.choice(("news_digest", _name(chance, scene)))
            return "prompts/get", {"name": name, "arguments": {"topic": _name(chance, scene)}}
    arguments: dict[str, Any] = {name: _name(chance, scene) for name in chance.sample(_TEXTS, chance.randint(0, 2))}
    tool = chance.choice(TOOLS)
    needed = {"get_episode": "id", "find_related": "id", "topic_timeline": "topic", "check_quote": "quote"}
    if needed.get(tool, "query") not in arguments:
        arguments[needed.get(tool, "query")] = _name(chance, scene)
    if chance.random() < 0.1:
        arguments[_name(chance, scene)] = _name(chance, scene)
    return "tools/call", {"name": tool if chance.random() < 0.97 else _name(chance, scene), "arguments": arguments}


def everything() -> list[tuple[str, dict[str, Any]]]:
    """Questions that show all there is: what was read by mistake is then seen, whatever it is called."""
    whole = {"limit": 50, "max_chars": 60_000}
    listed = [{"query": "", "sort": sort, **whole} for sort in ("newest", "oldest")]
    return [
        *(("tools/call", {"name": "search_episodes", "arguments": one}) for one in listed),
        ("tools/call", {"name": "search_episodes", "arguments": {"query": "", "since": "2031-03", "until": "2031-03"}}),
        ("tools/call", {"name": "list_topics", "arguments": {"query": "", **whole}}),
        ("resources/list", {}),
        ("resources/read", {"uri": "archive://overview"}),
        ("resources/read", {"uri": "archive://topics"}),
        ("resources/read", {"uri": "episode://2031-03-02-2"}),
        ("resources/read", {"uri": "episode://2031-01-01-1"}),
    ]


def _name(chance: random.Random, scene: Scene) -> str:
    if chance.random() < 0.3:
        return chance.choice(_WORDS)
    target = chance.choice(scene.private)
    path = chance.choice((str(target), target.name, str(target.relative_to(scene.root)), "etc/passwd"))
    steps = chance.choice(_STEPS) * chance.randint(0, 6)
    dressed = chance.choice(("", "", "", *PAYLOADS, *VISIBLE))
    return chance.choice(_ROOTS) + steps + path + chance.choice(("", "#1", "%00.md", "?x", dressed, "/."))
