"""How a file's text becomes stories: one module for each way, one way for an archive.

A way takes a ``Body`` and returns a ``Split``: the entries in their order, and the lines that belong to them or to
nothing anybody looks for (sponsors). What no entry claims stays the episode's own text, so no word is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zunda_mcp.archive import conventions as ways

if TYPE_CHECKING:
    from zunda_mcp.archive.blocks import Document
    from zunda_mcp.archive.conventions import Conventions
    from zunda_mcp.archive.draft import Entry
    from zunda_mcp.archive.fields import Fields


@dataclass(frozen=True, slots=True)
class Body:
    """The body of one file. ``first`` is the line of the file before its own first, ``page`` the episode's address that
    relative links are resolved against, if it has one.
    """

    document: Document
    fields: Fields
    first: int
    page: str | None
    conventions: Conventions


@dataclass(frozen=True, slots=True)
class Split:
    """Entries, and the lines of the body (from 0) that are no text of the episode's own.

    ``start`` is where the first entry begins, headings over it included; ``None`` without entries in the body.
    """

    entries: tuple[Entry, ...] = ()
    claimed: frozenset[int] = frozenset()
    start: int | None = None


def split(body: Body, strategy: str) -> Split:
    """Split a body in one of the ways of ``conventions.STRATEGIES``."""
    if strategy == ways.LINK_HEADS:
        from zunda_mcp.archive.splitting.link_heads import split_link_heads

        return split_link_heads(body)
    if strategy == ways.LIST_ITEMS:
        from zunda_mcp.archive.splitting.list_items import split_list_items

        return split_list_items(body)
    if strategy in (ways.HEADINGS, ways.TIMED_HEADINGS):
        from zunda_mcp.archive.splitting.headings import split_headings

        return split_headings(body, timed=strategy == ways.TIMED_HEADINGS)
    if strategy == ways.TURNS:
        from zunda_mcp.archive.splitting.turns import split_turns

        return split_turns(body)
    if strategy == ways.FRONT_MATTER_LIST:
        from zunda_mcp.archive.splitting.front_lists import split_front_lists

        return split_front_lists(body)
    return Split()
