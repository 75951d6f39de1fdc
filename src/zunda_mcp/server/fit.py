"""Making a timeline fit: the library answers it whole, and a caller wants it in ``max_chars``.

What is left out is said in the answer itself, so that both the structured content and the text say it.
"""

from __future__ import annotations

from collections.abc import Iterator

from zunda_mcp.answers import Cited, Timeline
from zunda_mcp.server import render
from zunda_mcp.server.clean import shorten


def timeline(answer: Timeline, max_chars: int) -> Timeline:
    """Counts over time: without empty periods, then with fewer episodes, then with the latest periods only."""
    steps = _steps(answer)
    fitting = next(steps)
    for step in steps:
        if max(len(fitting.model_dump_json()), len(render.timeline(fitting))) <= max_chars:
            break
        fitting = step
    return fitting


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
    said = shorten(said, 110)
    yield (less := less.model_copy(update={**short, "topic": shorten(answer.topic, 80), "understood": said}))
    longer = {"week": ' or by="month"', "month": ' or by="year"', "year": ""}[answer.by]
    for start in range(1, len(full) + 1):
        cut = f"only periods from {full[start].period} on" if start < len(full) else "no periods"
        note = f"{said}; {cut}, a larger max_chars{longer} shows all"
        yield less.model_copy(update={"periods": full[start:], "understood": note})


def _short(mention: Cited | None) -> Cited | None:
    if mention is None:
        return None
    return mention.model_copy(
        update={"title": shorten(mention.title, 36), "episode_title": shorten(mention.episode_title, 36)}
    )
