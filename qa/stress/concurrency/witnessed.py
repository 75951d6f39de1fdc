"""``python witnessed.py SEED WITNESS [windows|fat] COMMAND …``: zunda-mcp that says when it writes.

To the file WITNESS it adds a line, in one write, when a thread of it has got the writer's lock, begins or publishes a
generation, and before it lets the lock go: monotonic seconds, process, thread, what, name. To WITNESS.pids it adds its
process id. ``windows`` and ``fat`` impose the semantics of Windows, with hard links and without.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from zunda_mcp.cli import main
from zunda_mcp.index.generation import Generations

ENTER, LEAVE, BEGIN, PUBLISH = "enter", "leave", "begin", "publish"


def bear(witness: Path) -> None:
    """Have every writing of an index noted in ``witness``."""
    log = os.open(witness, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    writing, begin, publish = Generations.writing, Generations.begin, Generations.publish

    def note(what: str, name: object = "") -> None:
        line = f"{time.monotonic():.6f} {os.getpid()} {threading.get_ident()} {what} {name}\n"
        os.write(log, line.encode("ascii", "replace"))

    @contextmanager
    def written(self: Generations, *given: Any, **options: Any) -> Iterator[None]:
        with writing(self, *given, **options):
            note(ENTER)
            try:
                yield
            finally:
                note(LEAVE)

    def begun(self: Generations, base: str | None) -> Path:
        folder = begin(self, base)
        note(BEGIN, folder.name)
        return folder

    def published(self: Generations, folder: Path) -> str:
        note(PUBLISH, folder.name)
        return publish(self, folder)

    Generations.writing = written  # type: ignore[method-assign]
    Generations.begin = begun  # type: ignore[method-assign]
    Generations.publish = published  # type: ignore[method-assign]


if __name__ == "__main__":
    seed, witness, arguments = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
    pids = witness.with_suffix(".pids")
    with pids.open("a", encoding="ascii") as names:
        names.write(f"{os.getpid()}\n")
    if arguments[0] in ("windows", "fat"):
        from windows_semantics import impose

        impose(pids, links=arguments.pop(0) == "windows", denied=0.02, seed=seed)
    bear(witness)
    sys.exit(main(arguments))
