"""The verbs that read the archive, and ``index``, ``survey`` and ``serve``.

``search``, ``find``, ``show``, ``topics``, ``timeline``, ``related`` and ``quote`` each ask the library one question,
print the answer (with ``--json`` as one line, the same as the structured content of the MCP tool), and return
whether anything was found. An unknown id raises ``NotFoundError``, an impossible value ``ArgumentError``.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from zunda_mcp.cli import terminal
from zunda_mcp.cli.arguments import Arguments
from zunda_mcp.cli.streams import complain
from zunda_mcp.cli.terminal import count
from zunda_mcp.errors import ArchiveError, ArgumentError, IndexingError

if TYPE_CHECKING:
    from pydantic import BaseModel
    from tqdm import tqdm

    from zunda_mcp.answers import RefreshReport
    from zunda_mcp.config.settings import Settings
    from zunda_mcp.library import Library
    from zunda_mcp.models import Model, Problem
    from zunda_mcp.server.http.options import HttpOptions

__all__ = [
    "Progress",
    "find",
    "index",
    "opened",
    "print_json",
    "problem_line",
    "quote",
    "related",
    "report_lines",
    "search",
    "serve",
    "settings_of",
    "show",
    "survey",
    "timeline",
    "topics",
]


def print_json(model: BaseModel) -> None:
    """Print the model. Japanese stays readable, and what a terminal would obey is gone from every string."""
    from zunda_mcp.rendering.sanitize import clean_data

    print(json.dumps(clean_data(model), ensure_ascii=False, separators=(",", ":")))


def settings_of(arguments: Arguments) -> Settings:
    """The settings that the flags of a command, the environment and the archive's file give together."""
    from zunda_mcp.config.load import load_settings

    def resolve(name: str) -> list[Path]:
        from zunda_mcp.sources.registry import resolve as added

        return added(name)

    def describe(name: str) -> dict[str, str]:
        from zunda_mcp.sources.registry import described

        return described(name)

    def ours(index: Path) -> bool:
        from zunda_mcp.index.generation import is_usable

        return is_usable(index)

    return load_settings(
        resolve=resolve,
        describe=describe,
        ours=ours,
        episodes=arguments.episodes,
        archives=arguments.archive,
        index=arguments.index,
        **arguments.given("aliases", "embedder"),
    )


@contextmanager
def opened(arguments: Arguments) -> Iterator[Library]:
    """The library over an index that holds what the files hold now.

    Where it cannot be brought up to date, a line on stderr says why, and an index from before still answers.
    Raises what the library raises: ``ArchiveError`` or ``IndexingError`` where there is nothing to answer from, no
    episode included.
    """
    from zunda_mcp.library import Library

    with Library.open(settings_of(arguments)) as library:
        try:
            with Progress() as progress:
                library.refresh(progress, embed=False)
        except (ArchiveError, IndexingError) as error:
            if not _answers(library):
                raise
            complain(f"answering from the last index: {error}")
        if not (coverage := library.coverage()).episodes:
            raise ArchiveError(coverage.message())
        yield library


def _answers(library: Library) -> bool:
    """Whether there is an index to answer from, however old."""
    try:
        library.problems()
    except (ArchiveError, IndexingError):
        return False
    return True


class Progress:
    """A progress bar on stderr for work that takes noticeable time; nothing where stderr is no terminal.

    Called with how much is done, how much there is, and what is being done.
    """

    def __init__(self) -> None:
        self._bar: tqdm[NoReturn] | None = None
        self._shown = sys.stderr.isatty()

    def __call__(self, done: int, total: int, what: str) -> None:
        if not self._shown:
            return
        from zunda_mcp.rendering.sanitize import one_line

        if self._bar is None:
            from tqdm import tqdm

            self._bar = tqdm(file=sys.stderr, leave=False, delay=0.3, unit="", dynamic_ncols=True)
        bar = self._bar
        bar.total = total
        bar.set_description_str(one_line(what), refresh=False)
        if done < bar.n:  # another round of work has begun
            bar.reset(total)
        bar.update(done - bar.n)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()


