"""Character classes of the scripts an episode note is written in, as regular-expression fragments.

Ranges are those of the Unicode blocks (Unicode 15, Blocks.txt). ``CJK`` is everything written without spaces:
Han, hiragana, katakana with the long-vowel mark, and Hangul. The middle dot ``・`` is punctuation, not a letter.
"""

from __future__ import annotations

import re

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
