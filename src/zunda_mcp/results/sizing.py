"""Sizing an answer: it stays within ``max_chars`` whatever the archive contains, and most of the room is for hits.

How a query was understood, near stories and suggestions are worth reading while they are short. A text that is too long
is shortened, an address is left out whole (a part of one leads nowhere), an id always stays.

A cursor, opaque to the caller, marks where the next page begins. It contains a place and a digest of its question, so
that it cannot be used with another one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import sys
from typing import Any, TypeVar

from zunda_mcp.answers import DEFAULT_LIMIT, Related, SearchResult, TopicList
from zunda_mcp.errors import ArgumentError
from zunda_mcp.models import Model

__all__ = [
    "Paging", "answer_size", "bound", "cursor_offset", "framed", "json_length", "json_size", "make_cursor",
    "read_cursor", "tightened",
]  # fmt: skip

_Answer = TypeVar("_Answer", SearchResult, TopicList, Related)
_AnyModel = TypeVar("_AnyModel", bound=Model)

_STEPS = ((600, 5, 8), (300, 3, 4), (150, 1, 2), (80, 0, 0))
"""Characters of ``understood``, stories in ``near`` and suggestions, at each step of tightening."""
_LIMITS = (
    (300, 1000, 8),
    (120, 500, 4),
    (60, 300, 2),
    (40, 200, 1),
    (30, 120, 1),
    (24, 60, 0),
    (16, 0, 0),
)
"""The longest text, the longest address and the longest list at each further step; with the last one, an answer with
one hit takes less than 1,000 characters while ids have at most 80."""
_ADDRESSES = frozenset({"url", "episode_url", "audio_url", "listen_url"})
_WHOLE = frozenset({"id", "episode_id", "next_cursor", "next_step", "cite_as"})
"""Fields that are worthless in part."""
_CURSOR = 60
"""The most characters that a cursor adds to an answer without one, as JSON."""
_CUT = 80
"""The most characters that ``understood`` needs to say what was cut."""
_FRAME_SHARE = 2
_ROUND = 500
_LENGTHENED = re.compile("[\x85\u2028\u2029]")
"""Line breaks that become ``\\n``, which takes one more character as JSON, before an answer is sent."""


def answer_size(limit: int | None, max_chars: int | None, usual: int) -> tuple[int | None, int]:
    """Return how many are wanted and how many characters they may take: without a bound if only their number is given.

    Raises ``ArgumentError`` for a number below 1.
    """
    if limit is not None and limit < 1:
        raise ArgumentError("limit", f"limit={limit} is not a number of 1 or more; try limit={DEFAULT_LIMIT}.")
    if max_chars is None:
        return limit, usual if limit is None else sys.maxsize
    return limit, max_chars


def json_size(model: Model) -> int:
    """Return how many characters a model takes as compact JSON when it is sent."""
    text = model.model_dump_json()
    return len(text) + len(_LENGTHENED.findall(text))


def json_length(data: object) -> int:
    """Return how many characters plain data takes as compact JSON."""
    return len(json.dumps(data, ensure_ascii=False, separators=(",", ":")))


def framed(answer: _Answer, max_chars: int, *, hits: bool = True) -> tuple[_Answer, int]:
    """Tighten an answer without hits as far as ``max_chars`` requires; return it and the characters left for hits.

    Where there are ``hits`` to come, everything else may take half of the room, else all of it.
    """
    room = max_chars - _CURSOR - _CUT
    most = room // _FRAME_SHARE if hits else room
    smaller = answer
    for words, near, others in _STEPS:
        less: dict[str, Any] = {"understood": _shortened(answer.understood, words)}
        if isinstance(answer, SearchResult):
            less["near"] = answer.near[:near]
            less["suggestions"] = answer.suggestions[:others]
        smaller = answer.model_copy(update=less)
        if json_size(smaller) <= most:
            break
    smaller = tightened(smaller, most)
    return smaller, room - json_size(smaller)


def tightened(model: _AnyModel, size: int) -> _AnyModel:
    """A model with its texts, addresses and lists limited as far as it takes to make its JSON fit ``size``.

    A list of models is whole or empty, since a part of one would be taken for all. Where ids alone are too long, what
    comes back is larger than ``size``.
    """
    smaller = model
    for limits in _LIMITS:
        if json_size(smaller) <= size:
            break
        smaller = _limited(model, *limits)
    return smaller


def bound(answer: _AnyModel, max_chars: int) -> _AnyModel:
    """Return the answer if it is within ``max_chars``.

    Raises:
        ArgumentError: Nothing more can be left out of it; the message says which ``max_chars`` would do.
    """
    size = json_size(answer)
    if size <= max_chars:
        return answer
    enough = -(-size // _ROUND) * _ROUND
    msg = f"max_chars={max_chars} has no room for the long ids of this answer; call again with max_chars={enough}."
    raise ArgumentError("max_chars", msg)


def _limited(model: _AnyModel, texts: int, addresses: int, many: int) -> _AnyModel:
    changed: dict[str, Any] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        if name in _ADDRESSES:
            changed[name] = None if value is None or len(value) > addresses else value
        elif isinstance(value, str):
            changed[name] = value if name in _WHOLE else _shortened(value, texts)
        elif isinstance(value, Model):
            changed[name] = _limited(value, texts, addresses, many)
        elif isinstance(value, list):
            changed[name] = _limited_list(value, texts, addresses, many)
    return model.model_copy(update=changed)


def _limited_list(values: list[Any], texts: int, addresses: int, many: int) -> list[Any]:
    if values and isinstance(values[0], Model):
        return [_limited(value, texts, addresses, many) for value in values] if len(values) <= many else []
    return [_shortened(value, texts) for value in values[:many]]


def _shortened(text: str, size: int) -> str:
    return text if len(text) <= size else text[: size - 1].rstrip() + "…"


class Paging:
    """The pages of the answer to one question: ``offset`` is where ``cursor`` goes on.

    Raises ``ArgumentError`` for a cursor of another question or of nobody's making.
    """

    def __init__(self, cursor: str | None, *question: object) -> None:
        self._question = question
        self.offset = cursor_offset(cursor, *question)

    def cursor(self, offset: int) -> str:
        """Return the cursor of the page that begins at ``offset``."""
        return make_cursor(offset, *self._question)


def make_cursor(place: object, *question: object) -> str:
    """Return the cursor for a place, which is plain data, in the answer to ``question``."""
    raw = json.dumps([place, _digest(question)], separators=(",", ":")).encode("ascii")
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def read_cursor(cursor: str, *question: object) -> object:
    """Return the place in a cursor. Raises ``ArgumentError`` if it belongs to another question or was not made here."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        place, digest = json.loads(raw)
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise _foreign() from error
    if not isinstance(digest, str):
        raise _foreign()
    if digest != _digest(question):
        msg = "cursor belongs to another question; repeat that question with it, or leave cursor out."
        raise ArgumentError("cursor", msg)
    return place


def cursor_offset(cursor: str | None, *question: object) -> int:
    """Return how many items were shown before the cursor. Raises as ``read_cursor`` does."""
    offset = read_cursor(cursor, *question) if cursor else 0
    if not isinstance(offset, int) or isinstance(offset, bool) or offset < 0:
        raise _foreign()
    return offset


def _foreign() -> ArgumentError:
    return ArgumentError("cursor", "cursor is not one of ours; leave it out to begin at the first page.")


def _digest(question: tuple[object, ...]) -> str:
    text = json.dumps(question, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
