"""The command line: verbs, their options, and forgiving order.

Options may stand before, between and after words, and words may begin with a single ``-`` (``search MCP -Claude``
leaves Claude out), which argparse alone would refuse. So the words are put last, after ``--``, before it looks. One
letter behind a ``-`` is always an option, as everywhere else. Nothing heavy is imported here: ``--help`` answers at
once.
"""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from zunda_mcp.errors import ArgumentError

__all__ = [
    "CASES",
    "DETAILS",
    "PERIODS",
    "SORTS",
    "TEXT_COUNTS",
    "TOPIC_SORTS",
    "Arguments",
    "Parser",
    "parsers",
    "read_arguments",
    "version",
]

DETAILS = ("auto", "titles", "snippets", "full")
SORTS = ("relevance", "newest", "oldest")
TOPIC_SORTS = ("count", "recent", "rising")
PERIODS = ("month", "week", "year")
TEXT_COUNTS = ("year", "month", "host", "site")
CASES = ("smart", "ignore", "match")
_SCOPES = ("user", "project")
_KINDS = ("feed", "git", "folder", "opml", "posts")

_EPILOG = """\
archive     --episodes DIR, else the one of zunda-mcp use DIR, else what lies in the working folder
settings    flags, then ZUNDA_MCP_EPISODES, ZUNDA_MCP_INDEX, …, then zunda-mcp.toml beside the archive
exit codes  0 answered, 1 nothing found, 2 wrong use, 3 cannot read the archive or the index

examples
  zunda-mcp use ~/podcast/_posts
  zunda-mcp search 生成AI --since 2025-07 -n 3
  zunda-mcp survey
  zunda-mcp show latest
  zunda-mcp timeline MCP --by month"""
_DATES = "a day, week, month or year: 2025-07-08, 2025-07, 先週, last 3 months, 30d"
_SHORT = re.compile(r"-[A-Za-z](=?\d+)?")
"""What looks like an option of one letter, with or without its number: ``-n``, ``-n3``."""
_BACK = re.compile(r"(\d+)\s*(d|w|m|y|days?|weeks?|months?|years?)", re.IGNORECASE)
_UNITS = {"d": "days", "w": "weeks", "m": "months", "y": "years"}
_WHEN_FLAGS = ("--since", "--until")
_MOST_DATE_WORDS = 4


class Arguments(argparse.Namespace):
    """What was asked. ``episodes`` and ``index`` are as typed; a verb's own options have the names of the flags."""

    verb: str
    folders: Sequence[str] = ()
    episodes: list[str]
    archive: list[str]
    within: str | None
    watch: bool
    chatgpt: bool
    index: str | None
    open: bool = False
    words: list[str]
    whole_words: bool
    json: bool

    def given(self, *names: str) -> dict[str, Any]:
        """The named options that were given, as keyword arguments."""
        return {name: value for name in names if (value := getattr(self, name)) is not None}


class Parser(argparse.ArgumentParser):
    """Remembers which of its options take a value, and raises where argparse would print and exit."""

    def __init__(self, **more: Any) -> None:
        self.takes_value: dict[str, bool] = {}
        self.takes_words = False
        self.actions: list[argparse.Action] = []
        super().__init__(allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **more)

    def add_argument(self, *names: str, **more: Any) -> argparse.Action:
        action = super().add_argument(*names, **more)
        self.takes_value.update(dict.fromkeys(action.option_strings, action.nargs != 0))
        self.takes_words |= not action.option_strings
        self.actions.append(action)
        return action

    def error(self, message: str) -> NoReturn:
        raise ArgumentError("", f"{message} (see {self.prog} --help)")


_Add = Callable[..., Parser]
"""Adds a verb: its name, its help, what its words are called, and what else it takes."""


class _Version(argparse.Action):
    """Prints the version and ends; looks it up only when asked."""

    def __init__(self, **more: Any) -> None:
        super().__init__(nargs=0, default=argparse.SUPPRESS, **more)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(f"zunda-mcp {version()}")
        parser.exit()


