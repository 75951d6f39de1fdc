"""Which English words a Japanese word stands for, as a dictionary says.

ニュース is *news*, whatever else it sounds like, and 宝くじ *lottery*. The table is derived from JMdict (see
``qa/glosses/derive_glosses.py`` and the notice within the data).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path

from zunda_mcp.text.inflection import same_word, singular, stem_to_search
from zunda_mcp.text.paired_words import PairedWords

__all__ = ["english_of", "is_gloss", "japanese_of", "japanese_of_forms", "terms_of"]

_GLOSSES = PairedWords(Path(__file__).with_name("japanese_english.zip"), "ja-en.txt", "en.u32")
_REMEMBERED = 2048
#: Letters up to which a word is looked up in no other form than its singular: too many begin like it.
_SHORT = 4
#: Characters beyond which a Japanese word may be a term of several words: shorter ones have several meanings.
_SHORTEST = 2


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


def terms_of(words: Sequence[str]) -> list[str]:
    """What the dictionary has first for a term of several English words, and the other way round: 強化学習 is
    reinforcement learning.
    """
    if len(words) > 1 and words[0].isascii():
        rows = [[*words[:-1], last] for last in (words[-1], *singular(words[-1]))]
        forms = {sign.join(row) for row in rows for sign in " -"}
        others = {other for form in forms for other, place in japanese_of(form) if not place and len(other) > _SHORTEST}
        return sorted(other for other in others if english_of(other)[:1] and english_of(other)[0] in forms)
    if len(words) != 1 or len(words[0]) <= _SHORTEST or words[0].isascii():
        return []
    return [one for one in english_of(words[0])[:1] if " " in one or "-" in one]


def _forms(words: str) -> set[str]:
    """The words as one, and their singular."""
    joined = words.replace("-", "").replace(" ", "")
    return {joined, *singular(joined)}
