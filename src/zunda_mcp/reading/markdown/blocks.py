"""Parse Markdown into top-level blocks with their source lines.

The dialect is CommonMark (https://spec.commonmark.org/0.31.2/) with tables and strikethrough. Inline markup is parsed
only in the few lines that may be titles of stories: a body is sliced by lines, and never rendered again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, Literal, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from zunda_mcp.reading.encoding import with_newlines

__all__ = ["LONGEST_LINE", "Block", "Document", "Link", "ListItem", "plain"]

LONGEST_LINE = 4000
"""A longer line is no title, and not worth the time of parsing it."""


class Block(NamedTuple):
    """A top-level block, or an item of a top-level bullet list, on the lines from ``start`` up to ``end``, from 0.
    ``text`` is the Markdown of its first paragraph or heading, from line ``text_line`` on, or the source of HTML.
    """

    kind: Literal["item", "heading", "paragraph", "html", "other"]
    start: int
    end: int
    text: str
    text_line: int
    level: int = 0


@dataclass(slots=True)
class ListItem:
    """An item of a bullet or numbered list. ``text`` is the Markdown of its first paragraph, on line ``text_line``, or
    ``""`` if it begins with another block; ``children`` are the items of the lists in it.
    """

    start: int
    end: int
    text: str
    text_line: int
    level: int
    children: list[ListItem] = field(default_factory=list)

    @property
    def after(self) -> int:
        """The first line after the item's own text."""
        return self.text_line + self.text.count("\n") + 1 if self.text else self.start


class Link(NamedTuple):
    """A Markdown link: its text without markup, and its destination as written."""

    text: str
    url: str


class Document:
    """The blocks of one Markdown text, and the lines they are slices of."""

    def __init__(self, text: str) -> None:
        text = with_newlines(text)  # as the parser counts lines
        self.lines = text.split("\n")
        self._references: dict[str, Any] = {}
        self._tokens = _block_parser().parse(text, self._references)
        self.blocks = tuple(_blocks(self._tokens))

    def only_link(self, text: str) -> Link | None:
        """Return the link that is all of a line of Markdown; ``None`` if the line is anything else."""
        parsed = _inline_parser().parseInline(text.strip(), self._references)
        children = list(parsed[0].children or []) if parsed else []
        if len(children) < 2 or children[0].type != "link_open" or children[-1].type != "link_close":
            return None
        if children[0].markup == "autolink" or any(child.type == "link_open" for child in children[1:]):
            return None
        url = children[0].attrGet("href")
        return Link(plain(children[1:-1]), str(url or ""))

    def plain_text(self, text: str) -> str:
        """Return a line of Markdown without its markup; one too long for a title stays as it is."""
        if len(text) > LONGEST_LINE:
            return text.strip()
        parsed = _inline_parser().parseInline(text.strip(), self._references)
        return plain(parsed[0].children or []) if parsed else ""

    @cached_property
    def lists(self) -> tuple[tuple[ListItem, ...], ...]:
        """The top-level lists, each as its items; one pass over the flat tokens. A numbered one that goes on below text
        is one list: what stands between its parts, and the paragraphs below its last item, belong to the item above.
        """
        lists: list[list[ListItem]] = []
        open_items: list[ListItem] = []
        after = -1  # the number that the list goes on with, unless a heading or a rule ends it
        went_on = False
        for place, token in enumerate(self._tokens):
            if token.type in ("bullet_list_open", "ordered_list_open") and token.level == 0:
                went_on = token.type[0] == "o" and after > 1 and token.attrGet("start") == after
                if went_on and token.map:
                    lists[-1][-1].end = token.map[0]
                else:
                    lists.append([])
                    after = int(token.attrGet("start") or 1) if token.type[0] == "o" else -1
            elif token.type == "list_item_open" and token.map and (open_items or token.level == 1):
                start, end = token.map
                item = ListItem(start, end, *_first_text(self._tokens, place, start), token.level)
                (open_items[-1].children if open_items else lists[-1]).append(item)
                open_items.append(item)
                after += item.level == 1 and after > 0
            elif token.type == "list_item_close" and open_items and open_items[-1].level == token.level:
                open_items.pop()
            elif token.level == 0 and token.type == "paragraph_open" and went_on and token.map:
                lists[-1][-1].end = token.map[1]
            elif token.level == 0 and token.type in ("heading_open", "hr"):
                after, went_on = -1, False
        return tuple(map(tuple, lists))

    @cached_property
    def begun(self) -> dict[int, ListItem]:
        """The items of the top-level lists by the line that each begins on."""
        return {item.start: item for items in self.lists for item in items}

    @cached_property
    def code_lines(self) -> frozenset[int]:
        """The lines of code blocks, in which no source of a story is looked for."""
        spans = [token.map for token in self._tokens if token.type in ("fence", "code_block") and token.map]
        return frozenset(line for start, end in spans for line in range(start, end))


_TEXTS = ("text", "code_inline", "html_inline", "text_special")
_MARKUP = re.compile(r"<(?:\w+\s[^<>]*=|/?(?:img|br|b|i|em|strong|u|s|small|sub|sup|span|kbd|mark|a)\b)", re.IGNORECASE)


def plain(children: list[Token]) -> str:
    """Return the text of inline tokens as a reader sees it; tags that are not for markup are text, as ``<form>`` is."""
    parts = []
    for child in children:
        if child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif child.type == "image":
            parts.append(plain(child.children or []))
        elif child.type in _TEXTS and not (child.type == "html_inline" and _MARKUP.match(child.content)):
            parts.append(child.content)
    return "".join(parts).strip()


_TASK = re.compile(r"\A\[[ xX]\]\s+")
"""The box before a task (https://github.github.com/gfm/#task-list-items-extension-)."""


def _first_text(tokens: list[Token], place: int, start: int) -> tuple[str, int]:
    """Return the first paragraph, in Markdown, of the item that opens at ``place``, and its line; ``""`` if none is."""
    inline = tokens[place + 2] if place + 2 < len(tokens) and tokens[place + 1].type == "paragraph_open" else None
    is_text = inline is not None and inline.type == "inline"
    return (_TASK.sub("", inline.content), inline.map[0]) if inline and inline.map and is_text else ("", start)


def _blocks(tokens: list[Token]) -> Iterator[Block]:
    for place, token in enumerate(tokens):
        if not token.map or token.nesting < 0:
            continue
        start, end = token.map
        if token.type == "list_item_open" and token.level == 1 and token.markup in "-*+":
            yield Block("item", start, end, *_first_text(tokens, place, start))
        elif token.level == 0 and token.type == "heading_open":
            yield Block("heading", start, end, tokens[place + 1].content, start, int(token.tag[1:]))
        elif token.level == 0 and token.type == "paragraph_open":
            yield Block("paragraph", start, end, tokens[place + 1].content, start)
        elif token.level == 0 and token.type == "html_block":
            yield Block("html", start, end, token.content, start)
        elif token.level == 0 and token.type != "bullet_list_open":
            yield Block("other", start, end, "", start)


class _SourceLinks(MarkdownIt):
    """Keeps link destinations as written: encoded, they would differ from the same URL in plain text."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802 - the library's name
        return url


@cache
def _block_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parser.core.ruler.disable(["inline"])
    return parser


@cache
def _inline_parser() -> MarkdownIt:
    return _SourceLinks("commonmark").enable(["strikethrough"])
