"""Stories under headings of one level, under headings with a time (``### 3:52 HPC``), or under those that begin with a
link; those that begin with a line that is exactly one link (``stories``), each with everything up to the next; and
those that stand as paragraphs or list items under the heading of a section: ``News``, ``Tools``, 工具.

Where several paragraphs of a section are numbered (``1、[…](…)``), each of these begins a story that goes on up to the
next; else each paragraph with a link is one. A heading below the section's begins a story, too.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from zunda_mcp.reading.draft import Entry
from zunda_mcp.reading.markdown.blocks import Block, Document, ListItem
from zunda_mcp.reading.markdown.inline import (
    LONGEST,
    first_sentence,
    first_url,
    is_profile,
    links_out,
    plain_line,
    read_line,
)
from zunda_mcp.reading.metadata.fields import TITLE
from zunda_mcp.reading.splitting.body import Body, Split, ignored_lines, sections
from zunda_mcp.reading.splitting.lists import entries_of_lists, names_address, split_list_items
from zunda_mcp.reading.splitting.stories import TITLE_LABELS, read_body, shared_links, story_heads, without_label
from zunda_mcp.text.normalize import letters
from zunda_mcp.text.timestamps import Timed, leading_time, trailing_time
from zunda_mcp.text.urls import story_url

__all__ = ["split_headings", "split_items", "split_link_heads", "usual_level"]


def split_items(body: Body) -> Split:
    """Split into the items of lists, and at the headings that begin with a link over a text."""
    parts = split_list_items(body)
    heads = Split() if body.conventions.mapping.stories else split_headings(body, timed=False, levels=())
    entries = [entry for entry in parts.entries if entry.line - body.first - 1 not in heads.claimed]
    entries = sorted((*entries, *heads.entries), key=lambda entry: entry.line)
    return Split(tuple(entries), parts.claimed | heads.claimed)


def split_headings(body: Body, *, timed: bool, levels: Collection[int] | None = None) -> Split:
    """Split at the headings of these levels, by default of the archive's, or of the level this file uses most, and at
    those that begin with a link over a text; with ``timed`` at every heading with a time. A heading that many files
    have is a section, as one over a list of links is beside another such: what has an address in it is a story.
    """
    document, ignored = body.document, body.conventions.ignored
    dropped = ignored_lines(document, ignored)
    title = body.fields.plain(*TITLE) or None  # a heading that says it once more begins no story
    both = ((one, end, document.plain_text(one.text)) for one, end in sections(document) if one.start not in dropped)
    headings = [(heading, end) for heading, end, text in both if text != title]
    times = {heading: _heading_time(document, heading) for heading, _ in headings} if timed else {}
    named, inside = set[Block](), {heading for heading, time in times.items() if time}
    if not timed:
        stated = body.conventions.mapping.levels
        levels = stated or (_level(headings, body.conventions.level),) if levels is None else levels
        named = {one for one, _ in headings if body.conventions.has_section(plain_line(document, one.text))}
        links = set[Block]() if stated else _links(document, headings)
        beside = _beside_links(document, headings, levels, named, links) if links else set[Block]()
        named -= beside & links
        below = {one: _below(document, one.end, end) for one, end in headings if one.level in levels}
        over = {one for one, (items, rest) in below.items() if items[1:] and not rest and all(map(_has_url, items))}
        named |= over if over & named and not stated else set()
        inside = {one for one, _ in headings if one.level in levels} | beside
    above = (one for one in headings if one[0] in named and one[0].level < min(levels or (), default=0))
    listed = {one for one, end in above if not any(one.start < deeper.start < end for deeper in inside)}
    heads = [(heading, end, times.get(heading)) for heading, end in headings if heading in inside | listed]
    claimed = set(dropped)
    entries = []
    for place, (heading, end, time) in enumerate(heads):
        stop = min(end, heads[place + 1][0].start) if place + 1 < len(heads) else end
        line = read_line(document, time.text if time else heading.text, body.page)
        if line.rest and len(whole := plain_line(document, heading.text)) <= LONGEST and not time:
            line = line._replace(title=whole, rest=line.rest if first_url(line.rest, body.page) else "")
        if heading in named:
            parts = _split_section(body, line.title, heading.end, stop, only_lists=heading not in inside)
            texts = (text for text in document.lines[heading.end : stop] if not text.startswith("#"))
            if parts or heading not in inside or len(letters("".join(texts))) < _SHORTEST:
                entries += [part.entry for part in parts]
                claimed.update(line for part in parts for line in range(part.start, part.end))
                continue
        claimed.update(range(heading.start, stop))
        lines = [
            text if heading.end + n not in dropped else "" for n, text in enumerate(document.lines[heading.end : stop])
        ]
        summary = "\n\n".join(part for part in (line.rest, "\n".join(lines).strip("\n").rstrip()) if part)
        url = line.url or _main_url(summary, body.page)
        if ignored.url(line.url) or not (summary or url or time):
            continue
        start = time.start if time else None
        entries.append(Entry(line.title, line.url, None, url, summary, body.first + heading.start + 1, start))
    return Split(tuple(entries), frozenset(claimed))


def _heading_time(document: Document, heading: Block) -> Timed | None:
    text = heading.text.strip()
    timed = leading_time(text) or trailing_time(text, bare=True)
    return timed if timed is not None and (timed.text or plain_line(document, text)) else None


def _beside_links(
    document: Document,
    headings: Sequence[tuple[Block, int]],
    levels: Collection[int],
    named: Collection[Block],
    links: Collection[Block],
) -> set[Block]:
    """The headings that are ``links`` and have text right below them, and those beside them: several below a
    section, or three below one that is a story itself. One over a list of links is that of a section.
    """
    groups: defaultdict[tuple[Block | None, int], list[Block]] = defaultdict(list)
    above: list[tuple[Block, int]] = []
    ends = [*(one.start for one, _ in headings[1:]), len(document.lines)]
    for (heading, last), end in zip(headings, ends, strict=False):
        items, below = _below(document, heading.end, end)
        few = sum(map(_has_url, items)) * 2 < len(items)
        if few or (below and (heading in links or not items)):
            over = next((one for one, until in reversed(above) if heading.start < until), None)
            groups[over, heading.level].append(heading)
        if heading.level in levels or heading in named:
            above.append((heading, last))
    least = {key: 2 if key[0] is None or key[0] in named else 3 for key in groups}
    return {one for key, group in groups.items() if sum(one in links for one in group) >= least[key] for one in group}


def _links(document: Document, headings: Sequence[tuple[Block, int]]) -> set[Block]:
    """The headings that begin with a link of their own."""
    firsts = ((one, next(links_out(one.text), None)) for one, _ in headings)
    links = {one: link for one, link in firsts if link is not None and not letters(one.text[: link.start])}
    shared = shared_links(document) if links else ()
    return {one for one, link in links.items() if link.url not in shared}


def _below(document: Document, start: int, end: int) -> tuple[list[ListItem], str]:
    """The items of lists between two lines, and the letters of all else there."""
    items = [document.begun[line] for line in range(start, end) if line in document.begun]
    listed = {line for item in items for line in range(item.start, item.end)}
    return items, letters("".join(document.lines[line] for line in range(start, end) if line not in listed))


def _has_url(item: ListItem) -> bool:
    return first_url(item.text, None) is not None


def _level(headings: list[tuple[Block, int]], usual: int) -> int:
    levels = Counter(heading.level for heading, _ in headings)
    if levels[usual] == 1 and headings[0][0].level == usual == min(levels):
        del levels[usual]  # the title of a page
    repeated = (level for level in levels.elements() if levels[level] >= 2)
    return usual if usual in levels else usual_level(repeated, usual)


def usual_level(levels: Iterable[int], default: int = 2) -> int:
    """Return the level of most of these headings, the highest of several; ``default`` without any."""
    counts = Counter(levels)
    return max(counts, key=lambda level: (counts[level], -level), default=default)


def split_link_heads(body: Body) -> Split:
    """Split at the heads; all lines from the first on belong to the stories. Of the ignore rules only the user's apply:
    the letter form is found as boilerplate, and a story about a sponsor is one.
    """
    document = body.document
    heads = story_heads(document)
    entries = []
    for place, head in enumerate(heads, start=1):
        end = heads[place].start if place < len(heads) else len(document.lines)
        read = read_body(document, head, end)
        titled = without_label(read.title, TITLE_LABELS)
        title = read.title if titled is None else titled
        link = head.url.strip() or None
        url = story_url(link, body.page) or story_url(read.source, body.page)
        if link != url and title.count('"') % 2:
            title = title.strip('"')  # the other half of a quote that strayed into the URL
        if body.conventions.ignored.by_user(title, url) or not (title or link or read.source or read.summary):
            continue
        entries.append(Entry(title, link, read.source, url, read.summary, body.first + head.line + 1))
    start = heads[0].start if heads else None
    claimed = frozenset(range(start, len(document.lines))) if start is not None else frozenset[int]()
    return Split(tuple(entries), claimed)


# --- sections

_NUMBERED = re.compile(
    r"[*_]{0,2}(?P<number>\d{1,3}|[①-⑳])[*_]{0,2}(?:[、．）]\s*|[.)][*_]{0,2}(?:\s+|$)|(?<=[①-⑳])\s*)"
)
_BOLD_LINE = re.compile(r"\*\*([^*\n]{1,160})\*\*[ \t]*\\?(?:\n|$)")
"""A first line that is all bold is the title of its paragraph."""
_ADDRESS_LINE = re.compile(r"\A<?https?://[^\s<>]+>?[ \t]*\\?$", re.MULTILINE)
_NOTHING = re.compile(r"[ >(]*[*_]{0,3}")
_LEAD = re.compile(r"[^\n]{1,119}[^\n.!?。！？:：,]")
_SHORTEST = 8
"""Letters of an item without text or address that is a topic; shorter ones say "none"."""


class _Part(NamedTuple):
    """A story of a section, and the lines from ``start`` up to ``end`` that it takes."""

    entry: Entry
    start: int
    end: int


def _split_section(body: Body, section: str, start: int, end: int, *, only_lists: bool = False) -> list[_Part]:
    """Return the stories of a section between two lines of a body: what has an address, the items of a list of which
    most have none, what has a heading; none where it is one text. With ``only_lists`` the items that have an address.
    """
    document = body.document
    blocks = [block for block in document.blocks if start <= block.start < end]
    numbers = [match["number"] for block in document.blocks if (match := _number(block))]
    numbered = (len(numbers) >= 2 or numbers in (["1"], ["①"])) and any(map(_number, blocks))
    leads = _leads(blocks)
    parts = list(_of_lists(body, start, end, leads))
    if only_lists:
        return [part for part in parts if part.entry.url]
    inside = [(part.start, part.end) for part in parts]
    blocks = [block for block in blocks if not any(first <= block.start < last for first, last in inside)]
    places: list[int] = []
    belongs = False  # what stands under a heading that is a link
    for place, block in enumerate(blocks):
        linked = first_url(block.text, None) is not None
        if block.kind == "heading":
            belongs = linked
            places.append(place)
        elif _number(block) if numbered else block.kind == "paragraph" and not belongs:
            places += [place] if numbered or linked or block.start in leads else []
    alone = len(places) == 1 and not parts
    for count, place in enumerate(places):
        block = blocks[place]
        stop = blocks[places[count + 1]].start if count + 1 < len(places) else end
        if block.kind != "heading":
            stop = min(stop, min((first for first, _ in inside if first > block.start), default=end))
        titled = numbered or block.start in leads
        entry = _entry(body, block, stop, titled=titled, section=section if alone else "")
        is_section = block.kind == "heading" and first_url(block.text, None) is None
        if entry is not None and is_section and body.conventions.has_section(entry.title):
            deeper = _split_section(body, entry.title, block.end, stop)
            parts += deeper
            entry = None if deeper else entry
        if entry is not None:
            parts.append(_Part(entry, block.start, stop))
    outermost: list[_Part] = []
    for part in sorted(parts, key=lambda part: (part.start, -part.end)):
        if not outermost or part.start >= outermost[-1].end:
            outermost.append(part)
    heads = (part.start in leads or document.lines[part.start].startswith("#") for part in outermost)
    topics = len(inside) > 1 or any(heads) or any(part.entry.url for part in outermost)
    return outermost if topics else []


def _leads(blocks: Sequence[Block]) -> frozenset[int]:
    """The lines of paragraphs that are titles of the lists right below them: short, on one line, no sentence; several
    of them, or none.
    """
    leads = {
        block.start
        for block, below in pairwise(blocks)
        if block.kind == "paragraph" and below.kind in ("item", "other") and _LEAD.fullmatch(block.text.strip())
    }
    return frozenset(leads if len(leads) > 1 else ())


def _of_lists(body: Body, start: int, end: int, leads: Collection[int]) -> Iterator[_Part]:
    before = [one.start for one in body.document.blocks if one.kind == "heading" or one.start in leads]
    for items in body.document.lists:
        if items and start <= items[0].start < end:
            entries = entries_of_lists(body, items)
            few = sum(entry.url is not None for entry, _ in entries) * 2 < len(entries)
            if few and max((one for one in before if one < items[0].start), default=-1) in leads:
                continue
            for place, (entry, first) in enumerate(entries):
                last = entries[place + 1][1] if place + 1 < len(entries) else items[-1].end
                if entry.url or (few and (entry.summary or len(entry.title) >= _SHORTEST)):
                    yield _Part(entry, first, last)


def _number(block: Block) -> re.Match[str] | None:
    return _NUMBERED.match(block.text) if block.kind == "paragraph" else None


def _entry(body: Body, block: Block, stop: int, *, titled: bool, section: str) -> Entry | None:
    """Make the story of a block: ``titled`` by its first line, else by its link, its bold line, its ``section`` where
    it is all of that, or its first sentence.
    """
    document, page = body.document, body.page
    text = _NUMBERED.sub("", block.text, count=1) if titled and _number(block) else block.text
    below = "\n".join(document.lines[block.end : stop]).strip("\n").rstrip()
    line = read_line(document, text, page)
    title, rest, link = line.title, line.rest, line.url
    if block.kind == "paragraph" and (bold := _BOLD_LINE.match(text)):
        title, rest = plain_line(document, bold[1]), text[bold.end() :].strip()
        link, rest = first_url(rest, page), _ADDRESS_LINE.sub("", rest).strip()
    elif block.kind == "paragraph" and not (titled or _is_title(text) or names_address(text)):
        link = _main_url(text, page)
        title, rest = section or first_sentence(document, text), text.strip()
    url = link or _main_url(below, page)
    summary = "\n\n".join(part for part in (rest, below) if part)
    if body.conventions.ignored.title(title) or body.conventions.ignored.url(url) or not (title or summary):
        return None
    if block.kind == "heading" and not (summary or url):
        return None
    return Entry(title, link, None, url, summary, body.first + block.start + 1, names_address=names_address(text))


def _is_title(text: str) -> bool:
    """Whether a paragraph begins with a link that is its title: alone, or with a mark or a new line behind it."""
    first = next(links_out(text), None)
    if first is None or text[: first.start].strip("*_ 　"):
        return False
    rest = text[first.end :].lstrip("*_").lstrip(" 　")
    return not rest or rest[0] in "-–—:：|\n,，、。(（" or text[first.end :].lstrip("*_ ").startswith("\n")


def _main_url(text: str, page: str | None) -> str | None:
    """Return the first address of a text: of those that are no person's profile the first of the links that it ends
    with, such as ``[Read more](…)`` on a line of its own, unless it begins with such a line; else the first of all.
    """
    links = [(link, url) for link in links_out(text) if (url := story_url(link.url, page))]
    others = [(link, url) for link, url in links if not is_profile(url)] or links
    end, lines = len(text), text.split("\n")
    for line in () if _are_links(lines[0]) else reversed(lines):
        if line.strip() and not _are_links(line):
            break
        end -= len(line) + 1
    return next((url for link, url in others if link.start > end), others[0][1] if others else None)


def _are_links(line: str) -> bool:
    """Whether a line begins with a link, and has nothing but links."""
    link = next(links_out(line), None)
    begins = link is not None and _NOTHING.fullmatch(line[: link.start])
    return bool(link and begins and line[link.end :].lstrip(" *_.,、|/·\\)")[:1] in ("", "[", "<"))
