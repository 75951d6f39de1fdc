"""Which English words a Japanese word stands for, as a dictionary says.

ニュース is *news*, whatever else it sounds like, and 宝くじ *lottery*. The table is derived from JMdict (see
``qa/glosses/derive_glosses.py`` and the notice within the data).
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from pathlib import Path

from zunda_mcp.text.inflection import same_word, singular, stem_to_search
from zunda_mcp.text.paired_words import PairedWords

__all__ = ["english_of", "is_gloss", "japanese_of", "japanese_of_forms"]

_GLOSSES = PairedWords(Path(__file__).with_name("japanese_english.zip"), "ja-en.txt", "en.u32")
_REMEMBERED = 2048
#: Letters up to which a word is looked up in no other form than its singular: too many begin like it.
_SHORT = 4


@lru_cache(_REMEMBERED)
def english_of(word: str) -> tuple[str, ...]:
    """The glosses of a normalised Japanese word, the nearest first; nothing if the dictionary lacks it."""
    return _GLOSSES.counterparts(word)


@lru_cache(_REMEMBERED)
def japanese_of(english: str) -> tuple[tuple[str, int], ...]:
    """The Japanese words that a normalised English word, or two, glosses, each with its place among their glosses, from
    0.
    """
    return _GLOSSES.words(english)


@lru_cache(_REMEMBERED)
def japanese_of_forms(english: str) -> tuple[tuple[str, int], ...]:
    """As ``japanese_of``, of all forms of one English word (evaluate: evaluation), in either number."""
    forms = {english, *singular(english)}
    if len(english) > _SHORT:
        forms.update(gloss for gloss in _GLOSSES.beginning_with(stem_to_search(english)) if same_word(english, gloss))
    places: dict[str, int] = {}
    for word, place in (pair for form in sorted(forms) for pair in japanese_of(form)):
        places[word] = min(place, places.get(word, place))
    return tuple(sorted(places.items(), key=lambda pair: (pair[1], pair[0])))


def is_gloss(english: str, word: str) -> bool | None:
    """Whether an English word, in either number, or such words side by side gloss a Japanese one; None if the
    dictionary lacks it.
    """
    glosses = english_of(word.replace("・", ""))
    return not _forms(english).isdisjoint(chain.from_iterable(map(_forms, glosses))) if glosses else None


def _forms(words: str) -> set[str]:
    """The words as one, and their singular."""
    joined = words.replace("-", "").replace(" ", "")
    return {joined, *singular(joined)}
