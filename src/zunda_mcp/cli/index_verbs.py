"""The verbs about how the files are taken in: ``index`` and ``survey``."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from zunda_mcp.answers import RefreshReport
from zunda_mcp.cli.arguments import Arguments
from zunda_mcp.cli.chosen_archive import Progress, settings_of
from zunda_mcp.cli.streams import complain, print_json
from zunda_mcp.cli.styles import messages, style
from zunda_mcp.config.default import remembered
from zunda_mcp.config.settings import Settings
from zunda_mcp.errors import ArgumentError
from zunda_mcp.library import Library
from zunda_mcp.models import Problem
from zunda_mcp.rendering import survey_text
from zunda_mcp.rendering.sanitize import one_line
from zunda_mcp.sources.archive_survey import SurveyList, survey_archives

__all__ = ["index", "problem_line", "report_lines", "survey"]

_PROBLEMS_SHOWN = 20


def index(arguments: Arguments) -> bool:
    """Refresh or rebuild the index and print the report; whether enough of the files was understood."""
    settings = settings_of(arguments)
    if settings.is_remote:
        raise ArgumentError("--episodes", "Name what to index into the cluster: --episodes DIR.")
    with Library.open(settings) as library, Progress() as progress:
        report = library.refresh(progress, rebuild="rebuild" in arguments.options)
        problems, coverage = library.problems(), library.coverage()
    if arguments.json:
        print_json(report)
    else:
        print("\n".join(report_lines(report, problems, settings)))
        if arguments.folders and not remembered():
            folders = shlex.join(map(str, settings.episodes))
            next_step = "next: zunda-mcp use {folders}, and every command asks this archive"
            print(one_line(messages()(next_step, folders=folders)))
    if not coverage.suffices:
        complain(coverage.message())
    return coverage.suffices


def survey(arguments: Arguments) -> bool:
    """How the files of an archive are understood; whether enough of them was."""
    with Progress() as progress:
        surveys = survey_archives(settings_of(arguments), progress)
    if arguments.json:
        print_json(SurveyList(surveys=surveys))
    else:
        look = style()
        print(look.fitted(survey_text.survey(surveys, say=look.say)))
    return all(one.advice is None for one in surveys)


def report_lines(report: RefreshReport, problems: Sequence[Problem], settings: Settings) -> list[str]:
    """The report for a person: counts, the place of the index, and the first problems."""
    say = messages()
    done = say("rebuilt ({reason})", reason=say.translated(report.reason)) if report.rebuilt else report.reason
    number = one_line(report.generation.partition("-")[0])
    lines = [
        say(
            "{counts}: {added} added, {changed} changed, {removed} removed in {seconds} s",
            counts=f"{say.count(report.episodes, 'episode')}, {say.count(report.stories, 'story')}",
            added=f"{len(report.added):,}",
            changed=f"{len(report.changed):,}",
            removed=f"{len(report.removed):,}",
            seconds=f"{report.seconds:.1f}",
        ),
        say("index {place} {number}", place=one_line(settings.engine or str(settings.index)), number=number)
        + (f", {one_line(done)}" if done else ""),
    ]
    if report.embedding_error:
        lines.append(say("without meaning: {cause}", cause=one_line(report.embedding_error)))
    elif report.embedded:
        lines.append(say("{texts} embedded", texts=say.count(report.embedded, "text")))
    if problems:
        lines.append(say("{number} in source files:", number=say.count(len(problems), "problem")))
        lines += [f"  {problem_line(problem)}" for problem in problems[:_PROBLEMS_SHOWN]]
    if len(problems) > _PROBLEMS_SHOWN:
        more = f"{len(problems) - _PROBLEMS_SHOWN:,}"
        lines.append(say("  … and {number} more: zunda-mcp doctor shows all", number=more))
    return lines


def problem_line(problem: Problem) -> str:
    """``folder/file.md:12: cause``, and whether the whole file is left out where the cause does not say it."""
    place = problem.path if problem.line is None else f"{problem.path}:{problem.line}"
    skipped = " [skipped]" if problem.skipped and "skipped" not in problem.cause else ""
    return one_line(f"{place}: {problem.cause}{skipped}")