def version() -> str:
    """The version of this distribution; ``unknown`` where it runs without being installed."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as version_of

    try:
        return version_of("zunda-mcp")
    except PackageNotFoundError:
        return "unknown"


def read_arguments(argv: Sequence[str]) -> Arguments:
    """The arguments of one command. Raises ``ArgumentError`` for wrong use, ``SystemExit`` after help or version."""
    top, verbs = parsers()
    known = {name: takes for parser in verbs.values() for name, takes in parser.takes_value.items()}
    options, words = _sorted_out(argv, known)
    verb = words[0] if words else None
    if verb is None:
        top.parse_args(options)
        top.error(f"which verb? One of {', '.join(verbs)}")
    parser = verbs.get(verb)
    if parser is None:
        top.error(_unknown("verb", verb, verbs))
    for option in options:
        name = option.partition("=")[0]
        if name not in parser.takes_value:
            parser.error(_unknown("option", name, parser.takes_value) + _left_out(name))
    rest = ["--", *words[1:]] if words[1:] else []
    if rest and not parser.takes_words:
        parser.error(f"{verb} takes no words, but there is {words[1]}")
    return parser.parse_args([*options, *rest], namespace=Arguments(verb=verb))


def _sorted_out(argv: Sequence[str], known: dict[str, bool]) -> tuple[list[str], list[str]]:
    """Options (with their values) and words, each in their order."""
    options: list[str] = []
    words: list[str] = []
    rest = list(argv)
    while rest:
        word = rest.pop(0)
        if word == "--":
            words += rest
            break
        if short := _SHORT.fullmatch(word):
            word, number = word[:2], (short[1] or "").lstrip("=")
            rest[:0] = [number] if number else []
        elif word not in known and not word.startswith("--"):
            words.append(word)
            continue
        options.append(word)
        if known.get(word) and rest and rest[0] not in known:
            options[-1] += f"={rest.pop(0)}"
            if word in _WHEN_FLAGS:
                options[-1] = _whole_date(options[-1], rest)
    return options, words


def _whole_date(option: str, rest: list[str]) -> str:
    """The option with as many of the following words as make its value a date: ``--since last week``. Those words are
    taken out of ``rest``.
    """
    import datetime as dt

    from zunda_mcp.text.dates import parse_span  # start-up: only where a date is given

    today = dt.datetime.now(dt.UTC).date()  # whether it is a date does not depend on the day
    flag, _, value = option.partition("=")
    for more in range(min(len(rest), _MOST_DATE_WORDS) + 1):
        text = " ".join([value, *rest[:more]])
        if parse_span(_when(text), today):
            del rest[:more]
            return f"{flag}={text}"
    return option


def _when(text: str) -> str:
    """A date in words, where a number with a unit means that long until today: ``30d``, ``3 months``."""
    if back := _BACK.fullmatch(text.strip()):
        return f"last {back[1]} {_UNITS[back[2][0].lower()]}"
    return text


def _left_out(name: str) -> str:
    """How to leave out a word of one letter, where that may have been meant."""
    return f"; to leave out the word {name[1:]}, write it last: -- {name}" if _SHORT.fullmatch(name) else ""


def _unknown(what: str, name: str, known: Sequence[str] | dict[str, Any]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"there is no {what} {name}" + (f"; did you mean {near[0]}?" if near else "")


def parsers() -> tuple[Parser, dict[str, Parser]]:
    """The parser of the whole command line, and that of each verb."""
    top = Parser(
        prog="zunda-mcp",
        description="Search an archive of dated episodes, in the terminal or for an assistant (MCP).",
        epilog=_EPILOG,
    )
    top.add_argument("--version", action=_Version, help="print the version")
    verbs = top.add_subparsers(metavar="VERB", title="verbs")

    def add(
        verb: str,
        help_: str,
        words: str | None = None,
        *,
        needed: bool = False,
        folders: bool = False,
        json: bool = True,
        archive: bool = True,
    ) -> Parser:
        parser: Parser = verbs.add_parser(verb, help=help_, description=f"{help_[0].upper()}{help_[1:]}.")
        if words:
            parser.add_argument("words", nargs="+" if needed else "*", metavar=words)
        if folders:
            parser.add_argument("folders", nargs="*", metavar="DIR", help="as --episodes DIR")
        if json:
            parser.add_argument("--json", action="store_true", help="print the answer as JSON")
        if archive:
            _add_archive(parser)
        parser.add_argument("--version", action=_Version, help="print the version")
        return parser

    _add_servers(add)
    _add_questions(add)
    _add_sources(add)
    _add_clients(add)
    return top, verbs.choices


def _add_servers(add: _Add) -> None:
    serve = add("serve", "serve the archive to an assistant, over stdin and stdout or over HTTP (MCP)", json=False,
                folders=True)  # fmt: skip
    serve.add_argument("--watch", action="store_true", help="take in changed files at once (needs zunda-mcp[watch])")
    serve.add_argument("--chatgpt", action="store_true", help="offer search and fetch too, as ChatGPT's connectors ask")
    _add_http(serve)
    opened = add("open", "search the archive in a browser, on this machine", "WORD", json=False)
    opened.takes_value["--http"] = True
    opened.add_argument("--http", metavar="ADDRESS", help="where to serve the pages (127.0.0.1:8765, or any free port)")
    export = add("export", "write the archive as pages, for any web server", "DIR", needed=True, json=False)
    export.add_argument("--language", choices=("en", "ja"), help="of the words around the archive's own")
    export.add_argument("--search-at", metavar="URL", help="where the same archive is served, to be searched")

    index = add("index", "bring the index up to date and report what changed", folders=True)
    index.add_argument("--rebuild", action="store_true", help="throw the index away and build it anew")

    add("survey", "say how the files of an archive are understood, and the settings that stand for it", folders=True)


def _add_questions(add: _Add) -> None:
    search = add("search", 'find stories; words, "phrases", -exclusions, a URL or a domain', "WORD")
    _add_dates(search)
    _add_search(search)
    _add_paging(search)

    _add_find(add("find", "list every match of a regular expression, written or spoken", "PATTERN", needed=True))

    _add_open(add("show", "read an episode or a story, by id, date, number, URL or latest", "ID", needed=True))

    topics = add("topics", "list what the archive talks about", "WORD")
    _add_dates(topics)
    topics.add_argument("--sort", choices=TOPIC_SORTS)
    _add_paging(topics)

    timeline = add("timeline", "count the stories on a topic over time", "WORD", needed=True)
    _add_dates(timeline)
    timeline.add_argument("--by", choices=PERIODS)

    related = add("related", "find stories near a story, an episode or a URL", "ID", needed=True)
    _add_limit(related)

    quote = add("quote", "check whether a sentence stands in the archive, and where", "SENTENCE", needed=True)
    quote.add_argument("--id", metavar="ID", help="only in this episode or story")


def _add_sources(add: _Add) -> None:
    use = add("use", "choose the archive of all commands from now on; without words, show it", "DIR", archive=False)
    use.add_argument("--forget", action="store_true", help="have no chosen archive any more")
    addition = add("add", "add a source: a feed, a git repository, a folder, OPML, your posts", "SOURCE", needed=True,
                   archive=False)  # fmt: skip
    addition.add_argument("--name", help="what to call it; by default what it calls itself")
    addition.add_argument("--kind", choices=_KINDS, help="what it is, where it does not look like it")
    add("sync", "fetch what is new in all added sources, or in these", "NAME", archive=False)
    add("sources", "list the added sources", archive=False)
    add("remove", "take an added source away, with what was fetched for it", "NAME", needed=True, archive=False)


def _add_clients(add: _Add) -> None:
    add("completion", "print the script that completes commands in bash, zsh or fish", "SHELL", needed=True,
        json=False, archive=False)  # fmt: skip
    add("schema", "print the JSON Schema of what a verb prints with --json", "VERB", json=False, archive=False)
    add("doctor", "check archive, index, machine, clients and a real handshake, and list every problem", folders=True)

    install = add("install", "write the server into a client's configuration; without a client, list them", "CLIENT")
    install.add_argument("--no-check", action="store_true", help="do not start the server once to see that it answers")
    uninstall = add("uninstall", "take the server out of it again", "CLIENT", needed=True, archive=False)
    for parser in (install, uninstall):
        parser.add_argument("--name", default="zunda", help="the name of the server there (zunda)")
        parser.add_argument("--scope", choices=_SCOPES, default="user", help="for all projects, or for the one here")
        parser.add_argument("--dry-run", action="store_true", help="show the change as a diff and write nothing")


def _add_find(parser: Parser) -> None:
    _add_filters(parser)
    parser.add_argument("--by", choices=TEXT_COUNTS, help="what to count by (year)")
    parser.add_argument("--case", choices=CASES, help="whether capitals count; smart: where the pattern has any")
    parser.add_argument("--words", dest="whole_words", action="store_true", help="no match inside a longer word")
    parser.add_argument("--sort", choices=SORTS[1:])
    parser.add_argument("--cursor", metavar="NEXT", help="the page after this one: next_cursor of the last answer")


def _add_http(parser: Parser) -> None:
    http = parser.add_argument_group("over HTTP")

    def add(name: str, metavar: str, help_: str, *, repeatable: bool = False) -> None:
        more: dict[str, Any] = {"action": "append", "default": []} if repeatable else {}
        parser.takes_value[name] = True
        parser.actions.append(
            http.add_argument(name, metavar=metavar, help=help_ + "; repeatable" * repeatable, **more)
        )

    add("--http", "ADDRESS", "serve over HTTP at this address, such as 127.0.0.1:8765, 8765 or [::1]:8765")
    add("--token-file", "FILE", "ask for a bearer token of this file, one a line (or ZUNDA_MCP_TOKEN_FILE)")
    add("--oauth-issuer", "URL", "ask for access tokens of this OAuth issuer")
    add("--oauth-audience", "NAME", "whom they must be meant for, if not the server's URL", repeatable=True)
    add("--oauth-scope", "SCOPE", "what they must allow", repeatable=True)
    add("--public-url", "URL", "the address clients use, where a proxy stands in front")
    parser.takes_value.update({"--public-page": False, "--no-token": False})
    http.add_argument("--public-page", action="store_true", help="open the pages for browsers to everybody")
    http.add_argument("--no-token", action="store_true", help="ask nobody for a token, wherever the server listens")
    add("--allow-host", "NAME", "another name of this server", repeatable=True)
    add("--allow-origin", "ORIGIN", "web pages that may use this server", repeatable=True)
    parser.takes_value["--stateless"] = False
    stateless = http.add_argument(
        "--stateless", action="store_true", help="keep no sessions, so that several servers may share"
    )
    parser.actions.append(stateless)


def _positive(text: str) -> int:
    if not text.strip().isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of 1 or more")
    return int(text)


def _add_archive(parser: Parser) -> None:
    parser.add_argument("--episodes", action="append", default=[], metavar="DIR", help="episode folder; repeatable")
    parser.add_argument(
        "--archive", action="append", default=[], metavar="NAME[=DIR]", help="one of several archives; repeatable"
    )
    parser.add_argument("--index", metavar="DIR", help="index folder")
    parser.add_argument("--aliases", metavar="FILE", help="your own other names, one group a line")
    parser.add_argument("--engine", metavar="URL/NAME", help="a cluster that has the index: https://host:9200/NAME")
    parser.add_argument(
        "--embedder", metavar="WHICH", help='auto, none, use, or "URL MODEL" (docs/queries.md: Meaning)'
    )


def _add_search(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="only episodes with this host")
    parser.add_argument("--site", help="only stories from this site, such as zenn.dev")
    parser.add_argument("--kind", help="of posts, only these: post, repost, like or bookmark")
    parser.add_argument("--sort", choices=SORTS)
    parser.add_argument("--detail", choices=DETAILS, help="how much of each story; auto quotes the first few")
    _add_open(parser)


def _add_dates(parser: Parser) -> None:
    parser.add_argument("--since", type=_when, metavar="WHEN", help=f"from {_DATES}")
    parser.add_argument("--until", type=_when, metavar="WHEN", help="up to and including a day, week, month or year")
    parser.add_argument("--in", dest="within", metavar="NAME", help="only in this one of several archives")


def _add_filters(parser: Parser) -> None:
    _add_dates(parser)
    parser.add_argument("--host", help="only episodes with this host")
    parser.add_argument("--site", help="only stories from this site, such as zenn.dev")


def _add_open(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--open", action="store_true", help="open the link of the first story in the browser")


def _add_limit(parser: Parser) -> None:
    parser.add_argument("-n", "--limit", type=_positive, metavar="N", help="at most so many")


def _add_paging(parser: Parser) -> None:
    _add_limit(parser)
    parser.add_argument("--cursor", metavar="NEXT", help="the page after this one: next_cursor of the last answer")
