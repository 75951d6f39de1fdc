"""Texts by the rarest of their terms: which documents may hold a text, and which of its words stand together."""

from __future__ import annotations

from collections.abc import Sequence

from zunda_mcp.engine.ranking import Scored
from zunda_mcp.engine.terms import WordFinder
from zunda_mcp.index import schema
from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import PostingList
from zunda_mcp.text.normalize import has_cjk, normalize
from zunda_mcp.text.tokenizer import count_terms, is_word

__all__ = ["cooccurring", "rarest_terms"]

_WRITTEN, _SPOKEN = (schema.TEXT, schema.NOTES), (schema.SPOKEN,)


def rarest_terms(finder: WordFinder, text: str, limit: int, *, spoken: bool = False) -> list[Scored]:
    """The documents that hold most of the information of the rarest terms of a text, with that information; of equals
    the newest first. How rare a term is, and what holds it, is seen in what is written, or in what is ``spoken``.
    """
    reader, fields = finder.reader, _SPOKEN if spoken else _WRITTEN
    terms = [term for term in count_terms(normalize(text)) if is_word(term) and (len(term) > 1 or not has_cjk(term))]
    if len(terms) > tuning.MAX_COUNTED_TERMS:
        terms = [terms[i * len(terms) // tuning.MAX_COUNTED_TERMS] for i in range(tuning.MAX_COUNTED_TERMS)]
    counted = sorted((sum(reader.frequency(term, field) for field in fields), term) for term in terms)
    weighed: list[tuple[PostingList, float]] = []
    used = length = 0
    for frequency, term in counted:
        if not frequency:
            continue
        if length and (length + frequency > tuning.MAX_SIMILAR_POSTINGS or used >= tuning.MAX_SIMILAR_TERMS):
            break
        length += frequency
        used += 1
        weight = finder.information(frequency)
        weighed += [(finder.term_in(field, term), weight) for field in fields]
    finder.reach(weighed, present=True)
    scores: dict[int, float] = {}
    for postings, weight in weighed:
        for document in postings.documents:
            scores[document] = scores.get(document, 0.0) + weight
    days = reader.days
    return sorted(scores.items(), key=lambda item: (-round(item[1], 6), -days[item[0]], item[0]))[:limit]


def cooccurring(finder: WordFinder, words: Sequence[str], limit: int) -> list[str]:
    """The rarest of ``words`` that stand together in a story, rarest first."""
    lists = [(word, finder.clause(word).postings) for word in words]
    counted = [(len(postings), word, postings) for word, postings in lists if postings]
    counted.sort(key=lambda item: item[:2])
    chosen: list[str] = []
    common: list[PostingList] = []
    for _, word, postings in counted:
        if not common or postings.together(common):
            chosen, common = [*chosen, word], [*common, postings]
        if len(chosen) == limit:
            break
    return chosen
