"""Moments: where in a recording what was looked for is spoken about, with who speaks, when, and the words around it.

A moment is the stretch of talk with the most different words of the question, as long as one tells a thing in; it may
run over several turns, each with the name of its speaker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from zunda_mcp.results.recordings import Recording, Spoken
from zunda_mcp.results.snippets import Marked, find
from zunda_mcp.text.normalize import normalize
from zunda_mcp.text.timestamps import timestamp

__all__ = ["MOST_MOMENTS", "MomentTexts", "SpokenMoment", "best_moments", "moments_text"]

MOST_MOMENTS = 3
"""How many moments of one episode are shown."""
_STRETCH = 600
"""Characters of talk in which a thing is told: about forty seconds."""
_BEFORE, _AFTER = 300, 600
"""Characters before and after the words that a moment may show."""
_MOST_SPANS = 2000
_MANY = 300
"""Characters of a snippet from which on further moments have a part of it."""


class SpokenMoment(NamedTuple):
    """A moment, and what is said around it, the words marked."""

    spoken: Spoken
    text: Marked


@dataclass(frozen=True, slots=True)
class MomentTexts(Marked):
    """The best moment of an episode as a snippet is cut from it, and in longer snippets the next best."""

    others: tuple[Marked, ...] = ()

    def snippet(self, size: int) -> str:
        """The best moment in about ``size`` characters, or all in so many together."""
        if size < _MANY or not self.others:
            return Marked.snippet(self, size)
        share = size // (len(self.others) + 2)
        return " ".join([Marked.snippet(self, 2 * share), *(one.snippet(share) for one in self.others)])

    def least(self, size: int) -> int:
        """The fewest characters that ``snippet(size)`` can have."""
        if size < _MANY or not self.others:
            return Marked.least(self, size)
        share = size // (len(self.others) + 2)
        return Marked.least(self, 2 * share) + sum(one.least(share) + 1 for one in self.others)


def best_moments(
    recording: Recording, words: Sequence[str], passage: str = "", most: int = MOST_MOMENTS
) -> list[SpokenMoment]:
    """The moments of a recording that speak of the most of some normalised ``words``, best first; of equals those in
    the ``passage`` with this id, then those that say them most often, then the earliest. Those after the first hold as
    many of the words as the first does.
    """
    spans = find(recording.text, words)[:_MOST_SPANS]
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
        if len(chosen) == most or different > valued[0][0]:
            break
        if all(abs(left - other) > _STRETCH for other, _ in chosen):
            chosen.append((left, right))
    return [SpokenMoment(recording.at(left), _around(recording, left, right, words)) for left, right in chosen]


def moments_text(moments: Sequence[SpokenMoment]) -> Marked:
    """What a snippet of an episode is cut from, each moment with its time and speaker before it."""
    first, *others = (replace(moment.text, label=_label(moment.spoken)) for moment in moments)
    return MomentTexts(first.text, first.spans, first.label, tuple(others))


def _around(recording: Recording, left: int, right: int, words: Sequence[str]) -> Marked:
    """What is said around a stretch: the end of the turn before it, the turns themselves, and what follows."""
    begin, _ = recording.turn_at(left)
    start = max(begin - _BEFORE // 2, left - _BEFORE, 0)
    return Marked.of(recording.named(start, min(right + _AFTER, len(recording.text))), words)


def _label(spoken: Spoken) -> str:
    """``(spoken from 12:34 by Ann) ``, as far as it is known."""
    when = f" from {timestamp(spoken.second)}" if spoken.second is not None else ""
    return f"(spoken{when}{f' by {spoken.speaker}' if spoken.speaker else ''}) "
