"""The verbs that ask the archive.

``search``, ``find``, ``show``, ``topics``, ``timeline``, ``related`` and ``quote`` each ask the library one question,
print the answer (with ``--json`` as one line, the same as the structured content of the MCP tool), and return
whether anything was found. An unknown id raises ``NotFoundError``, an impossible value ``ArgumentError``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from zunda_mcp.answers import SEARCH_MAX_CHARS
from zunda_mcp.cli import terminal
from zunda_mcp.cli.arguments import Arguments
from zunda_mcp.cli.chosen_archive import opened
from zunda_mcp.cli.streams import complain, print_json
from zunda_mcp.cli.streams import show as show_text
from zunda_mcp.cli.styles import Style, style
from zunda_mcp.library import Library
from zunda_mcp.models import Model
from zunda_mcp.rendering.sanitize import one_line

__all__ = ["find", "quote", "related", "search", "show", "timeline", "topics"]

_Answer = TypeVar("_Answer", bound=Model)
_FIND_ROOM = 60_000
"""Characters of the matches that a terminal shows at once: what an assistant may have at most."""


def search(arguments: Arguments) -> bool:
    """Stories that answer the words, with dates, hosts, sites and sorting as asked."""
    whole = arguments.options.get("detail") == "full"

    def text(answer: Any, style: Style) -> str:
        return terminal.search(answer, style, whole=whole)

    answer = _answer(arguments, Library.search, text, max_chars=_room(arguments))
    _open_first(arguments, (hit.url or hit.episode_url for hit in answer.hits))
    return bool(answer.total_stories or answer.hits)


def find(arguments: Arguments) -> bool:
    """Everything that a regular expression matches, a line a story."""
    return bool(_answer(arguments, Library.find_text, terminal.find, max_chars=_FIND_ROOM).total_matches)


def show(arguments: Arguments) -> bool:
    """One episode with its stories, or one story."""
    answer = _answer(arguments, Library.episode, terminal.episode)
    own = [story.url for story in answer.episode.stories if story.id == answer.story]
    _open_first(arguments, [*own, answer.episode.page_url, *(story.url for story in answer.episode.stories)])
    return True


def topics(arguments: Arguments) -> bool:
    """Names and subjects of the archive."""
    return bool(_answer(arguments, Library.topics, terminal.topics, max_chars=_room(arguments)).total_topics)


def timeline(arguments: Arguments) -> bool:
    """How often a topic was told about, period by period."""
    return bool(_answer(arguments, Library.timeline, terminal.timeline).total_stories)


def related(arguments: Arguments) -> bool:
    """Stories near another."""
    return bool(_answer(arguments, Library.related, terminal.related, max_chars=_room(arguments)).hits)


def quote(arguments: Arguments) -> bool:
    """Whether a sentence stands in the archive, word for word or in the same words."""
    return _answer(arguments, Library.check_quote, terminal.quote).verdict in ("exact", "same words")


def _answer(
    arguments: Arguments, ask: Callable[..., _Answer], text: Callable[[_Answer, Style], str], **more: object
) -> _Answer:
    """What the library's method answers to the words and options, printed."""
    options = {name: value for name, value in arguments.options.items() if name != "open"}
    with opened(arguments) as library:
        answer = ask(library, arguments.text, **options, **more)
    if arguments.json:
        print_json(answer)
    else:
        show_text(text(answer, style()))
    return answer


def _room(arguments: Arguments) -> int | None:
    """The room that an assistant has by default; all it takes where a number is asked for."""
    return None if "limit" in arguments.options else SEARCH_MAX_CHARS


def _open_first(arguments: Arguments, addresses: Iterable[str | None]) -> None:
    """Open the first web address in the user's browser, where ``--open`` asks for it."""
    if "open" not in arguments.options:
        return
    import webbrowser  # start-up: it looks for browsers

    for address in addresses:
        # An archive quotes addresses from anywhere: a browser must not be given a file or a program.
        if address and address.lower().startswith(("https://", "http://")):
            sys.stdout.flush()
            if not webbrowser.open(one_line(address)):
                complain(f"no browser could be started; the address is {address}")
            return
    complain("there is no web address to open")
