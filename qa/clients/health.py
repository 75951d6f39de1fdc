"""Claude Code's own health check, in a home of its own, with nobody logged in."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from installing import BUILD, HERE, node_command, npm_versions
from rows import Row, why
from serving import Door, real_server

_HOME = BUILD / "claude-home"
_NAME = "zunda"
_NOT_TOLD = "not told"
_CONNECTED = "✔ Connected"


def check_health(door: Door) -> Iterator[Row]:
    """``claude mcp add``, ``list`` and ``get``, the last two of which must find the server connected.

    Where the server wants a token, it must also be found not connected without one.
    """
    shutil.rmtree(_HOME, ignore_errors=True)
    _HOME.mkdir(parents=True)
    heard = _HOME / "heard.jsonl"
    header = [] if door.token is None else ["--header", f"Authorization: Bearer {door.token}"]
    if door.url is None:
        listening_in = [sys.executable, str(HERE / "listening_in.py"), str(heard)]
        added = _claude("add", _NAME, "-s", "user", "--", *listening_in, *real_server())
    else:
        added = _claude("add", "--transport", "http", "-s", "user", _NAME, door.url, *header)
    ran = [("add", added, f"server {_NAME}")]
    ran += [(" ".join(words), _claude(*words), _CONNECTED) for words in (("list",), ("get", _NAME))]
    era = _NOT_TOLD if door.url is not None else _era(heard)
    for words, done, word in ran:
        good = done.returncode == 0 and word in done.stdout
        yield _row(door, era, f"claude mcp {words}", good, done)
    if door.url is not None and door.token is not None:
        _claude("remove", "-s", "user", _NAME)
        _claude("add", "--transport", "http", "-s", "user", _NAME, door.url)
        done = _claude("list")
        yield _row(
            door, era, "claude mcp list without the token", _NAME in done.stdout and _CONNECTED not in done.stdout, done
        )


def _era(heard: Path) -> str:
    """The revision in which tools were listed, told by the messages that the server got."""
    era = _NOT_TOLD
    for line in heard.read_text(encoding="utf-8").splitlines() if heard.is_file() else ():
        message = json.loads(line)
        params = message.get("params") or {}
        if message["method"] == "initialize":
            era = params["protocolVersion"]
        elif message["method"] == "tools/list":
            return str((params.get("_meta") or {}).get("io.modelcontextprotocol/protocolVersion", era))
    return _NOT_TOLD


def _row(door: Door, era: str, done: str, good: bool, ran: subprocess.CompletedProcess[str]) -> Row:
    detail = "" if good else why(f"exit code {ran.returncode}: {ran.stdout} {ran.stderr}")
    return Row("Claude Code", npm_versions()["@anthropic-ai/claude-code"], door.name, era, done, good, detail)


def _claude(*words: str) -> subprocess.CompletedProcess[str]:
    """Run ``claude mcp`` with an empty environment, in an empty folder, and nothing that calls home."""
    quiet = {
        "DISABLE_AUTOUPDATER": "1",
        "DISABLE_TELEMETRY": "1",
        "DISABLE_ERROR_REPORTING": "1",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    }
    environment = {"HOME": str(_HOME), "PATH": "/usr/bin:/bin", **quiet}
    command = [str(node_command("claude")), "mcp", *words]
    return subprocess.run(
        command, env=environment, cwd=_HOME, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8",
        timeout=120, check=False,
    )  # fmt: skip
