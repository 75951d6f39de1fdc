"""Pieces: stretches of neighbouring runs that could be one name.

Latin words one space apart (``Claude Code``), katakana and kanji written together (``音声合成``), and mixtures of
them (``生成AI``). Hiragana, marks and single kanji (affixes such as 化, 社, 版) end a piece.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from zunda_mcp.topics.capitals import CONNECTOR, LOWER, STRONG, WEAK, roles_of
from zunda_mcp.topics.tokens import JAPANESE, LATIN, Token, tokenize


class Piece(NamedTuple):
    """A candidate as written, and whether its letters are evidence of a name or only those of a heading."""

    text: str
    evident: bool


class _Part(NamedTuple):
    text: str
    gap: str
    role: str


def pieces(text: str, *, lower_case: bool = False) -> Iterator[Piece]:
    """All pieces of plain text, in order; on demand also the ordinary words of English, as evidence against names."""
    tokens = tokenize(text)
    roles = roles_of(text, tokens)
    if lower_case:
        for place, token in enumerate(tokens):
            if token.kind == LATIN and place not in roles and len(token.text) > 2 and token.text.islower():
                yield Piece(token.text, False)
    parts: list[_Part] = []
    last: Token | None = None
    for place, token in enumerate(tokens):
        role = _role(token, roles.get(place))
        gap = text[last.end : token.start] if last and parts else None
        if role is None or last is None or not _joined(last, gap, token, role):
            if parts:
                yield from _finished(parts)
            parts = []
            gap = ""
        if role is not None and (parts or _may_open(token, role)):
            parts.append(_Part(token.text, gap or "", role))
        last = token
    if parts:
        yield from _finished(parts)


def _role(token: Token, latin: str | None) -> str | None:
    if token.kind == LATIN:
        return latin
    if token.kind == JAPANESE:
        return STRONG
    return None if _is_year(token.text) else STRONG


def _joined(last: Token, gap: str | None, token: Token, role: str) -> bool:
    if token.kind == JAPANESE:
        return gap == "" or (gap == " " and last.kind == LATIN)
    if token.kind == LATIN:
        return (gap == "" or gap == " ") and not (role == LOWER and last.kind == LATIN)
    return gap == " " and last.kind == LATIN


def _may_open(token: Token, role: str) -> bool:
    if token.kind == LATIN:
        return role != CONNECTOR
    return token.kind == JAPANESE or token.text[-1].isalpha()


def _finished(parts: list[_Part]) -> Iterator[Piece]:
    if len(parts) == 1:
        yield Piece(_written(parts), parts[0].role != WEAK)
        return
    while parts[-1].role == CONNECTOR:
        parts.pop()
    if not any(part.role == WEAK for part in parts):
        yield Piece(_written(parts), True)
        return
    yield Piece(_written(parts), False)
    start = 0
    for end, part in enumerate([*parts, _Part("", "", WEAK)]):
        if part.role == WEAK:
            inner = [inside for inside in parts[start:end]]
            while inner and inner[-1].role == CONNECTOR:
                inner.pop()
            while inner and inner[0].role == CONNECTOR:
                inner.pop(0)
            if inner:
                yield Piece(_written(inner), True)
            start = end + 1


def _written(parts: Sequence[_Part]) -> str:
    text = parts[0].text + "".join(part.gap + part.text for part in parts[1:])
    return text[:-2] if text.endswith("'s") else text


def _is_year(number: str) -> bool:
    return len(number) == 4 and number.isdigit() and number[:2] in ("19", "20")
