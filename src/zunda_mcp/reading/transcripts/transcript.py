"""What a transcript is: who said what when, and where its sections begin. Times are seconds into the recording."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

_WIDE = "\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef"
_SPACE = re.compile(r"\s+")
_BROKEN_WIDE = re.compile(rf"(?<=[{_WIDE}])[ \t]*\n\s*(?=[{_WIDE}])")
_ENDS_WIDE = re.compile(rf"[{_WIDE}]\Z")
_BEGINS_WIDE = re.compile(rf"[{_WIDE}]")
_BEGINS_CLOSING = re.compile(r"[,.;:!?…)\]}»”’%]")


class Cue(NamedTuple):
    """Something said. ``start``, ``end`` and ``speaker`` are ``None`` where the source does not say."""

    start: float | None
    end: float | None
    speaker: str | None
    text: str


class Section(NamedTuple):
    """The beginning of a part: a chapter, or a story with the ``url`` it is about."""

    start: float | None
    title: str
    url: str | None


class Fault(NamedTuple):
    """What is wrong in a transcript: the line from 1 where it is known, and one sentence."""

    line: int | None
    cause: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """Cues in the order in which they were said; ``language`` as the source names it (``ja``, ``en-US``)."""

    cues: tuple[Cue, ...] = ()
    sections: tuple[Section, ...] = ()
    language: str | None = None

    @property
    def timed(self) -> bool:
        """Whether any cue has a time."""
        return any(cue.start is not None for cue in self.cues)


class TranscriptResult(NamedTuple):
    """What a reader returns: never an error, at worst an empty transcript and what was wrong."""

    transcript: Transcript
    faults: list[Fault]


class Placed(NamedTuple):
    """A cue and the line it begins on, as readers gather them."""

    line: int | None
    cue: Cue


def in_order(placed: Iterable[Placed], faults: list[Fault]) -> tuple[Cue, ...]:
    """The cues by time, where all have one and they are not; the first that steps back is a fault."""
    kept = [item for item in placed if item.cue.text]
    last = -1.0
    if any(item.cue.start is None for item in kept):
        return tuple(item.cue for item in kept)
    for line, cue in kept:
        start = cue.start or 0.0
        if start < last:
            faults.append(Fault(line, "This cue begins before the one above it; all were put in the order of time."))
            return tuple(sorted((item.cue for item in kept), key=lambda cue: cue.start or 0.0))
        last = start
    return tuple(item.cue for item in kept)


def folded(text: str) -> str:
    """Text on one line; where Japanese was broken over lines, without a space."""
    return _SPACE.sub(" ", _BROKEN_WIDE.sub("", text)).strip()


def joined(first: str, second: str) -> str:
    """Two pieces of speech as one: with a space, but not inside Japanese and not before a closing sign."""
    if not first or not second:
        return first or second
    if _BEGINS_CLOSING.match(second) or (_ENDS_WIDE.search(first) and _BEGINS_WIDE.match(second)):
        return first + second
    return f"{first} {second}"


def moments_of(cues: Iterable[Cue]) -> tuple[tuple[int, float], ...]:
    """When the text of some cues (``as_text``) is said: for each cue with a time, about where in it, and that time."""
    found: list[tuple[int, float]] = []
    at, speaker = 0, None
    for place, cue in enumerate(cues):
        at += bool(place)
        if cue.speaker and (not place or cue.speaker != speaker):
            at += len(cue.speaker) + 2
        if cue.start is not None and (not found or cue.start > found[-1][1]):
            found.append((at, cue.start))
        at, speaker = at + len(cue.text), cue.speaker
    return tuple(found)


def as_text(cues: Iterable[Cue]) -> str:
    """Cues as text: a line for each turn, with the speaker's name before it where one is known."""
    lines: list[str] = []
    speaker: str | None = None
    for cue in cues:
        if lines and cue.speaker == speaker:
            lines[-1] = joined(lines[-1], cue.text)
        else:
            lines.append(f"{cue.speaker}: {cue.text}" if cue.speaker else cue.text)
            speaker = cue.speaker
    return "\n".join(lines)
