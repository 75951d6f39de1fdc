"""Texts as rows of units, so that a search engine's phrases stand exactly where a string does.

A unit is a whole run of Latin letters and digits, or any other character, spaces and signs too. So "stands in the text
with no letter or digit running on at either end" (``zunda_mcp.engine.terms``) is the same as "these units stand one
after the other". In *joined* rows the signs that join words (spaces, hyphens, dots, slashes) are left out, up to three
of them; more are a gap.
"""

from __future__ import annotations

import re
from itertools import product

__all__ = ["GAP", "exact_units", "joined_rows", "joined_units"]

_UNIT = re.compile(r"[0-9a-z]{1,200}|[^0-9a-z]")
_JOINED = re.compile(r"[0-9a-z]{1,200}|[ \t\n\r\f\v\-./_']+|[^0-9a-z]")
_JOINTS = frozenset(" \t\n\r\f\v-./_'")
GAP = "⏎"
_MOST_JOINTS = 3
_MOST_ROWS = 128
"""More rows stand for names of four long words; a cluster takes 1,024 in one query."""


def exact_units(text: str) -> list[str]:
    """The units of normalised text."""
    return [_visible(unit) for unit in _UNIT.findall(text)]


def joined_units(text: str) -> list[str]:
    """The units of normalised text without what joins words."""
    result = []
    for unit in _JOINED.findall(text):
        if unit[0] not in _JOINTS:
            result.append(_visible(unit))
        elif len(unit) > _MOST_JOINTS:
            result.append(GAP)
    return result


def joined_rows(text: str) -> list[list[str]]:
    """The rows of joined units by which ``text`` stands whichever of its words are written together, and with a sign
    within any of them (``gpt4o mini`` as GPT-4o mini).
    """
    words = [units for word in text.split(" ") if (units := joined_units(word))]
    rows: dict[tuple[str, ...], None] = {}
    for together in product((False, True), repeat=max(len(words) - 1, 0)):
        row = list(words[0]) if words else []
        for units, joins in zip(words[1:], together, strict=True):
            latin = joins and _is_latin(row[-1]) and _is_latin(units[0])
            row = [*row[:-1], row[-1] + units[0], *units[1:]] if latin else [*row, *units]
        rows.setdefault(tuple(row))
    for words_cut in product(*([(word, *_cut_in_two(word)) for word in words])):
        rows.setdefault(tuple(unit for word in words_cut for unit in word))
        if len(rows) >= _MOST_ROWS:
            break
    return [list(row) for row in rows]


def _cut_in_two(word: list[str]) -> list[list[str]]:
    """A word of one Latin unit, cut where letters and digits meet: there signs come and go (gpt-4o, gpt4o)."""
    if len(word) != 1 or not _is_latin(word[0]):
        return []
    (unit,) = word
    return [[unit[:at], unit[at:]] for at in range(1, len(unit)) if unit[at - 1].isdigit() != unit[at].isdigit()]


def _is_latin(unit: str) -> bool:
    return unit.isascii() and unit.isalnum()


def _visible(unit: str) -> str:
    """A unit that an analyzer which cuts at spaces keeps, and that UTF-8 can write."""
    if unit.isspace():
        return f"␣{ord(unit):x}"
    return "\ufffd" if "\ud800" <= unit <= "\udfff" else unit
