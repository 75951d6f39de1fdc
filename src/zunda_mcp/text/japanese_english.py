"""Translates between Japanese and English words by a dictionary.

ニュース is *news*, whatever else it sounds like, and 宝くじ is *lottery*. The table is derived from JMdict (see
``qa/glosses/derive_glosses.py`` and the notice within the data).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, chain
from pathlib import Path

from zunda_mcp.text.frequencies import lexicon
from zunda_mcp.text.inflection import same_word, singular, stem_to_search
from zunda_mcp.text.normalize import has_han
from zunda_mcp.text.paired_words import PairedWords
from zunda_mcp.text.tokenizer import fewest_pieces

__all__ = ["english_of", "is_gloss", "is_part_by_chance", "japanese_of", "japanese_of_forms", "terms_of"]

_GLOSSES = PairedWords(Path(__file__).with_name("japanese_english.zip"), "ja-en.txt", "en.u32")
_REMEMBERED = 2048
#: Most letters of a word that is looked up only as it is and in the singular: too many others begin like it.
_SHORT = 4
#: A Japanese word of more characters may be a term of several English words: shorter ones have several meanings.
_SHORTEST = 2
#: Fewest characters of each katakana word in a compound: アイドル is not アイ and ドル.
_COMPOUNDED = 3
_LONG_VOWEL, _DOT = "ー", "・"
#: Characters with which no katakana word begins.
_NEVER_FIRST = "ーンッァィゥェォャュョヮ"


@lru_cache(_REMEMBERED)
def english_of(word: str) -> tuple[str, ...]:
    """The English glosses of a normalised Japanese word, the nearest first; nothing if the dictionary lacks it."""
    return _GLOSSES.counterparts(word)


@lru_cache(_REMEMBERED)
def japanese_of(english: str) -> tuple[tuple[str, int], ...]:
    """The Japanese words that have a normalised English text as a gloss, each with the place of the gloss, from 0."""
    return _GLOSSES.words(english)


@lru_cache(_REMEMBERED)
def japanese_of_forms(english: str) -> tuple[tuple[str, int], ...]:
    """As ``japanese_of``, for all forms of an English word: singular and plural, evaluate and evaluation."""
    forms = {english, *singular(english)}
    if len(english) > _SHORT:
        forms.update(gloss for gloss in _GLOSSES.beginning_with(stem_to_search(english)) if same_word(english, gloss))
    places: dict[str, int] = {}
    for word, place in (pair for form in sorted(forms) for pair in japanese_of(form)):
        places[word] = min(place, places.get(word, place))
    return tuple(sorted(places.items(), key=lambda pair: (pair[1], pair[0])))


def is_gloss(english: str, word: str) -> bool | None:
    """Whether an English word or term, singular or plural, is a gloss of a Japanese word; None if the dictionary lacks
    that word.
    """
    glosses = english_of(word.replace("・", ""))
    return not _forms(english).isdisjoint(chain.from_iterable(map(_forms, glosses))) if glosses else None


def terms_of(words: Sequence[str]) -> list[str]:
    """The Japanese words whose first gloss is a term of several English ``words``; for one Japanese word such a gloss:
    強化学習 is reinforcement learning.
    """
    if len(words) > 1 and words[0].isascii():
        rows = [[*words[:-1], last] for last in (words[-1], *singular(words[-1]))]
        forms = {sign.join(row) for row in rows for sign in " -"}
        others = {other for form in forms for other, place in japanese_of(form) if not place and len(other) > _SHORTEST}
        return sorted(other for other in others if english_of(other)[:1] and english_of(other)[0] in forms)
    if len(words) != 1 or len(words[0]) <= _SHORTEST or words[0].isascii():
        return []
    return [one for one in english_of(words[0])[:1] if " " in one or "-" in one]


@lru_cache(_REMEMBERED)
def is_part_by_chance(part: str, run: str) -> bool:
    """Whether katakana or kanji occurs in a longer run of Japanese without being a word in it.

    リスト is not a word in アナリスト, nor トーク in アクセストークン, nor 化学 in 強化学習, but サイト is one in
    ウェブサイト. If no dictionary decides, it counts as a word.
    """
    if has_han(run):
        return part != run and lexicon("ja").cuts_through(part, run)
    words = [word for word in run.split(_DOT) if part in word]
    return bool(words) and all(_is_by_chance(part, word) for word in words)


def _is_by_chance(part: str, run: str) -> bool:
    places = list(_places(part, run))
    if any(_is_made_of(part, run, *place) for place in places):
        return False
    words = [run] if _is_katakana_word(run) else fewest_pieces(run, _SHORTEST, _is_katakana_word)
    ends = [0, *accumulate(map(len, words))]
    for start, end in places:
        if start in ends and end in ends:
            return False
        for before, word in zip(ends, words, strict=False):
            if before <= start and end <= before + len(word) and _is_made_of(part, word, start - before, end - before):
                return False
    return bool(words)


def _places(part: str, run: str) -> Iterator[tuple[int, int]]:
    """Where ``part``, with any long-vowel marks after it, begins and ends in ``run``."""
    start = run.find(part)
    while start >= 0:
        end = start + len(part)
        yield start, end + len(run[end:]) - len(run[end:].lstrip(_LONG_VOWEL))
        start = run.find(part, start + 1)


def _is_made_of(part: str, word: str, start: int, end: int) -> bool:
    """Whether ``word[start:end]``, which is ``part``, is a word that the longer word is made of.

    It is one if the rest is empty or consists of words of some length, if the glosses of both are alike (スマートフォン
    and スマート, アプリケーション and アプリ), or if it begins the word and is not a word by itself.
    """
    rest = [piece for piece in (word[:start], word[end:]) if piece]
    if not rest or (
        len(part) >= _COMPOUNDED and all(len(one) >= _COMPOUNDED and _is_katakana_word(one) for one in rest)
    ):
        return True
    glosses, others = ([one for one in english_of(text) if len(one) >= _COMPOUNDED] for text in (part, word))
    return any(one in other or other in one for one in glosses for other in others) or (
        not start and not _is_katakana_word(part)
    )


@lru_cache(_REMEMBERED)
def _is_katakana_word(text: str) -> bool:
    return text in lexicon("ja") or (text[0] not in _NEVER_FIRST and bool(_GLOSSES.counterparts(text)))


def _forms(words: str) -> set[str]:
    """The words joined to one, in singular and plural."""
    joined = words.replace("-", "").replace(" ", "")
    return {joined, *singular(joined)}
