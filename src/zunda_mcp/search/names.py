"""Names of several Latin words: a row of words is one name where somebody wrote them side by side."""

from __future__ import annotations

from itertools import pairwise

from zunda_mcp.search.query import Query
from zunda_mcp.search.words import WordFinder


def names_nothing(query: Query, finder: WordFinder) -> bool:
    """Whether ``query`` is a name of several words, all with a capital, of which nobody wrote even two side by side.

    The parts of such a name are not the thing: Apple, vision and pro each stand somewhere, Apple Vision Pro does not.
    """
    words = query.words
    named = all(word.shown.isascii() and word.shown[:1].isupper() and not word.phrase for word in words)
    return named and len(words) > 1 and not any(finder.side_by_side((a.text, b.text)) for a, b in pairwise(words))
