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
from serving import real_server

_HOME = BUILD / "claude-home"
_NAME = "zunda"
_NOT_TOLD = "not told"


def check_health(url: str | None) -> Iterator[Row]:
    """``claude mcp add``, ``list`` and ``get``, each of which must find the server connected."""
    shutil.rmtree(_HOME, ignore_errors=True)
    _HOME.mkdir(parents=True)
    heard = _HOME / "heard.jsonl"
    if url is None:
        listening_in = [sys.executable, str(HERE / "listening_in.py"), str(heard)]
        added = _claude("add", _NAME, "-s", "user", "--", *listening_in, *real_server())
    else:
        added = _claude("add", "--transport", "http", "-s", "user", _NAME, url)
    ran = [("add", added, f"server {_NAME}")]
    ran += [(" ".join(words), _claude(*words), "✔ Connected") for words in (("list",), ("get", _NAME))]
    era = _NOT_TOLD if url is not None else _era(heard)
    for words, done, word in ran:
        yield _row("stdio" if url is None else "HTTP", era, f"claude mcp {words}", done, word)


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


def _row(transport: str, era: str, done: str, ran: subprocess.CompletedProcess[str], word: str) -> Row:
    good = ran.returncode == 0 and word in ran.stdout
    detail = "" if good else why(f"exit code {ran.returncode}: {ran.stdout} {ran.stderr}")
    return Row("Claude Code", npm_versions()["@anthropic-ai/claude-code"], transport, era, done, good, detail)


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
