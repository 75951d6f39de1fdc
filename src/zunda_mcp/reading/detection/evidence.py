"""What one file shows of the archive it is from: how it would be split, and what it has."""

from __future__ import annotations

from zunda_mcp.reading.detection.conventions import JSON_LIST, TURNS, Conventions, Origin
from zunda_mcp.reading.detection.survey import Evidence
from zunda_mcp.reading.endings import CONVERTED, kind_of
from zunda_mcp.reading.formats.json_list import JsonList
from zunda_mcp.reading.formats.page_formats import page_of
from zunda_mcp.reading.formats.transcript_formats import is_spoken
from zunda_mcp.reading.mapping.declared import declares_day
from zunda_mcp.reading.markdown.blocks import Document
from zunda_mcp.reading.markdown.hidden import as_markdown, without_hidden
from zunda_mcp.reading.metadata.fields import DATE, TITLE, UPDATED, Fields, day_of
from zunda_mcp.reading.metadata.front_matter import NO_FRONT_MATTER, FrontMatter, Page
from zunda_mcp.reading.metadata.labels import with_labels
from zunda_mcp.reading.splitting.body import Body
from zunda_mcp.reading.splitting.diary import days_of
from zunda_mcp.reading.splitting.strategies import own_way
from zunda_mcp.reading.splitting.titles import plain_line
from zunda_mcp.text.calendar_days import Order, order_of

__all__ = ["LONGEST", "evidence_of", "headings_of"]

LONGEST = 200_000
"""Characters of a file that are looked at."""


def evidence_of(text: str, origin: Origin) -> Evidence | None:
    """Look at one file; ``None`` for one that is nothing of an archive."""
    kind = kind_of(origin.path.name)
    if kind == "json":
        return _of_json(text, origin)
    if kind in ("csv", "rows") or not text.strip():
        return None
    page = page_of(text if kind in CONVERTED else text[:LONGEST], origin.path, origin.metadata)
    if parts := days_of(page, origin):
        page, origin = max(parts, key=lambda pair: len(pair[0].body))
    elif origin.date is None:
        page = with_labels(page, "dmy")
    fields = Fields(page.matter or FrontMatter())
    written = fields.texts(*(origin.conventions.date_keys or DATE))
    written = written or fields.texts(*UPDATED)
    order: Order = next((shown for _, text in written if (shown := order_of(text))), "")
    dated = origin.date is not None or any(day_of(text, "dmy") for _, text in written)
    if "date" in origin.conventions.mapping.rules:
        dated = declares_day(page, origin)
    if not dated and kind in ("html", "mail"):
        return None
    matter = not any(cause == NO_FRONT_MATTER for _, cause in page.remarks)
    titled = page.matter is None or bool(fields.text(*TITLE))
    body = _body(page, fields, origin)
    vote, levels = own_way(body)
    keys = tuple(name for name in fields.names if name not in (*DATE, *TITLE, "layout"))
    headings = headings_of(body) if vote != TURNS else frozenset[str]()
    return Evidence(vote, True, matter, titled, dated, levels, keys, headings, order)


def _of_json(text: str, origin: Origin) -> Evidence | None:
    if is_spoken(text):
        return Evidence(TURNS, dated=origin.date is not None)
    drafts, _ = JsonList().read(text, origin)
    return Evidence(JSON_LIST, dated=any(draft.date for draft in drafts)) if drafts else None


def _body(page: Page, fields: Fields, origin: Origin) -> Body:
    """Return the body of a file, to be split in any way."""
    document = Document(as_markdown(without_hidden(page.body)))
    return Body(document, fields, page.start, None, Conventions(settings=origin.conventions.settings))


def headings_of(body: Body) -> frozenset[str]:
    """Return the words of all headings."""
    headings = (plain_line(body.document, block.text) for block in body.document.blocks if block.kind == "heading")
    return frozenset(text.casefold() for text in headings if text)
