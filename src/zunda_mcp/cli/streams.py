"""The standard streams of a command: what it prints goes out whole, or the command says that it did not.

A process may be started without one of them (``>&-``), or with one that cannot be written (a full disk). Neither may
end in a traceback, nor may a file that is opened later take the place of a missing stream. What is longer than the
terminal goes through the user's pager, as the output of git does.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, TextIO

from zunda_mcp.cli.styles import messages
from zunda_mcp.rendering.sanitize import clean_data, one_line

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer
    from pydantic import BaseModel

__all__ = ["complain", "discard", "open_standard_streams", "output_error", "print_json", "show"]


class _Output(io.FileIO):
    """Standard output, which remembers that it could not be written: argparse and others pass over that."""

    error: OSError | None = None

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            self.error = error
            raise


def open_standard_streams() -> None:
    """Put something in the place of each stream that is missing, and let all of them speak UTF-8.

    What is missing reads as empty, and writing to it fails when it is flushed.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            # The lowest free number is the one that is missing. Opened for reading: what is written must not get lost.
            os.open(os.devnull, os.O_RDONLY)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - a descriptor, for the whole run
    if sys.stdout is None or (sys.stdout is sys.__stdout__ and _descriptor(sys.stdout) == 1):
        raw = _Output(1, "w", closefd=False)
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", line_buffering=raw.isatty())
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        # Japanese must leave in one piece also where the console's own encoding has no room for all of it.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # a test may have put something simpler in its place
            reconfigure(encoding="utf-8", errors="backslashreplace")


def _descriptor(stream: TextIO | None) -> int | None:
    try:
        return stream.fileno() if stream else None
    except (OSError, ValueError):
        return None


def complain(message: str) -> None:
    """Say on stderr, in one line, what is wrong; where that cannot be written there is nobody to be told."""
    try:
        print(f"zunda-mcp: {one_line(messages().translated(message))}", file=sys.stderr, flush=True)
    except (OSError, ValueError):
        discard(sys.stderr)


def print_json(model: BaseModel) -> None:
    """Print the model in one line. Japanese stays readable; what a terminal would obey is gone from every string."""
    print(json.dumps(clean_data(model), ensure_ascii=False, separators=(",", ":")))


def output_error() -> OSError | None:
    """Why standard output cannot be written, ``None`` where it can: flushes what was printed."""
    try:
        sys.stdout.flush()
    except OSError as error:
        return error
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return raw.error if isinstance(raw, _Output) else None


def discard(stream: TextIO) -> None:
    """Drop what is buffered in a stream that cannot be written; the interpreter would fail over it when it ends."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
        stream.flush()


_LESS = "FRX"
"""What less is told where the user tells it nothing: end at once where all fits, let styles through, leave it shown."""


def show(text: str) -> None:
    """Print the text, through a pager where it is longer than the terminal."""
    command = _pager() if text.count("\n") + 1 >= shutil.get_terminal_size().lines else None
    if command is None or not (sys.stdin.isatty() and sys.stdout.isatty()):
        print(text)
        return
    sys.stdout.flush()
    environment = {"LESS": _LESS, "LESSCHARSET": "utf-8", **os.environ}
    try:
        subprocess.run(command, input=f"{text}\n".encode(errors="backslashreplace"), env=environment, check=False)  # noqa: S603 - the user's own pager
    except OSError:
        print(text)


def _pager() -> list[str] | None:
    """The command of ``PAGER``, else less; None where it is empty, ``cat``, or there is none."""
    named = os.environ.get("PAGER")
    command = shlex.split(named) if named is not None and os.name != "nt" else ["less"]
    if not command or command[0] == "cat" or shutil.which(command[0]) is None:
        return None
    return command
