"""Snippets: the part of a summary that shows why it was found, with the matched words in ``**bold**``.

Words are found in the normalised text and marked in the text as written, so ``ＬＬＭ`` is marked for ``llm``. A
snippet begins and ends at a sentence or a comma where one is near, and never inside a Latin word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.markdown_text import LINK
from zunda_mcp.text.normalize import aligned, fold_accents, has_cjk
from zunda_mcp.text.written_forms import written_form

__all__ = ["Marked", "find_spans", "mark", "occurs", "reading_text"]

_MARKS = lazy_pattern(r"\*\*|`|^#{1,6}\s+", re.MULTILINE)
_SPACE = lazy_pattern(r"\s+")
_SENTENCE = "。．！？!?\n"
_PAUSE = "、，；; ）)」』】 "
_ELLIPSIS = "…"
_REACH = 40
_WINDOWS = 40
_CLUSTER = 10
_FOCUS = 140


def reading_text(markdown: str) -> str:
    """Return Markdown as one line of plain text: links as their words, no marks of emphasis, code or heading, white
    space folded.
    """
    text = LINK.sub(r"\1", markdown) if "](" in markdown else markdown
    return _SPACE.sub(" ", _MARKS.sub("", text)).strip()


@dataclass(frozen=True, slots=True)
class Marked:
    """A reading text and where the query's words occur in it: found once, cut to any size."""

    text: str
    spans: tuple[tuple[int, int], ...]
    label: str = ""

    @classmethod
    def of(cls, markdown: str, words: Sequence[str], label: str = "") -> Marked:
        """Mark normalised ``words`` in ``markdown``; ``label`` stands before every snippet."""
        text = reading_text(markdown)
        return cls(text, tuple(find_spans(text, words)), label)

    @property
    def focus(self) -> int:
        """Where the words are closest together in the text; its beginning if there are none."""
        window, _ = _window(self.text, self.spans, _FOCUS)
        return next((left for left, _ in self.spans if left >= window), 0)

    def least(self, size: int) -> int:
        """Return the fewest characters that ``snippet(size)`` can have."""
        return min(len(self.text), max(0, size - _REACH - _CLUSTER)) + (len(self.label) if size else 0)

    def snippet(self, size: int) -> str:
        """Return about ``size`` characters around the words, the words in bold; nothing for 0."""
        text, spans = self.text, self.spans
        if not size:
            return ""
        if len(text) <= size:
            return self.label + mark(text, spans, 0, len(text))
        start, end = _window(text, spans, size)
        start, end = _tidy(text, start, end)
        body = mark(text, spans, start, end)
        return self.label + (_ELLIPSIS if start > 0 else "") + body + (_ELLIPSIS if end < len(text) else "")


def mark(text: str, spans: Sequence[tuple[int, int]], start: int, end: int) -> str:
    """Return ``text[start:end]`` with the spans inside it in bold."""
    out: list[str] = []
    at = start
    for left, right in spans:
        if left < at or right > end:
            continue
        out += [text[at:left], "**", text[left:right], "**"]
        at = right
    out.append(text[at:end])
    return "".join(out)


def find_spans(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Return where normalised ``words`` occur in ``text``, as merged spans in order."""
    read = aligned(text, spaces=True)
    plain = read.plain
    folded = fold_accents(plain)
    if len(folded) == len(plain):  # a ligature, one letter for two, keeps its accents here
        plain, words = folded, [fold_accents(word) for word in words]
    spans: list[tuple[int, int]] = []
    for word in sorted({word for word in words if word}, key=len, reverse=True):
        if word.isascii() and word.isalnum() and word not in plain:
            continue  # one part in one spelling: no pattern need be compiled
        for match in written_form(word).finditer(plain):
            if match.end() > match.start():
                spans.append(read.span(match.start(), match.end()))
    merged: list[tuple[int, int]] = []
    for left, right in sorted(spans):
        if merged and (left <= merged[-1][1] or text[merged[-1][1] : left] == " "):
            merged[-1] = (merged[-1][0], max(right, merged[-1][1]))
        else:
            merged.append((left, right))
    return merged


def occurs(word: str, plain: str) -> bool:
    """Whether a normalised word occurs in normalised text, in any of the ways that ``find_spans`` knows."""
    return bool(word) and written_form(fold_accents(word)).search(fold_accents(plain)) is not None


def _window(text: str, spans: Sequence[tuple[int, int]], size: int) -> tuple[int, int]:
    """The stretch of ``size`` characters with the most different words; of several, where these stand closest together,
    and then the one with most of them. The earliest of the best.
    """
    if not spans:
        return 0, size
    words = [text[left:right].lower() for left, right in spans]
    best, best_value = (0, size), (0, 0, 0)
    last = 0
    for first, (left, _) in enumerate(spans[:_WINDOWS]):
        start = max(0, min(left - size // 4, len(text) - size))
        while last < len(spans) and spans[last][1] <= start + size:
            last += 1
        ends = {words[at]: spans[at][1] for at in range(last - 1, first - 1, -1)}
        value = (len(ends), -((max(ends.values(), default=left) - left) // _FOCUS), last - first)
        if value > best_value:
            best, best_value = (start, start + size), value
    return best


def _tidy(text: str, start: int, end: int) -> tuple[int, int]:
    """Move both ends to the nearest sentence, pause or word boundary within reach."""
    if start <= _REACH:
        start = 0
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
    around = text[at - 1] + text[at]
    inside_word = around.isalnum() and not has_cjk(around)
    return inside_word or bool(unicodedata.combining(text[at])) or text[at] in "ーっゃゅょッャュョ"
