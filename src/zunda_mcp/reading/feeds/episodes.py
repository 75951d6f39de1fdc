"""Turn the items of a feed into drafts of episodes, all split into stories in the same way.

How the items are split is detected once for the whole feed, from a sample of them, as for the files of an archive;
settings override it.
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
from zunda_mcp.reading.detection.conventions import Conventions, Strategy
from zunda_mcp.reading.detection.survey import LONGEST, Evidence, Survey, sample, survey
from zunda_mcp.reading.draft import Draft, Drafts
from zunda_mcp.reading.feeds.feed_formats import read_chapters
from zunda_mcp.reading.feeds.item import Feed, Item, ids, slug_of
from zunda_mcp.reading.feeds.item_stories import ItemStyle, body_of, repeated_links, split, without_frame
from zunda_mcp.reading.html.to_markdown import markdown_of, one_paragraph
from zunda_mcp.reading.metadata.fields import youtube_id
from zunda_mcp.reading.splitting.strategies import headings_of, own_way
from zunda_mcp.text.normalize import letters
from zunda_mcp.text.urls import encoded, is_web, story_url

__all__ = ["AttachTranscript", "drafts_of", "evidence_of_feeds", "strategy_of"]

_MAX_BODY = 2 * 1024 * 1024  # characters read of one item; show notes are shorter

AttachTranscript = Callable[[Item, Draft], tuple[Draft, Sequence[Problem]]]
"""From an item and its episode to the episode with its transcript, and the problems of reading that."""

_ADDRESS = re.compile(r"\]\([^()\s]*\)|https?://[^\s<>()]+")
_SHORT = 500  # characters up to which a body without stories is a description
_TITLE = 80  # characters of a title that is made from the body


class _Context(NamedTuple):
    """What is the same for all items of a page of a feed. Relative addresses start from ``base``."""

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
    url: str = "",
    previous_ids: Mapping[str, str] | None = None,
    extras: Mapping[str, str] | None = None,
    attach: AttachTranscript | None = None,
    conventions: Conventions | None = None,
) -> Drafts:
    """Return one draft for each item in these pages of one feed, newest first, and the problems. If two items have one
    key, the first counts. An item without text, title and addresses is a problem.

    ``label`` is what the feed is called in problems, ``url`` the address it came from, ``previous_ids`` are ids that
    stay, by the key of the item, ``extras`` the texts of chapter files by address. ``attach`` adds the transcript of an
    item.
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
    ids_by_key = ids((item for item, _ in items.values()), home, previous_ids)
    style = _style_of(feeds, conventions or Conventions())
    drafts = []
    for key, (item, link) in items.items():
        if item.written_date and item.moment is None:
            cause = f"The date `{item.written_date[:80]}` cannot be understood; the item was kept without one."
            problems.append(Problem(path=label, line=item.line, cause=cause))
        draft = _draft(item, ids_by_key[key], _Context(label, zone, link or url, home, extras or {}, style))
        if attach is not None:
            draft, more = attach(item, draft)
            problems += more
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
    """The people who speak: the cast, hosts before guests, without those who drew the cover or cut the sound."""
    cast = [person for person in item.people if person.group == "cast"]
    order = {"host": 0, "co-host": 1, "guest host": 2, "guest": 4}
    cast.sort(key=lambda person: order.get(person.role, 3))
    return tuple(dict.fromkeys(person.name for person in cast))


def _web(address: str, base: str) -> str | None:
    """Return an absolute web address; ``None`` for an address that does not lead to the web."""
    whole = story_url(address.strip(), base)
    return encoded(whole) if whole and is_web(whole) else None


def _first_words(text: str) -> str:
    """Make a title for an item without one: its first line, cut at a word."""
    line = next((line.strip(" #>*-") for line in text.split("\n") if line.strip(" #>*-")), "")
    if len(line) <= _TITLE:
        return line
    cut = line[:_TITLE]
    return (cut.rpartition(" ")[0] if " " in cut[_TITLE // 2 :] else cut).rstrip() + "…"


def evidence_of_feeds(feeds: Sequence[Feed], conventions: Conventions) -> list[Evidence]:
    """Return evidence of how the items of a feed are written, from some of them, the oldest first."""
    return _look(feeds, conventions)[0]


def strategy_of(feeds: Sequence[Feed], conventions: Conventions) -> Strategy:
    """Return how the items of a feed are split into stories, and why."""
    return _survey(evidence_of_feeds(feeds, conventions), conventions).strategy


def _style_of(feeds: Sequence[Feed], conventions: Conventions) -> ItemStyle:
    """The conventions of the archive, with the strategy detected for this feed unless settings name one."""
    evidence, repeated = _look(feeds, conventions)
    own = _survey(evidence, conventions).conventions
    detected = replace(
        conventions, folders={}, strategy=own.strategy, level=own.level, settled=own.settled, sections=own.sections
    )
    return ItemStyle(detected.declared(conventions.mapping), repeated)


def _survey(evidence: Sequence[Evidence], conventions: Conventions) -> Survey:
    return survey(evidence, {}, conventions.mapping.stories or conventions.settings.strategy, "items")


def _look(feeds: Sequence[Feed], conventions: Conventions) -> tuple[list[Evidence], frozenset[str]]:
    """What some items show, and the links that most of them repeat."""
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
