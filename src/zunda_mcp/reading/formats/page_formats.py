"""Pages: one episode, or each day of a diary, in Markdown, HTML, plain text or a language that is converted.

Whatever a page is written in, it becomes front matter and a body in Markdown (`page_of`), split as any other.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from zunda_mcp.config.files import read_regular
from zunda_mcp.reading.detection.conventions import Origin
from zunda_mcp.reading.draft import Drafts
from zunda_mcp.reading.encoding import Decoded, decode
from zunda_mcp.reading.endings import CONVERTED, kind_of
from zunda_mcp.reading.formats.format import Format
from zunda_mcp.reading.formats.mail import Mbox, as_text, read_mail
from zunda_mcp.reading.html.to_markdown import markdown_of
from zunda_mcp.reading.html.web_page import read_html
from zunda_mcp.reading.markdown import document_page
from zunda_mcp.reading.markdown.pandoc import is_packed
from zunda_mcp.reading.metadata.front_matter import Page, read_page
from zunda_mcp.reading.metadata.labels import with_labels
from zunda_mcp.reading.page_reader import draft_of_page, drafts_of_pages
from zunda_mcp.reading.splitting.diary import days_of

__all__ = ["ConvertedPage", "MarkdownPage", "MarkupPage", "PlainText", "page_of"]

_LONGEST_TITLE = 120
_MAILBOX = re.compile(r"From [^\n]{1,200}\d{4}\n(?:From|Date|Subject|Message-ID): ")
"""How a month of a mailing list begins, as Mailman keeps it (``2024-January.txt``)."""


class MarkdownPage(Format):
    """Markdown with front matter of any kind or none: Jekyll, Hugo, Astro, Eleventy, Pelican and their like."""

    def read(self, text: str, origin: Origin) -> Drafts:
        """Read one page, or one message, which may lack a day; a page without a day in it or in its name is skipped
        silently.
        """
        if not text.strip():
            return [], [origin.problem("This file is empty; it was skipped.", skipped=True)]
        return _drafts(page_of(text, origin.path, origin.metadata), origin)


_LINES = ("title", "slug", "date", "tags", "link", "description", "type")
"""What the lines of a ``.meta`` file are, where they have no names (https://getnikola.com/handbook.html#metadata-fields)."""
_RUN_ON = re.compile(r"</(?:p|li|h[1-6]|ul|ol)>[ \t]*<(?:p|li|h[1-6]|ul|ol)\b", re.IGNORECASE)


class MarkupPage(Format):
    """Pages in HTML, and newsletters saved as mail."""

    fallback = True

    def decoded(self, data: bytes, name: str) -> Decoded:
        """Return the text of a page; a message stays bytes, since each of its parts has its own charset."""
        return Decoded(as_text(data), None) if kind_of(name) == "mail" else super().decoded(data, name)

    def read(self, text: str, origin: Origin) -> Drafts:
        """Read one page. It is an episode if it or its file name has a date; other pages are skipped silently.

        A message without a date is kept, and that is said.
        """
        is_mail = kind_of(origin.path.name) == "mail"
        own = replace(origin, conventions=replace(origin.conventions, undated=is_mail))
        draft, problems = draft_of_page(_with_labels(page_of(text, origin.path, origin.metadata), origin), own)
        if draft is None or (draft.date is None and not is_mail):
            return [], []
        if draft.date is None:
            problems = [*problems, origin.problem("This message has no date; it was kept without one.")]
        return [draft], problems


class PlainText(Format):
    """Plain text with a day in its name or in its first lines, read as Markdown: minutes, letters, diaries, months of
    mailing lists. A scan takes those alone that are no transcript.
    """

    def read(self, text: str, origin: Origin) -> Drafts:
        """Read one text, or each day of a diary; one without a day is somebody else's."""
        if _MAILBOX.match(text):
            return Mbox().read(text, origin)
        page = read_page(text if text.startswith(("---", "+++", ".. ")) else _titled(text))
        page = _with_metadata(page, origin.metadata)
        if page.matter is None:
            page = replace(page, remarks=())  # nobody expects any of a text
        drafts, problems = _drafts(page, origin)
        return (drafts, problems) if any(draft.date for draft in drafts) else ([], [])


class ConvertedPage(Format):
    """What pandoc makes Markdown of, with the extra ``formats``: org, reStructuredText, AsciiDoc, Word, EPUB, …"""

    def decoded(self, data: bytes, name: str) -> Decoded:
        """Return the text of a document; one that is packed stays bytes."""
        packed = is_packed(kind_of(name))
        return Decoded(document_page.as_text(data), None) if packed else super().decoded(data, name)

    def read(self, text: str, origin: Origin) -> Drafts:
        """Read one document, or each day of a journal. What cannot be converted is a problem."""
        page = page_of(text, origin.path, origin.metadata)
        if page.matter is None and not page.body.strip():
            return [], [origin.problem(cause, skipped=True) for _, cause in page.remarks]
        return _drafts(page, origin)


def page_of(text: str, path: Path, metadata: Path | None = None) -> Page:
    """Split a file into front matter and body; ``metadata`` may be a file of the former. Raises ``OSError`` for it."""
    return _with_metadata(_page_of(text, path), metadata)


def _with_metadata(page: Page, metadata: Path | None) -> Page:
    """Return a page with the front matter of the file beside it, where it has none itself. Raises ``OSError``."""
    if metadata is None or page.matter is not None:
        return page
    text = decode(read_regular(metadata)).text or ""
    ending = metadata.suffix.lower()
    if ending != ".meta":
        fence = {".toml": "+++\n", ".json": ""}.get(ending, "---\n")
        text = f"{fence}{text}\n{fence}"
    elif not text.startswith((".. ", "---", "+++")):
        text = "\n".join(f".. {name}: {line}" for name, line in zip(_LINES, text.split("\n"), strict=False))
    beside = read_page(text)
    remarks = tuple((None, f"{metadata.name}: {cause}") for _, cause in beside.remarks)
    return Page(beside.matter, page.body, page.start, remarks)


def _page_of(text: str, path: Path) -> Page:
    kind = kind_of(path.name)
    if kind == "mail":
        return read_mail(text)
    if kind in CONVERTED:
        return document_page.converted_page(text, kind)
    if kind == "html" and not text.startswith("---"):
        return read_html(text)
    page = read_page(text)
    is_html = kind == "html" or _is_html(page.body)
    return replace(page, body=markdown_of(page.body, "html").text) if is_html else page


def _is_html(body: str) -> bool:
    """Whether a body is HTML as programs write it, several paragraphs on a line and nothing outside of tags."""
    lines = [line for line in body.split("\n") if line.strip()]
    return _RUN_ON.search(body) is not None and all(line.lstrip().startswith("<") for line in lines)


def _with_labels(page: Page, origin: Origin) -> Page:
    return with_labels(page, origin.conventions.order) if origin.date is None else page


def _drafts(page: Page, origin: Origin) -> Drafts:
    """Return the draft of a page, or one of each day of a diary, and what is odd about them."""
    return drafts_of_pages(days_of(page, origin) or [(_with_labels(page, origin), origin)])


def _titled(text: str) -> str:
    """Return a text whose first line is a heading where it is a title: short, alone, and no other mark before it."""
    lines = text.split("\n")
    first = next((place for place, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return text
    line = lines[first]
    alone = first + 1 >= len(lines) or not lines[first + 1].strip()
    if alone and len(line) <= _LONGEST_TITLE and line[:1].isalnum() and line.strip()[-1] not in ".:。：":
        lines[first] = f"# {line}"
    return "\n".join(lines)
