"""Reads a day as people, programs and feeds write it: in front matter, file names, headings and feeds.

============  ==================================================================================================
numbers       ``2024-03-01`` ``2024/3/1`` ``2024.03.01`` ``20240301`` ``2024-W09-5`` ``01.03.2024`` ``13/3/2024``
East Asian    ``2024年3月1日`` ``令和6年3月1日`` ``二〇二四年三月一日`` ``2024년 3월 1일`` ``民國113年3月1日``
in words      ``March 1, 2024`` ``1st of March 2024`` ``1. März 2024`` ``1 de marzo de 2024`` ``2024/Mar/01``
with a time   ISO 8601 (also ``20240301T080000Z``), RFC 822 and its misspellings, what Jekyll and Go write,
              ``2024/3/1 (金) 08:00`` ``March 1, 2024 8:00 PM`` ``2024年3月1日 午後8時30分``
since 1970    seconds and milliseconds UTC
============  ==================================================================================================

A weekday may come before or after a day, and brackets may be around it (``[[2024-03-01]]``). ``03/04/2024`` can mean
two days: it is read only if the caller says which order the archive uses (`Order`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from zunda_mcp.text.calendar_names import is_weekday, month_number
from zunda_mcp.text.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = [
    "YEARS", "DayMatch", "Moment", "Order", "day_in_year", "find_day", "find_days", "first_day", "kanji_number",
    "order_of", "read_day", "short_day", "short_order",
]  # fmt: skip

Order = Literal["", "dmy", "mdy", "ymd"]
"""What comes first: the day, the month, or a year of two digits (``22-03-14``); ``""`` if that is not known."""

YEARS = range(1950, 2100)
"""The years that a day in a longer text may have."""

_LONGEST = 120


class Moment(NamedTuple):
    """A day, and the time if the text has one (without a zone if the text has none)."""

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


class DayMatch(NamedTuple):
    """A day in a text, and its place, which includes a weekday after it."""

    day: dt.date
    start: int
    end: int


def read_day(value: object, order: Order = "") -> Moment | None:  # noqa: PLR0911 - one form after the other
    """Return the day that ``value``, a whole text or a ``date`` or ``datetime``, states; ``None`` for anything else."""
    if isinstance(value, dt.datetime):
        return Moment(value.date(), value)
    if isinstance(value, dt.date):
        return Moment(value, None)
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    text = _unwrapped(" ".join(value.translate(_WIDTHS).split()))
    try:
        if moment := _epoch(text):
            return moment
        text = _ASCTIME.sub(r"\1 \4 \2\3", _without_weekday(text))
        for pattern in _DAYS:
            if (match := pattern.match(text)) and (day := _day(match, order)):
                moment = _timed(day, _after_weekday(text, match.end()))
                if moment is not None:
                    return moment if moment.day.year > 1 else None  # Go writes year 1 for no time at all
    except (ValueError, OverflowError, OSError):
        return None
    short = short_day(text, order) if order == "ymd" else None
    return Moment(short.day, None) if short and (short.start, short.end) == (0, len(text)) else None


def find_days(text: str, order: Order = "") -> Iterator[DayMatch]:
    """Yield the days in a text, in order, if their years are in ``YEARS``."""
    plain = text.translate(_WIDTHS)
    end = 0
    for match in sorted((one for pattern in _DAYS for one in pattern.finditer(plain)), key=lambda one: one.span()):
        try:
            day = _day(match, order) if match.start() >= end else None
        except ValueError:
            continue
        if day is not None and day.year in YEARS and len((match.groupdict().get("year") or "year").lstrip("'")) == 4:
            end = match.end() + len(plain[match.end() :]) - len(_after_weekday(plain, match.end()))
            yield DayMatch(day, match.start(), end)


def find_day(text: str, order: Order = "") -> DayMatch | None:
    """Return the first day in a text."""
    return next(find_days(text, order), None)


def day_in_year(text: str, year: int) -> DayMatch | None:
    """Return the day without a year that a text begins with, in this ``year``: ``Friday 6 March``, ``03-06``."""
    match = _WITHOUT_YEAR.match(text.translate(_WIDTHS))
    if match is None or (match["name"] and not is_weekday(match["name"])):
        return None
    forms = (
        f"{match['rest']} {year}",
        f"{year}年{match['rest']}",
        f"{year}-{match['rest']}",
        f"{year}/{match['rest']}",
    )
    moment = next((one for form in forms if (one := read_day(form))), None)
    return DayMatch(moment.day, 0, match.end()) if moment else None


def first_day(period: str) -> dt.date | None:
    """Return the first day of a month (``2024-06``) or an ISO week (``2024-W27``); ``None`` if it is neither."""
    try:
        day = dt.date.fromisoformat(f"{period}-{1 if 'W' in period else '01'}")
    except ValueError:
        return None
    return day if int(period[:4]) in YEARS else None


def order_of(text: str) -> Order:
    """Return the order that a day in numbers proves: ``13/3/2024`` has the day first. ``""`` if it proves none."""
    match = _SHORT_FIRST.search(text.translate(_WIDTHS))
    if match is None or match["sign"] == ".":
        return ""
    first, second = int(match["first"]), int(match["second"])
    return "dmy" if first > 12 >= second else "mdy" if second > 12 >= first else ""


_SHORT = lazy_pattern(
    r"(?<![\w.-])(?P<first>\d{1,2})(?P<sign>[-/._])(?P<second>\d{1,2})(?P=sign)(?P<third>\d{1,2})(?![\w.-]*\d)"
)
_ORDERS: tuple[Order, ...] = ("ymd", "dmy", "mdy")
_LEAST = 3
"""How many days with two digits for the year it takes to show their order."""


def short_day(text: str, order: Order) -> DayMatch | None:
    """Return the first day with two digits for its year, in this order: ``22-03-14``."""
    match = _SHORT.search(text.translate(_WIDTHS)[:_LONGEST])
    if match is None or not order or (order == "mdy" and match["sign"] == "."):
        return None
    parts = dict(zip(order, match.group("first", "second", "third"), strict=True))
    try:
        day = dt.date(_year({"year": parts["y"]}), int(parts["m"]), int(parts["d"]))
    except ValueError:
        return None
    return DayMatch(day, match.start(), match.end()) if len(parts["y"]) == 2 and day.year in YEARS else None


def short_order(texts: Sequence[str], year: int | None = None) -> Order:
    """Return the order of the days with two digits for the year in these texts; ``""`` if it is not clear.

    All are days of ``year`` in it; if that is None, nearly all are days, of at most half as many years as in others.
    """
    years = {order: [match.day.year for text in texts if (match := short_day(text, order))] for order in _ORDERS}
    if year is not None:
        own = [order for order, several in years.items() if several and {*several} == {year}]
        return own[0] if len(own) == 1 else ""
    likely = sorted((len({*several}), order) for order, several in years.items() if len(several) * 10 >= len(texts) * 9)
    clear = len(texts) >= _LEAST and likely and (len(likely) == 1 or likely[0][0] * 2 <= likely[1][0])
    return likely[0][1] if clear else ""


# --- days ------------------------------------------------------------------------------------------------------------

_WIDTHS = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # one character for one, so that offsets stay
_WIDTHS |= dict.fromkeys((0x3000, 0xA0, 0x202F, 0x2009), 0x20) | dict.fromkeys(range(0x2010, 0x2016), 0x2D)
_WIDTHS |= {0x2212: 0x2D, 0x2019: 0x27}

_KANJI = "〇一二三四五六七八九"
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867, "民國": 1911, "民国": 1911}
_TH = r"(?:st|nd|rd|th|er|[.ºª°])?"
_GAP = r"(?:[-\s_./,]+(?:(?:de|del|of)\s+|d')?)"
_WORD = r"(?P<word>[^\W\d_]{3,14})\.?"
_NUMBER = rf"(?:\d{{1,2}}|[{_KANJI}十]{{1,3}})"
_SHORT_FIRST = lazy_pattern(
    r"(?<![\d.])(?P<first>\d{1,2})\s?(?P<sign>[-/.])\s?(?P<second>\d{1,2})\s?(?P=sign)\s?(?P<year>\d{4}|(?<=[/.])\d{2})(?![\d/])"
)
_DAYS = (
    lazy_pattern(r"(?<!\d)(?P<year>\d{4})-W(?P<week>\d{2})-(?P<weekday>[1-7])(?!\d)"),
    lazy_pattern(
        r"(?<!\d)(?P<year>\d{4})\s?(?P<sign>[-/._])\s?(?P<month>\d{1,2})\s?(?P=sign)\s?(?P<day>\d{1,2})(?!\d)\.?"
    ),
    lazy_pattern(r"(?<![^\W_])(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?=T\d|[\W_]|[^\x00-\x7f]|$)"),
    lazy_pattern(
        rf"(?:(?P<era>{'|'.join(_ERAS)})\s?(?P<count>元|\d{{1,3}}|[{_KANJI}十]{{1,3}})"
        rf"|(?<!\d)(?P<year>\d{{4}}|[零{_KANJI}]{{4}}))\s?[年년]\s?(?P<month>{_NUMBER})\s?[月월]\s?(?P<day>{_NUMBER})"
        r"\s?[日号號일]"
    ),
    lazy_pattern(
        rf"(?<![^\W_])(?<!\d\.)(?P<day>\d{{1,2}}){_TH}{_GAP}?{_WORD}{_GAP}(?P<year>\d{{4}}|'?\d{{2}})(?![\d:])"
        r"(?:\s?(?:г|р|року)\b\.?)?"
    ),
    lazy_pattern(
        rf"(?<![^\W_]){_WORD}[-\s_,]+(?P<day>\d{{1,2}}){_TH}(?:-\d{{1,2}}{_TH})?(?:[-\s_]*,)?[-\s_]*(?<!\d)"
        r"(?P<year>\d{4})(?!\d)"
    ),
    lazy_pattern(rf"(?<!\d)(?P<year>\d{{4}})[-\s_./,]+{_WORD}[-\s_./,]+(?P<day>\d{{1,2}}){_TH}(?![^\W_])"),
    _SHORT_FIRST,
)


def _day(match: re.Match[str], order: Order) -> dt.date | None:
    """Return the day of a match; ``None`` if it is ambiguous. Raises ``ValueError`` for a day that does not exist."""
    parts = match.groupdict()
    if "week" in parts:
        return dt.date.fromisocalendar(int(parts["year"]), int(parts["week"]), int(parts["weekday"]))
    if "first" in parts:
        first, second = int(parts["first"]), int(parts["second"])
        written = "dmy" if parts["sign"] == "." or first == second else order_of(match[0]) or order
        if not written:
            return None
        day, month = (first, second) if written == "dmy" else (second, first)
        return dt.date(_year(parts), month, day)
    month_in_words = month_number(parts["word"]) if "word" in parts else _number(parts["month"])
    if month_in_words is None:
        return None
    return dt.date(_year(parts), month_in_words, _number(parts["day"]))


def _year(parts: dict[str, str | None]) -> int:
    if era := parts.get("era"):
        count = parts["count"] or "元"
        return _ERAS[era] + (1 if count == "元" else _number(count))
    written = (parts["year"] or "").lstrip("'")
    year = _number(written)
    return year if len(written) > 2 else year + (2000 if year < 70 else 1900)  # RFC 5322, 4.3, as POSIX reads it


def _number(text: str) -> int:
    """Return a number in digits or in kanji (``二十三``, ``二〇二四``)."""
    return int(text) if text.isdecimal() else kanji_number(text)


def kanji_number(run: str) -> int:
    """Return a number in kanji up to 999: 二〇二五 is 2025 and 二十三 is 23."""
    total = pending = 0
    for sign in run.replace("零", "〇"):
        if sign in "十百":
            total, pending = total + (pending or 1) * (10 if sign == "十" else 100), 0
        else:
            pending = pending * 10 + _KANJI.index(sign)
    return total + pending


# --- what is around a day --------------------------------------------------------------------------------------------

_PAIRS = {"[": "]", "<": ">", "(": ")", '"': '"', "'": "'", "`": "`", "*": "*", "_": "_", "【": "】", "「": "」"}
_WEEKDAY = r"(?P<name>[^\W\d_]+(?:-[^\W\d_]+)?)"
_WEEKDAY_BEFORE = lazy_pattern(rf"[(\[]?{_WEEKDAY}[.,)\]]*\s*(?:(?:the|den|der|le|el)\s+)?(?=[^\W_])", re.IGNORECASE)
_WEEKDAY_AFTER = lazy_pattern(
    rf"(?:\s?[(\[]\s?{_WEEKDAY}\.?\s?[)\]]|,?\s?{_WEEKDAY.replace('name', 'bare')}\.?(?![^\W_]))"
)
_WITHOUT_YEAR = lazy_pattern(
    rf"(?:{_WEEKDAY}[.,]*\s+)?(?P<rest>{_WORD}[-\s]+\d{{1,2}}{_TH}|\d{{1,2}}{_TH}{_GAP}{_WORD.replace('word', 'month')}"
    rf"|{_NUMBER}\s?[月월]\s?{_NUMBER}\s?[日号일]|\d{{1,2}}[-/]\d{{1,2}})(?![\w/-])(?:\s?[(（]\w{{1,9}}[)）])?"
)
_WORDS = frozenset({"to", "so", "an", "do", "me", "di", "la", "po", "za", "st", "th"})
"""Names of weekdays that are also other words, and count only in brackets."""
_ARTICLE = lazy_pattern(r"(?:the|den|le|el|il)\s+(?=\d)", re.IGNORECASE)
_ASCTIME = lazy_pattern(r"^([^\W\d_]+ +\d{1,2}) +(\d{1,2}:\d{2}(?::\d{2})?)( [A-Z]{1,5}| [+-]\d{4})? +(\d{4})$")


def _unwrapped(text: str) -> str:
    """Return a text without brackets and quotation marks around it."""
    while len(text) > 2 and _PAIRS.get(text[0]) == text[-1]:
        text = text[1:-1].strip()
        if "]" not in text:
            text = text.partition("|")[0].strip()  # a wiki link: the page, then the text that is shown
    return text


def _without_weekday(text: str) -> str:
    match = _WEEKDAY_BEFORE.match(text)
    if match and is_weekday(match["name"]) and month_number(match["name"]) is None:  # "mar" is Tuesday in French
        return text[match.end() :]
    return _ARTICLE.sub("", text, count=1) if _ARTICLE.match(text) else text


def _after_weekday(text: str, end: int) -> str:
    """Return what follows a day that ends at ``end``, and any weekday after it."""
    match = _WEEKDAY_AFTER.match(text, end)
    if match is None or not is_weekday(match["name"] or match["bare"]) or (match["bare"] or "").casefold() in _WORDS:
        return text[end:]
    return text[match.end() :]


# --- times -----------------------------------------------------------------------------------------------------------

_TIMES = (
    lazy_pattern(
        r"(?:\s*T|[-\s,]+(?:at |um |@ ?)?)(?P<hour>\d{1,2}):(?P<minute>\d{2})"
        r"(?:\s?:(?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?(?:\s?(?P<half>[AaPp])\.?[Mm]\.?)?(?:\sUhr)?"
    ),
    lazy_pattern(r"T(?P<hour>\d{2})(?:(?P<minute>\d{2})(?P<second>\d{2})?)?(?:[.,](?P<fraction>\d+))?"),
    lazy_pattern(r"\s?(?P<half>午前|午後)?\s?(?P<hour>\d{1,2})時(?:(?P<minute>\d{1,2})分)?(?:(?P<second>\d{1,2})秒)?"),
    lazy_pattern(r"[\s,]+(?:at )?(?P<hour>\d{1,2})\s?(?P<half>[AaPp])\.?[Mm]\.?"),
)
_ZONE = lazy_pattern(
    r"\s?(?P<name>[A-Za-z]{1,5}(?![^\W_]))?\s?(?P<offset>[+-]\d{1,2}(?::?\d{2})?(?!\d))?(?:\s[A-Z]{3,4})?(?:\s?\([^()]*\))?\s?"
)
_UNTIL = lazy_pattern(
    r"(?P<sign>\s?[-~〜]\s?|\s(?:to|until|bis)\s)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?:\s?(?P<half>[AaPp])\.?[Mm]\.?)?(?![\d:])"
)
_HOURS = {
    **dict.fromkeys(("Z", "UT", "UTC", "GMT", "WET"), 0.0), **dict.fromkeys(("BST", "WEST", "CET", "MET"), 1.0),
    **dict.fromkeys(("CEST", "MEST", "EET"), 2.0), **dict.fromkeys(("EEST", "MSK"), 3.0), "IST": 5.5, "HKT": 8.0,
    "SGT": 8.0, "JST": 9.0, "KST": 9.0, "AEST": 10.0, "AEDT": 11.0, "NZST": 12.0, "NZDT": 13.0, "EDT": -4.0,
    **dict.fromkeys(("EST", "CDT", "ET"), -5.0), **dict.fromkeys(("CST", "MDT"), -6.0),
    **dict.fromkeys(("MST", "PDT"), -7.0), **dict.fromkeys(("PST", "PT"), -8.0),
}  # fmt: skip
"""Hours east of UTC that the name of a zone usually means: those of RFC 822, and others seen in feeds."""


def _timed(day: dt.date, rest: str) -> Moment | None:
    """Return a day with the time in ``rest``, the text after it; ``None`` if ``rest`` is anything but a time."""
    if not rest.strip(" .,"):
        return Moment(day, None)
    for pattern in _TIMES:
        if (time := pattern.match(rest)) and (zone := _ZONE.fullmatch(rest, _end_of_range(time, rest))):
            return _at(day, time.groupdict(), zone)
    zone = _ZONE.fullmatch(rest)  # a day of XML Schema may have one
    is_zone = zone and (zone["name"] or "Z") in _HOURS and ":" in (zone["offset"] or ":")
    return Moment(day, None) if is_zone else None


def _end_of_range(start: re.Match[str], rest: str) -> int:
    """Return where a time ends, or the range that it begins: ``10:00-11:30``, but ``10:00-05:00`` has a zone."""
    until = _UNTIL.match(rest, start.end())
    parts = start.groupdict()
    if until is None or "T" in start[0] or parts.get("second"):
        return start.end()
    begins = int(parts["hour"] or 0), int(parts["minute"] or 0)
    ends = int(until["hour"]), int(until["minute"])
    sign = until["sign"]
    later = until["half"] or sign.lstrip() != "-" or (sign == "-" and ends > begins)
    return until.end() if later else start.end()


def _at(day: dt.date, parts: dict[str, str | None], zone: re.Match[str]) -> Moment:
    """Return the moment of a time on a day; 24:00 is the next day, and a leap second counts as the one before."""
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    if half := parts.get("half"):
        hour = hour % 12 + 12 * (half in "pP午後")
    offset, name = zone["offset"], (zone["name"] or "").upper()
    tz: dt.tzinfo | None = None
    if offset:
        digits = offset[1:].replace(":", "")
        hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
        total = int(hours) * 60 + int(minutes)
        tz = dt.timezone(dt.timedelta(minutes=-total if offset[0] == "-" else total))
    elif name in _HOURS:
        tz = dt.timezone(dt.timedelta(hours=_HOURS[name])) if _HOURS[name] else dt.UTC
    later = dt.timedelta(days=int((hour, minute) == (24, 0)))
    micro = int((parts.get("fraction") or "0")[:6].ljust(6, "0"))
    time = dt.time(hour % 24 if later else hour, minute, min(second, 59), micro, tzinfo=tz)
    return Moment(day + later, dt.datetime.combine(day, time) + later)


def _epoch(text: str) -> Moment | None:
    """Return the moment of seconds since 1970 (9 or 10 digits: 1973 to 2286), or of milliseconds (12 or 13 digits)."""
    if not (text.isascii() and text.isdigit() and len(text) in (9, 10, 12, 13)):
        return None
    seconds, milliseconds = divmod(int(text), 1000) if len(text) > 10 else (int(text), 0)
    moment = dt.datetime.fromtimestamp(seconds, dt.UTC).replace(microsecond=milliseconds * 1000)
    return Moment(moment.date(), moment)
