"""Stories near a story: those that share its most telling terms.

The terms are those of the story's title and the names in its summary, weighed by information (inverse document
frequency), as in pseudo-relevance feedback with term selection (Robertson, "On term selection for query expansion",
1990): a few telling terms find better neighbours than all of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from zunda_mcp.episode import Story
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.search.words import WordFinder
from zunda_mcp.text.normalize import normalize
from zunda_mcp.text.terms import count_terms

_TERMS = 30
_MIN_SHARED = 3


def near(finder: WordFinder, stories: Iterable[Story], without: set[int]) -> list[tuple[int, float]]:
    """Documents near ``stories`` with scores, nearest first; ``without`` never among them."""
    reader: IndexReader = finder.reader
    weights: dict[str, float] = {}
    ceiling = max(3, reader.meta.stories // 8)
    for story in stories:
        title, summary = count_terms(normalize(story.title)), count_terms(normalize(story.summary))
        for term in title.keys() | summary.keys():
            frequency = reader.frequency(term)
            if 1 < frequency <= ceiling and len(term) > 1:
                tf = min(3, summary[term]) + 3 * min(2, title[term])
                weights[term] = max(weights.get(term, 0.0), tf * finder.information(frequency))
    telling = sorted(weights, key=lambda term: (-weights[term], term))[:_TERMS]
    scores: dict[int, float] = {}
    shared: dict[int, int] = {}
    for term in telling:
        for document, impact in reader.postings(term).items():
            if document not in without:
                scores[document] = scores.get(document, 0.0) + weights[term] * impact
                shared[document] = shared.get(document, 0) + 1
    kept = [d for d in scores if shared[d] >= min(_MIN_SHARED, len(telling))]
    return sorted(((d, scores[d]) for d in kept), key=lambda item: (-item[1], -item[0]))
