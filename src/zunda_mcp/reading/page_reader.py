"""Makes the draft of an episode from one page: front matter and body."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from html import unescape

from zunda_mcp.models import Problem
from zunda_mcp.reading.detection import conventions as ways
from zunda_mcp.reading.detection.conventions import Conventions, Origin
from zunda_mcp.reading.draft import Draft, Drafts
from zunda_mcp.reading.mapping.archive_table import Rule
from zunda_mcp.reading.mapping.declared import USUAL, Declared
from zunda_mcp.reading.markdown.blocks import Document
from zunda_mcp.reading.markdown.cleaning import as_markdown, without_frames, without_hidden
from zunda_mcp.reading.metadata import fields as names
from zunda_mcp.reading.metadata.fields import (
    Fields,
    about,
    audio_of,
    day_of,
    embedded_video,
    own_page,
    played_audio,
    video_of,
)
from zunda_mcp.reading.metadata.front_matter import NO_FRONT_MATTER, FrontMatter, Page
from zunda_mcp.reading.metadata.locale import language_of_page, language_tag
from zunda_mcp.reading.splitting.body import Body, Split, notes_of, with_headings, without_footer
from zunda_mcp.reading.splitting.lists import chapters, with_chapters
from zunda_mcp.reading.splitting.stories import story_heads
from zunda_mcp.reading.splitting.strategies import split_by_evidence
from zunda_mcp.text.calendar_days import Moment
from zunda_mcp.text.timestamps import over_the_hour

__all__ = ["draft_of_page", "drafts_of_pages", "parts_of"]


def drafts_of_pages(parts: Iterable[tuple[Page, Origin]]) -> Drafts:
    """Return the drafts of all pages in one file, each with its own id, and their problems."""
    drafts: list[Draft] = []
    problems: list[Problem] = []
    taken: set[str] = set()
    for place, (page, origin) in enumerate(parts, start=1):
        name = f"{origin.id}-{place}" if origin.id in taken else origin.id
        taken.add(name)
        draft, remarks = draft_of_page(page, origin if name == origin.id else replace(origin, id=name, slug=name))
        drafts += [draft] if draft else []
        problems += remarks
    return drafts, problems


def draft_of_page(page: Page, origin: Origin) -> tuple[Draft | None, list[Problem]]:
    """Return the draft of a page, or ``None`` if it is not an episode, and its problems. Never raises."""
    usual = origin.conventions
    fields = Fields(page.matter or FrontMatter())
    declared = Declared(page, fields, origin)
    moment, doubt = _moment(declared, origin)
    for key, value in _UNPUBLISHED:
        if (fields.text(key) or "").lower() == value:
            return None, [origin.problem(f"{ways.DRAFT} ({key}: {value}); it was left out.", skipped=True)]
    visible = without_hidden(page.body, modules=origin.path.suffix.lower() == ".mdx")
    shown = without_frames(visible)
    document = Document(shown if usual.strategy == ways.LINK_HEADS else as_markdown(shown))
    alike = moment is not None or usual.undated or origin.label in usual.alike
    if not alike and page.bare:
        return None, [*_remarks(page, origin, "so it was skipped", skipped=True), *([doubt] if doubt else [])]
    title, title_line, title_remark = _title(document, page, fields, origin, declared)
    number, numbered = _number(declared, title, origin)
    hosts = _people(declared, origin)
    own = own_page(fields)
    address = origin.addresses.page(
        id=origin.id,
        number=number if numbered or declared.rules("number") else None,
        date=moment.day if moment else None,
        slug=origin.slug,
        own=fields.text("permalink"),
        written=own,
        categories=fields.list(*names.CATEGORIES),
    )
    body = Body(document, fields, page.start, address.url if address.kind == "page" else None, usual)
    parts = parts_of(body)
    hosts = hosts or parts.speakers
    if origin.trace is not None:
        first = min((entry.line for entry in parts.entries), default=None)
        origin.note("stories", split_by_evidence(body)[0], first, len(parts.entries))
        if address.url:
            origin.note("link", address.source, fields.line(*names.PAGE) if own else None, address.url)
    sound = audio_of(fields) or played_audio(visible, number, moment.day if moment else None)
    audio = origin.addresses.audio(sound, address, usual.settings.audio_prefix)
    if moment is None and not usual.undated:
        why_undated = "Neither the front matter nor the file name has a date"
        if declared.rules("date"):
            why_undated = "No rule for the date in zunda-mcp.toml gives a day here"
        if not (alike or doubt or (fields.text(*names.TITLE) and (hosts or audio or numbered))):
            return None, [origin.problem(f"{why_undated}; it was skipped.", skipped=True)]
        if doubt is None:
            doubt = origin.problem(f"{why_undated}; it was kept without one.")
    kept = "without a date" if moment is None else "with the date of its file name"
    problems = _remarks(page, origin, f"The episode was kept {kept}.", skipped=False)
    problems += [problem for problem in (doubt, title_remark) if problem]
    titles = {line for block in document.blocks if block.start == title_line for line in range(block.start, block.end)}
    notes = notes_of(document, parts.entries, parts.claimed, titles | parts.shown)
    draft = Draft(
        id=origin.id,
        number=number,
        date=moment.day if moment else None,
        published=moment.at if moment else None,
        title=title or _named(origin, moment),
        description=fields.plain(*names.DESCRIPTION),
        hosts=hosts,
        page_url=address.url,
        page_kind=address.kind,
        audio_url=audio,
        youtube_id=video_of(fields) or embedded_video(visible, shown),
        prose="\n\n".join(part for part in (fields.plain(*names.INFORMATION), unescape(notes), about(fields)) if part),
        path=origin.label,
        entries=tuple(
            replace(entry, title=unescape(entry.title), summary=unescape(entry.summary)) for entry in parts.entries
        ),
        language=_language(declared, origin, f"{title}\n{visible}"),
    )
    if isinstance(listed := fields.value("transcript"), list):
        from zunda_mcp.reading.transcripts.transcript_file import with_lines  # start-up: most pages have none

        draft = with_lines(draft, listed)
    return draft, problems


def _language(declared: Declared, origin: Origin, text: str) -> str | None:
    """Return the language tag of the page: by the rules of the archive's table if it has any, else from the page."""
    language = None
    if match := declared.language():
        language = language_tag(match.of("language"))
        origin.note("language", match.rule, match.line, language)
    if language or declared.rules("language"):
        return language
    return language_of_page(origin.path.stem, origin.label.split("/")[1:-1], text)


