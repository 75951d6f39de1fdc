"""Which English words a Japanese word stands for, as a dictionary says.

ニュース is *news*, whatever else it sounds like, and 宝くじ *lottery*. The table is derived from JMdict (see
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
#: Letters up to which a word is looked up in no other form than its singular: too many begin like it.
_SHORT = 4
#: Characters beyond which a Japanese word may be a term of several words: shorter ones have several meanings.
_SHORTEST = 2
#: Letters from which on a word of katakana beside another one makes a compound: アイ and ドル make no アイドル.
_COMPOUNDED = 3
_LONG_VOWEL, _DOT = "ー", "・"
#: What no word of katakana begins with.
_NEVER_FIRST = "ーンッァィゥェォャュョヮ"


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


@lru_cache(_REMEMBERED)
def is_part_by_chance(part: str, run: str) -> bool:
    """Whether katakana or kanji stands in a longer run of Japanese without being a word of it.

    リスト is no part of アナリスト, nor トーク of アクセストークン, nor 化学 of 強化学習, but サイト is one of
    ウェブサイト. Where no dictionary tells, it is a part.
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
    """Where ``part`` begins and ends in ``run``, a long vowel behind it included."""
    start = run.find(part)
    while start >= 0:
        end = start + len(part)
        yield start, end + len(run[end:]) - len(run[end:].lstrip(_LONG_VOWEL))
        start = run.find(part, start + 1)


def _is_made_of(part: str, word: str, start: int, end: int) -> bool:
    """Whether a part that stands so in a word makes it.

    It does where nothing else is left, or words of some length; where their glosses are alike (スマートフォン and
    スマート, アプリケーション and アプリ); and where it is how the word begins, cut off where no word ends.
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
    """The words as one, and their singular."""
    joined = words.replace("-", "").replace(" ", "")
    return {joined, *singular(joined)}
