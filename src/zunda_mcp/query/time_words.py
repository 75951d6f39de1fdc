"""Times at the edges of a question: 去年のラーメンの投稿 asks for ラーメンの投稿 in the days of last year.

Only words that can hardly mean anything else count as a time, and only if a question begins or ends with them: words
that count from today (去年の, 先週, ``last year``, 3日前の), and days, months and years in full (2024年の, 2024-05 …,
``… in 2024``). What clearly is a question may have a period that counts from today inside. A month or a weekday alone
is more often a name (3月のライオン), and so is a bare number. The caller keeps a question as typed if the archive
contains exactly that text (2024年の振り返り), or if filters name days.

Words that ask for the first or the last time set an order instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal, NamedTuple

from zunda_mcp.text.dates import PERIOD_NAMES, Span, parse_span
from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.normalize import has_han

__all__ = ["FIRST_EPISODE", "LATEST_EPISODE", "TimedText", "asks_how_many", "split_order", "split_time"]

_LONGEST = 40
_OTHER_WORDS = {"today", "きょう"}
"""Names of days that usually mean something else at the edge of a question: today's weather, きょうだい."""
_NAMED = "|".join(name for name in PERIOD_NAMES if not name.isascii() and name not in _OTHER_WORDS)
_ASCII_NAMED = "|".join(name for name in PERIOD_NAMES if name.isascii() and name not in _OTHER_WORDS)
_JOINT = lazy_pattern(
    r"(?:(?:中|頃|ごろ|ころ|里|裡|份|期间|期間)?[のに、，的]|(?:里|份)?有(?=[哪什多没沒過过])|\s+)\s*"
)
_DIRECT = lazy_pattern(rf"(?:{_NAMED})(?=[\w])(?![度末初比的中頃ごこ以前後版号分のにはがをもと月火水木金土日])")
_UNSPACED = "|".join(name for name in PERIOD_NAMES if has_han(name) and name not in _OTHER_WORDS)
_INSIDE = lazy_pattern(
    rf"(?<=[\sはがでもを、])(?P<unspaced>{_UNSPACED})[にはの、]?(?=\S)|\s(?P<spaced>{_NAMED}|{_ASCII_NAMED})(?=\s)",
    re.IGNORECASE,
)
_ASKS = lazy_pattern(r"[?？]\s*$|[何哪几幾]|^(?:what|which|when|who|how|did|has|have|any)\b", re.IGNORECASE)
_ENGLISH_JOINT = lazy_pattern(r"(?:[’']s\s+|,\s*|\s+)")
_ENGLISH_BACK = (
    rf"{_ASCII_NAMED}|(?:\d{{1,3}}|an?|two|three|four|five|six) "
    r"(?:day|week|month|year)s? ago|"
    r"(?:(?:in|over|during|within) )?(?:the )?(?:last|past) (?:\d{1,3} )(?:day|week|month|year)s?"
)
_BEFORE = lazy_pattern(rf"\A(?:in|from|during|on|of|since)\s+(?=.*\d|(?:{_ENGLISH_BACK})$)", re.IGNORECASE)
_COUNTED = lazy_pattern(rf"(?:{_NAMED})(?:の.+|の?.曜日?)?|.*前|(?:過去|直近|最近|ここ|この)の?[0-9].*")
_WEEK_OF = lazy_pattern(r"(?:the )?week (?:of|starting|beginning)(?: on)? (.+)|(.+日)の週")
_SO_FAR = lazy_pattern(r"(?:so far )?(?P<span>(?:this|the) (?:week|month|year)|今[週月年])(?: so far)?")
_OF_YEAR = lazy_pattern(r"(.*[0-9a-z]) (?:of )?(this|last) year")
_RANGE = lazy_pattern(r"\s*(?:から|まで|より|以[前後降]|[-~〜～])")
_WRITTEN = lazy_pattern(r"[0-9]{4}年.*|[0-9]{1,2}月[0-9]{1,2}日.*|[0-9]{4}([-/.])[0-9]{1,2}(?:\1[0-9]{1,2})?")
_KANJI_YEAR = lazy_pattern(r"[〇零一二三四五六七八九]{4}年.*")


