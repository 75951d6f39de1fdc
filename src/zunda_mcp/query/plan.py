"""The plan of a query: its clauses, and which of them a story must contain.

Each word that was typed on its own is a clause, and a full match contains all of them. If few stories do, pieces help:
a Japanese compound (``画像生成AI``) also counts by the known words in it, and so does a sentence (see
``segmentation``). A row of Latin words is one name if the archive has them side by side.

``make_plan`` makes a plan from a parsed query. Each further step (``widen_by_meaning``, ``Associations.widen``) returns
a new plan.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Protocol

from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import (
    DICTIONARY,
    EITHER,
    Clause,
    Dictionary,
    Expansion,
    PostingList,
    Subject,
    Subjects,
)
from zunda_mcp.query.names import (
    expand_names,
    has_capitals,
    in_every_spelling,
    is_guessed,
    is_guessed_rightly,
    is_loose,
    is_one_name,
    is_written_as_name,
    names_of_several_words,
    numbered_names,
    with_neighbours,
)
from zunda_mcp.query.parse import Query, Word
from zunda_mcp.query.segmentation import is_sentence, nouns_of, pieces_of
from zunda_mcp.query.stop_words import is_stop_word
from zunda_mcp.text.frequencies import lexicon
from zunda_mcp.text.normalize import has_cjk, is_hiragana, normalize
from zunda_mcp.text.tokenizer import tokens

__all__ = [
    "NearWords",
    "QueryPlan",
    "clause_of",
    "holding_all",
    "is_the_same",
    "make_plan",
    "present_in",
    "widen_by_meaning",
]


class NearWords(Protocol):
    """Finds words of an archive that mean nearly the same as others."""

    def near_words(self, texts: Iterable[str]) -> Mapping[str, tuple[Expansion, ...]]:
        """For each text, the words of the archive that mean nearly the same. Raises ``EmbeddingError``."""


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """How a query will be answered. Immutable; plans are equal if their words, weights and expansions are.

    A full match contains all ``required`` clauses; a near match may contain ``pieces`` of them instead. ``compounds``
    are the texts of the required words that have pieces. ``phrases`` are names of several Latin words, typed one after
    the other and found side by side; a full match contains the ``required_phrases`` as well, because the archive rarely
    has their words apart. ``subjects`` are the words that the query is about. ``missing`` are the words that the
    archive lacks, as typed; ``dropped`` are those that only ask. ``hints`` only order the matches. ``widened`` maps a
    text to its clause with words of similar meaning. ``open``: the query is a sentence that the archive lacks, so no
    match is full.
    """

    required: tuple[Clause, ...] = ()
    pieces: tuple[Clause, ...] = ()
    compounds: frozenset[str] = frozenset()
    phrases: tuple[Clause, ...] = ()
    required_phrases: tuple[Clause, ...] = ()
    subjects: tuple[Subject, ...] = ()
    missing: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    hints: tuple[Clause, ...] = ()
    widened: Mapping[str, Clause] = field(default_factory=dict)
    open: bool = False

    def __str__(self) -> str:
        """The plan in one line: ``required: claude + code | phrases: claude-code | full matches hold: claude-code``."""
        parts = [
            ("required", " + ".join(map(str, self.required))),
            ("pieces", " + ".join(map(str, self.pieces))),
            ("phrases", ", ".join(map(str, self.phrases))),
            ("full matches hold", ", ".join(clause.text for clause in self.required_phrases)),
            ("widened", ", ".join(map(str, self.widened.values()))),
            ("hints", ", ".join(map(str, self.hints))),
            ("missing", ", ".join(self.missing)),
            ("dropped", ", ".join(self.dropped)),
        ]
        shown = [f"{name}: {text}" for name, text in parts if text]
        return " | ".join(["open", *shown] if self.open else shown) or "everything"

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """All required clauses, pieces and phrases, without what ``widened`` adds."""
        return (*self.required, *self.pieces, *self.phrases)

    @property
    def near_clauses(self) -> list[Clause]:
        """The clauses by which a near match is judged: pieces, and words without pieces; widened if they can be."""
        clauses = [*(clause for clause in self.required if clause.text not in self.compounds), *self.pieces]
        return [self.widened.get(clause.text, clause) for clause in clauses] if self.widened else clauses

    @property
    def boosts(self) -> list[Clause]:
        """The clauses that only add to a near match's score: whole words that have pieces, names, and hints."""
        return [*(clause for clause in self.required if clause.text in self.compounds), *self.phrases, *self.hints]

    @property
    def is_one_word(self) -> bool:
        """Whether the query is a single word or phrase that the archive has."""
        return len(self.required) == 1 and not self.pieces and not self.hints and bool(self.required[0].postings)

    @property
    def names_alone(self) -> bool:
        """Whether the query is about nothing but absent words that look like names."""
        return all(one.absent and is_written_as_name(one.text) for one in self.subjects)

    def apart(self, documents: Iterable[int]) -> frozenset[int]:
        """Those of ``documents`` that contain every word, but not side by side as a full match does."""
        if not self.required_phrases or self.open:
            return frozenset()
        apart = {number for number in documents if all(number in clause.documents for clause in self.required)}
        return frozenset(apart.difference(holding_all(self.required_phrases)))

    def first_holders(self, documents: Sequence[int]) -> frozenset[int]:
        """The first of ``documents`` with each word or piece."""
        held = (clause.documents for clause in (*self.required, *self.pieces))
        firsts = (next((number for number in documents if number in holding), None) for holding in held)
        return frozenset(number for number in firsts if number is not None)

    def absence(self, *, foreign: bool = False) -> float:
        """The share, 0 to 1, of the query's information that the archive lacks in every form. If the query is in a
        ``foreign`` language, ordinary words count half, because words of similar meaning replace them.
        """
        named = len(self.subjects) <= tuning.MAX_NAMED_SUBJECTS  # in a sentence, the other words say enough
        absent = sum(
            one.information * (tuning.ORDINARY_WEIGHT if not one.absent or (foreign and one.ordinary) else 1)
            for one in self.subjects
            if one.absent or (named and one.guessed)
        )
        return absent / sum(one.information for one in self.subjects) if absent else 0.0


