"""Which documents of a generation can answer at all: by filters, and for a pattern by the strings that it needs.

The bigrams of a Japanese string are terms, and a Latin string is part of some word, which is found in the list of all
terms; a code search uses trigrams in the same way (see ``zunda_mcp.query.pattern``). If the terms cannot decide,
nothing is narrowed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Container, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from zunda_mcp.engine.readers import DocumentReader, Numbers
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.query.filters import Filters
from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.normalize import CJK, LETTER
from zunda_mcp.text.tokenizer import MAX_WORD, bigrams

if TYPE_CHECKING:
    from zunda_mcp.query.pattern import Required

__all__ = ["Narrowing", "Without", "allowed"]

_RUNS = lazy_pattern(rf"([{CJK}]{{2,}})|({LETTER}+)")
_CUT_SHORT = lazy_pattern(rf"^.{{{MAX_WORD},}}$", re.MULTILINE)
_MOST_TERMS = 2000
"""A string in more words than this narrows hardly anything; reading their postings would cost more than it saves."""


def allowed(reader: DocumentReader, filters: Filters) -> Container[int] | None:
    """Return the documents that pass, or None if all do."""
    if not filters.any:
        return None
    gone = {document for key in filters.excluded_keys for document in reader.keyed(key)}
    if keys := filters.keys:
        return _holding(reader, filters, keys) - gone
    bounded = filters.since or filters.until
    window = _Window(reader.days, *_ordinals(filters)) if bounded else None  # no window has undated documents
    return Without(window, gone) if gone else window


class Without:
    """A container of the documents in ``pool`` (None: all) that are not in ``gone``."""

    def __init__(self, pool: Container[int] | None, gone: Container[int]) -> None:
        self._pool = pool
        self._gone = gone

    def __contains__(self, document: object) -> bool:
        return document not in self._gone and (self._pool is None or document in self._pool)


class _Window:
    """A container of the documents of a range of days, which needs no list of them."""

    def __init__(self, days: Numbers, first: int, last: int) -> None:
        self._days = days
        self._first = first
        self._last = last

    def __contains__(self, document: Any) -> bool:
        day: int = self._days[document]
        return self._first <= day <= self._last


def _holding(reader: DocumentReader, filters: Filters, keys: Sequence[str]) -> set[int]:
    """The documents with all these keys, within the days of the filters."""
    kept = set(reader.keyed(keys[0]))
    for key in keys[1:]:
        kept &= reader.keyed(key).keys()
    if filters.since or filters.until:
        low, high = _ordinals(filters)
        days = reader.days
        kept = {document for document in kept if low <= days[document] <= high}
    return kept


def _ordinals(filters: Filters) -> tuple[int, int]:
    last = filters.until.toordinal() if filters.until else dt.date.max.toordinal()
    return filters.since.toordinal() if filters.since else dt.date.min.toordinal(), last


class Narrowing:
    """Narrows the documents of one generation. Thread-safe if its reader is."""

    def __init__(self, reader: IndexReader) -> None:
        self._reader = reader
        self._words: dict[str, str] = {}

    def documents(self, required: Required, fields: Sequence[str]) -> set[int] | None:
        """Return the documents that can contain one string of each set in one of the fields; None if all can."""
        narrowed: set[int] | None = None
        for choice in required:
            held: set[int] | None = set()
            for text in choice:
                documents = self._holding(text, fields)
                held = None if documents is None or held is None else held | documents
            if held is not None:
                narrowed = held if narrowed is None else narrowed & held
        return narrowed

    def _holding(self, text: str, fields: Sequence[str]) -> set[int] | None:
        narrowed: set[int] | None = None
        for run, word in _RUNS.findall(text):
            for documents in self._of_pairs(run, fields) if run else [self._of_words(word, fields)]:
                if documents is not None:
                    narrowed = documents if narrowed is None else narrowed & documents
        return narrowed

    def _of_pairs(self, run: str, fields: Sequence[str]) -> Iterable[set[int]]:
        for pair in dict.fromkeys(bigrams(run)):
            yield {document for field in fields for document in self._reader.postings(pair, field)}

    def _of_words(self, part: str, fields: Sequence[str]) -> set[int] | None:
        """The documents with a word that contains ``part``; a word that the index cut short may contain anything."""
        holding: set[int] = set()
        for field in fields:
            words = self._all_words(field)
            terms = set()
            at = words.find(part)
            while at >= 0:
                end = words.index("\n", at)
                terms.add(words[words.rindex("\n", 0, at + 1) + 1 : end])
                if len(terms) > _MOST_TERMS:
                    return None
                at = words.find(part, end)
            terms.update(_CUT_SHORT.findall(words))
            for term in terms:
                holding.update(self._reader.postings(term, field))
        return holding

    def _all_words(self, field: str) -> str:
        """All terms of a field, each between two line breaks."""
        words = self._words.get(field)
        if words is None:
            words = self._words[field] = "\n".join(["", *self._reader.terms("", field), ""])
        return words
