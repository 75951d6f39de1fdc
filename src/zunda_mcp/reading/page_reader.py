"""One page, front matter and body, as a draft of its episode."""

from __future__ import annotations

from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING

from zunda_mcp.reading.detection import conventions as ways
from zunda_mcp.reading.draft import Draft
from zunda_mcp.reading.markdown.blocks import Document
from zunda_mcp.reading.markdown.hidden import as_markdown, without_hidden
from zunda_mcp.reading.metadata import fields as names
from zunda_mcp.reading.metadata.fields import (
    Fields,
    about,
    audio_of,
    day_of,
    own_page,
    people_of,
    title_number,
    video_of,
)
from zunda_mcp.reading.metadata.front_matter import NO_FRONT_MATTER, FrontMatter
from zunda_mcp.reading.splitting.body import Body, Split
from zunda_mcp.reading.splitting.dialogue import read_turns
from zunda_mcp.reading.splitting.front_matter_lists import chapters
from zunda_mcp.reading.splitting.notes import notes_of
from zunda_mcp.reading.splitting.strategies import split
from zunda_mcp.text.calendar_days import Moment, find_day
from zunda_mcp.text.timestamps import over_the_hour

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zunda_mcp.models import Problem
    from zunda_mcp.reading.detection.conventions import Conventions, Origin
    from zunda_mcp.reading.draft import Entry
    from zunda_mcp.reading.metadata.front_matter import Page


def draft_of_page(page: Page, origin: Origin) -> tuple[Draft | None, list[Problem]]:
    """Return the draft of a page, ``None`` where it is no episode, and what is odd about it. Never raises."""
    usual = origin.conventions
    fields = Fields(page.front or FrontMatter())
    moment, doubt = _moment(page, fields, origin)
    number = origin.number if origin.number is not None else fields.number(*names.NUMBER)
    if why := _unpublished(fields):
        return None, [origin.problem(f"{ways.DRAFT} ({why}); it was left out.", skipped=True)]
    if moment is None and not usual.undated and page.front is None:
        return None, [*_remarks(page, origin, "so it was skipped", skipped=True), *([doubt] if doubt else [])]

    visible = without_hidden(page.body, modules=origin.path.suffix.lower() == ".mdx")
    document = Document(visible if usual.strategy == ways.LINK_HEADS else as_markdown(visible))
    title, title_line, title_remark = _title(document, page, fields, origin)
    hosts = people_of(fields, usual.people)
    own = own_page(fields)
    address = origin.addresses.page(
        id=origin.id,
        number=number,
        date=moment.day if moment else None,
        slug=origin.slug,
        own=fields.text("permalink"),
        written=own,
        categories=fields.list(*names.CATEGORIES),
    )
    body = Body(document, fields, page.start, address.url if address.kind == "page" else None, usual)
    parts = parts_of(body)
    audio = origin.addresses.audio(audio_of(fields), address, usual.settings.audio_prefix)
    if moment is None and not usual.undated:
        known = fields.text(*names.TITLE) and (hosts or audio or number is not None or _like_others(fields, usual))
        if not (known or doubt):
            cause = "Neither the front matter nor the file name has a date; it was skipped."
            return None, [origin.problem(cause, skipped=True)]
        if doubt is None:
            cause = "Neither the front matter nor the file name has a date; it was kept without one."
            doubt = origin.problem(cause)
    problems = _remarks(
        page,
        origin,
        "The episode was kept without a date."
        if moment is None
        else "The episode was kept with the date of its file name.",
        skipped=False,
    )
    problems += [problem for problem in (doubt, title_remark) if problem]

    video, video_lines = _video(document)
    if number is None:
        number = title_number(title)
    notes = notes_of(document, parts.entries, parts.claimed, video_lines | {title_line})
    draft = Draft(
        id=origin.id,
        number=origin.guess if number is None else number,
        date=moment.day if moment else None,
        published=moment.at if moment else None,
        title=title or origin.id,
        description=fields.plain(*names.DESCRIPTION),
        hosts=hosts,
        page_url=address.url,
        page_kind=address.kind,
        audio_url=audio,
        youtube_id=video_of(fields) or video,
        prose="\n\n".join(part for part in (fields.plain(*names.INFORMATION), unescape(notes), about(fields)) if part),
        path=origin.label,
        entries=tuple(map(_unescaped, parts.entries)),
    )
    return draft, problems


def _unescaped(entry: Entry) -> Entry:
    """Return an entry with the characters that HTML entities stand for."""
    if "&" not in entry.title and "&" not in entry.summary:
        return entry
    return replace(entry, title=unescape(entry.title), summary=unescape(entry.summary))


def _unpublished(fields: Fields) -> str:
    """Return the line of front matter that keeps a page back, ``""`` for a published one (Jekyll, Hugo, Astro)."""
    for key, value in (("draft", "true"), ("published", "false"), ("publish", "false"), ("status", "draft")):
        if (fields.text(key) or "").lower() == value:
            return f"{key}: {value}"
    return ""


def _like_others(fields: Fields, usual: Conventions) -> bool:
    """Whether front matter has most of the keys that are usual in its archive."""
    own = sum(key in usual.usual_keys for key in fields.names)
    return bool(usual.usual_keys) and own * 2 > len(usual.usual_keys)