_ARTICLE = r"(?:(?:el|o|il|le|la|der|die|de|den|in der) |l['’])?"
FIRST_EPISODE = (
    rf"\b{_ARTICLE}(?:primer (?:episodio|programa|capítulo)|primeiro (?:episódio|programa)|"
    r"prim[oa] (?:episodio|puntata)|premier épisode|première émission|"
    r"erste[nr]? (?:folge|episode|sendung|ausgabe)|eerste aflevering|pierwsz\w+ odcin\w+|перв\w+ выпуск\w*)\b"
)
LATEST_EPISODE = (
    "最新一?[期集]|最后一[期集]|最後一[期集]|上一[期集]|마지막 회|최신 회|"
    rf"\b{_ARTICLE}(?:último (?:episodio|programa|capítulo|episódio)|ultim[oa] (?:episodio|puntata)|dernier épisode|"
    r"dernière émission|(?:letzte|neueste|aktuelle)[nr]? (?:folge|episode|sendung|ausgabe)|laatste aflevering|"
    r"ostatni\w* odcin\w+|последн\w+ выпуск\w*)\b"
)
"""The first and the latest episode, in the languages of ``STOP_WORDS`` but English and Japanese: patterns."""
_CAME_UP = "(?:出|扱|触|話し|登場|紹介|取り上げ)"
_FIRST = lazy_pattern(
    r"\bwhen\b.*\b(?:first|earliest)\b|\b(?:first|earliest|oldest) (?:time|episode|mention|story)\b|"
    rf"(?:最初|初めて|はじめて|初出|初登場).*いつ|最初の(?:回|エピソード)|初回|(?:最初|初めて|はじめて)に?{_CAME_UP}|"
    rf"{FIRST_EPISODE}|第一次|首次|最早|最先|처음|첫 ?번째|"
    r"\b(?:primera vez|primeira vez|prima volta|première fois|zum ersten mal|das erste mal|erstmals|voor het eerst|"
    r"eerste keer|po raz pierwszy|впервые|в первый раз)\b",
    re.IGNORECASE | re.DOTALL,
)
_LAST = lazy_pattern(
    r"\bwhen\b.*\b(?:last|latest|most recent(?:ly)?)\b|"
    r"\b(?:last|latest|most recent|newest) (?:time|episode|mention|story)\b|"
    rf"(?:最後|最近|直近).*いつ|最新回|最新の(?:回|エピソード)|最後に{_CAME_UP}|"
    rf"{LATEST_EPISODE}|最后一次|最後一次|最近一次|上一次|마지막|"
    r"\b(?:última vez|ultima volta|dernière fois|zuletzt|das letzte mal|laatste keer|ostatni raz|последний раз)\b",
    re.IGNORECASE | re.DOTALL,
)
_HOW_MANY = lazy_pattern(
    r"何[回本話件個]|いくつ|多少[期集次篇条個个]|[几幾][期集次篇]|몇|"
    r"\b(?:how (?:many|often)|cu[áa]nt[oa]s|quant[oa]s|quant[ie]|combien|wie (?:viele|oft)|hoeveel|"
    r"hoe vaak|ile|сколько)\b",
    re.IGNORECASE,
)
"""What a question asks for in the languages of ``STOP_WORDS``: the first or the last time or episode, or a number."""


class TimedText(NamedTuple):
    """A question with its time taken off: ``rest`` is the question without it, ``shown`` the time as typed.

    ``counted``: the time counts from today.
    """

    rest: str
    span: Span
    shown: str
    counted: bool


