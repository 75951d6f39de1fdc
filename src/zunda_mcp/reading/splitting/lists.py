"""Stories that are items of lists: in the body flat lists of links, topics with links below them, topics with times; in
the front matter lists of articles, links, topics, chapters.

An item is a story with all that stands in it. One that only holds others together (``Scott:``, ``Stable 120``) is none,
though a name with a colon goes before the titles of its items; neither is one that only leads elsewhere on the page. In
a list with times, an item without one belongs to the topic before it, unless both begin with a link. Sponsors and
contact forms are left out.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from zunda_mcp.reading.detection.conventions import section_name
from zunda_mcp.reading.draft import Entry
from zunda_mcp.reading.html.to_markdown import markup_as_markdown
from zunda_mcp.reading.markdown.blocks import Document, ListItem
from zunda_mcp.reading.markdown.inline import first_url, links_in, links_out, names_person, plain_line, read_line
from zunda_mcp.reading.metadata.fields import Fields
from zunda_mcp.reading.metadata.front_matter import Value
from zunda_mcp.reading.splitting.body import BETWEEN, Body, Split, ignored_lines
from zunda_mcp.text.normalize import letters
from zunda_mcp.text.timestamps import Timed, leading_time, seconds_in, trailing_time
from zunda_mcp.text.urls import canonical_url, is_web, story_url

__all__ = [
    "ADDRESSES", "STORIES", "SUMMARIES", "TITLES", "chapters", "entries_of_lists", "entry_of", "groups_of", "item_text",
    "names_address", "split_front_matter_lists", "split_list_items", "with_chapters",
]  # fmt: skip

_LONGEST_LABEL = 120
_MARKS = re.compile(r"\s*(?:(?:[-*+>]|#{1,6}|\d{1,9}[.)])(?:\s+|$))*")
_NAMED_ADDRESS = re.compile(r"[^\n:：\[\]]{1,24}[:：][*_]*\s*(?:<?https?://\S+>?|\[[^\[\]]{1,80}\]\(\S+\))[*_.]*")
_LABEL = re.compile(r"[^\n]{1,24}[:：][*_]*")
_BETWEEN = re.compile(rf"{BETWEEN}\.?")
_TITLE = 16
"""Letters that such titles have on average, or more; ``slides`` and ``recording`` are two things of one story."""


@dataclass(slots=True)
class _Unit:
    """A story in the making: its item, its text, its time, and the spans of lines that belong to it."""

    item: ListItem
    text: str
    start: float | None
    spans: list[tuple[int, int]]
    label: str = ""


def split_list_items(body: Body) -> Split:
    """Split a body into the items of its lists."""
    dropped = ignored_lines(body.document, body.conventions.ignored)
    claimed = set(dropped)
    entries = []
    usual = body.conventions.sections
    for items in body.document.lists:
        kept = [item for item in items if item.start not in dropped]
        groups = (item for item in _items(kept) if _is_group(item, usual))
        claimed.update(item.start for item in groups if _LABEL.fullmatch(item.text.strip()))
        for unit in _units(kept, usual):
            claimed.update(range(unit.item.start, max(unit.item.after, unit.item.start + 1)))
            for start, end in unit.spans:
                claimed.update(range(start, end))
            entry = _entry(body, unit)
            if entry is not None:
                entries.append(entry)
    return Split(tuple(entries), frozenset(claimed))


def groups_of(document: Document) -> Iterable[str]:
    """What the items of lists say (``section_name``) that have items below them and may only hold these together."""
    for items in document.lists:
        for item in items:
            if item.children and 0 < len(item.text) <= _LONGEST_LABEL and not first_url(item.text, None):
                yield section_name(item.text)


def entries_of_lists(body: Body, items: Sequence[ListItem]) -> list[tuple[Entry, int]]:
    """Return the stories of one list, each with the line it begins at."""
    made = ((_entry(body, unit), unit.item.start) for unit in _units(items, body.conventions.sections))
    return [(entry, start) for entry, start in made if entry is not None]


def _units(items: Sequence[ListItem], usual: Collection[str]) -> Iterable[_Unit]:
    times = [_time(item) for item in items]
    timed_list = sum(time is not None for time in times) >= 2
    units: list[_Unit] = []
    current: _Unit | None = None
    for item, time in zip(items, times, strict=True):
        belongs = time is None and timed_list and not _any_time(item)
        if belongs and current is not None and not _stands_alone(item, current):
            current.spans.append((item.start, item.end))
        elif time is None and _is_group(item, usual):
            label = item.text.strip() if _LABEL.fullmatch(item.text.strip()) else ""
            inside = list(_units(item.children, ()))  # below `Status` those who report stand in many files, too
            for inner in inside:
                inner.label = inner.label or label
            units += inside
            current = None
        else:
            current, inside = _unit(item, time, usual)
            units += [*_of_each_link(current), *inside]
    return units


def _items(items: Iterable[ListItem]) -> Iterable[ListItem]:
    for item in items:
        yield item
        yield from _items(item.children)


def _unit(item: ListItem, time: Timed | None, usual: Collection[str]) -> tuple[_Unit, list[_Unit]]:
    """Make the unit of an item; items with a time in it are units of their own."""
    spans: list[tuple[int, int]] = []
    inner: list[_Unit] = []
    place = item.after
    for child in item.children:
        if _any_time(child):
            spans.append((place, child.start))
            place = child.end
            inner += _units([child], usual)
    spans.append((place, item.end))
    text, at = (time.text, time.start) if time else (item.text, None)
    return _Unit(item, text, at, [(start, end) for start, end in spans if start < end]), inner


def _of_each_link(unit: _Unit) -> list[_Unit]:
    """A unit for each title where a text is nothing but links: ``[…](…), […](…) and […](…)``; what is below is the
    last one's.
    """
    links = list(links_out(unit.text))
    ends = [0, *(link.end for link in links)]
    gaps = [unit.text[end : link.start] for end, link in zip(ends, links, strict=False)]
    long = sum(map(str.isalpha, "".join(link.text for link in links if not link.bare))) >= _TITLE * len(links)
    if len(links) < 2 or not long or gaps[0] or not all(map(_BETWEEN.fullmatch, (*gaps[1:], unit.text[ends[-1] :]))):
        return [unit]
    parts = [replace(unit, text=unit.text[link.start : link.end], spans=[]) for link in links]
    return [*parts[:-1], replace(parts[-1], spans=unit.spans)]


def _entry(body: Body, unit: _Unit) -> Entry | None:
    document, ignored = body.document, body.conventions.ignored
    text = unit.text
    rows = ("\n".join(line.expandtabs(4).rstrip() for line in document.lines[start:end]) for start, end in unit.spans)
    below = "\n".join(textwrap.dedent(part).strip("\n") for part in rows).strip("\n")
    if not text.strip():  # an item that begins with a heading or a quotation
        first, _, below = below.partition("\n")
        text, below = _MARKS.sub("", first, count=1), textwrap.dedent(below)
    line = read_line(document, text, body.page)
    summary = "\n\n".join(part for part in (line.rest, below) if part.strip())
    url = line.url or first_url(below, body.page)
    if not line.title and not summary:
        return None
    if not below and names_person(text):
        return None
    if ignored.title(line.title) or ignored.url(url):
        return None
    title = f"{plain_line(document, unit.label)} {line.title}" if unit.label and line.title else line.title
    place = body.first + unit.item.text_line + 1
    return Entry(title, line.url, None, url, summary, place, unit.start, names_address=names_address(text))


def names_address(text: str) -> bool:
    """Whether a text is no more than a name and a colon before an address or one link."""
    return _NAMED_ADDRESS.fullmatch(text.strip()) is not None


def _time(item: ListItem) -> Timed | None:
    first = item.text.split("\n", 1)[0]
    timed = leading_time(first) or trailing_time(first, bare=False)
    if timed is None:
        return None
    rest = item.text[len(first) :]
    return Timed(timed.text + rest, timed.start)


def _stands_alone(item: ListItem, before: _Unit) -> bool:
    """Whether an item without a time is a story as the timed one before it is: both begin with a link to elsewhere."""
    firsts = [next(links_out(one.text), None) for one in (item, before.item)]
    return all(link is not None and link.start == 0 and not link.bare for link in firsts)


def _any_time(item: ListItem) -> bool:
    return _time(item) is not None or any(map(_any_time, item.children))


def _is_group(item: ListItem, usual: Collection[str]) -> bool:
    """Whether an item only holds others together: a short text without address over items that have their own, or one
    that many files have (``usual``) over any.
    """
    if not item.children or len(item.text) > _LONGEST_LABEL or first_url(item.text, None):
        return False
    for child in item.children:  # one that begins with a bare address belongs to the item over it
        if (first := next(links_in(child.text), None)) and first.bare and not child.text[: first.start].strip(" <*_"):
            return False
    if section_name(item.text) in usual:
        return True
    linked = sum(map(_has_address, item.children))
    return linked > 0 and linked * 2 >= len(item.children)


def _has_address(item: ListItem) -> bool:
    return first_url(item.text, None) is not None or any(map(_has_address, item.children))


# --- lists in the front matter

STORIES = (
    "articles", "stories", "news", "items", "topics", "segments", "links", "show_links", "references",
    "resources",
)  # fmt: skip
_CHAPTERS = ("chapters", "podcast_chapters", "timestamps", "toc", "timeline", "quotable_clips")
TITLES = ("title", "name", "headline", "topic", "text", "label")
ADDRESSES = ("url", "link", "href", "uri", "permalink", "external_url")
SUMMARIES = ("content", "summary", "description", "excerpt", "comment", "body", "note", "notes")
_TIMES = ("starttime", "start", "start_time", "startoffset", "time", "timestamp", "at")
_RELATED = ("relatedLinks", "related_links", "related")
_SOURCES = ("source", "site", "publisher", "author", "by")


def split_front_matter_lists(body: Body) -> Split:
    """Return what the lists of a file's front matter name, in their order; nothing of the body is claimed."""
    return Split(tuple(_entries_of_fields(body, (*STORIES, *_CHAPTERS))))


