"""Splits HTML into tags and texts in one pass and in linear time, however broken it is.

The parser of the standard library takes quadratic time on some broken input, and feeds are untrusted. A ``<`` that does
not begin a tag is text (``a < b``). Comments, declarations, scripts and styles are left out.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Tag", "tokens"]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9:_-]*")
_ATTRIBUTE = re.compile(r"[\s/]*([^\s\"'<>/=]+)(?:\s*=\s*)?")
_BARE = re.compile(r"[^\s\"'<>]+")
_SKIPPED = frozenset({"script", "style", "template", "noscript", "svg", "object", "select", "textarea"})
_MAX_ATTRIBUTES = 60


class Tag(NamedTuple):
    """A start tag (``opens``) or an end tag. Names are in lower case; that of the tag has no namespace prefix."""

    name: str
    opens: bool
    attributes: dict[str, str]


class _Cursor:
    """A text to search. A mark that was not found once is not searched for again, which keeps the time linear."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._missing: set[str] = set()

    def find(self, mark: str, start: int) -> int:
        place = -1 if mark in self._missing else self.text.find(mark, start)
        if place < 0:
            self._missing.add(mark)
        return place


def tokens(markup: str) -> Iterator[Tag | str]:
    """Yield tags and texts in order, with character references resolved."""
    cursor = _Cursor(markup)
    at = text_start = 0
    while (opening := cursor.find("<", at)) >= 0:
        after = _token_at(cursor, opening)
        if after is None:
            at = opening + 1
            continue
        if text_start < opening:
            yield html.unescape(markup[text_start:opening])
        tag, at = after
        if tag is not None and not (tag.opens and tag.name in _SKIPPED):
            yield tag
        elif tag is not None and (end := cursor.find(f"</{tag.name}", at)) >= 0:
            close = cursor.find(">", end)
            at = close + 1 if close >= 0 else len(markup)
        text_start = at
    if text_start < len(markup):
        yield html.unescape(markup[text_start:])


def _token_at(cursor: _Cursor, opening: int) -> tuple[Tag | None, int] | None:
    """Return the tag at a ``<`` (``None`` for a comment or declaration) and its end; ``None`` if none begins there."""
    text = cursor.text
    if text.startswith(("<!", "<?"), opening):
        return _skipped_markup(cursor, opening)
    opens = not text.startswith("</", opening)
    name = _NAME.match(text, opening + (1 if opens else 2))
    if name is None:
        return None
    attributes: dict[str, str] = {}
    at = name.end()
    while match := _ATTRIBUTE.match(text, at):
        at = match.end()
        value = ""
        if match[0].rstrip().endswith("="):
            quote = text[at : at + 1]
            if quote in ('"', "'") and quote:
                end = cursor.find(quote, at + 1)
                if end < 0:
                    return None
                value, at = text[at + 1 : end], end + 1
            elif bare := _BARE.match(text, at):
                value, at = bare[0], bare.end()
        if len(attributes) < _MAX_ATTRIBUTES:
            attributes.setdefault(match[1].lower(), html.unescape(value))
    while at < len(text) and text[at] in " \t\r\n/\"'":  # stray quotes
        at += 1
    if text[at : at + 1] != ">":
        return None
    return Tag(name[0].lower().rpartition(":")[2], opens, attributes), at + 1


def _skipped_markup(cursor: _Cursor, opening: int) -> tuple[None, int] | None:
    text = cursor.text
    if text.startswith("<![CDATA[", opening):
        return None, opening + 9  # its end is dropped with the text
    if text.startswith("<!--", opening):
        end = cursor.find("-->", opening + 4)
        return None, end + 3 if end >= 0 else len(text)
    end = cursor.find(">", opening)
    return (None, end + 1) if end >= 0 else None
