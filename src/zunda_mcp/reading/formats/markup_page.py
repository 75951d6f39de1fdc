"""Pages in HTML, and newsletters saved as mail."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from zunda_mcp.reading.encoding import Decoded
from zunda_mcp.reading.endings import endings_of, kind_of
from zunda_mcp.reading.formats.format import Format

if TYPE_CHECKING:
    from zunda_mcp.models import Problem
    from zunda_mcp.reading.detection.conventions import Origin
    from zunda_mcp.reading.draft import Draft

__all__ = ["MarkupPage"]


class MarkupPage(Format):
    """Show notes in HTML or mail."""

    suffixes = endings_of("html", "mail")
    fallback = True

    def decoded(self, data: bytes, name: str) -> Decoded:
        """Return the text of a page; a message stays bytes, since each of its parts has its own charset."""
        if kind_of(name) != "mail":
            return super().decoded(data, name)
        from zunda_mcp.reading.formats.mail import as_text  # start-up

        return Decoded(as_text(data), None)

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read one page. It is an episode if it or its file name has a date; other pages are skipped silently.

        A message without a date is kept, and that is said.
        """
        from zunda_mcp.reading.markup import page_of  # start-up
        from zunda_mcp.reading.metadata.labels import with_labels  # start-up
        from zunda_mcp.reading.page_reader import draft_of_page  # start-up

        page = page_of(text, origin.path, origin.metadata)
        page = with_labels(page, origin.conventions.order) if origin.date is None else page
        is_mail = kind_of(origin.path.name) == "mail"
        own = replace(origin, conventions=replace(origin.conventions, undated=is_mail))
        draft, problems = draft_of_page(page, own)
        if draft is None or (draft.date is None and not is_mail):
            return [], []
        if draft.date is None:
            problems = [*problems, origin.problem("This message has no date; it was kept without one.")]
        return [draft], problems
