"""The model of a transcript: cues (who said what and when), sections, passages. Times are seconds into the recording.

Passages leave no text out. A passage ends where a cue ends, or a sentence of a long cue, and the next one begins with
the last turn or cue again if that is short. Passage retrieval uses such overlapping windows (Callan, "Passage-level
evidence in document retrieval", SIGIR 1994); it needs no boundaries of topics, as TextTiling finds them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from zunda_mcp.text.lazy_pattern import lazy_pattern

__all__ = [
    "SIZE", "Cue", "Fault", "Passage", "Section", "Transcript", "as_text", "folded", "in_order",
    "joined", "moments_of", "passages", "span", "speakers_of",
]  # fmt: skip

_WIDE = "\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef"
_SPACE = lazy_pattern(r"\s+")
_BROKEN_WIDE = lazy_pattern(rf"(?<=[{_WIDE}])[ \t]*\n\s*(?=[{_WIDE}])")
_ENDS_WIDE = lazy_pattern(rf"[{_WIDE}]\Z")
_BEGINS_WIDE = lazy_pattern(rf"[{_WIDE}]")
_BEGINS_CLOSING = lazy_pattern(r"[,.;:!?…)\]}»”’%]")


class Cue(NamedTuple):
    """A piece of speech. ``start``, ``end`` and ``speaker`` are ``None`` if the source does not state them. ``line`` is
    the number of its first line (from 1); ``in_order`` removes it.
    """

    start: float | None
    end: float | None
    speaker: str | None
    text: str
    line: int | None = None


class Section(NamedTuple):
    """The beginning of a chapter, or of a story with the address of what it is about."""

    start: float | None
    title: str
    url: str | None


class Fault(NamedTuple):
    """A fault in a transcript: its line (from 1) if known, and one sentence."""

    line: int | None
    cause: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """Cues in the order in which they are spoken; if there are none, the faults may say why."""

    cues: tuple[Cue, ...] = ()
    sections: tuple[Section, ...] = ()
    faults: Sequence[Fault] = ()

    @property
    def timed(self) -> bool:
        """Whether any cue has a time."""
        return any(cue.start is not None for cue in self.cues)


def in_order(cues: Iterable[Cue], faults: list[Fault]) -> tuple[Cue, ...]:
    """Return the cues with text, sorted by time if each has one. If any is out of order, the first becomes a fault."""
    spoken = [cue for cue in cues if cue.text]
    if all(cue.start is not None for cue in spoken):
        wrong = next((cue for before, cue in pairwise(spoken) if (cue.start or 0.0) < (before.start or 0.0)), None)
        if wrong is not None:
            cause = "This cue begins before the one above it; all were put in the order of time."
            faults.append(Fault(wrong.line, cause))
            spoken.sort(key=lambda cue: cue.start or 0.0)
    return tuple(cue._replace(line=None) for cue in spoken)


def span(
    start: float | None, end: float | None, what: str, faults: list[Fault], line: int | None = None
) -> tuple[float | None, float | None]:
    """Return both times of ``what`` as far as they can be used; ``faults`` gets what is wrong with them."""
    if start is None:
        faults.append(Fault(line, f"{what} has no time; its text was kept without one."))
    elif end is not None and end < start:
        faults.append(Fault(line, f"{what} ends before it begins; only its beginning was kept."))
        return start, None
    return start, end


def folded(text: str) -> str:
    """Return text on one line; Japanese that was broken over lines is joined without a space."""
    return _SPACE.sub(" ", _BROKEN_WIDE.sub("", text)).strip()


def joined(first: str, second: str) -> str:
    """Join two pieces of speech with a space, but not inside Japanese and not before closing punctuation."""
    if not first or not second:
        return first or second
    if _BEGINS_CLOSING.match(second) or (_ENDS_WIDE.search(first) and _BEGINS_WIDE.match(second)):
        return first + second
    return f"{first} {second}"


def moments_of(cues: Iterable[Cue]) -> tuple[tuple[int, float], ...]:
    """Return at which times the ``as_text`` of these cues is spoken: pairs of an approximate offset and a second."""
    moments: list[tuple[int, float]] = []
    at, speaker = 0, None
    for place, cue in enumerate(cues):
        at += bool(place)
        if cue.speaker and (not place or cue.speaker != speaker):
            at += len(cue.speaker) + 2
        if cue.start is not None and (not moments or cue.start > moments[-1][1]):
            moments.append((at, cue.start))
        at, speaker = at + len(cue.text), cue.speaker
    return tuple(moments)


def as_text(cues: Iterable[Cue]) -> str:
    """Return cues as text: one line for each turn, which begins with the speaker's name if that is known."""
    lines: list[str] = []
    speaker: str | None = None
    for cue in cues:
        if lines and cue.speaker == speaker:
            lines[-1] = joined(lines[-1], cue.text)
        else:
            lines.append(f"{cue.speaker}: {cue.text}" if cue.speaker else cue.text)
            speaker = cue.speaker
    return "\n".join(lines)


