"""Names of several Latin words: a row of words is one name where somebody wrote them side by side.

How a query will be answered: the clauses it is made of, and which of them a story must hold.

A word typed on its own is a clause that a full answer holds. Where few stories hold them all, pieces help: a Japanese
compound (``画像生成AI``) also counts by the known words in it, and a sentence is cut where the script changes, since
the content of Japanese is written in kanji, katakana and Latin and its grammar in hiragana. What stands between
still counts a little, by its rare bigrams, so that content written in hiragana is not lost.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from zunda_mcp.engine.terms import Clause, Expansion, PostingList, WordFinder, add, is_sentence
from zunda_mcp.query.expansion import ExpandingFinder
from zunda_mcp.query.parse import Query, Word, is_question_word
from zunda_mcp.query.segmentation import cut
from zunda_mcp.text.normalize import has_cjk, is_hiragana
from zunda_mcp.text.tokenizer import bigrams, tokens

if TYPE_CHECKING:
    from zunda_mcp.engine.semantic import Meaning


def names_nothing(query: Query, finder: WordFinder) -> bool:
    """Whether ``query`` is a name of several words, all with a capital, of which nobody wrote even two side by side.

    The parts of such a name are not the thing: Apple, vision and pro each stand somewhere, Apple Vision Pro does not.
    """
    words = query.words
    named = all(word.shown.isascii() and word.shown[:1].isupper() and not word.phrase for word in words)
    return named and len(words) > 1 and not any(finder.side_by_side((a.text, b.text)) for a, b in pairwise(words))


_LOOSE_WEIGHT = 0.5
_MAX_NAME = 4
_ORDINARY = 0.5
_MOSTLY = 0.5  # at least as often side by side as apart
_PAIR = 2  # a word of two characters is looked for as it is
_SURELY, _SURELY_KANJI = (
    0.38,
    0.45,
)  # what an expansion is worth to a word that surely means the same: likeness 0.74, 0.83


@dataclass(slots=True)
class QueryPlan:
    """How a query will be answered.

    ``required`` clauses are what a full answer holds; ``pieces`` are what a near answer may hold of them. ``together``
    are Latin words typed one after the other, where they stand so: what a name of several words means. ``names`` are
    those of them that a full answer holds as well, since the archive rarely has their words apart. ``open`` says
    that the query was a sentence nobody wrote, so that no answer is full. ``missing`` are the words nobody wrote,
    ``dropped`` those that were only asking. ``asked`` is what the query is about, word by word, with what each tells;
    ``absent`` are those of them that are not in the archive in any way, ``ordinary`` those typed in small Latin letters
    alone. ``widened`` are clauses that stand for those of
    the same text by meaning as well.
    """

    required: list[Clause] = field(default_factory=list)
    pieces: list[Clause] = field(default_factory=list)
    together: list[Clause] = field(default_factory=list)
    names: list[Clause] = field(default_factory=list)
    whole: set[str] = field(default_factory=set)
    missing: list[str] = field(default_factory=list)
    asked: dict[str, float] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    ordinary: set[str] = field(default_factory=set)
    dropped: list[str] = field(default_factory=list)
    widened: dict[str, Clause] = field(default_factory=dict)
    open: bool = False

    @property
    def near_clauses(self) -> list[Clause]:
        """The clauses by which a near answer is judged: pieces, and words that have none."""
        clauses = [clause for clause in self.required if clause.text not in self.whole] + self.pieces
        return [self.widened.get(clause.text, clause) for clause in clauses] if self.widened else clauses

    @property
    def boosts(self) -> list[Clause]:
        """The clauses that only add to a score: whole words that have pieces, names of several words."""
        return [*(clause for clause in self.required if clause.text in self.whole), *self.together]

    @property
    def named(self) -> bool:
        """Whether the query is one word or phrase that the archive has: nothing about it is open."""
        return len(self.required) == 1 and not self.pieces and bool(self.required[0].postings)

    def absence(self, *, foreign: bool = False) -> float:
        """The share of what the query tells that is not in the archive in any way, 0 to 1. To a query in a ``foreign``
        language, whose ordinary words meaning stands in for, those count half; names are names everywhere.
        """
        told = sum(self.asked.values())
        absent = sum(self.asked[text] * (_ORDINARY if foreign and text in self.ordinary else 1) for text in self.absent)
        return absent / told if absent else 0.0

    def ask(self, clause: Clause, shown: str, *, absent: bool) -> None:
        """Note one word of what the query is about, ``shown`` as it was typed."""
        self.asked[clause.text] = clause.weight
        if absent:
            self.absent.add(clause.text)
            self.missing.append(shown)
        if shown.isascii() and shown.islower():
            self.ordinary.add(clause.text)


def make_plan(query: Query, finder: ExpandingFinder) -> QueryPlan:
    """Look up every word of ``query`` and decide what it is."""
    plan = QueryPlan()
    words = list(query.words)
    content = [word for word in words if word.phrase or not is_question_word(word.text)]
    if content and len(content) < len(words):
        plan.dropped = [word.shown for word in words if word not in content]
        words = content
    for i, word in enumerate(words):
        also = () if word.phrase else tuple(_with_neighbours(words, i))
        clause = finder.clause(word.text, phrase=True) if word.phrase else finder.expanded(word.text, also)
        known = len(plan.asked)
        pieces = [] if word.phrase or _is_expanded_whole(clause, finder) else list(_pieces(plan, word.text, finder))
        if not clause.postings and is_sentence(word.text) and not word.phrase:
            plan.open = True
        else:
            plan.required.append(clause)
        if not pieces and len(plan.asked) == known:
            plan.ask(clause, word.shown, absent=not clause.postings)
        if pieces:
            plan.whole.add(word.text)
            plan.pieces += pieces
    for name in names_of_several_words(words):
        together = finder.expanded("-".join(name))
        if together.postings:
            plan.together.append(together)
    _expand_names(plan, words, finder)
    plan.names = [name for name in plan.together if _is_one_name(name, plan.required)]
    return plan


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
    """Whether most documents that hold all words of a row have them side by side: Claude Code, not Anthropic report."""
    row = name.text.split("-")
    return len(name.postings) >= _MOSTLY * len(holding_all([clause for clause in required if clause.text in row]))


def _expand_names(plan: QueryPlan, words: Sequence[Word], finder: ExpandingFinder) -> None:
    """What a row of Latin words is called elsewhere (Raspberry Pi, ラズベリーパイ) counts for each word of the row."""
    for name in names_of_several_words(words):
        for size in range(2, len(name) + 1):
            for start in range(len(name) - size + 1):
                row = name[start : start + size]
                expanded = finder.expanded("-".join(row))
                if expanded.expansions:
                    plan.required = [
                        _held_too(clause, expanded) if clause.text in row else clause for clause in plan.required
                    ]


def _held_too(clause: Clause, name: Clause) -> Clause:
    """A word of a name, held also where the name stands under another name."""
    found = {**name.documents, **clause.documents}
    return Clause(
        clause.text, PostingList(found), clause.weight, tuple(dict.fromkeys((*clause.expansions, *name.expansions)))
    )


def widen(plan: QueryPlan, meaning: Meaning, finder: ExpandingFinder) -> None:
    """Let what a near answer is judged by be held in other words of the same meaning, too; raises ``EmbeddingError``.

    A word that is not in the archive counts as there when a word of the other script clearly means the same.
    """
    clauses = {clause.text: clause for clause in plan.near_clauses}
    rows = {" ".join(name): name for name in names_of_several_words([Word(text, text) for text in plan.asked])}
    near = meaning.near_words([*clauses, *plan.absent, *rows])
    for text, clause in clauses.items():
        expansions = near[text]
        if expansions:
            found = dict(clause.documents)
            for expansion in expansions:
                add(found, finder.word(expansion.text).documents, expansion.share)
            weight = clause.weight if clause.postings or not found else finder.information(len(found))
            plan.widened[text] = Clause(text, PostingList(found), weight, expansions, clause.documents)
    for text, words in [*((text, (text,)) for text in plan.absent), *rows.items()]:
        if any(is_the_same(text, expansion) for expansion in near[text]):
            plan.absent.difference_update(words)


def is_the_same(text: str, expansion: Expansion) -> bool:
    """Whether a word of the archive surely means an absent one: a noun of the other script, very near (in the same one
    likeness of letters passes for likeness of meaning).
    """
    other = expansion.text
    if any(map(is_hiragana, other)) or has_cjk(other) == has_cjk(text):
        return False
    return expansion.share >= (_SURELY if len(other) > 1 or " " in text else _SURELY_KANJI)


def names_of_several_words(words: Iterable[Word]) -> list[tuple[str, ...]]:
    """The longest rows of Latin words typed one after the other, of two words or more."""
    rows: list[list[str]] = [[]]
    for word in words:
        if not word.phrase and _latin(word.text):
            rows[-1].append(word.text)
        else:
            rows.append([])
    return [tuple(row[:_MAX_NAME]) for row in rows if len(row) > 1]


def _with_neighbours(words: list[Word], i: int) -> Iterator[str]:
    """``claude code`` is also what is written ``ClaudeCode``: the joined word counts for both of its halves."""
    for first, second in zip(words[max(0, i - 1) : i + 1], words[max(1, i) : i + 2], strict=False):
        if first is not second and _latin(first.text) and _latin(second.text):
            yield first.text + second.text


def _latin(text: str) -> bool:
    return text.isascii() and text.isalnum()


def _is_expanded_whole(clause: Clause, finder: ExpandingFinder) -> bool:
    """Whether a word is one name that the archive has under other spellings alone, so that its parts mean nothing."""
    return bool(clause.expansions) and len(list(tokens(clause.text))) == 1 and not finder.clause(clause.text).postings


def _pieces(plan: QueryPlan, text: str, finder: ExpandingFinder) -> Iterator[Clause]:
    """The known words inside a word that is more than one; nothing for a plain word."""
    found = cut(text, finder) if len(text) > _PAIR else []
    if not found or (len(found) == 1 and found[0].text == text and not found[0].parts):
        return
    seen: set[str] = set()
    for piece in found:
        if piece.text in seen or (is_question_word(piece.text) and has_cjk(piece.text)):
            plan.dropped += [] if piece.text in seen else [piece.text]
            continue
        seen.add(piece.text)
        clause = finder.expanded(piece.text) if len(piece.text) > 1 else finder.word(piece.text)
        parts = [part for part in piece.parts if part not in seen]
        seen.update(parts)
        if clause.postings:
            yield clause
        elif len(piece.text) > 1 and has_cjk(piece.text):
            yield from _loose(piece.text, finder)
        plan.ask(clause, piece.text, absent=not clause.postings and not piece.parts and not piece.inflected)
        yield from map(finder.expanded, parts)


def _loose(text: str, finder: ExpandingFinder) -> Iterator[Clause]:
    """A run nobody wrote, by its bigrams; together they tell about as much as one word."""
    found = [clause for clause in map(finder.pair, dict.fromkeys(bigrams(text))) if clause.postings]
    for clause in found:
        yield Clause(clause.text, clause.postings, clause.weight * _LOOSE_WEIGHT / len(found) ** 0.5)
