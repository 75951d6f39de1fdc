"""Which English words a Japanese word stands for, as a dictionary says.

ニュース is *news*, whatever else it sounds like, and 宝くじ *lottery*. The table is derived from JMdict (see
``qa/glosses/derive_glosses.py`` and the notice within the data). It is searched as it lies, so that reading it costs no
more than unpacking it.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path

from zunda_mcp.text.inflection import singular

__all__ = ["english_of", "is_gloss", "japanese_of"]

_DATA = Path(__file__).with_name("japanese_english.zip")
_REMEMBERED = 2048


@lru_cache(_REMEMBERED)
def english_of(word: str) -> tuple[str, ...]:
    """The glosses of a normalised Japanese word, the nearest first; nothing where the dictionary lacks it."""
    start = _table().find(f"\n{word}\t,".encode("utf-8", "surrogatepass"))
    return _line(start + 1)[1] if start >= 0 else ()


@lru_cache(_REMEMBERED)
def japanese_of(english: str) -> tuple[tuple[str, int], ...]:
    """The Japanese words that a normalised English word, or two, glosses, each with its place among their glosses, from
    0.
    """
    needle = f",{english},".encode("utf-8", "surrogatepass")
    lines = [_line(_table().rindex(b"\n", 0, start) + 1) for start in _each(needle)]
    return tuple((word, glosses.index(english)) for word, glosses in lines if english in glosses)


def is_gloss(english: str, word: str) -> bool | None:
    """Whether an English word, in either number, or such words side by side gloss a Japanese one; None where the
    dictionary lacks it.
    """
    glosses = english_of(word.replace("・", ""))
    return not _forms(english).isdisjoint(chain.from_iterable(map(_forms, glosses))) if glosses else None


def _forms(words: str) -> set[str]:
    """The words as one, and their singular."""
    joined = words.replace("-", "").replace(" ", "")
    return {joined, *singular(joined)}


def _each(needle: bytes) -> Iterator[int]:
    table = _table()
    start = table.find(needle)
    while start >= 0:
        yield start
        start = table.find(needle, start + 1)


def _line(start: int) -> tuple[str, tuple[str, ...]]:
    word, glosses = _table()[start : _table().index(b"\n", start)].decode("utf-8").split("\t")
    return word, tuple(glosses.strip(",").split(","))


@cache
def _table() -> bytes:
    """All lines, each between line ends."""
    with zipfile.ZipFile(_DATA) as archive:
        return b"\n" + archive.read("ja-en.txt")
