"""Words of general language by how they sound: what else a word that sounds like another may be.

ピーク sounds like *pick*, and more like *peak*; so an archive that has ピーク does not have *pick*. The words of the
tables of English and of Japanese (``zunda_mcp.text.frequencies``) are looked up by a rough skeleton of consonants, made
for all of them at once; how alike two words are is for ``zunda_mcp.text.phonetics`` to say.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from zunda_mcp.text.frequencies import lexicon
from zunda_mcp.text.inflection import same_word
from zunda_mcp.text.phonetics import is_katakana, likeness, sound_keys

__all__ = ["sounds_more_like_another"]

_LETTERS = str.maketrans(
    dict.fromkeys("aeiouyw'-", "")
    | dict.fromkeys("bvp", "B") | dict.fromkeys("kcq", "K") | dict.fromkeys("sjz", "S") | dict.fromkeys("nm", "N")
    | dict.fromkeys("rl", "R") | dict.fromkeys("hf", "H") | {"g": "G", "t": "T", "d": "D", "x": "KS"}
)  # fmt: skip
_TOGETHER = (("tion", "sn"), ("ch", "s"), ("sh", "s"), ("th", "s"), ("ph", "f"), ("ck", "k"), ("ce", "s"), ("ci", "s"))
_TWICE = re.compile(r"([A-Z])\1+")
_LATIN = re.compile(r"[a-z]{3,}")


class _Skeletons(NamedTuple):
    """Words, their skeletons in the same order, each between line ends, and where each begins."""

    words: list[str]
    lines: str
    begins: array[int]

    @classmethod
    def of(cls, words: list[str], skeletons: str) -> _Skeletons:
        """Of as many lines as there are words."""
        lines = f"\n{_TWICE.sub(_once, skeletons)}\n"
        begins = array("I", (match.start() for match in re.finditer("\n", lines[:-1])))
        return cls(words, lines, begins)


def sounds_more_like_another(word: str, other: str, tie: float) -> bool:
    """Whether a word of general language in the script of ``word`` sounds more like ``other`` than ``word`` and its
    forms do, by more than ``tie``. ``other`` is in the other script: one of them is katakana, one is Latin.
    """
    rivals = {rival: likeness(rival, other) for rival in _sounding(other, katakana=is_katakana(word))}
    forms = {rival for rival in rivals if rival == word or same_word(rival, word)}
    alike = max([likeness(word, other), *map(rivals.__getitem__, forms)])
    return any(one > alike + tie for rival, one in rivals.items() if rival not in forms)


def _sounding(other: str, *, katakana: bool) -> Iterator[str]:
    words, lines, begins = _japanese() if katakana else _english()
    for key in sound_keys(other):
        needle = f"\n{_TWICE.sub(_once, key)}\n"
        at = lines.find(needle)
        while at >= 0:
            yield words[bisect_left(begins, at)]
            at = lines.find(needle, at + 1)


@cache
def _english() -> _Skeletons:
    words = [word for word in lexicon("en").words if _LATIN.fullmatch(word)]
    text = "\n".join(words)
    for letters, sound in _TOGETHER:
        text = text.replace(letters, sound)
    return _Skeletons.of(words, text.translate(_LETTERS))


@cache
def _japanese() -> _Skeletons:
    words = [word for word in lexicon("ja").words if len(word) > 1 and is_katakana(word)]
    return _Skeletons.of(words, "\n".join(next(iter(sound_keys.__wrapped__(word)), "") for word in words))


def _once(letters: re.Match[str]) -> str:
    return letters[1]
