"""Transcripts as text: who speaks, and what is said: ``**Name:**`` and the paragraphs that follow, ``Name: text``, or
a line of name and time over the text; or lines of Whisper, each behind the span of its time.

A story is a passage of whole turns. Its words are spoken ones: they are searched, and never shown as a summary.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from zunda_mcp.models import PASSAGE as PASSAGE_KIND
from zunda_mcp.reading.draft import Entry
from zunda_mcp.reading.markdown.blocks import Document
from zunda_mcp.reading.markdown.inline import without_links
from zunda_mcp.reading.splitting.body import Body, Split
from zunda_mcp.reading.splitting.stories import SOURCE_LABELS, SUMMARY_LABELS, TITLE_LABELS
from zunda_mcp.text.timestamps import STAMP, seconds_in

__all__ = ["is_transcript", "split_turns"]

_PASSAGE = 1500
"""Characters after which a passage ends with its turn; in one long turn, with its paragraph."""

_BETWEEN = "\n\n"
_LONGEST_TITLE = 100
_LONGEST_LINE = 4000
_LABELS = frozenset({*SOURCE_LABELS, *TITLE_LABELS, *SUMMARY_LABELS, "link", "links", "url", "source", "via", "title"})
_AGENDA = 2
_SHORT = 24
"""A sentence shorter than this (a greeting) is no title alone."""

_TIME = r"(?:\\?[\[(])?((?:\d{1,2}:)?\d{1,2}:\d{2}(?:\.\d+)?)(?:\\?[\])])?"
_NAME = r"[^\W\d_][^*:：\[\]()<>/\n]{0,39}?"
_TURN = re.compile(
    rf"(?:\*\*|__)(?P<bold>{_NAME})\s*(?:{_TIME}\s*)?(?:[:：](?:\*\*|__)|(?:\*\*|__)\s*[:：])\s*(?:{_TIME})?\s*(?P<said>.*)"
)
_PLAIN = re.compile(rf"(?P<bold>{_NAME})\s*(?:{_TIME}\s*)?[:：](?:\s+|$)(?:{_TIME})?\s*(?P<said>.*)")
_STAMPED = re.compile(rf"(?:\*\*|__)?(?P<bold>{_NAME})(?:\*\*|__)?\s+{_TIME}(?P<said>)")
_SPAN = re.compile(rf"(?P<bold>)\\?\[({STAMP})[ \t]*-->[ \t]*{STAMP}\\?\][ \t]*(?P<said>.*)")
_STAMP = re.compile(rf"{_TIME}\s*")
_HEADING = re.compile(r"#{1,6}\s")


class _Turn(NamedTuple):
    """One speaker's words: paragraphs with the line (from 0) each begins on; ``line`` is that of the name, ``start`` in
    seconds where it is told. Nobody says who speaks (``""``) in lines of Whisper.
    """

    line: int
    speaker: str
    start: float | None
    paragraphs: list[tuple[int, str]]


def _read_turns(lines: Iterable[str]) -> list[_Turn]:
    """Read the turns of a text, ``[]`` where it is none: at least four, by speakers who come back, most of the text.
    ``引用元: …`` and its like are labels; a text of many list items is a list, unless its names are bold.
    """
    texts = list(lines)
    items = sum(line.lstrip().startswith(("- ", "* ", "+ ")) for line in texts)
    for pattern in (_TURN, _STAMPED, _PLAIN, _SPAN):
        turns, before = _turns(texts, pattern)
        if pattern is _PLAIN and (items >= len(turns) or _quoted(turns)):
            continue
        names = Counter(turn.speaker for turn in turns)
        inside = sum(len(text) for turn in turns for _, text in turn.paragraphs)
        if len(turns) >= 4 and len(names) * 2 <= len(turns) and inside >= 4 * before:
            return turns
    return []


def _quoted(turns: list[_Turn]) -> bool:
    """Whether these are words quoted in an account: names before their words, and many paragraphs by nobody."""
    inline = sum(turn.paragraphs[0][0] == turn.line for turn in turns)
    return inline * 2 > len(turns) and sum(len(turn.paragraphs) for turn in turns) * 2 > len(turns) * 3


def split_turns(body: Body) -> Split:
    """Split a transcript into passages."""
    turns = _read_turns(body.document.lines)
    if not turns:
        return Split()
    first = turns[0].line
    return Split(_passages(turns, body.first), frozenset(range(first, len(body.document.lines))))


def is_transcript(document: Document) -> bool:
    """Whether a text is turns and no minutes of a meeting, whose turns stand under the headings of an agenda."""
    turns = _read_turns(document.lines)
    return bool(turns) and not _has_agenda(document, turns)


def _has_agenda(document: Document, turns: list[_Turn]) -> bool:
    """Whether two headings or more have turns of their own, most of them, and none tells when in a recording it is."""
    if any(turn.start is not None for turn in turns):
        return False
    headings = [block.start for block in document.blocks if block.kind == "heading"]
    below = Counter(place for turn in turns if (place := bisect_right(headings, turn.line)))
    return len(below) >= _AGENDA and sum(below.values()) * 2 >= len(turns)


def _passages(turns: Iterable[_Turn], first: int = 0) -> tuple[Entry, ...]:
    """Join turns into passages of about ``_PASSAGE`` characters, twice as many in a monologue."""
    groups: list[list[tuple[_Turn, str, int, bool]]] = [[]]
    size = 0
    for turn in turns:
        for place, (line, text) in enumerate(turn.paragraphs, start=1):
            groups[-1].append((turn, text, line, place == 1))
            size += len(text)
            if size >= _PASSAGE * (1 if place == len(turn.paragraphs) else 2):
                groups.append([])
                size = 0
    return tuple(_passage(group, first) for group in groups if group)


def _passage(group: list[tuple[_Turn, str, int, bool]], first: int) -> Entry:
    """A passage of paragraphs, titled with who begins to say what. Each turn that tells a time is a moment of it."""
    turn, text, line, is_new = group[0]
    title, start = _named(turn.speaker, _opening(text)), turn.start if is_new else None
    spoken = ""
    moments: list[tuple[int, float]] = []
    for turn, text, _, begins in group:
        named = _named(turn.speaker, text) if begins or not spoken else text
        spoken += f"{_BETWEEN}{named}" if spoken else named
        if begins and turn.start is not None:
            moments.append((len(spoken) - len(text), turn.start))
    return Entry(title, None, None, None, "", first + line + 1, start, spoken, PASSAGE_KIND, moments=tuple(moments))


def _turns(texts: list[str], pattern: re.Pattern[str]) -> tuple[list[_Turn], int]:
    """Return all turns, and the characters of the text before the first."""
    turns: list[_Turn] = []
    before = 0
    joined = False
    for place, line in enumerate(texts):
        text = line.strip()
        if not text or _HEADING.match(text):
            joined = False
            continue
        match = pattern.fullmatch(text) if len(text) < _LONGEST_LINE or pattern is _TURN else None
        if match and match["bold"].strip().casefold() not in _LABELS and not match["said"].startswith("http"):
            stamp = next((group for group in match.groups()[1:-1] if group), None)
            joined = bool(text := match["said"].strip())
            start = seconds_in(stamp) if stamp else None
            turns.append(_Turn(place, match["bold"].strip(), start, [(place, text)] if text else []))
            continue
        if not turns:
            before += len(text)
            continue
        turn = turns[-1]
        if stamped := _STAMP.match(text):
            if turn.start is None and not turn.paragraphs:
                turns[-1] = turn._replace(start=seconds_in(stamped[1]))
            text = text[stamped.end() :]
        if joined and turn.paragraphs:
            first, words = turn.paragraphs[-1]
            turn.paragraphs[-1] = first, f"{words} {text}"
        elif text:
            turn.paragraphs.append((place, text))
        joined = True
    return [turn for turn in turns if turn.paragraphs], before


def _named(speaker: str, text: str) -> str:
    return f"{speaker}: {text}" if speaker else text


def _opening(text: str) -> str:
    plain = re.sub(r"[*_`]+|\\(?=[\[\]])", "", without_links(text))
    sentence = ""
    for part in re.split(r"(?<=[.!?])\s+|(?<=[。！？])", plain):
        if len(sentence) >= _SHORT:
            break
        sentence = f"{sentence} {part}".strip()
    return sentence if len(sentence) <= _LONGEST_TITLE else f"{sentence[: _LONGEST_TITLE - 1]}…"
