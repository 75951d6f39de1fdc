"""Makes episodes from feeds: RSS, Atom, RDF or JSON Feed in files, and those that ``zunda-mcp sync`` keeps.

Every item of a feed is an episode. XML and JSON that is not a feed gives none, and no problem.

How to split the items into stories is detected once for the whole feed, from a sample of its items, as for the files of
an archive. Settings override it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple
from zoneinfo import ZoneInfo

from zunda_mcp.models import Problem
from zunda_mcp.reading.detection import conventions as ways
from zunda_mcp.reading.detection.conventions import Conventions, Origin, Strategy
from zunda_mcp.reading.detection.survey import LONGEST, Evidence, Survey, sample, survey
from zunda_mcp.reading.draft import Draft, Drafts
from zunda_mcp.reading.endings import kind_of
from zunda_mcp.reading.feeds.document import TRANSCRIPTS, StoredFeed, looks_like_a_feed, read_document, read_stored
from zunda_mcp.reading.feeds.feed_formats import read_chapters
from zunda_mcp.reading.feeds.item import Feed, Item, candidates, ids, slug_of
from zunda_mcp.reading.feeds.item_stories import ItemStyle, body_of, repeated_links, split, without_frame
from zunda_mcp.reading.formats import Format
from zunda_mcp.reading.html.to_markdown import markdown_of, one_paragraph
from zunda_mcp.reading.metadata.fields import youtube_id
from zunda_mcp.reading.splitting.strategies import headings_of, own_way
from zunda_mcp.reading.transcripts.transcript_file import Attached, attach_file, attach_to_item
from zunda_mcp.text.normalize import letters
from zunda_mcp.text.urls import encoded, is_web, story_url

__all__ = ["FEEDS", "FeedFile", "KeptFeed", "claims", "drafts_of", "evidence_of_feeds", "feeds_in", "strategy_of"]

_MAX_BODY = 2 * 1024 * 1024  # characters read of one item; show notes are shorter

_UNKEPT = StoredFeed("")
_AttachTranscript = Callable[[Item, Draft], Attached]
"""Takes an item and its draft; returns the draft with its transcript, and the problems of reading it."""

_ADDRESS = re.compile(r"\]\([^()\s]*\)|https?://[^\s<>()]+")
_SHORT = 500  # characters; a body up to this length without stories is a description
_TITLE = 80  # characters of a title made from the body


class _Context(NamedTuple):
    """What all items of a page of a feed share. Relative addresses are resolved against ``base``."""

    label: str
    zone: ZoneInfo | None
    base: str
    home: str
    extras: Mapping[str, str]
    style: ItemStyle


def drafts_of(
    feeds: Sequence[Feed],
    *,
    label: str,
    zone: ZoneInfo | None,
    kept: StoredFeed = _UNKEPT,
    attach: _AttachTranscript | None = None,
    conventions: Conventions | None = None,
) -> Drafts:
    """Return one draft for each item in the pages of one feed, and the problems. The newest page comes first: if two
    items have the same key, the first counts. An item without text, title and addresses is a problem.

    ``label`` is the name of the feed in problems, ``kept`` what is stored of it. ``attach`` adds the transcript of an
    item to its draft.
    """
    problems: list[Problem] = []
    items: dict[str, tuple[Item, str]] = {}
    for feed in feeds:
        problems += [Problem(path=label, line=line, cause=cause) for line, cause in feed.remarks]
        for item in feed.items:
            if item.copied and item.key not in items:
                cause = f"The guid of `{item.title[:80]}` is that of another item; both were kept."
                problems.append(Problem(path=label, line=item.line, cause=cause))
            if not (item.title or item.body.text or item.audio or item.link):
                problems.append(Problem(path=label, line=item.line, cause="This item is empty; it was left out."))
            else:
                items.setdefault(item.key, (item, feed.link))
    home = next((feed.link for feed in feeds if feed.link), "")
    ids_by_key = ids((item for item, _ in items.values()), home, kept.ids)
    style = _style_of(feeds, conventions or Conventions())
    drafts = []
    for key, (item, link) in items.items():
        if item.written_date and item.moment is None:
            cause = f"The date `{item.written_date[:80]}` cannot be understood; the item was kept without one."
            problems.append(Problem(path=label, line=item.line, cause=cause))
        draft = _draft(item, ids_by_key[key], _Context(label, zone, link or kept.url, home, kept.extras, style))
        if attach is not None:
            attached = attach(item, draft)
            draft, problems = attached.draft, [*problems, *attached.problems]
        drafts.append(draft)
    return drafts, problems


def _draft(item: Item, id_: str, context: _Context) -> Draft:
    base = context.base
    page = _web(item.link, base)
    moment = item.moment.placed(context.zone) if item.moment else None
    body = markdown_of(item.body.text[:_MAX_BODY], item.body.type)
    chapters = item.chapters or read_chapters(context.extras.get(item.chapters_url, ""))
    entries, prose = split(body.text, page or base or None, chapters, context.style)
    description = one_paragraph(item.summary.text, item.summary.type) if item.summary else ""
    if description and letters(_ADDRESS.sub("", description)) in letters(_ADDRESS.sub("", body.text)):
        description = ""  # an excerpt of the text itself
    if not entries and not description and len(body.text) <= _SHORT and "\n" not in body.text:
        description, prose = body.text, ""
    slug = slug_of(item, context.home)
    number = item.number
    if number is None and slug.isascii() and slug.isdigit() and len(slug) < 7:
        number = int(slug)
    return Draft(
        id=id_,
        number=number,
        date=moment.day if moment else None,
        published=moment.at if moment else None,
        title=item.title or _first_words(body.text) or id_,
        description=html.unescape(description),
        hosts=_hosts(item),
        page_url=page,
        page_kind="page" if page else None,
        audio_url=_web(item.audio, base),
        youtube_id=item.youtube_id or next(filter(None, map(youtube_id, body.frames)), None),
        prose=prose,
        path=context.label,
        entries=entries,
    )


def _hosts(item: Item) -> tuple[str, ...]:
    """Return the names of the people who speak: the cast, hosts before guests, without those who only work on it."""
    cast = [person for person in item.people if person.group == "cast"]
    order = {"host": 0, "co-host": 1, "guest host": 2, "guest": 4}
    cast.sort(key=lambda person: order.get(person.role, 3))
    return tuple(dict.fromkeys(person.name for person in cast))


def _web(address: str, base: str) -> str | None:
    """Return an absolute web address, or ``None`` if the address does not lead to the web."""
    whole = story_url(address.strip(), base)
    return encoded(whole) if whole and is_web(whole) else None


def _first_words(text: str) -> str:
    """Return a title for an item without one: the first line of its text, cut between words."""
    line = next((line.strip(" #>*-") for line in text.split("\n") if line.strip(" #>*-")), "")
    if len(line) <= _TITLE:
        return line
    cut = line[:_TITLE]
    return (cut.rpartition(" ")[0] if " " in cut[_TITLE // 2 :] else cut).rstrip() + "…"


def evidence_of_feeds(feeds: Sequence[Feed], conventions: Conventions) -> list[Evidence]:
    """Return evidence of how the items of a feed are written, from a sample of them, oldest first."""
    return _look(feeds, conventions)[0]


def strategy_of(feeds: Sequence[Feed], conventions: Conventions) -> Strategy:
    """Return how the items of a feed are split into stories, and why."""
    return _survey(evidence_of_feeds(feeds, conventions), conventions).strategy


def _style_of(feeds: Sequence[Feed], conventions: Conventions) -> ItemStyle:
    """Return the archive's conventions, with the strategy detected for this feed unless the settings name one."""
    evidence, repeated = _look(feeds, conventions)
    own = _survey(evidence, conventions).conventions
    detected = replace(
        conventions, folders={}, strategy=own.strategy, level=own.level, settled=own.settled, sections=own.sections
    )
    return ItemStyle(detected.declared(conventions.mapping), repeated)


