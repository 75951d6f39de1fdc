"""Processes that run ``zunda-mcp`` with a fault in them: started quickly, many times, each a process of its own.

``python faulty_runs.py`` loads the program once and then forks a child for every line of JSON on stdin (the fields of
``Run``); a child is as a fresh process but for the time its imports take. ``Runs`` is the other side.
POSIX only: elsewhere there is neither fork nor SIGKILL.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from archive_states import WORKERS
from fault_points import Fault, Faults, logger

_QUESTION = {"name": "search_episodes", "arguments": {"query": "AI", "limit": 3}}
_HELLO = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "stress", "version": "1"}}
LINES = (
    {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": _HELLO},
    {"jsonrpc": "2.0", "method": "notifications/initialized"},
    {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": _QUESTION},
)
_PATIENCE = 60.0


@dataclass(frozen=True)
class Run:
    """A run of the command line: with which fault, killed after how many seconds, with vectors of a stub or without.

    ``powerless`` is without the rights of root over files of any mode; ``clock`` seconds are added to the time it sees.
    """

    args: Sequence[str]
    fault: Fault
    out: str
    after: float | None = None
    vectors: bool = False
    powerless: bool = False
    clock: float = 0.0
    environ: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ended:
    """How it ended: the exit code, negative for a signal; what it wrote; the calls it reached; how long it took."""

    code: int
    stdout: str
    stderr: str
    calls: list[str]
    seconds: float


class Runs:
    """The process that makes these processes."""

    def __init__(self, scratch: Path) -> None:
        self.out = scratch / "runs"
        self.out.mkdir(parents=True, exist_ok=True)
        self.out.chmod(0o777)
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )

    def __enter__(self) -> Runs:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.communicate()

    def run(self, args: Sequence[str], fault: Fault, **more: Any) -> Ended:
        """Run it to its end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        wanted = Run(args, fault, str(self.out), **more)
        self._process.stdin.write(json.dumps(asdict(wanted)) + "\n")
        self._process.stdin.flush()
        done = json.loads(self._process.stdout.readline())
        texts = {name: (self.out / name).read_text(encoding="utf-8", errors="replace") for name in ("1", "2", "calls")}
        return Ended(done["code"], texts["1"], texts["2"], texts["calls"].splitlines(), done["seconds"])


class StubEmbedder:
    """Vectors from digests: right in shape, the same every time, quick."""

    name, dimensions, words = "stub 1", 16, False

    def embed_documents(self, texts: Sequence[str]) -> Any:
        """A row a text."""
        import numpy as np

        digests = [hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest() for text in texts]
        rows = np.array([[byte - 127.5 for byte in digest] for digest in digests], dtype=np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def embed_query(self, text: str) -> Any:
        """The row of a question."""
        return self.embed_documents([text])[0]


def main() -> None:
    """Fork a child for every line."""
    import numpy  # noqa: F401
    import whoosh.index
    import whoosh.reading
    import whoosh.writing  # noqa: F401

    import zunda_mcp.cli.archive_verbs
    import zunda_mcp.index.refresh
    import zunda_mcp.library
    import zunda_mcp.server  # noqa: F401

    for line in iter(sys.stdin.readline, ""):
        wanted = json.loads(line)
        run = Run(**{**wanted, "fault": Fault(**wanted["fault"])})
        started = time.monotonic()
        child = os.fork()
        if not child:
            _child(run)
        if run.after is not None:
            _kill_after(child, run.after)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        sys.stdout.write(json.dumps({"code": code, "seconds": time.monotonic() - started}) + "\n")
        sys.stdout.flush()


def _kill_after(child: int, seconds: float) -> None:
    """SIGKILL it then, unless it has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return
        time.sleep(min(0.002, max(0.0, deadline - time.monotonic())))
    os.kill(child, signal.SIGKILL)


def _child(run: Run) -> None:
    """The rest of the child's life."""
    code = 99
    try:
        out = Path(run.out)
        for number, name in ((1, "1"), (2, "2")):
            handle = os.open(out / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
            os.dup2(handle, number)
        if "serve" in run.args:
            source, sink = os.pipe()
            os.dup2(source, 0)
        os.environ.update(run.environ)
        import zunda_mcp.library
        from zunda_mcp.cli.entry import main as zunda

        vars(zunda_mcp.library)["choose"] = lambda _: StubEmbedder() if run.vectors else None
        if run.clock:
            real, real_ns = time.time, time.time_ns
            time.time = lambda: real() + run.clock
            time.time_ns = lambda: real_ns() + int(run.clock * 1e9)
        log = logger(out / "calls")
        if run.powerless:
            _give_up_rights()
        Faults(run.fault, log).install()
        if "serve" in run.args:
            threading.Thread(target=_ask, args=(sink, out / "1"), daemon=True).start()
        code = zunda(run.args)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _give_up_rights() -> None:
    """Have no capability (capset(2), Linux): the modes of files then hold for root as for anyone."""
    import ctypes

    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    if os.getuid() == 0 and ctypes.CDLL(None).capset(header, (ctypes.c_uint32 * 6)()):
        msg = "capset"
        raise OSError(msg)


def _ask(sink: int, answers: Path) -> None:
    """The client of a server in this process: asks once, hangs up when all work in the background is done."""
    os.write(sink, "".join(json.dumps(line) + "\n" for line in LINES).encode())
    deadline = time.monotonic() + _PATIENCE
    while b'"id":2' not in answers.read_bytes().replace(b" ", b"") and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.05)
    while any(thread.name in WORKERS for thread in threading.enumerate()):
        if time.monotonic() > deadline:
            break
        time.sleep(0.01)
    os.close(sink)


if __name__ == "__main__":
    main()
