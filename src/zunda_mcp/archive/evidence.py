"""What one file says about the archive it is from: how it would be split, and what it has."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from zunda_mcp.archive import conventions as ways
from zunda_mcp.archive.conventions import Conventions

if TYPE_CHECKING:
    from zunda_mcp.archive.fields import Fields
    from zunda_mcp.archive.front_matter import Page
    from zunda_mcp.archive.origin import Origin
    from zunda_mcp.archive.splitting import Body

LONGEST = 200_000
"""Characters of a file that are looked at."""

_SHARE = 0.4
_LITTLE = 120
_OTHER = re.compile(r"\s*(?:[-*+#]|\d+[.)])")


@dataclass(frozen=True, slots=True)
class Evidence:
    """``vote`` is the strategy the file speaks for, ``None`` where it could be any. ``page`` says that it has a body,
    ``front`` that it has front matter, ``titled`` that a title is not missing there, ``dated`` that the file has a day;
    ``levels`` are those of the headings
    that have text of their own, ``keys`` those of the front matter beside title and date.
    """

    vote: str | None = None
    page: bool = False
    front: bool = False
    titled: bool = False
    dated: bool = False
    levels: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()


def evidence_of(text: str, origin: Origin) -> Evidence | None:
    """Look at one file; ``None`` for one that is nothing of an archive."""
    if origin.path.suffix.lower() == ".json":
        return _of_json(text, origin)
    from zunda_mcp.archive.dates import read_date
    from zunda_mcp.archive.fields import DATE, TITLE, Fields
    from zunda_mcp.archive.front_matter import NO_FRONT_MATTER, FrontMatter, read_page

    if not text.strip():
        return None
    page = read_page(text[:LONGEST])
    fields = Fields(page.front or FrontMatter())
    key = origin.conventions.keys.date
    written = fields.texts(*([fields.folded(key)] if key else DATE))
    dated = origin.date is not None or any(read_date(text) for _, text in written)
    front = not any(cause == NO_FRONT_MATTER for _, cause in page.remarks)
    titled = page.front is None or bool(fields.text(*TITLE))
    vote, levels = _vote(page, fields, origin)
    keys = tuple(name for name in fields.names if name not in (*DATE, *TITLE, "layout"))
    return Evidence(vote, True, front, titled, dated, levels, keys)


def _of_json(text: str, origin: Origin) -> Evidence | None:
    from zunda_mcp.archive.formats.json_list import read

    drafts, _ = read(text, origin)
    return Evidence(ways.JSON_LIST, dated=any(draft.date for draft in drafts)) if drafts else None


def _vote(page: Page, fields: Fields, origin: Origin) -> tuple[str | None, tuple[int, ...]]:  # noqa: PLR0911
    """Ask one question after the other; the first that is answered yes decides."""
    from zunda_mcp.archive.blocks import Document
    from zunda_mcp.archive.hidden import without_hidden
    from zunda_mcp.archive.html_markup import as_markdown
    from zunda_mcp.archive.ignoring import Ignored
    from zunda_mcp.archive.splitting import Body, split
    from zunda_mcp.archive.splitting.turns import read_turns

    if read_turns(page.body.split("\n")):
        return ways.TURNS, ()
    document = Document(as_markdown(without_hidden(page.body)))
    plain = Conventions(ignored=Ignored(origin.conventions.ignored.patterns))
    body = Body(document, fields, page.start, None, plain)
    levels = _levels(body)
    if len(split(body, ways.TIMED_HEADINGS).entries) >= 2:
        return ways.TIMED_HEADINGS, levels
    lists = split(body, ways.LIST_ITEMS)
    linked = sum(entry.url is not None or entry.start is not None for entry in lists.entries)
    explained, heads = _explained(body)
    if heads and explained * 2 >= heads and heads * 2 >= linked:
        return ways.LINK_HEADS, levels
    total = sum(len(line.strip()) for line in document.lines)
    listed = sum(len(document.lines[line].strip()) for line in lists.claimed)
    if linked >= 2 and linked * 2 >= len(lists.entries) and listed >= _SHARE * total:
        return ways.LIST_ITEMS, levels
    if len(levels) >= 2 and _under_headings(body) >= _SHARE * total:
        return ways.HEADINGS, levels
    if linked >= 2:
        return ways.LIST_ITEMS, levels
    if len(split(body, ways.FRONT_MATTER_LIST).entries) >= 2:
        return ways.FRONT_MATTER_LIST, levels
    return ways.WHOLE if total >= _LITTLE and not heads else None, levels


def _explained(body: Body) -> tuple[int, int]:
    """Count the link heads that have a text straight below, and all of them."""
    from zunda_mcp.archive.splitting import split

    parts = split(body, ways.LINK_HEADS)
    told = [entry for entry in parts.entries if entry.summary and not _OTHER.match(entry.summary)]
    return len(told), len(parts.entries)


def _levels(body: Body) -> tuple[int, ...]:
    """Return the level of every heading that has text or links straight under it."""
    blocks = body.document.blocks
    return tuple(
        block.level
        for block, following in pairwise(blocks)
        if block.kind == "heading" and following.kind in ("paragraph", "other", "html", "item")
    )


def _under_headings(body: Body) -> int:
    """Count the characters under headings."""
    from zunda_mcp.archive.splitting import split

    levels = _levels(body)
    level = max(set(levels), key=lambda level: (levels.count(level), -level))
    if levels.count(level) < 2:
        return 0
    parts = split(replace(body, conventions=replace(body.conventions, level=level)), ways.HEADINGS)
    return sum(len(body.document.lines[line].strip()) for line in parts.claimed)
