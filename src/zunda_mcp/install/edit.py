"""Changing one member of a JSON text and nothing else: comments, order, indentation and line ends stay as they are.

A new member comes last in its object and looks like its neighbours. Taking out a member that was put into an object
with others gives back the text from before, to the character. Every function gives a new text, which is read again
and compared with what was meant before it is given: a wrong one never leaves here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from zunda_mcp.install.jsonc import SPACES, Data, Member, Node, Number, comments_in, parse

_LINE_ENDS = re.compile(r"[ \t]*(?:[\r\n]|$)")


class UnfitError(ValueError):
    """The text is JSON, but not of a shape that can be changed safely; the message says what is in the way."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """How new text is laid out: its own lines with an indentation, or on one line, with or without spaces."""

    lines: bool
    newline: str
    indent: str
    unit: str
    space: str

    def deeper(self) -> _Layout:
        return _Layout(self.lines, self.newline, self.indent + self.unit, self.unit, self.space)


def put(text: str, path: Sequence[str], data: Data, *, comments: bool) -> str:
    """The text with ``data`` at the path of names; objects on the way are made. Raises ``Fault`` or ``UnfitError``."""
    root = parse(text, comments=comments)
    if root is None:
        newline = newline_of(text)
        lead = "" if not text.strip(SPACES) else text if text.endswith(("\r", "\n")) else f"{text}{newline}"
        made = _nested(path, data)
        return _checked(f"{lead}{render(made, _Layout(True, newline, '', '  ', ' '))}{newline}", made, comments)
    meant = _with(root.data, path, data)
    parent = node = root
    for depth, name in enumerate(path):
        member = member_of(node, name)
        if member is None:
            return _checked(_insert(text, root, node, name, _nested(path[depth + 1 :], data)), meant, comments)
        parent, node = node, member.value
    new = render(data, _layout(text, root, parent))
    return _checked(text[: node.start] + new + text[node.end :], meant, comments)


def drop(text: str, path: Sequence[str], *, comments: bool) -> str:
    """The text without the member at the path, which must be there. Raises ``Fault`` or ``UnfitError``."""
    root = parse(text, comments=comments)
    parent, member = root, None
    for name in path:
        parent = member.value if member else parent
        member = member_of(parent, name) if parent else None
        if member is None:
            raise UnfitError(f"there is no {name} in it")
    if root is None or parent is None or member is None:
        raise UnfitError("it is empty")
    return _checked(_remove(text, parent, member), _without(root.data, path), comments)


def member_of(node: Node, name: str) -> Member | None:
    """The member of this name. Raises ``UnfitError`` where it is no object, or names it twice."""
    if not isinstance(node.data, dict):
        raise UnfitError(f"{name} belongs in an object {{…}}, but there it has {render(node.data)[:40]}")
    found = [member for member in node.members if member.name == name]
    if len(found) > 1:
        raise UnfitError(f"it has {name} twice")
    return found[0] if found else None


def same(one: Data, other: Data) -> bool:
    """Whether two values are the same in every detail, the order of names and the spelling of numbers included."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def newline_of(text: str) -> str:
    """The line end of the text's first line; a line feed where it has none."""
    found = re.search(r"\r\n|\n|\r", text)
    return found[0] if found else "\n"


def render(data: Data, layout: _Layout | None = None) -> str:
    """The value as JSON, its Japanese unescaped; lists of plain values on one line."""
    layout = layout or _Layout(False, "\n", "", "", " ")
    if isinstance(data, Number):
        return str(data)
    if isinstance(data, dict) and data:
        inner = layout.deeper()
        lead, last = (
            (f"{layout.newline}{inner.indent}", f"{layout.newline}{layout.indent}") if layout.lines else ("", "")
        )
        items = [f"{lead}{_quoted(name)}:{layout.space}{render(value, inner)}" for name, value in data.items()]
        return "{" + ("," if layout.lines else f",{layout.space}").join(items) + last + "}"
    if isinstance(data, list):
        return f"[{f',{layout.space}'.join(render(item, layout) for item in data)}]"
    return _quoted(data)


def _quoted(data: Data) -> str:
    return json.dumps(data, ensure_ascii=False)


