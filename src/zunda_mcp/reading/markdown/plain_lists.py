"""Lists without the marks of Markdown: lines that begin with a dot, that are a link each, or begin with a time each."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from zunda_mcp.reading.markdown.inline import links_in
from zunda_mcp.text.timestamps import leading_time

__all__ = ["begins_with_time", "with_lists"]

_DOT = re.compile(r"^\s{0,3}[•・●▪◦‣∙·⁃➤▶►✔✅]\ufe0f?\s*(?=\S)")
_BLOCK = re.compile(r"\s*(?:[-+*>#|]|\d{1,9}[.)])(?:\s|#|>)|\s{4}|\s*(?:```|~~~|---|</?\w)")
_LONGEST = 4000
"""Characters of a line that may begin with a time or be a link."""


def with_lists(lines: Sequence[str], code: Collection[int]) -> list[str]:
    """Return these lines, those of plain lists with ``- `` before them; each stays on its place.

    A list is two lines or more that begin with a dot, or a paragraph of two lines or more that are a link each, or
    begin with a time each. ``code`` are the lines of code, from 0.
    """
    found = list(lines)
    dots = [place for place, line in enumerate(lines) if place not in code and _DOT.match(line)]
    if len(dots) > 1:
        for place in dots:
            found[place] = f"- {_DOT.sub('', lines[place], count=1)}"
    for start, end in _paragraphs(found, code):
        part = found[start:end]
        if all(map(_is_link, part)) or all(map(begins_with_time, part)):
            found[start:end] = [f"- {line.strip()}" for line in part]
    return found


def begins_with_time(line: str) -> bool:
    """Whether a line outside lists begins with a time that text follows."""
    timed = leading_time(line) if len(line) <= _LONGEST and not _BLOCK.match(line) else None
    return timed is not None and bool(timed.text)


def _paragraphs(lines: Sequence[str], code: Collection[int]) -> Iterator[tuple[int, int]]:
    """The first line of each paragraph of two lines or more, and the line behind its last."""
    start = 0
    for place in range(len(lines) + 1):
        if place == len(lines) or not lines[place].strip() or place in code or _BLOCK.match(lines[place]):
            if place - start > 1:
                yield start, place
            start = place + 1


def _is_link(line: str) -> bool:
    """Whether a line is one link with a title, and nothing else."""
    text = line.strip().rstrip("\\").strip(" *_")
    if not text.startswith("[") or len(text) > _LONGEST:
        return False
    link = next(links_in(text), None)
    return link is not None and not link.bare and (link.start, link.end) == (0, len(text))
