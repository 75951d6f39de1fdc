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
    if block.kind == "heading":
        link = _one_link(document, block.text.strip()) or _by_hand(block.text)
        return (link, block.end - block.start) if link else None
    joined = block.text.split("\n", 1)[0].strip()
    link = _one_link(document, joined) or _by_hand(joined)
    count = 1
    following = document.lines[block.text_line + 1 : block.text_line + 1 + MAX_JOINED]
    while link is None and following and joined.startswith("[") and joined.count("[") > joined.count("]"):
        joined = f"{joined} {following.pop(0).strip()}".rstrip()
        link = _one_link(document, joined)
        count += 1
    return (link, count) if link else None


def _one_link(document: Document, line: str) -> Link | None:
    """Parse a line that may be one link; most others are known by their ends, which saves parsing them."""
    likely = line.startswith("[") and line.endswith((")", "]")) and len(line) <= MAX_LENGTH
    return document.only_link(line) if likely else None


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
