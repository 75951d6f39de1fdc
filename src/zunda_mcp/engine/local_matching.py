"""Matching in an index on this machine: words by the posting lists of their terms, phrases also by the stored texts."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Container, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from zunda_mcp.engine.expander import Expander, ExpandingFinder
from zunda_mcp.engine.matching import Matcher
from zunda_mcp.engine.ranking import Scored
from zunda_mcp.engine.selection import most_titled
from zunda_mcp.engine.spoken import SpokenFinder, without_turns
from zunda_mcp.engine.terms import WordFinder
from zunda_mcp.index.reader import IndexReader, Postings
from zunda_mcp.index.schema import WITH_MARKUP
from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import PostingList
from zunda_mcp.query.parse import Query
from zunda_mcp.text.markdown_text import reading
from zunda_mcp.text.normalize import fold_accents, normalize

if TYPE_CHECKING:
    from zunda_mcp.engine.semantic import Meaning

__all__ = ["LocalFinder", "LocalMatcher", "SpokenLocalFinder"]

_JOINTS = b" \t\n\r\f\v-./_'"
_LETTER_OR_DIGIT = re.compile(rb"[0-9a-z]")
_HEAD, _PATTERNS = 4, 64
"""The pattern looks for fewer than this many characters of a phrase before a mark, since few texts have these; and so
many patterns are kept, since compiling one takes as long as searching ten texts. Both affect only speed.
"""


class LocalMatcher(Matcher):
    """Matches queries against one generation on this machine."""

    reader: IndexReader

    def _finder_of(self, field: str, expander: Expander | None, beside: WordFinder | None = None) -> ExpandingFinder:
        return LocalFinder(self.reader, field, expander, beside)

    @cached_property
    def _spoken(self) -> SpokenFinder:
        return SpokenLocalFinder(self.reader)

    @cached_property
    def meaning(self) -> Meaning | None:
        if self._embedder is None:
            return None
        from zunda_mcp.engine.semantic import Meaning  # start-up: numpy

        return Meaning.of(self.reader, self._embedder)

    @cached_property
    def _titles(self) -> list[tuple[int, bytes]]:
        """The notes documents of the episodes that have a title, with the normalised title."""
        notes = self.reader.keyed("kind:notes")
        titles = ((d, normalize(self.reader.entry_of(d).title).strip()) for d in notes)
        return [(d, title.encode("utf-8", "surrogatepass")) for d, title in titles if title]

    def _is_in_title(self, phrase: bytes) -> bool:
        return any(phrase in title for _, title in self._titles)

    def _by_title(self, typed: Query, query: Query, pool: Container[int] | None) -> list[Scored]:
        whole = normalize(typed.text).strip().encode("utf-8", "surrogatepass")
        titles = self._titles if pool is None else [one for one in self._titles if one[0] in pool]
        if same := [(document, 0.0) for document, title in titles if title == whole]:
            return same if len(same) <= tuning.MAX_TITLED else []
        for needle in (word.text.encode("utf-8", "surrogatepass") for word in query.words):
            titles = [(d, title) for d, title in titles if needle in title and _stands_in(title, needle)]
        return [(one, 0.0) for one, _ in titles] if len(titles) <= most_titled(self.reader.meta.episodes) else []


class _InIndex(WordFinder):
    """Finds words in one field of a generation on this machine."""

    reader: IndexReader

    _marks = r"[!\[\]<~\\\n&]"
    """A pattern for the first character of what ``_otherwise`` leaves out."""

    def term_in(self, field: str, term: str) -> PostingList:
        return PostingList(self.reader.postings(term, field))

    def _best_of(self, shares: Mapping[str, float], part: str) -> PostingList:
        lists = [(self.reader.postings(term, self.field), share) for term, share in shares.items()]
        lists.sort(key=lambda item: -len(item[0]))
        best: Postings = {}
        for postings, share in lists:
            if not best:
                best = dict(postings) if share == 1 else {d: impact * share for d, impact in postings.items()}
                continue
            for document, impact in postings.items():
                if impact * share > best.get(document, 0.0):
                    best[document] = impact * share
        return PostingList(best)

    def _standing(self, text: str, terms: Sequence[Sequence[str]], *, spaced: bool, accented: bool) -> PostingList:
        exact = _stands(text, spaced=spaced)
        folded = _stands(fold_accents(text), spaced=spaced)

        def share(document: int) -> float:
            plain = self._plain(document)
            if exact(plain) or (
                not spaced
                and self._may_be_parted(document)
                and _parted(text, self._marks).search(plain)
                and exact(self._otherwise(document))
            ):
                return 1.0
            return tuning.ACCENT_SHARE if accented and folded(_folded(plain)) else 0.0

        return PostingList(self._all_of(terms, share))

    def _all_of(self, needed: Sequence[Sequence[str]], share: Callable[[int], float]) -> Postings:
        """The impacts of the documents that have one of each of ``needed`` and whose text passes a check: of each the
        smallest impact times the share that the check gives it.

        The rarest terms choose candidates until these are few; then the texts decide, before longer lists are read.
        """
        reader, field = self.reader, self.field
        counted = sorted((sum(reader.frequency(term, field) for term in terms), list(terms)) for terms in needed)
        if not counted[0][0]:
            return {}
        candidates: Collection[int] = self._terms(counted[0][1]).documents.keys()
        for _, terms in counted[1:]:
            if len(candidates) <= tuning.FEW_TEXTS:
                break
            candidates = self._terms(terms).documents.keys() & candidates
        shares = {document: at_share for document in candidates if (at_share := share(document))}
        kept = dict.fromkeys(shares, math.inf)
        for _, terms in counted if kept else ():
            impacts: Postings = {}
            for term in terms:
                impacts = {**reader.impacts(term, kept, field), **impacts}
            kept = {document: min(least, impacts[document]) for document, least in kept.items() if document in impacts}
        return {document: impact * shares[document] for document, impact in kept.items()}

    def _plain(self, document: int) -> bytes:
        """The normalised text that must contain a phrase."""
        return self.reader.plain(document)

    def _may_be_parted(self, document: int) -> bool:
        """Whether the text has anything that ``_otherwise`` leaves out."""
        return document in self.reader.keyed(WITH_MARKUP)

    def _otherwise(self, document: int) -> bytes:
        """The same text without links and emphasis, which may separate the words of a phrase."""
        plain = self.reader.plain(document).decode("utf-8", "surrogatepass")
        return normalize(reading(plain)).encode("utf-8", "surrogatepass")


class LocalFinder(_InIndex, ExpandingFinder):
    """Finds words and their expansions in written text."""


class SpokenLocalFinder(_InIndex, SpokenFinder):
    """Finds words in speech."""

    _marks = r"[ \n]"

    def _plain(self, document: int) -> bytes:
        return self.reader.plain_speech(document)

    def _may_be_parted(self, document: int) -> bool:
        return True

    def _otherwise(self, document: int) -> bytes:
        text = self.reader.plain_speech(document).decode("utf-8", "surrogatepass")
        return without_turns(text).encode("utf-8", "surrogatepass")


def _stands_in(text: bytes, needle: bytes) -> bool:
    """Whether ``text`` contains ``needle`` with no Latin letter or digit running on at either end."""
    first, last = needle[:1], needle[-1:]
    guard_left, guard_right = bool(_LETTER_OR_DIGIT.match(first)), bool(_LETTER_OR_DIGIT.match(last))
    start = text.find(needle)
    while start >= 0:
        end = start + len(needle)
        left_free = not guard_left or start == 0 or not _LETTER_OR_DIGIT.match(text[start - 1 : start])
        if left_free and not (guard_right and _LETTER_OR_DIGIT.match(text[end : end + 1])):
            return True
        start = text.find(needle, start + 1)
    return False


def _stands(text: str, *, spaced: bool) -> Callable[[bytes], bool]:
    """Return a check whether a normalised text contains ``text``; ``spaced`` allows other signs between its words."""
    if spaced:
        return _Joined(text).stands_in
    needle = text.encode("utf-8", "surrogatepass")
    return lambda plain: _stands_in(plain, needle)


@lru_cache(maxsize=_PATTERNS)
def _parted(text: str, marks: str) -> re.Pattern[bytes]:
    """A pattern that matches every normalised text that contains ``text`` only once marks are removed: by the first
    characters of ``text``, by a part of them before a mark, or by an entity. Few texts match, and removing marks takes
    fifty times as long as this search.
    """
    heads = "|".join(re.escape(text[:end]) for end in range(1, min(len(text), _HEAD)))
    return re.compile(rf"(?:{heads}) ?{marks}|{re.escape(text[:_HEAD])}|&(?:#|\w+;)".encode("utf-8", "surrogatepass"))


def _folded(plain: bytes) -> bytes:
    """A normalised text without accents."""
    return fold_accents(plain.decode("utf-8", "surrogatepass")).encode("utf-8", "surrogatepass")


class _Joined:
    """Letters in order with any spaces, hyphens, dots or slashes between them: Claude Code, ClaudeCode."""

    def __init__(self, text: str) -> None:
        self._letters = [letter.encode("utf-8", "surrogatepass") for letter in text.replace(" ", "")]
        self._needle = b"".join(self._letters).translate(None, _JOINTS)

    @cached_property
    def _pattern(self) -> re.Pattern[bytes]:
        inner = rb"[\s\-./_']{0,3}".join(map(re.escape, self._letters))
        return re.compile(rb"(?<![0-9a-z])" + inner + rb"(?![0-9a-z])")

    def stands_in(self, text: bytes) -> bool:
        """Whether normalised ``text`` contains them; a plain search rules most texts out before the pattern runs."""
        return self._needle in text.translate(None, _JOINTS) and self._pattern.search(text) is not None
