"""How a query will be answered: the clauses it is made of, and which of them a story must hold.

A word typed on its own is a clause that a full match holds. Where few stories hold them all, pieces help: a Japanese
compound (``画像生成AI``) also counts by the known words in it, and so does a sentence (see ``segmentation``). A row of
Latin words is one name where somebody wrote them side by side.

``make_plan`` makes a plan from a parsed query; each further step (``widen_by_meaning``, ``Associations.widen``) returns
another plan and changes none.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Protocol

from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import (
    DICTIONARY,
    EITHER,
    SOUND,
    TYPO,
    Clause,
    Dictionary,
    Expansion,
    PostingList,
    Subject,
    Subjects,
)
from zunda_mcp.query.parse import Query, Word
from zunda_mcp.query.segmentation import is_sentence, pieces_of
from zunda_mcp.query.stop_words import is_stop_word
from zunda_mcp.text.normalize import has_cjk, is_hiragana
from zunda_mcp.text.tokenizer import tokens

__all__ = [
    "Adjacency",
    "NearWords",
    "QueryPlan",
    "clause_of",
    "holding_all",
    "is_the_same",
    "make_plan",
    "names_nothing",
    "together_by_chance",
    "widen_by_meaning",
]


_GUESSED = frozenset({DICTIONARY, SOUND, TYPO})


class NearWords(Protocol):
    """Knows which words of an archive mean nearly the same as others."""

    def near_words(self, texts: Iterable[str]) -> Mapping[str, tuple[Expansion, ...]]:
        """For each text the words of the archive that mean nearly the same. Raises ``EmbeddingError``."""


class Adjacency(Protocol):
    """Knows where Latin words stand side by side."""

    def side_by_side(self, words: Sequence[str]) -> Sized:
        """Where they do."""


def names_nothing(query: Query, finder: Dictionary, besides: Sequence[Adjacency]) -> bool:
    """Whether ``query`` is a name of several words, all with a capital, of which not even two stand side by side,
    neither where ``finder`` looks nor in what is ``besides``.

    The parts of such a name are not the thing: Apple, vision and pro each stand somewhere, Apple Vision Pro does not.
    """
    pairs = list(pairwise(query.words))
    named = bool(pairs) and all(map(_has_capital, query.words))
    if not named or any(one.side_by_side((a.text, b.text)) for one in (finder, *besides) for a, b in pairs):
        return False
    return not any(_in_any_spelling(_spellings(a.text, finder), _spellings(b.text, finder), finder) for a, b in pairs)


def together_by_chance(query: Query, finder: Dictionary, stories: int) -> bool:
    """Whether so few of the ``stories`` hold all words of ``query`` as would if none had to do with another: a story on
    AI at scale says nothing of Scale AI.
    """
    first, *others = (finder.clause(word.text).postings for word in query.words)
    expected = stories * math.prod(len(postings) / stories for postings in (first, *others))
    return first.together(others) <= tuning.CHANCE_RATIO * expected


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """How a query will be answered. Immutable: plans are equal where their words, weights and expansions are.

    ``required`` clauses are what a full match holds; ``pieces`` are what a near match may hold of them, and
    ``compounds`` the texts of the required words that have pieces. ``phrases`` are Latin words typed one after the
    other, where they stand so: what a name of several words means. ``required_phrases`` are those of them that a full
    match holds as well, since the archive rarely has their words apart. ``subjects`` are what the query is about, word
    by word. ``missing`` are the words that nobody wrote, as typed, ``dropped`` those that only asked. ``widened`` maps
    a text to the clause that stands for it by meaning as well. ``open`` says that the query was a sentence nobody
    wrote, so that no match is full.
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
        """Everything that is looked for as planned, without what ``widened`` adds."""
        return (*self.required, *self.pieces, *self.phrases)

    @property
    def near_clauses(self) -> list[Clause]:
        """The clauses by which a near match is judged: pieces, and words that have none."""
        clauses = [*(clause for clause in self.required if clause.text not in self.compounds), *self.pieces]
        return [self.widened.get(clause.text, clause) for clause in clauses] if self.widened else clauses

    @property
    def boosts(self) -> list[Clause]:
        """The clauses that only add to a score: whole words that have pieces, names of several words."""
        return [*(clause for clause in self.required if clause.text in self.compounds), *self.phrases, *self.hints]

    @property
    def is_one_word(self) -> bool:
        """Whether the query is one word or phrase that the archive has: nothing about it is open."""
        return len(self.required) == 1 and not self.pieces and not self.hints and bool(self.required[0].postings)

    def absence(self, *, foreign: bool = False) -> float:
        """The share of the query's information that is not in the archive in any way, 0 to 1. In a query in a
        ``foreign`` language, whose ordinary words meaning stands in for, those count half; names are names everywhere.
        """
        named = len(self.subjects) <= tuning.MAX_NAMED_SUBJECTS  # in a sentence its other words say what is meant
        absent = sum(
            one.information * (tuning.ORDINARY_WEIGHT if not one.absent or (foreign and one.ordinary) else 1)
            for one in self.subjects
            if one.absent or (named and one.guessed)
        )
        return absent / sum(one.information for one in self.subjects) if absent else 0.0


