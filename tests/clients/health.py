"""Claude Code's own health check, in a home of its own, with nobody logged in."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

from installing import BUILD, node_command, npm_versions
from rows import Row, why
from serving import real_server

_HOME = BUILD / "claude-home"
_NAME = "zunda"


def check_health(url: str | None) -> Iterator[Row]:
    """``claude mcp add``, ``list`` and ``get``, each of which must find the server connected."""
    shutil.rmtree(_HOME, ignore_errors=True)
    _HOME.mkdir(parents=True)
    if url is None:
        added = _claude("add", _NAME, "-s", "user", "--", *real_server())
    else:
        added = _claude("add", "--transport", "http", "-s", "user", _NAME, url)
    yield _row(url, "claude mcp add", added, f"server {_NAME}")
    yield _row(url, "claude mcp list", _claude("list"), "✔ Connected")
    yield _row(url, "claude mcp get", _claude("get", _NAME), "✔ Connected")


def _row(url: str | None, done: str, ran: subprocess.CompletedProcess[str], word: str) -> Row:
    good = ran.returncode == 0 and word in ran.stdout
    detail = "" if good else why(f"exit code {ran.returncode}: {ran.stdout} {ran.stderr}")
    transport = "stdio" if url is None else "HTTP"
    era = "2026-07-28"  # measured: it opens with server/discover, and does not say so itself
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
