"""What one file says about the archive it is from: how it would be split, and what it has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from zunda_mcp.reading.detection import conventions as ways
from zunda_mcp.reading.detection.conventions import Conventions
from zunda_mcp.reading.endings import CONVERTED, kind_of
from zunda_mcp.text.calendar_days import Order, order_of

if TYPE_CHECKING:
    from zunda_mcp.reading.detection.conventions import Origin
    from zunda_mcp.reading.metadata.fields import Fields
    from zunda_mcp.reading.metadata.front_matter import Page
    from zunda_mcp.reading.splitting.body import Body

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
    that have text of their own, ``keys`` those of the front matter beside title and date, ``headings`` the words of
    all headings, case folded. ``order`` is the one in which its day in numbers can only be written.
    """

    vote: str | None = None
    page: bool = False
    front: bool = False
    titled: bool = False
    dated: bool = False
    levels: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()
    headings: frozenset[str] = frozenset()
    order: Order = ""

    def as_row(self) -> list[Any]:
        """Return this as JSON can hold it."""
        flags = [self.vote, self.page, self.front, self.titled, self.dated]
        return [*flags, list(self.levels), list(self.keys), sorted(self.headings), self.order]

    @classmethod
    def of_row(cls, row: list[Any]) -> Evidence:
        """Make evidence of what ``as_row`` gave; raises ``TypeError`` or ``ValueError`` for anything else."""
        vote, page, front, titled, dated, levels, keys, headings, order = row
        return cls(vote, page, front, titled, dated, tuple(levels), tuple(keys), frozenset(headings), order)


def evidence_of(text: str, origin: Origin) -> Evidence | None:
    """Look at one file; ``None`` for one that is nothing of an archive."""
    kind = kind_of(origin.path.name)
    if kind == "json":
        return _of_json(text, origin)
    if kind in ("csv", "rows"):
        return None
    from zunda_mcp.reading.mapping.declared import declares_day
    from zunda_mcp.reading.markup import page_of
    from zunda_mcp.reading.metadata.fields import DATE, TITLE, UPDATED, Fields, day_of
    from zunda_mcp.reading.metadata.front_matter import NO_FRONT_MATTER, FrontMatter
    from zunda_mcp.reading.metadata.labels import with_labels
    from zunda_mcp.reading.splitting.diary import days_of

    if not text.strip():
        return None
    page = page_of(text if kind in CONVERTED else text[:LONGEST], origin.path, origin.metadata)
    if parts := days_of(page, origin):
        page, origin = max(parts, key=lambda pair: len(pair[0].body))
    elif origin.date is None:
        page = with_labels(page)
    fields = Fields(page.front or FrontMatter())
    written = fields.texts(*(origin.conventions.date_keys or DATE))
    written = written or fields.texts(*UPDATED)
    order = _order(text for _, text in written)
    dated = origin.date is not None or any(day_of(text, "dmy") for _, text in written)
    if "date" in origin.conventions.mapping.rules:
        dated = declares_day(page, origin)
    if not dated and kind in ("html", "mail"):
        return None
    front = not any(cause == NO_FRONT_MATTER for _, cause in page.remarks)
    titled = page.front is None or bool(fields.text(*TITLE))
    body = _body(page, fields, origin)
    vote, levels = vote_of(body) if body else (ways.TURNS, ())
    keys = tuple(name for name in fields.names if name not in (*DATE, *TITLE, "layout"))
    headings = headings_of(body) if body else frozenset[str]()
    return Evidence(vote, True, front, titled, dated, levels, keys, headings, order)


def _order(dates: Iterable[str]) -> Order:
    """Return the order that the first date with one shows."""
    return next((order for text in dates if (order := order_of(text))), "")


def _of_json(text: str, origin: Origin) -> Evidence | None:
    from zunda_mcp.reading.formats.json_list import read
    from zunda_mcp.reading.formats.spoken_json import is_spoken

    if is_spoken(text):
        return Evidence(ways.TURNS, dated=origin.date is not None)
    drafts, _ = read(text, origin)
    return Evidence(ways.JSON_LIST, dated=any(draft.date for draft in drafts)) if drafts else None


def _body(page: Page, fields: Fields, origin: Origin) -> Body | None:
    """Return the body of a file, ``None`` for a transcript by speaker."""
    from zunda_mcp.reading.markdown.blocks import Document
    from zunda_mcp.reading.markdown.hidden import as_markdown, without_hidden
    from zunda_mcp.reading.splitting.body import Body
    from zunda_mcp.reading.splitting.dialogue import has_agenda, read_turns

    document = Document(as_markdown(without_hidden(page.body)))
    if read_turns(page.body.split("\n")) and not has_agenda(document):
        return None
    plain = Conventions(settings=origin.conventions.settings)
    return Body(document, fields, page.start, None, plain)


def headings_of(body: Body) -> frozenset[str]:
    """Return the words of all headings."""
    from zunda_mcp.reading.splitting.titles import plain_line

    found = (plain_line(body.document, block.text) for block in body.document.blocks if block.kind == "heading")
    return frozenset(text.casefold() for text in found if text)


def vote_of(body: Body) -> tuple[str | None, tuple[int, ...]]:  # noqa: PLR0911 - one question after the other
    """The strategy a body speaks for, and the levels of its headings that have text of their own.

    One question after the other is asked; the first that is answered yes decides.
    """
    from zunda_mcp.reading.splitting.strategies import split

    document = body.document
    levels = _levels(body)
    if len(split(body, ways.TIMED_HEADINGS).entries) >= 2:
        return ways.TIMED_HEADINGS, levels
    lists = split(body, ways.LIST_ITEMS)
    linked = sum(entry.url is not None or entry.start is not None for entry in lists.entries)
    explained, heads = _explained(body)
    if heads and explained * 2 > heads and heads * 2 >= linked:
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
    from zunda_mcp.reading.splitting.strategies import split

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
    from zunda_mcp.reading.splitting.strategies import split

    levels = _levels(body)
    level = max(set(levels), key=lambda level: (levels.count(level), -level))
    if levels.count(level) < 2:
        return 0
    parts = split(replace(body, conventions=replace(body.conventions, level=level)), ways.HEADINGS)
    return sum(len(body.document.lines[line].strip()) for line in parts.claimed)