def _number(declared: Declared, title: str, origin: Origin) -> tuple[int | None, bool]:
    """Return the episode's number, and whether it is certain: not guessed from a text, or also in the file name."""
    number, match = declared.number(title)
    if match is None:
        return None, False
    origin.note("number", match.rule, match.line, number)
    return number, not match.by_itself or number == origin.number


def _people(declared: Declared, origin: Origin) -> tuple[str, ...]:
    people: dict[str, None] = {}
    for name in ("people", "guests"):
        names, match = declared.names(name)
        if match:
            origin.note(name, match.rule, match.line, ", ".join(names))
        people |= dict.fromkeys(names)
    return tuple(people)


_UNPUBLISHED = (("draft", "true"), ("published", "false"), ("publish", "false"), ("status", "draft"))
"""Keys and values of front matter that mark a page as unpublished (Jekyll, Hugo, Astro)."""


def parts_of(body: Body) -> Split:
    """Split a body into stories, and add the chapters of the front matter that are not among them."""
    name, parts = split_by_evidence(body)
    if name in (ways.FRONT_MATTER_LIST, ways.TURNS, ways.WHOLE):
        return parts
    times = over_the_hour([entry.start for entry in parts.entries])
    timed = (replace(entry, start=start) for entry, start in zip(parts.entries, times, strict=True))
    entries = with_headings(body, without_footer(tuple(timed)))
    return Split(with_chapters(entries, chapters(body)), parts.claimed)


def _remarks(page: Page, origin: Origin, outcome: str, *, skipped: bool) -> list[Problem]:
    """Return the problems of the front matter. ``outcome`` says what was done with a file that has none."""
    if not page.bare:
        return [origin.problem(cause, line=line) for line, cause in page.remarks]
    if skipped:
        outcome = "Nor does its name begin with a date (YYYY-MM-DD), so it was skipped."
    elif origin.conventions.bare:
        return [origin.problem(cause, line=line) for line, cause in page.remarks if cause != NO_FRONT_MATTER]
    return [origin.problem(f"{cause} {outcome}", line=line, skipped=skipped) for line, cause in page.remarks]


