"""From a word as typed to the documents that hold it.

Latin words are looked up as terms, compounds by their parts and written together. A run of Japanese is looked up by
its bigrams and checked against the text itself, or where it is all kanji or all katakana by the runs that contain it
(see ``zunda_mcp.index.vocabulary``), so that what is found contains it exactly. A word mixed of both (``生成AI``)
must stand as it is. Katakana words are also found in their other spellings, words and phrases with and without accents.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache

from zunda_mcp.config.memory import ByteCache, postings_size
from zunda_mcp.index.index_tuning import CACHED_BYTES_PER_DOCUMENT
from zunda_mcp.index.reader import IndexReader, Postings
from zunda_mcp.index.schema import SPOKEN, WITH_MARKUP
from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import Clause, PostingList
from zunda_mcp.text.inflection import other_number
from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.markdown_text import reading
from zunda_mcp.text.normalize import (
    HAN,
    KATAKANA,
    drop_final_long_vowel,
    fold_accents,
    has_cjk,
    has_han,
    normalize,
    other_spellings,
)
from zunda_mcp.text.quantities import writings
from zunda_mcp.text.tokenizer import ACCENT_MARK, PARTICLES, bigrams, joined, parts, run_term, tokens, unaccented_term

__all__ = ["NOWHERE", "WordFinder", "stands_in"]

NOWHERE = PostingList({})
"""Where a word stands that stands nowhere."""

_KATAKANA_WORD = lazy_pattern(rf"[{KATAKANA}]{{3,}}")
_ONE_SCRIPT = lazy_pattern(rf"[{HAN}]{{2,}}|[{KATAKANA}]{{2,}}")
_JOINTS = b" \t\n\r\f\v-./_'"
_LETTER_OR_DIGIT = re.compile(rb"[0-9a-z]")
_HEAD, _PATTERNS = 4, 64
"""So many characters of a phrase, less one, are looked for before a mark, since few texts have these; and of so many
phrases the pattern is kept, which takes as long to make as ten texts to search. Speed only."""


class WordFinder:
    """Finds words in one field of one generation; remembers what it found. Thread-safe as its reader is."""

    _marks = r"[!\[\]<~\\\n&]"
    """What begins a stretch that ``_otherwise`` leaves out, as a pattern."""

    def __init__(self, reader: IndexReader, field: str) -> None:
        self.reader = reader
        self.field = field
        self._clauses: ByteCache[tuple[object, ...], Clause] = ByteCache(
            tuning.CACHED_CLAUSE_BYTES + CACHED_BYTES_PER_DOCUMENT * reader.size
        )

    @property
    def stories(self) -> int:
        """How many stories frequencies are seen against; never 0."""
        return max(self.reader.meta.stories, 1)

    @property
    def language(self) -> str | None:
        """The language the archive is written in, as a tag; None if nothing says it."""
        return self.reader.meta.language

    @property
    def names(self) -> Container[str]:
        """The names in hiragana, which look like grammar."""
        return self.reader.vocabulary.names

    def has_run(self, text: str) -> bool:
        """Whether a run of kanji or katakana stands by itself somewhere."""
        return self.reader.has_term(run_term(text), self.field)

    def frequency(self, word: str) -> int:
        """How many documents hold a normalised word."""
        return len(self.clause(word).postings)

    def clause(self, text: str, *, phrase: bool = False, also: tuple[str, ...] = ()) -> Clause:
        """Where one normalised word or phrase stands, and its information; ``also`` are terms that mean the same."""
        return self._clause(text, lambda: self._find_any(text, phrase, also), (text, phrase, also))

    def pair(self, text: str) -> Clause:
        """Where a bigram stands, whatever is around it."""
        return self._clause(text, lambda: self._term(text), (text,))

    def word(self, text: str) -> Clause:
        """As ``clause``; one kanji only where it is a word: where it stands before a particle."""
        if len(text) > 1 or not has_han(text):
            return self.clause(text)
        terms = [text + particle for particle in sorted(PARTICLES)]
        return self._clause(text, lambda: self._terms(terms), (text, "alone"))

    def as_written(self, text: str) -> Clause:
        """As ``word``, of a word of the archive: Latin ones in no other spelling or number."""
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
        """Where Latin words stand together, in whatever way they are joined (Claude Code, ClaudeCode)."""
        return self.clause("-".join(words)).postings

    def reach(self, weighed: Sequence[tuple[PostingList, float]], *, present: bool = False) -> None:
        """Have the documents at hand that some lists, each with its weight, say most of; where only that they are
        ``present`` counts, whatever their impacts. Here all documents are.
        """

    def term_in(self, field: str, term: str) -> PostingList:
        """Where a term stands in any field."""
        return PostingList(self.reader.postings(term, field))

    def information(self, frequency: int) -> float:
        """Inverse document frequency as in BM25, of a word that ``frequency`` documents hold."""
        stories = self.stories
        return math.log(1 + (stories - frequency + 0.5) / (frequency + 0.5)) if frequency <= stories else 0.01

    def _plain(self, document: int) -> bytes:
        """The normalised text in which a phrase must stand."""
        return self.reader.plain(document)

    def _otherwise(self, document: int) -> bytes:
        """The same without what parts its words for the eye alone: links and emphasis; nothing if it has none."""
        if document not in self.reader.keyed(WITH_MARKUP):
            return b""
        plain = self.reader.plain(document).decode("utf-8", "surrogatepass")
        return normalize(reading(plain)).encode("utf-8", "surrogatepass")

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
        """Where an amount stands in one of the ways in which it is written."""
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
            if together or self.field == SPOKEN:  # else the vocabulary of what is written has the other form
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
        """One word as two that are written side by side (``claudecode``, ``gpt4omini``)."""
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
        if len(run) == 2:
            return self._term(run).raised(self._term(run_term(run)), tuning.RUN_SHARE)
        return self._in_runs(run, phrase)

    def _in_runs(self, word: str, phrase: bool) -> PostingList:
        """A word all in kanji or all in katakana: every run that contains it, unless it is a phrase in any spelling."""
        vocabulary = self.reader.vocabulary
        shares = dict.fromkeys(vocabulary.runs_with(drop_final_long_vowel(word)), 1.0)
        if _KATAKANA_WORD.fullmatch(word) and not phrase:
            for run in vocabulary.same_sound(word):
                shares.setdefault(run, tuning.VARIANT_SHARE)
        if word in shares:
            shares[word] = 1 + tuning.RUN_SHARE
        return self._best_of({run_term(run): share for run, share in shares.items()}, drop_final_long_vowel(word))

    def _phrase(self, text: str, *, spaced: bool = False) -> PostingList:
        """Documents in which ``text`` stands as it is; ``spaced``: or with other signs between its words."""
        needed: list[str] = []
        for run, is_cjk, _, _ in tokens(text):
            needed += (bigrams(run) if len(run) > 1 else []) if is_cjk else parts(run)
        if not needed:
            return NOWHERE
        accented = fold_accents(text) != text or any(map(self._without_accents, needed))
        terms = [[word, *self._without_accents(word)] for word in dict.fromkeys(needed)]
        return self._standing(text, terms, spaced=spaced, accented=accented)

    def _accented(self, word: str) -> PostingList:
        """Where a Latin word stands, at a share where it has other accents or none."""
        postings = self._term(word)
        for term in self._without_accents(word):
            postings = postings.best(self._term(term).scaled(tuning.ACCENT_SHARE))
        return postings

    def _is_written(self, word: str) -> bool:
        """Whether a Latin word stands anywhere, with whatever accents."""
        return self.reader.has_term(word, self.field) or bool(self._without_accents(word))

    def _without_accents(self, word: str) -> list[str]:
        """The terms beside itself that a word with other accents, or with none, has."""
        if has_cjk(word):
            return []
        folded = fold_accents(word)
        terms = [term for term in (unaccented_term(word),) if term in self._unaccented]
        return terms if folded == word or not self.reader.has_term(folded, self.field) else [*terms, folded]

    @cached_property
    def _unaccented(self) -> frozenset[str]:
        """The terms of words with accents as they are without: few, and each Latin word looks among them."""
        return frozenset(self.reader.terms(ACCENT_MARK, self.field))

    # --- lists

    def _term(self, term: str) -> PostingList:
        """Where a term stands."""
        return PostingList(self.reader.postings(term, self.field))

    def _character(self, char: str) -> PostingList:
        """Where one character of a text without spaces stands: the terms that begin with it."""
        return self._terms(self.reader.terms(char, self.field))

    def _terms(self, terms: Iterable[str]) -> PostingList:
        """Where any of some terms stands."""
        postings = NOWHERE
        for term in terms:
            postings = postings.best(self._term(term))
        return postings

    def _best_of(self, shares: Mapping[str, float], part: str) -> PostingList:
        """Where any of some terms stands, each at its share; most of them are runs that contain ``part``."""
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
        """Documents that have one of each of ``terms`` and in which ``text`` stands, ``accented`` at a share also where
        it has other accents; ``spaced``: or with other signs between its words.
        """
        exact = _stands(text, spaced=spaced)
        folded = _stands(fold_accents(text), spaced=spaced)

        def share(document: int) -> float:
            plain = self._plain(document)
            if exact(plain) or (
                not spaced and _parted(text, self._marks).search(plain) and exact(self._otherwise(document))
            ):
                return 1.0
            return tuning.ACCENT_SHARE if accented and folded(_folded(plain)) else 0.0

        return PostingList(self._all_of(terms, share))

    def _all_of(self, needed: Sequence[Sequence[str]], share: Callable[[int], float]) -> Postings:
        """Documents with one of each of some terms that pass a check of their text, with the smallest of the impacts,
        at a share.

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