_ROOM = 600
"""Characters for each thing found, so that as many come as ``--limit`` says, with a snippet and not a whole text."""


def search(arguments: Arguments) -> bool:
    """Stories that answer the words, with dates, hosts, sites and sorting as asked."""
    asked = arguments.given("since", "until", "host", "site", "kind", "sort", "detail", "limit", "cursor")
    asked |= _within(arguments)
    with opened(arguments) as library:
        result = library.search(" ".join(arguments.words), **asked, max_chars=_room(arguments))
    whole = arguments.detail == "full"
    _show(arguments, result, lambda style: terminal.search(result, style, whole=whole))
    return bool(result.total_stories or result.hits)


def find(arguments: Arguments) -> bool:
    """Everything that a regular expression matches, a line a story."""
    options = arguments.given("since", "until", "host", "site", "by", "case", "sort", "cursor") | _within(arguments)
    with opened(arguments) as library:
        answer = library.find_text(
            " ".join(arguments.words), whole_words=arguments.whole_words, **options, max_chars=_FIND_ROOM
        )
    _show(arguments, answer, lambda style: terminal.find(answer, style))
    return bool(answer.total_matches)


def show(arguments: Arguments) -> bool:
    """One episode with its stories, or one story."""
    with opened(arguments) as library:
        answer = library.episode(" ".join(arguments.words))
    _show(arguments, answer, lambda style: terminal.episode(answer, style))
    return True


def topics(arguments: Arguments) -> bool:
    """Names and subjects of the archive."""
    asked = arguments.given("since", "until", "sort", "limit", "cursor") | _within(arguments)
    with opened(arguments) as library:
        answer = library.topics(" ".join(arguments.words), **asked, max_chars=_room(arguments))
    _show(arguments, answer, lambda style: terminal.topics(answer, style))
    return bool(answer.total_topics)


def timeline(arguments: Arguments) -> bool:
    """How often a topic was told about, period by period."""
    with opened(arguments) as library:
        asked = arguments.given("since", "until", "by") | _within(arguments)
        answer = library.timeline(" ".join(arguments.words), **asked)
    _show(arguments, answer, lambda style: terminal.timeline(answer, style))
    return bool(answer.total_stories)


def _within(arguments: Arguments) -> dict[str, Any]:
    return {"archive": arguments.within} if arguments.within is not None else {}


def related(arguments: Arguments) -> bool:
    """Stories near another."""
    with opened(arguments) as library:
        answer = library.related(" ".join(arguments.words), **arguments.given("limit"), max_chars=_room(arguments))
    _show(arguments, answer, lambda style: terminal.related(answer, style))
    return bool(answer.hits)


def quote(arguments: Arguments) -> bool:
    """Whether a sentence stands in the archive, word for word or in the same words."""
    with opened(arguments) as library:
        answer = library.check_quote(" ".join(arguments.words), **arguments.given("id"))
    _show(arguments, answer, lambda style: terminal.quote(answer, style))
    return answer.verdict in ("exact", "same words")


_FIND_ROOM = 60_000
"""Characters of the matches that a terminal shows at once: what an assistant may have at most."""


def _room(arguments: Arguments) -> int:
    """The room that an assistant has by default, and more where more is asked for."""
    from zunda_mcp.answers import MAX_LIMIT, SEARCH_MAX_CHARS

    return max(SEARCH_MAX_CHARS, _ROOM * min(arguments.limit or 0, MAX_LIMIT))


def _show(arguments: Arguments, answer: Model, text: Callable[[terminal.Style], str]) -> None:
    if arguments.json:
        print_json(answer)
    else:
        print(text(terminal.style()))


_PROBLEMS_SHOWN = 20


