"""The verbs that query the archive, and ``index`` and ``survey``, which report how its files are read.

``search``, ``find``, ``show``, ``topics``, ``timeline``, ``related`` and ``quote`` each call one method of the library,
print its answer (with ``--json`` as one line, equal to the structured content of the MCP tool), and return whether
anything was found. They raise ``NotFoundError`` for an unknown id, ``ArgumentError`` for an impossible value.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from zunda_mcp.answers import SEARCH_MAX_CHARS, RefreshReport
from zunda_mcp.cli import terminal
from zunda_mcp.cli.arguments import Arguments
from zunda_mcp.cli.chosen_archive import Progress, opened, settings_of
from zunda_mcp.cli.styles import Style, complain, messages, print_json, style
from zunda_mcp.cli.styles import show as show_text
from zunda_mcp.config.default import remembered
from zunda_mcp.config.settings import PREFIX, Settings
from zunda_mcp.errors import ArgumentError
from zunda_mcp.library import Library
from zunda_mcp.models import Model, Problem
from zunda_mcp.rendering import survey_text
from zunda_mcp.rendering.messages import ENGLISH, Messages
from zunda_mcp.rendering.sanitize import clean_line

__all__ = [
    "find", "index", "problem_line", "quote", "related", "report_lines", "search", "show", "survey", "timeline",
    "topics",
]  # fmt: skip

_Answer = TypeVar("_Answer", bound=Model)
_FIND_ROOM = 60_000
"""The most characters of matches on a page; the same as an assistant can ask for."""


def search(arguments: Arguments) -> bool:
    """Print the stories that match the words and options. Return whether there are any."""
    whole = arguments.options.get("detail") == "full"

    def text(answer: Any, style: Style) -> str:
        return terminal.search(answer, style, whole=whole)

    answer = _answer(arguments, Library.search, text, max_chars=_room(arguments))
    _open_first(arguments, (hit.url or hit.episode_url for hit in answer.hits))
    return bool(answer.total_stories or answer.hits)


def find(arguments: Arguments) -> bool:
    """Print every match of a regular expression, a line for each story. Return whether there is one."""
    return bool(_answer(arguments, Library.find_text, terminal.find, max_chars=_FIND_ROOM).total_matches)


def show(arguments: Arguments) -> bool:
    """Print an episode with its stories, or a story."""
    answer = _answer(arguments, Library.episode, terminal.episode)
    own = [story.url for story in answer.episode.stories if story.id == answer.story]
    _open_first(arguments, [*own, answer.episode.page_url, *(story.url for story in answer.episode.stories)])
    return True


def topics(arguments: Arguments) -> bool:
    """Print the topics of the archive. Return whether there are any."""
    return bool(_answer(arguments, Library.topics, terminal.topics, max_chars=_room(arguments)).total_topics)


def timeline(arguments: Arguments) -> bool:
    """Print how many stories each period has on a topic. Return whether there are any."""
    return bool(_answer(arguments, Library.timeline, terminal.timeline).total_stories)


def related(arguments: Arguments) -> bool:
    """Print the stories related to a story, an episode or a URL. Return whether there are any."""
    return bool(_answer(arguments, Library.related, terminal.related, max_chars=_room(arguments)).hits)


def quote(arguments: Arguments) -> bool:
    """Print where the archive contains a sentence. Return whether it does, word for word or in the same words."""
    return _answer(arguments, Library.check_quote, terminal.quote).verdict in ("exact", "same words")


def _answer(
    arguments: Arguments, ask: Callable[..., _Answer], text: Callable[[_Answer, Style], str], **more: object
) -> _Answer:
    """Call a method of the library with words and options, print its answer as ``text`` or JSON, and return it."""
    options = {name: value for name, value in arguments.options.items() if name != "open"}
    with opened(arguments) as library:
        answer = ask(library, arguments.text, **options, **more)
    if arguments.json:
        print_json(answer)
    else:
        show_text(text(answer, style()))
    return answer


def _room(arguments: Arguments) -> int | None:
    """Return the most characters of an answer: the default of the MCP tool, or None if ``--limit`` is given."""
    return None if "limit" in arguments.options else SEARCH_MAX_CHARS


def _open_first(arguments: Arguments, addresses: Iterable[str | None]) -> None:
    """Open the first web address in the user's browser if ``--open`` is given."""
    if "open" not in arguments.options:
        return
    import webbrowser  # start-up: it looks for browsers

    for address in addresses:
        # Addresses in an archive come from anywhere; one could make the browser open a file or start a program.
        if address and address.lower().startswith(("https://", "http://")):
            sys.stdout.flush()
            if not webbrowser.open(clean_line(address)):
                complain(f"no browser could be started; the address is {address}")
            return
    complain("there is no web address to open")


