"""A post of any export, and how posts become episodes: each day is an episode, and each post of it a story.

``Remarks`` reports what is wrong in an export as problems with lines, few enough to be read.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple, get_args

from zunda_mcp.models import Problem
from zunda_mcp.reading.detection.conventions import Origin
from zunda_mcp.reading.draft import Draft, Drafts, Entry
from zunda_mcp.reading.encoding import with_newlines
from zunda_mcp.reading.metadata.locale import zone_name

__all__ = [
    "BROKEN", "JAPAN", "Kind", "Post", "Remarks", "drafts_of", "episodes_by_day", "merged", "moment_of", "tidy",
    "time_of", "unescaped", "x_address", "zone_of",
]  # fmt: skip

Kind = Literal["post", "repost", "like", "bookmark"]

BROKEN = "This export is cut off or broken; it was skipped."

JAPAN = dt.timezone(dt.timedelta(hours=9), "JST")
"""Japan time, which has had no summer time since 1951."""

_EPOCH_MS = 1_288_834_974_657
_FIRST_SNOWFLAKE = 29_700_859_247  # of 2010-11-04; numbers before it do not contain a time
_DIGITS = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,9})?", re.ASCII)
_ESCAPED = re.compile(r"&(?:amp|lt|gt|quot|#39);")


class Post(NamedTuple):
    """A post, or a page that was bookmarked, which has a ``title``. ``id`` tells posts of one kind in an export apart,
    ``user`` is the author, and ``at`` has a time zone.
    """

    id: int | str
    user: str | None
    at: dt.datetime | None
    text: str
    kind: Kind
    url: str | None = None
    title: str = ""


def x_address(id: int, user: str | None) -> str:
    """Return the address of a post on X, one that redirects if the author is unknown."""
    return f"https://x.com/{user or 'i/web'}/status/{id}"


def moment_of(value: object) -> dt.datetime | None:
    """Read a time as exports write it: in ISO 8601 (in UTC if it has no zone), or as a number whose size shows what it
    counts: seconds, milliseconds or microseconds since 1970, or Chrome's microseconds since 1601 (``base::Time``).
    """
    text = str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    if not _DIGITS.fullmatch(text):
        try:
            at = dt.datetime.fromisoformat(text.partition(",")[0].removesuffix(" UTC"))
        except ValueError:
            return None
        return at if at.tzinfo else at.replace(tzinfo=dt.UTC)
    seconds = float(text)
    for size, unit, epoch in ((1e16, 1e6, 11_644_473_600), (1e14, 1e6, 0), (1e11, 1e3, 0), (1e8, 1, 0)):
        if seconds >= size:
            try:
                return dt.datetime.fromtimestamp(int(seconds / unit) - epoch, dt.UTC)
            except (OverflowError, ValueError, OSError):
                return None
    return None


def time_of(id: int) -> dt.datetime | None:
    """Return when the post with this number was written: its upper bits are milliseconds since 2010-11-04T01:42:54.657Z
    ("Announcing Snowflake", Twitter Engineering, 2010). ``None`` for earlier numbers.
    """
    if id < _FIRST_SNOWFLAKE:
        return None
    try:
        return dt.datetime.fromtimestamp(((id >> 22) + _EPOCH_MS) // 1000, dt.UTC)
    except (OverflowError, ValueError, OSError):  # not the number of a post
        return None


def unescaped(text: str) -> str:
    """Undo the HTML escapes that exports write, once, and no others: a link may contain ``&copy=2``."""
    return _ESCAPED.sub(lambda match: html.unescape(match[0]), text) if "&" in text else text


def tidy(text: str) -> str:
    """Return a text with plain newlines, none of them at its ends, and without NUL characters."""
    return with_newlines(text).replace("\0", "").strip("\n")


_MAX_REMARKS = 50  # remarks that are listed one by one


class Remarks:
    """Collects remarks: keeps the first 50, and counts any more. Without an ``origin`` it drops all."""

    def __init__(self, origin: Origin | None) -> None:
        self._origin = origin
        self._problems: list[Problem] = []
        self._more = 0

    def add(self, line: int | None, cause: str) -> None:
        """Add a remark on a line (from 1), or on the whole export."""
        if self._origin is None:
            return
        if len(self._problems) < _MAX_REMARKS:
            self._problems.append(self._origin.problem(cause, line=line))
        else:
            self._more += 1

    def cleaned(self, lines: Iterable[str]) -> Iterator[str]:
        """Yield lines without NUL characters, with a remark on each that had some."""
        for number, line in enumerate(lines, start=1):
            if "\0" in line:
                self.add(number, "This line holds NUL characters; they were left out.")
                yield line.replace("\0", "")
            else:
                yield line

    def problems(self) -> list[Problem]:
        """Return all remarks as problems."""
        if not self._more or self._origin is None:
            return self._problems
        return [*self._problems, self._origin.problem(f"There are {self._more} more remarks like these.")]


_UNDATED = "undated"
_STATUS = re.compile(r"^https://x\.com/[^/]+(?:/[^/]+)?/status/(\d+)$", re.ASCII)
_KANA = re.compile("[ぁ-ゖァ-ヺ]")
_KIND_ORDER: dict[str, int] = {kind: place for place, kind in enumerate(get_args(Kind))}


def zone_of(posts: Collection[Post], origin: Origin, remarks: Remarks, source: str) -> dt.tzinfo:
    """Return the time zone that days are counted in if ``source`` writes times in UTC: the archive's own, else Japan's
    if most posts are in Japanese (a remark says so), else UTC.
    """
    if origin.zone:
        return origin.zone
    if not _in_japanese(posts):
        return dt.UTC
    cause = (
        f"{source} writes times in UTC, and no setting states where these posts were written; since most are in "
        "Japanese, days are counted in Japan time. Set a timezone to change this."
    )
    remarks.add(None, cause)
    return JAPAN


def _in_japanese(posts: Collection[Post]) -> bool:
    """Whether at least half of the posts of kind ``post``, or of all if there are none, contain kana."""
    own = [post for post in posts if post.kind == "post"] or posts
    return sum(_KANA.search(post.title + post.text) is not None for post in own) * 2 >= len(own)


def drafts_of(
    posts: Collection[Post], origin: Origin, remarks: Remarks, source: str, owner: str | None = None
) -> Drafts:
    """Return the days of an export that writes times in UTC. ``source`` is its name in problems, as in ``This archive
    of X``; ``owner`` is the user whose posts these are, by default the one who wrote the most.
    """
    if not posts:
        return [], [*remarks.problems(), origin.problem(f"{source} holds no posts.", skipped=True)]
    writers = Counter(post.user for post in posts if post.user and post.kind in ("post", "repost"))
    owner = owner or next((user for user, _ in writers.most_common(1)), None)
    return episodes_by_day(posts, owner, origin, zone_of(posts, origin, remarks, source)), remarks.problems()


def episodes_by_day(posts: Iterable[Post], owner: str | None, origin: Origin, zone: dt.tzinfo) -> list[Draft]:
    """Return a draft for each day of ``posts`` in ``zone``, oldest first, and one for all posts without a time. A day
    lists posts before reposts, likes and bookmarks: those may be added long after, and posts must keep their places,
    and thus their ids.
    """
    days: dict[dt.date | None, dict[tuple[int | str, Kind], Post]] = {}
    for post in posts:
        at = post.at
        day = None if at is None else at.date() if at.tzinfo is zone else at.astimezone(zone).date()
        days.setdefault(day, {}).setdefault((post.id, post.kind), post)
    language = origin.addresses.site.language
    every = [post for day in days.values() for post in day.values()]
    japanese = language.lower().startswith("ja") if language else _in_japanese(every)
    dated = sorted(day for day in days if day is not None)
    in_order = [
        (day, sorted(days[day].values(), key=lambda post: _order(post.kind, post.at, post.id)))
        for day in [*dated, *([None] if None in days else [])]
    ]
    return [_draft(day, listed, owner, origin, zone, japanese=japanese) for day, listed in in_order]


def merged(drafts: Sequence[Draft]) -> Draft:
    """Merge the drafts of one day from several exports: each post once, with its longest text."""
    if len(drafts) == 1:
        return drafts[0]
    entries: dict[tuple[str, str | None], Entry] = {}
    for entry in (entry for draft in drafts for entry in draft.entries):
        key = _identity(entry), entry.kind
        if key not in entries or _fullness(entry) >= _fullness(entries[key]):
            entries[key] = entry
    placed = {(entry.kind, entry.at, entry.summary) for entry in entries.values() if entry.url}
    united = [one for one in entries.values() if one.url or (one.kind, one.at, one.summary) not in placed]
    if all(entry.kind for entry in united):
        united.sort(key=lambda entry: _order(entry.kind, entry.at, _identity(entry)))
    hosts = tuple(dict.fromkeys(host for draft in drafts for host in draft.hosts))
    prose = "\n\n".join(dict.fromkeys(draft.prose for draft in drafts if draft.prose))
    return replace(drafts[0], hosts=hosts, prose=prose, entries=tuple(united))


def _fullness(entry: Entry) -> tuple[int, bool]:
    return len(entry.summary), "/i/web/" not in (entry.url or "")


def _identity(entry: Entry) -> str:
    """Return what identifies a post: on X its number, whoever its address names as author, else its address or text."""
    match = _STATUS.search(entry.url or "")
    return match[1] if match else entry.url or entry.summary


def _order(kind: str | None, at: dt.datetime | None, identity: object) -> tuple[int, float, str]:
    return _KIND_ORDER.get(kind or "post", 0), at.timestamp() if at else 0.0, str(identity).zfill(20)


def _draft(
    day: dt.date | None, posts: Sequence[Post], owner: str | None, origin: Origin, tz: dt.tzinfo, *, japanese: bool
) -> Draft:
    id = day.isoformat() if day else _UNDATED
    pages = all(post.title for post in posts)
    nouns = ("ブックマーク", "Bookmarks") if pages else ("投稿", "Posts")
    if day:
        title = f"{id} の{nouns[0]}" if japanese else f"{nouns[1]} of {id}"
    else:
        title = f"日付のない{nouns[0]}" if japanese else f"{nouns[1]} without a date"
    id += "-bookmarks" if pages else ""
    own_page = day is not None and origin.addresses.templates.page is not None
    page = origin.addresses.page(id=id, number=None, date=day, slug=id) if own_page and day else None
    return Draft(
        id=id,
        zone="Asia/Tokyo" if tz is JAPAN else zone_name(tz),
        date=day,
        title=title,
        hosts=(owner,) if owner else (),
        page_url=page.url if page else None,
        page_kind=page.kind if page else None,
        path=origin.label,
        entries=tuple(_entry(post, tz) for post in posts),
    )


def _entry(post: Post, zone: dt.tzinfo) -> Entry:
    """Return a post as an entry. It has no ``link``: a page that somebody posts every day is not boilerplate."""
    at = post.at.astimezone(zone) if post.at and post.at.tzinfo is not zone else post.at
    return Entry(post.title, None, None, post.url, post.text, kind=post.kind, at=at)
