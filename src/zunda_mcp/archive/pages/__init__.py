"""Pages that are no Markdown, made into what the rest reads: front matter and a body in Markdown.

``page_of`` chooses by the ending of the file. Whatever the page is written in, its text is split as any other.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zunda_mcp.archive.front_matter import Page

HTML = frozenset({".html", ".htm", ".xhtml"})
MAIL = frozenset({".eml"})
RST = frozenset({".rst"})


def page_of(text: str, path: Path) -> Page:
    """Split a file into front matter and body. Never raises."""
    from zunda_mcp.archive.front_matter import read_page
    from zunda_mcp.archive.pages.html import read_html
    from zunda_mcp.archive.pages.mail import read_mail
    from zunda_mcp.archive.pages.rst import read_rst

    suffix = path.suffix.lower()
    if suffix in MAIL:
        return read_mail(text)
    if suffix in RST:
        return read_rst(text)
    if suffix in HTML and not text.startswith("---"):
        return read_html(text)
    page = read_page(text)
    if suffix in HTML:
        from zunda_mcp.archive.feeds.markup import markdown_of

        return page.__class__(page.front, markdown_of(page.body, "html").text, page.start, page.remarks)
    return page
