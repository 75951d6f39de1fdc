"""What is spoken in an episode as one text, in which a place is a moment: who speaks, and at what second."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Sequence
from functools import cached_property
from typing import NamedTuple

from zunda_mcp.engine.base import Moment, Turn
from zunda_mcp.text.markdown_text import has_markup, reading

__all__ = ["Recording", "Spoken"]

_PASSAGE = 900
"""Characters that a passage has at least before it is cut (``zunda_mcp.reading.transcripts.passages``)."""


class Spoken(NamedTuple):
    """Where in a recording something is said. ``id`` is that of the story or passage that has it."""

    speaker: str | None
    second: float | None
    id: str


class Recording:
    """The turns of an episode; ``text`` has a line for each, as it reads, without the names of the speakers."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._turns = turns
        self._texts = [reading(turn.text) if has_markup(turn.text) else turn.text for turn in turns]
        self._starts: list[int] = []
        at = 0
        for text in self._texts:
            self._starts.append(at)
            at += len(text) + 1
        self.text = "\n".join(self._texts)

    def at(self, place: int) -> Spoken:
        """The moment of a place in the text."""
        turn = max(bisect_right(self._starts, place) - 1, 0)
        moment = self._turns[turn].moment(self._in_source(turn, place - self._starts[turn]))
        return Spoken(self._turns[turn].speaker, moment.second, moment.id)

    def turn_at(self, place: int) -> tuple[int, int]:
        """Where the turn begins and ends that a place in the text belongs to."""
        turn = max(bisect_right(self._starts, place) - 1, 0)
        return self._starts[turn], self._starts[turn] + len(self._texts[turn])

    def named(self, start: int, end: int) -> str:
        """A part of the text with the name of its speaker before each turn that begins in it."""
        lines, speaker = [], None
        for turn, begin, text in zip(self._turns, self._starts, self._texts, strict=True):
            piece = text[max(start - begin, 0) : max(end - begin, 0)]
            if piece.strip():
                lines.append(
                    f"{turn.speaker}: {piece}" if begin >= start and turn.speaker not in (None, speaker) else piece
                )
                speaker = turn.speaker
        return "\n".join(lines)

    def stretches(self, ids: Collection[str]) -> list[tuple[int, int]]:
        """The parts of the text that some documents have, each with what stands a passage before and after it."""
        wanted: list[tuple[int, int]] = []
        for start, end, item in self._ranges:
            if item in ids:
                left, right = max(start - _PASSAGE, 0), min(end + _PASSAGE, len(self.text))
                if wanted and left <= wanted[-1][1]:
                    wanted[-1] = (wanted[-1][0], right)
                else:
                    wanted.append((left, right))
        return wanted

    def without_names(self, quote: str) -> str:
        """A quote without the names of speakers that stand before what they say."""
        names = {turn.speaker for turn in self._turns if turn.speaker}
        if not any(name in quote for name in names):
            return quote
        named = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
        return re.sub(rf"(?<!\w)(?:\*\*)?(?:{named})(?:\*\*)?[:：](?:\*\*)?\s*", "", quote)

    @cached_property
    def _ranges(self) -> list[tuple[int, int, str]]:
        """Which document has which part of the text."""
        ranges = []
        for turn, start, text in zip(self._turns, self._starts, self._texts, strict=True):
            places = [self._in_text(turn, text, moment) for moment in turn.moments]
            for moment, left, right in zip(turn.moments, places, [*places[1:], len(text)], strict=True):
                ranges.append((start + left, start + right, moment.id))
        return ranges

    def _in_source(self, turn: int, place: int) -> int:
        """About where a place in a turn as it reads stands in the turn as it is written."""
        read, source = len(self._texts[turn]), len(self._turns[turn].text)
        return place if read == source else place * source // max(read, 1)

    @staticmethod
    def _in_text(turn: Turn, text: str, moment: Moment) -> int:
        return moment.place if len(text) == len(turn.text) else moment.place * len(text) // max(len(turn.text), 1)