_PROBLEMS_SHOWN = 20


def index(arguments: Arguments) -> bool:
    """Refresh or rebuild the index and print the report. Return whether enough of the files was understood."""
    settings = settings_of(arguments)
    if settings.is_remote:
        raise ArgumentError("--episodes", "Name what to index into the cluster: --episodes DIR.")
    with _with_index(settings, arguments) as settings, Library.open(settings) as library, Progress() as progress:
        report = library.refresh(progress, rebuild="rebuild" in arguments.options)
        problems, coverage = library.problems(), library.coverage()
    if arguments.json:
        print_json(report)
    else:
        print("\n".join(report_lines(report, problems, settings)))
        if arguments.folders and not remembered():
            folders = shlex.join(map(str, settings.episodes))
            next_step = "next: zunda-mcp use {folders}, and every command asks this archive"
            print(clean_line(messages()(next_step, folders=folders)))
    if not coverage.suffices:
        complain(coverage.message())
    return coverage.suffices


@contextmanager
def _with_index(settings: Settings, arguments: Arguments) -> Iterator[Settings]:
    """Yield the settings, with a temporary index folder if the index is in a cluster and no folder is named."""
    if settings.engine is None or arguments.index or os.environ.get(f"{PREFIX}INDEX"):
        yield settings
        return
    with TemporaryDirectory(prefix="zunda-mcp-") as folder:
        yield settings.model_copy(update={"index": Path(folder).resolve()})


def survey(arguments: Arguments) -> bool:
    """Print how the files of an archive are understood. Return whether enough of them was."""
    from zunda_mcp.sources.archive_survey import SurveyList, survey_archives  # start-up: no other verb needs it

    with Progress() as progress:
        surveys = survey_archives(settings_of(arguments), progress)
    if arguments.json:
        print_json(SurveyList(surveys=surveys))
    else:
        look = style()
        print(look.fitted(survey_text.survey(surveys, say=look.say)))
    return all(one.advice is None for one in surveys)


def report_lines(report: RefreshReport, problems: Sequence[Problem], settings: Settings) -> list[str]:
    """Return a report as lines for people: counts, the place of the index, and the first problems."""
    say = messages()
    reason = say.translated(report.reason)
    done = say("rebuilt ({reason})", reason=reason) if report.rebuilt else reason
    number = clean_line(report.generation.partition("-")[0])
    lines = [
        say(
            "{counts}: {added} added, {changed} changed, {removed} removed in {seconds} s",
            counts=f"{say.count(report.episodes, 'episode')}, {say.count(report.stories, 'story')}",
            added=f"{len(report.added):,}",
            changed=f"{len(report.changed):,}",
            removed=f"{len(report.removed):,}",
            seconds=f"{report.seconds:.1f}",
        ),
        say("index {place} {number}", place=clean_line(settings.engine or str(settings.index)), number=number)
        + (f", {clean_line(done)}" if done else ""),
    ]
    if report.embedding_error:
        lines.append(say("without meaning: {cause}", cause=clean_line(report.embedding_error)))
    elif report.embedded:
        lines.append(say("{texts} embedded", texts=say.count(report.embedded, "text")))
    if problems:
        lines.append(say("{number} in source files:", number=say.count(len(problems), "problem")))
        lines += [f"  {problem_line(problem, say)}" for problem in problems[:_PROBLEMS_SHOWN]]
    if len(problems) > _PROBLEMS_SHOWN:
        more = f"{len(problems) - _PROBLEMS_SHOWN:,}"
        lines.append(say("  … and {number} more: zunda-mcp doctor shows all", number=more))
    return lines


def problem_line(problem: Problem, say: Messages = ENGLISH) -> str:
    """Return ``folder/file.md:12: cause``, with a note if the whole file was skipped and the cause does not say so."""
    place = problem.path if problem.line is None else f"{problem.path}:{problem.line}"
    skipped = say(" [skipped]") if problem.skipped and "skipped" not in problem.cause else ""
    return clean_line(f"{place}: {say.translated(problem.cause)}{skipped}")
