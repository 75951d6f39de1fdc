"""A proxy before an MCP server over stdio that logs what an assistant calls and how much it gets to read.

    python call_log.py LOG -- COMMAND ...

Lines pass unchanged. To LOG it appends a JSON line for each answered ``tools/list`` and ``tools/call``: ``method``, of
a call ``tool`` and ``arguments``, and ``characters``: of the list as compact JSON, of an answer those of its text, or
of its structured content where it has no text, since a client shows its model one of the two.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_METHODS = ("tools/list", "tools/call")


@dataclass(frozen=True)
class Call:
    """A line of the log; ``tool`` and ``arguments`` are empty for the list of tools."""

    method: str
    tool: str
    arguments: dict[str, Any]
    characters: int


def read(log: Path) -> list[Call]:
    """The calls of a log, none where it does not exist."""
    if not log.exists():
        return []
    return [Call(**json.loads(line)) for line in log.read_text(encoding="utf-8").splitlines()]


class CallLog:
    """Pairs requests with their answers."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._open: dict[str, dict[str, Any]] = {}

    def request(self, line: bytes) -> None:
        """Note what a client sends."""
        for message in _messages(line):
            if message.get("method") in _METHODS and "id" in message:
                self._open[json.dumps(message["id"])] = message

    def answer(self, line: bytes) -> None:
        """Log what a server answers."""
        for message in _messages(line):
            request = self._open.pop(json.dumps(message.get("id")), None) if "method" not in message else None
            if request is not None:
                self._append(request, message)

    def _append(self, request: dict[str, Any], answer: dict[str, Any]) -> None:
        params = request.get("params") or {}
        row = {
            "method": request["method"],
            "tool": params.get("name", ""),
            "arguments": params.get("arguments") or {},
            "characters": _characters(answer),
        }
        with self._log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _characters(answer: dict[str, Any]) -> int:
    result = answer.get("result")
    if not isinstance(result, dict):
        return len((answer.get("error") or {}).get("message", ""))
    if "tools" in result:
        return len(_compact(result["tools"]))
    texts = [block.get("text", "") for block in result.get("content", ()) if block.get("type") == "text"]
    if any(texts):
        return sum(map(len, texts))
    return len(_compact(result["structuredContent"])) if result.get("structuredContent") else 0


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _messages(line: bytes) -> list[dict[str, Any]]:
    try:
        message = json.loads(line)
    except ValueError:
        return []
    return [one for one in (message if isinstance(message, list) else [message]) if isinstance(one, dict)]


def _pass_on(lines: Iterable[bytes], target: IO[bytes]) -> None:
    try:
        for line in lines:
            target.write(line)
            target.flush()
    except (BrokenPipeError, ValueError):
        pass  # the other side has ended


def _noted(source: IO[bytes], log: CallLog) -> Iterable[bytes]:
    for line in source:
        log.request(line)
        yield line


def main() -> int:
    """Run the server until the client closes its end; the exit code is the server's."""
    log, dashes, *command = sys.argv[1:]
    if dashes != "--" or not command:
        raise SystemExit(__doc__)
    calls = CallLog(Path(log))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        to_server, from_server = server.stdin, server.stdout
        assert to_server is not None
        assert from_server is not None

        def requests() -> None:
            _pass_on(_noted(sys.stdin.buffer, calls), to_server)
            to_server.close()

        threading.Thread(target=requests, daemon=True).start()
        for line in from_server:
            calls.answer(line)
            _pass_on([line], sys.stdout.buffer)
        return server.wait()


if __name__ == "__main__":
    sys.exit(main())
