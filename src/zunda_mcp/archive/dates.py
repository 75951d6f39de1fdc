"""The dates episode files are written with. One small function per way of writing; the first that can read wins.

Written so far: ISO 8601 (``2024-05-29``, ``2024-05-29T07:00:00Z``), what Jekyll writes (``2024-05-29 07:00:00 +0900``,
https://jekyllrb.com/docs/front-matter/), numbers with ``/`` or ``.``, Japanese (``2024年5月29日``), mail and feeds
(``Wed, 29 May 2024 07:00:00 +0900``), English (``May 29, 2024``), and seconds or milliseconds since 1970 UTC.
"""

from __future__ import annotations

import datetime as dt
import re
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
