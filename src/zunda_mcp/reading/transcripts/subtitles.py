"""Read WebVTT and SubRip: blocks of a line with two times and a text, which may name its speaker and contain markup.

The reader accepts more than the formats allow, because many programs do not keep to them.

WebVTT (W3C, https://www.w3.org/TR/webvtt1/): hours are optional, and ``,`` is read as ``.``; settings, notes, styles,
regions and the ``X-TIMESTAMP-MAP`` of streams are skipped.

SubRip (``.srt``) has no standard: numbers may be missing or wrong, blank lines may be missing or divide a text, and
times have ``,`` or ``.``.

If captions of either format roll up or grow word by word, as those of YouTube do, each line is kept once.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from zunda_mcp.reading.transcripts.transcript import (
    Cue,
    Fault,
    Transcript,
    folded,
    in_order,
    span,
)
from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.timestamps import STAMP, seconds_of

__all__ = ["ARROW", "read_captions", "times", "without_markup"]

ARROW = "-->"
_BEFORE_ARROW = lazy_pattern(r"\s*[^\s>-]*\d[^\s>-]*\s*-->")
_TIMING = lazy_pattern(rf"\s*({STAMP})\s*-->\s*({STAMP})(?:\s.*)?\Z")
_RUBY = lazy_pattern(r"<rt\b[^<>]*>[^<]*(?:</rt>|(?=</ruby>))")
_VOICE = lazy_pattern(r"<v(?:\.[^\s<>]*)?[ \t]([^<>]*)>|</v>")
_NAMES = (
    "a|b|big|br|c|center|cite|code|del|div|em|font|h[r1-6]|i|img|ins|kbd|li|mark|[ou]l|p|rp|rt|ruby|s|small|span|"
    "strong|su[bp]|tt|u"
)
_TAG = lazy_pattern(
    rf"</?(?:{_NAMES})(?:\.[^\s<>]*)?(?:\s[^<>=]*=[^<>]*|\s*/?)>|</?(?:v|lang)\b[^<>]*>|<\d[\d:.]*>|\{{\\[^{{}}]*\}}",
    re.IGNORECASE,
)
"""Tags of WebVTT, and others that programs write into captions; ``<b and c>`` in ``a <b and c> d`` is speech."""
_TURN = lazy_pattern(r"^(?:[-–—][ \t]*|>{2,}[ \t]*)")
_WORDS = r"[^\W\d_a-z][\w.'’&-]*"
# a speaker's name: up to four words in Japanese or with a capital; all but the first may be ``van``, a number …
_NAME = rf"{_WORDS}(?: (?:{_WORDS}|\d{{1,2}}|de|van|von|der|la|le)){{0,3}}"
_SPEAKER = lazy_pattern(rf"({_NAME})(?:[ \t]*：[ \t]*|:[ \t]+|:\Z)(?!//)")
_LONGEST_NAME = 40


class _Block(NamedTuple):
    """A text and its times: ``line`` is the number of the timing line (from 1), ``rows`` the text as written."""

    line: int
    start: float | None
    end: float | None
    rows: list[str]


def times(line: str) -> tuple[float, float] | None:
    """Return the two times of a timing line in seconds; ``None`` if it cannot be read."""
    match = _TIMING.match(line)
    start, end = (seconds_of(match[1]), seconds_of(match[2])) if match else (None, None)
    return None if start is None or end is None else (start, end)


def _is_timing(line: str) -> bool:
    """Whether a line is a timing line, even one with wrong times. An arrow alone may be part of a text."""
    return ARROW in line and _BEFORE_ARROW.match(line) is not None


def _timed_block(line: int, text: str, rows: list[str], faults: list[Fault]) -> _Block:
    """Make a block from its timing line ``text``. A wrong time is left out and becomes a fault."""
    both = times(text)
    if both is None:
        faults.append(Fault(line, f"The times `{folded(text)[:80]}` cannot be read; the text was kept without a time."))
        return _Block(line, None, None, rows)
    return _Block(line, *span(*both, "This cue", faults, line), rows)


def without_markup(text: str) -> str:
    """Return the text of a cue on one line, without tags and ruby readings, with entities resolved."""
    return folded(html.unescape(_TAG.sub("", _RUBY.sub("", text))).replace("\u200e", "").replace("\u200f", ""))


def _voices(text: str) -> Iterator[tuple[str | None, str]]:
    """Yield the voices in a cue (the names in ``<v Name>``, else ``None``), each with its text and its markup."""
    name: str | None = None
    end = 0
    for match in _VOICE.finditer(text):
        yield name, text[end : match.start()]
        name = folded(html.unescape(match[1])) or None if match[1] is not None else None
        end = match.end()
    yield name, text[end:]


def _cues(blocks: Iterable[_Block]) -> list[Cue]:
    cues = []
    for block in blocks:
        for name, marked_up in _voices("\n".join(_TURN.sub("", row.lstrip()) for row in block.rows)):
            text = without_markup(marked_up)
            if text:
                cues.append(Cue(block.start, block.end, name, text, block.line))
    return cues


def _name_before(text: str) -> tuple[str, str] | None:
    """Split ``Travis: When you`` into the name and the rest; ``None`` if the text does not begin with a name."""
    match = _SPEAKER.match(text)
    return (match[1], text[match.end() :]) if match and len(match[1]) <= _LONGEST_NAME else None


def _with_speakers(cues: list[Cue]) -> list[Cue]:
    """Return cues with the names before their texts as speakers, each until the next name. What precedes a colon is a
    name if it does so more than once or begins the transcript. If any cue has a speaker already, nothing changes.
    """
    if any(cue.speaker for cue in cues):
        return cues
    names = [_name_before(cue.text) for cue in cues]
    counts = Counter(one[0] for one in names if one)
    speakers = {name for name, count in counts.items() if count > 1} | {one[0] for one in names[:1] if one}
    speaker: str | None = None
    for place, before in enumerate(names):
        text = cues[place].text
        if before and before[0] in speakers:
            speaker, text = before
        cues[place] = cues[place]._replace(speaker=speaker, text=text)
    return cues


_SKIPPED = lazy_pattern(r"(?:NOTE|STYLE|REGION)(?:\s|\Z)")
_WORD_TIME = lazy_pattern(r"<\d[\d:.]*>")


def read_captions(text: str, *, vtt: bool) -> Transcript:
    """Read a WebVTT file if ``vtt``, else a SubRip file, in which a text may go on after a blank line."""
    faults: list[Fault] = []
    lines = text.lstrip("\ufeff").split("\n")
    blocks: list[_Block] = []
    for start, end in _pieces(lines, _header_end(lines, faults) if vtt else 0):
        if vtt and _SKIPPED.match(lines[start]):
            continue
        marks = [at for at in range(start, end) if _is_timing(lines[at])]
        above = lines[start : marks[0] if marks else end]
        if marks and above and above[-1].strip().isdigit():
            above.pop()  # the number of the cue
        if not vtt and blocks:
            blocks[-1].rows.extend(above)
        elif (not marks) if vtt else (above and not faults):
            faults.append(Fault(start + 1, "These lines have no time before them; they were left out."))
        for mark, stop in pairwise((*marks, end)):
            numbered = stop < end and lines[stop - 1].strip().isdigit()
            rows = lines[mark + 1 : stop - numbered]
            blocks.append(_timed_block(mark + 1, lines[mark], rows, faults))
    if _WORD_TIME.search(text) or _rolls(blocks):
        blocks = _unrolled(blocks)
    return Transcript(in_order(_with_speakers(_cues(blocks)), faults), faults=faults)


def _pieces(lines: list[str], start: int) -> Iterator[tuple[int, int]]:
    """Yield the pieces between blank lines: the index of the first line of each, and of the line after its last."""
    for end in range(start, len(lines) + 1):
        if end == len(lines) or not lines[end].strip():
            if start < end:
                yield start, end
            start = end + 1


def _header_end(lines: list[str], faults: list[Fault]) -> int:
    at = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    if at < len(lines) and not lines[at].startswith("WEBVTT"):
        faults.append(Fault(at + 1, "This file does not begin with WEBVTT; it was read as if it did."))
        return at
    at += 1
    while at < len(lines) and lines[at].strip() and not _is_timing(lines[at]):
        at += 1
    return at


def _unrolled(blocks: list[_Block]) -> list[_Block]:
    """Return blocks without the lines or words that the block before already shows."""
    shown: list[str] = []
    unrolled = []
    for block in blocks:
        rows = [(row, plain) for row in block.rows if (plain := without_markup(row))]
        plains = [plain for _, plain in rows]
        fresh = [row for row, _ in rows[_repeated(shown, plains) :]]
        if len(fresh) == len(rows):
            words = " ".join(plains).split()
            if again := _repeated(" ".join(shown).split(), words):
                fresh = [" ".join(words[again:])] if words[again:] else []
        if fresh:
            unrolled.append(block._replace(rows=fresh))
        shown = plains or shown
    return unrolled


def _repeated(shown: list[str], rows: list[str]) -> int:
    """Return how many rows, or words, at the beginning repeat the last ones of ``shown``."""
    return next((n for n in range(min(len(shown), len(rows)), 0, -1) if shown[-n:] == rows[:n]), 0)


def _rolls(blocks: list[_Block]) -> bool:
    """Whether captions roll up: at least a third begin by repeating the one before or its end, and then go on."""
    texts = [[plain for row in block.rows if (plain := without_markup(row))] for block in blocks]
    again = 0
    for before, rows in pairwise(texts := [rows for rows in texts if rows]):
        grows = rows != before and f"{' '.join(rows)} ".startswith(f"{' '.join(before)} ")  # word by word
        again += grows or 0 < _repeated(before, rows) < len(rows)
    return len(texts) > 2 and again * 3 >= len(texts)
