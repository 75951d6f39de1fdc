"""Markdown show notes with front matter of any kind or none: Jekyll, Hugo, Astro, Eleventy, Pelican and their like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zunda_mcp.reading.endings import endings_of
from zunda_mcp.reading.formats.format import Format

if TYPE_CHECKING:
    from zunda_mcp.models import Problem
    from zunda_mcp.reading.detection.conventions import Origin
    from zunda_mcp.reading.draft import Draft
    from zunda_mcp.reading.metadata.front_matter import Page

__all__ = ["MarkdownPage", "drafts_of_page"]


class MarkdownPage(Format):
    """Show notes in Markdown."""

    suffixes = endings_of("markdown")

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read one page, or each day of a diary. A page without a date is an episode if it looks like one."""
        from zunda_mcp.reading.markup import page_of  # start-up

        if not text.strip():
            return [], [origin.problem("This file is empty; it was skipped.", skipped=True)]
        return drafts_of_page(page_of(text, origin.path, origin.metadata), origin)


def drafts_of_page(page: Page, origin: Origin) -> tuple[list[Draft], list[Problem]]:
    """Return the draft of a page, or one of each day of a diary, and what is odd about them."""
    from zunda_mcp.reading.metadata.labels import with_labels  # start-up
    from zunda_mcp.reading.page_reader import draft_of_page  # start-up
    from zunda_mcp.reading.splitting.diary import days_of  # start-up

    drafts: list[Draft] = []
    problems: list[Problem] = []
    parts = days_of(page, origin)
    if not parts:
        parts = [(with_labels(page, origin.conventions.order) if origin.date is None else page, origin)]
    for part, own in parts:
        draft, remarks = draft_of_page(part, own)
        drafts += [draft] if draft else []
        problems += remarks
    return drafts, problems
