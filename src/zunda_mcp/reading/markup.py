"""Pages that are no Markdown, made into what the rest reads: front matter and a body in Markdown.

``page_of`` chooses by the ending of the file. Whatever the page is written in, its text is split as any other.
"""

from __future__ import annotations

from pathlib import Path

from zunda_mcp.config.files import read_regular
from zunda_mcp.reading.encoding import decode
from zunda_mcp.reading.endings import CONVERTED, kind_of
from zunda_mcp.reading.html.to_markdown import markdown_of
from zunda_mcp.reading.metadata.front_matter import Page

__all__ = ["page_of"]


def page_of(text: str, path: Path, metadata: Path | None = None) -> Page:
    """Split a file into front matter and body; ``metadata`` may be a file of the former. Raises ``OSError`` for it."""
    page = _page_of(text, path)
    if metadata is None or page.front is not None:
        return page
    from zunda_mcp.reading.metadata.front_matter import read_page

    fence = {".toml": "+++\n", ".json": ""}.get(metadata.suffix.lower(), "---\n")
    beside = read_page(f"{fence}{decode(read_regular(metadata)).text or ''}\n{fence}")
    remarks = tuple((None, f"{metadata.name}: {cause}") for _, cause in beside.remarks)
    return Page(beside.front, page.body, page.start, remarks)


def _page_of(text: str, path: Path) -> Page:
    from zunda_mcp.reading.formats.mail import read_mail
    from zunda_mcp.reading.html.web_page import read_html
    from zunda_mcp.reading.metadata.front_matter import read_page

    kind = kind_of(path.name)
    if kind == "mail":
        return read_mail(text)
    if kind in CONVERTED:
        from zunda_mcp.reading.markdown.document_page import converted_page

        return converted_page(text, kind)
    if kind == "html" and not text.startswith("---"):
        return read_html(text)
    page = read_page(text)
    if kind == "html":
        return page.__class__(page.front, markdown_of(page.body, "html").text, page.start, page.remarks)
    return page
