"""Find the links in a line of show notes: in Markdown, in angle brackets, or bare.

An archive may have a hundred thousand list items, so one regular expression finds links, and most lines never need a
Markdown parser.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["InlineLink", "is_in_page", "links_in", "needs_parser", "only_link"]

_TEXT = r"(?:[^\[\]\\]|\\.|!?\[(?:[^\[\]\\]|\\.)*\](?:\([^()\s]*\))?){0,1000}"
_URL = r"<[^<>\n]*>|(?:[^\s()<>\\]|\\.|\((?:[^\s()\\]|\\.)*\))*"
_LINK = re.compile(
    rf"(?P<image>!?)\[(?P<text>{_TEXT})\]\(\s{{0,99}}(?P<url>{_URL})"
    r"(?:\s{1,99}(?:\"(?:[^\"\n]|\"(?!\s{0,9}\))){0,999}\"|'[^']*'|\([^()]*\)))?\s{0,99}\)"
    r"|<(?P<auto>https?://[^\s<>]+)>"
    r"|(?P<bare>(?<![\w/\"'=])https?://[!#-&*-;=?@A-Z_a-z~]+(?:\([!#-&*-;=?@A-Z_a-z~]*\)[!#-&*-;=?@A-Z_a-z~]*)*)",
)
_LONGEST = 4000
"""Characters of a line that may be a link."""
_TICKS = re.compile(r"`+")
_SIGNS = re.compile(r"[*_`\\&<~!\[]")


class InlineLink(NamedTuple):
    """A link, and its place in the line. ``text`` is Markdown; the text of a ``bare`` address is the address."""

    text: str
    url: str
    start: int
    end: int
    bare: bool


def links_in(line: str) -> Iterator[InlineLink]:
    """Yield the links of a text in order, without images and links in code."""
    if "](" not in line and "://" not in line:
        return
    code = _code_spans(line) if "`" in line else []
    for match in _LINK.finditer(line):
        if match["image"] or _is_in(match.start(), code):
            continue
        if match["text"] is not None:
            url = match["url"].removeprefix("<").removesuffix(">").strip()
            url = url.removeprefix("[") if url.startswith("[http") else url  # a common slip: [text]([https://…)
            yield InlineLink(match["text"], url, match.start(), match.end(), bare=match["text"].strip() == url)
        else:
            url = match["auto"] or match["bare"].rstrip(".,;:!?*_")
            end = match.end() if match["auto"] else match.start() + len(url)
            yield InlineLink(url, url, match.start(), end, bare=True)


def only_link(line: str) -> InlineLink | None:
    """Return the link with a title that a line consists of, signs of emphasis around it apart."""
    text = line.strip().rstrip("\\").strip(" *_")
    link = next(links_in(text), None) if text.startswith("[") and len(text) <= _LONGEST else None
    whole = link is not None and (link.start, link.end) == (0, len(text))
    return link if link is not None and whole and not link.bare and link.text.strip() else None


def _is_in(place: int, spans: list[tuple[int, int]]) -> bool:
    at = bisect_right(spans, (place, 0)) - 1
    return at >= 0 and spans[at][0] < place < spans[at][1]


def _code_spans(line: str) -> list[tuple[int, int]]:
    """The code spans of a line: from a run of backticks to the next of the same length (CommonMark 0.31, 6.1)."""
    later: dict[int, list[int]] = {}
    runs = [match.span() for match in _TICKS.finditer(line)]
    for start, end in reversed(runs):
        later.setdefault(end - start, []).append(end)
    spans: list[tuple[int, int]] = []
    for start, end in runs:
        later[end - start].pop()
        if later[end - start] and (not spans or start >= spans[-1][1]):
            spans.append((start, later[end - start][-1]))
    return spans


def is_in_page(url: str) -> bool:
    """Whether a link leads to a place on the same page."""
    return url.startswith("#")


def needs_parser(text: str) -> bool:
    """Whether a text holds signs that only a Markdown parser reads correctly."""
    return bool(_SIGNS.search(text))
