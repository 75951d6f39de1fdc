"""What show notes in feeds write with plain lines, written as a file of show notes would have it.

Feeds are made for players that show text: lists are lines with a dot before them, chapters are lines with a time, and a
story is a paragraph that is one link with a paragraph below it. As Markdown lists they are read by the one splitter
that files have. Nothing is added but the sign of a list, and nothing taken away but the signs it replaces.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from html import unescape

from zunda_mcp.archive.boilerplate import boilerplate_links
from zunda_mcp.archive.inline_links import links_in
from zunda_mcp.archive.timestamps import leading_time
from zunda_mcp.archive.urls import story_url

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
    times = sum(_timed(line) for lines in plain for line in lines) >= 2
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
    return f"- {line}" if times and _timed(line) else line


def _timed(line: str) -> bool:
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
