"""``zunda-mcp doctor``: everything one would ask before reporting a fault, and what to do next.

It brings the index up to date like any reading verb, so that what it says is about the files as they are now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zunda_mcp.cli.arguments import Arguments
from zunda_mcp.cli.verbs import print_json, problem_line, settings_of

if TYPE_CHECKING:
    from zunda_mcp.cli.diagnosis import Diagnosis

_MARKS = {True: "✓", False: "✗", None: "·"}


def doctor(arguments: Arguments) -> bool:
    """Print the diagnosis; whether archive and index answer, and a server does."""
    from zunda_mcp.cli.diagnosis import diagnose

    found = diagnose(settings_of(arguments), vars(arguments))
    if arguments.json:
        print_json(found)
    else:
        print("\n".join(lines(found)))
    return found.well


def lines(found: Diagnosis) -> list[str]:
    """The diagnosis for a person: ✓ well, ✗ not well, · a note; what to do stands below what is not well."""
    from zunda_mcp.rendering.sanitize import one_line

    shown = [f"  {'zunda-mcp':<10} {one_line(found.zunda_mcp)}"]
    for check in found.checks:
        shown.append(f"{_MARKS[check.ok]} {check.name:<10} {one_line(check.said)}")
        if check.do:
            shown.append(f"  {'':<10} → {one_line(check.do)}")
        if check.name == "problems":
            shown += [f"    {problem_line(problem)}" for problem in found.problems]
    if found.error:
        shown.append(f"✗ {'error':<10} {one_line(found.error)}")
    return [*shown, f"  {'next':<10} {one_line(found.next)}"]
