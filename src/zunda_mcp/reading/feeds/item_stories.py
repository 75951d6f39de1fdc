"""The stories of one feed item: as in a file of the same archive, else its chapters, else its outbound links.

What show notes in feeds write with plain lines, written as a file of show notes would have it.

Feeds are made for players that show text: lists are lines with a dot before them, chapters are lines with a time, and a
story is a paragraph that is one link with a paragraph below it. As Markdown lists they are read by the one splitter
that files have. Nothing is added but the sign of a list, and nothing taken away but the signs it replaces.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from html import unescape
from typing import NamedTuple
from urllib.parse import urlsplit

from zunda_mcp.reading.conventions import Conventions
from zunda_mcp.reading.draft import Entry, boilerplate_links, site_of
from zunda_mcp.reading.feeds.item import Chapter
from zunda_mcp.reading.markdown.blocks import Document
from zunda_mcp.reading.markdown.inline import links_in
from zunda_mcp.reading.metadata.fields import Fields
from zunda_mcp.reading.metadata.front_matter import FrontMatter
from zunda_mcp.reading.page import own_prose, parts_of
from zunda_mcp.reading.splitting.body import Body
from zunda_mcp.text.timestamps import leading_time
from zunda_mcp.text.urls import is_web, story_url

_LINK = re.compile(r"(?<!!)\[((?:[^\[\]\\\n]|\\.)+)\]\((?:<([^<>\n]*)>|([^()\s]+))(?:\s+\"[^\"\n]*\")?\)")
_BARE = re.compile(r"https?://[^\s<>\"'`　、。，」』】）〕\]]+")
_MARKS = re.compile(r"^\s*(?:[-*+]|\d{1,9}[.)])\s+|^#+\s+|^>\s*")
MAX_LINKS = 500
"""An item with more links than this is a list of links, and the rest of it stays text."""


class Split(NamedTuple):
    """The entries of a body, and what of its text belongs to none of them."""

    entries: tuple[Entry, ...]
    prose: str


class ItemStyle(NamedTuple):
    """How the items of one feed are written: the conventions they are split by, and the links that most have."""

    conventions: Conventions
    repeated: frozenset[str] = frozenset()


def split(text: str, page: str | None, chapters: Sequence[Chapter], line: int, style: ItemStyle) -> Split:
    """Split a body in Markdown in its feed's style.

    ``page`` is what relative links start from, ``line`` where the item stands. An item that has nothing of that way
    gives its chapters, else its outbound links.
    """
    body = body_of(text, page, style)
    parts = parts_of(body)
    if parts.entries:
        entries = _timed(tuple(replace(entry, line=line) for entry in parts.entries), chapters)
        if not any(entry.spoken for entry in entries):
            entries += tuple(_unknown(entries, chapters, page, line))
        return Split(entries, own_prose(body, parts, set()))
    linked = tuple(_linked(text, page, line))
    if len(chapters) > 1:
        return Split(_chaptered(chapters, linked, page, line), text.strip())
    return Split(_timed(linked, chapters), text.strip())


def body_of(text: str, page: str | None, style: ItemStyle) -> Body:
    """The body of an item as that of a file without front matter."""
    return Body(Document(as_file(text, page, style.repeated)), Fields(FrontMatter()), 0, page, style.conventions)


def _unknown(entries: Sequence[Entry], chapters: Sequence[Chapter], page: str | None, line: int) -> Iterator[Entry]:
    """The chapters that are no story already, by time, title or address."""
    times = {int(entry.start) for entry in entries if entry.start is not None}
    titles = {_folded(entry.title) for entry in entries}
    urls = {_bare(entry.url) for entry in entries if entry.url}
    for chapter in chapters if len(chapters) > 1 else ():
        url = story_url(chapter.url, page) if chapter.url else None
        known = int(chapter.start) in times or _folded(chapter.title) in titles or (url and _bare(url) in urls)
        if not known:
            yield Entry(chapter.title, url, None, url, "", line, start=chapter.start)


def _linked(text: str, page: str | None, line: int) -> Iterator[Entry]:
    """Every outbound link once, with the paragraph or list item that it stands in."""
    seen: set[str] = set()
    own = site_of(page)
    before = ""
    for block in _paragraphs(text):
        for title, written in _links(block, before):
            url = story_url(written, page)
            if url is None or not is_web(url) or url in seen or (own and site_of(url) == own):
                continue
            seen.add(url)
            if len(seen) > MAX_LINKS:
                return
            yield Entry(title, url, None, url, _around(block, title), line)
        before = block


def _paragraphs(text: str) -> Iterator[str]:
    """Paragraphs, and list items by themselves."""
    for paragraph in re.split(r"\n\s*\n", text):
        piece: list[str] = []
        for row in paragraph.split("\n"):
            if piece and re.match(r"\s*(?:[-*+]|\d{1,9}[.)])\s", row):
                yield "\n".join(piece)
                piece = []
            piece.append(row)
        if any(row.strip() for row in piece):
            yield "\n".join(piece)


def _links(block: str, before: str) -> Iterator[tuple[str, str]]:
    """Titles and addresses of a paragraph's links in order. A bare address is called by the words before it."""
    found = [(match.start(), match.end(), match) for match in _LINK.finditer(block)]
    taken = [(start, end) for start, end, _ in found]
    for start, _, match in found:
        title = re.sub(r"\\(.)", r"\1", match[1]).strip("* ")
        yield _titled(title, block, start, before), match[2] or match[3]
    for bare in _BARE.finditer(block):
        if not any(start <= bare.start() < end for start, end in taken):
            yield _named_before(block, bare.start(), before), bare[0].rstrip(".,;:!?)")


