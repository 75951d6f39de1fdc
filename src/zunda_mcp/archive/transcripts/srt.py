"""SubRip (``.srt``): no standard, so whatever can be understood is.

Numbers may be missing or wrong, blank lines may be missing or stand inside a text, times have ``,`` or ``.``.
"""

from __future__ import annotations

from zunda_mcp.archive.transcripts.captions import ARROW, Block, cues_of, timed, with_speakers
from zunda_mcp.archive.transcripts.model import Fault, Heard, Transcript, in_order


def read(text: str) -> Heard:
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
    return Heard(Transcript(in_order(placed, faults)), faults)
