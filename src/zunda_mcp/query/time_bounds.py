"""Times with one bound or two: before June 2025, 2026年6月以降, from January to March 2025.

A bound counts only if a question begins or ends with it. A single bound in the future does not count: *by 2050* is what
a prediction is about. The names of months in many languages come from ``zunda_mcp.text.calendar_names``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from zunda_mcp.text.calendar_names import month_number
from zunda_mcp.text.dates import Span, parse_span
from zunda_mcp.text.lazy_pattern import lazy_pattern

__all__ = ["BoundedText", "split_bounds"]

_BEFORE = (
    r"before|prior to|earlier than|vor|avant|antes del?|antes da|antes do|prima d[ie]l?|до|vóór|przed|"
    r"(?P<upto>until|till|up to|up until|through|bis|jusqu[’']?(?:en|à|au)|hasta|até|fino a|tot|по)"
)
_AFTER = (
    r"after|later than|nach|après|después del?|depois de|dopo|после|na|po|"
    r"(?P<from>since|starting (?:in|from)|seit|ab|depuis|à partir de|desde|a partir del?|dal?|с|sinds|od)"
)
_BETWEEN = r"between|from|zwischen|von|entre|de|del?|tra|da|из|с|tussen|van|między|od"
_AND = r"and|to|until|till|through|und|bis|et|à|au|y|a|e|et|до|и|en|tot|i|do|[-–—〜～~]"
_IN = r"in|im(?: jahre?)?|en(?: el año| l[’']an(?:née)?)?|em|nel|au|au mois de|w(?: roku)?|в"
_TIME = r"[^\s,、?？。]+(?: [^\s,、?？。]+){0,3}"
_END = r"[\s?？!.]*$"
_BEFORE_TIME, _AFTER_TIME = rf"(?:{_BEFORE}) (?P<last>{_TIME})", rf"(?:{_AFTER}) (?P<first>{_TIME})"
_BETWEEN_TIMES = rf"(?:{_BETWEEN}) (?P<first>{_TIME}?)(?: (?:{_AND}) | ?[-–—〜～] ?)(?P<last>{_TIME})"
_JAPANESE_TIME = (
    r"[0-9〇零一二三四五六七八九年月日/.-]{2,14}?(?:春|夏|秋|冬)?|(?:今|先|先々)[週月]|今年|去年|昨年|一昨年"
)
_LAST, _FIRST = rf"(?P<last>{_JAPANESE_TIME})末?", rf"[从自]?(?P<first>{_JAPANESE_TIME})"
_UNTIL = rf"{_LAST}(?:(?P<upto>まで|以前)|より前|之前)"
_SINCE = rf"{_FIRST}(?:(?P<from>以降|以来|以后|以後|から)|より後|之后|之後)"
_FROM_TO = (
    rf"{_FIRST}(?:(?:から|到|至){_LAST}(?:まで(?:の間)?|の間)|[-–—〜～~]{_LAST.replace('last', 'end')}(?:まで|の間)?)"
)
_JOINT = r"(?:[の的にで、]\s*|\s+|(?<=[前后後])(?=[^のに])|$)"
_BOUNDS = tuple(
    (pattern.startswith("^"), lazy_pattern(pattern, re.IGNORECASE))
    for pattern in (
        rf"(?:^|(?<=[\s,]))(?P<shown>{_BETWEEN_TIMES}){_END}",
        rf"(?:^|(?<=[\s,]))(?P<shown>{_BEFORE_TIME}){_END}",
        rf"(?:^|(?<=[\s,]))(?P<shown>{_AFTER_TIME}){_END}",
        rf"^(?P<shown>{_BEFORE_TIME}),\s*(?P<rest>.+)$",
        rf"^(?P<shown>{_AFTER_TIME}),\s*(?P<rest>.+)$",
        rf"^(?P<shown>{_FROM_TO}){_JOINT}(?P<rest>.*)$",
        rf"^(?P<shown>{_UNTIL}){_JOINT}(?P<rest>.*)$",
        rf"^(?P<shown>{_SINCE}){_JOINT}(?P<rest>.*)$",
        rf"(?<=[\s、])(?P<shown>{_FROM_TO}){_END}",
        rf"(?<=[\s、])(?P<shown>{_UNTIL}){_END}",
        rf"(?<=[\s、])(?P<shown>{_SINCE}){_END}",
        rf"(?:^|(?<=[\s,]))(?P<shown>(?:{_IN}) (?P<whole>{_TIME})){_END}",
    )
)
_YEAR = lazy_pattern(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_YEAR_ALONE = lazy_pattern(r"((?:19|20)\d{2})(?: (?:году|г|г\.|roku))?")
_DATED = lazy_pattern(r"[0-9]|\b(?:this|last|yesterday|today)\b|年|月|週|日")
_SEASON = lazy_pattern(r"\b(?:spring|summer|autumn|fall|winter|q[1-4])\b", re.IGNORECASE)
_OF = frozenset(["de", "del", "do", "di", "von", "года", "г"])
_LONGEST, _TAIL = 300, 64
_DAY = timedelta(days=1)


class BoundedText(NamedTuple):
    """A question with its bounds taken off: ``rest`` is the question without them, ``shown`` the bounds as typed. A
    ``span`` from ``date.min`` has no beginning.
    """

    rest: str
    span: Span
    shown: str


def split_bounds(text: str, today: date) -> BoundedText | None:
    """Take the bounds of a time off the beginning or the end of a question; None if it has none. Never raises."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if len(plain) > _LONGEST or not _may_be_dated(plain):
        return None
    for leading, pattern in _BOUNDS:
        match = pattern.search(plain, 0 if leading else max(0, len(plain) - _TAIL))
        if match and (span := _span(match, today)):
            rest = match.groupdict().get("rest") or plain[: match.start()]
            return BoundedText(rest.strip(" ,、"), span, match["shown"].strip())
    return None


