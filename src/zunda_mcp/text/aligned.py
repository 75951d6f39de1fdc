"""Normalised text that remembers where each of its characters stood, so that what matches it can be shown as written.

Normalisation works on one character with its combining marks at a time (UAX #15, section 9: a starter that cannot
compose with what comes before it begins a new piece), so the pieces are normalised one by one and put together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.normalize import CJK, normalize

__all__ = ["AlignedText", "aligned", "continues"]

_JAMO = "\u1160-\u11ff\ud7b0-\ud7ff"
_VOICING = "\uff9e\uff9f"
_SPACE = lazy_pattern(r"[^\S\n]{2,}")
_BETWEEN_SCRIPTS = lazy_pattern(rf"(?<=[{CJK}]) (?=[^\W_{CJK}])|(?<=[^\W_{CJK}]) (?=[{CJK}])")
_JOINS = lazy_pattern(rf"[{_JAMO}{_VOICING}]")


@dataclass(frozen=True, slots=True)
class AlignedText:
    """A ``source`` text, ``plain`` as ``normalize`` has it, and the place in ``source`` of each character of that."""

    source: str
    plain: str
    places: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where in ``source`` the characters of ``plain[start:end]`` stand; empty where these are none."""
        if start >= end:
            at = self.places[start] if start < len(self.places) else len(self.source)
            return at, at
        return self.places[start], self.places[end - 1] + self._width(end - 1)

    def _width(self, at: int) -> int:
        """How many characters of the source the character at ``at`` stands for: a letter has its marks after it."""
        place = self.places[at]
        following = place + 1
        while following < len(self.source) and continues(self.source[following]):
            following += 1
        return following - place


class _Normal(dict[int, str]):
    """What each character becomes by itself, as ``str.translate`` asks for it; ``odd`` are those that become none or
    several, or belong to the one before.
    """

    def __init__(self, fold_case: bool) -> None:
        super().__init__()
        self._fold_case = fold_case
        self.odd = ""
        self._compiled = self.odd, re.compile("(?!)")

    def __missing__(self, code: int) -> str:
        character = chr(code)
        normal = self[code] = normalize(character, fold_case=self._fold_case)
        if len(normal) != 1 or continues(character):
            self.odd += character
        return normal

    def around_odd(self) -> re.Pattern[str]:
        """Matches odd characters with the one before them."""
        if self._compiled[0] != self.odd:
            self._compiled = self.odd, re.compile(f".?[{re.escape(self.odd)}]+", re.DOTALL)
        return self._compiled[1]


_NORMAL = {fold_case: _Normal(fold_case) for fold_case in (True, False)}


def aligned(text: str, *, fold_case: bool = True, spaces: bool = False) -> AlignedText:
    """``text`` as ``normalize`` has it, with the places of its characters; with ``spaces`` all spaces stay."""
    normal = _NORMAL[fold_case]
    plain, places = text.translate(normal), cast(Sequence[int], range(len(text)))
    if len(plain) != len(text) or (normal.odd and normal.around_odd().search(text)):
        plain, places = _pieces(text, normal, fold_case)
    for pattern, kept in () if spaces else ((_SPACE, " "), (_BETWEEN_SCRIPTS, "")):
        plain, places = _replaced(pattern, kept, plain, places)
    return AlignedText(text, plain, places)


def _pieces(text: str, normal: _Normal, fold_case: bool) -> tuple[str, list[int]]:
    """The same where some characters are odd: these are normalised letter by letter, each with its marks."""
    plain: list[str] = []
    places: list[int] = []
    at = 0
    for match in normal.around_odd().finditer(text):
        start, end = match.span()
        plain.append(text[at:start].translate(normal))
        places += range(at, start)
        for stop in [*(place for place in range(start + 1, end) if not continues(text[place])), end]:
            letter = _letter(text[start:stop], fold_case)
            plain.append(letter)
            places += [start] * len(letter)
            start = stop
        at = end
    return "".join([*plain, text[at:].translate(normal)]), [*places, *range(at, len(text))]


@lru_cache(maxsize=16384)
def _letter(text: str, fold_case: bool) -> str:
    """A letter with its marks in the spelling of ``normalize``."""
    return normalize(text, fold_case=fold_case)


def continues(character: str) -> bool:
    """Whether a character belongs to the one before it."""
    if character.isascii():
        return False
    return unicodedata.category(character)[0] == "M" or _JOINS.match(character) is not None


def _replaced(pattern: re.Pattern[str], kept: str, plain: str, places: Sequence[int]) -> tuple[str, Sequence[int]]:
    """``plain`` with ``kept``, at most one character, in the place of each match."""
    matches = list(pattern.finditer(plain))
    if not matches:
        return plain, places
    texts: list[str] = []
    left: list[int] = []
    at = 0
    for match in matches:
        texts += [plain[at : match.start()], kept]
        left += places[at : match.start()]
        left += places[match.start() : match.start() + len(kept)]
        at = match.end()
    return "".join([*texts, plain[at:]]), [*left, *places[at:]]
