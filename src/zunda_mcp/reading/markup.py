"""Pages that are no Markdown, made into what the rest reads: front matter and a body in Markdown.

``page_of`` chooses by the ending of the file. Whatever the page is written in, its text is split as any other.
"""

from __future__ import annotations

import re
from pathlib import Path

from zunda_mcp.config.files import read_regular
from zunda_mcp.reading.encoding import decode
from zunda_mcp.reading.endings import CONVERTED, kind_of
from zunda_mcp.reading.html.to_markdown import markdown_of
from zunda_mcp.reading.metadata.front_matter import Page

__all__ = ["page_of", "with_metadata"]


_LINES = ("title", "slug", "date", "tags", "link", "description", "type")
"""What the lines of a ``.meta`` file are, where they have no names (https://getnikola.com/handbook.html#metadata-fields)."""


def page_of(text: str, path: Path, metadata: Path | None = None) -> Page:
    """Split a file into front matter and body; ``metadata`` may be a file of the former. Raises ``OSError`` for it."""
    return with_metadata(_page_of(text, path), metadata)


def with_metadata(page: Page, metadata: Path | None) -> Page:
    """Return a page with the front matter of the file beside it, where it has none itself. Raises ``OSError``."""
    if metadata is None or page.front is not None:
        return page
    from zunda_mcp.reading.metadata.front_matter import read_page

    text = decode(read_regular(metadata)).text or ""
    ending = metadata.suffix.lower()
    if ending != ".meta":
        fence = {".toml": "+++\n", ".json": ""}.get(ending, "---\n")
        text = f"{fence}{text}\n{fence}"
    elif not text.startswith((".. ", "---", "+++")):
        text = "\n".join(f".. {name}: {line}" for name, line in zip(_LINES, text.split("\n"), strict=False))
    beside = read_page(text)
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
    if kind == "html" or _is_html(page.body):
        return page.__class__(page.front, markdown_of(page.body, "html").text, page.start, page.remarks)
    return page


_RUN_ON = re.compile(r"</(?:p|li|h[1-6]|ul|ol)>[ \t]*<(?:p|li|h[1-6]|ul|ol)\b", re.IGNORECASE)


def _is_html(body: str) -> bool:
    """Whether a body is HTML as programs write it, several paragraphs on a line and nothing outside of tags."""
    return _RUN_ON.search(body) is not None and all(
        line.lstrip().startswith("<") for line in body.split("\n") if line.strip()
    )
