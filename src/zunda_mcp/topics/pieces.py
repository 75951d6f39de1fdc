"""Pieces: stretches of neighbouring runs that could be one name.

Latin words one space apart (``Claude Code``), katakana and kanji written together (``音声合成``), and mixtures of
them (``生成AI``). Hiragana, marks, possessives and single kanji (affixes such as 化, 社, 版) end a piece.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from zunda_mcp.topics.capitals import CONNECTOR, LOWER, STRONG, WEAK, roles_of
from zunda_mcp.topics.tokens import JAPANESE, LATIN, tokenize

_POSSESSIVE = "'s"

_Part = tuple[str, str, str]
"""What stands before a run (a space or nothing), the run, and its role."""


class Piece(NamedTuple):
    """A candidate as written, and whether its letters are evidence of a name or only those of a heading."""

    text: str
    evident: bool


def pieces(text: str, *, lower_case: bool = False) -> Iterator[Piece]:
    """All pieces of plain text; on demand also the ordinary words of English, as evidence against names."""
    tokens = tokenize(text)
    roles = roles_of(text, tokens)
    if lower_case:
        for place, (kind, word, _, _) in enumerate(tokens):
            if kind == LATIN and place not in roles and len(word) > 2 and word.islower():
                yield Piece(word, False)
    parts: list[_Part] = []
    last_kind: int | None = None
    last_end = -1
    for place, (kind, word, start, end) in enumerate(tokens):
        role = roles.get(place) if kind == LATIN else None if _is_year(word) else STRONG
        space = start - last_end == 1 and text[last_end] == " "
        near = bool(parts) and (space or start == last_end)
        if not near or role is None or not _joined(last_kind, space, kind, role):
            if parts:
                yield from _finished(parts)
                parts = []
            space = False
        if role is not None and (parts or _may_open(kind, word, role)):
            parts.append((" " if space else "", word, role))
            if word.endswith(_POSSESSIVE):
                yield from _finished(parts)
                parts = []
        last_kind, last_end = kind, end
    if parts:
        yield from _finished(parts)


def _joined(last: int | None, space: bool, kind: int | None, role: str) -> bool:
    """Whether two near tokens may be parts of one name."""
    if kind is JAPANESE:
        return not space or last == LATIN
    if kind == LATIN:
        return not (role == LOWER and last == LATIN)
    return space and last == LATIN


def _may_open(kind: int | None, word: str, role: str) -> bool:
    if kind == LATIN:
        return role != CONNECTOR
    return kind is JAPANESE or word[-1].isalpha()


def _finished(parts: list[_Part]) -> Iterator[Piece]:
    """The piece, and where a heading's capitals make it doubtful, the runs inside it that are not."""
    if len(parts) == 1:
        yield Piece(parts[0][1].removesuffix(_POSSESSIVE), parts[0][2] != WEAK)
        return
    doubtful = any(role == WEAK for _, _, role in parts)
    if whole := _written(parts):
        yield Piece(whole, not doubtful)
    if not doubtful:
        return
    start = 0
    for end, (_, _, role) in enumerate([*parts, ("", "", WEAK)]):
        if role == WEAK:
            if inner := _written(parts[start:end]):
                yield Piece(inner, True)
            start = end + 1


def _written(parts: Sequence[_Part]) -> str:
    """The parts as they stand in the text, without connectors at either end."""
    low, high = 0, len(parts)
    while low < high and parts[low][2] == CONNECTOR:
        low += 1
    while high > low and parts[high - 1][2] == CONNECTOR:
        high -= 1
    if low == high:
        return ""
    text = parts[low][1] + "".join(gap + word for gap, word, _ in parts[low + 1 : high])
    return text.removesuffix(_POSSESSIVE)


def _is_year(number: str) -> bool:
    return len(number) == 4 and number.isdigit() and number[:2] in ("19", "20")
