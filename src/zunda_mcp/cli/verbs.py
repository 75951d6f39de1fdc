"""The verbs that read the archive, and ``index``, ``survey`` and ``serve``.

``search``, ``find``, ``show``, ``topics``, ``timeline``, ``related`` and ``quote`` each ask the library one question,
print the answer (with ``--json`` as one line, the same as the structured content of the MCP tool), and return
whether anything was found. An unknown id raises ``NotFoundError``, an impossible value ``ArgumentError``.
"""

from __future__ import annotations

import gc
import json
import os
import shlex
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zunda_mcp.cli import terminal
from zunda_mcp.cli.arguments import Arguments
from zunda_mcp.cli.chosen_archive import Progress, opened, settings_of
from zunda_mcp.cli.messages import messages
from zunda_mcp.cli.streams import complain
from zunda_mcp.cli.streams import show as show_text
from zunda_mcp.cli.styles import Style, style
from zunda_mcp.errors import ArgumentError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from zunda_mcp.answers import RefreshReport
    from zunda_mcp.config.settings import Settings
    from zunda_mcp.models import Model, Problem
    from zunda_mcp.server.http.options import HttpOptions

__all__ = [
    "find",
    "index",
    "print_json",
    "problem_line",
    "quote",
    "related",
    "report_lines",
    "search",
    "serve",
    "show",
    "survey",
    "timeline",
    "topics",
]


def print_json(model: BaseModel) -> None:
    """Print the model. Japanese stays readable, and what a terminal would obey is gone from every string."""
    from zunda_mcp.rendering.sanitize import clean_data

    print(json.dumps(clean_data(model), ensure_ascii=False, separators=(",", ":")))


def search(arguments: Arguments) -> bool:
    """Stories that answer the words, with dates, hosts, sites and sorting as asked."""
    asked = arguments.given("since", "until", "host", "site", "kind", "sort", "detail", "limit", "cursor")
    asked |= _within(arguments)
    with opened(arguments) as library:
        result = library.search(" ".join(arguments.words), **asked, max_chars=_room(arguments))
    whole = arguments.detail == "full"
    _show(arguments, result, lambda style: terminal.search(result, style, whole=whole))
    _open_first(arguments, (hit.url or hit.episode_url for hit in result.hits))
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
    own = [story.url for story in answer.episode.stories if story.id == answer.story]
    _open_first(arguments, [*own, answer.episode.page_url, *(story.url for story in answer.episode.stories)])
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


def _room(arguments: Arguments) -> int | None:
    """The room that an assistant has by default; all it takes where a number is asked for."""
    from zunda_mcp.answers import SEARCH_MAX_CHARS

    return None if arguments.limit else SEARCH_MAX_CHARS


def _show(arguments: Arguments, answer: Model, text: Callable[[Style], str]) -> None:
    if arguments.json:
        print_json(answer)
    else:
        show_text(text(style()))


def _open_first(arguments: Arguments, addresses: Iterable[str | None]) -> None:
    """Open the first web address in the user's browser, where ``--open`` asks for it."""
    if not arguments.open:
        return
    import webbrowser  # start-up

    from zunda_mcp.rendering.sanitize import one_line

    for address in addresses:
        # An archive quotes addresses from anywhere: a browser must not be given a file or a program.
        if address and address.lower().startswith(("https://", "http://")):
            sys.stdout.flush()
            if not webbrowser.open(one_line(address)):
                complain(f"no browser could be started; the address is {address}")
            return
    complain("there is no web address to open")


_PROBLEMS_SHOWN = 20


def index(arguments: Arguments) -> bool:
    """Refresh or rebuild the index and print the report; whether enough of the files was understood."""
    from zunda_mcp.config.default import remembered
    from zunda_mcp.library import Library
    from zunda_mcp.rendering.sanitize import one_line

    settings = settings_of(arguments)
    if settings.is_remote:
        raise ArgumentError("--episodes", "Name what to index into the cluster: --episodes DIR.")
    with Library.open(settings) as library, Progress() as progress:
        report = library.refresh(progress, rebuild=arguments.rebuild)
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
    from zunda_mcp.rendering import survey_text
    from zunda_mcp.sources.archive_survey import SurveyList, survey_archives

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

    say = messages()
    done = f"rebuilt ({one_line(report.reason)})" if report.rebuilt else one_line(report.reason)
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
        f"index {one_line(settings.engine or str(settings.index))} {number}{f', {done}' if done else ''}",
    ]
    if report.embedding_error:
        lines.append(f"without meaning: {one_line(report.embedding_error)}")
    elif report.embedded:
        lines.append(say("{stories} embedded", stories=say.count(report.embedded, "story")))
    if problems:
        lines.append(say("{number} in source files:", number=say.count(len(problems), "problem")))
        lines += [f"  {problem_line(problem)}" for problem in problems[:_PROBLEMS_SHOWN]]
    if len(problems) > _PROBLEMS_SHOWN:
        more = f"{len(problems) - _PROBLEMS_SHOWN:,}"
        lines.append(say("  … and {number} more: zunda-mcp doctor shows all", number=more))
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
    "public_page",
    "no_token",
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

        settings = settings_of(arguments)
        if sys.stdin.isatty():
            _greet_person(settings)
        serve(settings, watched=arguments.watch, connector=arguments.chatgpt)
        return True
    settings = settings_of(arguments)
    gc.disable()
    options = _http_options(arguments, address)
    from zunda_mcp.server.http.uvicorn_server import serve_http

    serve_http(settings, options, watched=arguments.watch, connector=arguments.chatgpt)
    return True


def _greet_person(settings: Settings) -> None:
    """Say who is waited for: whoever types at a server that waits for an assistant sees nothing happen."""
    folders = ", ".join(map(str, settings.episodes))
    complain(
        f"serving {folders} to an assistant over stdin and stdout; zunda-mcp install CLIENT lets one start this by "
        "itself, --http 8765 serves over HTTP, Ctrl-C ends it."
    )


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
        public_page=given["public_page"],
        no_token=given["no_token"],
    )
