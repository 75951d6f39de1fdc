"""The speech of an episode as one text, in which each place has a speaker and a second; and the moments at which it
speaks of the words of a question.

A moment is the stretch of speech with the most different words of the question, about as long as it takes to say one
thing. It may run over several turns, each with the name of its speaker.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from zunda_mcp.engine.base import SpokenTurn, StoredDocument, TurnMoment
from zunda_mcp.reading.transcripts.written_turns import written_turns
from zunda_mcp.results.snippets import Marked, find_spans
from zunda_mcp.text.markdown_text import has_markup, reading
from zunda_mcp.text.normalize import normalize
from zunda_mcp.text.timestamps import timestamp

__all__ = ["Recording", "Spoken", "SpokenMoment", "best_moments", "moments_text"]

_PASSAGE = 900
"""The least length of a passage in characters before it is cut (``zunda_mcp.reading.transcripts.transcript``)."""


class Spoken(NamedTuple):
    """A moment of a recording. ``id`` is that of the story or passage that contains it."""

    speaker: str | None
    second: float | None
    id: str


class Recording:
    """The turns of an episode; ``text`` has a line for each, as it reads, without the names of the speakers."""

    def __init__(self, turns: Sequence[SpokenTurn]) -> None:
        self._turns = turns
        self._texts = [reading(turn.text) if has_markup(turn.text) else turn.text for turn in turns]
        self._starts: list[int] = []
        at = 0
        for text in self._texts:
            self._starts.append(at)
            at += len(text) + 1
        self.text = "\n".join(self._texts)

    @classmethod
    def written(cls, markdown: str, document: StoredDocument) -> Recording:
        """The speech that stands in a document's text with its times; empty if the text is no such speech."""
        text = reading(markdown)
        turns = written_turns(text, document.entry.hosts)
        return cls(
            [
                SpokenTurn(one.speaker, text[one.start : one.end].rstrip(), (TurnMoment(0, one.second, document.id),))
                for one in turns
                if one.second is not None
            ]
        )

    def at(self, place: int) -> Spoken:
        """Return the moment of a place in the text."""
        turn = max(bisect_right(self._starts, place) - 1, 0)
        moment = self._turns[turn].moment(self._in_source(turn, place - self._starts[turn]))
        return Spoken(self._turns[turn].speaker, moment.second, moment.id)

    def turn_at(self, place: int) -> tuple[int, int]:
        """Return where the turn around a place in the text begins and ends."""
        turn = max(bisect_right(self._starts, place) - 1, 0)
        return self._starts[turn], self._starts[turn] + len(self._texts[turn])

    def named(self, start: int, end: int) -> str:
        """The text from ``start`` to ``end``, with the speaker's name before each turn that begins in it."""
        lines, speaker = [], None
        for turn, begin, text in zip(self._turns, self._starts, self._texts, strict=True):
            piece = text[max(start - begin, 0) : max(end - begin, 0)]
            if piece.strip():
                lines.append(
                    f"{turn.speaker}: {piece}" if begin >= start and turn.speaker not in (None, speaker) else piece
                )
                speaker = turn.speaker
        return "\n".join(lines)

    def extent(self, item: str) -> tuple[int, int] | None:
        """Return where a document's part of the text begins and ends; None if it has none."""
        own = [(start, end) for start, end, other in self._ranges if other == item]
        return (own[0][0], own[-1][1]) if own else None

    def find(self, spoken: str, start: int, end: int) -> int | None:
        """Return where ``spoken`` begins between two places, found by its first words."""
        opening = re.compile(r"\s*".join(map(re.escape, spoken.split()[:_OPENING])))
        match = opening.search(self.text, max(start - _PASSAGE, 0), end)
        return match.start() if match else None

    def stretches(self, ids: Collection[str]) -> list[tuple[int, int]]:
        """Return the parts of the text that these documents cover, each with a passage before and after it."""
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
        """Return a quote without the speakers' names in it."""
        names = {turn.speaker for turn in self._turns if turn.speaker}
        if not any(name in quote for name in names):
            return quote
        named = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
        return re.sub(rf"(?<!\w)(?:\*\*)?(?:{named})(?:\*\*)?[:：](?:\*\*)?\s*", "", quote)

    @cached_property
    def _ranges(self) -> list[tuple[int, int, str]]:
        """The ranges of the text with the document that each belongs to."""
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
    def _in_text(turn: SpokenTurn, text: str, moment: TurnMoment) -> int:
        return moment.place if len(text) == len(turn.text) else moment.place * len(text) // max(len(turn.text), 1)