def make_plan(query: Query, finder: Dictionary, *, near: bool = True) -> QueryPlan:
    """Look up every word of ``query`` and decide what it is. Without ``near`` the plan is for full matches alone: what
    is inside a word is not looked up, so it has no ``pieces`` and ``hints``, and fewer words are ``missing``.
    """
    words = [word for word in query.words if word.phrase or not is_stop_word(word.text)] or list(query.words)
    dropped = [word.shown for word in query.words if word not in words]
    required: list[Clause] = []
    pieces: list[Clause] = []
    compounds: set[str] = set()
    subjects = Subjects()
    is_open = False
    for i, word in enumerate(words):
        plain = not (word.phrase or word.either)
        clause = clause_of(word, finder, tuple(_with_neighbours(words, i)) if plain else ())
        if _is_guessed(clause) and not _is_guessed_rightly(clause, words, i, finder):
            clause = finder.clause(word.text)
        renamed = plain and bool(clause.expansions) and not finder.clause(clause.text).postings
        before, missing = len(subjects.by_text), len(subjects.missing)
        whole = not plain or (renamed and len(list(tokens(clause.text))) == 1)  # a name: its parts mean nothing
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
                else:  # the parts of a name that stand only apart are not the thing (東京 and オリンピック)
                    subjects.add(clause, word.shown, absent=True)
    names = _names_of_several_words(words)
    phrases = tuple(clause for name in names if (clause := finder.expanded("-".join(name))).postings)
    held = tuple(_expand_names(required, names, finder))
    subjects.name(clause.text for clause, before in zip(held, required, strict=True) if clause is not before)
    return QueryPlan(
        required=held,
        pieces=tuple(pieces),
        compounds=frozenset(compounds),
        phrases=phrases,
        required_phrases=tuple(phrase for phrase in phrases if _is_one_name(phrase, held)),
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


def clause_of(word: Word, finder: Dictionary, also: tuple[str, ...] = ()) -> Clause:
    """Where a word stands; of alternatives, where one of them does with all of its words."""
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


def _is_guessed(clause: Clause) -> bool:
    """Whether all other names of a word are drawn from likeness or from a dictionary."""
    return bool(clause.expansions) and all(one.how in _GUESSED for one in clause.expansions)


def _is_guessed_rightly(clause: Clause, words: Sequence[Word], i: int, finder: Dictionary) -> bool:
    """Whether a word of a name, typed with capitals, stands beside the next under one of its other names as well: the
    archive has ローカルLLM for Local LLM, and no 安定AI for Stability AI. Elsewhere nothing speaks against them.
    """
    pairs = [(at, at + 1) for at in (i - 1, i) if at >= 0 and at + 1 < len(words)]
    pairs = [(a, b) for a, b in pairs if _has_capital(words[a]) and _has_capital(words[b])]
    own = [one.text for one in clause.expansions]
    for a, b in pairs:
        other = _spellings(words[b if a == i else a].text, finder)
        if _in_any_spelling(own, other, finder) if a == i else _in_any_spelling(other, own, finder):
            return True
    return not pairs


def _spellings(text: str, finder: Dictionary) -> list[str]:
    return [text, *(one.text for one in finder.expanded(text).expansions)]


def _in_any_spelling(firsts: Sequence[str], seconds: Sequence[str], finder: Dictionary) -> bool:
    """Whether two words stand side by side in one of their spellings, Japanese ones as one run, or are one word there:
    音声認識 is speech as well as recognition.
    """
    for first in firsts:
        for second in seconds:
            if first.isascii() and second.isascii():
                beside = finder.expanded(f"{first}-{second}").postings
            else:
                beside = finder.clause(first if first == second else first + second, phrase=True).postings
            if beside:
                return True
    return False


def _has_capital(word: Word) -> bool:
    """Whether a word is one of a name in Latin letters, as it was typed."""
    return word.shown.isascii() and word.shown[:1].isupper() and not (word.phrase or word.either)


def holding_all(clauses: Sequence[Clause]) -> Collection[int]:
    """The documents that hold every one of ``clauses``; none where there are none."""
    if not clauses:
        return ()
    ordered = sorted(clauses, key=lambda clause: len(clause.postings))
    full: Collection[int] = ordered[0].documents
    for clause in ordered[1:]:
        full = clause.documents.keys() & full
    return full


def _is_one_name(name: Clause, required: Iterable[Clause]) -> bool:
    """Whether most documents that hold all words of a row have them side by side: Claude Code, not Anthropic report. A
    number says nothing apart from what it is the number of: Gemma 3.
    """
    row = name.text.split("-")
    if any(word.isdigit() for word in row[1:]):
        return True
    held = [clause.postings for clause in required if clause.text in row]
    return len(name.postings) >= tuning.ONE_NAME_SHARE * (held[0].together(held[1:]) if held else 0)


def _expand_names(required: Sequence[Clause], names: Iterable[Sequence[str]], finder: Dictionary) -> Sequence[Clause]:
    """What a row of Latin words is called elsewhere (Raspberry Pi, ラズベリーパイ) counts for each word of the row."""
    for name in names:
        for size in range(2, len(name) + 1):
            for start in range(len(name) - size + 1):
                row = name[start : start + size]
                expanded = finder.expanded("-".join(row))
                if expanded.expansions:
                    required = [_held_too(clause, expanded) if clause.text in row else clause for clause in required]
    return required


def _held_too(clause: Clause, name: Clause) -> Clause:
    """A word of a name, held also where the name stands under another name."""
    expansions = tuple(dict.fromkeys((*clause.expansions, *name.expansions)))
    return Clause(clause.text, clause.postings.or_else(name.postings), clause.weight, expansions)


def widen_by_meaning(plan: QueryPlan, meaning: NearWords, finder: Dictionary) -> QueryPlan:
    """``plan`` with other words of the same meaning for what a near match is judged by.

    A word that is not in the archive counts as there when a word of the other script clearly means the same. Raises
    ``EmbeddingError``.
    """
    clauses = {clause.text: clause for clause in plan.near_clauses}
    rows = {" ".join(name): name for name in _names_of_several_words([Word(s.text, s.text) for s in plan.subjects])}
    absent = {subject.text for subject in plan.subjects if subject.absent}
    near = meaning.near_words([*clauses, *sorted(absent), *rows])
    widened = dict(plan.widened)
    for text, clause in clauses.items():
        expansions = near[text]
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
    subjects = tuple(replace(one, absent=one.absent and one.text not in present) for one in plan.subjects)
    return replace(plan, widened=widened, subjects=subjects)


def is_the_same(text: str, expansion: Expansion) -> bool:
    """Whether a word of the archive surely means an absent one: a noun of the other script, very near (in the same one
    likeness of letters passes for likeness of meaning).
    """
    other = expansion.text
    if any(map(is_hiragana, other)) or has_cjk(other) == has_cjk(text):
        return False
    return expansion.share >= (tuning.SURE_SHARE if len(other) > 1 or " " in text else tuning.SURE_KANJI_SHARE)


def _names_of_several_words(words: Iterable[Word]) -> list[tuple[str, ...]]:
    """The longest rows of Latin words typed one after the other, of two words or more."""
    rows: list[list[str]] = [[]]
    for word in words:
        if not (word.phrase or word.either) and _latin(word.text):
            rows[-1].append(word.text)
        else:
            rows.append([])
    return [tuple(row[: tuning.MAX_NAME_WORDS]) for row in rows if len(row) > 1]


def _with_neighbours(words: list[Word], i: int) -> Iterator[str]:
    """``claude code`` is also what is written ``ClaudeCode``: the joined word counts for both of its halves."""
    for first, second in zip(words[max(0, i - 1) : i + 1], words[max(1, i) : i + 2], strict=False):
        if first is not second and _latin(first.text) and _latin(second.text):
            yield first.text + second.text


def _latin(text: str) -> bool:
    return text.isascii() and text.isalnum()
