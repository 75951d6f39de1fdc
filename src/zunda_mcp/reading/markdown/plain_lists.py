"""Lists without the marks of Markdown: lines that begin with a dot, that are a link each, or begin with a time each."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from zunda_mcp.reading.markdown.inline import links_in, only_link
from zunda_mcp.text.timestamps import leading_time

__all__ = ["begins_with_time", "with_lists"]

_DOT = re.compile(r"^\s{0,3}[•・●▪◦‣∙·⁃➤▶►✔✅]\ufe0f?\s*(?=\S)")
_BLOCK = re.compile(r"\s*(?:[-+*>#|]|\d{1,9}[.)])(?:\s|#|>)|\s{4}|\s*(?:```|~~~|---|</?\w)")
_LONGEST = 4000
"""Characters of a line that may begin with a time or be a link."""


def with_lists(lines: Sequence[str], code: Collection[int]) -> list[str]:
    """Return these lines, those of plain lists with ``- `` before them; each stays on its place.

    A list is two lines or more that begin with a dot; a paragraph of two lines or more that are a link each, or begin
    with a time each; or three paragraphs or more in a row, of one line each, that begin with a link, half of which are
    nothing else. ``code`` are the lines of code, from 0.
    """
    marked = list(lines)
    dots = [place for place, line in enumerate(lines) if place not in code and _DOT.match(line)]
    if len(dots) > 1:
        for place in dots:
            marked[place] = f"- {_DOT.sub('', lines[place], count=1)}"
    for start, end in _paragraphs(marked, code):
        part = marked[start:end]
        if all(map(only_link, part)) or all(map(begins_with_time, part)):
            marked[start:end] = [f"- {line.strip()}" for line in part]
    for places in _rows(marked, code):
        if len(places) > 2 and sum(only_link(marked[place]) is not None for place in places) * 2 >= len(places):
            for place in places:
                marked[place] = f"- {marked[place].strip()}"
    return marked


def _rows(lines: Sequence[str], code: Collection[int]) -> Iterator[list[int]]:
    """The places of lines that begin with a link, with nothing but blank lines between those of one row."""
    row: list[int] = []
    for place, line in enumerate(lines):
        alone = not any(lines[one].strip() for one in (place - 1, place + 1) if 0 <= one < len(lines))
        if line.startswith("[") and alone and place not in code and _begins_with_link(line):
            row.append(place)
        elif line.strip():
            yield row
            row = []
    yield row


def begins_with_time(line: str) -> bool:
    """Whether a line outside lists begins with a time that text follows; a span of times begins a line of speech."""
    timed = leading_time(line) if len(line) <= _LONGEST and "-->" not in line and not _BLOCK.match(line) else None
    return timed is not None and bool(timed.text)


def _paragraphs(lines: Sequence[str], code: Collection[int]) -> Iterator[tuple[int, int]]:
    """The first line of each paragraph of two lines or more, and the line behind its last."""
    start = 0
    for place in range(len(lines) + 1):
        if place == len(lines) or not lines[place].strip() or place in code or _BLOCK.match(lines[place]):
            if place - start > 1:
                yield start, place
            start = place + 1


def _begins_with_link(text: str) -> bool:
    """Whether a text begins with a link that has a title."""
    link = next(links_in(text), None) if len(text) <= _LONGEST else None
    return link is not None and link.start == 0 and not link.bare and bool(link.text.strip())