_OPENING = 40
"""Words that surely identify where something begins."""
_MOST_MOMENTS = 3
"""The most moments of one episode that are shown."""
_STRETCH = 600
"""Characters of speech that it takes to say one thing: about forty seconds."""
_BEFORE, _AFTER = 300, 600
"""Characters before and after the words that a moment may show."""
_MOST_SPANS = 2000
_MANY = 300
"""Characters of a snippet from which on it also shows further moments."""


class SpokenMoment(NamedTuple):
    """A moment, and what is said around it, the words marked."""

    spoken: Spoken
    text: Marked


@dataclass(frozen=True, slots=True)
class _MomentTexts(Marked):
    """The best moment of an episode as a snippet is cut from it, and in longer snippets the next best."""

    others: tuple[Marked, ...] = ()

    def snippet(self, size: int) -> str:
        """Return the best moment in about ``size`` characters, or all moments in that many together."""
        if size < _MANY or not self.others:
            return Marked.snippet(self, size)
        share = size // (len(self.others) + 2)
        return " ".join([Marked.snippet(self, 2 * share), *(one.snippet(share) for one in self.others)])

    def least(self, size: int) -> int:
        """Return the fewest characters that ``snippet(size)`` can have."""
        if size < _MANY or not self.others:
            return Marked.least(self, size)
        share = size // (len(self.others) + 2)
        return Marked.least(self, 2 * share) + sum(one.least(share) + 1 for one in self.others)


def best_moments(
    recording: Recording, words: Sequence[str], passage: str = "", *, alone: bool = False, window: str = ""
) -> list[SpokenMoment]:
    """The moments of a recording that speak of the most of some normalised ``words``, best first; of equals those in
    the ``passage`` with this id, then those that say them most often, then the earliest. Those after the first hold as
    many of the words as the first does. ``alone`` looks into the passage and nowhere else: where no word stands in it,
    its beginning is the moment. A ``window`` of it, as it is spoken, is the moment itself.
    """
    spans = find_spans(recording.text, words)
    if alone and (extent := recording.extent(passage)):
        if window and (begin := recording.find(window, *extent)) is not None:
            text = recording.named(begin, begin + len(window))
            return [SpokenMoment(recording.at(begin), Marked.of(text, words))]
        spans = [(left, right) for left, right in spans if extent[0] <= left < extent[1]]
        if not spans:
            return [SpokenMoment(recording.at(extent[0]), Marked.of(recording.named(*extent), ()))]
    spans = spans[:_MOST_SPANS]
    texts = [normalize(recording.text[left:right]) for left, right in spans]
    valued: list[tuple[int, bool, int, int, int]] = []
    last = 0
    for first, (left, _) in enumerate(spans):
        last = max(last, first)
        while last < len(spans) and spans[last][1] <= left + _STRETCH:
            last += 1
        elsewhere = recording.at(left).id != passage
        valued.append((-len(set(texts[first:last])), elsewhere, first - last, left, spans[max(last - 1, first)][1]))
    valued.sort()
    chosen: list[tuple[int, int]] = []
    for different, _, _, left, right in valued:
        if len(chosen) == _MOST_MOMENTS or different > valued[0][0]:
            break
        if all(abs(left - other) > _STRETCH for other, _ in chosen):
            chosen.append((left, right))
    return [SpokenMoment(recording.at(left), _around(recording, left, right, words)) for left, right in chosen]


def moments_text(moments: Sequence[SpokenMoment], passage: str) -> Marked:
    """What a snippet of an episode is cut from, each moment with its time and speaker before it, and with its place in
    the episode where it is not in the ``passage`` with this id.
    """
    first, *others = (replace(moment.text, label=_label(moment.spoken, passage)) for moment in moments)
    return _MomentTexts(first.text, first.spans, first.label, tuple(others))


def _around(recording: Recording, left: int, right: int, words: Sequence[str]) -> Marked:
    """Return the speech around a stretch: the end of the turn before it, the turns themselves, and what follows."""
    begin, _ = recording.turn_at(left)
    start = max(begin - _BEFORE // 2, left - _BEFORE, 0)
    stretch = recording.text[left:right]
    over_turns = [stretch[a:b] for a, b in find_spans(stretch, words) if "\n" in stretch[a:b]]
    parts = [normalize(part) for over in over_turns for part in over.split("\n")]
    return Marked.of(recording.named(start, min(right + _AFTER, len(recording.text))), [*words, *parts])


def _label(spoken: Spoken, passage: str) -> str:
    """``(spoken in #3 from 12:34 by Ann) ``, as far as it is known, and no place within ``passage``."""
    place = f" in #{spoken.id.rpartition('#')[2]}" if spoken.id != passage else ""
    when = f" from {timestamp(spoken.second)}" if spoken.second is not None else ""
    return f"(spoken{place}{when}{f' by {spoken.speaker}' if spoken.speaker else ''}) "
