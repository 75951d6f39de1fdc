"""Which English words a Japanese word stands for, as a dictionary says.

ニュース is *news*, whatever else it sounds like, and 宝くじ *lottery*. The table is derived from JMdict (see
``qa/glosses/derive_glosses.py`` and the notice within the data). It is searched as it lies, so that reading it costs no
more than unpacking it; an English word is found among the places of all glosses, which lie beside it in their order.
"""

from __future__ import annotations

import sys
import zipfile
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path

from zunda_mcp.text.inflection import same_word, singular, stem_to_search

__all__ = ["english_of", "is_gloss", "japanese_of", "japanese_of_forms"]

_DATA = Path(__file__).with_name("japanese_english.zip")
_REMEMBERED = 2048
#: Letters up to which a word is looked up in no other form than its singular: too many begin like it.
_SHORT = 4


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
    exact = english.encode("utf-8", "surrogatepass")
    starts = sorted(place for place, gloss in _from(exact) if gloss == exact)
    lines = [_line(_table().rindex(b"\n", 0, start) + 1) for start in starts]
    return tuple((word, glosses.index(english)) for word, glosses in lines)


@lru_cache(_REMEMBERED)
def japanese_of_forms(english: str) -> tuple[tuple[str, int], ...]:
    """As ``japanese_of``, of all forms of one English word (evaluate: evaluation), in either number."""
    forms = {english, *singular(english)}
    if len(english) > _SHORT:
        glosses = {
            gloss.decode("utf-8") for _, gloss in _from(stem_to_search(english).encode("utf-8", "surrogatepass"))
        }
        forms.update(gloss for gloss in glosses if same_word(english, gloss))
    places: dict[str, int] = {}
    for word, place in (pair for form in sorted(forms) for pair in japanese_of(form)):
        places[word] = min(place, places.get(word, place))
    return tuple(sorted(places.items(), key=lambda pair: (pair[1], pair[0])))


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


def _from(start: bytes) -> Iterator[tuple[int, bytes]]:
    """The glosses that begin so, in their order, with the places of the commas before them."""
    places = _places()
    at = bisect_left(places, start, key=_gloss)
    while at < len(places) and (gloss := _gloss(places[at])).startswith(start):
        yield places[at], gloss
        at += 1


def _gloss(place: int) -> bytes:
    table = _table()
    return table[place + 1 : table.index(b",", place + 1)]


def _line(start: int) -> tuple[str, tuple[str, ...]]:
    word, glosses = _table()[start : _table().index(b"\n", start)].decode("utf-8").split("\t")
    return word, tuple(glosses.strip(",").split(","))


@cache
def _table() -> bytes:
    """All lines, each between line ends."""
    with zipfile.ZipFile(_DATA) as archive:
        return b"\n" + archive.read("ja-en.txt")


@cache
def _places() -> array[int]:
    """The places of all glosses in the table, in the order of the glosses: those of the commas before them."""
    with zipfile.ZipFile(_DATA) as archive:
        places = array("I", archive.read("en.u32"))
    if sys.byteorder == "big":
        places.byteswap()
    return places
