"""Extracts the candidate names of a story, from which the topics of the archive are found later.

A candidate is a stretch of neighbouring runs that could be one name: Latin words one space apart (``Claude Code``),
katakana and kanji written together (``音声合成``), and mixtures of them (``生成AI``). Hiragana, punctuation,
possessives and single kanji (affixes such as 化, 社, 版) end it.

In Japanese text a capital marks a name. In English it does so only within a sentence, not at its start, and not in a
heading with capitals everywhere. Where every word has a capital, a word is judged by its other occurrences (Mikheev
2002, "Periods, Capitalized Words, etc.", Computational Linguistics 28(3)); here these are those in the archive, and an
occurrence without evidence has a weight of 0 (see ``mentions``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.topics.tokens import (
    CONNECTORS,
    FUNCTION_WORDS,
    JAPANESE,
    JAPANESE_FUNCTION,
    LATIN,
    NUMBER,
    RESIDUE,
    Token,
    plain,
    tokenize,
)

__all__ = ["TITLE_WEIGHT", "has_shape", "mentions"]

_STRONG, _WEAK, _LOWER, _CONNECTOR = "strong", "weak", "lower", "connector"

_BREAK = lazy_pattern(r"[\n。!?ぁ-ゖ一-龥()「」『』\[\]|]")
_OPENING = lazy_pattern(r"[^\s,、/&+]")
_CJK = lazy_pattern(r"[ぁ-ゖァ-ヺー一-龥々]")
_SHAPE = lazy_pattern(r".+[A-Z0-9+#]|.+\.")

_TITLE_CASE_SHARE = 0.6
_EMBEDDED_WORDS = 4
_NEAR = 3


def has_shape(word: str) -> bool:
    """Whether a Latin word does not look like an ordinary word: ``DeepSeek``, ``GPT-4o``, ``MCP``, ``Node.js``."""
    return _SHAPE.match(word) is not None


def _roles_of(text: str, tokens: Sequence[Token]) -> dict[int, str]:
    """The role of each Latin token, by its place in ``tokens``; words of grammar and most in lower case have none."""
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
    """Give roles to the words of one Latin stretch, which no Japanese and no line end interrupts."""
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
            roles[place] = _CONNECTOR
        elif folded in FUNCTION_WORDS or folded in RESIDUE or len(word) < 2:
            continue
        elif shouted:
            roles[place] = _WEAK
        elif has_shape(word):
            roles[place] = _STRONG
        elif word[0].islower():
            if embedded and len(words) == 1:
                roles[place] = _LOWER
        elif heading or (not embedded and _opens(text, tokens, place, position)):
            roles[place] = _WEAK
        else:
            roles[place] = _STRONG


def _touches_japanese(text: str, tokens: Sequence[Token], stretch: list[int]) -> bool:
    start, end = tokens[stretch[0]][2], tokens[stretch[-1]][3]
    return bool(_CJK.search(text, max(0, start - _NEAR), start) or _CJK.search(text, end, end + _NEAR))


def _opens(text: str, tokens: Sequence[Token], place: int, position: int) -> bool:
    """Whether a word begins a sentence: it is the first of its stretch, or after punctuation other than a comma."""
    return position == 0 or _OPENING.search(text, tokens[place - 1][3], tokens[place][2]) is not None


_POSSESSIVE = "'s"

_Part = tuple[str, str, str]
"""The space or nothing before a run, the run, and its role."""


class _Piece(NamedTuple):
    """A candidate as written, and whether its capitals and shape are evidence of a name."""

    text: str
    evident: bool


def _pieces(text: str, *, lower_case: bool = False) -> Iterator[_Piece]:
    """The candidates in plain text; with ``lower_case`` also ordinary English words, as evidence against names."""
    tokens = tokenize(text)
    roles = _roles_of(text, tokens)
    if lower_case:
        for place, (kind, word, _, _) in enumerate(tokens):
            if kind == LATIN and place not in roles and len(word) > 2 and word.islower():
                yield _Piece(word, False)
    parts: list[_Part] = []
    last_kind: int | None = None
    last_end = -1
    for place, (kind, word, start, end) in enumerate(tokens):
        role = roles.get(place) if kind == LATIN else None if _is_year(word) else _STRONG
        space = start - last_end == 1 and text[last_end] == " "
        near = bool(parts) and (space or start == last_end)
        if not near or role is None or not _joined(last_kind, space, kind, role):
            if parts:
                yield from _finished(parts)
                parts = []
            space = False
        if role is not None and (parts or _may_open(kind, word, role)):
            parts.append((" " if space else "", word, role))
            if word.endswith(_POSSESSIVE):
                yield from _finished(parts)
                parts = []
        last_kind, last_end = kind, end
    if parts:
        yield from _finished(parts)


def _joined(last: int | None, space: bool, kind: int | None, role: str) -> bool:
    """Whether a token may continue the name of the token before it, of kind ``last``."""
    if kind is JAPANESE:
        return not space or last == LATIN
    if kind == LATIN:
        return not (role == _LOWER and last == LATIN)
    return space and last == LATIN


def _may_open(kind: int | None, word: str, role: str) -> bool:
    if kind == LATIN:
        return role != _CONNECTOR
    return kind is JAPANESE or word[-1].isalpha()


def _finished(parts: list[_Part]) -> Iterator[_Piece]:
    """The piece made of ``parts``; if the capitals of a heading make it doubtful, also the stretches in it that are not
    doubtful.
    """
    if len(parts) == 1:
        yield _Piece(parts[0][1].removesuffix(_POSSESSIVE), parts[0][2] != _WEAK)
        return
    doubtful = any(role == _WEAK for _, _, role in parts)
    if whole := _written(parts):
        yield _Piece(whole, not doubtful)
    if not doubtful:
        return
    start = 0
    for end, (_, _, role) in enumerate([*parts, ("", "", _WEAK)]):
        if role == _WEAK:
            if inner := _written(parts[start:end]):
                yield _Piece(inner, True)
            start = end + 1


def _written(parts: Sequence[_Part]) -> str:
    """The text of the parts, without connectors at either end."""
    low, high = 0, len(parts)
    while low < high and parts[low][2] == _CONNECTOR:
        low += 1
    while high > low and parts[high - 1][2] == _CONNECTOR:
        high -= 1
    if low == high:
        return ""
    text = parts[low][1] + "".join(gap + word for gap, word, _ in parts[low + 1 : high])
    return text.removesuffix(_POSSESSIVE)


def _is_year(number: str) -> bool:
    return len(number) == 4 and number.isdigit() and number[:2] in ("19", "20")


_MAX_CANDIDATES = 60
TITLE_WEIGHT = 16
_MAX_IN_SUMMARY = TITLE_WEIGHT - 1
_MAX_LENGTH = 60
_MIN_JAPANESE = 3

_QUOTED = lazy_pattern(r"[「『“\"(・]([ぁ-ゖー]{4,9})(?=[」』”\")・])")
_HIRAGANA = lazy_pattern(r"[ぁ-ゖー]{4,}")
_PARTICLES = lazy_pattern(r"(?:の|は|が|を|に|へ|と|も|や|で|との|への|から|まで|って|という|による|たち|さん|ちゃん)$")


def mentions(title: str, summary: str) -> dict[str, int]:
    """The candidate names of a story, as written (NFKC), with their weights: the 60 likeliest.

    The weight is the number of occurrences in the summary (up to 15), plus 16 if the title contains the name. A weight
    of 0 is an occurrence without evidence, which other stories may supply: a word with a capital where every word has
    one, or a word in lower case, which is evidence against a name.
    """
    headline, body = plain(title), plain(summary)
    weights: dict[str, int] = {}
    for piece in _worthy(_pieces(body)):
        weights[piece.text] = weights.get(piece.text, 0) + piece.evident
    for name, weight in weights.items():
        weights[name] = min(weight, _MAX_IN_SUMMARY)
    for piece in _worthy(_pieces(headline, lower_case=True)):
        weight = weights.get(piece.text, 0)
        weights[piece.text] = weight + TITLE_WEIGHT if piece.evident and weight < TITLE_WEIGHT else weight
    weights.update(_hiragana_names(headline, body))
    if len(weights) <= _MAX_CANDIDATES:
        return weights
    return dict(sorted(weights.items(), key=lambda item: -_promise(*item))[:_MAX_CANDIDATES])


def _worthy(candidates: Iterator[_Piece]) -> Iterator[_Piece]:
    for piece in candidates:
        text = piece.text
        if text[0].isascii():
            if 1 < len(text) <= _MAX_LENGTH:
                yield piece
        elif _MIN_JAPANESE <= len(text) <= _MAX_LENGTH and text not in JAPANESE_FUNCTION:
            yield piece


def _hiragana_names(headline: str, body: str) -> Iterator[tuple[str, int]]:
    """Names in hiragana with weights: only quotation marks, or being in the title, distinguish them from grammar."""
    quoted = {*_QUOTED.findall(headline), *_QUOTED.findall(body)}
    for name in sorted(quoted):
        yield name, min(body.count(name), _MAX_IN_SUMMARY) + TITLE_WEIGHT * (name in headline)
    for run in _HIRAGANA.findall(headline):
        name = _PARTICLES.sub("", run)
        if len(name) >= 4 and name not in quoted:
            yield name, 0


def _promise(name: str, weight: int) -> float:
    """How likely a candidate is to be a name, to choose which of a long story are kept."""
    if name[0].isascii():
        return weight + (4.0 if any(char.isupper() for char in name) else 0.5)
    return weight + (3.0 if not name.isalpha() or any(char.isascii() for char in name) else len(name) / 4)
