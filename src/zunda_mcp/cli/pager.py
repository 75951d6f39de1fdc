"""Long output goes through the user's pager, as that of git does: only at a terminal, and only what does not fit it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys

__all__ = ["show"]

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
