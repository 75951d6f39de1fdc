"""The transcript of an episode, from the pieces that its documents have: its turns, their speakers and times."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from zunda_mcp.engine.base import SpokenTurn, TurnMoment
from zunda_mcp.index import schema
from zunda_mcp.index.reader import RecordReader
from zunda_mcp.reading.transcripts.written_turns import name_at, speakers_of
from zunda_mcp.text.lazy_pattern import lazy_pattern

__all__ = ["overlap", "turns_of"]

_LONGEST_OVERLAP = 320
"""Characters: cues of a third of a passage (``zunda_mcp.reading.transcripts.transcript``), with what joins them."""
_SHORTEST_OVERLAP = 8
_CLOSED_UP = lazy_pattern(r"[\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]")


class _Piece(NamedTuple):
    """The speech of one document as indexed."""

    document: int
    id: str
    text: str
    seconds: tuple[tuple[int, float], ...]


def turns_of(reader: RecordReader, episode_id: str) -> list[SpokenTurn]:
    """Return the turns of an episode in the order in which they are spoken; none if it has no transcript."""
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


def overlap(before: str, text: str) -> int:
    """Return how many characters of a passage repeat the end of the one before it. The speaker's name at its beginning
    may be repeated or new.
    """
    named = name_at(text, 0)
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
    """The turns of a piece from ``skipped`` on, one for each line. A line without a name belongs to the speaker before
    it, at the beginning to ``speaker``; one without a time has the time before it, at the beginning ``second``.
    """
    start = 0
    for line in piece.text.split("\n"):
        end = start + len(line)
        named = name_at(line, 0)
        begin = start
        if named and named[1] in speakers:
            speaker, begin = named[1], start + named.end()
        left = max(begin, skipped)
        left += len(piece.text[left:end]) - len(piece.text[left:end].lstrip())
        if left < end:
            yield SpokenTurn(speaker, piece.text[left:end], _moments(piece, left, end, second))
        start = end + 1


def _moments(piece: _Piece, left: int, right: int, before: float | None) -> tuple[TurnMoment, ...]:
    """The moments of a stretch of a piece, the first at its beginning."""
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
