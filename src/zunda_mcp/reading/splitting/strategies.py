"""The ways of splitting by name: ``zunda_mcp.reading.detection.survey`` decides which one an archive is split by."""

from __future__ import annotations

from zunda_mcp.reading.detection import conventions as ways
from zunda_mcp.reading.splitting.body import Body, Split
from zunda_mcp.reading.splitting.dialogue import split_turns
from zunda_mcp.reading.splitting.front_matter_lists import split_front_matter_lists
from zunda_mcp.reading.splitting.headings import split_headings, split_link_heads
from zunda_mcp.reading.splitting.list_items import split_list_items


def split(body: Body, strategy: str) -> Split:
    """Split a body in one of the ways of ``conventions.STRATEGIES``."""
    if strategy == ways.LINK_HEADS:
        return split_link_heads(body)
    if strategy == ways.LIST_ITEMS:
        return split_list_items(body)
    if strategy in (ways.HEADINGS, ways.TIMED_HEADINGS):
        return split_headings(body, timed=strategy == ways.TIMED_HEADINGS)
    if strategy == ways.TURNS:
        return split_turns(body)
    if strategy == ways.FRONT_MATTER_LIST:
        return split_front_matter_lists(body)
    return Split()
