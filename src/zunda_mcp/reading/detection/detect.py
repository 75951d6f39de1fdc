"""Looks at the files of an archive, those about its people included, for evidence of how the archive is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple, get_args

from zunda_mcp.reading.detection.conventions import JSON_LIST, TURNS, Conventions, Origin, Strategy, section_name
from zunda_mcp.reading.detection.survey import LONGEST, Evidence, Survey, Witness, survey
from zunda_mcp.reading.encoding import decode
from zunda_mcp.reading.endings import CONVERTED, kind_of
from zunda_mcp.reading.feeds.episodes import FEEDS, evidence_of_feeds, feeds_in, strategy_of
from zunda_mcp.reading.formats import format_of
from zunda_mcp.reading.formats.page_formats import leads_on, opening_day, page_of
from zunda_mcp.reading.formats.record_lists import JsonList
from zunda_mcp.reading.mapping.declared import declares_day
from zunda_mcp.reading.markdown.blocks import Document
from zunda_mcp.reading.markdown.cleaning import as_markdown, without_hidden
from zunda_mcp.reading.metadata.fields import DATE, TITLE, UPDATED, Fields, day_of
from zunda_mcp.reading.metadata.file_names import read_name
from zunda_mcp.reading.metadata.front_matter import NO_FRONT_MATTER, FrontMatter, RefusedError, read_page, read_yaml
from zunda_mcp.reading.metadata.labels import with_labels
from zunda_mcp.reading.scanning.scan import Scan
from zunda_mcp.reading.source_file import USUAL_BYTES, SourceFile, file_bytes
from zunda_mcp.reading.splitting.body import Body
from zunda_mcp.reading.splitting.diary import days_of
from zunda_mcp.reading.splitting.strategies import headings_of, own_way
from zunda_mcp.reading.transcripts.transcript_file import is_spoken
from zunda_mcp.text.calendar_days import Order, order_of, short_day

__all__ = ["feed_strategies", "take_survey"]


class _Look(NamedTuple):
    """The survey of some files, the witness of each by label, and the labels of those that could not be read."""

    survey: Survey
    witnesses: dict[str, Witness]
    unread: tuple[str, ...]


def take_survey(
    scan: Scan, origin_of: Callable[[SourceFile], Origin], wanted: str | None, earlier: Mapping[str, Witness]
) -> _Look:
    """Survey the files of a scan. A file that has not changed since the ``earlier`` look is not opened. ``wanted`` is
    the strategy that is declared. Items of feeds count only if there is nothing else, since each feed has its own way.
    """
    witnesses: dict[str, Witness] = {}
    unread: list[str] = []
    for files, look in ((scan.files, _page), (scan.people, _people)):
        for file in files:
            witness = earlier.get(file.label)
            if witness is None or not witness.fits(file):
                try:
                    witness = look(file, origin_of(file))
                except OSError:
                    unread.append(file.label)
            if witness is not None:
                witnesses[file.label] = witness
    pages = [(file.label, witnesses[file.label]) for file in scan.files if file.label in witnesses]
    evidence = [(label, one) for label, page in pages if not page.feed for one in page.evidence]
    items = [one for _, page in pages if page.feed for one in page.evidence]
    people: dict[str, str] = {}
    for file in scan.people:
        for slug, name in witnesses[file.label].people if file.label in witnesses else ():
            people.setdefault(slug.casefold(), name)
    if evidence or not items:
        taken = survey([one for _, one in evidence], people, wanted, labels=[label for label, _ in evidence])
    else:
        taken = survey(items, people, wanted, "items")
    return _Look(taken, witnesses, tuple(unread))


def _page(file: SourceFile, origin: Origin) -> Witness:
    text = _text(file)
    if text and (feeds := feeds_in(text, file.location)) is not None:
        items = evidence_of_feeds(feeds, origin.conventions)
        return Witness(file.size, file.mtime_ns, file.id, True, tuple(items))
    evidence = _evidence_of(text, origin) if text else None
    return Witness(file.size, file.mtime_ns, file.id, False, (evidence,) if evidence else ())


def _people(file: SourceFile, _origin: Origin) -> Witness:
    """Read the names of people from the page of one person, or a YAML mapping of several (``_data/authors.yml``)."""
    text = _text(file) or ""
    own = read_name(file.path.stem, tuple(file.label.split("/")[1:-1])).slug
    matter: FrontMatter | None = None
    with suppress(RefusedError):
        matter = read_yaml(text) if kind_of(file.location) == "yaml" else read_page(text).matter
    persons = {own: matter.values, **matter.values} if matter else {}
    fields = ((slug, Fields(FrontMatter(one))) for slug, one in persons.items() if isinstance(one, dict))
    named = ((slug, one.plain("name", "full_name", "display_name", *TITLE)) for slug, one in fields)
    return Witness(file.size, file.mtime_ns, file.id, people=tuple(pair for pair in named if pair[1]))


def feed_strategies(files: Sequence[SourceFile], conventions: Conventions) -> dict[str, Strategy]:
    """Return how each feed among these files is split, and why, by label."""
    strategies: dict[str, Strategy] = {}
    for file in files:
        with suppress(OSError):
            if kind_of(file.location) in FEEDS and (pages := feeds_in(_text(file) or "", file.location)):
                strategies[file.label] = strategy_of(pages, conventions)
    return strategies


def _text(file: SourceFile) -> str | None:
    """Return the text of a file; ``None`` if it is too large, not an ordinary file, or not text. Raises ``OSError``."""
    form = format_of(file.location)
    most = form.max_bytes if form is not None and form.source == "text" else USUAL_BYTES
    data, _ = file_bytes(file.path, most)
    return (form.decoded(data, file.location) if form else decode(data)).text if data else None


# --- what one file shows


def _evidence_of(text: str, origin: Origin) -> Evidence | None:
    kind = kind_of(origin.path.name)
    if kind == "json":
        return _of_json(text, origin)
    if kind in ("csv", "rows", "yaml") or not text.strip() or (kind == "html" and leads_on(text)):
        return None
    page = page_of(text if kind in CONVERTED else text[:LONGEST], origin.path, origin.metadata)
    if parts := days_of(page, origin):
        page, origin = max(parts, key=lambda pair: len(pair[0].body))
    opening = kind == "text" and opening_day(page, origin) is not None
    page = with_labels(page, "dmy", origin.date)
    fields = Fields(page.matter or FrontMatter())
    written = fields.texts(*(origin.conventions.date_keys or DATE))
    written = written or fields.texts(*UPDATED)
    shown = (order_of(text) for text in (*(text for _, text in written), origin.path.stem))
    order: Order = next(filter(None, shown), "")
    days = {moment.day for _, text in written if (moment := day_of(text, order or "dmy"))}
    dated = origin.date is not None or bool(days)
    misnamed = origin.date not in days if origin.date and days else None
    if "date" in origin.conventions.mapping.rules:
        dated = declares_day(page, origin)
    if not dated and kind in ("html", "mail"):
        return None
    matter = not any(cause == NO_FRONT_MATTER for _, cause in page.remarks)
    titled = page.bare or bool(fields.text(*TITLE))
    document = Document(as_markdown(without_hidden(page.body)))
    body = Body(document, fields, page.start, None, Conventions(settings=origin.conventions.settings))
    vote, levels = own_way(body)
    keys = tuple(name for name in fields.names if name not in (*DATE, *TITLE, "layout"))
    headings = headings_of(body) if vote != TURNS else ()
    name = section_name(origin.title if origin.date else read_name(origin.path.stem, (), "dmy").title)
    texts = (origin.path.stem, *(text for _, text in written), *(block.text for block in document.blocks[:1]))
    short = next((text for text in texts if any(short_day(text, one) for one in get_args(Order))), "")
    guess = read_name(origin.path.stem, (), months=False).guess if misnamed else origin.guess
    looks = (order, guess, name, short, misnamed, opening)
    return Evidence(vote, True, matter, titled, dated, levels, keys, headings, *looks)


def _of_json(text: str, origin: Origin) -> Evidence | None:
    if is_spoken(text):
        return Evidence(TURNS, dated=origin.date is not None)
    drafts, _ = JsonList().read(text, origin)
    return Evidence(JSON_LIST, dated=any(draft.date for draft in drafts)) if drafts else None
