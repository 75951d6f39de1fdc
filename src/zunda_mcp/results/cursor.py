"""Cursors: where the next page of an answer begins, opaque to the caller.

A cursor holds a place and a digest of the question it belongs to, so that it cannot be used with another one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json

from zunda_mcp.errors import ArgumentError

__all__ = ["Paging", "cursor_offset", "make_cursor", "read_cursor"]


class Paging:
    """The pages of the answer to one question: ``offset`` is where ``cursor`` goes on.

    Raises ``ArgumentError`` for a cursor of another question or of nobody's making.
    """

    def __init__(self, cursor: str | None, *question: object) -> None:
        self._question = question
        self.offset = cursor_offset(cursor, *question)

    def cursor(self, offset: int) -> str:
        """The cursor that goes on at ``offset``."""
        return make_cursor(offset, *self._question)


def make_cursor(place: object, *question: object) -> str:
    """The cursor that goes on at a place, which is plain data, of the answer to ``question``."""
    raw = json.dumps([place, _digest(question)], separators=(",", ":")).encode("ascii")
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def read_cursor(cursor: str, *question: object) -> object:
    """The place where to go on. Raises ``ArgumentError`` for a cursor of another question or of nobody's making."""
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
    """Where to go on, as a count of what was shown. Raises as ``read_cursor``."""
    offset = read_cursor(cursor, *question) if cursor else 0
    if not isinstance(offset, int) or isinstance(offset, bool) or offset < 0:
        raise _foreign()
    return offset


def _foreign() -> ArgumentError:
    return ArgumentError("cursor", "cursor is not one of ours; leave it out to begin at the first page.")


def _digest(question: tuple[object, ...]) -> str:
    text = json.dumps(question, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
