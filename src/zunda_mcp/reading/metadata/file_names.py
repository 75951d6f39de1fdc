"""Read the names of files and folders: days, numbers and titles of episodes.

Days: ``2024-06-28-title``, ``20240628``, ``title-2024-06-28``, ``June 28th, 2024``, ``20240628143000-title`` (notes
named after the second when they were made), ``20240628-20240704`` (the first of several), and in folders:
``2024/06/28.md``, ``2024/06-28-title.md``, ``2024/0628.md``, ``2024/06/28/title.md``, ``2024/Jun/28/title.md``;
months: ``2024-06.md``, ``2024-06-title.md``, ``2024-06,07.md`` (the first of several), ``2024/06/title.md``; weeks:
``2024-W27.md``, ``2024/week-27.md``, and ``2024-27.md`` in an archive whose names count weeks to the end of a year.
Numbers: ``456 - title``, ``ep12``, ``issue-12-title``, ``第12期``.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from zunda_mcp.text.calendar_days import YEARS, Order, find_days, first_day, short_day, short_order
from zunda_mcp.text.calendar_names import month_number

__all__ = [
    "BUNDLES", "PEOPLE_FOLDERS", "NameParts", "after_year", "dated_name", "names_several_days", "read_name", "words",
]  # fmt: skip

PEOPLE_FOLDERS = frozenset({
    "host", "hosts", "guest", "guests", "people", "person", "persons", "author", "authors", "speaker", "speakers",
    "actor", "actors", "member", "members", "contributor", "contributors", "presenter", "presenters", "cast",
    "crew", "team", "sponsor", "sponsors",
})  # fmt: skip
BUNDLES = frozenset({"index", "readme"})
"""Names of pages that take the name of their folder instead (https://gohugo.io/content-management/page-bundles/)."""

_GAPS = "-_. "
_NUMBER = re.compile(
    r"(?:^|[-_ ])(?:ep|episode|eps|issue|no|vol|show|第|#)[-_ .#]*(\d{1,5})(?!\d)", re.IGNORECASE | re.ASCII
)
_COUNTED = re.compile(r"第\s*(\d{1,5})\s*[回話期号集]")
_FIRST = re.compile(r"#?(\d{1,5})(?:[-_ .回:]+|$)(.*)", re.ASCII | re.DOTALL)
_LAST = re.compile(r"(?:.*[-_ #])0*(\d{1,5})", re.ASCII | re.DOTALL)
_SHORT_DAY = re.compile(r"(?<!\d)\d\d([-_.])\d\d\1\d\d$", re.ASCII)
_TWO = re.compile(r"\d{1,3}[-_.]\d{1,3}", re.ASCII)
_HASH = re.compile(r"[ -][0-9a-f]{32}$")
"""What Notion appends to the name of each page it exports."""
_GLUED = re.compile(r"(?<=[^\W\d_]{3})(\d{4})[-_.]?(\d{2})[-_.]?(\d{2})(?!\d)")
"""A day right after a word, as in ``Meeting20240628Tokyo``; after fewer letters, it may be a version or a sum."""
_STAMP = re.compile(r"(\d{4})(\d{2})(\d{2})T?(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?Z?(?![^\W_])", re.ASCII)
"""The moment when a note was made, with which its name begins in Zettelkasten, Org-roam, Denote and Logseq."""
_YEAR = re.compile(r"(\d{4})年?(?:[-_. ]?(\d{1,2})(?:[,&+]\d{1,2})*月?(?:[-_. ]+([^\W\d_].*))?)?")
_WEEK = re.compile(
    r"(?<![^\W_])(\d{4})[-_. ]?(?:w|kw|wk|week|woche|semaine|semana|第(?=\d{1,2}[周週]))[-_. ]?(\d{1,2})(?!\d)", re.I
)
_MONTH_DAY = (
    re.compile(r"(\d{1,2}(?=[-_.月])|^\d\d)[-_.月]?(\d{1,2})(?:日|(?![^\W_]))"),
    re.compile(r"([^\W\d_]{3,14})[-_. ]+(\d{1,2})(?:st|nd|rd|th)?(?![^\W_])"),
    re.compile(r"(?<![^\W_])(\d{1,2})(?:st|nd|rd|th)?[-_. ]+([^\W\d_]{3,14})(?![^\W_])"),
)
_ONLY_NUMBER = re.compile(r"(\d{1,2})[月日]?(?=$|[-_. ])")


class NameParts(NamedTuple):
    """``id`` names the episode, ``slug`` is the name without its day, ``number`` is certain, ``guess`` is not.

    ``title`` is the slug in words, ``""`` if it is only a number. ``period`` is the month (``2024-06``) or the ISO week
    (``2024-W27``) in the name or its folders, if they have no day.
    """

    id: str
    date: dt.date | None
    slug: str
    number: int | None
    guess: int | None
    title: str
    period: str = ""


def read_name(
    stem: str, folders: tuple[str, ...], order: Order = "", after_year: str = "month", *, months: bool = True
) -> NameParts:
    """Read the name of a file without its ending, in ``folders`` (from the source down). A number after a year counts
    what ``after_year`` says: months, weeks, or neither (``""``). If ``months``, two numbers in a folder of a year are a
    month and a day, else a season and an episode.
    """
    if stem.lower() in BUNDLES and folders:
        stem, folders = folders[-1], folders[:-1]
    identity = stem
    stem = _HASH.sub("", stem)
    years = [int(year[1]) for folder in folders if (year := _YEAR.fullmatch(folder)) and int(year[1]) in YEARS]
    date, slug = dated_name(stem, (short_order([stem], years[-1]) if years else "") or order)
    period = ""
    if date is None and months:
        date, slug, period = _in_folders(stem, folders, after_year)
        if date and slug != stem and re.match(r"\d{1,2}(?:[-_]|$)", stem, re.ASCII):
            identity = f"{date}-{slug}".rstrip("-")
    for depth in range(len(folders) - 1, -1, -1):
        if date is None and not period and months:  # the parts of a day may be in folders below its own
            date, _, period = _in_folders(folders[depth], folders[:depth], after_year)
            date = dated_name(folders[depth], order)[0] or date
    if date and names_several_days(stem):
        return NameParts(identity, date, slug, None, None, "")
    if date and slug.isascii() and slug.isdigit() and len(slug) < 10:
        return NameParts(identity, date, slug, int(slug), None, "")
    if not date and folders and slug.isascii() and slug.isdigit():
        identity = f"{folders[-1]}-{slug}"
    guess, title = _number(slug)
    if period and slug == stem and _YEAR.fullmatch(stem):
        guess = None  # a month is not the number of an episode
    return NameParts(identity, date, slug, None, guess, title, period)


def dated_name(stem: str, order: Order = "") -> tuple[dt.date | None, str]:
    """Split ``2025-07-08-279`` into its day and the slug ``279``; a name without a real day is all slug."""
    stamp = _STAMP.match(stem)
    made = _date(*map(int, stamp.groups())) if stamp else None
    if stamp and made and made.year in YEARS:
        return made, stem[stamp.end() :].lstrip(_GAPS)
    for match in find_days(stem, order):
        before, after = stem[: match.start], stem[match.end :]
        if (before and before[-1].isascii() and before[-1].isalnum()) or re.match(r"[A-SU-Za-z0-9]", after):
            continue
        before, after = before.rstrip(_GAPS), after.lstrip(_GAPS)
        return match.day, f"{before}-{after}" if before and after else before or after
    if short := short_day(stem, order):
        return short.day, f"{stem[: short.start]}-{stem[short.end :].lstrip(_GAPS)}".strip(_GAPS)
    glued = _GLUED.search(stem)
    day = _date(*map(int, glued.groups())) if glued else None
    if glued and day and day.year in YEARS:
        return day, f"{stem[: glued.start()]}-{stem[glued.end() :].lstrip(_GAPS)}".rstrip("-")
    return None, stem


def names_several_days(stem: str) -> bool:
    """Whether a name is the first and the last of several days, and nothing else: ``20240628-20240704``."""
    first, slug = dated_name(stem)
    last, rest = dated_name(slug.lstrip("~〜–—")) if first else (None, "")
    return first is not None and last is not None and first < last and not rest


def words(slug: str) -> str:
    """Return a slug as a title: ``grandpa-paul`` is "grandpa paul"; a name with spaces is one already."""
    return slug.strip() if " " in slug.strip() else " ".join(re.split(r"[-_]+", slug)).strip()


def after_year(label: str) -> int:
    """Return the number that follows a year at the beginning of a name: 6 for ``2024-06.md``; 0 if there is none."""
    year = _YEAR.fullmatch(label.rpartition("/")[2].rpartition(".")[0])
    return int(year[2]) if year and year[2] and int(year[1]) in YEARS else 0


def _in_folders(stem: str, folders: tuple[str, ...], after: str) -> tuple[dt.date | None, str, str]:
    """Return the day that a name has with up to two folders above it, the slug, and if there is no day, the period."""
    for depth in range(min(2, len(folders)) + 1):
        *above, name = (*folders[len(folders) - depth :], stem)
        week = _WEEK.search(f"{above[0]}-{name}" if above else name)
        if week and first_day(period := f"{week[1]}-W{week[2]:0>2}"):
            return None, stem, period
        year = _YEAR.fullmatch(above[0] if above else name)
        if year is None or int(year[1]) not in YEARS:
            continue
        titled = year[3] and month_number(year[3]) != int(year[2])
        if titled and (above or len(year[2]) < 2):
            continue
        if not above:
            period = f"{year[1]}-{'W' if after == 'week' else ''}{year[2]:0>2}" if year[2] and after else ""
            is_day = first_day(period)
            return None, year[3] if is_day and titled else stem, period if is_day else ""
        month = int(year[2]) if year[2] else next(filter(None, map(_month_of, above[1:])), None)
        if both := _month_and_day(name, int(year[1])):
            return *both, ""
        first = _ONLY_NUMBER.match(name)
        if month and first and (date := _date(int(year[1]), month, int(first[1]))):
            return date, name[first.end() :].lstrip(_GAPS), ""
        return None, stem, f"{year[1]}-{month:02}" if month and month <= 12 else ""
    return None, stem, ""


def _month_and_day(name: str, year: int) -> tuple[dt.date, str] | None:
    """Find a month with its day at the beginning or the end of a name. Return that day of ``year``, and the slug."""
    for pattern in _MONTH_DAY:
        for match in pattern.finditer(name):
            before, after = name[: match.start()], name[match.end() :]
            if (before and after) or (before and before[-1].isalnum() and before[-1].isascii()):
                continue
            month, day = match.groups()
            if not day.isdigit():
                month, day = day, month
            number = int(month) if month.isdigit() else month_number(month)
            if number and (date := _date(year, number, int(day))):
                return date, before.rstrip(_GAPS) or after.lstrip(_GAPS)
    return None


def _month_of(folder: str) -> int | None:
    """Return the month that a folder is named after: ``06``, ``6月``, ``Jun``, ``06-June``."""
    digits = _ONLY_NUMBER.match(folder)
    if digits:
        rest = folder[digits.end() :].strip(_GAPS)
        return int(digits[1]) if int(digits[1]) <= 12 and (not rest or month_number(rest)) else None
    return month_number(folder)


def _number(slug: str) -> tuple[int | None, str]:
    if counted := _COUNTED.search(slug):
        return int(counted[1]), words(slug)
    around = (word for pattern in _MONTH_DAY[1:] for match in pattern.finditer(slug) for word in match.groups())
    if any(map(month_number, around)) or _SHORT_DAY.search(slug):
        return None, words(slug)  # a day without its year, or with two digits of it, is not a number
    if _TWO.fullmatch(slug):
        return None, ""  # a season and an episode, or an episode and a part
    first = _FIRST.fullmatch(slug)
    if first and not (len(first[1]) == 4 and int(first[1]) in YEARS):
        return int(first[1]), words(first[2])
    match = _NUMBER.search(slug) or _LAST.fullmatch(slug)
    number = int(match[1]) if match else None
    return None if number in YEARS else number, words(slug)


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
