"""Keeping what stands around the hits of an answer small, so that there is room for hits.

How a query was understood, what is merely near, and what else there is to ask are worth reading while they are short.
"""

from __future__ import annotations

from typing import Any, TypeVar

from zunda_mcp.answers import Related, SearchResult, Timeline, TopicList

Answer = TypeVar("Answer", SearchResult, TopicList, Related, Timeline)

_STEPS = ((600, 5, 8), (300, 3, 4), (150, 1, 2), (80, 0, 0))
"""Characters of ``understood``, stories in ``near`` and suggestions, at each step of tightening."""
_CURSOR = 60
"""More than a cursor adds to an answer that has none yet, as JSON."""
_CUT = 80
"""More than is added to ``understood`` to say what was cut."""
_FRAME_SHARE = 2


def framed(answer: Answer, max_chars: int, *, hits: bool = True) -> tuple[Answer, int]:
    """An answer that has no hits yet, tightened as far as ``max_chars`` asks, and the characters left for hits.

    Where there are ``hits`` to come, everything else may take half of the room, else all of it.
    """
    room = max_chars - _CURSOR - _CUT
    found = answer
    for words, near, others in _STEPS:
        less: dict[str, Any] = {"understood": _shortened(answer.understood, words)}
        if isinstance(answer, SearchResult):
            less["near"] = answer.near[:near]
        if isinstance(answer, SearchResult | Timeline):
            less["suggestions"] = answer.suggestions[:others]
        found = answer.model_copy(update=less)
        if len(found.model_dump_json()) <= (room // _FRAME_SHARE if hits else room):
            break
    return found, room - len(found.model_dump_json())


def _shortened(text: str, size: int) -> str:
    return text if len(text) <= size else text[: size - 1].rstrip() + "…"
