"""What WebVTT and SRT share: blocks under a line of two times, markup inside them, names before them.

SubRip (``.srt``): no standard, so whatever can be understood is.

Numbers may be missing or wrong, blank lines may be missing or stand inside a text, times have ``,`` or ``.``.

WebVTT (W3C, https://www.w3.org/TR/webvtt1/), read more kindly than the standard asks.

Hours are optional, ``,`` stands for ``.``, settings, notes, styles and regions are passed over, and so is the
``X-TIMESTAMP-MAP`` of streams. Captions that roll up, as YouTube makes them by itself, say each line once.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from zunda_mcp.reading.transcripts.transcript import Cue, Fault, Placed, Transcript, TranscriptResult, folded, in_order
from zunda_mcp.text.timestamps import STAMP, seconds_of

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


def read_srt(text: str) -> TranscriptResult:
    """Read one SRT file."""
    faults: list[Fault] = []
    lines = text.lstrip("\ufeff").split("\n")
    marks = [at for at, line in enumerate(lines) if ARROW in line]
    before = [line for line in lines[: marks[0] if marks else len(lines)] if line.strip()]
    if before[:-1] if marks and before and before[-1].strip().isdigit() else before:
        faults.append(Fault(1, "These lines have no time before them; they were left out."))
    blocks: list[Block] = []
    for place, mark in enumerate(marks):
        stop = marks[place + 1] if place + 1 < len(marks) else len(lines)
        rows = lines[mark + 1 : stop]
        if stop < len(lines) and rows and rows[-1].strip().isdigit():
            rows.pop()  # the number of the next cue
        blocks.append(timed(mark + 1, lines[mark], [row for row in rows if row.strip()], faults))
    placed = with_speakers(cues_of(blocks))
    return TranscriptResult(Transcript(in_order(placed, faults)), faults)


_LANGUAGE = re.compile(r"language[ \t]*:[ \t]*([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)[ \t]*\Z", re.IGNORECASE)
_ASIDE = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|\Z)")
_WORD_TIME = re.compile(r"<\d[\d:.]*>")


def read_vtt(text: str) -> TranscriptResult:
    """Read one WebVTT file."""
    faults: list[Fault] = []
    lines = text.lstrip("\ufeff").split("\n")
    language, first = _header(lines, faults)
    blocks: list[Block] = []
    at = first
    while at < len(lines):
        end = at
        while end < len(lines) and lines[end].strip():
            end += 1
        _block(lines, at, end, blocks, faults)
        at = end + 1
    if _WORD_TIME.search(text):
        blocks = _unrolled(blocks)
    placed = with_speakers(cues_of(blocks))
    return TranscriptResult(Transcript(in_order(placed, faults), (), language), faults)


def _header(lines: list[str], faults: list[Fault]) -> tuple[str | None, int]:
    """The language a header names, and the first line after it."""
    at = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    if at < len(lines) and not lines[at].startswith("WEBVTT"):
        faults.append(Fault(at + 1, "This file does not begin with WEBVTT; it was read as if it did."))
        return None, at
    language = None
    at += 1
    while at < len(lines) and lines[at].strip() and ARROW not in lines[at]:
        if match := _LANGUAGE.match(lines[at].strip()):
            language = match[1]
        at += 1
    if at < len(lines) and ARROW in lines[at] and at > 1 and lines[at - 1].strip() and lines[at - 1][:6] != "WEBVTT":
        at -= 1  # no blank line after the header: the line above is the cue's name
    return language, at


def _block(lines: list[str], start: int, end: int, blocks: list[Block], faults: list[Fault]) -> None:
    """Take in what stands between two blank lines: a note, a cue, or several without blank lines between them."""
    if start == end or _ASIDE.match(lines[start]):
        return
    marks = [at for at in range(start, end) if ARROW in lines[at]]
    if not marks:
        faults.append(Fault(start + 1, "These lines have no time before them; they were left out."))
        return
    for place, mark in enumerate(marks):
        stop = marks[place + 1] if place + 1 < len(marks) else end
        if stop < end and lines[stop - 1].strip().isdigit():
            stop -= 1
        blocks.append(timed(mark + 1, lines[mark], lines[mark + 1 : stop], faults))


def _unrolled(blocks: list[Block]) -> list[Block]:
    """Blocks without the lines that the block before them shows already."""
    shown: list[str] = []
    kept = []
    for block in blocks:
        rows = [(row, plain) for row in block.rows if (plain := without_markup(row))]
        plains = [plain for _, plain in rows]
        known = next((n for n in range(min(len(shown), len(plains)), 0, -1) if shown[-n:] == plains[:n]), 0)
        if rows[known:]:
            kept.append(block._replace(rows=[row for row, _ in rows[known:]]))
        shown = plains or shown
    return kept
