"""Where the stories of a body begin and end.

A story head is a top-level bullet item whose first line is exactly one link, a heading that is exactly one link, or
such a paragraph straight after a heading or after another such. Everything to the next head belongs to it, headings
and lists included; only headings with nothing between them and the next head introduce that one.

From the lines after a story head to its summary: a slice of the source without indent, labels and source line.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections import Counter
from typing import NamedTuple

from zunda_mcp.reading.markdown.blocks import LONGEST_LINE, Block, Document, Link
from zunda_mcp.reading.markdown.cleaning import undo_yaml
from zunda_mcp.text.normalize import letters

__all__ = [
    "SOURCE_LABELS", "SUMMARY_LABELS", "TITLE_LABELS", "Body", "read_body", "shared_links", "story_heads",
    "without_label",
]  # fmt: skip

_MAX_JOINED = 12
"""A link broken over lines (blank ones too) is joined with at most this many of the lines that follow."""

_SHARED = 3
"""Headings with one address between them that are those of sections: two may be two stories about one page."""


class _Head(NamedTuple):
    """A story head. Lines count from 0: ``start`` where its first heading or its item stands, ``line`` where the link
    begins, ``body`` the first line after it.
    """

    title: str
    url: str
    start: int
    line: int
    body: int


def story_heads(document: Document) -> list[_Head]:
    """Find all heads of a body, in order."""
    heads: list[_Head] = []
    blocks, shared = document.blocks, shared_links(document)
    for place, block in enumerate(blocks):
        if heads and block.start < heads[-1].body:
            continue  # a line of a broken link
        before = blocks[place - 1] if place else block
        follows = before.kind == "heading" or (before.kind == "paragraph" and heads and heads[-1].body == before.end)
        if block.kind not in ("item", "heading") and not (block.kind == "paragraph" and follows):
            continue
        if (read := _head_link(document, block)) is not None:
            link, lines = read
            if link.url in shared and block.kind == "heading":
                continue
            first = place
            floor = heads[-1].body if heads else 0
            while first and blocks[first - 1].kind == "heading" and blocks[first - 1].start >= floor:
                first -= 1
            line = block.text_line
            heads.append(_Head(link.text, link.url, blocks[first].start, line, line + lines))
    return heads


def shared_links(document: Document) -> frozenset[str]:
    """The addresses to which several headings lead: the place to subscribe, say, and no story."""
    heads = (_head_link(document, block) for block in document.blocks if block.kind == "heading")
    counts = Counter(head[0].url for head in heads if head is not None)
    return frozenset(url for url, count in counts.items() if count >= _SHARED)


def _head_link(document: Document, block: Block) -> tuple[Link, int] | None:
    """Return the one link a block begins with, and over how many lines it goes."""
    lines = block.text.strip() if block.kind == "heading" else block.text.split("\n", 1)[0].strip()
    sign = _SIGNS.match(lines)
    joined = lines[sign.end() :] if sign else lines
    link = _one_link(document, joined) or _by_hand(joined)
    if link is not None and sign:
        link = link._replace(text=f"{sign[0].strip()} {link.text}")
    if block.kind == "heading":
        return (link, block.end - block.start) if link else None
    count = 1
    following = document.lines[block.text_line + 1 : block.text_line + 1 + _MAX_JOINED]
    while link is None and following and joined.startswith("[") and joined.count("[") > joined.count("]"):
        joined = f"{joined} {following.pop(0).strip()}".rstrip()
        link = _one_link(document, joined)
        count += 1
    return (link, count) if link else None


def _one_link(document: Document, line: str) -> Link | None:
    """Parse a line that may be one link; most others are known by their ends, which saves parsing them."""
    likely = line.startswith("[") and line.endswith((")", "]")) and len(line) <= LONGEST_LINE
    return document.only_link(line) if likely else None


def _by_hand(line: str) -> Link | None:
    """Read a link that only a person would: with an odd bracket in its title, or a space in its URL."""
    title, middle, url = line.strip().partition("](")
    if not middle or not title.startswith("[") or not url.endswith(")") or "](" in url or ") " in url:
        return None
    url = url[:-1].strip()
    if not url.startswith(("https://", "http://")):
        return None
    return Link(title[1:].strip(), url.replace(" ", "%20"))


SOURCE_LABELS = ("引用元", "出典")
TITLE_LABELS = ("タイトル",)
SUMMARY_LABELS = ("要約",)
_SIGNS = re.compile(r"[\u2190-\u2bff\u3030\ufe0f\u200d\U0001f000-\U0001faff\s]+(?=\[)")
"""Arrows, symbols and pictures (Unicode's blocks of these) before a link."""
_LIST_MARKS = "-*+0123456789"


class Body(NamedTuple):
    """A story's text, the URL of its source line, and its title where only a label line has one."""

    title: str
    source: str | None
    summary: str


def read_body(document: Document, head: _Head, end: int) -> Body:
    """Read the lines from a head to line ``end``."""
    lines, source = _without_source(document.lines[head.body : end], head.body, document)
    text = undo_yaml("\n".join(lines))
    title, summary = _without_labels(head.title, _trimmed(textwrap.dedent("\n".join(lines) if text is None else text)))
    return Body(title, source, summary)


def without_label(line: str, labels: tuple[str, ...]) -> str | None:
    """Return what stands after a label and its colon, ``None`` where the line has no such label."""
    name, colon, rest = line.replace("：", ":", 1).partition(":")
    if not colon or name.strip(" \t\u3000*") not in labels:
        return None
    return rest.removeprefix("**").strip()


def _without_source(lines: list[str], first: int, document: Document) -> tuple[list[str], str | None]:
    """Cut the last line off if it names the source and nothing else."""
    last = next((place for place in reversed(range(len(lines))) if lines[place].strip()), None)
    if last is None or first + last in document.code_lines:
        return lines, None
    named = without_label(lines[last], SOURCE_LABELS)
    if named is None:
        return lines, None
    url = named.removeprefix("<").removesuffix(">")
    if url and ("://" not in url or " " in url):
        return lines, None  # a name, not an address: worth keeping
    return lines[:last], url or None


def _without_labels(title: str, summary: str) -> tuple[str, str]:
    """Cut a first line that only repeats the title, and the word that announces the summary."""

    def same(one: str, other: str) -> bool:
        """Whether two titles are one: a site's name behind it, widths, spaces and signs do not count."""
        left, right = (letters(unicodedata.normalize("NFKC", text)) for text in (one, other))
        return bool(left) and (left in right or right in left)

    first, _, rest = summary.partition("\n")
    named = without_label(first, TITLE_LABELS)
    if named is not None and (not title or same(named, title)):
        title = title or named
        summary = _trimmed(rest)
        first, _, rest = summary.partition("\n")
    announced = without_label(first, SUMMARY_LABELS)
    if announced is not None:
        summary = _trimmed(f"{announced}\n{rest}")
    return title, summary


def _trimmed(text: str) -> str:
    """Take blank lines off both ends, the white space of a trailing hard break, and the indent of a first paragraph."""
    lines = text.split("\n")
    while lines and not lines[0].strip():
        lines.pop(0)
    if lines and lines[0].startswith(" ") and not lines[0].startswith("    "):
        first = lines[0].lstrip(" ")
        lines[0] = lines[0] if first[0] in _LIST_MARKS else first
    return "\n".join(lines).rstrip()
