"""Shrink a timeline to ``max_chars``: the library returns every period, and a client wants an answer of a certain size.

The answer itself names what was left out, so that both its text and its structured content do.
"""

from __future__ import annotations

from collections.abc import Iterator

from zunda_mcp.answers import Cited, Timeline
from zunda_mcp.rendering.answer_text import timeline
from zunda_mcp.rendering.sanitize import shorten
from zunda_mcp.results.sizing import bound, json_size, tightened

__all__ = ["shrink_timeline"]

_ONE_PERIOD = 160
"""Characters kept free for one period as JSON, with the sentence that names the periods left out."""


def shrink_timeline(answer: Timeline, max_chars: int) -> Timeline:
    """The timeline in at most ``max_chars`` characters, as text and as JSON.

    Empty periods go first, then episodes and suggestions, then all but the latest periods.

    Raises:
        ArgumentError: Not even the totals fit; the message names a ``max_chars`` that works.
    """
    smaller = answer
    for smaller in _smaller(answer):
        if _size(smaller) <= max_chars:
            return smaller
    frame = tightened(smaller.model_copy(update={"periods": []}), max_chars - _ONE_PERIOD)
    return bound(_with_latest(frame, smaller, max_chars), max_chars)


def _size(answer: Timeline) -> int:
    return max(json_size(answer), len(timeline(answer)))


def _smaller(answer: Timeline) -> Iterator[Timeline]:
    """The timeline itself, then smaller and smaller ones that keep every period with a story."""
    yield answer
    full = [period for period in answer.periods if period.stories]
    understood = answer.understood
    if len(full) < len(answer.periods):
        understood = f"{understood}; periods without a story are left out"
    yield answer.model_copy(update={"periods": full, "understood": understood})
    less = answer.model_copy(update={"periods": full, "understood": understood, "suggestions": []})
    for busy in (3, 1, 0):
        yield (less := less.model_copy(update={"busiest": less.busiest[:busy]}))
    short = {name: _short(mention) for name, mention in (("first", answer.first), ("last", answer.last))}
    yield less.model_copy(update={**short, "topic": shorten(answer.topic, 80), "understood": shorten(understood, 110)})


def _with_latest(frame: Timeline, answer: Timeline, max_chars: int) -> Timeline:
    """``frame`` with as many of the latest periods as there is room for, and a note that earlier ones are left out."""
    smaller = frame
    longer = {"week": ' or by="month"', "month": ' or by="year"', "year": ""}[answer.by]
    for start in range(1, len(answer.periods) + 1):
        periods = answer.periods[start:]
        cut = f"only periods from {periods[0].period} on" if periods else "no periods"
        note = f"{frame.understood}; {cut}, a larger max_chars{longer} shows all"
        smaller = frame.model_copy(update={"periods": periods, "understood": note})
        if _size(smaller) <= max_chars:
            break
    return smaller


def _short(mention: Cited | None) -> Cited | None:
    if mention is None:
        return None
    return mention.model_copy(
        update={"title": shorten(mention.title, 36), "episode_title": shorten(mention.episode_title, 36)}
    )
