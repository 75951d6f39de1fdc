"""Speech as it reads, a line or more to a turn: who speaks each part, and at what second where that is written."""

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
"""Of so many times one may be before the last: where people talk at once, published transcripts have such."""


class WrittenTurn(NamedTuple):
    """A part of a text that is speech, without the name and the time before it, so far as it has either."""

    start: int
    end: int
    speaker: str | None
    second: float | None


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


def written_turns(text: str, hosts: Sequence[str]) -> list[WrittenTurn]:
    """The turns that are written out in a text as it reads. Where most lines begin with times that ascend, each goes on
    to the next of them, and who is named once speaks until another is; else lines that begin with names of speakers.
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
    """The turn written out in a text that a place in it belongs to."""
    return next((turn for turn in written_turns(text, hosts) if turn.start <= place < turn.end), None)


def _line_end(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end
