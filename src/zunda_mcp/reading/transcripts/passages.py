"""Cut long transcripts into passages, each about one thing.

A passage ends where a turn or a cue ends, no text is left out, and the next passage begins with the last turn of the
one before. Overlapping windows are what passage retrieval uses (Callan, "Passage-level evidence in document retrieval",
SIGIR 1994); finding needs no boundaries of topics (TextTiling and its kin).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from zunda_mcp.reading.transcripts.transcript import Cue, as_text, moments_of

__all__ = ["SIZE", "Passage", "passages"]

SIZE = 900
"""Characters of a passage, about a minute of speech."""
_SENTENCE = re.compile(r"(?<=[。．！？!?])\s*|(?<=\.)\s+")


class Passage(NamedTuple):
    """A stretch of a transcript from ``start`` on, in seconds; ``text`` has one line for each turn.

    ``moments`` are pairs of an offset in ``text`` and the second at which it is spoken.
    """

    start: float | None
    text: str
    moments: tuple[tuple[int, float], ...] = ()


def passages(cues: Sequence[Cue], size: int = SIZE) -> list[Passage]:
    """Cut cues into passages of about ``size`` characters; one long turn may make a passage up to twice as long."""
    pieces = [piece for cue in cues for piece in _pieces(cue, size)]
    cut: list[Passage] = []
    at = 0
    while at < len(pieces):
        end, length = at, 0
        while end < len(pieces) and (length < size // 3 or length + len(pieces[end].text) <= size):
            length += len(pieces[end].text)
            end += 1
        cut.append(_passage(pieces[at:end]))
        if end >= len(pieces):
            break
        at = _overlap(pieces, at, end, size // 3)
    return cut


def _overlap(pieces: Sequence[Cue], start: int, end: int, most: int) -> int:
    """Where the next passage begins: at the last turn of this one if it is short enough, else at its last cue if that
    is, else after it.
    """
    turn = end - 1
    while turn > start + 1 and pieces[turn - 1].speaker == pieces[end - 1].speaker and pieces[turn].speaker:
        turn -= 1
    for begin in (turn, end - 1):
        if begin > start and sum(len(piece.text) for piece in pieces[begin:end]) <= most:
            return begin
    return end


def _pieces(cue: Cue, size: int) -> list[Cue]:
    """A cue, or if it is longer than a passage, groups of its sentences, with times by their share of the text."""
    if len(cue.text) <= size:
        return [cue]
    texts: list[str] = []
    for sentence in _SENTENCE.split(cue.text):
        for at in range(0, len(sentence), size):
            part = sentence[at : at + size]
            if texts and len(texts[-1]) + len(part) < size // 2:
                texts[-1] = f"{texts[-1]} {part}" if texts[-1][-1:].isascii() else texts[-1] + part
            elif part:
                texts.append(part)
    times = [_between(cue, at / len(texts)) for at in range(len(texts))]
    ends = [*([None] * (len(texts) - 1)), cue.end]
    return [Cue(start, end, cue.speaker, text) for start, end, text in zip(times, ends, texts, strict=True)]


def _between(cue: Cue, share: float) -> float | None:
    """The time at which about this share of a long cue was spoken; its beginning if its end is unknown."""
    if cue.start is None or cue.end is None:
        return cue.start
    return round(cue.start + (cue.end - cue.start) * share, 3)


def _passage(pieces: Sequence[Cue]) -> Passage:
    start = next((piece.start for piece in pieces if piece.start is not None), None)
    return Passage(start, as_text(pieces), moments_of(pieces))
