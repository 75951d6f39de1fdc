"""Find the turns that a text writes out: who speaks which part of it, and at which second, as far as the text says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.timestamps import STAMP, seconds_of

__all__ = ["WrittenTurn", "name_at", "speakers_of", "turn_at", "written_turns"]

_NAMED = re.compile(r"([^:\n]{1,60}): ")
_NAMED_LINE = re.compile(rf"^{_NAMED.pattern}", re.MULTILINE)
_TIMED_LINE = lazy_pattern(
    rf"^(?:(?![a-z])([^\W\d][^\n:\[\]()]{{0,40}}?)[ \t]+)?[\[(]({STAMP})[\])][ \t]*", re.MULTILINE
)
"""A line that begins with a time in brackets, perhaps after a name."""
_MOST_FALLING = 10
"""Times needed for each one that is earlier than the one before it, as in transcripts of people who talk at once."""


class WrittenTurn(NamedTuple):
    """What one speaker says: a range of offsets in a text, without the name and the time before it."""

    start: int
    end: int
    speaker: str | None
    second: float | None


def speakers_of(texts: Sequence[str], hosts: Sequence[str]) -> set[str]:
    """Return the speakers among the names before colons at the beginnings of lines: hosts, and names that occur again.
    If most lines begin with one of these, the other names are speakers, too.
    """
    lines = [line for text in texts for line in text.split("\n")]
    counts = Counter(match[1] for line in lines if (match := _NAMED.match(line)))
    returning = {name: count for name, count in counts.items() if count > 1 or name in hosts}
    return set(counts) if sum(returning.values()) * 2 > len(lines) else set(returning)


def name_at(text: str, place: int) -> re.Match[str] | None:
    """Match what may be a speaker's name at ``place``, the beginning of a line; the first group is the name."""
    return _NAMED.match(text, place)


def written_turns(text: str, hosts: Sequence[str]) -> list[WrittenTurn]:
    """Return the turns in a text. If most lines begin with times that ascend, a turn lasts from each time to the next,
    and a speaker once named speaks until another is named. If not, a turn is a line that begins with a speaker's name.
    """
    lines = text.count("\n") + 1
    timed = list(_TIMED_LINE.finditer(text))
    times = [seconds_of(match[2]) or 0.0 for match in timed]
    falling = sum(second < before for before, second in pairwise(times))
    if 2 * len(timed) <= lines or falling * _MOST_FALLING > len(times):
        speakers = speakers_of([text], hosts) if ": " in text else ()
        named = [match for match in _NAMED_LINE.finditer(text) if match[1] in speakers]
        return [WrittenTurn(match.end(), _line_end(text, match.end()), match[1], None) for match in named]
    turns: list[WrittenTurn] = []
    speaker = None
    ends = [*(match.start() for match in timed[1:]), len(text)]
    for match, second, end in zip(timed, times, ends, strict=True):
        speaker = match[1] or speaker
        turns.append(WrittenTurn(match.end(), end, speaker, second))
    return turns


def turn_at(text: str, place: int, hosts: Sequence[str]) -> WrittenTurn | None:
    """Return the turn at the offset ``place`` of a text; ``None`` if there is none."""
    return next((turn for turn in written_turns(text, hosts) if turn.start <= place < turn.end), None)


def _line_end(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end
