"""Dates in words: turns what a person or an assistant writes for a day, week, month or year into a ``Span``.

The whole vocabulary (case, full-width forms, kanji digits and surrounding spaces do not matter):

- days      all that ``zunda_mcp.text.calendar_days`` reads, with or without a time (the day as written);
            ``7月8日`` ``July 8`` (the most recent one); a weekday may follow (``7月8日(火)``)
- weeks     ``2025-W28`` ``2025年第28週`` (Monday to Sunday, ISO 8601)
- months    ``2025-07`` ``2025/7`` ``2025年7月`` ``July 2025`` ``Jul 2025``; ``7月`` ``July`` (the most recent one)
- longer    ``2025`` ``2025年`` ``2025Q3`` ``Q3 2025`` ``2025年第3四半期``; ``2025年夏`` ``summer 2025`` (June
            to August, and so on by three months; the winter of a year runs from its December to the next February)
- words     ``today`` 今日 本日, ``yesterday`` 昨日 きのう, ``the day before yesterday`` 一昨日 おととい,
            ``this week`` 今週, ``last week`` 先週, 先々週, ``this month`` 今月, ``last month`` 先月, 先々月,
            ``this year`` 今年, ``last year`` 去年 昨年, 一昨年 おととし; 去年の夏 今年の7月 先月の8日
- back      ``3 days ago`` 3日前, ``2 weeks ago`` 2週間前, ``two months ago`` 2か月前, 半年前, ``a year ago`` 1年前:
            the whole day, week, month or year that long ago
- until now ``last 7 days`` ``past week`` ``last 3 months`` 過去7日 直近7日間 ここ1か月: so many days or months,
            today included
- weekdays  ``monday`` 月曜日 (the most recent one, today included), ``last friday`` (the most recent one before today),
            ``this friday`` 今週の金曜日 先週の金曜日 (that day of that week)

Anything else, and any day that does not exist (``2025-13-45``), is not understood.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from datetime import date, timedelta
from typing import Literal, NamedTuple

from zunda_mcp.text.calendar_days import kanji_number, read_day
from zunda_mcp.text.lazy_pattern import lazy_pattern

__all__ = ["PERIOD_NAMES", "Span", "Unit", "parse_span"]

Unit = Literal["day", "week", "month", "year"]

_LONGEST = 64
_DAY = timedelta(days=1)


class Span(NamedTuple):
    """Whole days from ``since`` to ``until``, both included; ``since <= until``."""

    since: date
    until: date


def parse_span(text: str, today: date) -> Span | None:
    """The days that ``text`` names, counted from ``today``; ``None`` if it is not understood. Never raises."""
    if len(text) > _LONGEST:
        return None
    words = _clean(text)
    if moment := None if text.strip().isdecimal() and len(text.strip()) != 8 else read_day(text.strip()):
        return Span(moment.day, moment.day)
    try:
        for read in (_named, _ago, _until_now, _weekday, _inside, _absolute):
            if (span := read(words, today)) is not None:
                return span
    except (ValueError, OverflowError):  # a day, month or year that no calendar has
        return None
    return None


# --- one spelling ----------------------------------------------------------------------------------------------------

_KANJI = "〇一二三四五六七八九"
_KANJI_RUN = lazy_pattern(rf"(?:(?!一昨|四半)[零{_KANJI}十百])+")
_COUNTED_MONTHS = lazy_pattern("[ヶカヵケ箇]月")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
_NUMBER_WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_NUMBER = lazy_pattern(rf"\b(?:{'|'.join(_NUMBER_WORDS)}|an?)\b")


def _clean(text: str) -> str:
    """Text in one spelling: NFKC, lower case, plain digits, single spaces (none in Japanese text)."""
    words = unicodedata.normalize("NFKC", text).translate(_DASHES).lower()
    words = _COUNTED_MONTHS.sub("か月", words.replace("半年", "6か月"))
    words = _KANJI_RUN.sub(lambda run: str(kanji_number(run[0])), words)
    words = _NUMBER.sub(lambda word: str(_NUMBER_WORDS.index(word[0]) + 1 if word[0][0:1] != "a" else 1), words)
    return ("" if not words.isascii() else " ").join(words.split())


# --- seen from today -------------------------------------------------------------------------------------------------

_NAMED: tuple[tuple[Unit, int, str], ...] = (
    ("day", 0, "today|今日|本日|きょう"),
    ("day", 1, "yesterday|昨日|きのう"),
    ("day", 2, "the day before yesterday|day before yesterday|一昨日|おととい"),
    ("week", 0, "this week|今週"),
    ("week", 1, "last week|先週"),
    ("week", 2, "先々週|先先週"),
    ("month", 0, "this month|今月"),
    ("month", 1, "last month|先月"),
    ("month", 2, "先々月|先先月"),
    ("year", 0, "this year|今年"),
    ("year", 1, "last year|去年|昨年"),
    ("year", 2, "一昨年|おととし"),
    # Chinese, Korean, German, French, Spanish, Portuguese, Italian, Russian, Dutch and Polish
    ("day", 1, "昨天|어제|gestern|ayer|ontem|вчера|gisteren|wczoraj"),
    ("week", 0, "这周|本周|這週|本週|이번 주|diese woche|cette semaine|esta semana|questa settimana"),
    ("week", 0, "на этой неделе|deze week"),
    ("week", 1, "上周|上週|上星期|지난주|letzte woche|la semaine dernière|la semana pasada|semana pasada"),
    ("week", 1, "a semana passada|semana passada|la settimana scorsa|на прошлой неделе|vorige week|w zeszłym tygodniu"),
    ("month", 0, "这个月|這個月|本月|이번 달|diesen monat|ce mois-ci|este mes|este mês|questo mese|в этом месяце"),
    ("month", 1, "上个月|上個月|上月|지난달|letzten monat|le mois dernier|el mes pasado|mes pasado|o mês passado"),
    ("month", 1, "mês passado|il mese scorso|lo scorso mese|в прошлом месяце|vorige maand|w zeszłym miesiącu"),
    ("year", 0, "올해|dieses jahr|cette année|este año|este ano|quest'anno|в этом году|dit jaar|w tym roku"),
    ("year", 1, "작년|letztes jahr|l'année dernière|l'an dernier|el año pasado|año pasado|o ano passado"),
    ("year", 1, "no ano passado|ano passado|l'anno scorso|lo scorso anno|в прошлом году|vorig jaar|w zeszłym roku"),
)
PERIOD_NAMES = tuple(name for _, _, names in _NAMED for name in names.split("|"))
"""The names of days, weeks, months and years that count from today. To add one, add a word to the list above."""
_NAMES = {_clean(name): (unit, back) for unit, back, names in _NAMED for name in names.split("|")}

_UNITS: dict[str, Unit] = {"d": "day", "w": "week", "m": "month", "y": "year"}
_UNITS |= {"日": "day", "週": "week", "か": "month", "年": "year"}
_ENGLISH_UNIT = r"(?P<unit>day|week|month|year)s?"
_JAPANESE_UNIT = r"(?P<unit>日|週|か月|年)"
_AGO = (
    lazy_pattern(rf"(?P<n>[0-9]{{1,4}}) {_ENGLISH_UNIT} ago"),
    lazy_pattern(rf"(?P<n>[0-9]{{1,4}}){_JAPANESE_UNIT}間?前"),
)
_UNTIL_NOW = (
    lazy_pattern(rf"(?:(?:in|over|during|within) )?(?:the )?(?:last|past) (?P<n>[0-9]{{1,4}}) {_ENGLISH_UNIT}"),
    lazy_pattern(rf"(?:(?:in|over|during|within) )?(?:the )?past {_ENGLISH_UNIT}"),
    lazy_pattern(rf"(?:過去|直近|最近|ここ|この)の?(?P<n>[0-9]{{1,4}}){_JAPANESE_UNIT}間?"),
)


def _japanese_for(*units: Unit) -> str:
    """The Japanese names of ``units``, as the alternatives of a pattern."""
    return "|".join(name for name, (unit, _) in _NAMES.items() if unit in units and not name.isascii())


def _period(unit: Unit, back: int, today: date) -> Span:
    """The whole day, week, month or year that is ``back`` of them before that of ``today``."""
    match unit:
        case "day":
            day = today - back * _DAY
            return Span(day, day)
        case "week":
            monday = today - timedelta(days=today.weekday()) - timedelta(weeks=back)
            return Span(monday, monday + 6 * _DAY)
        case "month":
            return _months(today.year, today.month - back, 1)
        case "year":
            return _months(today.year - back, 1, 12)


def _months(year: int, month: int, count: int) -> Span:
    """``count`` whole months from ``month``, which may be past either end of the year: 0 is the December before."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    after = month + count - 1
    # The last day is the one before the next month, but no month follows December 9999.
    last = date(year + after // 12, after % 12 + 1, 1) - _DAY if year + after // 12 <= date.max.year else date.max
    return Span(date(year, month, 1), last)


def _unit(match: re.Match[str]) -> Unit:
    return _UNITS[match["unit"][0]]


def _named(words: str, today: date) -> Span | None:
    return _period(*_NAMES[words], today) if words in _NAMES else None


def _ago(words: str, today: date) -> Span | None:
    match = _first(_AGO, words)
    return match and _period(_unit(match), int(match["n"]), today)


def _until_now(words: str, today: date) -> Span | None:
    match = _first(_UNTIL_NOW, words)
    count = int(match.groupdict().get("n") or 1) if match else 0
    if not match or not count:
        return None
    unit = _unit(match)
    if unit in {"day", "week"}:
        return Span(today - (count * (7 if unit == "week" else 1) - 1) * _DAY, today)
    month = _months(today.year, today.month - count * (12 if unit == "year" else 1), 1)
    return Span(min(month.since + (today.day - 1) * _DAY, month.until) + _DAY, today)


def _first(patterns: tuple[re.Pattern[str], ...], words: str) -> re.Match[str] | None:
    return next((match for pattern in patterns if (match := pattern.fullmatch(words))), None)


_SHORT_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_WEEKDAYS = {name: day for days in ("月火水木金土日", _SHORT_DAYS) for day, name in enumerate(days)}
_ENGLISH_DAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?"
_WEEKDAY = lazy_pattern(rf"(?:(last|this) )?({_ENGLISH_DAY})|(?:({_japanese_for('week')})の?)?([月火水木金土日])曜日?")


def _weekday(words: str, today: date) -> Span | None:
    if not (match := _WEEKDAY.fullmatch(words)):
        return None
    day = _WEEKDAYS[(match[2] or match[4])[:3]]
    week = "今週" if match[1] == "this" else match[3]
    if week:
        that = _period(*_NAMES[week], today).since + day * _DAY
    else:
        before = today - _DAY if match[1] == "last" else today
        that = before - (before.weekday() - day) % 7 * _DAY
    return Span(that, that)


_INSIDE = lazy_pattern(rf"({_japanese_for('year', 'month')})の?(.+)")


def _inside(words: str, today: date) -> Span | None:
    """A part of a year or month that counts from today: 去年の夏, 先月の8日."""
    if not (match := _INSIDE.fullmatch(words)):
        return None
    unit, back = _NAMES[match[1]]
    outer = _period(unit, back, today).since
    return _absolute(f"{outer.year}年{f'{outer.month}月' if unit == 'month' else ''}{match[2]}", today)


# --- on the calendar -------------------------------------------------------------------------------------------------

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_SEASONS = {"春": 3, "夏": 6, "秋": 9, "冬": 12, "spr": 3, "sum": 6, "aut": 9, "fal": 9, "win": 12}
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_NTH = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>[0-9]{4})"
_CALENDAR = tuple(
    lazy_pattern(pattern)
    for pattern in (
        _YEAR + r"(?:年?|[-/.](?P<month>[0-9]{1,2}))",
        rf"(?:{_YEAR}年)?(?P<month>[0-9]{{1,2}})月(?:(?P<day>[0-9]{{1,2}})日)?",
        _YEAR + r"-?w(?P<week>[0-9]{1,2})",
        _YEAR + r"年第(?P<week>[0-9]{1,2})週",
        _YEAR + r"[- ]?q(?P<quarter>[1-4])",
        _YEAR + r"年?第(?P<quarter>[1-4])四半期",
        r"q(?P<quarter>[1-4])[- ]?" + _YEAR,
        _YEAR + r"年の?(?P<season>[春夏秋冬])",
        r"(?P<season>spring|summer|autumn|fall|winter) (?:of )?" + _YEAR,
        rf"{_MONTH}(?: {_NTH})?(?:,? {_YEAR})?",
        rf"{_NTH} (?:of )?{_MONTH}(?:,? {_YEAR})?",
    )
)
_WEEKDAY_BESIDE = lazy_pattern(
    rf"^{_ENGLISH_DAY},? (?=.)|(?<=[0-9日])(?:\([月火水木金土日](?:曜日?)?\)|[月火水木金土日]曜日?)$"
)


