"""WebVTT (W3C, https://www.w3.org/TR/webvtt1/), read more kindly than the standard asks.

Hours are optional, ``,`` stands for ``.``, settings, notes, styles and regions are passed over, and so is the
``X-TIMESTAMP-MAP`` of streams. Captions that roll up, as YouTube makes them by itself, say each line once.
"""

from __future__ import annotations

import re

from zunda_mcp.archive.transcripts.captions import ARROW, Block, cues_of, timed, with_speakers, without_markup
from zunda_mcp.archive.transcripts.model import Fault, Heard, Transcript, in_order

_LANGUAGE = re.compile(r"language[ \t]*:[ \t]*([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)[ \t]*\Z", re.IGNORECASE)
_ASIDE = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|\Z)")
_WORD_TIME = re.compile(r"<\d[\d:.]*>")


def read(text: str) -> Heard:
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
    return Heard(Transcript(in_order(placed, faults), (), language), faults)


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
