"""The dates of feeds: RFC 822 and its misspellings, ISO 8601 and its."""

from __future__ import annotations

import datetime as dt
import re

from zunda_mcp.archive.dates import Moment, read_date

_OFFSETS = {
    "JST": "+0900", "KST": "+0900", "IST": "+0530", "CET": "+0100", "CEST": "+0200", "MET": "+0100", "MEST": "+0200",
    "WET": "+0000", "WEST": "+0100", "BST": "+0100", "EET": "+0200", "EEST": "+0300", "MSK": "+0300", "AEST": "+1000",
    "AEDT": "+1100", "NZST": "+1200", "NZDT": "+1300", "HKT": "+0800", "SGT": "+0800", "PT": "-0800", "ET": "-0500",
    "UT": "+0000", "UTC": "+0000", "GMT": "+0000", "Z": "+0000",
}  # fmt: skip
_NAMED_ZONE = re.compile(r"\s\(?([A-Z]{1,4})\)?$")
_GMT_OFFSET = re.compile(r"\s(?:GMT|UTC)\s*([+-]\d{1,2}):?(\d{2})?$")
_COLON_OFFSET = re.compile(r"([+-]\d{2}):(\d{2})$")
_REMARK = re.compile(r"\s*\([^()]*\)$")
_PARTS = re.compile(
    r"(?:^|[^\d])(\d{1,2})[\s-]+([A-Za-z]{3,9})[\s,-]+(\d{4}|\d{2})"
    r"(?:[\sT,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?:\s*([AaPp][Mm]))?\s*([+-]\d{4})?)?"
)
_AMERICAN = re.compile(r"\b([A-Za-z]{3,9})\s+(\d{1,2}),?\s+(\d{4})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR_MONTH = re.compile(r"^(\d{4})-(\d{2})$")
_LONG_FRACTION = re.compile(r"(\.\d{6})\d+")


def feed_date(written: str) -> Moment | None:
    """Read a date as feeds write it; ``None`` where no day can be made out.

    A zone that has a name is taken at the offset it usually stands for; one nobody knows leaves the time without a
    zone. A wrong weekday is nobody's business.
    """
    text = " ".join(written.split())
    if not text or len(text) > 100:
        return None
    text = _zoned(text)
    moment = read_date(_LONG_FRACTION.sub(r"\1", text)) if not _PARTS.search(text) else None
    if moment is None:
        for way in (_parts, _american, _month):
            try:
                moment = way(text)
            except (ValueError, OverflowError):
                continue
            if moment is not None:
                break
    return moment if moment is not None and moment.day.year > 1 else None


def _zoned(text: str) -> str:
    """Write the zone at the end as an offset."""
    named = _NAMED_ZONE.search(text)
    if named and named[1] in _OFFSETS:
        text = _NAMED_ZONE.sub(f" {_OFFSETS[named[1]]}", text)
    elif named and named[1] in ("EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT"):
        hours = {"E": 5, "C": 6, "M": 7, "P": 8}[named[1][0]] - (named[1][1] == "D")
        text = _NAMED_ZONE.sub(f" -{hours:02}00", text)
    else:
        text = _REMARK.sub("", text)
    text = _GMT_OFFSET.sub(lambda match: f" {int(match[1]):+03}{match[2] or '00'}", text)
    return _COLON_OFFSET.sub(r"\1\2", text) if text[:4].isdigit() is False else text


def _parts(text: str) -> Moment | None:
    """``Wed, 29 May 2024 07:00:00 +0900`` with any weekday or none, seconds or none, a year of two digits."""
    match = _PARTS.search(text)
    if match is None:
        return None
    day = _day(match[3], match[2], match[1])
    if day is None:
        return None
    if match[4] is None:
        return Moment(day, None)
    hour = int(match[4]) % 12 + 12 * (match[7].lower() == "pm") if match[7] else int(match[4])
    zone = _offset(match[8]) if match[8] else None
    second = min(int(match[6] or 0), 59)  # a leap second
    if (hour, int(match[5])) == (24, 0):
        return Moment(day + dt.timedelta(days=1), dt.datetime.combine(day, dt.time(tzinfo=zone)) + dt.timedelta(days=1))
    return Moment(day, dt.datetime.combine(day, dt.time(hour, int(match[5]), second, tzinfo=zone)))


def _american(text: str) -> Moment | None:
    match = _AMERICAN.search(text)
    day = _day(match[3], match[1], match[2]) if match else None
    return Moment(day, None) if day else None


def _month(text: str) -> Moment | None:
    match = _YEAR_MONTH.match(text)
    return Moment(dt.date(int(match[1]), int(match[2]), 1), None) if match else None


def _day(year: str, month: str, day: str) -> dt.date | None:
    short = month[:3].lower()
    if short not in _MONTHS:
        return None
    number = int(year)
    if len(year) == 2:
        number += 2000 if number < 70 else 1900  # RFC 5322, 4.3, in the reading of POSIX
    return dt.date(number, _MONTHS.index(short) + 1, int(day))


def _offset(text: str) -> dt.tzinfo:
    minutes = int(text[1:3]) * 60 + int(text[3:])
    return dt.timezone(dt.timedelta(minutes=-minutes if text[0] == "-" else minutes))