def _moment(declared: Declared, origin: Origin) -> tuple[Moment | None, Problem | None]:
    """Return the day of an episode, if any, and a problem if its date is doubtful or cannot be understood."""
    moment, match, unread = declared.moment()
    if moment and match:
        origin.note("date", match.rule, match.line, match.text if match.by_key else moment.day)
    if moment and match and (match.by_key or declared.rules("date")):
        if declared.rules("date") or origin.date in (None, moment.day) or origin.conventions.misnamed:
            return moment, None
        cause = f"The front matter says {moment.day}, the file name {origin.date}; the front matter was used."
        return moment, origin.problem(cause, line=match.line)
    if moment and match and origin.date is None and match.rule == Rule.at("path"):
        what = "week" if "W" in origin.period else "month"
        cause = f"Only the {what} {origin.period} is known, from its name or folder; its first day stands for it."
        return moment, origin.problem(cause)
    if unread is None:
        return moment, None
    cause = f"The date `{unread.text[:80]}` {_why_no_day(unread.text)}"
    if not declared.rules("date"):
        outcome = "the date of the file name was used" if moment else "nor has the file name a date, so it has none"
        cause = f"{cause}; {outcome}"
    return moment, origin.problem(f"{cause}.", line=unread.line)


def _why_no_day(text: str) -> str:
    days = [moment.day for order in ("dmy", "mdy") if (moment := day_of(text, order))]
    if len(set(days)) < 2:
        return "cannot be understood"
    return f"can be {days[0]} or {days[1]}, and no other file shows in which order this archive writes them"


def _title(
    document: Document, page: Page, fields: Fields, origin: Origin, declared: Declared
) -> tuple[str, int, Problem | None]:
    """Return the title, its line in the body (-1 if it is elsewhere), and a problem if no title is stated. Declared
    rules alone count if there are any. Else it is the front matter's, the first heading or the file name; one that many
    files share comes last.
    """
    usual, is_declared = origin.conventions, declared.rules("title")
    *keys, heading, path = USUAL["title"]
    keys = [Rule.key(usual.settings.title_key)] if usual.settings.title_key else keys
    shared = "", -1
    for rule in usual.mapping.rules["title"] if is_declared else (*keys, heading, path):
        used, title, line, at = rule, "", -1, None
        if rule == heading:
            title, line = _first_heading(document, usual)
            at = page.start + line + 1
            if usual.has_section(title) and not is_declared:
                title, shared = "", (title, line)
        elif rule == path:
            title = origin.title if is_declared or not usual.has_section(origin.title) else ""
        elif match := declared.title(rule):
            used, title, at, line = match.rule, match.text, match.line, _repeated(document, match.text)
        if title:
            origin.note("title", used, at, title)
            stated = is_declared or rule not in (heading, path)
            what = "its first heading" if rule == heading else "its name"
            return title, line, None if stated else _untitled(page, origin, what)
    if shared[0]:
        origin.note("title", heading, page.start + shared[1] + 1, shared[0])
    what = "its first heading" if shared[0] else "its name"
    return *shared, None if is_declared else _untitled(page, origin, what)


def _named(origin: Origin, moment: Moment | None) -> str:
    """Return the title of an episode that has none: its id, or its day if many files share its name."""
    return moment.day.isoformat() if moment and origin.conventions.has_section(origin.title) else origin.id


def _untitled(page: Page, origin: Origin, what: str) -> Problem | None:
    if page.bare or origin.conventions.untitled:
        return None
    return origin.problem(f"This file has no title; {what} stands for it.")


def _repeated(document: Document, title: str) -> int:
    """Return the line of an opening heading of level 1 that repeats the title, else -1."""
    first = document.blocks[0] if document.blocks else None
    if first is not None and first.kind == "heading" and first.level == 1 and document.plain_text(first.text) == title:
        return first.start
    return -1


def _first_heading(document: Document, usual: Conventions) -> tuple[str, int]:
    """Return the heading that is the title of the page, and its line in the body; ``""`` and -1 if there is none.

    A heading of level 1 always is one. With link heads, so is a heading before the first story that does not introduce
    it; with other strategies, the first heading if it is above the level of the stories.
    """
    link_heads = usual.strategy == ways.LINK_HEADS
    headings = [block for block in document.blocks if block.kind == "heading"]
    heads = story_heads(document) if link_heads else []
    for place, block in enumerate(headings):
        title = document.plain_text(block.text)
        below = usual.level if usual.strategy == ways.HEADINGS else min((one.level for one in headings[1:]), default=0)
        top = place == 0 and block.level < below and not usual.has_section(title)
        before = not heads if link_heads else top
        if block.level == 1 or before or (heads and block.start < heads[0].start):
            return title, block.start
    return "", -1