def chapters(body: Body) -> tuple[Entry, ...]:
    """Return the chapters alone: those in front matter whose stories stand elsewhere."""
    return tuple(entry for entry in _entries_of_fields(body, _CHAPTERS) if entry.start is not None)


def with_chapters(entries: Sequence[Entry], marks: Sequence[Entry]) -> tuple[Entry, ...]:
    """Give stories the time of the chapter that has their address or title; the first of a section that of the chapter
    which is the section. Chapters that are no story follow.
    """
    by_url = {canonical_url(mark.url): mark.start for mark in reversed(marks) if mark.url}
    by_title = {letters(mark.title): mark.start for mark in reversed(marks)}
    times = {int(entry.start) for entry in entries if entry.start is not None}
    titles = {letters(entry.title) for entry in entries}
    urls = {canonical_url(entry.url) for entry in entries if entry.url}
    begun: list[Entry] = []
    for entry in entries:
        start = by_url.get(canonical_url(entry.url or ""), by_title.get(letters(entry.title)))
        section = letters(entry.section.rpartition(" › ")[2])
        if start is None and entry.start is None and section not in titles:
            start = by_title.get(section)
        titles.add(section)
        begun.append(entry if start is None else replace(entry, start=start))
    others = (
        mark
        for mark in marks
        if letters(mark.title) not in titles
        and not (mark.start is not None and int(mark.start) in times)
        and not (mark.url and canonical_url(mark.url) in urls)
    )
    return (*begun, *others)


