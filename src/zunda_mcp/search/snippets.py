"""Snippets: the part of a summary that shows why it was found, with the matched words in ``**bold**``.

Words are found in the normalised text and marked in the text as written, so ``ＬＬＭ`` is marked for ``llm``. A
snippet begins and ends at a sentence or a comma where one is near, and never inside a Latin word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from zunda_mcp.text.normalize import normalize
from zunda_mcp.text.scripts import LETTER

_MARKS = re.compile(r"\*\*|`|^#{1,6}\s+", re.MULTILINE)
_SPACE = re.compile(r"\s+")
_SENTENCE = "。．！？!?\n"
_PAUSE = "、，；; ）)」』】 "
_WORD = re.compile(LETTER)
# Characters that normalisation leaves alone but for their case: most of a Japanese text.
_PLAIN_TEXT = re.compile(r"[ !-)+-_a-~\u3001-\u3003\u3005-\u3015\u3041-\u3096\u30a1-\u30fc\u4e00-\u9fff]*")
_ELLIPSIS = "…"
_REACH = 40


def reading_text(markdown: str) -> str:
    """Markdown as one line of plain text: emphasis, code and heading marks away, white space folded."""
    return _SPACE.sub(" ", _MARKS.sub("", markdown)).strip()


@dataclass(frozen=True, slots=True)
class Marked:
    """A reading text and where the words asked for stand in it: found once, cut to any size."""

    text: str
    spans: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, markdown: str, words: Sequence[str]) -> Marked:
        """Mark normalised ``words`` in ``markdown``."""
        text = reading_text(markdown)
        return cls(text, tuple(find(text, words)))

    def snippet(self, size: int) -> str:
        """About ``size`` characters around the words, the words in bold; nothing for 0."""
        text, spans = self.text, self.spans
        if not size:
            return ""
        if len(text) <= size:
            return mark(text, spans, 0, len(text))
        start, end = _window(text, spans, size)
        start, end = _tidy(text, start, end)
        body = mark(text, spans, start, end)
        return (_ELLIPSIS if start > 0 else "") + body + (_ELLIPSIS if end < len(text) else "")


def mark(text: str, spans: Sequence[tuple[int, int]], start: int, end: int) -> str:
    """``text[start:end]`` with the spans inside it in bold."""
    out: list[str] = []
    at = start
    for left, right in spans:
        if left < at or right > end:
            continue
        out += [text[at:left], "**", text[left:right], "**"]
        at = right
    out.append(text[at:end])
    return "".join(out)


def find(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Where normalised ``words`` stand in ``text``, as spans of ``text``, merged and in order."""
    plain, places = _with_places(text)
    spans: list[tuple[int, int]] = []
    for word in sorted({word for word in words if word}, key=len, reverse=True):
        for match in re.finditer(_pattern(word), plain):
            if match.end() > match.start():
                spans.append((places[match.start()], places[match.end() - 1] + 1))
    merged: list[tuple[int, int]] = []
    for left, right in sorted(spans):
        if merged and left <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(right, merged[-1][1]))
        else:
            merged.append((left, right))
    return merged


def _pattern(word: str) -> str:
    """A word as it may be written: spaces, hyphens and dots between its Latin parts are free."""
    free = "[\\s\\-./_]{0,3}".join(re.escape(part) for part in re.split(r"[\s\-./_]+", word) if part)
    left = r"(?<![0-9a-z])" if word[:1].isascii() and word[:1].isalnum() else ""
    right = r"(?![0-9a-z])" if word[-1:].isascii() and word[-1:].isalnum() else ""
    return left + free + right


def _with_places(text: str) -> tuple[str, list[int]]:
    """Normalised text and, for each of its characters, the index in ``text`` it came from."""
    if _PLAIN_TEXT.fullmatch(text):
        return text.lower(), list(range(len(text)))
    plain: list[str] = []
    places: list[int] = []
    i, end = 0, len(text)
    while i < end:
        j = i + 1
        while j < end and (text[j] in "ﾞﾟ" or unicodedata.combining(text[j])):
            j += 1
        piece = _normal(text[i:j])
        plain.append(piece)
        places += [i] * len(piece)
        i = j
    return "".join(plain), places


@lru_cache(maxsize=16384)
def _normal(character: str) -> str:
    return " " if character.isspace() else normalize(character)


def _window(text: str, spans: Sequence[tuple[int, int]], size: int) -> tuple[int, int]:
    """The stretch of ``size`` characters with the most different words, the earliest of the best."""
    if not spans:
        return 0, size
    best, best_value = (0, size), -1.0
    for left, _ in spans:
        start = max(0, min(left - size // 4, len(text) - size))
        inside = {text[a:b].lower() for a, b in spans if a >= start and b <= start + size}
        value = len(inside) + 0.01 * sum(1 for a, b in spans if a >= start and b <= start + size)
        if value > best_value:
            best, best_value = (start, start + size), value
    return best


def _tidy(text: str, start: int, end: int) -> tuple[int, int]:
    """Move both ends to the nearest sentence, pause or word boundary within reach."""
    if start > 0:
        start = (
            _boundary(text, start, max(0, start - _REACH), _SENTENCE)
            or _boundary(text, start, max(0, start - _REACH // 2), _PAUSE)
            or start
        )
        while 0 < start < end and _joined(text, start):
            start += 1
    if end < len(text):
        end = _boundary(text, end, max(start, end - _REACH), _SENTENCE) or end
        while end > start and _joined(text, end):
            end -= 1
    return start, end


def _boundary(text: str, at: int, lowest: int, signs: str) -> int | None:
    for i in range(at, lowest, -1):
        if text[i - 1] in signs:
            return i
    return None


def _joined(text: str, at: int) -> bool:
    """Whether cutting at ``at`` would split a Latin word or a character from its mark."""
    if at >= len(text):
        return False
    inside_word = bool(_WORD.match(text[at - 1]) and _WORD.match(text[at]))
    return inside_word or bool(unicodedata.combining(text[at])) or text[at] in "ーっゃゅょッャュョ"