def stands_in(text: bytes, needle: bytes) -> bool:
    """Whether ``needle`` stands in ``text`` with no Latin letter or digit running on at either end."""
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
    """Whether ``text`` stands in a normalised text, ``spaced`` also with other signs between its words."""
    if spaced:
        return _Joined(text).stands_in
    needle = text.encode("utf-8", "surrogatepass")
    return lambda plain: stands_in(plain, needle)


@lru_cache(maxsize=_PATTERNS)
def _parted(text: str, marks: str) -> re.Pattern[bytes]:
    """What stands in every normalised text that reads ``text`` only without its marks: its beginning, a part of that
    before a mark, or an entity. Few texts have any, and to read one takes fifty times as long as to look for them.
    """
    heads = "|".join(re.escape(text[:end]) for end in range(1, min(len(text), _HEAD)))
    return re.compile(rf"(?:{heads}) ?{marks}|{re.escape(text[:_HEAD])}|&(?:#|\w+;)".encode("utf-8", "surrogatepass"))


def _folded(plain: bytes) -> bytes:
    """A normalised text without accents."""
    return fold_accents(plain.decode("utf-8", "surrogatepass")).encode("utf-8", "surrogatepass")


class _Joined:
    """Letters in order, whatever spaces, hyphens, dots or slashes stand between them: Claude Code, ClaudeCode."""

    def __init__(self, text: str) -> None:
        self._letters = [letter.encode("utf-8", "surrogatepass") for letter in text.replace(" ", "")]
        self._needle = b"".join(self._letters).translate(None, _JOINTS)

    @cached_property
    def _pattern(self) -> re.Pattern[bytes]:
        inner = rb"[\s\-./_']{0,3}".join(map(re.escape, self._letters))
        return re.compile(rb"(?<![0-9a-z])" + inner + rb"(?![0-9a-z])")

    def stands_in(self, text: bytes) -> bool:
        """Whether they stand in normalised ``text``; most texts fail a plain look before the pattern is tried."""
        return self._needle in text.translate(None, _JOINTS) and self._pattern.search(text) is not None
