"""Headings and what stands under them."""

from __future__ import annotations

from collections.abc import Iterator

from zunda_mcp.archive.blocks import Block, Document
from zunda_mcp.archive.ignoring import Ignored


def sections(document: Document) -> Iterator[tuple[Block, int]]:
    """Yield every heading with the line where its section ends: at the next heading of its level or above."""
    headings = [block for block in document.blocks if block.kind == "heading"]
    ends: list[int] = [len(document.lines)] * len(headings)
    waiting: list[int] = []
    for place, heading in enumerate(headings):
        while waiting and headings[waiting[-1]].level >= heading.level:
            ends[waiting.pop()] = heading.start
        waiting.append(place)
    yield from zip(headings, ends, strict=True)


def ignored_lines(document: Document, ignored: Ignored) -> set[int]:
    """Return the lines of all sections whose heading is to be ignored."""
    lines: set[int] = set()
    for heading, end in sections(document):
        if heading.start not in lines and ignored.title(document.plain_text(heading.text)):
            lines.update(range(heading.start, end))
    return lines


def own_text(document: Document, claimed: frozenset[int]) -> str:
    """Return the lines nobody claims, without headings that have nothing left under them."""
    left = {place for place, line in enumerate(document.lines) if place not in claimed and line.strip()}
    heading_lines = {line for heading, _ in sections(document) for line in range(heading.start, heading.end)}
    for heading, end in sections(document):
        if not any(line in left and line not in heading_lines for line in range(heading.end, end)):
            left -= set(range(heading.start, heading.end))
    lines: list[str] = []
    for place, line in enumerate(document.lines):
        if place in left:
            lines.append(line.rstrip())
        elif lines and lines[-1]:
            lines.append("")
    return "\n".join(lines).strip("\n")
