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

from zunda_mcp.text.normalize import CJK, normalize

__all__ = ["AlignedText", "aligned", "continues"]

_JAMO = "\u1160-\u11ff\ud7b0-\ud7ff"
_VOICING = "\uff9e\uff9f"
_SPACE = re.compile(r"[^\S\n]{2,}")
_BETWEEN_SCRIPTS = re.compile(rf"(?<=[{CJK}]) (?=[^\W_{CJK}])|(?<=[^\W_{CJK}]) (?=[{CJK}])")
_JOINS = re.compile(rf"[{_JAMO}{_VOICING}]")


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


def aligned(text: str, *, fold_case: bool = True) -> AlignedText:
    """``text`` as ``normalize`` has it, with the places of its characters."""
    if text.isascii():
        plain, places = _each(text, fold_case)
    else:
        plain, places = _pieces(text, fold_case)
    for pattern, kept in ((_SPACE, " "), (_BETWEEN_SCRIPTS, "")):
        plain, places = _replaced(pattern, kept, plain, places)
    return AlignedText(text, plain, places)


def _each(text: str, fold_case: bool) -> tuple[str, list[int]]:
    """The same for ASCII, where a character becomes one or none."""
    normal = [_piece(character, fold_case) for character in text]
    return "".join(normal), [at for at, character in enumerate(normal) if character]


def _pieces(text: str, fold_case: bool) -> tuple[str, list[int]]:
    plain: list[str] = []
    places: list[int] = []
    start = 0
    for end in [*(at for at in range(1, len(text)) if not continues(text[at])), len(text)]:
        normal = _piece(text[start:end], fold_case)
        plain.append(normal)
        places += [start] * len(normal)
        start = end
    return "".join(plain), places


@lru_cache(maxsize=16384)
def _piece(text: str, fold_case: bool) -> str:
    """A letter with its marks in the spelling of ``normalize``."""
    return normalize(text, fold_case=fold_case)


def continues(character: str) -> bool:
    """Whether a character belongs to the one before it."""
    if character.isascii():
        return False
    return unicodedata.category(character)[0] == "M" or _JOINS.match(character) is not None


def _replaced(pattern: re.Pattern[str], kept: str, plain: str, places: list[int]) -> tuple[str, list[int]]:
    """``plain`` with ``kept``, at most one character, in the place of each match."""
    matches = list(pattern.finditer(plain))
    if not matches:
        return plain, places
    texts: list[str] = []
    left: list[int] = []
    at = 0
    for match in matches:
        texts += [plain[at : match.start()], kept]
        left += places[at : match.start()] + places[match.start() : match.start() + len(kept)]
        at = match.end()
    return "".join([*texts, plain[at:]]), left + places[at:]
