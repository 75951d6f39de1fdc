"""What the capitals of Latin words are worth.

Inside Japanese text a capital marks a name. In English it does so only within a sentence: not at its start, and not
in a heading that capitalises everything. (Mikheev 2002, "Periods, Capitalized Words, etc.", Computational
Linguistics 28(3): a word in a position where every word is capitalised is judged by its other sightings. Here the
other sightings are the archive's: a weak one counts nothing by itself, see ``mentions``.)
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from zunda_mcp.topics.tokens import JAPANESE, LATIN, NUMBER, Token
from zunda_mcp.topics.words import CONNECTORS, FUNCTION_WORDS, RESIDUE

STRONG, WEAK, LOWER, CONNECTOR = "strong", "weak", "lower", "connector"

_BREAK = re.compile(r"[\n。!?ぁ-ゖ一-龥()「」『』\[\]|]")
_OPENING = re.compile(r"[^\s,、/&+]")
_CJK = re.compile(r"[ぁ-ゖァ-ヺー一-龥々]")
_SHAPE = re.compile(r".+[A-Z0-9+#]|.+\.")

_TITLE_CASE_SHARE = 0.6
_EMBEDDED_WORDS = 4
_NEAR = 3


def has_shape(word: str) -> bool:
    """Whether a Latin word is written as ordinary words are not: ``DeepSeek``, ``GPT-4o``, ``MCP``, ``Node.js``."""
    return _SHAPE.match(word) is not None


def roles_of(text: str, tokens: Sequence[Token]) -> dict[int, str]:
    """The role of each Latin token by its place in ``tokens``; words of grammar and plain lower case have none."""
    roles: dict[int, str] = {}
    stretch: list[int] = []
    last_end = 0
    for place, (kind, _, start, end) in enumerate(tokens):
        if stretch and (kind is JAPANESE or _BREAK.search(text, last_end, start)):
            _judge(text, tokens, stretch, roles)
            stretch = []
        if kind == LATIN or (kind == NUMBER and stretch):
            stretch.append(place)
        last_end = end
    if stretch:
        _judge(text, tokens, stretch, roles)
    return roles


def _judge(text: str, tokens: Sequence[Token], stretch: list[int], roles: dict[int, str]) -> None:
    """Give roles to one stretch of Latin words that no Japanese and no end of line interrupts."""
    words = [(place, tokens[place][1]) for place in stretch if tokens[place][0] == LATIN]
    content = [word for _, word in words if len(word) > 1 and word.lower() not in FUNCTION_WORDS]
    ordinary = sum(1 for word in content if word[0].isupper() and not has_shape(word))
    lower = sum(1 for word in content if word[0].islower())
    embedded = len(content) <= _EMBEDDED_WORDS and _touches_japanese(text, tokens, stretch)
    shouted = len(content) > _EMBEDDED_WORDS and all(word.isupper() for word in content)
    heading = not embedded and (len(content) < _EMBEDDED_WORDS or ordinary > _TITLE_CASE_SHARE * (ordinary + lower))
    for position, (place, word) in enumerate(words):
        folded = word.lower()
        if folded in CONNECTORS:
            roles[place] = CONNECTOR
        elif folded in FUNCTION_WORDS or folded in RESIDUE or len(word) < 2:
            continue
        elif shouted:
            roles[place] = WEAK
        elif has_shape(word):
            roles[place] = STRONG
        elif word[0].islower():
            if embedded and len(words) == 1:
                roles[place] = LOWER
        elif heading or (not embedded and _opens(text, tokens, place, position)):
            roles[place] = WEAK
        else:
            roles[place] = STRONG


def _touches_japanese(text: str, tokens: Sequence[Token], stretch: list[int]) -> bool:
    start, end = tokens[stretch[0]][2], tokens[stretch[-1]][3]
    return bool(_CJK.search(text, max(0, start - _NEAR), start) or _CJK.search(text, end, end + _NEAR))


def _opens(text: str, tokens: Sequence[Token], place: int, position: int) -> bool:
    """Whether a word opens a sentence: the first of its stretch, or after a mark that is no comma."""
    return position == 0 or _OPENING.search(text, tokens[place - 1][3], tokens[place][2]) is not None
