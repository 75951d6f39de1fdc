"""``zunda-mcp doctor``: everything one would ask before reporting a fault, and what to do next.

It brings the index up to date like any reading verb, so that what it says is about the files as they are now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zunda_mcp.cli.arguments import Arguments
from zunda_mcp.cli.indexing import problem_line
from zunda_mcp.cli.opening import settings_of
from zunda_mcp.cli.structured import print_json
from zunda_mcp.cli.terminal import count

if TYPE_CHECKING:
    from zunda_mcp.cli.diagnosis import Diagnosis


def doctor(arguments: Arguments) -> bool:
    """Print the diagnosis; whether archive and index answer."""
    from zunda_mcp.cli.diagnosis import diagnose

    found = diagnose(settings_of(arguments))
    if arguments.json:
        print_json(found)
    else:
        print("\n".join(lines(found)))
    return found.error is None


def lines(found: Diagnosis) -> list[str]:
    """The diagnosis for a person."""
    from zunda_mcp.server.clean import one_line
    from zunda_mcp.server.render import freshness

    index = found.index
    hosts = ", ".join(map(one_line, found.hosts))
    rows = [
        ("zunda-mcp", found.zunda_mcp),
        ("python", found.python),
        ("packages", ", ".join(f"{name} {have or 'MISSING'}" for name, have in found.packages.items())),
        *(("episodes", f"{one_line(folder.path)}{'' if folder.exists else ' MISSING'}") for folder in found.episodes),
        ("index", f"{one_line(index.path)} {index.generation or 'none'}, {_size(index.bytes)}"),
        ("answers", freshness(found.freshness) if found.freshness else "nothing"),
        ("meaning", one_line(found.meaning)),
        ("hosts", hosts or "none named"),
        ("problems", f"{len(found.problems):,}" if found.problems else "none"),
    ]
    return [
        *(f"{name:<10} {value}" for name, value in rows),
        *(f"  {problem_line(problem)}" for problem in found.problems),
        *([f"{'error':<10} {one_line(found.error)}"] if found.error else []),
        f"{'next':<10} {one_line(found.next)}",
    ]


def _size(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB" if size >= 100_000 else count(size, "byte")
