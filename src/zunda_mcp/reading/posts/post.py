"""One post, whichever export it comes from.

What is odd about the rows of an export: as problems with lines, so few that they are read.

Posts to episodes: a day is an episode, a post is a story of it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from zunda_mcp.reading.draft import Draft, Entry
from zunda_mcp.reading.metadata.days import zone_name

if TYPE_CHECKING:
    from zunda_mcp.models import Problem
    from zunda_mcp.reading.conventions import Origin

Kind = Literal["post", "repost", "like", "bookmark"]

KINDS: tuple[Kind, ...] = ("post", "repost", "like", "bookmark")

JAPAN = dt.timezone(dt.timedelta(hours=9), "JST")
"""Japan time, which has had no summer time since 1951."""

_EPOCH_MS = 1_288_834_974_657
_FIRST_SNOWFLAKE = 29_700_859_247  # of 2010-11-04; numbers before it merely count
_ESCAPED = re.compile(r"&(amp|lt|gt|quot|#39);")
_PLAIN = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "#39": "'"}


class Post(NamedTuple):
    """A post as it was written. ``at`` has a zone, and is ``None`` where nothing tells the time; ``user`` is who wrote
    it, ``line`` the line of the file it begins in (0 where the file has no lines worth naming). ``placed`` is whether
    ``id`` is the number it is found under.
    """

    id: int
    user: str | None
    at: dt.datetime | None
    text: str
    kind: Kind
    line: int
    placed: bool = True

    @property
    def url(self) -> str | None:
        """Its address; one that leads on where it is not known who wrote it."""
        if not self.placed:
            return None
        return f"https://x.com/{self.user or 'i/web'}/status/{self.id}"


def time_of(id: int) -> dt.datetime | None:  # noqa: A002 - the word of the house
    """Return when the post with this number was written (UTC), ``None`` for numbers older than 2010-11-04.

    Its upper bits are milliseconds since 2010-11-04T01:42:54.657Z ("Announcing Snowflake", Twitter Engineering, 2010).
    """
    if id < _FIRST_SNOWFLAKE:
        return None
    try:
        return dt.datetime.fromtimestamp(((id >> 22) + _EPOCH_MS) // 1000, dt.UTC)
    except (OverflowError, ValueError, OSError):  # a number no post has
        return None


def unescaped(text: str) -> str:
    """Undo the HTML escapes of an export, once: ``&amp;lt;`` is the text ``&lt;``.

    Only what exports escape, always with its semicolon: links in a post hold ``&copy=2`` and the like.
    """
    return _ESCAPED.sub(lambda found: _PLAIN[found[1]], text) if "&" in text else text


_TOLD = 50


class Remarks:
    """Gathers remarks; the first are told one by one, the others counted. Without an ``origin`` none is kept."""

    def __init__(self, origin: Origin | None) -> None:
        self._origin = origin
        self._told: list[Problem] = []
        self._more = 0

    def add(self, line: int | None, cause: str) -> None:
        """Note what is odd in a line, from 1."""
        if self._origin is None:
            return
        if len(self._told) < _TOLD:
            self._told.append(self._origin.problem(cause, line=line))
        else:
            self._more += 1

    def cleaned(self, lines: Iterable[str]) -> Iterator[str]:
        """Pass lines on, NUL characters taken out and said so."""
        for number, line in enumerate(lines, start=1):
            if "\0" in line:
                self.add(number, "This line holds NUL characters; they were left out.")
                yield line.replace("\0", "")
            else:
                yield line

    def problems(self) -> list[Problem]:
        """Return everything noted."""
        if not self._more or self._origin is None:
            return self._told
        return [*self._told, self._origin.problem(f"There are {self._more} more remarks like these.")]


UNDATED = "undated"
KANA = re.compile("[ぁ-ゖァ-ヺ]")
"""What Japanese alone is written with."""
_PLACE: dict[str, int] = {kind: place for place, kind in enumerate(KINDS)}


def episodes_by_day(posts: Iterable[Post], owner: str | None, origin: Origin, zone: dt.tzinfo) -> list[Draft]:
    """Return a draft for each day of ``posts`` in ``zone``, oldest first; posts without a time come last, as one.

    In a day stand the owner's posts as they were written, then the reposts, likes and bookmarks, each in order of
    time. Those carry the time of the post they are of, so they may come to a day long after it; the owner's posts
    keep their places, and with them their ids, when that happens and when newer posts are added.
    """
    found: dict[dt.date | None, dict[tuple[int, Kind], Post]] = {}
    for post in posts:
        at = post.at
        day = None if at is None else at.date() if at.tzinfo is zone else at.astimezone(zone).date()
        found.setdefault(day, {}).setdefault((post.id, post.kind), post)
    japanese = _is_japanese(origin, [post for day in found.values() for post in day.values()])
    dated = sorted(day for day in found if day is not None)
    return [
        _draft(day, sorted(found.pop(day).values(), key=_order), owner, origin, zone, japanese=japanese)
        for day in [*dated, *([None] if None in found else [])]
    ]


def merged(drafts: Sequence[Draft]) -> Draft:
    """Return one day as several exports have it: every post once, in its fullest text, from whoever's export it is."""
    if len(drafts) == 1:
        return drafts[0]
    found: dict[tuple[str, str | None], Entry] = {}
    for entry in (entry for draft in drafts for entry in draft.entries):
        key = (entry.url or entry.summary).rpartition("/")[2], entry.kind
        if key not in found or _fullness(entry) >= _fullness(found[key]):
            found[key] = entry
    hosts = tuple(dict.fromkeys(host for draft in drafts for host in draft.hosts))
    return replace(drafts[0], hosts=hosts, entries=tuple(sorted(found.values(), key=_entry_order)))


