"""One spelling for texts that a reader would call the same, and classes of the characters in which they are written.

``normalize`` is applied to all text before it is indexed, compared or searched for: Unicode NFKC (UAX #15: full-width
letters, half-width katakana, composed marks), case folding, no default-ignorable characters (variation selectors,
direction marks, joiners, tags), one hyphen for all dashes, no asterisks and backticks of Markdown, one space for any
white space, and no space between Japanese and Latin (``生成 AI`` becomes ``生成ai``). It is idempotent.

Three functions go further, in addition to the exact spelling and never instead of it: ``fold_katakana`` gives the usual
spellings of a loan word one key, ``fold_accents`` removes accents, and ``other_spellings`` lists the other ways to
write a Japanese word.

``aligned`` normalises and keeps the offset of each character in the source, so that a match can be shown as written. It
works on one character with its combining marks at a time (UAX #15, section 9: a starter that cannot compose with the
character before it begins a new piece).

The classes are fragments of regular expressions with the ranges of Unicode blocks (Unicode 15, Blocks.txt). ``CJK`` is
Han, hiragana, katakana with the long-vowel mark, and Hangul. The middle dot ``・`` is punctuation, not a letter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import unescape
from typing import NamedTuple

from zunda_mcp.text.lazy_pattern import lazy_pattern

__all__ = [
    "CJK", "HAN", "HANGUL", "HIRAGANA", "KATAKANA", "LETTER", "SMALL_KE", "AlignedText", "aligned", "continues",
    "drop_final_long_vowel", "encodable", "fold_accents", "fold_katakana", "has_cjk", "has_han", "has_hiragana",
    "in_katakana",
    "is_hiragana", "letters", "normalize", "other_spellings",
]  # fmt: skip

HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
HIRAGANA = "\u3041-\u3096\u309d\u309e"
KATAKANA = "\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
HANGUL = "\uac00-\ud7af"
CJK = HAN + HIRAGANA + KATAKANA + HANGUL

#: The ways to write the small ke between a kanji or a number and a kanji: 霞ヶ関, 霞が関, 3か月.
SMALL_KE = "ヶケヵカがか"

#: One letter or digit of a script other than CJK: Latin, Greek, Cyrillic …, but not ``_``.
LETTER = rf"[^\W_{CJK}]"

_HIRAGANA_ONLY = lazy_pattern(rf"[{HIRAGANA}ー]+")
_HAS_HIRAGANA = lazy_pattern(rf"[{HIRAGANA}]")
_HAS_HAN = lazy_pattern(rf"[{HAN}]")
_HAS_CJK = lazy_pattern(rf"[{CJK}]")


def has_cjk(text: str) -> bool:
    """Whether any character of ``text`` is Han, hiragana, katakana or Hangul."""
    return not text.isascii() and _HAS_CJK.search(text) is not None


def is_hiragana(text: str) -> bool:
    """Whether ``text`` consists of hiragana and long-vowel marks."""
    return _HIRAGANA_ONLY.fullmatch(text) is not None


def has_hiragana(text: str) -> bool:
    """Whether any character of ``text`` is hiragana."""
    return not text.isascii() and _HAS_HIRAGANA.search(text) is not None


def has_han(text: str) -> bool:
    """Whether any character of ``text`` is a kanji."""
    return not text.isascii() and _HAS_HAN.search(text) is not None


#: The property Default_Ignorable_Code_Point of Unicode 15 (DerivedCoreProperties.txt): characters that show nothing.
_IGNORABLE = lazy_pattern(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
_DASHES = "‐‑‒–—―−﹣－⁃"
_SINGLE = {ord(dash): "-" for dash in _DASHES} | dict.fromkeys(map(ord, "*`")) | {ord("’"): "'", ord("‘"): "'"}
_SURROGATE = lazy_pattern("[\\ud800-\\udfff]")
_SPACE = lazy_pattern(r"[^\S\n]+")
_MIXED = lazy_pattern(rf"(?<=[{CJK}]) (?=[^\W_{CJK}])|(?<=[^\W_{CJK}]) (?=[{CJK}])")

_KANJI = HAN.replace("\u3005-\u3007", "\u3006\u3007")
_KE_BETWEEN = lazy_pattern(rf"(?<=[{HAN}0-9])[{SMALL_KE}](?=[{HAN}])")
_REPEATED = lazy_pattern(rf"([{_KANJI}])々")
_TWICE = lazy_pattern(rf"([{_KANJI}])\1")
_SMALL = str.maketrans("ァィゥェォッャュョヮヵヶヂヅヲヰヱ", "アイウエオツヤユヨワカケジズオイエ", "ー・")
_VU = (("ヴァ", "バ"), ("ヴィ", "ビ"), ("ヴェ", "ベ"), ("ヴォ", "ボ"), ("ヴュ", "ビュ"), ("ヴ", "ブ"))
_TO_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
_LONG_FINAL = lazy_pattern(r"(?<=[ァ-ヺー]{3})ー$")


def normalize(text: str, *, fold_case: bool = True) -> str:
    """``text`` in the one spelling that indexes and queries use. Line breaks stay, so that no phrase crosses them.

    Without ``fold_case`` capitals stay; the terms of an index have none.
    """
    if text.isascii():
        text = text.lower() if fold_case else text
    else:
        text = unicodedata.normalize("NFKC", _IGNORABLE.sub("", text))
        text = unicodedata.normalize("NFKC", text.casefold()) if fold_case else text
    text = _SPACE.sub(" ", text.translate(_SINGLE))
    return _MIXED.sub("", text)


def encodable(value: object) -> object:
    """A string without lone surrogates, which JSON can contain and UTF-8 cannot; any other value unchanged."""
    return _SURROGATE.sub("\ufffd", value) if isinstance(value, str) else value


def fold_katakana(word: str) -> str:
    """A key that all spellings of one katakana word share: キヤノン and キャノン, ヴァイオリン and バイオリン.

    Long-vowel marks and middle dots are dropped, small kana become large, the ヴ row becomes the バ row.
    """
    for old, new in _VU:
        word = word.replace(old, new)
    return word.translate(_SMALL)


def in_katakana(text: str) -> str:
    """``text`` with its hiragana as katakana, so that a name has one spelling whichever it is written in."""
    return text.translate(_TO_KATAKANA)


def _accents() -> Iterator[tuple[int, str]]:
    """Each lower-case letter of Latin and Greek, and ё, with the letter that it is without its marks (UAX #15)."""
    for code in (*range(0xDF, 0x250), *range(0x371, 0x400), 0x451, *range(0x1E00, 0x2000)):
        base = "".join(char for char in unicodedata.normalize("NFD", chr(code)) if not unicodedata.combining(char))
        if base != chr(code) and base.islower():
            yield code, base


#: Letters with a stroke and the like do not decompose: these are as in Lucene's ASCIIFoldingFilter.
_UNACCENTED = dict(_accents()) | str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ŋ": "n"}
)
_ACCENTED = lazy_pattern("[ß-ɏ\u0371-\u03ffё\u1e00-\u1fff]")


