"""OPML (http://opml.org/spec2.opml): lists of feeds, as readers of feeds export them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from zunda_mcp.archive.feeds.tree import Element


class Listed(NamedTuple):
    """A feed in a list: its address and what it is called there."""

    url: str
    title: str


def read_opml(root: Element) -> tuple[Listed, ...]:
    """The feeds of a list in order, each address once; folders in it make no difference."""
    found: dict[str, Listed] = {}
    for listed in _outlines(root):
        found.setdefault(listed.url, listed)
    return tuple(found.values())


def _outlines(element: Element) -> Iterator[Listed]:
    for child in element.children:
        if isinstance(child, Element):
            lowered = {name.lower(): value.strip() for name, value in child.attributes.items()}
            if child.tag.lower() == "outline" and lowered.get("xmlurl"):
                yield Listed(lowered["xmlurl"], lowered.get("title") or lowered.get("text") or "")
            yield from _outlines(child)
