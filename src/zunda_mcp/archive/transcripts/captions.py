"""What WebVTT and SRT share: blocks under a line of two times, markup inside them, names before them."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from zunda_mcp.archive.transcripts.clock import STAMP, seconds_of
from zunda_mcp.archive.transcripts.model import Cue, Fault, Placed, folded

ARROW = "-->"
_TIMING = re.compile(rf"\s*({STAMP})\s*-->\s*({STAMP})(?:\s.*)?\Z")
_RUBY = re.compile(r"<rt\b[^<>]*>.*?(?:</rt>|(?=</ruby>)|\Z)", re.DOTALL)
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]([^<>]*)>|</v>")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<\d[\d:.]*>|\{\\[^{}]*\}")
_TURN = re.compile(r"^(?:[-–—][ \t]*|>{2,}[ \t]*)")
_WORDS = r"[^\W\d_a-z][\w.'’&-]*"
NAME = rf"{_WORDS}(?: (?:{_WORDS}|\d{{1,2}}|de|van|von|der|la|le)){{0,3}}"
"""A speaker's name as a pattern: up to four words that begin with a capital, or Japanese."""
_SPEAKER = re.compile(rf"({NAME})(?:[ \t]*：[ \t]*|:[ \t]+|:\Z)(?!//)")
LONGEST_NAME = 40


class Block(NamedTuple):
    """One timed block; ``line`` is that of its times, ``rows`` its text as written."""

    line: int
    start: float | None
    end: float | None
    rows: list[str]


def times(line: str) -> tuple[float, float] | None:
    """The two times of a timing line; ``None`` where it cannot be read."""
    match = _TIMING.match(line)
    start, end = (seconds_of(match[1]), seconds_of(match[2])) if match else (None, None)
    return None if start is None or end is None else (start, end)


def timed(line: int, text: str, rows: list[str], faults: list[Fault]) -> Block:
    """A block from its timing line; times that cannot be are a fault, and the text is kept without them."""
    found = times(text)
    if found is None:
        faults.append(Fault(line, f"The times `{folded(text)[:80]}` cannot be read; the text was kept without a time."))
        return Block(line, None, None, rows)
    start, end = found
    if end < start:
        faults.append(Fault(line, "This cue ends before it begins; only its beginning was kept."))
        return Block(line, start, None, rows)
    return Block(line, start, end, rows)


def without_markup(text: str) -> str:
    """The text of a cue: no tags, no readings over characters (ruby), entities as what they stand for, one line."""
    return folded(html.unescape(_TAG.sub("", _RUBY.sub("", text))).replace("\u200e", "").replace("\u200f", ""))


def voices(text: str) -> Iterator[tuple[str | None, str]]:
    """The voices of a cue with what each says, still with markup: ``<v Name>`` (WebVTT), or ``None``."""
    name: str | None = None
    end = 0
    for match in _VOICE.finditer(text):
        yield name, text[end : match.start()]
        name = folded(html.unescape(match[1])) or None if match[1] is not None else None
        end = match.end()
    yield name, text[end:]


def cues_of(blocks: Iterable[Block]) -> list[Placed]:
    """Blocks as cues, one for each voice in a block."""
    found = []
    for block in blocks:
        for name, said in voices("\n".join(_TURN.sub("", row.lstrip()) for row in block.rows)):
            text = without_markup(said)
            if text:
                found.append(Placed(block.line, Cue(block.start, block.end, name, text)))
    return found


def name_before(text: str) -> tuple[str, str] | None:
    """``Travis: When you`` as the name and the rest; ``None`` where no name stands before a colon."""
    match = _SPEAKER.match(text)
    return (match[1], text[match.end() :]) if match and len(match[1]) <= LONGEST_NAME else None


def with_speakers(placed: list[Placed]) -> list[Placed]:
    """Cues with the names before them as their speakers, each until the next.

    A word before a colon is a name where it stands there more than once, or begins the transcript: others are text.
    """
    if any(item.cue.speaker for item in placed):
        return placed
    names = [name_before(item.cue.text) for item in placed]
    counts = Counter(found[0] for found in names if found)
    known = {name for name, count in counts.items() if count > 1}
    if names and names[0]:
        known.add(names[0][0])
    speaker: str | None = None
    named = []
    for item, found in zip(placed, names, strict=True):
        text = item.cue.text
        if found and found[0] in known:
            speaker, text = found
        named.append(Placed(item.line, item.cue._replace(speaker=speaker, text=text)))
    return named
