"""Splits one feed item into stories: like a file of the same archive, else by its chapters, else by its outbound links.

Show notes in feeds are written for players that show plain text: lists are lines that begin with a dot, chapters are
lines that begin with a time, and a story is a paragraph that is only a link, followed by a paragraph of text.
``_as_file`` turns these into Markdown lists for the splitter of files. It changes nothing but list markers and the
repeated links of preview cards.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from html import unescape
from itertools import accumulate
from typing import NamedTuple

from zunda_mcp.reading.detection.conventions import Conventions
from zunda_mcp.reading.draft import Entry, boilerplate_links
from zunda_mcp.reading.feeds.item import Chapter
from zunda_mcp.reading.markdown.blocks import Document
from zunda_mcp.reading.markdown.cleaning import fenced_lines, with_lists
from zunda_mcp.reading.markdown.inline import links_in, only_link, without_links
from zunda_mcp.reading.metadata.fields import Fields
from zunda_mcp.reading.metadata.front_matter import FrontMatter
from zunda_mcp.reading.page_reader import parts_of
from zunda_mcp.reading.splitting.body import Body, notes_of
from zunda_mcp.reading.splitting.lists import with_chapters
from zunda_mcp.text.urls import is_web, site, story_url

__all__ = ["ItemStyle", "body_of", "repeated_links", "split", "without_frame"]

_MARKS = re.compile(r"^\s*(?:[-*+]|\d{1,9}[.)])\s+|^#+\s+|^>\s*")
_PARAGRAPHS = re.compile(r"\n[ \t]*\n")
_LONGEST_TITLE = 200
_MAX_LINKS = 500  # an item with more is a list of links; the rest stays text


class ItemStyle(NamedTuple):
    """How the items of one feed are written: the conventions for splitting them, and the links that most items have."""

    conventions: Conventions
    repeated: frozenset[str] = frozenset()


def split(text: str, page: str | None, chapters: Sequence[Chapter], style: ItemStyle) -> tuple[tuple[Entry, ...], str]:
    """Split a body in Markdown into entries and other text, in the style of its feed. ``page`` is the base of relative
    links. If the style gives no story, the chapters are the stories; without chapters, the outbound links are.
    """
    body = body_of(text, page, style)
    parts = parts_of(body)
    marks = [_mark(chapter, page) for chapter in chapters]
    if parts.entries:
        alone = len(marks) < 2 or any(entry.spoken for entry in parts.entries)
        entries = with_chapters(parts.entries, marks)[: len(parts.entries) if alone else None]
        return entries, notes_of(body.document, parts.entries, parts.claimed, ())
    linked = tuple(_linked(text, page))
    entries = with_chapters(linked, marks if len(marks) > 1 else ())
    return tuple(sorted(entries, key=lambda entry: math.inf if entry.start is None else entry.start)), text.strip()


def body_of(text: str, page: str | None, style: ItemStyle) -> Body:
    """Return the body of an item as that of a file without front matter."""
    return Body(Document(_as_file(text, page, style.repeated)), Fields(FrontMatter()), 0, page, style.conventions)


def _mark(chapter: Chapter, page: str | None) -> Entry:
    url = story_url(chapter.url, page) if chapter.url else None
    return Entry(chapter.title, url, None, url, "", start=chapter.start)


def _linked(text: str, page: str | None) -> Iterator[Entry]:
    """Yield each outbound link once, with the paragraph or list item around it as summary if that says more. A bare
    address takes the words before it as title.
    """
    seen: set[str] = set()
    own = site(page) if page else None
    before = ""
    for block in _paragraphs(text):
        around = _MARKS.sub("", block).strip()
        words = without_links(around, addresses=False).strip(" :：*-–—\n")
        for link in links_in(block):
            url = story_url(link.url, page)
            if url is None or not is_web(url) or url in seen or (own and site(url) == own):
                continue
            seen.add(url)
            if len(seen) > _MAX_LINKS:
                return
            title = re.sub(r"\\(.)", r"\1", link.text).strip("* ")
            title = _words_before(f"{before}\n{block[: link.start]}") if link.bare or is_web(title) else title
            yield Entry(title, url, None, url, around if words != title.strip() else "")
        before = block


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in _PARAGRAPHS.split(text):
        piece: list[str] = []
        for row in paragraph.split("\n"):
            if piece and re.match(r"\s*(?:[-*+]|\d{1,9}[.)])\s", row):
                yield "\n".join(piece)
                piece = []
            piece.append(row)
        if any(row.strip() for row in piece):
            yield "\n".join(piece)


def _words_before(text: str) -> str:
    """Return the last line of a text that is not empty; ``""`` if it has an address or is long."""
    rows = (without_links(_MARKS.sub("", row)) for row in reversed(text.split("\n")))
    words = next((plain for row in rows if (plain := row.replace("**", "").strip(" :：|–—-→\t*"))), "")
    return words if "://" not in words and len(words) <= _LONGEST_TITLE else ""


_LISTED = re.compile(r"\s*(?:[-+*]|\d{1,9}[.)])\s|\s{4}")
_BLOCK = re.compile(r"\s*(?:[-+*>#|]|\d{1,9}[.)])(?:\s|#|>)|\s{2,}|```|---")
_RULE = re.compile(r"-{3,}\Z")
_HREF = re.compile(r"href\s*=\s*[\"']([^\"'<>]{1,2000})[\"']", re.IGNORECASE)


def _as_file(text: str, page: str | None, repeated: Collection[str] = ()) -> str:
    """Return a body in Markdown with its lists of dots, times and links as Markdown lists. Links to the item's own page
    and those that the feed repeats are not list items.
    """
    paragraphs = [paragraph.split("\n") for paragraph in _PARAGRAPHS.split(text)]
    firsts = accumulate((len(lines) + 1 for lines in paragraphs), initial=0)
    inside = fenced_lines(text)
    code = {
        place
        for place, (first, lines) in enumerate(zip(firsts, paragraphs, strict=False))
        if not inside.isdisjoint(range(first, first + len(lines)))
    }
    links = [None if place in code else _only_link(lines[0], page, repeated) for place, lines in enumerate(paragraphs)]
    rewritten: list[list[str]] = []
    for place, lines in enumerate(paragraphs):
        url = links[place]
        if url and place and url == links[place - 1] and len(lines) == 1 and (card := only_link(lines[0])):
            rewritten.append([card.text])  # a card: its title, its text and its site are all the same link
        elif url and _has_text(paragraphs, links, place):
            rewritten.append([f"- {lines[0]}", *lines[1:]])
        else:
            rewritten.append(lines)
    result = "\n\n".join("\n".join(lines) for lines in rewritten)
    return "\n".join(with_lists(result.split("\n"), fenced_lines(result)))


def repeated_links(bodies: Iterable[str]) -> frozenset[str]:
    """Return the addresses that most items of a feed link to (its shop, its own pages); ``bodies`` are HTML."""
    return boilerplate_links({unescape(match[1]).strip() for match in _HREF.finditer(body)} for body in bodies)


def without_frame(text: str, page: str | None, repeated: Collection[str]) -> str:
    """Return a body without paragraphs whose links all lead to the item's own page or to ``repeated`` addresses."""
    kept = []
    for paragraph in _PARAGRAPHS.split(text):
        urls = [story_url(link.url, page) for link in links_in(paragraph)]
        if _LISTED.match(paragraph) or not urls or any(url and url != page and url not in repeated for url in urls):
            kept.append(paragraph)
    return "\n\n".join(kept)


def _only_link(line: str, page: str | None, repeated: Collection[str] = ()) -> str | None:
    """Return the address of a titled link that makes up a line; ``None`` if it is repeated or the item's own page."""
    link = only_link(line)
    url = story_url(link.url, page) if link else None
    return None if url == page or url in repeated else url


def _has_text(paragraphs: list[list[str]], links: list[str | None], place: int) -> bool:
    """Whether text follows the link that a paragraph begins with: in its other lines, or in the next paragraph."""
    if len(paragraphs[place]) > 1:
        return all(_only_link(line, None) is None for line in paragraphs[place][1:])
    if place + 1 >= len(paragraphs):
        return False
    if links[place + 1]:
        return links[place + 1] == links[place] and len(paragraphs[place + 1]) == 1
    following = paragraphs[place + 1][0]
    return not _BLOCK.match(following) and not _RULE.match(following.strip())
