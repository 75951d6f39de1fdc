"""Documents that pandoc makes Markdown of: org, reStructuredText, AsciiDoc, Word, OpenDocument, EPUB and the like.

They are read as Markdown is, and take the extra ``formats`` (see ``zunda_mcp.reading.markdown.pandoc``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zunda_mcp.reading.encoding import Decoded
from zunda_mcp.reading.endings import kind_of
from zunda_mcp.reading.formats.format import Format
from zunda_mcp.reading.formats.markdown_page import drafts_of_page
from zunda_mcp.reading.markdown.pandoc import convertible_endings, is_packed

if TYPE_CHECKING:
    from zunda_mcp.models import Problem
    from zunda_mcp.reading.detection.conventions import Origin
    from zunda_mcp.reading.draft import Draft

__all__ = ["ConvertedPage"]


class ConvertedPage(Format):
    """Show notes in any of the languages that a converter knows."""

    suffixes = convertible_endings()
    max_bytes = 64 * 1024 * 1024  # of which pictures are most

    def decoded(self, data: bytes, name: str) -> Decoded:
        """Return the text of a document; one that is packed stays bytes."""
        if not is_packed(kind_of(name)):
            return super().decoded(data, name)
        from zunda_mcp.reading.markdown.document_page import as_text  # start-up

        return Decoded(as_text(data), None)

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read one document, or each day of a journal. What cannot be converted is a problem."""
        from zunda_mcp.reading.markdown.document_page import with_source_lines  # start-up
        from zunda_mcp.reading.markup import page_of  # start-up

        page = page_of(text, origin.path, origin.metadata)
        if page.front is None and not page.body.strip():
            return [], [origin.problem(cause, skipped=True) for _, cause in page.remarks]
        drafts, problems = drafts_of_page(page, origin)
        if is_packed(kind_of(origin.path.name)):
            return drafts, problems
        source = text.split("\n")
        return [with_source_lines(draft, source) for draft in drafts], problems
