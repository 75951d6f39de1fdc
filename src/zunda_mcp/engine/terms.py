"""From a word as typed to the documents that contain it.

Latin words are looked up as terms, compounds by their parts and as one word. A run of Japanese is looked up by its
bigrams and checked against the text, or if it is all kanji or all katakana by the runs that contain it (see
``zunda_mcp.index.vocabulary``), so every result contains it exactly. A word that mixes scripts (``生成AI``) must occur
as it is. Katakana words are also found in their other spellings, words and phrases with and without accents.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Mapping, Sequence, Sized
from functools import cached_property

from zunda_mcp.config.memory import ByteCache, postings_size
from zunda_mcp.engine.readers import TermReader
from zunda_mcp.index.index_tuning import CACHED_BYTES_PER_DOCUMENT
from zunda_mcp.index.schema import SPOKEN
from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import Clause, PostingList
from zunda_mcp.text.inflection import other_number
from zunda_mcp.text.japanese_english import is_part_by_chance
from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.normalize import (
    HAN,
    KATAKANA,
    drop_final_long_vowel,
    fold_accents,
    has_cjk,
    has_han,
    other_spellings,
)
from zunda_mcp.text.phonetics import is_katakana
from zunda_mcp.text.quantities import writings
from zunda_mcp.text.tokenizer import ACCENT_MARK, PARTICLES, bigrams, joined, parts, run_term, tokens, unaccented_term

__all__ = ["NOWHERE", "IndexedWords", "WordFinder"]

NOWHERE = PostingList({})
"""The postings of a word that occurs nowhere."""

_ONE_SCRIPT = lazy_pattern(rf"[{HAN}]{{2,}}|[{KATAKANA}]{{2,}}")


class WordFinder:
    """Finds words in one field of one generation and caches the results. Thread-safe if its reader is.

    Subclasses read the postings and texts: of an index on this machine, or of one in a cluster.
    """

    def __init__(self, reader: TermReader, field: str) -> None:
        self.reader = reader
        self.field = field
        self._clauses: ByteCache[tuple[object, ...], Clause] = ByteCache(
            tuning.CACHED_CLAUSE_BYTES + CACHED_BYTES_PER_DOCUMENT * reader.size
        )

    @property
    def stories(self) -> int:
        """How many stories there are, to compare frequencies with; never 0."""
        return max(self.reader.meta.stories, 1)

    @property
    def language(self) -> str | None:
        """The language tag of the archive, None if its language is not known."""
        return self.reader.meta.language

    @property
    def names(self) -> Container[str]:
        """The names in hiragana, which look like grammar."""
        return self.reader.vocabulary.names

    def has_run(self, text: str) -> bool:
        """Whether a run of kanji or katakana occurs by itself somewhere."""
        return self.reader.has_term(run_term(text), self.field)

    def frequency(self, word: str) -> int:
        """Return how many documents contain a normalised word."""
        return len(self.clause(word).postings)

    def clause(self, text: str, *, phrase: bool = False, also: tuple[str, ...] = ()) -> Clause:
        """Return the clause of a normalised word or phrase; ``also`` are terms that mean the same."""
        return self._clause(text, lambda: self._find_any(text, phrase, also), (text, phrase, also))

    def pair(self, text: str) -> Clause:
        """Return the clause of a bigram or any other term, exactly as given."""
        return self._clause(text, lambda: self._term(text), (text,))

    def word(self, text: str) -> Clause:
        """Return the clause of a word; a single kanji matches only as a word, which means before a particle."""
        if len(text) > 1 or not has_han(text):
            return self.clause(text)
        terms = [text + particle for particle in sorted(PARTICLES)]
        return self._clause(text, lambda: self._terms(terms), (text, "alone"))

    def as_written(self, text: str) -> Clause:
        """As ``word``, for a word of the archive: a Latin word in no other spelling or number."""
        return self.pair(text) if text.isascii() else self.word(text)

    def _clause(self, text: str, find: Callable[[], PostingList], key: tuple[object, ...]) -> Clause:
        clause = self._clauses.get(key)
        if clause is None:
            postings = find()
            clause = self._keep(key, Clause(text, postings, self.information(len(postings))))
        return clause

    def _keep(self, key: tuple[object, ...], clause: Clause) -> Clause:
        self._clauses.put(key, clause, postings_size(clause.documents))
        return clause

    def _find_any(self, text: str, phrase: bool, also: tuple[str, ...]) -> PostingList:
        postings = self._find(text, phrase)
        return postings.or_else(self._terms(also)) if also else postings

    def side_by_side(self, words: Sequence[str]) -> PostingList:
        """Return where Latin words occur side by side, however they are joined (Claude Code, ClaudeCode)."""
        return self.clause("-".join(words)).postings

    def reach(self, weighed: Sequence[tuple[PostingList, float]], *, present: bool = False) -> None:
        """Load the documents that matter most to some lists, each with its weight; with ``present`` impacts do not
        count. In an index on this machine there is nothing to load.
        """

    def information(self, frequency: int) -> float:
        """Return the inverse document frequency, as in BM25, of a word that ``frequency`` documents contain."""
        stories = self.stories
        return math.log(1 + (stories - frequency + 0.5) / (frequency + 0.5)) if frequency <= stories else 0.01

    # --- one word

    def _find(self, text: str, phrase: bool) -> PostingList:
        postings = self._find_one(text, phrase)
        for spelling in () if phrase or text.isascii() else other_spellings(text):
            postings = postings.best(self._find_one(spelling, phrase).scaled(tuning.VARIANT_SHARE))
        return postings

    def _find_one(self, text: str, phrase: bool) -> PostingList:
        runs = list(tokens(text))
        if not runs:
            return NOWHERE
        if amounts := writings(text):
            return self._amount(amounts)
        if len(runs) > 1 or text.startswith(".") or (phrase and not runs[0][1]):
            return self._phrase(text)
        run, is_cjk, _, _ = runs[0]
        return self._cjk(run, phrase) if is_cjk else self._latin(run)

    def _amount(self, written: Sequence[str]) -> PostingList:
        """Where an amount occurs in any of the ways to write it."""
        postings = NOWHERE
        for one in written:
            postings = postings.best(self._phrase(one))
        return postings

    def _latin(self, word: str) -> PostingList:
        words = parts(word)
        if len(words) > 1:
            whole = joined(words)[:1]
            together = self._accented(whole[0]) if whole else NOWHERE
            together = together.best(self._phrase(" ".join(words), spaced=True))
            if together or self.field == SPOKEN:  # if not, the written vocabulary has the other form
                for last in other_number(words[-1]):
                    row = self._phrase(" ".join([*words[:-1], last]), spaced=True)
                    together = together.best(row.scaled(tuning.VARIANT_SHARE))
            return together
        postings = self._accented(words[0]) if words else NOWHERE
        signed = [f"{word}+"] if len(word) >= tuning.MIN_WORD else []  # Copilot+
        for variant in (*other_number(word), *signed):
            postings = postings.best(self._accented(variant).scaled(tuning.VARIANT_SHARE))
        return postings.best(self._split(word))

    def _split(self, word: str) -> PostingList:
        """One word as two that occur side by side (``claudecode``, ``gpt4omini``)."""
        split = NOWHERE
        for i in (
            range(tuning.MIN_SPLIT, len(word) - tuning.MIN_SPLIT + 1) if len(word) >= tuning.MIN_SPLIT_WORD else ()
        ):
            head, tail = word[:i], word[i:]
            if self._is_written(head) and self._is_written(tail):
                split = split.best(self._phrase(f"{head} {tail}", spaced=True))
        return split

    def _cjk(self, run: str, phrase: bool) -> PostingList:
        if len(run) == 1:
            return self._character(run)
        if not _ONE_SCRIPT.fullmatch(run):  # two characters are a term of their own
            return self._term(run) if len(run) == 2 else self._phrase(run)
        if len(run) == 2 and not self._only_by_chance(run, self.reader.vocabulary.runs_with(run)):
            return self._term(run).raised(self._term(run_term(run)), tuning.RUN_SHARE)
        return self._in_runs(run, phrase)

    def _in_runs(self, word: str, phrase: bool) -> PostingList:
        """A word all in kanji or all in katakana: every run that has it as a word; unless a phrase, in any spelling."""
        vocabulary, part = self.reader.vocabulary, drop_final_long_vowel(word)
        shares = dict.fromkeys(vocabulary.runs_with(part), 1.0)
        if is_katakana(word):
            for run in vocabulary.same_sound(word) if len(word) > 2 and not phrase else ():
                shares.setdefault(run, tuning.VARIANT_SHARE)
        for run in self._only_by_chance(part, shares):
            del shares[run]
        if word in shares:
            shares[word] = 1 + tuning.RUN_SHARE
        return self._best_of({run_term(run): share for run, share in shares.items()}, part)

    def _only_by_chance(self, word: str, runs: Iterable[str]) -> list[str]:
        """The runs that contain a word by chance; kanji are judged only in Japanese."""
        return [run for run in runs if is_part_by_chance(word, run)] if is_katakana(word) or self._is_japanese else []

    @cached_property
    def _is_japanese(self) -> bool:
        """Whether した is frequent, as in Japanese."""
        return self.reader.frequency("した") * tuning.IN_JAPANESE >= self.stories

    def _phrase(self, text: str, *, spaced: bool = False) -> PostingList:
        """Documents that contain ``text`` as it is; ``spaced`` allows other signs between its words."""
        needed: list[str] = []
        for run, is_cjk, _, _ in tokens(text):
            needed += (bigrams(run) if len(run) > 1 else []) if is_cjk else parts(run)
        if not needed:
            return NOWHERE
        accented = fold_accents(text) != text or any(map(self._without_accents, needed))
        terms = [[word, *self._without_accents(word)] for word in dict.fromkeys(needed)]
        return self._standing(text, terms, spaced=spaced, accented=accented)

    def _accented(self, word: str) -> PostingList:
        """Where a Latin word occurs; with other accents or none it counts for a share."""
        postings = self._term(word)
        for term in self._without_accents(word):
            postings = postings.best(self._term(term).scaled(tuning.ACCENT_SHARE))
        return postings

    def _is_written(self, word: str) -> bool:
        """Whether a Latin word occurs anywhere, with whatever accents."""
        return self.reader.has_term(word, self.field) or bool(self._without_accents(word))

    def _without_accents(self, word: str) -> list[str]:
        """The other terms of a word: those it has with other accents, or with none."""
        if has_cjk(word):
            return []
        folded = fold_accents(word)
        terms = [term for term in (unaccented_term(word),) if term in self._unaccented]
        return terms if folded == word or not self.reader.has_term(folded, self.field) else [*terms, folded]

    @cached_property
    def _unaccented(self) -> frozenset[str]:
        """The unaccented terms of words with accents: few, and every Latin word is looked up among them."""
        return frozenset(self.reader.terms(ACCENT_MARK, self.field))

    # --- lists

    def term_in(self, field: str, term: str) -> PostingList:
        """Return the postings of a term in any field."""
        raise NotImplementedError

    def _best_of(self, shares: Mapping[str, float], part: str) -> PostingList:
        """Where any of some terms occurs, each at its share; most of them are runs that contain ``part``."""
        raise NotImplementedError

    def _standing(self, text: str, terms: Sequence[Sequence[str]], *, spaced: bool, accented: bool) -> PostingList:
        """Documents that have one of each of ``terms`` and contain ``text``; with ``accented``, at a share, also those
        that have it with other accents; ``spaced`` allows other signs between its words.
        """
        raise NotImplementedError

    def _term(self, term: str) -> PostingList:
        """The postings of a term."""
        return self.term_in(self.field, term)

    def _character(self, char: str) -> PostingList:
        """Where one character of a text without spaces occurs: the terms that begin with it."""
        return self._terms(self.reader.terms(char, self.field))

    def _terms(self, terms: Iterable[str]) -> PostingList:
        """Where any of some terms occurs."""
        postings = NOWHERE
        for term in terms:
            postings = postings.best(self._term(term))
        return postings


class IndexedWords:
    """What the archive knows about the words of a question."""

    def __init__(self, finder: WordFinder, besides: Sequence[WordFinder]) -> None:
        self._finder = finder
        self._besides = besides
        self.stories = finder.stories
        self.language = finder.language

    def frequency(self, word: str) -> int:
        """Return how many stories contain ``word``; if none, how many documents do in notes, or else in speech."""
        finders = (self._finder, *self._besides)
        return next((count for finder in finders if (count := len(finder.clause(word).postings))), 0)

    def side_by_side(self, words: Sequence[str]) -> Sized:
        """Return the stories that contain Latin words side by side."""
        return self._finder.side_by_side(words)