def index(arguments: Arguments) -> bool:
    """Refresh or rebuild the index and print the report; whether enough of the files was understood."""
    from zunda_mcp.library import Library

    settings = settings_of(arguments)
    with Library.open(settings) as library, Progress() as progress:
        report = library.refresh(progress, rebuild=arguments.rebuild)
        problems, coverage = library.problems(), library.coverage()
    if arguments.json:
        print_json(report)
    else:
        print("\n".join(report_lines(report, problems, settings)))
    if not coverage.suffices:
        complain(coverage.message())
    return coverage.suffices


def survey(arguments: Arguments) -> bool:
    """How the files of an archive are understood; whether enough of them was."""
    from zunda_mcp.rendering import survey_text
    from zunda_mcp.sources.archive_survey import SurveyList, survey_archives

    arguments.episodes += arguments.words
    with Progress() as progress:
        surveys = survey_archives(settings_of(arguments), progress)
    if arguments.json:
        print_json(SurveyList(surveys=surveys))
    else:
        print(survey_text.survey(surveys))
    return all(one.advice is None for one in surveys)


def report_lines(report: RefreshReport, problems: Sequence[Problem], settings: Settings) -> list[str]:
    """The report for a person: counts, the place of the index, and the first problems."""
    from zunda_mcp.rendering.sanitize import one_line

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
    from zunda_mcp.rendering.sanitize import one_line

    place = problem.path if problem.line is None else f"{problem.path}:{problem.line}"
    skipped = " [skipped]" if problem.skipped and "skipped" not in problem.cause else ""
    return one_line(f"{place}: {problem.cause}{skipped}")


_ONLY_HTTP = (
    "token_file",
    "oauth_issuer",
    "oauth_audience",
    "oauth_scope",
    "public_url",
    "allow_host",
    "allow_origin",
    "stateless",
)


def serve(arguments: Arguments) -> bool:
    """Serve until the client goes away, or over HTTP until a signal comes.

    Raises ``SettingsError`` before anything is said to a client, ``ArgumentError`` for flags that do not go together.
    """
    if arguments.watch:
        from zunda_mcp.server import file_watch

        file_watch.require_watchfiles()
    address = arguments.given("http").get("http")
    if address is None:
        for name in _ONLY_HTTP:
            if getattr(arguments, name):
                flag = f"--{name.replace('_', '-')}"
                raise ArgumentError(flag, f"{flag} is about HTTP: add --http 127.0.0.1:8765, or leave it out")
        gc.disable()  # importing makes many objects and no garbage; the server enables it when it is up
        from zunda_mcp.server.stdio.stdio_server import serve

        serve(settings_of(arguments), watched=arguments.watch, connector=arguments.chatgpt)
        return True
    settings = settings_of(arguments)
    gc.disable()
    options = _http_options(arguments, address)
    from zunda_mcp.server.http.uvicorn_server import serve_http

    serve_http(settings, options, watched=arguments.watch, connector=arguments.chatgpt)
    return True


def _http_options(arguments: Arguments, address: str) -> HttpOptions:
    from zunda_mcp.server.http.options import HttpOptions, OAuthOptions, read_address

    given = arguments.given(*_ONLY_HTTP)
    issuer = given.get("oauth_issuer")
    if issuer is None:
        for name in ("oauth_audience", "oauth_scope"):
            if given[name]:
                flag = f"--{name.replace('_', '-')}"
                raise ArgumentError(flag, f"{flag} needs an issuer: add --oauth-issuer URL")
    host, port = read_address(address)
    token_file = given.get("token_file") or os.environ.get("ZUNDA_MCP_TOKEN_FILE", "").strip()
    return HttpOptions(
        host=host,
        port=port,
        stateless=given["stateless"],
        allow_hosts=tuple(given["allow_host"]),
        allow_origins=tuple(given["allow_origin"]),
        token_file=Path(token_file).expanduser() if token_file else None,
        oauth=OAuthOptions(issuer, tuple(given["oauth_audience"]), tuple(given["oauth_scope"])) if issuer else None,
        public_url=given.get("public_url"),
    )
