"""Making an answer fit: what the library answers whole, and a caller wants in ``max_chars``.

What is left out is said in the answer itself, so that both the structured content and the text say it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from zunda_mcp.answers import Related, Timeline
from zunda_mcp.server import render
from zunda_mcp.server.clean import shorten

Answer = TypeVar("Answer", Related, Timeline)


def related(answer: Related, max_chars: int) -> Related:
    """The stories nearest to something: with short snippets, then none, then fewer stories."""
    return _first_fitting(_related_steps(answer), render.related, max_chars)


def timeline(answer: Timeline, max_chars: int) -> Timeline:
    """Counts over time: without empty periods, then with fewer episodes, then with the latest periods only."""
    return _first_fitting(_timeline_steps(answer), render.timeline, max_chars)


def _first_fitting(steps: Iterator[Answer], text: Callable[[Answer], str], max_chars: int) -> Answer:
    answer = next(steps)
    for step in steps:
        if max(len(answer.model_dump_json()), len(text(answer))) <= max_chars:
            break
        answer = step
    return answer


def _related_steps(answer: Related) -> Iterator[Related]:
    yield answer
    hits = answer.hits
    for size in (400, 240, 140, 70, 0):
        hits = [hit.model_copy(update={"snippet": shorten(hit.snippet, size) if size else ""}) for hit in hits]
        said = f"{answer.understood}; {'snippets are cut' if size else 'titles only'}, for room"
        yield answer.model_copy(update={"hits": hits, "understood": said})
    for kept in range(len(hits) - 1, 0, -1):
        said = f"{answer.understood}; titles only and {kept} of {len(hits)} stories, for room"
        yield answer.model_copy(update={"hits": hits[:kept], "understood": said})


def _timeline_steps(answer: Timeline) -> Iterator[Timeline]:
    yield answer
    full = [period for period in answer.periods if period.stories]
    said = answer.understood
    if len(full) < len(answer.periods):
        said = f"{said}; periods without a story are left out"
    yield answer.model_copy(update={"periods": full, "understood": said})
    less = answer.model_copy(update={"periods": full, "understood": said, "suggestions": []})
    for busy in (3, 1, 0):
        yield (less := less.model_copy(update={"busiest": less.busiest[:busy]}))
    longer = {"week": ' or by="month"', "month": ' or by="year"', "year": ""}[answer.by]
    for start in range(1, len(full) + 1):
        cut = f"only periods from {full[start].period} on" if start < len(full) else "no periods"
        note = f"{said}; {cut}, a larger max_chars{longer} shows all"
        yield less.model_copy(update={"periods": full[start:], "understood": note})
