"""The dates episode files are written with. One small function per way of writing; the first that can read wins.

Written so far: ISO 8601 (``2024-05-29``, ``2024-05-29T07:00:00Z``), what Jekyll writes (``2024-05-29 07:00:00 +0900``,
https://jekyllrb.com/docs/front-matter/), numbers with ``/`` or ``.``, Japanese (``2024年5月29日``), mail and feeds
(``Wed, 29 May 2024 07:00:00 +0900``), English (``May 29, 2024``), and seconds or milliseconds since 1970 UTC.

The dates of feeds: RFC 822 and its misspellings, ISO 8601 and its.

The zone an archive's days are counted in: its name, and what its dates say where nobody names one.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple
from zoneinfo import ZoneInfo

_ZONES = {"UTC": "+0000", "GMT": "+0000", "Z": "+0000", "JST": "+0900"}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ENGLISH = re.compile(
    r"(?:[a-z]{3,9}\.?,? )?(?:(?P<month>[a-z]{3,9})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,?"
    r"|(?P<day2>\d{1,2})(?:st|nd|rd|th)?(?: of)? (?P<month2>[a-z]{3,9})\.?,?) (?P<year>\d{4})"
)


class Moment(NamedTuple):
    """A day, and the exact time where the text has one (without a zone where the text has none)."""

    day: dt.date
    at: dt.datetime | None

    def placed(self, zone: ZoneInfo | None) -> Moment:
        """Return this moment in an archive's zone: the day there, and the time with a zone.

        Without a known zone the day stays as written, and a time without a zone counts as UTC.
        """
        if self.at is None:
            return self
        try:
            if self.at.tzinfo is None:
                return Moment(self.day, self.at.replace(tzinfo=zone or dt.UTC))
            if zone is None:
                return self
            local = self.at.astimezone(zone)
        except (OverflowError, ValueError):  # the first or last day of the calendar
            return Moment(self.day, None)
        return Moment(local.date(), local)


def read_date(value: object) -> Moment | None:
    """Read a date from front matter: text, or a ``date`` or ``datetime`` of a format that has them."""
    if isinstance(value, dt.datetime):
        return Moment(value.date(), value)
    if isinstance(value, dt.date):
        return Moment(value, None)
    if not isinstance(value, str):
        return None
    text = " ".join(value.split())
    for way in (_iso, _epoch, _jekyll, _numbers, _japanese, _english, _mail):
        try:
            moment = way(text)
        except (ValueError, OverflowError, TypeError, IndexError, OSError):
            continue
        if moment is not None:
            return moment
    return None


def _iso(text: str) -> Moment | None:
    if len(text) == 10:
        return Moment(dt.date.fromisoformat(text), None)
    if len(text) < 16 or text[4] != "-":  # "20240529" and "2024-W22" are rather episode names than dates
        return None
    return _timed(dt.datetime.fromisoformat(text))


def _epoch(text: str) -> Moment | None:
    """Seconds (9 or 10 digits: 1973 to 2286) or milliseconds (12 or 13); 8 digits are a day written together."""
    if not (text.isascii() and text.isdigit()):
        return None
    if len(text) == 8:
        return Moment(dt.datetime.strptime(text, "%Y%m%d").replace(tzinfo=dt.UTC).date(), None)
    if len(text) not in (9, 10, 12, 13):
        return None
    seconds, milliseconds = divmod(int(text), 1000) if len(text) > 10 else (int(text), 0)
    return _timed(dt.datetime.fromtimestamp(seconds, dt.UTC).replace(microsecond=milliseconds * 1000))


def _english(text: str) -> Moment | None:
    match = _ENGLISH.fullmatch(text.lower())
    if match is None:
        return None
    name = match["month"] or match["month2"]
    month = _MONTHS.index(name[:3]) + 1
    return Moment(dt.date(int(match["year"]), month, int(match["day"] or match["day2"])), None)


def _jekyll(text: str) -> Moment | None:
    text = re.sub(r"([+-]\d{4}) [A-Z]{3,4}$", r"\1", text)  # Go writes the zone twice
    day, _, zone = text.rpartition(" ")
    stamp = f"{day} {_ZONES.get(zone, zone)}"
    for pattern in ("%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M %z"):
        try:
            return _timed(dt.datetime.strptime(stamp, pattern))  # noqa: DTZ007 - both patterns have %z
        except ValueError:
            continue
    return None


def _numbers(text: str) -> Moment | None:
    day, _, time = text.replace("/", "-").replace(".", "-", 2).partition(" ")
    year, month, number = day.split("-")
    if len(year) != 4:
        return None
    whole = dt.date(int(year), int(month), int(number))
    if not time:
        return Moment(whole, None)
    return _timed(dt.datetime.combine(whole, dt.time.fromisoformat(time.replace(" ", ""))))


def _japanese(text: str) -> Moment | None:
    year, month, rest = text.replace("月", "年", 1).split("年", 2)
    number, mark, _weekday = rest.partition("日")
    if not mark:
        return None
    return Moment(dt.date(int(year), int(month), int(number)), None)


def _mail(text: str) -> Moment | None:
    from email.utils import parsedate_to_datetime

    named = any(month in text.lower() for month in _MONTHS)  # it makes a date of almost anything
    return _timed(parsedate_to_datetime(text)) if named else None


def _timed(moment: dt.datetime) -> Moment:
    return Moment(moment.date(), moment)


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


_OFFSET = re.compile(r"UTC([+-])([0-9]{2}):([0-9]{2})")


def zone_name(zone: dt.tzinfo | None) -> str:
    """The name of a zone that ``zone_called`` finds again: ``Asia/Tokyo``, ``UTC+09:00`` or ``UTC``."""
    if isinstance(zone, ZoneInfo):
        return zone.key
    offset = zone.utcoffset(None) if zone else None
    return str(dt.timezone(dt.timedelta(minutes=round(offset.total_seconds() / 60)))) if offset else "UTC"


def zone_called(name: str) -> dt.tzinfo:
    """The zone of this name (IANA, or ``UTC+09:00``); UTC where this machine knows none of that name."""
    if found := _OFFSET.fullmatch(name):
        sign = -1 if found[1] == "-" else 1
        return dt.timezone(sign * dt.timedelta(hours=int(found[2]), minutes=int(found[3])))
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return dt.UTC


def usual_zone(zones: Iterable[tuple[str, int]]) -> str:
    """The zone that most episodes are dated in, of names with how many; ``""`` where none says."""
    counts: Counter[str] = Counter()
    for name, number in zones:
        counts[name] += number
    counts.pop("", None)
    return max(counts, key=lambda name: (counts[name], name)) if counts else ""
