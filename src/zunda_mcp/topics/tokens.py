"""Text as runs of one script: the small tokenizer of this floor."""

from __future__ import annotations

import re

_LETTER = "A-Za-zÀ-ÖØ-öø-ɏ"
_OKURIGANA = "いうえきぎくぐけげこちつてびぶみむめりるれろ"
_KANJI = rf"[一-龥々]{{2,}}(?![{_OKURIGANA}])"
_LONE_PAIR = r"(?<![A-Za-z0-9ァ-ヺー ])[一-龥々]{2}(?![A-Za-z0-9ァ-ヺー一-龥々 ])"
_TOKEN = re.compile(
    rf"([A-Z]{{1,3}}/[A-Z]{{1,3}}(?![{_LETTER}0-9])"
    rf"|[{_LETTER}](?:[{_LETTER}0-9]|[-.&_](?=[{_LETTER}0-9]))*(?:'[a-z]+)?[+#]*)"
    rf"|([0-9]+(?:\.[0-9]+)*[{_LETTER}]*)"
    rf"|(?!{_LONE_PAIR})(?:[ァ-ヺー]{{2,}}|{_KANJI})+"
)
_ATOM = re.compile(rf"[{_LETTER}0-9][^ ァ-ヺー一-龥々ぁ-ゖ]*|[ァ-ヺー]+|[一-龥々]+|[ぁ-ゖ][ぁ-ゖー]*")

LATIN, NUMBER, JAPANESE = 1, 2, None

Token = tuple[int | None, str, int, int]
"""Kind, text, start and end of a Latin word, a number, or a run of katakana and kanji of two letters or more each."""


def tokenize(text: str) -> list[Token]:
    """The tokens of plain text; what lies between them (hiragana, marks, single kanji) separates names.

    Two kanji by themselves are left out (half of all words, and none of them a name), and so is a kanji whose word
    goes on in hiragana (文字起こし gives 文字).
    """
    return [(m.lastindex, m.group(), m.start(), m.end()) for m in _TOKEN.finditer(text)]


def atoms(name: str) -> list[str]:
    """The runs a name is made of: ``生成AI`` is ``生成`` and ``AI``, ``Claude Code`` is ``Claude`` and ``Code``."""
    found: list[str] = _ATOM.findall(name)
    return found