def _may_be_dated(text: str) -> bool:
    """Whether anything in a text may be a time: a cheap test, because every question is checked."""
    words = (one.strip(",.?") for one in text.split())
    return bool(_DATED.search(text.lower())) or any(len(one) > 2 and month_number(one) for one in words)


def _span(match: re.Match[str], today: date) -> Span | None:
    parts = match.groupdict()
    if whole := parts.get("whole"):
        if _SEASON.search(whole):
            return _time(whole, today)
        if (year := _YEAR_ALONE.fullmatch(whole.lower())) and not parts["shown"].lower().startswith("in "):
            return parse_span(year[1], today)
        return _foreign_month(whole.lower()) if not parse_span(whole, today) else None
    first, last = parts.get("first"), parts.get("last") or parts.get("end")
    if first and last:
        begin, end = _time(_with_year_of(first, last), today), _time(_with_year_of(last, first), today)
        return Span(begin.since, end.until) if begin and end and begin.since <= end.until else None
    if last:
        end = _time(last, today)
        until = end and (end.until if parts.get("upto") else end.since - _DAY)
        return Span(date.min, until) if until and until <= today else None
    begin = _time(first or "", today)
    since = begin and (begin.since if parts.get("from") else begin.until + _DAY)
    return Span(since, today) if since and since <= today else None


def _time(text: str, today: date) -> Span | None:
    """The days of a time that has a number, names a month or counts from today; None for anything else."""
    named = any(month_number(word.strip(".")) for word in text.split() if len(word) > 2)
    if not named and not _DATED.search(text.lower()):
        return None
    for shown in _without_article(text):
        if span := parse_span(shown, today) or _foreign_month(shown.lower()):
            return span if not text.isdecimal() or len(text) == len("2025") else None
    return None


def _without_article(text: str) -> Iterator[str]:
    yield text
    for begin in ("the ", "the beginning of ", "the end of ", "end of ", "early ", "late ", "mid ", "mid-"):
        if text.lower().startswith(begin):
            yield text[len(begin) :]


def _with_year_of(text: str, other: str) -> str:
    """A month or a day, with the year of the other bound if it has none: between January and March 2025."""
    if _YEAR.search(text) or not (year := _YEAR.search(other)):
        return text
    if text[:1].isdigit() and "月" in text:
        return f"{year[0]}年{text}"
    return f"{text} {year[0]}"


def _foreign_month(text: str) -> Span | None:
    """A month with its year in a language other than English and Japanese: März 2025, marzo de 2025."""
    words = [
        word for word in text.replace(".", " ").split() if word not in {"de", "del", "do", "di", "von", "года", "г"}
    ]
    if len(words) != 2 or not (month := month_number(words[0])) or not _YEAR.fullmatch(words[1]):
        return None
    return parse_span(f"{words[1]}-{month:02}", date.max)
