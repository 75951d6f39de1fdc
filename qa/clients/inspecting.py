"""MCP Inspector's command line: every method over both transports in both eras, schemas strictly, and a load run."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from installing import BUILD, node_command, npm_versions
from judging import EPISODE, PLAN, STORY, WORD
from rows import Row, why
from serving import Door, environment, real_server

ERAS = {"legacy": "2025-11-25", "modern": "2026-07-28"}
_REFUSED = 5
"""The Inspector's exit code for a result that is an error."""
_UNAUTHORIZED = 3
"""And for a server that wants a login."""
_REQUESTS = 500

Wrong = str | None


def _has(*words: str) -> Callable[[str], Wrong]:
    def check(output: str) -> Wrong:
        missing = [word for word in words if word not in output]
        return f"answered without {', '.join(missing)}" if missing else None

    return check


def _all_answered(output: str) -> Wrong:
    report = json.loads(output)
    return None if (report["requests"], report["ok"], report["errors"]) == (_REQUESTS, _REQUESTS, 0) else why(output)


@dataclass(frozen=True)
class _Run:
    """One run: what it is called, its options, what its output must hold, and its exit code."""

    done: str
    options: tuple[str, ...]
    check: Callable[[str], Wrong]
    code: int = 0


_SEARCH = ("tools/call", "--tool-name", "search_episodes", "--tool-arg", f"query={WORD}")
_TIMELINE = ("tools/call", "--tool-name", "topic_timeline")
_LOAD = ("--load", "--load-requests", str(_REQUESTS), "--load-concurrency", "8")
_RUNS = (
    _Run("tools/list --strict", ("tools/list", "--strict"), _has("search_episodes", "get_episode", "find_related")),
    _Run("tools/call", (*_SEARCH, "--tool-arg", "limit=1"), _has(EPISODE)),
    _Run(
        "tools/call, a wrong argument",
        ("tools/call", "--tool-name", "search_episodes", "--tool-arg", f"qurey={WORD}"),
        _has("did you mean"),
        _REFUSED,
    ),
    _Run("the app of topic_timeline", (*_TIMELINE, "--app-info", "--advertise-apps"), _has('"hasApp":true', "ui://")),
    _Run("resources/list", ("resources/list",), _has("archive://overview", f"episode://{EPISODE}")),
    _Run("resources/templates/list", ("resources/templates/list",), _has("episode://{id}", "story://{id}")),
    _Run("resources/read", ("resources/read", "--uri", f"episode://{EPISODE}"), _has(WORD, STORY)),
    _Run("prompts/list", ("prompts/list",), _has('"name"')),
    _Run(f"{_REQUESTS} calls, 8 at once", (*_SEARCH, *_LOAD), _all_answered),
)


def inspect(door: Door) -> Iterator[Row]:
    """All runs through one door. Through one that wants a token: whether it opens with it, and only with it."""
    for era in ERAS:
        if door.token is not None:
            header = ("--header", f"Authorization: Bearer {door.token}")
            yield _row(door, era, _Run("tools/list with the token", ("tools/list", *header), _has("search_episodes")))
            yield _row(door, era, _Run("tools/list without it", ("tools/list",), _has(), _UNAUTHORIZED))
            continue
        for run in _RUNS:
            yield _row(door, era, run)
        yield _prompt(door, era)


def _prompt(door: Door, era: str) -> Row:
    """``prompts/get`` of the first prompt listed, with what it requires."""
    listed = _run(door, era, ("prompts/list", "--format", "json"))
    try:
        prompt: dict[str, Any] = _find(json.loads(listed.stdout), "prompts")[0]
    except (ValueError, LookupError):
        return _result_row(door, era, "prompts/get", why(f"no prompt is listed: {listed.stderr or listed.stdout}"), "")
    words = PLAN["words"]
    required = [one["name"] for one in prompt.get("arguments", []) if one.get("required")]
    arguments = [f"{name}={words.get(name, words['otherwise'])}" for name in required]
    given = [word for argument in arguments for word in ("--prompt-args", argument)]
    return _row(
        door, era, _Run("prompts/get", ("prompts/get", "--prompt-name", prompt["name"], *given), _has('"text"'))
    )


def _find(found: Any, name: str) -> Any:
    """The value of a key, wherever the Inspector's envelope puts it."""
    if isinstance(found, dict):
        return found[name] if name in found else next(_find(value, name) for value in found.values())
    raise LookupError(name)


def _row(door: Door, era: str, run: _Run) -> Row:
    ran = _run(door, era, run.options)
    wrong: Wrong = None
    if ran.returncode != run.code:
        wrong = f"exit code {ran.returncode}, not {run.code}: {ran.stderr.strip() or ran.stdout.strip()}"
    elif run.code == 0 and ran.stderr.strip():
        wrong = f"standard error is not empty: {ran.stderr.strip()}"
    else:
        wrong = run.check(ran.stdout)
    return _result_row(
        door, era, run.done, wrong, _summary(ran.stdout) if "--load" in run.options and wrong is None else ""
    )


def _result_row(door: Door, era: str, done: str, wrong: Wrong, summary: str) -> Row:
    version = npm_versions()["@modelcontextprotocol/inspector"]
    return Row("MCP Inspector CLI", version, door.name, ERAS[era], done, wrong is None, why(wrong or summary))


def _summary(output: str) -> str:
    report = json.loads(output)
    return f"{report['ok']} answered, half of them within {report['latencyMs']['p50']:.0f} ms"


def _run(door: Door, era: str, options: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    target = real_server() if door.url is None else ["--server-url", door.url, "--transport", "http"]
    method, *rest = options
    flags = ["--method", method, "--protocol-era", era, *rest]
    home = BUILD / "inspector-home"
    home.mkdir(parents=True, exist_ok=True)
    command = [str(node_command("node")), str(node_command("mcp-inspector")), "--cli"]
    command += [*flags, "--", *target] if door.url is None else [*target, *flags]
    return subprocess.run(
        command, env=environment({"HOME": str(home)}), capture_output=True, encoding="utf-8", timeout=180, check=False
    )