def make_plan(query: Query, finder: Dictionary, *, near: bool = True) -> QueryPlan:
    """Look up every word of ``query`` and decide what it does. Without ``near`` the plan finds only full matches: the
    parts of words are not looked up, so it has no ``pieces`` and ``hints``, and fewer words are ``missing``.
    """
    named = {b for a, b in pairwise(query.words) if is_stop_word(b.text) and _is_name(a, b, finder)}
    words = [one for one in query.words if one.phrase or one in named or not is_stop_word(one.text)]
    words = words or list(query.words)
    dropped = [word.shown for word in query.words if word not in words]
    words = [noun for word in words for noun in (nouns_of(word, finder) or [word])]
    required: list[Clause] = []
    pieces: list[Clause] = []
    compounds: set[str] = set()
    subjects = Subjects()
    is_open = False
    for i, word in enumerate(words):
        plain = not (word.phrase or word.either)
        clause = clause_of(word, finder, tuple(with_neighbours(words, i)) if plain else ())
        if is_guessed(clause) and not is_guessed_rightly(clause, words, i, finder):
            clause = finder.clause(word.text)
        renamed = plain and bool(clause.expansions) and not finder.clause(clause.text).postings
        before, missing = len(subjects.by_text), len(subjects.missing)
        whole = not plain or (renamed and len(list(tokens(clause.text))) == 1)  # a name, whose parts mean nothing
        inside = [] if whole or not near else list(pieces_of(word.text, finder, subjects, dropped))
        if not clause.postings and is_sentence(word.text) and not whole:
            is_open = True
        else:
            required.append(clause)
        if not inside and len(subjects.by_text) == before:
            translated = renamed and all(one.how == DICTIONARY for one in clause.expansions)
            subjects.add(clause, word.shown, absent=not clause.postings, guessed=translated)
        if inside:
            compounds.add(word.text)
            pieces += inside
            if len(subjects.missing) == missing and not (clause.postings or is_sentence(word.text)):
                first, *others = (one.postings for one in inside)
                if first.together(others):
                    subjects.missing.append(word.shown)
                else:  # the parts of a name, apart from each other, are something else (東京 and オリンピック)
                    subjects.add(clause, word.shown, absent=True)
    names = names_of_several_words(words)
    phrases = tuple(clause for name in names if (clause := finder.expanded("-".join(name))).postings)
    numbered = (finder.expanded(name) for name in numbered_names(names))
    phrases = (*phrases, *(clause for clause in numbered if clause.postings))
    held = tuple(expand_names(required, names, finder))
    rows = {phrase.text: phrase.text.split("-") for phrase in phrases}
    loose = {text for text, row in rows.items() if is_loose([word for word in words if word.text in row], finder)}
    phrases = tuple(in_every_spelling(one, finder) if one.text in loose else one for one in phrases)
    subjects.name(clause.text for clause, before in zip(held, required, strict=True) if clause is not before)
    return QueryPlan(
        required=held,
        pieces=tuple(pieces),
        compounds=frozenset(compounds),
        phrases=phrases,
        required_phrases=tuple(one for one in phrases if one.text in loose or is_one_name(one, held)),
        subjects=tuple(subjects.by_text.values()),
        missing=tuple(subjects.missing),
        dropped=tuple(dropped),
        hints=tuple(
            replace(clause, weight=clause.weight * tuning.HINT_WEIGHT)
            for clause in (finder.expanded(word.text) for word in (query.hints if near else ()))
            if clause.postings
        ),
        open=is_open,
    )


