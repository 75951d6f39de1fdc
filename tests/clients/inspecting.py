"""MCP Inspector's command line: every method over both transports in both eras, schemas strictly, and a load run."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

from installing import BUILD, node_command, npm_versions
from judging import EPISODE, STORY, WORD
from rows import Row, why
from serving import environment, real_server

ERAS = {"legacy": "2025-11-25", "modern": "2026-07-28"}
REFUSED = 5
"""The Inspector's exit code for a result that is an error."""
_REQUESTS = 500

Wrong = str | None


def _has(*words: str) -> Callable[[str], Wrong]:
    def check(output: str) -> Wrong:
        missing = [word for word in words if word not in output]
        return f"answered without {', '.join(missing)}" if missing else None

    return check


def _all_answered(output: str) -> Wrong:
    numbers = {name.lower(): int(count) for name, count in re.findall(r"(?i)\b(ok|errors?|failed)\b\D{0,3}(\d+)", output)}
    return None if re.search(rf"\b{_REQUESTS}\b", output) and not any(
        count for name, count in numbers.items() if name != "ok"
    ) else why(output)


_RUNS: tuple[tuple[str, tuple[str, ...], int, Callable[[str], Wrong]], ...] = (
    ("tools/list --strict", ("tools/list", "--strict"), 0, _has("search_episodes", "get_episode", "find_related")),
    (
        "tools/call",
        ("tools/call", "--tool-name", "search_episodes", "--tool-arg", f"query={WORD}", "--tool-arg", "limit=1"),
        0,
        _has(EPISODE),
    ),
    (
        "tools/call, a wrong argument",
        ("tools/call", "--tool-name", "search_episodes", "--tool-arg", f"qurey={WORD}"),
        REFUSED,
        _has("did you mean"),
    ),
    ("resources/list", ("resources/list",), 0, _has("archive://overview", f"episode://{EPISODE}")),
    ("resources/templates/list", ("resources/templates/list",), 0, _has("episode://{id}", "story://{id}")),
    ("resources/read", ("resources/read", "--uri", f"episode://{EPISODE}"), 0, _has(WORD, STORY)),
    ("prompts/list", ("prompts/list",), 0, _has('"name"')),
)


def inspect(url: str | None) -> Iterator[Row]:
    """All runs over one transport; over stdio where no address is given."""
    for era in ERAS:
        for done, options, code, check in _RUNS:
            yield _row(url, era, done, options, code, check)
        yield _prompt(url, era)
        load = ("--load", "--load-requests", str(_REQUESTS), "--load-concurrency", "8")
        search = ("tools/call", "--tool-name", "search_episodes", "--tool-arg", f"query={WORD}")
        yield _row(url, era, f"{_REQUESTS} calls, 8 at once", (*search, *load), 0, _all_answered)


def _prompt(url: str | None, era: str) -> Row:
    """``prompts/get`` of the first prompt listed, with what it requires."""
    listed = _run(url, era, ("prompts/list", "--format", "json"))
    try:
        prompt: dict[str, Any] = _find(json.loads(listed.stdout), "prompts")[0]
    except (ValueError, LookupError):
        return _told(url, era, "prompts/get", why(f"no prompt is listed: {listed.stderr or listed.stdout}"), "")
    arguments = [f"{one['name']}={WORD}" for one in prompt.get("arguments", []) if one.get("required")]
    given = [word for argument in arguments for word in ("--prompt-args", argument)]
    return _row(url, era, "prompts/get", ("prompts/get", "--prompt-name", prompt["name"], *given), 0, _has('"text"'))


def _find(found: Any, name: str) -> Any:
    """The value of a key, wherever the Inspector's envelope puts it."""
    if isinstance(found, dict):
        return found[name] if name in found else next(_find(value, name) for value in found.values())
    raise LookupError(name)


def _row(
    url: str | None, era: str, done: str, options: tuple[str, ...], code: int, check: Callable[[str], Wrong]
) -> Row:
    ran = _run(url, era, options)
    wrong: Wrong = None
    if ran.returncode != code:
        wrong = f"exit code {ran.returncode}, not {code}: {ran.stderr.strip() or ran.stdout.strip()}"
    elif code == 0 and ran.stderr.strip():
        wrong = f"standard error is not empty: {ran.stderr.strip()}"
    else:
        wrong = check(ran.stdout)
    told = _summary(ran.stdout) if "--load" in options and wrong is None else ""
    return _told(url, era, done, wrong, told)


def _told(url: str | None, era: str, done: str, wrong: Wrong, told: str) -> Row:
    transport = "stdio" if url is None else "HTTP"
    version = npm_versions()["@modelcontextprotocol/inspector"]
    return Row("MCP Inspector CLI", version, transport, ERAS[era], done, wrong is None, why(wrong or told))


def _summary(output: str) -> str:
    return " ".join(output.split())


def _run(url: str | None, era: str, options: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    target = real_server() if url is None else ["--server-url", url, "--transport", "http"]
    method, *rest = options
    flags = ["--method", method, "--protocol-era", era, *rest]
    home = BUILD / "inspector-home"
    home.mkdir(parents=True, exist_ok=True)
    command = [str(node_command("node")), str(node_command("mcp-inspector")), "--cli"]
    command += [*flags, "--", *target] if url is None else [*target, *flags]
    return subprocess.run(
        command, env=environment({"HOME": str(home)}), capture_output=True, encoding="utf-8", timeout=180, check=False
    )