def _survey(evidence: Sequence[Evidence], conventions: Conventions) -> Survey:
    return survey(evidence, {}, conventions.mapping.stories or conventions.settings.strategy, "items")


def _look(feeds: Sequence[Feed], conventions: Conventions) -> tuple[list[Evidence], frozenset[str]]:
    """Return evidence from a sample of the items, and the links that most items repeat."""
    items = list({item.key: item for feed in reversed(feeds) for item in feed.items}.values())
    repeated = repeated_links(item.body.text for item in items)
    plain = ItemStyle(Conventions(settings=conventions.settings), repeated)
    evidence = []
    for item in reversed(sample(items, lambda item: item.key)):
        page = item.link or None
        text = without_frame(markdown_of(item.body.text[:LONGEST], item.body.type).text, page, repeated)
        body = body_of(text, page, plain)
        vote, levels = own_way(body) if text else (None, ())
        headings = () if vote == ways.TURNS else headings_of(body)
        evidence.append(Evidence(vote, dated=item.moment is not None, levels=levels, headings=headings))
    return evidence, repeated


# --- feeds in files

FEEDS = ("feed", "json", "kept feed")
"""Kinds of files that may contain a feed."""
_BEGINNING = 4000


def claims(text: str) -> bool:
    """Whether a text is a feed, by its beginning, and not a template for one."""
    beginning = re.split(r"<(?:item|entry)\b", text[:_BEGINNING], maxsplit=1)[0]
    template = beginning.lstrip("\ufeff").startswith("---") or "{%" in beginning or "{{" in beginning
    return looks_like_a_feed(text) and not template


