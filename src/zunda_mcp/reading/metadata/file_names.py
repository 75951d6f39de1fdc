"""What file and folder names say: a day, a number, a title, a person.

Days: ``2024-06-28-title``, ``2024-6-8-title``, ``20240628``, ``title-2024-06-28``, and folders: ``2024/06/28.md``,
``2024/06-28-title.md``, ``2024/06/28/title.md``. Numbers: ``456 - title``, ``ep12``, ``issue-12-title``, ``show-12``.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

PEOPLE_FOLDERS = frozenset(
    [
        "host",
        "hosts",
        "guest",
        "guests",
        "people",
        "person",
        "persons",
        "author",
        "authors",
        "speaker",
        "speakers",
        "actor",
        "actors",
        "member",
        "members",
        "contributor",
        "contributors",
        "presenter",
        "presenters",
        "cast",
        "crew",
        "team",
        "sponsor",
        "sponsors",
    ]
)
BUNDLES = frozenset({"index"})
"""A page that is the only one of its folder is named after the folder (https://gohugo.io/content-management/page-bundles/)."""

_FRONT = re.compile(r"(\d{4})([-_.]?)(\d{1,2})\2(\d{1,2})(?!\d)(?:[-_. ]+(.*))?", re.ASCII | re.DOTALL)
_BACK = re.compile(r"(?<!\d)(\d{4})([-_.]?)(\d{2})\2(\d{2})\Z", re.ASCII)
_GAPS = "-_. "
_NUMBER = re.compile(
    r"(?:^|[-_ ])(?:ep|episode|eps|issue|no|vol|show|第|#)[-_ .#]*(\d{1,5})(?!\d)", re.IGNORECASE | re.ASCII
)
_FIRST = re.compile(r"#?(\d{1,5})(?:[-_ .回:]+|$)(.*)", re.ASCII | re.DOTALL)
_LAST = re.compile(r"(?:.*[-_ #])0*(\d{1,5})", re.ASCII | re.DOTALL)
_HASH = re.compile(r"[ -][0-9a-f]{32}$")
"""What Notion puts behind the name of each page it exports."""
_YEARS = range(1990, 2100)


class NameParts(NamedTuple):
    """``id`` names the episode, ``slug`` is the name without its day, ``number`` is sure, ``guess`` is not.

    ``title`` is the slug in words, ``""`` where it is nothing but a number.
    """

    id: str
    date: dt.date | None
    slug: str
    number: int | None
    guess: int | None
    title: str


def read_name(stem: str, folders: tuple[str, ...]) -> NameParts:
    """Read the name of a file without its ending, below ``folders`` (from the source down)."""
    if stem.lower() in BUNDLES and folders:
        stem, folders = folders[-1], folders[:-1]
    identity = stem
    stem = _HASH.sub("", stem)
    date, slug = dated_name(stem)
    if date is None:
        date, slug, together = _in_folders(stem, folders)
        if together:
            identity = together
    if date and slug.isascii() and slug.isdigit() and len(slug) < 10:
        return NameParts(identity, date, slug, int(slug), None, "")
    if not date and folders and slug.isascii() and slug.isdigit():
        identity = f"{folders[-1]}-{slug}"
    guess, title = _number(slug)
    return NameParts(identity, date, slug, None, guess, title)


def dated_name(stem: str) -> tuple[dt.date | None, str]:
    """Split ``2025-07-08-279`` into its day and ``279``; a name without a real day is all slug."""
    match = _FRONT.fullmatch(stem)
    if match and (match[2] or len(match[3] + match[4]) == 4):
        day = _day(match[1], match[3], match[4])
        if day:
            return day, match[5] or ""
    match = _BACK.search(stem, max(0, len(stem) - 10))
    before = stem[: match.start()] if match else ""
    if match and (not before or before[-1] in _GAPS):
        day = _day(match[1], match[3], match[4])
        if day:
            return day, before.rstrip(_GAPS)
    return None, stem


def words(slug: str) -> str:
    """Return a slug as a title: ``grandpa-paul`` is "grandpa paul"; a name with spaces is one already."""
    return slug.strip() if " " in slug.strip() else " ".join(re.split(r"[-_]+", slug)).strip()


def _in_folders(stem: str, folders: tuple[str, ...]) -> tuple[dt.date | None, str, str]:
    """Find a day that folders and the beginning of a name make together, and the id of a name that is only a part."""
    for depth in (1, 2, 3):
        above = folders[-depth:]
        if len(above) < depth or not re.fullmatch(r"\d{4}(?:[-_]\d{1,2})?", above[0], re.ASCII):
            continue
        date, slug = dated_name("-".join((*above, stem)))
        if date:
            partly = bool(re.match(r"\d{1,2}(?:[-_]|$)", stem, re.ASCII)) and slug != stem
            return date, slug, f"{date}-{slug}".rstrip("-") if partly else ""
    return None, stem, ""


def _number(slug: str) -> tuple[int | None, str]:
    first = _FIRST.fullmatch(slug)
    if first and not (len(first[1]) == 4 and int(first[1]) in _YEARS):
        return int(first[1]), words(first[2])
    match = _NUMBER.search(slug) or _LAST.fullmatch(slug)
    number = int(match[1]) if match else None
    return None if number in _YEARS else number, words(slug)


def _day(year: str, month: str, day: str) -> dt.date | None:
    try:
        return dt.date(int(year), int(month), int(day)) if int(year) in _YEARS else None
    except ValueError:
        return None