def split_time(text: str, today: date) -> TimedText | None:
    """Take the longest time off the beginning of a question, else off its end, else a period that counts from today out
    of what clearly is one. Never raises.

    Returns None if there is none, or more than one. ``rest`` may be empty.
    """
    text = text.strip()
    for shown, rest in (*_leading(text), *_trailing(text), *_inside(text)):
        if _is_time(shown) and (span := _span(_bare(shown), today)) is not None:
            if _is_time(rest) or _RANGE.match(rest):  # 一年前の今日, 去年から今年まで: more than one time
                return None
            if shown.lower().startswith("since"):
                span = Span(span.since, max(span.since, today))
            return TimedText(rest.strip(), span, shown, counted=_is_counted(shown))
    return None


def _span(text: str, today: date) -> Span | None:
    """The days of a time that ``parse_span`` reads, of the week of a day, a day of this year, or a month so far."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    if week := _WEEK_OF.fullmatch(plain):
        day = _span(week[1] or week[2], today)
        monday = day.since - timedelta(days=day.since.weekday()) if day else None
        return Span(monday, monday + timedelta(days=6)) if monday else None
    if (far := _SO_FAR.fullmatch(plain)) and (span := parse_span(far["span"].replace("the ", "this "), today)):
        return Span(span.since, max(span.since, min(span.until, today)))
    if year := _OF_YEAR.fullmatch(plain):
        return parse_span(f"{year[1]}, {today.year - (year[2] == 'last')}", today) or parse_span(text, today)
    return parse_span(text, today)


def split_order(text: str) -> Literal["oldest", "newest"] | None:
    """The order that a question asks for: when was it first, or when last? None if it asks for both, or for neither."""
    first, last = _FIRST.search(text), _LAST.search(text)
    if bool(first) == bool(last):
        return None
    return "oldest" if first else "newest"


def asks_how_many(text: str) -> bool:
    """Whether a question asks for a number."""
    return _HOW_MANY.search(text) is not None


def _leading(text: str) -> Iterator[tuple[str, str]]:
    for joint in sorted(_joints(text[:_LONGEST]), key=lambda match: -match.start()):
        yield text[: joint.start()], text[joint.end() :]
    if direct := _DIRECT.match(text):
        yield direct.group(), text[direct.end() :]
    yield text, ""


def _trailing(text: str) -> Iterator[tuple[str, str]]:
    begin = max(0, len(text) - _LONGEST)
    for space in re.finditer(r"[\s、,]+", text):  # the first that works leaves the longest time
        if space.start() >= begin:
            yield text[space.end() :].rstrip("?？!！。."), text[: space.start()]


def _inside(text: str) -> Iterator[tuple[str, str]]:
    matches = list(_INSIDE.finditer(text)) if _ASKS.search(text) else []
    if len(matches) == 1:
        (match,) = matches
        yield match["unspaced"] or match["spaced"], f"{text[: match.start()]}{text[match.end() :]}"


def _joints(text: str) -> Iterator[re.Match[str]]:
    for pattern in (_JOINT, _ENGLISH_JOINT):
        yield from (match for match in pattern.finditer(text) if match.start())


def _is_time(shown: str) -> bool:
    """Whether words can hardly be anything but a time."""
    plain = unicodedata.normalize("NFKC", shown).strip().lower()
    if not plain or len(plain) > _LONGEST:
        return False
    if plain.isascii():
        if _WEEK_OF.fullmatch(_bare(plain)) or _SO_FAR.fullmatch(plain) or _OF_YEAR.fullmatch(_bare(plain)):
            return True
        return bool(re.fullmatch(_ENGLISH_BACK, plain) or _BEFORE.match(plain) or _WRITTEN.fullmatch(plain))
    return bool(_COUNTED.fullmatch(plain) or _WRITTEN.fullmatch(plain) or _KANJI_YEAR.fullmatch(plain))


def _is_counted(shown: str) -> bool:
    plain = unicodedata.normalize("NFKC", shown).strip().lower()
    return bool(re.fullmatch(_ENGLISH_BACK, _bare(plain)) or _COUNTED.fullmatch(plain))


def _bare(shown: str) -> str:
    return _BEFORE.sub("", shown.strip(), count=1)
