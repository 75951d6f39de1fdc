"""Parse the command line as people type it: options anywhere, words that begin with ``-``, dates of several words.

Options may come before, between and after words, and a word may begin with ``-`` (``search MCP -Claude`` excludes
Claude), which argparse alone would refuse. So words are moved to the end, after ``--``, before argparse sees them. A
``-`` with a single letter is always an option. Nothing heavy is imported here, so that ``--help`` is quick.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from zunda_mcp import __version__
from zunda_mcp.cli.styles import messages
from zunda_mcp.cli.verb_table import VERBS, when
from zunda_mcp.errors import ArgumentError
from zunda_mcp.rendering.messages import Messages

__all__ = ["Arguments", "read_arguments", "unknown"]

_NOTES = (
    "archive     --episodes DIR, else the one of zunda-mcp use DIR, else what lies in the working folder",
    "settings    flags, then ZUNDA_MCP_EPISODES, ZUNDA_MCP_INDEX, …, then zunda-mcp.toml beside the archive",
    "exit codes  0 answered, 1 nothing found, 2 wrong use, 3 cannot read the archive or the index",
    "",
    "examples",
)
_EXAMPLES = """
  zunda-mcp use ~/podcast/_posts
  zunda-mcp search 生成AI --since 2025-07 -n 3
  zunda-mcp survey
  zunda-mcp show latest
  zunda-mcp timeline MCP --by month"""
_SHORT = re.compile(r"-[A-Za-z](=?\d+)?")
"""An option of one letter, with or without a number: ``-n``, ``-n3``, ``-n=3``."""
_MOST_DATE_WORDS = 4


class Arguments(argparse.Namespace):
    """What was typed: the verb, its words, and its options by the names of the flags.

    ``options`` are the verb's own options that were given, by the library's names for them. ``archives`` are the values
    of ``--archive``.
    """

    verb: str
    words: Sequence[str] = ()
    options: Mapping[str, Any]
    folders: Sequence[str] = ()
    episodes: list[str]
    archives: list[str]
    index: str | None
    json: bool = False

    @property
    def text(self) -> str:
        """The words of the command line, joined by spaces."""
        return " ".join(self.words)


class _Parser(argparse.ArgumentParser):
    """A parser that raises ``ArgumentError`` where argparse would print the error and exit."""

    def __init__(self, say: Messages, **more: Any) -> None:
        layout = argparse.RawDescriptionHelpFormatter
        super().__init__(allow_abbrev=False, add_help=False, formatter_class=layout, **more)
        self._say = say
        self._optionals.title = say("options")
        self.add_argument("-h", "--help", action="help", help=say("show this help message and exit"))

    def format_help(self) -> str:
        english = "usage: "  # argparse's own
        return self._say(english) + super().format_help().removeprefix(english)

    def error(self, message: str) -> NoReturn:
        raise ArgumentError("", f"{message} (see {self.prog} --help)")


def read_arguments(argv: Sequence[str]) -> Arguments:
    """Parse one command. Raises ``ArgumentError`` for wrong use, ``SystemExit`` after printing help or version."""
    takes_value = {
        name: option.takes_value for verb in VERBS.values() for option in verb.all_options() for name in option.names
    }
    options, words = _sorted_out(argv, takes_value | {"-h": False, "--help": False})
    if {"-V", "--version"} & set(options) or words == ["version"]:
        print(f"zunda-mcp {__version__}")
        raise SystemExit(0)
    if words[:1] == ["help"]:
        options, words = ["--help"], words[1:]
    name = words[0] if words else ""
    if name not in VERBS:
        _without_verb(words, options)
    verb, parser = VERBS[name], _parser_of(name)
    own = {one: option for option in verb.all_options() for one in option.names}
    for typed in options:
        one = typed.partition("=")[0]
        if one not in own and one not in ("-h", "--help"):
            parser.error(unknown("option", one, own) + _left_out(one))
    rest = ["--", *words[1:]] if words[1:] else []
    if rest and not (verb.words or verb.folders):
        parser.error(f"{name} takes no words, but there is {words[1]}")
    arguments = parser.parse_args([*options, *rest], namespace=Arguments(verb=name))
    given = {option.argument: getattr(arguments, option.argument) for option in verb.options}
    arguments.options = {one: value for one, value in given.items() if value not in (None, False, [])}
    return arguments


def unknown(what: str, name: str, names: Iterable[str]) -> str:
    """Return a message that there is no ``name``, suggesting the nearest of ``names``."""
    import difflib  # start-up: only for an error

    near = difflib.get_close_matches(name, list(names), n=1)
    return f"there is no {what} {name}" + (f"; did you mean {near[0]}?" if near else "")


def _without_verb(words: Sequence[str], options: Sequence[str]) -> NoReturn:
    """Print help if it was asked for, and exit; else raise ``ArgumentError`` for the unknown verb."""
    say = messages()
    top = _Parser(
        say,
        prog="zunda-mcp",
        usage="%(prog)s VERB [WORD ...] [OPTION ...]",
        description=say("Search an archive of dated episodes, in the terminal or for an assistant (MCP)."),
        epilog="\n".join(say(line) if line else "" for line in _NOTES) + _EXAMPLES,
    )
    top.add_argument("-V", "--version", action="store_true", help=say("print the version"))
    verbs = top.add_subparsers(metavar="VERB", title=say("verbs"))
    for verb, about in VERBS.items():
        verbs.add_parser(verb, say=say, help=say(about.help))
    if not words:
        top.parse_args(options)
        top.error(f"which verb? One of {', '.join(VERBS)}")
    wrong = unknown("verb", words[0], VERBS)
    top.error(wrong if "; did" in wrong else f"{wrong}; to search for it: zunda-mcp search {shlex.join(words)}")


def _parser_of(name: str) -> _Parser:
    verb = VERBS[name]
    kind = "DIR" if verb.folders else verb.words.rstrip("!")
    several = f" {kind} ..." if verb.words.endswith("!") else f" [{kind} ...]" if kind else ""
    say = messages()
    about = say(verb.help)
    parser = _Parser(
        say,
        prog=f"zunda-mcp {name}",
        usage=f"%(prog)s{several} [OPTION ...]",
        description=about if say.japanese else f"{about[0].upper()}{about[1:]}.",
    )
    if kind:
        dest, count = "folders" if verb.folders else "words", "+" if verb.words.endswith("!") else "*"
        parser.add_argument(dest, nargs=count, metavar=kind, help=argparse.SUPPRESS)
    groups: dict[str, argparse._ActionsContainer] = {"": parser}
    for option in verb.all_options():
        if option.heading not in groups:
            groups[option.heading] = parser.add_argument_group(say(option.heading))
        details = dict(option.details)
        details |= {"help": say(details["help"])} if "help" in details else {}
        groups[option.heading].add_argument(*option.names, **details)
    return parser


def _sorted_out(argv: Sequence[str], takes_value: Mapping[str, bool]) -> tuple[list[str], list[str]]:
    """Separate options (with their values) from words, each in the order typed."""
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
        elif word not in takes_value and not word.startswith("--"):
            words.append(word)
            continue
        options.append(word)
        if takes_value.get(word) and rest and rest[0] not in takes_value:
            options[-1] += f"={rest.pop(0)}"
            if word in ("--since", "--until"):
                options[-1] = _whole_date(options[-1], rest)
    return options, words


def _whole_date(option: str, rest: list[str]) -> str:
    """Return the option with the words that complete its date (``--since last week``), taken out of ``rest``."""
    from zunda_mcp.text.dates import parse_span  # start-up: only for a date

    today = dt.datetime.now(dt.UTC).date()  # any day will do: it does not change what is a date
    flag, _, value = option.partition("=")
    for more in range(min(len(rest), _MOST_DATE_WORDS) + 1):
        text = " ".join([value, *rest[:more]])
        if parse_span(when(text), today):
            del rest[:more]
            return f"{flag}={text}"
    return option


def _left_out(name: str) -> str:
    """Return how to exclude a word of one letter, if ``name`` may mean that, else ``""``."""
    return f"; to leave out the word {name[1:]}, write it last: -- {name}" if _SHORT.fullmatch(name) else ""
