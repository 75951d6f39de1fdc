"""Where the stories of a body begin and end.

A story head is a top-level bullet item whose first line is exactly one link, a heading that is exactly one link, or
such a paragraph straight after a heading. Everything to the next head belongs to it, headings and lists included;
only headings with nothing between them and the next head introduce that one.
"""

from __future__ import annotations

from dataclasses import dataclass

from zunda_mcp.archive.blocks import Block, Document, Link

MAX_JOINED = 12
"""A link broken over lines (blank ones too) is joined with at most so many of the lines that follow."""

MAX_LENGTH = 4000
"""A line longer than this is no title with a link, and not worth the time of parsing it."""


@dataclass(frozen=True, slots=True)
class Head:
    """A story head. Lines count from 0: ``start`` where its first heading or its item stands, ``line`` where the link
    begins, ``body`` the first line after it. ``item`` ends its list item, whose text is indented by ``indent``.
    """

    title: str
    url: str
    start: int
    line: int
    body: int
    item: int
    indent: int


def story_heads(document: Document) -> list[Head]:
    """Find all heads of a body, in order."""
    heads: list[Head] = []
    blocks = document.blocks
    for place, block in enumerate(blocks):
        if heads and block.start < heads[-1].body:
            continue  # a line of a broken link
        before = blocks[place - 1] if place else None
        under_heading = before is not None and before.kind == "heading"
        if block.kind in ("item", "heading") or (block.kind == "paragraph" and under_heading):
            read = _head_link(document, block)
            if read is not None:
                link, lines = read
                first = place
                floor = heads[-1].body if heads else 0
                while first and blocks[first - 1].kind == "heading" and blocks[first - 1].start >= floor:
                    first -= 1
                indent = _indent(document.lines[block.text_line]) if block.kind == "item" else 0
                end = block.end if block.kind == "item" else 0
                line = block.text_line
                heads.append(Head(link.text, link.url, blocks[first].start, line, line + lines, end, indent))
    return heads


def _head_link(document: Document, block: Block) -> tuple[Link, int] | None:
    """Return the one link a block begins with, and over how many lines it goes."""
    joined = block.text.split("\n", 1)[0].strip()
    if not joined.startswith("[") or len(joined) > MAX_LENGTH:
        return None
    if block.kind == "heading":
        link = document.only_link(block.text) or _by_hand(block.text)
        return (link, block.end - block.start) if link else None
    for extra in range(MAX_JOINED + 1):
        if extra:
            line = block.text_line + extra
            if line >= len(document.lines):
                return None
            joined = f"{joined} {document.lines[line].strip()}".rstrip()
        if len(joined) > MAX_LENGTH:
            return None
        if not joined.endswith((")", "]")):
            link = None
        else:
            link = document.only_link(joined) or (None if extra else _by_hand(joined))
        if link is not None:
            return link, extra + 1
        if joined.count("[") <= joined.count("]"):
            return None
    return None


def _by_hand(line: str) -> Link | None:
    """Read a link that only a person would: with an odd bracket in its title, or a space in its URL."""
    title, middle, url = line.strip().partition("](")
    if not middle or not title.startswith("[") or not url.endswith(")") or "](" in url:
        return None
    url = url[:-1].strip()
    if not url.startswith(("https://", "http://")):
        return None
    return Link(title[1:].strip(), url.replace(" ", "%20"))


def _indent(line: str) -> int:
    """Return the column at which the text of a list item's first line begins."""
    wide = line.expandtabs(4)
    return max(wide.find("["), 0)