def feeds_in(text: str, name: str) -> list[Feed] | None:
    """Return the pages of the feed in a file; ``None`` if its ending, or for JSON its text, is not that of a feed."""
    kind = kind_of(name)
    if kind == "kept feed":
        return kept.feeds() if (kept := read_stored(text)) else []
    if kind not in FEEDS or (kind == "json" and not claims(text)):
        return None
    feed = read_document(text).feed if claims(text) else None
    return [feed] if feed is not None else []


class FeedFile(Format):
    """A feed in a file. Addresses come only from its items; the archive's time zone determines days."""

    def claims(self, text: str) -> bool:
        """Whether a text is a feed, by its beginning."""
        return claims(text)

    def read(self, text: str, origin: Origin) -> Drafts:
        """Read a feed, each item with its transcript if the archive has one."""
        if not claims(text):
            return [], []
        document = read_document(text)
        if document.feed is None:
            reported = not document.is_list and origin.path.suffix.lower() != ".json"
            return [], [origin.problem(f"This looks like a feed, but {document.why}", skipped=True)] if reported else []
        language = document.feed.language or None

        def attach(item: Item, draft: Draft) -> Attached:
            return attach_to_item(draft, item, origin.transcripts, language)

        return drafts_of(
            [document.feed],
            label=origin.label,
            zone=origin.zone,
            attach=attach if origin.transcripts else None,
            conventions=origin.conventions,
        )


class KeptFeed(Format):
    """A feed that was added by its address, as ``zunda-mcp sync`` stores it."""

    def read(self, text: str, origin: Origin) -> Drafts:
        """Read all pages; if an item is in several, the newest page counts. Adds the transcripts that were fetched."""
        kept = read_stored(text)
        if kept is None:
            return [], [origin.problem("This is not a feed that zunda-mcp keeps; it was skipped.", skipped=True)]
        feeds = kept.feeds()
        return drafts_of(
            feeds,
            label=origin.label,
            zone=origin.zone,
            kept=kept,
            attach=_attach_kept(kept, feeds, origin) if kept.transcripts or kept.missing else None,
            conventions=origin.conventions,
        )


def _attach_kept(kept: StoredFeed, feeds: Sequence[Feed], origin: Origin) -> _AttachTranscript:
    """Return a function that adds the transcript of an item from the folder of fetched transcripts."""
    language = next((feed.language for feed in feeds if feed.language), "")
    folder = origin.path.parent / TRANSCRIPTS

    def attach(item: Item, draft: Draft) -> Attached:
        named = candidates(item, language, kept.url) if item.transcripts else []
        if one := next((one for one in named if one.url in kept.transcripts), None):
            file = kept.transcripts[one.url].file
            return attach_file(draft, folder / file, file, f"{origin.label}: {one.url}")
        why = next((kept.missing[one.url] for one in named if one.url in kept.missing), "")
        cause = f"The transcript of {draft.id} is missing: {why} The next sync tries again."
        return Attached(draft, (origin.problem(cause, line=item.line),) if why else ())

    return attach
