"""pandoc (https://pandoc.org), which makes HTML of documents in many languages: whether it is there, how it is run.

It comes with the extra ``formats`` as the wheel ``pypandoc_binary``, is under the GPL, and runs as a program of its
own: without files or network (``--sandbox``), within a time and a heap, and all documents together within a time that
grows with that of the process. One on the ``PATH`` is not used, since clients
start servers with another ``PATH`` than a terminal has, and the archive would change with it. Without the extra,
documents have no format, so that they are read once it is installed.
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from zunda_mcp.reading.endings import EXTRA

__all__ = ["HEAP", "SLOW_SECONDS", "html_of", "is_installed", "is_packed"]

_PACKED = frozenset({"docx", "odt", "epub"})
_TEMPLATE = Path(__file__).with_name("pandoc_page.html")
_SECONDS = 10  # of computing; a book of 1,000 pages takes two
_WAIT_SECONDS = 120  # where the system cannot count these, or a machine is very busy
_FREE_SECONDS = 1  # of computing that do not count; nearly every document takes less
SLOW_SECONDS = 60  # that all slow documents may take at once
_SLOW_SHARE = 0.1  # and of the time that the process has run
HEAP = "512m"
_MOST = 64 * 1024 * 1024  # bytes of HTML that a document may become


_slow_seconds = 0.0
_started = time.monotonic()


@cache
def _program() -> Path | None:
    """The program, ``None`` without the extra."""
    package = find_spec("pypandoc")
    for folder in (package.submodule_search_locations or ()) if package is not None else ():
        program = Path(folder) / "files" / ("pandoc.exe" if sys.platform == "win32" else "pandoc")
        if program.is_file():
            return program
    return None


def is_installed() -> bool:
    """Whether documents can be converted here."""
    return _program() is not None


def is_packed(kind: str) -> bool:
    """Whether documents of a kind are bytes (a zip) and no text, so that they have no lines either."""
    return kind in _PACKED


def html_of(data: bytes, kind: str) -> tuple[str, str]:
    """Return a line with the metadata of a document in JSON and below it its HTML, or ``""`` and why there is none.
    Raises ``OSError`` where slow documents have used up their time for now.
    """
    global _slow_seconds  # noqa: PLW0603 - the process has one
    program = _program()
    if program is None:
        return "", f"it takes {EXTRA}"
    if _slow_seconds > SLOW_SECONDS + (time.monotonic() - _started) * _SLOW_SHARE:
        raise TimeoutError(errno.ETIMEDOUT, "slow documents have used up the time for converting")
    before = _computed()
    try:
        return _run(program, data, kind)
    finally:
        _slow_seconds += max(_computed() - before - _FREE_SECONDS, 0)


def _computed() -> float:
    """Return the seconds that ended processes have computed; on Windows, which does not count these, the time."""
    times = os.times()
    return time.monotonic() if sys.platform == "win32" else times.children_user + times.children_system


def _run(program: Path, data: bytes, kind: str) -> tuple[str, str]:
    command = [str(program), "--sandbox", "--quiet", "--wrap=none", "--from", kind, "--to", "html"]
    more = ["--template", str(_TEMPLATE), "--syntax-highlighting=none", "+RTS", f"-M{HEAP}", "-RTS"]
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    try:
        with subprocess.Popen([*command, *more], **pipes) as run:  # noqa: S603 - ours; no word of the document is among them
            _limit_computing(run.pid)
            try:
                html, errors = run.communicate(data, _WAIT_SECONDS)
            except subprocess.TimeoutExpired:
                run.kill()
                return "", f"it takes longer than {_WAIT_SECONDS} s"
    except OSError as error:
        return "", f"pandoc cannot be started: {error.strerror or error}"
    if run.returncode:
        message = errors.decode("utf-8", "replace").split("\n", maxsplit=1)[0]
        if "heap exhausted" in message.lower():
            return "", f"it takes more than {HEAP.upper()}B of memory"
        killed = f"it takes more than {_SECONDS} s of computing" if run.returncode < 0 else f"error {run.returncode}"
        return "", " ".join(message.split())[:200] or killed
    if len(html) > _MOST:
        return "", f"it becomes more than {_MOST // 1024 // 1024} MiB of text"
    return html.decode("utf-8", "replace").replace("\r\n", "\n"), ""


def _limit_computing(pid: int) -> None:
    """Have the system end a process that computes for too long: a busy machine must not change what is read."""
    if sys.platform == "linux":
        import resource  # only there

        with suppress(OSError):  # it has ended already
            resource.prlimit(pid, resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