def _insert(text: str, root: Node, node: Node, name: str, data: Data) -> str:
    """The text with a new last member in the object."""
    layout = _layout(text, root, node)
    last = node.members[-1] if node.members else None
    after = node.start + 1 if last is None else last.value.end if last.comma is None else last.comma + 1
    gap = text[after : node.end - 1]
    at = after + len(gap.rstrip(SPACES))
    said = comments_in(gap)
    own_line = layout.lines or bool(said and said[-1].startswith("//"))
    lead = f"{layout.newline}{layout.indent}" if own_line else layout.space if last or said else ""
    piece = f"{lead}{_quoted(name)}:{layout.space}{render(data, layout)}"
    if last and last.comma is not None:
        piece += ","
    rest = text[at:]
    if own_line and not _LINE_ENDS.match(rest) and last is None:
        piece += f"{layout.newline}{_indent_at(text, node.start)}"
    if last and last.comma is None:
        return f"{text[: last.value.end]},{text[last.value.end : at]}{piece}{rest}"
    return f"{text[:at]}{piece}{rest}"


def _remove(text: str, parent: Node, member: Member) -> str:
    """The text without the member, its comma, and the space before it."""
    place = parent.members.index(member)
    before = parent.members[place - 1] if place else None
    left = parent.start + 1 if before is None or before.comma is None else before.comma + 1
    gap = text[left : member.start]
    said = comments_in(gap)
    end = member.value.end if member.comma is None else member.comma + 1
    joins = bool(said and said[-1].startswith("//")) and not _LINE_ENDS.match(text, end)
    start = member.start if joins else left + len(gap.rstrip(SPACES))
    kept = text[:start]
    if before is not None and before.comma is not None and member.comma is None:
        kept = text[: before.comma] + text[before.comma + 1 : start]
    rest = text[end:]
    if len(parent.members) == 1 and not (text[parent.start + 1 : start] + text[end : parent.end - 1]).strip(SPACES):
        return text[: parent.start + 1] + text[parent.end - 1 :]
    return kept + rest


def _layout(text: str, root: Node, node: Node) -> _Layout:
    """How a member of this object is laid out: as its last one, or as the rest of the file where it has none."""
    newline, unit = newline_of(text), "  "
    if root.members and _starts_line(text, root.members[0].start):
        first = _indent_at(text, root.members[0].start).removeprefix(_indent_at(text, root.start))
        unit = first or unit
    if node.members:
        last = node.members[-1]
        lines = _starts_line(text, last.start) and bool(re.search(r"[\r\n]", text[node.start : last.start]))
        colon = text[last.start : last.value.start].rpartition(":")[2]
        space = " " if colon or lines else ""
        indent = _indent_at(text, last.start)
    else:
        lines = not root.members or bool(re.search(r"[\r\n]", text[root.start : root.end]))
        sibling = root.members[0] if root.members else None
        colon = text[sibling.start : sibling.value.start].rpartition(":")[2] if sibling else " "
        space = " " if colon or lines else ""
        indent = _indent_at(text, node.start) + unit
    return _Layout(lines, newline, indent, unit, space)


def _starts_line(text: str, at: int) -> bool:
    return not text[_line_start(text, at) : at].strip(" \t") and _line_start(text, at) > 0


def _indent_at(text: str, at: int) -> str:
    line = text[_line_start(text, at) : at]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _line_start(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def _nested(path: Sequence[str], data: Data) -> Data:
    for name in reversed(path):
        data = {name: data}
    return data


def _with(data: Data, path: Sequence[str], new: Data) -> Data:
    if not path:
        return new
    inside = data if isinstance(data, dict) else {}
    return {**inside, path[0]: _with(inside.get(path[0]), path[1:], new)}


def _without(data: Data, path: Sequence[str]) -> Data:
    inside = data if isinstance(data, dict) else {}
    if len(path) == 1:
        return {name: value for name, value in inside.items() if name != path[0]}
    return {**inside, path[0]: _without(inside.get(path[0]), path[1:])}


def _checked(text: str, meant: Data, comments: bool) -> str:
    """The text, if it says exactly what was meant."""
    node = parse(text, comments=comments)
    if node is None or not same(node.data, meant):
        raise UnfitError("its layout is too unusual to change safely")
    return text
