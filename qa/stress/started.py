"""Starting servers and indexers as users do, each with its own log, and ending exactly these."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ZUNDA = (sys.executable, "-m", "zunda_mcp")
_PORT = re.compile(r"http://[^/]*:(\d+)/mcp")
_START = 60.0
_FAULTS = re.compile(r"^(Traceback|zunda-mcp: (ERROR|CRITICAL)).*", re.MULTILINE)


@dataclass
class Started:
    """One process and its log."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def end(self) -> None:
        """Kill the process if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def stderr_text(self) -> str:
        """Everything written to stderr so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def port(self) -> int:
        """The port of an HTTP server, from its log. Raises ``RuntimeError`` if it names none."""
        end = time.monotonic() + _START
        while time.monotonic() < end and self.process.poll() is None:
            if found := _PORT.search(self.stderr_text()):
                return int(found[1])
            time.sleep(0.05)
        msg = f"{self.name} did not start: {self.stderr_text()}"
        raise RuntimeError(msg)


@dataclass
class Starter:
    """Starts processes over one archive and one index. Leaving it ends them all."""

    episodes: Path
    index: Path
    scratch: Path
    launcher: Sequence[str] = ZUNDA
    environ: dict[str, str] = field(default_factory=dict)
    all: list[Started] = field(default_factory=list)

    def __enter__(self) -> Starter:
        (self.scratch / "logs").mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        for one in self.all:
            one.end()

    def start(self, name: str, command: str, *more: str) -> Started:
        """Start ``zunda-mcp COMMAND`` over the archive; ``more`` are further arguments."""
        environ = {key: value for key, value in os.environ.items() if not key.startswith("ZUNDA_MCP_")}
        environ |= {"ZUNDA_MCP_EMBEDDER": "none", "ZUNDA_MCP_STATE": str(self.scratch / "state"), **self.environ}
        log = self.scratch / "logs" / f"{len(self.all):03d}-{name}.log"
        arguments = [*self.launcher, command, "--episodes", str(self.episodes), "--index", str(self.index), *more]
        with log.open("wb") as errors:
            pipe = subprocess.PIPE if command == "serve" and "--http" not in more else subprocess.DEVNULL
            process = subprocess.Popen(arguments, stdin=pipe, stdout=pipe, stderr=errors, env=environ)
        self.all.append(Started(name, process, log))
        return self.all[-1]

    def index_once(self, *more: str) -> str | None:
        """Run ``zunda-mcp index``; what it complained of, None where all went well."""
        one = self.start("index", "index", *more)
        code = one.process.wait(600)
        return None if code == 0 else f"index ended with {code}: {one.stderr_text()[-500:]}"

    def faults(self) -> list[str]:
        """Tracebacks and errors in the logs, the first of each."""
        found = []
        for one in self.all:
            said = one.stderr_text()
            if fault := _FAULTS.search(said):
                at = fault.start()
                found.append(f"{one.log.name} says: {said[at : at + 200]} … {said[at:].strip()[-600:]}")
        return found