def _fullness(entry: Entry) -> tuple[int, bool]:
    return len(entry.summary), "/i/web/" not in (entry.url or "")


def _entry_order(entry: Entry) -> tuple[int, float, str]:
    number = (entry.url or "").rpartition("/")[2]
    return _PLACE.get(entry.kind or "post", 0), entry.at.timestamp() if entry.at else 0.0, number.zfill(20)


def _order(post: Post) -> tuple[int, float, int]:
    return _PLACE[post.kind], post.at.timestamp() if post.at else 0.0, post.id


def _draft(
    day: dt.date | None, posts: Sequence[Post], owner: str | None, origin: Origin, tz: dt.tzinfo, *, japanese: bool
) -> Draft:
    id = day.isoformat() if day else UNDATED  # noqa: A001 - the word of the house
    if day:
        title = f"{id} の投稿" if japanese else f"Posts of {id}"
    else:
        title = "日付のない投稿" if japanese else "Posts without a date"
    own_page = day is not None and origin.addresses.templates.page is not None
    page = origin.addresses.page(id=id, number=None, date=day, slug=id) if own_page and day else None
    return Draft(
        id=id,
        zone="Asia/Tokyo" if tz is JAPAN else zone_name(tz),
        number=None,
        date=day,
        published=None,
        title=title,
        description="",
        hosts=(owner,) if owner else (),
        page_url=page.url if page else None,
        page_kind=page.kind if page else None,
        audio_url=None,
        youtube_id=None,
        prose="",
        path=origin.label,
        entries=tuple(_entry(post, tz) for post in posts),
    )


def _entry(post: Post, zone: dt.tzinfo) -> Entry:
    """A post has no title. Its links are left in its text and are no ``link``: a page somebody posts every day is not
    boilerplate.
    """
    at = post.at.astimezone(zone) if post.at and post.at.tzinfo is not zone else post.at
    return Entry("", None, None, post.url, post.text, post.line, kind=post.kind, at=at)


def _is_japanese(origin: Origin, posts: Sequence[Post]) -> bool:
    """Whether titles are in Japanese: as the site says, else as most of what the owner wrote is (else of all)."""
    if said := origin.addresses.site.language:
        return said.lower().startswith("ja")
    own = [post for post in posts if post.kind == "post"] or posts
    return sum(1 for post in own if KANA.search(post.text)) * 2 >= len(own)
