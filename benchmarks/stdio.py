"""A client of lines of JSON for servers on stdio, and the trivial server they are compared with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from benchmarks.speed.corpus import Corpus, make

_HELLO = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
TRIVIAL = [sys.executable, "-m", "benchmarks.trivial"]


@contextmanager
def served() -> Iterator[tuple[list[str], Corpus]]:
    """The command that serves the first show from an index built for this, and its stories."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        os.environ["ZUNDA_MCP_STATE"] = str(folder / "state")
        corpus = make(1, folder)
        subprocess.run(command_of(corpus, folder / "index", "index"), check=True, stdout=subprocess.DEVNULL)
        yield command_of(corpus, folder / "index"), corpus


def command_of(corpus: Corpus, index: Path, verb: str = "serve") -> list[str]:
    """The command that serves a corpus from an index, or builds it."""
    folders = [part for source in corpus.folders for part in ("--episodes", source)]
    return [sys.executable, "-m", "zunda_mcp", verb, *folders, "--index", str(index)]


class Client:
    """One server process, greeted. Ends it on leaving."""

    def __init__(
        self, command: list[str], errors: int | IO[bytes] = subprocess.DEVNULL, environ: dict[str, str] | None = None
    ) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=environ
        )
        self._number = 0

    def __enter__(self) -> Client:
        self.ask("initialize", _HELLO)
        self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool and give its result."""
        return self.ask("tools/call", {"name": tool, "arguments": arguments})

    def ask(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send a request and wait for its answer. Raises ``RuntimeError`` on an error or the end of the server."""
        self._number += 1
        self._send({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params or {}})
        assert self.process.stdout
        for line in self.process.stdout:
            answer = json.loads(line)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(answer["error"])
                result: dict[str, Any] = answer["result"]
                return result
        msg = "the server ended"
        raise RuntimeError(msg)

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(message, ensure_ascii=False).encode() + b"\n")
        self.process.stdin.flush()
