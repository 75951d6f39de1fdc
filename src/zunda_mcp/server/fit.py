"""Making a timeline fit: the library answers it whole, and a caller wants it in ``max_chars``.

What is left out is said in the answer itself, so that both the structured content and the text say it.
"""

from __future__ import annotations

from collections.abc import Iterator

from zunda_mcp.answers import Cited, Timeline
from zunda_mcp.search.framing import bound, json_size, tightened
from zunda_mcp.server import render
from zunda_mcp.server.clean import shorten

_ONE_PERIOD = 160
"""More than one period takes as JSON, with the sentence that says which ones are left out."""


def timeline(answer: Timeline, max_chars: int) -> Timeline:
    """Counts over time: without empty periods, then with fewer episodes, then with the latest periods only.

    Raises:
        ArgumentError: Not even the totals fit; the message says which ``max_chars`` would do.
    """
    fitting = answer
    for fitting in _steps(answer):
        if max(json_size(fitting), len(render.timeline(fitting))) <= max_chars:
            return fitting
    frame = tightened(fitting.model_copy(update={"periods": []}), max_chars - _ONE_PERIOD)
    return bound(_with_latest(frame, fitting, max_chars), max_chars)


def _steps(answer: Timeline) -> Iterator[Timeline]:
    yield answer
    full = [period for period in answer.periods if period.stories]
    said = answer.understood
    if len(full) < len(answer.periods):
        said = f"{said}; periods without a story are left out"
    yield answer.model_copy(update={"periods": full, "understood": said})
    less = answer.model_copy(update={"periods": full, "understood": said, "suggestions": []})
    for busy in (3, 1, 0):
        yield (less := less.model_copy(update={"busiest": less.busiest[:busy]}))
    short = {name: _short(mention) for name, mention in (("first", answer.first), ("last", answer.last))}
    yield less.model_copy(update={**short, "topic": shorten(answer.topic, 80), "understood": shorten(said, 110)})


def _with_latest(frame: Timeline, answer: Timeline, max_chars: int) -> Timeline:
    """``frame`` with as many of the latest periods as fit, and that said."""
    found = frame
    longer = {"week": ' or by="month"', "month": ' or by="year"', "year": ""}[answer.by]
    for start in range(1, len(answer.periods) + 1):
        periods = answer.periods[start:]
        cut = f"only periods from {periods[0].period} on" if periods else "no periods"
        note = f"{frame.understood}; {cut}, a larger max_chars{longer} shows all"
        found = frame.model_copy(update={"periods": periods, "understood": note})
        if max(json_size(found), len(render.timeline(found))) <= max_chars:
            break
    return found


def _short(mention: Cited | None) -> Cited | None:
    if mention is None:
        return None
    return mention.model_copy(
        update={"title": shorten(mention.title, 36), "episode_title": shorten(mention.episode_title, 36)}
    )
