"""Markdown show notes with YAML front matter: Jekyll posts, and everything that looks like them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zunda_mcp.archive.blocks import Document
    from zunda_mcp.archive.dates import Moment
    from zunda_mcp.archive.draft import Draft, Entry
    from zunda_mcp.archive.fields import Fields
    from zunda_mcp.archive.front_matter import Page
    from zunda_mcp.archive.origin import Origin
    from zunda_mcp.archive.stories import Head
    from zunda_mcp.episode import Problem

SUFFIXES = frozenset({".md", ".markdown"})


def read(text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
    """Read one post. It is an episode if its front matter or its file name has a date."""
    from zunda_mcp.archive import fields as names
    from zunda_mcp.archive.blocks import Document
    from zunda_mcp.archive.draft import Draft
    from zunda_mcp.archive.fields import Fields
    from zunda_mcp.archive.front_matter import FrontMatter, read_page
    from zunda_mcp.archive.stories import story_heads

    if not text.strip():
        return [], [origin.problem("This file is empty; it was skipped.", skipped=True)]
    page = read_page(text)
    fields = Fields(page.front or FrontMatter())
    moment, doubt = _moment(page, fields, origin)
    if moment is None:
        return [], [*_remarks(page, origin, kept=False), doubt] if doubt else _remarks(page, origin, kept=False)
    problems = _remarks(page, origin, kept=True) + ([doubt] if doubt else [])

    document = Document(page.body)
    heads = story_heads(document)
    title, title_line = fields.plain(*names.TITLE), -1
    if not title:
        title, title_line = _first_heading(document, heads)
        if page.front is not None:
            cause = "This file has no title; " + ("its first heading" if title else "its name") + " stands for it."
            problems.append(origin.problem(cause))
    video, video_lines = _video(document)
    number = origin.number if origin.number is not None else fields.number(*names.NUMBER)
    address = origin.addresses.page(
        id=origin.id,
        number=number,
        date=moment.day,
        slug=origin.slug,
        own=fields.text("permalink"),
        hidden=(fields.text("published") or "").lower() == "false",
        categories=fields.list(*names.CATEGORIES),
    )
    prose = _prose(document, heads, video_lines | {title_line})
    draft = Draft(
        id=origin.id,
        number=number,
        date=moment.day,
        published=moment.at,
        title=title or origin.id,
        description=fields.plain(*names.DESCRIPTION),
        hosts=fields.list(*names.HOSTS),
        page_url=address.url,
        page_kind=address.kind,
        audio_url=origin.addresses.audio(fields.text(*names.AUDIO), address),
        youtube_id=video,
        prose="\n\n".join(part for part in (fields.plain(*names.INFORMATION), prose) if part),
        path=origin.label,
        entries=_entries(document, heads, page.start, address.url if address.kind == "page" else None),
    )
    return [draft], problems


def _remarks(page: Page, origin: Origin, *, kept: bool) -> list[Problem]:
    """Say what is odd about the front matter, and what became of the file."""
    if page.front is not None:
        return [origin.problem(cause, line=line) for line, cause in page.remarks]
    outcome = (
        "The episode was kept with the date of its file name."
        if kept
        else "Nor does its name begin with a date (YYYY-MM-DD), so it was skipped."
    )
    return [origin.problem(f"{cause} {outcome}", line=line, skipped=not kept) for line, cause in page.remarks]


def _moment(page: Page, fields: Fields, origin: Origin) -> tuple[Moment | None, Problem | None]:
    """Find the day of an episode: the front matter's, else the file name's; and what is wrong with it."""
    from zunda_mcp.archive import fields as names
    from zunda_mcp.archive.dates import Moment, read_date

    written = fields.text(*names.DATE)
    line = fields.line(*names.DATE)
    by_name = Moment(origin.date, None) if origin.date else None
    moment = read_date(written)
    if moment is not None:
        moment = moment.placed(origin.zone)
        if origin.date in (None, moment.day):
            return moment, None
        cause = f"The front matter says {moment.day}, the file name {origin.date}; the front matter was believed."
        return moment, origin.problem(cause, line=line)
    if written:
        outcome = (
            "the date of the file name was taken" if by_name else "nor has the file name a date, so it was skipped"
        )
        cause = f"The date `{written[:80]}` cannot be understood; {outcome}."
        return by_name, origin.problem(cause, line=line, skipped=by_name is None)
    if by_name is None and page.front is not None:
        return None, origin.problem(
            "Neither the front matter nor the file name has a date; it was skipped.", skipped=True
        )
    return by_name, None


def _first_heading(document: Document, heads: list[Head]) -> tuple[str, int]:
    """Return the first heading before the first story, and its line.

    One that introduces the first story is no title, unless it is a heading of the first level.
    """
    for block in document.blocks:
        if heads and block.start >= heads[0].line:
            break
        if block.kind == "heading" and (not heads or block.start < heads[0].start or block.level == 1):
            return document.plain_text(block.text), block.start
    return "", -1


def _video(document: Document) -> tuple[str | None, set[int]]:
    """Find the embedded video, and the lines that are nothing but its frame and the heading over it."""
    from zunda_mcp.archive.embeds import youtube_id

    for source, start, end in document.html():
        video, alone = youtube_id(source)
        if video is None:
            continue
        if not alone:
            return video, set()
        over = next((block for block in reversed(document.blocks) if block.end <= start), None)
        lines = set(range(start, end))
        if over is not None and over.kind == "heading":
            lines |= set(range(over.start, over.end))
        return video, lines
    return None, set()


def _prose(document: Document, heads: list[Head], dropped: set[int]) -> str:
    """Return the text before the first story, without the lines that are shown elsewhere."""
    end = heads[0].start if heads else len(document.lines)
    lines = [line for number, line in enumerate(document.lines[:end]) if number not in dropped]
    return "\n".join(lines).strip("\n").rstrip()


def _entries(document: Document, heads: list[Head], start: int, page: str | None) -> tuple[Entry, ...]:
    from zunda_mcp.archive.draft import Entry
    from zunda_mcp.archive.summaries import TITLE_LABELS, read_body, without_label
    from zunda_mcp.archive.urls import story_url

    entries = []
    for place, head in enumerate(heads, start=1):
        end = heads[place].start if place < len(heads) else len(document.lines)
        body = read_body(document, head, end)
        labelled = without_label(body.title, TITLE_LABELS)
        title = body.title if labelled is None else labelled
        link = head.url.strip() or None
        url = story_url(link, page) or story_url(body.source, page)
        if link != url and title.count('"') % 2:
            title = title.strip('"')  # the other half of a quote that strayed into the URL
        entries.append(Entry(title, link, body.source, url, body.summary, start + head.line + 1))
    return tuple(entries)