def _entries_of_fields(body: Body, names: tuple[str, ...]) -> Iterator[Entry]:
    for name in body.fields.keys(*names):
        line = body.fields.line(name) or 1
        for item in _list_of(body.fields, name):
            entry = _stated(body, item, line)
            if entry is not None and not body.conventions.ignored.title(entry.title):
                yield entry


def _list_of(fields: Fields, name: str) -> list[Value]:
    """Return the list under a key, also where it lies one deeper (``podcast_chapters: {chapters: […]}``)."""
    value = fields.value(name)
    if isinstance(value, dict):
        value = next((inner for inner in value.values() if isinstance(inner, list)), None)
    return value if isinstance(value, list) else []


def item_text(item: dict[str, Value], names: tuple[str, ...]) -> str:
    """Return the first non-empty text among the values of ``item`` under ``names``, ``""`` if there is none. Keys may
    differ in case, and in ``-`` or ``_``.
    """
    folded = {key.strip().lower().replace("-", "_"): value for key, value in item.items()}
    texts = (folded.get(name) for name in names)
    return next((value.strip() for value in texts if isinstance(value, str) and value.strip()), "")


def _stated(body: Body, item: Value, line: int) -> Entry | None:
    if isinstance(item, str) and is_web(item):
        item = {"title": item, "url": item}
    entry = entry_of(item, body.page) if isinstance(item, dict) else None
    if entry is None or not (entry.title or entry.url) or body.conventions.ignored.url(entry.url):
        return None
    return replace(entry, line=line, start=seconds_in(item_text(item, _TIMES)) if isinstance(item, dict) else None)


def entry_of(item: dict[str, Value], page: str | None = None) -> Entry | None:
    """Return the story that a mapping of front matter or JSON is, with what is related below it."""
    title, source, text = (item_text(item, names) for names in (TITLES, _SOURCES, ("text",)))
    url = story_url(item_text(item, ADDRESSES), page) or (source if is_web(source) else None)
    summary = item_text(item, SUMMARIES) or (text if text != title else "") or ("" if is_web(source) else source)
    related = next((value for name in _RELATED if isinstance(value := item.get(name), list)), [])
    below = "\n".join(line for line in map(_related, related) if line)
    summary = "\n\n".join(part for part in (markup_as_markdown(summary), below) if part)
    return Entry(" ".join(title.split()), url, None, url, summary) if title or url or summary else None


def _related(link: Value) -> str:
    if not isinstance(link, dict):
        return f"- {link}" if isinstance(link, str) else ""
    title, url = item_text(link, TITLES), item_text(link, ADDRESSES)
    return f"- [{title}]({url})" if title and url else f"- {title or url}" if title or url else ""
