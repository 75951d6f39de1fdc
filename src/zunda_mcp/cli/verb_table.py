"""The verbs of the command line: their words and options, the functions that run them, and their ``--json``.

This is plain data, in the order of ``--help``. Functions are given by name and imported when they run, so that help,
completion and the start of a server import no others. Options are named after the library's arguments.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

__all__ = ["PERIODS", "SORTS", "TOPIC_SORTS", "VERBS", "Option", "Verb", "loaded", "when"]

SORTS = ("relevance", "newest", "oldest")
TOPIC_SORTS = ("count", "recent", "rising")
PERIODS = ("month", "week", "year")

_BACK = re.compile(r"(\d+)\s*(d|w|m|y|days?|weeks?|months?|years?)", re.IGNORECASE)
_UNITS = {"d": "days", "w": "weeks", "m": "months", "y": "years"}


class Option(NamedTuple):
    """An option: its names, its arguments for argparse, and its heading in ``--help``."""

    names: tuple[str, ...]
    details: Mapping[str, Any]
    heading: str = ""

    @property
    def takes_value(self) -> bool:
        """Whether a value follows the option."""
        return self.details.get("action") != "store_true"

    @property
    def argument(self) -> str:
        """The name of its value among the parsed arguments."""
        return str(self.details.get("dest") or self.names[-1].lstrip("-").replace("-", "_"))


class Verb(NamedTuple):
    """A verb: its help, the function that runs it (below ``zunda_mcp.cli``), and the name of its words in ``--help``.

    Words are required if ``words`` ends in ``!``. ``options`` are the verb's own. If ``reads``, it also takes the
    options that name an archive; if ``folders``, its words are folders, as for ``--episodes``. ``prints`` is the model
    (below ``zunda_mcp``) that it prints with ``--json``. If ``asks``, returning False means that nothing was found;
    otherwise, that something could not be read.
    """

    help: str
    run: str
    words: str = ""
    options: tuple[Option, ...] = ()
    prints: str = ""
    reads: bool = True
    folders: bool = False
    asks: bool = True

    def all_options(self) -> tuple[Option, ...]:
        """Return its own options, and those that it shares with other verbs."""
        shared = (_JSON,) if self.prints else ()
        return (*self.options, *shared, *(_ARCHIVE if self.reads else ()), _VERSION)


def loaded(place: str) -> Any:
    """Import an object below ``zunda_mcp``, such as ``cli.doctor:doctor``, and return it."""
    module, _, name = place.partition(":")
    return getattr(import_module(f"zunda_mcp.{module}"), name)


def when(text: str) -> str:
    """Return a date in words; a number with a unit (``30d``) becomes a span until today (``last 30 days``)."""
    if back := _BACK.fullmatch(text.strip()):
        return f"last {back[1]} {_UNITS[back[2][0].lower()]}"
    return text


def _positive(text: str) -> int:
    if not text.strip().isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of 1 or more")
    return int(text)


def _option(*names: str, **details: Any) -> Option:
    return Option(names, details)


def _switch(name: str, does: str, **details: Any) -> Option:
    return Option((name,), {"action": "store_true", "help": does, **details})


def _several(name: str, metavar: str, does: str, **details: Any) -> Option:
    return Option(
        (name,), {"action": "append", "default": [], "metavar": metavar, "help": f"{does}; repeatable"} | details
    )


def _under(heading: str, *options: Option) -> tuple[Option, ...]:
    return tuple(option._replace(heading=heading) for option in options)


_VERSION = _option("-V", "--version", action="store_true", help="print the version")
_JSON = _switch("--json", "print the answer as JSON")
_ARCHIVE = _under(
    "which archive",
    _several("--episodes", "DIR", "episode folder"),
    _several("--archive", "NAME[=DIR]", "one of several archives", dest="archives"),
    _option("--index", metavar="DIR", help="index folder"),
    _option("--aliases", metavar="FILE", help="your own other names, one group a line"),
    _option("--engine", metavar="URL/NAME", help="a cluster that has the index: https://host:9200/NAME"),
    _option("--embedder", metavar="WHICH", help='auto, none, use, e5, or "URL MODEL" (docs/queries.md: Meaning)'),
)
_DATES = (
    _option("--since", type=when, metavar="WHEN",
            help="from a day, week, month or year: 2025-07-08, 2025-07, 先週, last 3 months, 30d"),
    _option("--until", type=when, metavar="WHEN", help="up to and including a day, week, month or year"),
    _option("--in", dest="archive", metavar="NAME", help="only in this one of several archives"),
)  # fmt: skip
_PLACES = (
    _option("--host", help="only episodes with this host"),
    _option("--site", help="only stories from this site, such as zenn.dev"),
)
_OPEN = _switch("--open", "open the link of the first story in the browser")
_LIMIT = _option("-n", "--limit", type=_positive, metavar="N", help="at most this many")
_CURSOR = _option("--cursor", metavar="NEXT", help="the page after this one: next_cursor of the last answer")
_ENTRY = (
    _option("--name", default="zunda", help="the name of the server there (zunda)"),
    _option("--scope", choices=("user", "project"), default="user", help="for all projects, or for the one here"),
    _switch("--dry-run", "show the change as a diff and write nothing"),
)

VERBS: Mapping[str, Verb] = {
    "search": Verb(
        'find stories; words, "phrases", -exclusions, a URL or a domain', "archive_verbs:search", "WORD",
        (*_DATES, *_PLACES, _option("--kind", help="of posts, only these: post, repost, like or bookmark"),
         _option("--sort", choices=SORTS),
         _option("--detail", choices=("auto", "titles", "snippets", "full"),
                 help="how much of each story; auto quotes the first few"),
         _OPEN, _LIMIT, _CURSOR),
        prints="answers:SearchResult",
    ),
    "find": Verb(
        "list every match of a regular expression, written or spoken", "archive_verbs:find", "PATTERN!",
        (*_DATES, *_PLACES, _option("--by", choices=("year", "month", "host", "site"), help="what to count by (year)"),
         _option("--case", choices=("smart", "ignore", "match"),
                 help="whether capitals count; smart: where the pattern has any"),
         _switch("--words", "no match inside a longer word", dest="whole_words"),
         _option("--only", metavar="ID", dest="episode", help="only in this episode, and more of what matches there"),
         _option("--sort", choices=SORTS[1:]), _CURSOR),
        prints="answers:TextMatches",
    ),
    "show": Verb("read an episode or a story, by id, date, number, URL or latest", "archive_verbs:show", "ID!",
                 (_OPEN,), prints="answers:EpisodeAnswer"),
    "topics": Verb("list what the archive talks about", "archive_verbs:topics", "WORD",
                   (*_DATES, _option("--sort", choices=TOPIC_SORTS), _LIMIT, _CURSOR), prints="answers:TopicList"),
    "timeline": Verb("count the stories on a topic over time", "archive_verbs:timeline", "WORD!",
                     (*_DATES, _option("--by", choices=PERIODS)), prints="answers:Timeline"),
    "related": Verb("find stories near a story, an episode or a URL", "archive_verbs:related", "ID!", (_LIMIT,),
                    prints="answers:Related"),
    "quote": Verb("check whether a sentence stands in the archive, and where", "archive_verbs:quote", "SENTENCE!",
                  (_option("--id", metavar="ID", help="only in this episode or story"),), prints="answers:QuoteCheck"),
    "use": Verb("choose the archive of all commands from now on; without words, show it", "source_verbs:use", "DIR",
                (_switch("--forget", "have no chosen archive any more"),), "cli.source_verbs:DefaultArchive",
                reads=False),
    "add": Verb(
        "add a source: a feed, a git repository, a folder, OPML, your posts", "source_verbs:add", "SOURCE!",
        (_option("--name", help="what to call it; by default what it calls itself"),
         _option("--kind", choices=("feed", "git", "folder", "opml", "posts"),
                 help="what it is, where it does not look like it")),
        "sources.store:Added", reads=False,
    ),
    "sync": Verb("fetch what is new in all added sources, or in these", "source_verbs:sync", "NAME",
                 prints="cli.source_verbs:SyncReport", reads=False, asks=False),
    "sources": Verb("list the added sources", "source_verbs:sources", prints="cli.source_verbs:SourceList",
                    reads=False),
    "remove": Verb("take an added source away, with what was fetched for it", "source_verbs:remove", "NAME!",
                   prints="cli.source_verbs:SourceList", reads=False),
    "index": Verb("bring the index up to date and report what changed", "archive_verbs:index",
                  options=(_switch("--rebuild", "throw the index away and build it anew"),),
                  prints="answers:RefreshReport", folders=True, asks=False),
    "survey": Verb("say how the files of an archive are understood, and the settings that stand for it",
                   "archive_verbs:survey", prints="sources.archive_survey:SurveyList", folders=True,
                   asks=False),
    "doctor": Verb("check archive, index, machine, clients and a real handshake, and list every problem",
                   "doctor:doctor", prints="cli.doctor:Diagnosis", folders=True, asks=False),
    "install": Verb("write the server into a client's configuration; without a client, list them",
                    "install_verbs:install", "CLIENT",
                    (_switch("--no-check", "do not start the server once to see that it answers"), *_ENTRY),
                    "cli.install_verbs:Installation", asks=False),
    "uninstall": Verb("take the server out of it again", "install_verbs:uninstall", "CLIENT!", _ENTRY,
                      "cli.install_verbs:Installation", reads=False),
    "serve": Verb(
        "serve the archive to an assistant, over stdin and stdout or over HTTP (MCP)", "server_verbs:serve",
        options=(
            _switch("--watch", "take in changed files at once (needs zunda-mcp[watch])"),
            _switch("--chatgpt", "offer search and fetch too, as ChatGPT's connectors ask"),
            *_under(
                "over HTTP",
                _option("--http", metavar="ADDRESS",
                        help="serve over HTTP at this address, such as 127.0.0.1:8765, 8765 or [::1]:8765"),
                _option("--token-file", metavar="FILE",
                        help="ask for a bearer token of this file, one a line (or ZUNDA_MCP_TOKEN_FILE)"),
                _option("--oauth-issuer", metavar="URL", help="ask for access tokens of this OAuth issuer"),
                _several("--oauth-audience", "NAME", "whom they must be meant for, if not the server's URL"),
                _several("--oauth-scope", "SCOPE", "what they must allow"),
                _option("--public-url", metavar="URL", help="the address clients use, where a proxy stands in front"),
                _switch("--public-page", "open the pages for browsers to everybody"),
                _switch("--no-token", "ask nobody for a token, wherever the server listens"),
                _several("--allow-host", "NAME", "another name of this server"),
                _several("--allow-origin", "ORIGIN", "web pages that may use this server"),
                _switch("--stateless", "keep no sessions, so that several servers may share"),
            ),
        ),
        folders=True,
    ),
    "open": Verb("search the archive in a browser, on this machine", "server_verbs:open_pages", "WORD",
                 (_option("--http", metavar="ADDRESS",
                          help="where to serve the pages (127.0.0.1:8765, or any free port)"),)),
    "export": Verb("write the archive as pages, for any web server", "server_verbs:export", "DIR!",
                   (_option("--language", choices=("en", "ja"), help="of the words around the archive's own"),
                    _option("--search-at", metavar="URL", help="where the same archive is served, to be searched"))),
    "schema": Verb("print the JSON Schema of what a verb prints with --json", "machine_verbs:schema", "VERB",
                   reads=False),
    "completion": Verb("print the script that completes commands in bash, zsh or fish", "machine_verbs:completion",
                       "SHELL!", reads=False),
}  # fmt: skip
"""All verbs by name."""
