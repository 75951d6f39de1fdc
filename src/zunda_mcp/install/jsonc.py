"""JSON as clients' configurations hold it, read with the place of every part, so that a part can be changed alone.

Grammar: RFC 8259; where comments are allowed, also ``//`` and ``/* */`` comments and a comma after the last item, as
VS Code reads its own files ("JSON with comments"). Nothing else is forgiven: what a client would not read is a fault.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TypeAlias

SPACES = " \t\r\n"

_SPACE = re.compile(r"[ \t\r\n]+")
_COMMENT = re.compile(r"//[^\r\n]*|/\*.*?\*/", re.DOTALL)
_STRING_BODY = re.compile(r'[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_WORDS = {"true": True, "false": False, "null": None}
_BREAK = re.compile(r"\r\n|\r|\n")
_MOST_NESTED = 150


class Number(str):
    """A number as it is written: two spellings of one value are two values here."""

    __slots__ = ()


Data: TypeAlias = "dict[str, Data] | list[Data] | Number | str | bool | None"


class Fault(ValueError):  # noqa: N818
    """The text is not JSON; ``line`` and ``column`` count from 1."""

    def __init__(self, text: str, at: int, what: str) -> None:
        before = _BREAK.split(text[:at])
        self.line, self.column, self.what = len(before), len(before[-1]) + 1, what
        super().__init__(f"line {self.line}, column {self.column}: {what}")


@dataclass(frozen=True, slots=True)
class Member:
    """A name and its value in an object; ``start`` is where the name begins, ``comma`` where the comma after it is."""

    name: str
    start: int
    value: Node
    comma: int | None


@dataclass(frozen=True, slots=True)
class Node:
    """A value, its place in the text (``end`` is past it), and for an object its members in their order."""

    start: int
    end: int
    data: Data
    members: tuple[Member, ...] = ()


def parse(text: str, *, comments: bool) -> Node | None:
    """The value that the text holds; None where it holds none but spaces (and comments). Raises ``Fault``."""
    reader = _Reader(text, comments)
    reader.skip()
    if reader.at == len(text):
        return None
    node = reader.value(0)
    reader.skip()
    if reader.at < len(text):
        raise Fault(text, reader.at, "something follows the end of the JSON")
    return node


def comments_in(gap: str) -> list[str]:
    """The comments in a text that holds nothing else but spaces and commas."""
    return _COMMENT.findall(gap)


class _Reader:
    def __init__(self, text: str, comments: bool) -> None:
        self.text, self.comments, self.at = text, comments, 0

    def skip(self) -> None:
        """Past spaces and comments."""
        while True:
            if found := _SPACE.match(self.text, self.at):
                self.at = found.end()
            if self.text[self.at : self.at + 1] != "/":
                return
            comment = _COMMENT.match(self.text, self.at)
            if comment is None:
                raise Fault(self.text, self.at, "a comment that does not end" if self.comments else "a stray /")
            if not self.comments:
                raise Fault(self.text, self.at, "a comment, which this client's JSON may not have")
            self.at = comment.end()

    def value(self, depth: int) -> Node:
        if depth > _MOST_NESTED:
            raise Fault(self.text, self.at, f"nested more than {_MOST_NESTED} deep")
        start, first = self.at, self.text[self.at : self.at + 1]
        if first == "{":
            return self._object(depth)
        if first == "[":
            return self._array(depth)
        if first == '"':
            text = self._string()
            return Node(start, self.at, text)
        if found := _NUMBER.match(self.text, start):
            self.at = found.end()
            return Node(start, self.at, Number(found[0]))
        word = _WORD.match(self.text, start)
        if word is None or word[0] not in _WORDS:
            raise self._unexpected("a value")
        self.at = word.end()
        return Node(start, self.at, _WORDS[word[0]])

    def _object(self, depth: int) -> Node:
        start = self.at
        members: list[Member] = []
        while not self._closes("}", comma_before=bool(members)):
            place = self.at
            if self.text[place : place + 1] != '"':
                raise self._unexpected('a name in "…"')
            name = self._string()
            self.skip()
            if self.text[self.at : self.at + 1] != ":":
                raise self._unexpected("a colon")
            self.at += 1
            self.skip()
            value = self.value(depth + 1)
            comma = self._comma("}")
            members.append(Member(name, place, value, comma))
            if comma is None:
                break
        self.at += 1
        return Node(start, self.at, {member.name: member.value.data for member in members}, tuple(members))

    def _array(self, depth: int) -> Node:
        start = self.at
        items: list[Data] = []
        while not self._closes("]", comma_before=bool(items)):
            items.append(self.value(depth + 1).data)
            if self._comma("]") is None:
                break
        self.at += 1
        return Node(start, self.at, items)

    def _closes(self, bracket: str, *, comma_before: bool) -> bool:
        """Past the opening bracket or the comma; whether the closing bracket comes next."""
        self.at += 1
        self.skip()
        if self.text[self.at : self.at + 1] != bracket:
            return False
        if comma_before and not self.comments:
            raise Fault(self.text, self.at, f"a comma with nothing between it and the {bracket}")
        return True

    def _comma(self, bracket: str) -> int | None:
        """Where the comma after an item is, the reader before it; None where the closing bracket comes."""
        self.skip()
        found = self.text[self.at : self.at + 1]
        if found == ",":
            return self.at
        if found != bracket:
            raise self._unexpected(f"a comma or {bracket}")
        return None

    def _string(self) -> str:
        start = self.at
        body = _STRING_BODY.match(self.text, start + 1)
        end = body.end() if body else start + 1
        if self.text[end : end + 1] != '"':
            broken = self.text[end : end + 1]
            what = "a backslash before the wrong character" if broken == "\\" else 'a text that does not end with "'
            raise Fault(self.text, end if broken == "\\" else start, what)
        self.at = end + 1
        text: str = json.loads(self.text[start : self.at])
        return text

    def _unexpected(self, wanted: str) -> Fault:
        found = self.text[self.at : self.at + 1]
        return Fault(
            self.text, self.at, f"{wanted} should stand here, not {found!r}" if found else "the file ends early"
        )
