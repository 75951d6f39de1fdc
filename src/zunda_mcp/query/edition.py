"""An episode that a question names by its place or by its number: 最新回は？ asks for the newest one, ``RAG in episode
120`` for RAG within that one.

A number is one of an episode only beside a word for episodes; the caller keeps a question as it was typed where no
episode has the number.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

from zunda_mcp.query.parse import parse
from zunda_mcp.query.request import only_requests
from zunda_mcp.text.dates import kanji_number

__all__ = ["Numbered", "split_edition", "split_number"]

_LONGEST = 40
_EDITION = "回|エピソード|放送|配信"
_NEWEST_EDITION = re.compile(
    rf"最新(?:の(?:{_EDITION})|回)|(?:一番|いちばん|もっとも|最も)新しい(?:{_EDITION})|(?:最後|直近|前回)の(?:{_EDITION})|前回|"
    r"\b(?:latest|newest|most recent|last) (?:episode|show|edition|issue)\b",
    re.IGNORECASE,
)
_OLDEST_EDITION = re.compile(
    rf"(?:最初|一番古い|いちばん古い)の?(?:{_EDITION})|初回|"
    r"\b(?:very )?(?:first|oldest|earliest) (?:episode|show|edition|issue)\b",
    re.IGNORECASE,
)

#: Words for an episode that stand before its number, in the languages that questions are asked in.
_BEFORE = (
    "episode|ep|folge|sendung|ausgabe|épisode|émission|episodio|capítulo|capitulo|programa|episódio|puntata|aflevering|"
    "avsnitt|odcinek|odcinku|выпуск|выпуске|выпуска|эпизод|эпизоде"
)
#: The same after it.
_AFTER = "episode|folge|sendung|ausgabe|épisode|émission|episodio|capítulo|programa|puntata|выпуск|выпуске"
_ORDINAL = r"(?:st|nd|rd|th|\.|e|er|ème|º|-?й|-?м)"
_KANJI = "〇零一二三四五六七八九十百"
_NUMBERS = (
    re.compile(rf"第\s*(?P<number>\d{{1,6}}|[{_KANJI}]{{1,6}})\s*(?:回目?|話目?|号|號|期|集)"),
    re.compile(r"(?<![第\d])(?P<number>\d{1,6})\s*(?:回目|話目)(?=の?(?:放送|配信|エピソード|回))"),
    re.compile(r"제\s*(?P<number>\d{1,6})\s*(?:회차?|화)"),
    re.compile(r"(?<![제\d])(?P<number>\d{1,6})\s*(?:회차|[회화](?=에서|에는|에 |방송|는|은))"),
    re.compile(
        rf"(?:(?<!\w)(?:{_BEFORE})|エピソード|에피소드)\.?\s*"
        r"(?:number|no\.?|nr\.?|n[º°.]|numéro|número|numero|nummer|#|№)?\s*"
        r"(?P<number>\d{1,6})(?![A-Za-z0-9%]|[.,:]\d)",
        re.IGNORECASE,
    ),
    re.compile(rf"(?<![\w.,])(?P<number>\d{{1,6}}){_ORDINAL}\s+(?:{_AFTER})(?!\w)", re.IGNORECASE),
)


def split_edition(text: str) -> Literal["oldest", "newest"] | None:
    """The order whose first episode a question asks for, where it asks for nothing else: 最新回は？"""
    last, first = _NEWEST_EDITION.search(text), _OLDEST_EDITION.search(text)
    named = last or first
    if named is None or (last and first) or len(text) > _LONGEST:
        return None
    if not only_requests(parse(f"{text[: named.start()]} {text[named.end() :]}")):
        return None
    return "newest" if last else "oldest"


class Numbered(NamedTuple):
    """A question without the number of an episode: ``rest`` is what is asked, ``shown`` what named it."""

    rest: str
    number: int
    shown: str


def split_number(text: str) -> Numbered | None:
    """Take the number of an episode off a question; None where it names none, or several. Never raises."""
    text = unicodedata.normalize("NFKC", text).strip()
    named = [match for pattern in _NUMBERS for match in pattern.finditer(text)]
    if len(named) != 1:
        return None
    (match,) = named
    digits = match["number"]
    number = int(digits) if digits.isdecimal() else kanji_number(digits)
    return Numbered(f"{text[: match.start()]} {text[match.end() :]}".strip(), number, match.group())