def parts_of(body: Body) -> Split:
    """Split in the archive's way; a transcript is split as one in any archive. Chapters are added to the stories."""
    name = body.conventions.strategy
    if name not in (ways.TURNS, ways.LINK_HEADS, ways.WHOLE) and read_turns(body.document.lines):
        name = ways.TURNS
    parts = split(body, name)
    if name in (ways.FRONT_MATTER_LIST, ways.TURNS, ways.WHOLE):
        return parts
    starts = over_the_hour([entry.start for entry in parts.entries])
    entries = tuple(
        entry if entry.start == start else replace(entry, start=start)
        for entry, start in zip(parts.entries, starts, strict=True)
    )
    parts = Split(entries, parts.claimed, parts.start)
    return Split((*parts.entries, *_unknown(parts.entries, chapters(body))), parts.claimed, parts.start)


def _unknown(entries: Iterable[Entry], marks: Iterable[Entry]) -> list[Entry]:
    """Return the chapters that are no story already, by title or address."""
    titles = {entry.title.casefold() for entry in entries}
    urls = {entry.url for entry in entries if entry.url}
    return [mark for mark in marks if mark.title.casefold() not in titles and mark.url not in urls]


def _remarks(page: Page, origin: Origin, outcome: str, *, skipped: bool) -> list[Problem]:
    """Say what is odd about the front matter, and what became of the file."""
    if page.front is not None:
        return [origin.problem(cause, line=line) for line, cause in page.remarks]
    if skipped:
        outcome = "Nor does its name begin with a date (YYYY-MM-DD), so it was skipped."
    elif origin.conventions.bare:
        return [origin.problem(cause, line=line) for line, cause in page.remarks if cause != NO_FRONT_MATTER]
    return [origin.problem(f"{cause} {outcome}", line=line, skipped=skipped) for line, cause in page.remarks]


def _moment(page: Page, fields: Fields, origin: Origin) -> tuple[Moment | None, Problem | None]:
    """Find the day of an episode, and what is wrong with it: what front matter declares goes before the file's name,
    that before the title, and that before when the page was changed; last comes the month of its name or folder.
    """
    key, order = origin.conventions.settings.date_key, origin.conventions.order
    candidates = fields.texts(*([key] if key else names.DATE))
    by_name = Moment(origin.date, None) if origin.date else None
    for name, text in candidates:
        moment = day_of(text, order)
        if moment is None:
            continue
        moment = moment.placed(origin.zone)
        if origin.date in (None, moment.day):
            return moment, None
        cause = f"The front matter says {moment.day}, the file name {origin.date}; the front matter was believed."
        return moment, origin.problem(cause, line=fields.line(name))
    written = [(name, text) for name, text in candidates if text.lower() not in ("true", "false")]
    if by_name is None and (titled := find_day(fields.text(*names.TITLE) or "", order)):
        by_name = Moment(titled.day, None)
    if by_name is None and not candidates:
        changed = (day_of(text, order) for _, text in fields.texts(*names.UPDATED))
        by_name = next((moment.placed(origin.zone) for moment in changed if moment), None)
    doubt = None
    if written:
        name, text = written[0]
        outcome = "the date of the file name was taken" if by_name else "nor has the file name a date, so it has none"
        doubt = origin.problem(f"The date `{text[:80]}` {_why_no_day(text)}; {outcome}.", line=fields.line(name))
    if by_name is None and origin.month:
        cause = f"Only the month {origin.month:%Y-%m} is known, from its name or folder; its first day stands for it."
        return Moment(origin.month, None), origin.problem(cause)
    return by_name, doubt


def _why_no_day(text: str) -> str:
    days = [moment.day for order in ("dmy", "mdy") if (moment := day_of(text, order))]
    if len(set(days)) < 2:
        return "cannot be understood"
    return f"can be {days[0]} or {days[1]}, and no other file shows in which order this archive writes them"


def _title(document: Document, page: Page, fields: Fields, origin: Origin) -> tuple[str, int, Problem | None]:
    """Find the title: the front matter's, the first heading that is one, what the file name says. With its line."""
    key = origin.conventions.settings.title_key
    title = fields.plain(*([key] if key else names.TITLE))
    if title:
        return title, _repeated(document, title), None
    title, line = _first_heading(document, origin.conventions.strategy)
    remark = None
    if page.front is not None and not origin.conventions.untitled:
        cause = "This file has no title; " + ("its first heading" if title else "its name") + " stands for it."
        remark = origin.problem(cause)
    return title or origin.title, line, remark


def _repeated(document: Document, title: str) -> int:
    """Return the line of a first heading of the first level that only says the title again."""
    first = document.blocks[0] if document.blocks else None
    if first is not None and first.kind == "heading" and first.level == 1 and document.plain_text(first.text) == title:
        return first.start
    return -1


def _first_heading(document: Document, strategy: str) -> tuple[str, int]:
    """Return the first heading before the first story, and its line.

    One that introduces the first story is no title, unless it is a heading of the first level. Where stories are no
    link heads, only a heading of the first level is one.
    """
    from zunda_mcp.reading.splitting.stories import story_heads

    heads = story_heads(document) if strategy == ways.LINK_HEADS else []
    for block in document.blocks:
        if heads and block.start >= heads[0].line:
            break
        if block.kind == "heading" and (block.level == 1 or (strategy == ways.LINK_HEADS and not heads)):
            return document.plain_text(block.text), block.start
        if block.kind == "heading" and heads and block.start < heads[0].start:
            return document.plain_text(block.text), block.start
    return "", -1


def _video(document: Document) -> tuple[str | None, set[int]]:
    """Find the embedded video, and the lines that are nothing but its frame."""
    from zunda_mcp.reading.markdown.inline import youtube_id

    for source, start, end in document.html():
        video, alone = youtube_id(source)
        if video is None:
            continue
        if not alone:
            return video, set()
        return video, set(range(start, end))
    return None, set()
