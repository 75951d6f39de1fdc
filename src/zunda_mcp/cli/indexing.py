"""``zunda-mcp index``: bring the index up to date, and say what that changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zunda_mcp.cli.arguments import Arguments
from zunda_mcp.cli.opening import Progress, settings_of
from zunda_mcp.cli.structured import print_json
from zunda_mcp.cli.terminal import count

if TYPE_CHECKING:
    from zunda_mcp.answers import RefreshReport
    from zunda_mcp.episode import Problem
    from zunda_mcp.settings import Settings

_PROBLEMS_SHOWN = 20


def index(arguments: Arguments) -> bool:
    """Refresh or rebuild the index and print the report."""
    from zunda_mcp.library import Library

    settings = settings_of(arguments)
    with Library.open(settings) as library, Progress() as progress:
        report = library.refresh(progress, rebuild=arguments.rebuild)
        problems = library.problems()
    if arguments.json:
        print_json(report)
    else:
        print("\n".join(report_lines(report, problems, settings)))
    return True


def report_lines(report: RefreshReport, problems: Sequence[Problem], settings: Settings) -> list[str]:
    """The report for a person: counts, the place of the index, and the first problems."""
    from zunda_mcp.server.clean import one_line

    done = f"rebuilt ({one_line(report.reason)})" if report.rebuilt else one_line(report.reason)
    changes = f"{len(report.added):,} added, {len(report.changed):,} changed, {len(report.removed):,} removed"
    number = one_line(report.generation.partition("-")[0])
    lines = [
        f"{count(report.episodes, 'episode')}, {count(report.stories, 'story')}: {changes} in {report.seconds:.1f} s",
        f"index {one_line(str(settings.index))} {number}{f', {done}' if done else ''}",
    ]
    if report.embedding_error:
        lines.append(f"without meaning: {one_line(report.embedding_error)}")
    elif report.embedded:
        lines.append(f"{count(report.embedded, 'story')} embedded")
    if problems:
        lines.append(f"{count(len(problems), 'problem')} in source files:")
        lines += [f"  {problem_line(problem)}" for problem in problems[:_PROBLEMS_SHOWN]]
    if len(problems) > _PROBLEMS_SHOWN:
        lines.append(f"  … and {len(problems) - _PROBLEMS_SHOWN:,} more: zunda-mcp doctor shows all")
    return lines


def problem_line(problem: Problem) -> str:
    """``folder/file.md:12: cause``, and whether the whole file is left out where the cause does not say it."""
    from zunda_mcp.server.clean import one_line

    place = problem.path if problem.line is None else f"{problem.path}:{problem.line}"
    skipped = " [skipped]" if problem.skipped and "skipped" not in problem.cause else ""
    return one_line(f"{place}: {problem.cause}{skipped}")
