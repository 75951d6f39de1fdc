"""The verbs that ask: ``search``, ``show``, ``topics``, ``timeline``, ``related``, ``quote``.

Each asks the library one question, prints the answer, and returns whether anything was found. An unknown id raises
``NotFoundError``, a value that cannot be meant ``ArgumentError``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from zunda_mcp.cli import terminal
from zunda_mcp.cli.arguments import Arguments
from zunda_mcp.cli.opening import opened
from zunda_mcp.cli.structured import print_json

if TYPE_CHECKING:
    from zunda_mcp.episode import Model

_ROOM = 600
"""Characters for each thing found, so that as many come as ``--limit`` says, with a snippet and not a whole text."""


def search(arguments: Arguments) -> bool:
    """Stories that answer the words, with dates, hosts, sites and sorting as asked."""
    asked = arguments.given("since", "until", "host", "site", "kind", "sort", "limit", "cursor") | _within(arguments)
    with opened(arguments) as library:
        result = library.search(" ".join(arguments.words), **asked, max_chars=_room(arguments))
    _show(arguments, result, lambda style: terminal.search(result, style))
    return bool(result.total_stories or result.hits)


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


def _room(arguments: Arguments) -> int:
    """The room that an assistant has by default, and more where more is asked for."""
    from zunda_mcp.answers import DEFAULT_MAX_CHARS, MAX_LIMIT

    return max(DEFAULT_MAX_CHARS, _ROOM * min(arguments.limit or 0, MAX_LIMIT))


def _show(arguments: Arguments, answer: Model, text: Callable[[terminal.Style], str]) -> None:
    if arguments.json:
        print_json(answer)
    else:
        print(text(terminal.style()))
