"""What is like something else: stories near a story, documents with much of a text, words spelled like a word.

A story is near another if they share its most informative terms, and with vectors also if they are near in meaning. The
terms are those of title and summary, weighted by information (inverse document frequency), as in pseudo-relevance
feedback with term selection (Robertson, "On term selection for query expansion", 1990): a few informative terms find
better neighbours than all of them. If an episode has no linked stories, its speech counts like written text. The two
scores are joined as in ``zunda_mcp.engine.fusion``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher, get_close_matches
from typing import TYPE_CHECKING

from zunda_mcp.engine.readers import TermReader
from zunda_mcp.engine.terms import WordFinder
from zunda_mcp.index import schema
from zunda_mcp.models import OWN, PASSAGE, Story
from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import PostingList
from zunda_mcp.text.normalize import HAN, KATAKANA, has_cjk, normalize
from zunda_mcp.text.tokenizer import ACCENT_MARK, count_terms, is_word, parts, run_term, tokens

if TYPE_CHECKING:
    from zunda_mcp.engine.semantic import Meaning

__all__ = ["cooccurring", "nearest_stories", "rarest_terms", "spelled_like"]

_WRITTEN, _SPOKEN = (schema.TEXT, schema.NOTES), (schema.SPOKEN,)
_RUN = re.compile(rf"[{HAN}]{{2,}}|[{KATAKANA}]{{2,}}")
_MOST, _TRIED = 5, 3
"""How many spellings are suggested, and for how many of the texts."""
_CUTOFF, _MIN_WORD = 0.7, 3


def nearest_stories(
    finder: WordFinder, stories: Sequence[Story], without: set[int], meaning: Meaning | None = None
) -> list[tuple[int, float]]:
    """Return documents near ``stories`` with scores, nearest first, except those in ``without``."""
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
    reader: TermReader = finder.reader
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


def _speech(reader: TermReader, story: Story) -> str:
    """The normalised speech of a story."""
    document = reader.document(story.id)
    if document is None or document not in reader.keyed(schema.WITH_SPEECH):
        return ""
    return reader.plain_speech(document).decode("utf-8", "surrogatepass")


def _postings(finder: WordFinder, term: str, fields: Sequence[str]) -> PostingList:
    """The documents with a term in one of ``fields``, each with its greatest impact."""
    merged = finder.term_in(fields[0], term)
    for field in fields[1:]:
        merged = merged.added(finder.term_in(field, term), 1.0)
    return merged


def rarest_terms(finder: WordFinder, text: str, limit: int, *, spoken: bool = False) -> list[tuple[str, float]]:
    """Return the ids of the documents with most of the information of the rarest terms of a text, and that information;
    among equals the newest first. Terms are looked up in written text, or in speech if ``spoken``.
    """
    reader, fields = finder.reader, _SPOKEN if spoken else _WRITTEN
    if spoken and not reader.has_speech:
        return []
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
    best = sorted(scores.items(), key=lambda item: (-round(item[1], 6), -days[item[0]], item[0]))[:limit]
    return [(reader.item(document), score) for document, score in best]


def cooccurring(finder: WordFinder, words: Sequence[str], limit: int) -> list[str]:
    """Return the rarest of ``words`` that occur in one story, rarest first, at most ``limit``."""
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


def spelled_like(reader: TermReader, texts: Iterable[str]) -> list[str]:
    """Return words or whole runs of the archive that are spelled like one of ``texts``, nearest first."""
    likenesses: dict[str, float] = {}
    for text in list(texts)[:_TRIED]:
        for run, is_cjk, _, _ in tokens(normalize(text)):
            for word in _runs_like(reader, run) if is_cjk else _words_like(reader, run):
                likeness = SequenceMatcher(None, run, word).ratio()
                likenesses[word] = max(likeness, likenesses.get(word, 0.0))
    return sorted(likenesses, key=lambda word: (-likenesses[word], word))[:_MOST]


def _words_like(reader: TermReader, compound: str) -> list[str]:
    near: list[str] = []
    for word in dict.fromkeys(["".join(parts(compound)), *parts(compound)]):
        if not _MIN_WORD <= len(word) <= tuning.MAX_CORRECTED:
            continue
        spellings = reader.vocabulary.words_like(word)
        like = [w for w in spellings if abs(len(w) - len(word)) <= 2 and (w[0] == word[0] or w[1] == word[1])]
        near += get_close_matches(word, like, 3, _CUTOFF)
        if len(word) > _MIN_WORD:
            near += [w for w in spellings if w != word and w.startswith(word)][:2]
    return [word for word in near if reader.frequency(word)]


def _runs_like(reader: TermReader, run: str) -> list[str]:
    near: list[str] = []
    for word in dict.fromkeys(_RUN.findall(run) or [run]):
        if len(word) > tuning.MAX_CORRECTED:
            continue
        spellings = reader.vocabulary.runs_like(word)
        like = [r for r in spellings if abs(len(r) - len(word)) <= 2 and r[:1] == word[:1]]
        near += get_close_matches(word, like, 3, _CUTOFF)
    return [word for word in near if reader.frequency(run_term(word))]