# --- passages

SIZE = 900
"""Characters of a passage: about a minute of English speech."""
_PIECE = SIZE // 6
"""Characters of a piece of a cue that is longer than a passage: about a sentence, as a caption has."""
_SENTENCE = lazy_pattern(r"(?<=[。．！？!?])\s*|(?<=\.)\s+")
_WORDS = lazy_pattern(rf"\S.{{0,{_PIECE - 1}}}(?!\S)|\S{{1,{_PIECE}}}")


class Passage(NamedTuple):
    """A stretch of a transcript that begins at second ``start``; ``text`` has one line for each turn. ``moments`` are
    pairs of an approximate offset in ``text`` and the second at which that is spoken.
    """

    start: float | None
    text: str
    moments: tuple[tuple[int, float], ...] = ()


_MOST_SPEAKERS = 20


def speakers_of(names: Iterable[str | None]) -> tuple[str, ...]:
    """Return the names that occur twice or more, in the order of their first uses, but not those with a digit."""
    named = ((name, count) for name, count in Counter(names).items() if name and count > 1)
    return tuple(name for name, _ in named if not any(map(str.isdigit, name)))[:_MOST_SPEAKERS]


def passages(cues: Sequence[Cue], size: int = SIZE) -> list[Passage]:
    """Cut cues into passages of about ``size`` characters; a long cue may make one up to a third longer."""
    pieces = [piece for cue in cues for piece in _pieces(cue, size)]
    cut: list[Passage] = []
    at = end = 0
    while end < len(pieces):
        end, length = at, 0
        while end < len(pieces) and (length < size // 3 or length + len(pieces[end].text) <= size):
            length += len(pieces[end].text)
            end += 1
        part = pieces[at:end]
        start = next((piece.start for piece in part if piece.start is not None), None)
        cut.append(Passage(start, as_text(part), moments_of(part)))
        at = _overlap(pieces, at, end, size // 3)
    return cut


def _overlap(pieces: Sequence[Cue], start: int, end: int, most: int) -> int:
    """Return where the next passage begins: at the last turn of this one, or at its last cue, if that is no longer than
    ``most`` characters; else after it.
    """
    turn = end - 1
    while turn > start + 1 and pieces[turn - 1].speaker == pieces[end - 1].speaker and pieces[turn].speaker:
        turn -= 1
    for begin in (turn, end - 1):
        if begin > start and sum(len(piece.text) for piece in pieces[begin:end]) <= most:
            return begin
    return end


def _pieces(cue: Cue, size: int) -> list[Cue]:
    """Return a cue, or if it has more than ``size`` characters, its sentences or parts of them, timed evenly."""
    if len(cue.text) <= size:
        return [cue]
    texts: list[str] = []
    for part in (part for sentence in _SENTENCE.split(cue.text) for part in _WORDS.findall(sentence)):
        if texts and len(texts[-1]) + len(part) < _PIECE:
            texts[-1] = f"{texts[-1]} {part}" if texts[-1][-1:].isascii() else texts[-1] + part
        else:
            texts.append(part)
    start, length = cue.start, (cue.end or 0.0) - (cue.start or 0.0)
    timed = start is not None and cue.end is not None
    times = [round((start or 0.0) + length * at / len(texts), 3) if timed else start for at in range(len(texts))]
    ends = [*([None] * (len(texts) - 1)), cue.end]
    return [Cue(start, end, cue.speaker, text) for start, end, text in zip(times, ends, texts, strict=True)]
