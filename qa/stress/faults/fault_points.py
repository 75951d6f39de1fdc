"""Fault points in a process that knows nothing of them: the n-th call below a folder kills it, or fails.

Counted are calls that change what stands in the folder: opening a file for writing, each write that reaches the system,
fsync, rename, link, remove, making and removing folders, copying, and taking and letting go of a lock. They are seen
through audit hooks (PEP 578), ``os.fsync``, and files opened for writing of which each write passes here first.
Only a process that will end may put them in: an audit hook cannot be taken out again.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Kind = Literal["count", "kill", "torn", "full", "refused"]
"""Only count; SIGKILL before the call; SIGKILL with a write half done; no space left; permission denied."""

_CODES = {"full": errno.ENOSPC, "refused": errno.EACCES}
_CHANGING = ("os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.chmod", "shutil.copyfile")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


@dataclass(frozen=True)
class Fault:
    """What happens at which call (from 1) below which folder. ``lasting`` errors go on from there, as a full disk."""

    folder: str
    kind: Kind = "count"
    at: int = 0
    lasting: bool = False


class Faults:
    """Puts a fault in place in this process, and counts."""

    def __init__(self, fault: Fault, log: Callable[[str], None]) -> None:
        self._fault = fault
        self._folder = os.path.abspath(fault.folder)  # noqa: PTH100  (nothing here may be a call that is counted)
        self._log = log
        self._inside = False
        self.calls = 0
        self._fsync = os.fsync
        self._open = io.open

    def install(self) -> None:
        """From now on."""
        os.fsync = self._flushed  # type: ignore[assignment]
        builtins.open = io.open = self._opened
        sys.addaudithook(self._audited)

    def reached(self, what: str, path: str, tear: Callable[[], object] = lambda: None) -> None:
        """A call that counts; ``tear`` does it half."""
        self.calls += 1
        fault = self._fault
        self._inside = True
        self._log(f"{what} {os.path.relpath(path, self._folder)}")
        self._inside = False
        due = self.calls == fault.at or (fault.lasting and self.calls > fault.at > 0)
        if not due or fault.kind == "count":
            return
        if fault.kind in _CODES:
            possible = what != "unlock" and (fault.kind == "refused" or what not in ("os.remove", "os.rmdir"))
            if possible:
                raise OSError(_CODES[fault.kind], os.strerror(_CODES[fault.kind]), path)
            return
        if fault.kind == "torn":
            tear()
        os.kill(os.getpid(), signal.SIGKILL)

    def _audited(self, event: str, args: tuple[Any, ...]) -> None:
        if self._inside:
            return
        if event == "open":
            flags = args[2] if isinstance(args[2], int) else 0
            if flags & _WRITING and (path := self._within(args[0])):
                self.reached("open", path)
        elif event in _CHANGING:
            if path := self._within(args[1] if event in ("os.rename", "os.link") else args[0]):
                self.reached(event, path)
        elif event == "fcntl.flock":
            self.reached("lock" if args[1] & 3 else "unlock", f"{self._folder}/writer.lock")

    def _within(self, path: Any) -> str | None:
        """The path where it lies in the folder, or is the folder."""
        if not isinstance(path, str | bytes | os.PathLike):
            return None
        full = os.path.abspath(os.fsdecode(path))  # noqa: PTH100
        return full if full == self._folder or full.startswith(self._folder + os.sep) else None

    def _flushed(self, handle: int) -> None:
        try:
            path = str(Path(f"/proc/self/fd/{handle}").readlink())
        except OSError:
            path = self._folder
        if self._within(path):
            self.reached("fsync", path)
        self._fsync(handle)

    def _opened(self, file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        path = None if isinstance(file, int) else self._within(file)
        if path is None or not set(mode) & set("wax+"):
            return self._open(file, mode, *args, **kwargs)
        return _writable(path, mode, self, *args, **kwargs)


class _PassingFile(io.FileIO):
    """A file whose writes are reached first."""

    faults: Faults

    def write(self, data: Any) -> int:
        size = memoryview(data).nbytes
        self.faults.reached("write", str(self.name), lambda: io.FileIO.write(self, bytes(data)[: size // 2]))
        return super().write(data)


def _writable(  # noqa: PLR0917  (the arguments of ``open``, in its order)
    path: str,
    mode: str,
    faults: Faults,
    buffering: int = -1,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
    closefd: bool = True,
    opener: Any = None,
) -> Any:
    """What ``open`` gives for writing, with writes that are reached."""
    raw = _PassingFile(path, mode.replace("b", "").replace("t", ""), closefd, opener)
    raw.faults = faults
    if buffering == 0:
        return raw
    buffer = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
    if "b" in mode:
        return buffer
    return io.TextIOWrapper(buffer, encoding, errors, newline)


def logger(path: Path) -> Callable[[str], None]:
    """Writes each call to a file at once, so that a killed process has said how far it came."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    return lambda line: void(os.write(handle, f"{line}\n".encode("utf-8", "surrogatepass")))


def void(_: object) -> None:
    """Nothing."""