def fold_accents(word: str) -> str:
    """A normalised word without the accents of its Latin and Greek letters: ``café`` as ``cafe``, ``łódź`` as ``lodz``.

    Marks that make a different letter (が, й) stay.
    """
    return word.translate(_UNACCENTED) if _ACCENTED.search(word) else word


def other_spellings(word: str) -> list[str]:
    """The other ways to write a normalised Japanese word: 霞ヶ関, 霞ケ関 and 霞が関, 佐々木 and 佐佐木.

    There are six ways to write the small ke; 々 repeats a kanji.
    """
    if word.isascii():
        return []
    spellings = [word]
    if _KE_BETWEEN.search(word):
        spellings = [_KE_BETWEEN.sub(sign, word) for sign in SMALL_KE]
    if _REPEATED.search(word):
        spellings += [_REPEATED.sub(r"\1\1", spelling) for spelling in spellings]
    elif _TWICE.search(word):
        spellings += [_TWICE.sub(r"\1々", spelling) for spelling in spellings]
    return [spelling for spelling in spellings if spelling != word]


def drop_final_long_vowel(word: str) -> str:
    """A katakana word of four characters or more without a final long-vowel mark: サーバー as サーバ (JIS Z 8301 allows
    both). The shorter form is a part of the longer, so a search for it finds both.
    """
    return _LONG_FINAL.sub("", word)


