"""Stories near a story: those that share its most telling terms, and where there are vectors those near in meaning.

The terms are those of the story's title and the names in its summary, weighed by information (inverse document
frequency), as in pseudo-relevance feedback with term selection (Robertson, "On term selection for query expansion",
1990): a few telling terms find better neighbours than all of them. Where nothing is linked, what is said counts as what
is written. The two scores are joined as in ``zunda_mcp.engine.fusion``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from zunda_mcp.engine.terms import WordFinder
from zunda_mcp.index import schema
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.models import OWN, PASSAGE, Story
from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import PostingList
from zunda_mcp.text.normalize import normalize
from zunda_mcp.text.tokenizer import ACCENT_MARK, count_terms

if TYPE_CHECKING:
    from zunda_mcp.engine.semantic import Meaning

__all__ = ["nearest_stories"]


def nearest_stories(
    finder: WordFinder, stories: Sequence[Story], without: set[int], meaning: Meaning | None = None
) -> list[tuple[int, float]]:
    """Documents near ``stories`` with scores, nearest first; ``without`` never among them."""
    scores = _by_terms(finder, stories, without)
    best = max(scores.values(), default=0.0) or 1.0
    nearest = {document: score / best for document, score in scores.items()}
    if meaning is not None:
        own = [d for d in (finder.reader.document(story.id) for story in stories) if d is not None]
        middle = meaning.middle(own, [1.0] * len(own))
        if middle is not None:
            nearness = meaning.nearness(middle)
            for document in finder.reader.stories:
                if document not in without and nearness[document] > tuning.MIN_RELATED_NEARNESS:
                    nearest[document] = nearest.get(document, 0.0) + tuning.RELATED_MEANING_WEIGHT * float(
                        nearness[document]
                    )
    return sorted(nearest.items(), key=lambda item: (-item[1], -item[0]))


def _by_terms(finder: WordFinder, stories: Iterable[Story], without: set[int]) -> dict[int, float]:
    reader: IndexReader = finder.reader
    weights: dict[str, float] = {}
    ceiling = max(3, finder.stories // 8)
    written = [story for story in stories if story.kind not in (OWN, PASSAGE)]
    fields = (schema.TEXT,) if written or not reader.has_speech else (schema.TEXT, schema.SPOKEN)
    for story in written or stories:
        text = normalize(story.summary) or ("" if written else _speech(reader, story))
        title, summary = count_terms(normalize(story.title)), count_terms(text)
        for term in title.keys() | summary.keys():
            frequency = sum(reader.frequency(term, field) for field in fields)
            if 1 < frequency <= ceiling and len(term) > 1 and term[0] != ACCENT_MARK:
                tf = min(3, summary[term]) + 3 * min(2, title[term])
                weights[term] = max(weights.get(term, 0.0), tf * finder.information(frequency))
    rarest = sorted(weights, key=lambda term: (-weights[term], term))[: tuning.RELATED_TERMS]
    lists = {term: _postings(finder, term, fields) for term in rarest}
    finder.reach([(postings, weights[term]) for term, postings in lists.items()])
    scores: dict[int, float] = {}
    shared: dict[int, int] = {}
    for term, postings in lists.items():
        for document, impact in postings.documents.items():
            if document not in without and reader.is_story(document):
                scores[document] = scores.get(document, 0.0) + weights[term] * impact
                shared[document] = shared.get(document, 0) + 1
    return {d: score for d, score in scores.items() if shared[d] >= min(tuning.MIN_RELATED_SHARED, len(rarest))}


def _speech(reader: IndexReader, story: Story) -> str:
    """What is said of a story, normalised."""
    document = reader.document(story.id)
    if document is None or document not in reader.keyed(schema.WITH_SPEECH):
        return ""
    return reader.plain_speech(document).decode("utf-8", "surrogatepass")


def _postings(finder: WordFinder, term: str, fields: Sequence[str]) -> PostingList:
    """Where a term is written, or also said, with the greater impact."""
    merged = finder.term_in(fields[0], term)
    for field in fields[1:]:
        merged = merged.added(finder.term_in(field, term), 1.0)
    return merged
