"""A feed that was added by its address, as ``zunda-mcp sync`` keeps it (see ``zunda_mcp.archive.feeds.kept``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zunda_mcp.archive.draft import Draft
    from zunda_mcp.archive.origin import Origin
    from zunda_mcp.episode import Problem

SUFFIXES = frozenset({".feed"})


def read(text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
    """Read all pages: of an item that stands in several, the newest counts."""
    from zunda_mcp.archive.feeds import drafts_of
    from zunda_mcp.archive.feeds.kept import read_kept

    kept = read_kept(text)
    if kept is None:
        return [], [origin.problem("This is no feed that zunda-mcp keeps; it was skipped.", skipped=True)]
    return drafts_of(
        kept.feeds(), label=origin.label, zone=origin.zone, url=kept.url, known=kept.ids, extras=kept.extras
    )