def _titled(title: str, block: str, at: int, before: str) -> str:
    """The link's own words, unless these are only an address."""
    return _named_before(block, at, before) if is_web(title) else title


def _named_before(block: str, at: int, before: str) -> str:
    row = _plain(block[:at].rpartition("\n")[2])
    above = [_plain(line) for line in block[:at].rpartition("\n")[0].split("\n")]
    for words in (row, *reversed(above), *reversed([_plain(line) for line in before.split("\n")])):
        if words and not _BARE.search(words):
            return words if len(words) <= 200 else ""
        if words:
            return ""
    return ""


def _plain(row: str) -> str:
    row = _LINK.sub(lambda match: match[1], _MARKS.sub("", row))
    return row.replace("**", "").strip(" :：|–—-→\t*")


def _around(block: str, title: str) -> str:
    """The text a link stands in, where it says more than the link."""
    text = _MARKS.sub("", block).strip()
    alone = _BARE.sub("", _LINK.sub(lambda match: match[1], text))
    return text if alone.strip(" :：*-–—\n") != title.strip() else ""


def _timed(entries: tuple[Entry, ...], chapters: Sequence[Chapter]) -> tuple[Entry, ...]:
    """Give entries the time of the chapter that has their address or title."""
    starts = {_bare(chapter.url): chapter.start for chapter in reversed(chapters) if chapter.url}
    titles = {_folded(chapter.title): chapter.start for chapter in reversed(chapters)}
    return tuple(_at(entry, starts.get(_bare(entry.url or ""), titles.get(_folded(entry.title)))) for entry in entries)


def _chaptered(
    chapters: Sequence[Chapter], linked: tuple[Entry, ...], page: str | None, line: int
) -> tuple[Entry, ...]:
    """Chapters as stories; a link that is no chapter's follows them."""
    entries: list[Entry] = []
    by_title = {_folded(entry.title): entry for entry in linked if entry.title}
    by_url = {_bare(entry.url or ""): entry for entry in linked}
    used: set[str] = set()
    for chapter in chapters:
        url = story_url(chapter.url, page) if chapter.url else None
        told = by_url.get(_bare(url or "")) or by_title.get(_folded(chapter.title))
        address = url or (told.url if told else None)
        used.add(_bare(address or ""))
        summary = told.summary if told else ""
        entries.append(Entry(chapter.title, address, None, address, summary, line, start=chapter.start))
    entries += [entry for entry in linked if _bare(entry.url or "") not in used]
    return tuple(entries)


def _at(entry: Entry, start: float | None) -> Entry:
    return entry if start is None else replace(entry, start=start)


def _folded(title: str) -> str:
    return "".join(filter(str.isalnum, title.casefold()))


