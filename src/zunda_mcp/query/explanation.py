"""How a query was understood and what was searched for: facts that an engine returns with its matches, and the words in
which an answer shows them.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import ALIAS, DICTIONARY, FORM, GLOSS, WHY, Clause, Expansion
from zunda_mcp.query.parse import Query
from zunda_mcp.query.plan import QueryPlan, is_the_same
from zunda_mcp.text.normalize import has_hiragana

__all__ = ["Explanation"]

_NAMED = frozenset(WHY) - {FORM}
_NAMED_OF_PIECES = frozenset({ALIAS, GLOSS})


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a query was understood, as texts and counts that do not depend on an index.

    ``everything``: nothing narrowed the query. ``links``: addresses and sites that stories must link to. ``required``:
    the words of a full match; ``full`` counts these matches, ``held`` the stories with each word, ``parts`` those with
    the few distinctive words of a sentence (no stems of verbs), and ``names`` are the rows of words that a full match
    has side by side. ``expansions``: words with their other forms that were looked up;
    ``synonyms``: words with those that surely mean the same. ``by_meaning``: matches were ranked by meaning as well;
    ``unembedded``: they would have been if there were vectors. ``missing``: the words that the archive lacks, as typed.
    ``exact``: phrases were searched for as typed, in no other spelling. ``spoken`` counts matches only in speech,
    ``together`` those of them with the words close to each other, ``apart`` the stories with every word, but not side
    by side. ``open``: the query was a sentence that is not in the archive, so more may answer than what contains all of
    it. ``left_out``: words that were not searched for, because they are not of the archive's language. ``hints``:
    common words next to a name, which only order the matches.
    """

    everything: bool = False
    links: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    full: int = 0
    held: tuple[tuple[str, int], ...] = ()
    parts: tuple[tuple[str, int], ...] = ()
    names: tuple[str, ...] = ()
    expansions: tuple[tuple[str, tuple[Expansion, ...]], ...] = ()
    synonyms: tuple[tuple[str, tuple[str, ...]], ...] = ()
    by_meaning: bool = False
    unembedded: bool = False
    missing: tuple[str, ...] = ()
    exact: bool = False
    spoken: int = 0
    together: int = 0
    apart: int = 0
    open: bool = False
    left_out: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()

    @classmethod
    def of(cls, plan: QueryPlan, query: Query, pool: Container[int] | None, *, full: int, seldom: int) -> Explanation:
        """The explanation of a plan that was run over ``pool`` (None: all documents) with ``full`` full matches.
        The parts of a sentence that at most ``seldom`` stories contain are named.

        It leaves out inflections (plural, past). For pieces of a word it names only aliases and glosses.
        """
        clauses = {clause.text: clause for clause in plan.clauses}
        required = {clause.text for clause in plan.required}
        expansions = []
        for text, clause in clauses.items():
            named = [one for one in clause.expansions if one.how in (_NAMED if text in required else _NAMED_OF_PIECES)]
            if named:
                expansions.append((text, tuple(named[: tuning.MAX_EXPLAINED_OTHERS])))
        held = [(clause.text, clause.postings.within(pool)) for clause in plan.required]
        pieces = [(clause.text, clause.postings.within(pool)) for clause in plan.pieces] if plan.open else []
        parts = [(text, count) for text, count in pieces if 0 < count <= seldom and not has_hiragana(text)]
        parts = [one for one in parts if not any(one[0] in text for text, _ in [*held, *parts] if text != one[0])]
        return cls(
            required=tuple(clause.text for clause in plan.required),
            open=plan.open,
            exact=any(word.phrase for word in query.words),
            left_out=query.left_out,
            hints=tuple(clause.text for clause in plan.hints),
            full=full,
            held=tuple(held),
            parts=tuple(parts) if len(parts) <= tuning.MAX_EXPLAINED_MISSING else (),
            names=tuple(clause.text for clause in plan.required_phrases),
            expansions=tuple(expansions),
            synonyms=tuple((one.text, others) for one in plan.widened.values() if (others := _synonyms(one))),
        )

    def words(self) -> list[str]:
        """The facts in words, a phrase for each."""
        if self.everything:
            return ["everything"]
        phrases = [f"links to {link}" for link in self.links]
        if self.required and self.full:
            phrases.append(" + ".join(_named(self.required, self.names)))
        elif held := [one for one in (*self.held, *(() if self.missing else self.parts)) if one[1]]:
            stories = "1 story" if held[0][1] == 1 else f"{held[0][1]:,} stories"
            counted = [f"{held[0][0]} in {stories}", *(f"{text} in {count:,}" for text, count in held[1:])]
            phrases.append(", ".join(counted))
        shown = self.expansions[: tuning.MAX_EXPLAINED_EXPANSIONS]
        expanded = [f"{text} → {', '.join(_by_reason(expansions))}" for text, expansions in shown]
        if expanded:
            phrases.append("also: " + "; ".join(expanded))
        named = {(text, one.text) for text, expansions in shown for one in expansions}
        unnamed = [(text, [name for name in names if (text, name) not in named]) for text, names in self.synonyms]
        others = [f"{text} → {', '.join(names)}" for text, names in unnamed if names][: tuning.MAX_EXPLAINED_EXPANSIONS]
        if others and not self.full:  # a full match needs none of them
            phrases.append("in other words: " + "; ".join(others))
        if self.by_meaning and (self.open or not self.full):
            phrases.append("by words and meaning")
        elif self.unembedded:
            phrases.append("by words; meaning is not ready yet")
        if missing := self.missing[: tuning.MAX_EXPLAINED_MISSING]:
            phrases.append("not in the archive as written: " + ", ".join(dict.fromkeys(missing)))
        if self.hints and self.full:
            phrases.append("not required: " + ", ".join(self.hints[: tuning.MAX_EXPLAINED_MISSING]))
        if self.left_out:
            phrases.append("not looked for: " + ", ".join(self.left_out[: tuning.MAX_EXPLAINED_MISSING]))
        if 0 < self.spoken < self.full:
            phrases.append(f"{self.spoken} only by what is said in the recording")
        if 0 < self.together < self.spoken:
            phrases.append(f"the words are close together in the first {self.together}")
        return phrases


def _named(required: Sequence[str], names: Iterable[str]) -> list[str]:
    """The required words; words in the order of a name are joined to one."""
    shown = list(required)
    for name in sorted(names, key=len, reverse=True):
        row = name.split("-")
        for at in range(len(shown) - len(row) + 1):
            if shown[at : at + len(row)] == row:
                shown[at : at + len(row)] = [f"{' '.join(row)} (side by side)"]
                break
    return shown


def _by_reason(expansions: Iterable[Expansion]) -> Iterator[str]:
    """The expansions; neighbours with the same reason share it, as in ``a, b (sounds alike)``."""
    for reason, group in groupby(expansions, lambda one: WHY[one.how]):
        yield f"{', '.join(one.text for one in group)} ({reason})"


def _synonyms(clause: Clause) -> tuple[str, ...]:
    """The expansions that surely mean the same as a word, and those from the dictionary; not those that are merely
    similar or in the same stories.
    """
    called = [one.text for one in clause.expansions if one.how == DICTIONARY]
    if clause.surely and not called:
        return ()
    same = [one.text for one in clause.expansions if is_the_same(clause.text, one)]
    return tuple(dict.fromkeys([*called, *same]))[: tuning.MAX_EXPLAINED_OTHERS]
