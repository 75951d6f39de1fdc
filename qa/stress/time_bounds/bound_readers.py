"""How the time of each reader and each pattern grows with what it is given: compared within one run, never with a clock
of another machine.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bound_attacks import USUAL, Attack, attacks_on, patterns

from zunda_mcp.errors import ZundaError
from zunda_mcp.install.clients import VSCODE, Place
from zunda_mcp.install.configuration import ConfigurationFile
from zunda_mcp.query.parse import parse
from zunda_mcp.query.time_words import split_time
from zunda_mcp.reading.feeds.document import read_document
from zunda_mcp.reading.html.to_markdown import markdown_of
from zunda_mcp.reading.metadata.file_names import dated_name
from zunda_mcp.reading.metadata.front_matter import read_page
from zunda_mcp.reading.transcripts.transcript_file import read_transcript
from zunda_mcp.rendering.sanitize import clean, clean_line
from zunda_mcp.results import sizing
from zunda_mcp.results.quotes import Quotation
from zunda_mcp.text.calendar_days import read_day
from zunda_mcp.text.dates import parse_span
from zunda_mcp.text.normalize import normalize
from zunda_mcp.text.timestamps import leading_time, trailing_time
from zunda_mcp.text.tokenizer import count_terms
from zunda_mcp.text.urls import canonical_url, link_words, linked, looks_like_domain, readable_url
from zunda_mcp.topics.candidates import mentions
from zunda_mcp.topics.glossary import glosses

TODAY = dt.date(2026, 8, 21)
MOST_GROWTH = 9.0
"""Four times the input may take so many times the time: linear is 4, n log n less than 5, the square 16."""
_LONGEST = 15.0
"""Seconds of wall clock that all measurements of one attack may take together."""
_NOTICED = 0.08
"""Seconds of processor below which growth is not looked at, since it cannot be told from chance."""

_VSCODE_FILE = Place(VSCODE, "user", Path("mcp.json"), Path(), True)

READERS: dict[str, Callable[[str], Any]] = {
    "front matter": read_page,
    "feeds": read_document,
    "HTML": lambda text: markdown_of(text, "html"),
    "plain notes": lambda text: markdown_of(text, "text"),
    "days": read_day,
    "names": dated_name,
    "times": lambda text: (leading_time(text), trailing_time(text, bare=True)),
    "dates in words": lambda text: parse_span(text, TODAY),
    "queries": parse,
    "times in questions": lambda text: split_time(text, TODAY),
    "cursors": lambda text: sizing.cursor_offset(text, "q"),
    "quotes": Quotation,
    "WebVTT": lambda text: read_transcript(text, "a.vtt"),
    "SubRip": lambda text: read_transcript(text, "a.srt"),
    "JSON transcripts": lambda text: read_transcript(text, "a.json"),
    "spoken text": lambda text: read_transcript(text, "a.txt"),
    "clients' files": lambda text: ConfigurationFile.of(_VSCODE_FILE, text.encode("utf-8", "replace")),
    "cleaning": lambda text: (clean(text), clean_line(text)),
    "links": lambda text: (
        canonical_url(text),
        link_words(text),
        linked(text),
        looks_like_domain(text),
        readable_url(text),
    ),
    "terms": lambda text: count_terms(normalize(text)),
    "topics": lambda text: mentions(text, text),
    "glosses": glosses,
}

#: Patterns that grow faster than their input, and why that does no harm: what they are given is bounded.
BOUNDED: dict[str, str] = {
    "archive.feeds.dates._REMARK": "a date of at most 100 letters",
    "archive.feeds.podcasting._MAIL": "white space is folded and the text has at most 300 letters",
    "archive.file_names._LAST": "the name of a file, which no system lets be longer than 255 letters",
    "archive.posts.rows._PLAIN": "matched at the beginning of a line and never searched for",
    "archive.evidence._OTHER": "matched at the beginning of a summary and never searched for",
    "archive.timestamps._BRACKETED": "the last eighty letters of a line",
    "archive.transcripts.captions._TIMING": "matched at the beginning of a line and never searched for",
    "archive.transcripts.mentions._KEY": "the first eight thousand letters of a file",
    "search.time_words._BEFORE": "the edges of a question of at most two thousand letters",
    "search.time_words._RANGE": "matched at one place and never searched for",
    "server.resources._URI": "matched against a whole address of bounded length",
    "archive.splitting.turns._TURN": "a line without its end, which the last part always takes whole",
    "archive.splitting.turns._PLAIN": "a line without its end, which the last part always takes whole",
    "archive.timestamps._LEADING": "matched at the beginning of a line and never searched for",
    "archive.timestamps._TRAILING": "the last eighty letters of a line",
    "topics.tokens._TOKEN": "searched for, which any run satisfies; never matched against a whole text",
    "archive.feeds.tags._ATTRIBUTE": "matched at one place and never searched for",
}


def reader_cases(markdown: Callable[[str], Any]) -> Iterator[tuple[str, Callable[[str], Any], Attack]]:
    """Every reader under every usual attack; ``markdown`` reads a page."""
    for name, read in {**READERS, "pages": markdown}.items():
        for attack in USUAL:
            yield name, read, attack


def grows(read: Callable[[str], Any], attack: Attack, size: int) -> str | None:
    """How much longer four times the input takes, where that is too much."""
    try:
        with _at_most(_LONGEST):
            return _compared(read, attack, size)
    except TimeoutError:
        return f"{4 * size} characters took more than {_LONGEST:.0f} s"


def _compared(read: Callable[[str], Any], attack: Attack, size: int) -> str | None:
    first = _least(read, attack.text(size), 1)
    second = _least(read, attack.text(4 * size), 1)
    if second < _NOTICED or second < MOST_GROWTH * first:
        return None
    first, second = _least(read, attack.text(size), 4), _least(read, attack.text(4 * size), 3)
    if second < _NOTICED or second < MOST_GROWTH * first:
        return None
    return f"{4 * size} characters took {second / first:.0f} times as long as {size}, {second:.2f} s"


def pattern_cases() -> Iterator[tuple[str, Callable[[str], Any], Attack]]:
    """Every pattern of the product that is not ``BOUNDED``, under the attacks made from it."""
    for name, pattern in sorted(patterns().items()):
        if name not in BOUNDED:
            for attack in attacks_on(pattern)[:120]:
                yield name, _searching(pattern), attack


def _searching(pattern: re.Pattern[str]) -> Callable[[str], Any]:
    return lambda text: (sum(1 for _ in pattern.finditer(text)), pattern.fullmatch(text))


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raise ``TimeoutError`` where it takes longer; a pattern at work notices signals. Windows has no such timer."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(_signal: int, _frame: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _least(read: Callable[[str], Any], text: str, times: int) -> float:
    best = float("inf")
    for _ in range(times):
        started = time.process_time()
        with contextlib.suppress(ZundaError):
            read(text)
        best = min(best, time.process_time() - started)
    return best
