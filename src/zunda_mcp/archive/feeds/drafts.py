"""From the items of a feed to drafts of episodes."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from zunda_mcp.archive.conventions import Conventions
from zunda_mcp.archive.draft import Draft
from zunda_mcp.archive.embeds import youtube_id
from zunda_mcp.archive.feeds.evidence import way_of
from zunda_mcp.archive.feeds.feed import Chapter, Feed, Item
from zunda_mcp.archive.feeds.identity import ids, slug_of
from zunda_mcp.archive.feeds.json_feed import read_chapters
from zunda_mcp.archive.feeds.markup import markdown_of, one_paragraph
from zunda_mcp.archive.feeds.stories import Way, split
from zunda_mcp.archive.urls import encoded, is_web
from zunda_mcp.episode import Problem

MAX_BODY = 2 * 1024 * 1024
"""Characters of one item that are read; what is longer is no show notes, and its end is left out."""

Hear = Callable[[Item, Draft], tuple[Draft, Sequence[Problem]]]
"""An item and its episode: the episode with its transcript, and what was wrong with that."""

_ADDRESS = re.compile(r"\]\([^()\s]*\)|https?://[^\s<>()]+")
_SHORT = 500
_TITLE = 80


@dataclass(frozen=True, slots=True)
class _Around:
    """What is the same for all items of a feed. ``base`` is what relative addresses start from."""

    label: str
    zone: ZoneInfo | None
    base: str
    home: str
    extras: Mapping[str, str]
    way: Way


def drafts_of(
    feeds: Sequence[Feed],
    *,
    label: str,
    zone: ZoneInfo | None,
    url: str = "",
    known: Mapping[str, str] | None = None,
    extras: Mapping[str, str] | None = None,
    hear: Hear | None = None,
    conventions: Conventions | None = None,
) -> tuple[list[Draft], list[Problem]]:
    """Return one draft for each item of these pages of one feed; of two items with one key the first counts.

    ``url`` is where the feed came from, ``known`` ids that were given before, by key, and ``extras`` the texts of files
    that its items name (chapters), by address. ``hear`` adds what is said in an episode, and ``conventions``
    are those of the archive; how items are split is found out by a look at some, unless the settings say it.
    An item without any text, title or address is a problem.
    """
    problems: list[Problem] = []
    items: dict[str, tuple[Item, str]] = {}
    for feed in feeds:
        problems += [Problem(path=label, line=line, cause=cause) for line, cause in feed.remarks]
        for item in feed.items:
            if not (item.title or item.body.text or item.audio or item.link):
                problems.append(Problem(path=label, line=item.line, cause="This item is empty; it was left out."))
            else:
                items.setdefault(item.key, (item, feed.link))
    home = next((feed.link for feed in feeds if feed.link), "")
    given = ids((item for item, _ in items.values()), home, known)
    way = way_of(feeds, conventions or Conventions())
    drafts = []
    for key, (item, link) in items.items():
        if item.written_date and item.moment is None:
            cause = f"The date `{item.written_date[:80]}` cannot be understood; the item was kept without one."
            problems.append(Problem(path=label, line=item.line, cause=cause))
        draft = _draft(item, given[key], _Around(label, zone, link or url, home, extras or {}, way))
        if hear is not None:
            draft, heard = hear(item, draft)
            problems += heard
        drafts.append(draft)
    return drafts, problems


def _draft(item: Item, id_: str, around: _Around) -> Draft:
    base = around.base
    page = _web(item.link, base)
    moment = item.moment.placed(around.zone) if item.moment else None
    body = markdown_of(item.body.text[:MAX_BODY], item.body.type)
    chapters = item.chapters or _chapters(item, around.extras)
    entries, prose = split(body.text, page or base or None, chapters, item.line, around.way)
    description = one_paragraph(item.summary.text, item.summary.type) if item.summary else ""
    if description and _letters(description) in _letters(body.text):
        description = ""  # an excerpt of the text itself
    if not entries and not description and len(body.text) <= _SHORT and "\n" not in body.text:
        description, prose = body.text, ""
    slug = slug_of(item, around.home)
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
        youtube_id=item.youtube_id or _embedded(body.frames),
        prose=prose,
        path=around.label,
        entries=entries,
    )


def _chapters(item: Item, extras: Mapping[str, str]) -> tuple[Chapter, ...]:
    text = extras.get(item.chapters_url) if item.chapters_url else None
    return read_chapters(text) if text else ()


def _hosts(item: Item) -> tuple[str, ...]:
    """The people who are heard: the cast, hosts before guests; not who drew the cover or cut the sound."""
    cast = [person for person in item.people if person.group == "cast"]
    order = {"host": 0, "co-host": 1, "guest host": 2, "guest": 4}
    cast.sort(key=lambda person: order.get(person.role, 3))
    return tuple(dict.fromkeys(person.name for person in cast))


def _web(address: str, base: str) -> str | None:
    """A whole web address, relative ones from where the feed came; ``None`` for anything else."""
    try:
        whole = urljoin(base, address.strip()) if address.strip() else ""
    except ValueError:
        return None
    return encoded(whole) if is_web(whole) else None


def _embedded(frames: list[str]) -> str | None:
    found = (youtube_id(f'<iframe src="{html.escape(frame)}"></iframe>')[0] for frame in frames)
    return next((video for video in found if video), None)


def _letters(text: str) -> str:
    """What a text says, whatever its markup, addresses and ellipsis."""
    return "".join(filter(str.isalnum, _ADDRESS.sub("", html.unescape(text))))


def _first_words(text: str) -> str:
    """A title for an item without one: its first line, cut at a word."""
    line = next((line.strip(" #>*-") for line in text.split("\n") if line.strip(" #>*-")), "")
    if len(line) <= _TITLE:
        return line
    cut = line[:_TITLE]
    return (cut.rpartition(" ")[0] if " " in cut[_TITLE // 2 :] else cut).rstrip() + "…"
