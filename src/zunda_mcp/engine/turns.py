"""One recording of what is spoken in an episode: its turns, who speaks them, and when."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from zunda_mcp.engine.base import SpokenTurn, TurnMoment
from zunda_mcp.index import schema
from zunda_mcp.index.reader import RecordReader
from zunda_mcp.text.lazy_pattern import lazy_pattern

__all__ = ["name_at", "overlap", "speakers_of", "turns_of"]

_NAMED = re.compile(r"([^:\n]{1,60}): ")
_LONGEST_OVERLAP = 320
"""Characters: cues of a third of a passage (``zunda_mcp.reading.transcripts.transcript``), with what joins them."""
_SHORTEST_OVERLAP = 8
_CLOSED_UP = lazy_pattern(r"[\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]")


class _Piece(NamedTuple):
    """The speech of one document as it is in the index."""

    document: int
    id: str
    text: str
    seconds: tuple[tuple[int, float], ...]


def turns_of(reader: RecordReader, episode_id: str) -> list[SpokenTurn]:
    """The turns of an episode as they are spoken; none if it has no transcript."""
    owner = reader.document(episode_id) if reader.has_speech else None
    if owner is None:
        return []
    documents = reader.keyed(f"episode:{episode_id}")
    speaking = reader.keyed(schema.WITH_SPEECH)
    pieces = [_Piece(d, reader.item(d), reader.speech(d), reader.moments(d)) for d in documents if d in speaking]
    if all(piece.seconds for piece in pieces):
        pieces.sort(key=lambda piece: (piece.seconds[0][1], piece.document))
    speakers = speakers_of([piece.text for piece in pieces], reader.entry_of(owner).hosts)
    passages = reader.passages
    turns: list[SpokenTurn] = []
    before = _Piece(owner, "", "", ())
    for piece in pieces:
        follows = before.document in passages and piece.document in passages
        skipped = overlap(before.text, piece.text) if follows else 0
        speaker = turns[-1].speaker if turns and follows else None
        second = turns[-1].moments[-1].second if turns and follows else None
        for place, turn in enumerate(_turns(piece, skipped, speakers, speaker, second)):
            if follows and not place and turns[-1].speaker == turn.speaker:
                turns[-1] = _joined(turns[-1], turn)
            else:
                turns.append(turn)
        before = piece
    return turns


def speakers_of(texts: Sequence[str], hosts: Sequence[str]) -> set[str]:
    """The names before colons at the beginnings of lines that are those of speakers: hosts, and names that return;
    all of them where most lines have one.
    """
    lines = [line for text in texts for line in text.split("\n")]
    counts = Counter(match[1] for line in lines if (match := _NAMED.match(line)))
    returning = {name: count for name, count in counts.items() if count > 1 or name in hosts}
    return set(counts) if sum(returning.values()) * 2 > len(lines) else set(returning)


def name_at(text: str, place: int) -> re.Match[str] | None:
    """What stands for the name of a speaker at the beginning of a line; its first group is the name."""
    return _NAMED.match(text, place)


def overlap(before: str, text: str) -> int:
    """How many characters of a passage repeat the end of the one before it; its first name may be repeated or new."""
    named = _NAMED.match(text)
    for start in (0, named.end()) if named else (0,):
        head = text[start : start + _SHORTEST_OVERLAP]
        at = before.find(head, max(0, len(before) - _LONGEST_OVERLAP)) if len(head) == _SHORTEST_OVERLAP else -1
        while at >= 0:
            if text.startswith(before[at:], start):
                return start + len(before) - at
            at = before.find(head, at + 1)
    return 0


def _turns(
    piece: _Piece, skipped: int, speakers: set[str], speaker: str | None, second: float | None
) -> Iterator[SpokenTurn]:
    """The turns of a piece from ``skipped`` on, a line each. A line without a name is spoken by whoever spoke before
    it, at the beginning by ``speaker``, and one without a time after the last time, at the beginning ``second``.
    """
    start = 0
    for line in piece.text.split("\n"):
        end = start + len(line)
        named = _NAMED.match(line)
        begin = start
        if named and named[1] in speakers:
            speaker, begin = named[1], start + named.end()
        left = max(begin, skipped)
        left += len(piece.text[left:end]) - len(piece.text[left:end].lstrip())
        if left < end:
            yield SpokenTurn(speaker, piece.text[left:end], _moments(piece, left, end, second))
        start = end + 1


def _moments(piece: _Piece, left: int, right: int, before: float | None) -> tuple[TurnMoment, ...]:
    """The moments of a stretch of a piece, the first of them at its beginning."""
    places = [place for place, _ in piece.seconds]
    first = bisect_right(places, left) - 1
    second = piece.seconds[first][1] if first >= 0 else before
    if second is None and piece.seconds:
        second = piece.seconds[0][1]
    within = piece.seconds[max(first + 1, 0) : bisect_right(places, right - 1)]
    return (
        TurnMoment(0, second, piece.id),
        *(TurnMoment(place - left, at, piece.id) for place, at in within),
    )


def _joined(first: SpokenTurn, second: SpokenTurn) -> SpokenTurn:
    closed_up = _CLOSED_UP.match(first.text[-1:]) and _CLOSED_UP.match(second.text[:1])
    text = f"{first.text}{'' if closed_up else ' '}"
    moved = (moment._replace(place=moment.place + len(text)) for moment in second.moments)
    return SpokenTurn(first.speaker, text + second.text, (*first.moments, *moved))