def present_in(plan: QueryPlan, contains: Callable[[str], bool]) -> QueryPlan:
    """``plan`` with the words that other text than stories ``contains`` no longer marked as absent."""
    subjects = tuple(one._replace(absent=one.absent and not contains(one.text)) for one in plan.subjects)
    return replace(plan, subjects=subjects, missing=tuple(one for one in plan.missing if not contains(normalize(one))))


def _is_name(first: Word, second: Word, finder: Dictionary) -> bool:
    """Whether two words were typed as a name that the archive has: ChatGPT Go."""
    return has_capitals([first, second]) and bool(finder.side_by_side((first.text, second.text)))


def clause_of(word: Word, finder: Dictionary, also: tuple[str, ...] = ()) -> Clause:
    """The clause of a word; for alternatives, that of the documents with all words of one of them."""
    if word.phrase:
        return finder.clause(word.text, phrase=True)
    if not word.either:
        return finder.expanded(word.text, also)
    merged = PostingList({})
    names: list[Expansion] = []
    for at, words in enumerate(word.either):
        clauses = [clause_of(one, finder) for one in words]
        first, *others = (clause.postings for clause in clauses)
        held = first.with_all(others)
        merged = merged.added(held, 1.0) if at else held.added(held, 1.0)
        names += [Expansion(clause.text, 1.0, EITHER) for clause in clauses]
        names += [expansion for clause in clauses for expansion in clause.expansions]
    return Clause(word.text, merged, finder.information(len(merged)), tuple(dict.fromkeys(names)))


def holding_all(clauses: Sequence[Clause]) -> Collection[int]:
    """The documents that match every one of ``clauses``; none if there are no clauses."""
    if not clauses:
        return ()
    ordered = sorted(clauses, key=lambda clause: len(clause.postings))
    full: Collection[int] = ordered[0].documents
    for clause in ordered[1:]:
        full = clause.documents.keys() & full
    return full


def widen_by_meaning(plan: QueryPlan, meaning: NearWords, finder: Dictionary) -> QueryPlan:
    """``plan`` with words of similar meaning added to the clauses by which a near match is judged.

    An absent word counts as present if a word of the other script clearly means the same. Raises ``EmbeddingError``.
    """
    clauses = {clause.text: clause for clause in plan.near_clauses}
    rows = {" ".join(name): name for name in names_of_several_words([Word(s.text, s.text) for s in plan.subjects])}
    absent = {subject.text for subject in plan.subjects if subject.absent}
    near = meaning.near_words([*clauses, *sorted(absent), *rows])
    widened = dict(plan.widened)
    for text, clause in clauses.items():
        expansions = [one for one in near[text] if _may_mean(text, one)]
        if expansions:
            merged = clause.postings
            for expansion in expansions:
                merged = merged.added(finder.as_written(expansion.text).postings, expansion.share)
            weight = clause.weight if clause.postings or not merged else finder.information(len(merged))
            surely = clause.postings if clause.surely is None else clause.surely
            before = () if clause.surely is None else clause.expansions
            widened[text] = Clause(text, merged, weight, (*before, *expansions), surely)
    present: set[str] = set()
    for text, words in [*((text, (text,)) for text in absent), *rows.items()]:
        if any(is_the_same(text, expansion) for expansion in near[text]):
            present.update(words)
    subjects = tuple(one._replace(absent=one.absent and one.text not in present) for one in plan.subjects)
    return replace(plan, widened=widened, subjects=subjects)


def _may_mean(text: str, other: Expansion) -> bool:
    """Whether a word may replace another by meaning. If general language lacks one of two Latin words, and they are not
    very close, only their letters are alike (zulip, aas).
    """
    if other.share >= tuning.UNKNOWN_MEANING_SHARE or not (text.isascii() and other.text.isascii()):
        return True
    return text in lexicon("en") and other.text in lexicon("en")


def is_the_same(text: str, expansion: Expansion) -> bool:
    """Whether an expansion surely means the same as an absent word: it is a noun in the other script, and very close in
    meaning. Within one script the embedder mistakes similar letters for similar meaning.
    """
    other = expansion.text
    if any(map(is_hiragana, other)) or has_cjk(other) == has_cjk(text):
        return False
    return expansion.share >= (tuning.SURE_SHARE if len(other) > 1 or " " in text else tuning.SURE_KANJI_SHARE)
