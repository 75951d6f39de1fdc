"""The ways of splitting by name, and the way that a body alone speaks for.

Which one the files of a folder are split by is decided by ``zunda_mcp.reading.detection.survey``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from itertools import pairwise

from zunda_mcp.reading.detection import conventions as ways
from zunda_mcp.reading.detection.conventions import section_name
from zunda_mcp.reading.markdown.blocks import Document
from zunda_mcp.reading.markdown.inline import links_in, plain_line
from zunda_mcp.reading.splitting.body import Body, Split
from zunda_mcp.reading.splitting.dialogue import is_transcript, split_turns
from zunda_mcp.reading.splitting.headings import split_headings, split_items, split_link_heads, usual_level
from zunda_mcp.reading.splitting.lists import groups_of, split_front_matter_lists, split_list_items

__all__ = ["headings_of", "own_way", "split", "split_by_evidence"]

_SHARE = 0.4
"""The share of a text that stories must make up for their way to be the text's."""
_LITTLE = 120
"""Characters from which a text without stories is one to be read as a whole."""
_LINKED = 0.5
_LINKED_UNDER_HEADINGS = 0.75
"""The share of list items with an address from which these are the stories; more where headings could be as well. In
nineteen public archives, newsletters with headings have 0.8 to 1, minutes of meetings 0.5 to 0.7.
"""
_OTHER = re.compile(r"\s*(?:[-*+#]|\d+[.)])")


_SPLITTERS: dict[str, Callable[[Body], Split]] = {
    ways.LINK_HEADS: split_link_heads,
    ways.LIST_ITEMS: split_items,
    ways.HEADINGS: partial(split_headings, timed=False),
    ways.TIMED_HEADINGS: partial(split_headings, timed=True),
    ways.TURNS: split_turns,
    ways.FRONT_MATTER_LIST: split_front_matter_lists,
}


def split(body: Body, strategy: str) -> Split:
    """Split a body in one of the ways of ``conventions.STRATEGIES``."""
    return _SPLITTERS[strategy](body) if strategy in _SPLITTERS else Split()


def split_by_evidence(body: Body) -> tuple[str, Split]:
    """Split a body in the way of its folder or archive, and return which it is.

    In its own instead where the others do not agree (``Conventions.settled``), or where theirs misses most of what
    there is. What the owner or the settings name is the way in any case; a transcript is split as one in any archive.
    """
    usual = body.conventions
    declared = usual.strategy == ways.TURNS or usual.mapping.stories or usual.settings.strategy == ways.WHOLE
    if not declared and is_transcript(body.document):
        return ways.TURNS, split_turns(body)
    parts = split(body, usual.strategy)
    fixed = usual.mapping.stories or usual.settings.strategy or usual.strategy == ways.WHOLE
    links = sum(1 for line in body.document.lines for _ in links_in(line)) if usual.strategy == ways.LINK_HEADS else 0
    enough = len(parts.entries) > 1 and links < 2 * len(parts.entries) + 2  # heads hold all links below them
    if fixed or (usual.settled and enough):
        return usual.strategy, parts
    name, levels = own_way(body)
    if name in (None, ways.WHOLE, usual.strategy):
        return usual.strategy, parts
    own = split(replace(body, conventions=replace(usual, level=usual_level(levels))), name)
    if len(own.entries) < 2 or (usual.settled and _linked(own) < 2 * max(1, _linked(parts))):
        return usual.strategy, parts
    return name, own


def own_way(body: Body) -> tuple[str | None, tuple[int, ...]]:
    """The strategy a body speaks for, ``None`` where it could be any, and the levels of its headings with own text."""
    if is_transcript(body.document):
        return ways.TURNS, ()
    levels = _levels(body)
    if len(split(body, ways.TIMED_HEADINGS).entries) >= 2:
        return ways.TIMED_HEADINGS, levels
    return _by_share(body, levels), levels


def _by_share(body: Body, levels: tuple[int, ...]) -> str | None:
    document = body.document
    total = sum(len(line.strip()) for line in document.lines)
    lists, heads = split_list_items(body), split(body, ways.LINK_HEADS)
    linked = sum(entry.url is not None or entry.start is not None for entry in lists.entries)
    count = len(heads.entries)
    explained = sum(bool(entry.summary and not _OTHER.match(entry.summary)) for entry in heads.entries)
    most = (explained * 2 > count or not (lists.entries or levels[1:])) and count * 2 >= linked and _distinct(heads)
    if count and most and (count > 1 or _length(document, heads.claimed) >= _SHARE * total):
        return ways.LINK_HEADS
    headed = len(levels) >= 2 and _under_headings(body, levels) >= _SHARE * total
    share = _LINKED_UNDER_HEADINGS if headed else _LINKED
    enough = linked >= max(2, share * len(lists.entries)) and (_distinct(lists) or not headed)
    if enough and _length(document, lists.claimed) >= _SHARE * total:
        return ways.LIST_ITEMS
    if headed:
        return ways.HEADINGS
    if linked >= 2:
        return ways.LIST_ITEMS
    if len(split(body, ways.FRONT_MATTER_LIST).entries) >= 2:
        return ways.FRONT_MATTER_LIST
    return ways.WHOLE if total >= _LITTLE and not count else None


def _distinct(parts: Split) -> bool:
    """Whether most titles are of one story alone; ``proposal`` and ``slides`` over and over are parts of stories."""
    return len({entry.title for entry in parts.entries}) * 3 >= len(parts.entries) * 2


def _linked(parts: Split) -> int:
    return sum(entry.url is not None for entry in parts.entries)


def _length(document: Document, lines: Iterable[int]) -> int:
    return sum(len(document.lines[line].strip()) for line in lines)


def _levels(body: Body) -> tuple[int, ...]:
    """Return the level of every heading that has text or links straight under it."""
    return tuple(
        block.level
        for block, following in pairwise(body.document.blocks)
        if block.kind == "heading" and following.kind in ("paragraph", "other", "html", "item")
    )


def _under_headings(body: Body, levels: tuple[int, ...]) -> int:
    """Count the characters under headings of the usual level."""
    level = usual_level(levels)
    if levels.count(level) < 2:
        return 0
    parts = split(replace(body, conventions=replace(body.conventions, level=level)), ways.HEADINGS)
    return _length(body.document, parts.claimed)


def headings_of(body: Body) -> tuple[str, ...]:
    """Return the words of all headings, and of items over others, each once."""
    headings = (plain_line(body.document, block.text) for block in body.document.blocks if block.kind == "heading")
    return tuple(sorted({*map(section_name, headings), *groups_of(body.document)} - {""}))
