"""JSON as text: a member is put in, changed or taken out where it stands, and every other character stays as it is.

Comments and trailing commas, which some clients allow, are blanked for reading, so that what the standard library finds
stands at the same place of the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

__all__ = ["parsed", "rewritten"]

_STRING_OR_COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*"?|//[^\r\n]*|/\*.*?\*/', re.DOTALL)
_STRING_OR_COMMA = re.compile(r'"(?:[^"\\\n]|\\.)*"?|,(?=\s*[}\]])', re.DOTALL)
_FIRST_INDENT = re.compile(r'\n([ \t]*)"')
_BLANK = re.compile(r"\s*")
_REST_OF_LINE = re.compile(r"[ \t]*(\r?\n)?")
_DECODER = json.JSONDecoder()
_NOTHING = object()


def parsed(text: str, *, comments: bool) -> tuple[Any, str]:
    """What the text holds, and a name that an object of it has twice (empty if none has). Raises ``ValueError``."""
    repeated: list[str] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        repeated.extend(name for name in set(names) if names.count(name) > 1)
        return dict(pairs)

    plain = _without_commas(_without_comments(text)) if comments else text
    if comments and not plain.strip():
        return {}, ""
    root = json.loads(plain, object_pairs_hook=members, parse_constant=_refuse_constant)
    return root, repeated[0] if repeated else ""


def rewritten(text: str, old: Mapping[str, Any], new: Mapping[str, Any], *, comments: bool) -> str:
    """The text, which holds ``old``, made to hold ``new``. Raises ``ValueError`` if that cannot be done safely."""
    if not (_without_comments(text) if comments else text).strip():
        new_text = f"{text if text.strip() else ''}{json.dumps(new, ensure_ascii=False, indent=2)}\n"
        return new_text.replace("\n", "\r\n") if "\r\n" in text else new_text
    for path, value in _changes(old, new):
        place = _Place(text, path, comments=comments)
        text = place.taken_out() if value is _NOTHING else place.put(value)
    if parsed(text, comments=comments)[0] != new:
        raise ValueError("its layout cannot be kept")
    return text


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _blanked(match: re.Match[str]) -> str:
    return match[0] if match[0].startswith('"') else re.sub(r"[^\r\n]", " ", match[0])


def _without_comments(text: str) -> str:
    return _STRING_OR_COMMENT.sub(_blanked, text)


def _without_commas(text: str) -> str:
    """The text without the commas that nothing follows."""
    return _STRING_OR_COMMA.sub(_blanked, text)


def _dumped(value: object, indent: str | None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False)


def _changes(
    old: Mapping[str, Any], new: Mapping[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], object]]:
    """The paths of the members that differ, each with its new value, or ``_NOTHING`` where there is none any more."""
    for name in old:
        if name not in new:
            yield (*path, name), _NOTHING
    for name, value in new.items():
        before = old.get(name, _NOTHING)
        if isinstance(before, dict) and isinstance(value, dict):
            yield from _changes(before, value, (*path, name))
        elif before != value:
            yield (*path, name), value


class _Member(NamedTuple):
    """Where a member of an object begins, where its value does, and where it ends."""

    name: str
    start: int
    value: int
    end: int


class _Place:
    """A member in a text, or the object that it belongs into: ``_open`` and ``_close`` are where its brackets stand."""

    def __init__(self, text: str, path: tuple[str, ...], *, comments: bool) -> None:
        self._text, self._name = text, path[-1]
        self._code = _without_comments(text) if comments else text
        plain = _without_commas(self._code) if comments else text
        at = _after_blank(plain, 0)
        for name in (*path[:-1], None):
            self._open = at
            self._members, self._close = _members(plain, at)
            at = next((one.value for one in self._members if one.name == name), -1)

    def put(self, value: object) -> str:
        """The text with the member of this value, in the layout of its neighbours."""
        text, unit = self._text, _unit(self._text)
        line_end = "\r\n" if "\r\n" in text else "\n"
        for _, start, at, end in (one for one in self._members if one.name == self._name):
            new = _dumped(value, unit if "\n" in text[at:end] else None)
            return text[:at] + new.replace("\n", line_end + _indent(text, start)) + text[end:]
        indent = self._indent(unit)
        member = f"{_dumped(self._name, None)}: {_dumped(value, None if indent is None else unit)}"
        if indent is not None:
            member = f"\n{member}".replace("\n", line_end + indent)
        end = len(text[: self._close].rstrip())
        if not self._members:
            last_line = "" if indent is None else line_end + _indent(text, self._open)
            return text[:end] + member + last_line + text[self._close :]
        member = f" {member}" if indent is None else member
        last = self._members[-1].end
        if self._code.find(",", last, self._close) >= 0:
            return f"{text[:end]}{member},{text[end:]}"
        return f"{text[:last]},{text[last:end]}{member}{text[end:]}"

    def taken_out(self) -> str:
        """The text without the member, its comma, and its line where nothing else stands on it."""
        text = self._text
        at = next(at for at, one in enumerate(self._members) if one.name == self._name)
        start, end = self._members[at].start, self._members[at].end
        following = self._members[at + 1].start if at + 1 < len(self._members) else self._close
        comma = self._code.find(",", end, following)
        if comma >= 0:
            end = comma + 1
        line = text.rfind("\n", 0, start) + 1
        rest = _REST_OF_LINE.match(text, end)
        assert rest is not None
        if not text[line:start].strip() and rest[1]:
            start, end = line, rest.end()
        elif comma >= 0:
            end = rest.end() - len(rest[1] or "")
        else:
            start = len(text[:start].rstrip(" \t"))
        head = text[:start]
        if at and comma < 0:
            before = self._code.rindex(",", 0, start)
            head = text[:before] + text[before + 1 : start]
        rest_of_object = text[end : self._close]
        if not (head[self._open + 1 :] + rest_of_object).strip():
            return text[: self._open + 1] + text[self._close :]
        return head + rest_of_object + text[self._close :]

    def _indent(self, unit: str | None) -> str | None:
        """How far in a new member stands, None where it stands on the line of what is before it."""
        text = self._text
        if not self._members:
            return None if unit is None else _indent(text, self._open) + unit
        last = self._members[-1]
        line = text[text.rfind("\n", 0, last.start) + 1 : last.start]
        if not line.strip():
            return line
        return _indent(text, self._open) + (unit or "") if "\n" in text[last.end : self._close] else None


def _after_blank(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _members(plain: str, at: int) -> tuple[list[_Member], int]:
    """The members of the object that begins at a place, and where it ends."""
    members = []
    at = _after_blank(plain, at + 1)
    while plain[at] != "}":
        name, end = _DECODER.raw_decode(plain, at)
        value = _after_blank(plain, _after_blank(plain, end) + 1)
        _, end = _DECODER.raw_decode(plain, value)
        members.append(_Member(name, at, value, end))
        at = _after_blank(plain, end)
        if plain[at] == ",":
            at = _after_blank(plain, at + 1)
    return members, at


def _unit(text: str) -> str | None:
    """One step of indentation; None where all of the text stands on one line."""
    if first := _FIRST_INDENT.search(text):
        return first[1]
    body = text.strip()
    return None if len(body) > 2 and "\n" not in body else "  "


def _indent(text: str, at: int) -> str:
    """The blanks that the line of a place begins with."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip(" \t"))]