def _bare(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return f"{(parts.hostname or '').removeprefix('www.')}{parts.path.rstrip('/')}?{parts.query}" if url else ""


_DOT = re.compile(r"^\s{0,3}[•・●▪◦‣∙·⁃➤▶►✔✅]\ufe0f?\s*(?=\S)")
_LISTED = re.compile(r"\s*(?:[-+*]|\d{1,9}[.)])\s|\s{4}")
_BLOCK = re.compile(r"\s*(?:[-+*>#|]|\d{1,9}[.)])(?:\s|#|>)|\s{2,}|```|---")
_FENCE = re.compile(r"\s{0,3}```")
_RULE = re.compile(r"-{3,}\Z")
_HREF = re.compile(r"href\s*=\s*[\"']([^\"'<>]{1,2000})[\"']", re.IGNORECASE)
LONGEST = 4000


def as_file(text: str, page: str | None, repeated: Collection[str] = ()) -> str:
    """A body in Markdown with its lists as lists. ``page`` is the item's own, which is no story of it; neither is what
    the feed repeats (``repeated``).
    """
    paragraphs = [paragraph.split("\n") for paragraph in re.split(r"\n[ \t]*\n", text)]
    code = set(_code(paragraphs))
    plain = [lines for place, lines in enumerate(paragraphs) if place not in code]
    dots = sum(bool(_DOT.match(line)) for lines in plain for line in lines) >= 2
    times = sum(_timed_shapes(line) for lines in plain for line in lines) >= 2
    links = [None if place in code else _only_link(lines[0], page, repeated) for place, lines in enumerate(paragraphs)]
    found: list[list[str]] = []
    for place, lines in enumerate(paragraphs):
        url = links[place]
        if place in code:
            found.append(lines)
        elif url and place and url == links[place - 1] and len(lines) == 1:
            found.append([_words(lines[0])])  # a card: its title, its text and its site are all the same link
        elif url and _goes_on(paragraphs, links, place):
            found.append([f"- {lines[0]}", *lines[1:]])
        else:
            found.append([_line(line, dots=dots, times=times) for line in lines])
    return "\n\n".join("\n".join(lines) for lines in found)


def repeated_links(bodies: Iterable[str]) -> frozenset[str]:
    """The addresses that most items of a feed link to: its shop, its own pages. ``bodies`` are as they came."""
    return boilerplate_links({unescape(match[1]).strip() for match in _HREF.finditer(body)} for body in bodies)


def without_frame(text: str, page: str | None, repeated: Collection[str]) -> str:
    """A body without the paragraphs that only lead to the item's own page or where most items lead: what stands around
    the notes and says nothing of how they are written.
    """
    paragraphs = re.split(r"\n[ \t]*\n", text)
    return "\n\n".join(one for one in paragraphs if _LISTED.match(one) or not _is_frame(one, page, repeated))


def _is_frame(paragraph: str, page: str | None, repeated: Collection[str]) -> bool:
    found = [story_url(link.url, page) for link in links_in(paragraph)]
    return bool(found) and all(url == page or url in repeated for url in found if url)


def _line(line: str, *, dots: bool, times: bool) -> str:
    if dots and (dot := _DOT.match(line)):
        return f"- {line[dot.end() :]}"
    return f"- {line}" if times and _timed_shapes(line) else line


def _timed_shapes(line: str) -> bool:
    """Whether a line that is in no list begins with a time and says something."""
    if len(line) > LONGEST or _LISTED.match(line):
        return False
    timed = leading_time(line)
    return timed is not None and bool(timed.text)


def _only_link(line: str, page: str | None, repeated: Collection[str] = ()) -> str | None:
    """The address of the link that a line consists of; ``None`` for a bare one, and for the item's own page."""
    stripped = line.strip().strip("*").strip()
    if not stripped.startswith("[") or len(stripped) > LONGEST:
        return None
    links = list(links_in(stripped))
    if len(links) != 1 or links[0].bare or (links[0].start, links[0].end) != (0, len(stripped)):
        return None
    url = story_url(links[0].url, page)
    return None if url is None or url == page or url in repeated else url


def _goes_on(paragraphs: list[list[str]], links: list[str | None], place: int) -> bool:
    """Whether a paragraph that begins with a link is told about: by its own lines, or by a paragraph of plain text."""
    if len(paragraphs[place]) > 1:
        return all(_only_link(line, None) is None for line in paragraphs[place][1:])
    if place + 1 >= len(paragraphs):
        return False
    if links[place + 1]:
        return links[place + 1] == links[place] and len(paragraphs[place + 1]) == 1
    following = paragraphs[place + 1][0]
    return not _BLOCK.match(following) and not _RULE.match(following.strip())


def _words(line: str) -> str:
    (link,) = links_in(line.strip().strip("*").strip())
    return link.text


def _code(paragraphs: list[list[str]]) -> Iterator[int]:
    """The paragraphs that lie in code, wholly or in part."""
    inside = False
    for place, lines in enumerate(paragraphs):
        fences = sum(bool(_FENCE.match(line)) for line in lines)
        if inside or fences:
            yield place
        inside ^= bool(fences % 2)
