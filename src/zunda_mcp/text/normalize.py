"""One spelling for what a reader would call the same text, and the character classes of the scripts it is written in.

``normalize`` is applied to everything before it is indexed, compared or searched for: Unicode NFKC (UAX #15:
full-width letters, half-width katakana, composed marks), case folding, one hyphen for all dashes, no Markdown
emphasis marks, one space for any white space, and no space between Japanese and Latin (``生成 AI`` becomes
``生成ai``). It is idempotent. ``fold_katakana`` goes further and gives a key under which the usual spellings of
one loan word agree; it is used beside the exact spelling, never instead of it.

The classes are regular-expression fragments with the ranges of the Unicode blocks (Unicode 15, Blocks.txt).
``CJK`` is everything written without spaces: Han, hiragana, katakana with the long-vowel mark, and Hangul. The
middle dot ``・`` is punctuation, not a letter.
"""

from __future__ import annotations

import re
import unicodedata
from html import unescape

__all__ = [
    "CJK",
    "HAN",
    "HANGUL",
    "HIRAGANA",
    "KATAKANA",
    "LETTER",
    "drop_final_long_vowel",
    "fold_katakana",
    "has_cjk",
    "has_han",
    "is_hiragana",
    "letters",
    "normalize",
]

HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
HIRAGANA = "\u3041-\u3096\u309d\u309e"
KATAKANA = "\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
HANGUL = "\uac00-\ud7af"
CJK = HAN + HIRAGANA + KATAKANA + HANGUL

#: One letter or digit of a script written with spaces: Latin, Greek, Cyrillic ... but not CJK, not ``_``.
LETTER = rf"[^\W_{CJK}]"

_HIRAGANA_ONLY = re.compile(rf"[{HIRAGANA}ー]+")
_HAS_HAN = re.compile(rf"[{HAN}]")
_HAS_CJK = re.compile(rf"[{CJK}]")


def has_cjk(text: str) -> bool:
    """Whether any character of ``text`` belongs to a script written without spaces."""
    return _HAS_CJK.search(text) is not None


def is_hiragana(text: str) -> bool:
    """Whether ``text`` is hiragana and nothing else."""
    return _HIRAGANA_ONLY.fullmatch(text) is not None


def has_han(text: str) -> bool:
    """Whether any character of ``text`` is a kanji."""
    return _HAS_HAN.search(text) is not None


_DASHES = "‐‑‒–—―−﹣－⁃"
_DROP = "*`\u00ad\u200b\u200c\u200d\u2060\ufeff"
_SINGLE = {ord(dash): "-" for dash in _DASHES} | dict.fromkeys(map(ord, _DROP)) | {ord("’"): "'", ord("‘"): "'"}
_SPACE = re.compile(r"[^\S\n]+")
_MIXED = re.compile(rf"(?<=[{CJK}]) (?=[^\W_{CJK}])|(?<=[^\W_{CJK}]) (?=[{CJK}])")

_SMALL = str.maketrans("ァィゥェォッャュョヮヵヶヂヅヲヰヱ", "アイウエオツヤユヨワカケジズオイエ", "ー・")
_VU = (("ヴァ", "バ"), ("ヴィ", "ビ"), ("ヴェ", "ベ"), ("ヴォ", "ボ"), ("ヴュ", "ビュ"), ("ヴ", "ブ"))
_LONG_FINAL = re.compile(r"(?<=[ァ-ヺー]{3})ー$")


def normalize(text: str) -> str:
    """``text`` in the one spelling used for indexing and asking. Line breaks stay: no phrase crosses them."""
    if text.isascii():
        text = text.lower()
    else:
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    text = _SPACE.sub(" ", text.translate(_SINGLE))
    return _MIXED.sub("", text)


def fold_katakana(word: str) -> str:
    """A key on which the spellings of one katakana word agree: キヤノン and キャノン, ヴァイオリン and バイオリン.

    Long-vowel marks and middle dots fall away, small kana become large, the ヴ row becomes the バ row.
    """
    for old, new in _VU:
        word = word.replace(old, new)
    return word.translate(_SMALL)


def drop_final_long_vowel(word: str) -> str:
    """サーバー as サーバ: the final mark of a katakana word of four letters or more (JIS Z 8301 lets both stand).

    The shorter form is a part of the longer, so looking for it finds both.
    """
    return _LONG_FINAL.sub("", word)


def letters(text: str) -> str:
    """Return the letters and digits of a text without case, to compare what two texts say whatever their markup."""
    return "".join(filter(str.isalnum, unescape(text).casefold()))
