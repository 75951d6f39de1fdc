"""Pages in HTML or reStructuredText, and newsletters saved as mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zunda_mcp.reading.endings import endings_of
from zunda_mcp.reading.formats.format import Format

if TYPE_CHECKING:
    from zunda_mcp.models import Problem
    from zunda_mcp.reading.conventions import Origin
    from zunda_mcp.reading.draft import Draft


class MarkupPage(Format):
    """Show notes in HTML, mail or reStructuredText."""

    suffixes = endings_of("html", "mail", "rst")

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read one page. It is an episode if it or its file name has a date; other pages are skipped silently."""
        from dataclasses import replace

        from zunda_mcp.reading.markup import page_of
        from zunda_mcp.reading.metadata.labels import with_labels
        from zunda_mcp.reading.page import draft_of_page

        page = page_of(text, origin.path)
        page = with_labels(page, origin.conventions.order) if origin.date is None else page
        own = replace(origin, conventions=replace(origin.conventions, undated=False))
        draft, problems = draft_of_page(page, own)
        if draft is None or draft.date is None:
            return [], []
        return [draft], problems