def _absolute(words: str, today: date) -> Span | None:
    match = _first(_CALENDAR, _WEEKDAY_BESIDE.sub("", words))
    if not match:
        return None
    parts = {name: value for name, value in match.groupdict().items() if value}
    if "month" not in parts:
        return _part_of_year(int(parts["year"]), parts)
    name = parts["month"]
    month = int(name) if name.isdigit() else _MONTHS.index(name[:3]) + 1
    if "year" in parts:
        return _day_or_month(int(parts["year"]), month, parts.get("day"))
    return _most_recent(month, parts.get("day"), today)


def _part_of_year(year: int, parts: dict[str, str]) -> Span:
    """A week, a quarter or a season of the year; the whole year if ``parts`` name none."""
    if "week" in parts:
        since = date.fromisocalendar(year, int(parts["week"]), 1)
        return Span(since, since + 6 * _DAY)
    if "quarter" in parts:
        return _months(year, int(parts["quarter"]) * 3 - 2, 3)
    if "season" in parts:
        return _months(year, _SEASONS[parts["season"][:3]], 3)
    return _months(year, 1, 12)


def _day_or_month(year: int, month: int, day: str | None) -> Span:
    """That day, or the month if ``day`` is None. Raises ``ValueError`` if it does not exist."""
    first = date(year, month, int(day or 1))
    return Span(first, first) if day else _months(year, month, 1)


def _most_recent(month: int, day: str | None, today: date) -> Span | None:
    """The newest such day or month that has begun; a 29th of February may be eight years ago."""
    for year in range(today.year, max(today.year - 9, 0), -1):
        with suppress(ValueError):
            span = _day_or_month(year, month, day)
            if span.since <= today:
                return span
    return None
