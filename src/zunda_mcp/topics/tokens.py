"""Text as runs of one script: the small tokenizer of this floor."""

from __future__ import annotations

import re
from typing import NamedTuple

_LETTER = "A-Za-zÀ-ÖØ-öø-ɏ"
_TOKEN = re.compile(
    rf"([A-Z]{{1,3}}/[A-Z]{{1,3}}(?![{_LETTER}0-9])"
    rf"|[{_LETTER}](?:[{_LETTER}0-9]|[-.&_](?=[{_LETTER}0-9]))*(?:'[a-z]+)?[+#]*)"
    rf"|([0-9]+(?:\.[0-9]+)*[{_LETTER}]*)"
    r"|(?!(?<![A-Za-z0-9ァ-ヺー ])[一-龥々]{2}(?![A-Za-z0-9ァ-ヺー一-龥々 ]))(?:[ァ-ヺー]{2,}|[一-龥々]{2,})+"
)
_ATOM = re.compile(rf"[{_LETTER}0-9][^ ァ-ヺー一-龥々ぁ-ゖ]*|[ァ-ヺー]+|[一-龥々]+|[ぁ-ゖ][ぁ-ゖー]*")

LATIN, NUMBER, JAPANESE = 1, 2, None


class Token(NamedTuple):
    """A Latin word, a number, or a run of katakana and kanji of two letters or more each.

    Two kanji by themselves are left out: half of all words, and none of them a name.
    """

    kind: int | None
    text: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """The tokens of plain text; what lies between them (hiragana, marks, single kanji) separates names."""
    return [Token(m.lastindex, m.group(), m.start(), m.end()) for m in _TOKEN.finditer(text)]


def atoms(name: str) -> list[str]:
    """The runs a name is made of: ``生成AI`` is ``生成`` and ``AI``, ``Claude Code`` is ``Claude`` and ``Code``."""
    found: list[str] = _ATOM.findall(name)
    return found
