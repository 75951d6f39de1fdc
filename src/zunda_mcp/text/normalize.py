"""One spelling for what a reader would call the same text.

``normalize`` is applied to everything before it is indexed, stored for phrase checks, or asked: Unicode NFKC
(UAX #15: full-width letters, half-width katakana, composed marks), case folding, one hyphen for all dashes, no
Markdown emphasis marks, one space for any white space, and no space between Japanese and Latin (``生成 AI`` is
``生成ai``). It is idempotent. ``fold_katakana`` goes further and gives a key under which the usual
spellings of one loan word agree; it is used beside the exact spelling, never instead of it.
"""

from __future__ import annotations

import re
import unicodedata

from zunda_mcp.text.scripts import CJK

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
