"""How near to one another the words of a question are spoken.

In minutes of talk words meet by chance: of the passages that hold them all, those that hold them within a few words
are about them together. The measure is the shortest stretch that holds every word ("MinCover" of Tao and Zhai, "An
exploration of proximity measures in information retrieval", SIGIR 2007).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from zunda_mcp.engine.ranking import Scored
from zunda_mcp.engine.spoken import SpokenWord
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.query import tuning
from zunda_mcp.text.written_forms import any_form

__all__ = ["spoken_together"]


def spoken_together(reader: IndexReader, spoken: Sequence[Scored], words: Sequence[SpokenWord]) -> dict[int, int]:
    """The documents of the best of ``spoken`` that say all of ``words`` within a few words of one another, with the
    bytes this takes; none where a single word is asked for.
    """
    if len(words) < 2:
        return {}
    patterns = [any_form(word.forms) for word in words]
    most = tuning.SPOKEN_TOGETHER * len(words)
    covers = {}
    for document, _ in spoken[: tuning.MAX_COMPARED]:
        cover = _shortest_cover(reader.plain_speech(document).decode("utf-8", "surrogatepass"), patterns)
        if cover is not None and cover <= most:
            covers[document] = cover
    return covers


def _shortest_cover(text: str, patterns: Sequence[re.Pattern[str]]) -> int | None:
    """How many bytes the shortest stretch of ``text`` has that holds a match of each pattern, from the beginning of the
    first to that of the last; None where one has no match.
    """
    places: list[tuple[int, int]] = []
    for which, pattern in enumerate(patterns):
        held = [(match.start(), which) for match in pattern.finditer(text)]
        if not held:
            return None
        places += held
    places.sort()
    last: dict[int, int] = {}
    shortest: tuple[int, int] | None = None
    for at, which in places:
        last[which] = at
        if len(last) == len(patterns):
            first = min(last.values())
            if shortest is None or at - first < shortest[1] - shortest[0]:
                shortest = first, at
    return None if shortest is None else len(text[slice(*shortest)].encode("utf-8", "surrogatepass"))