def letters(text: str) -> str:
    """Return the letters and digits of a text, case-folded: equal for texts that differ only in case and marks."""
    return "".join(filter(str.isalnum, unescape(text).casefold()))


_JAMO = "\u1160-\u11ff\ud7b0-\ud7ff"
_VOICING = "\uff9e\uff9f"
_SPACES = lazy_pattern(r"[^\S\n]{2,}")
_BETWEEN_SCRIPTS = lazy_pattern(rf"(?<=[{CJK}]) (?=[^\W_{CJK}])|(?<=[^\W_{CJK}]) (?=[{CJK}])")
_JOINS = lazy_pattern(rf"[{_JAMO}{_VOICING}]")


class AlignedText(NamedTuple):
    """A ``source`` text, ``plain`` as ``normalize`` returns it, and the place in ``source`` of each character of it."""

    source: str
    plain: str
    places: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The start and end in ``source`` of ``plain[start:end]``; equal if that is empty."""
        if start >= end:
            at = self.places[start] if start < len(self.places) else len(self.source)
            return at, at
        return self.places[start], self.places[end - 1] + self._width(end - 1)

    def _width(self, at: int) -> int:
        """How many characters of the source the character at ``at`` comes from: a letter and the marks after it."""
        place = self.places[at]
        following = place + 1
        while following < len(self.source) and continues(self.source[following]):
            following += 1
        return following - place


class _Normal(dict[int, str]):
    """Normalised characters by code point, for ``str.translate``. ``odd`` collects the characters that become none or
    several, or that combine with the one before.
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
        """A pattern for odd characters with the one before them."""
        if self._compiled[0] != self.odd:
            self._compiled = self.odd, re.compile(f".?[{re.escape(self.odd)}]+", re.DOTALL)
        return self._compiled[1]


_NORMAL = {fold_case: _Normal(fold_case) for fold_case in (True, False)}


def aligned(text: str, *, fold_case: bool = True, spaces: bool = False) -> AlignedText:
    """``text`` as ``normalize`` returns it, with the offsets of its characters; with ``spaces`` all spaces stay."""
    normal = _NORMAL[fold_case]
    plain = text.translate(normal)
    places: Sequence[int] = range(len(text))
    if len(plain) != len(text) or (normal.odd and normal.around_odd().search(text)):
        plain, places = _pieces(text, normal, fold_case)
    for pattern, kept in () if spaces else ((_SPACES, " "), (_BETWEEN_SCRIPTS, "")):
        plain, places = _replaced(pattern, kept, plain, places)
    return AlignedText(text, plain, places)


def _pieces(text: str, normal: _Normal, fold_case: bool) -> tuple[str, list[int]]:
    """Normalised text and offsets if some characters are odd: these are normalised one by one, each with its marks."""
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
    """A normalised character with its marks; cached."""
    return normalize(text, fold_case=fold_case)


def continues(character: str) -> bool:
    """Whether a character combines with the one before it."""
    if character.isascii():
        return False
    return unicodedata.category(character)[0] == "M" or _JOINS.match(character) is not None


def _replaced(pattern: re.Pattern[str], kept: str, plain: str, places: Sequence[int]) -> tuple[str, Sequence[int]]:
    """``plain`` with each match replaced by ``kept``, at most one character; and its offsets."""
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
