"""How a query was understood and what was looked for: first as facts, which an engine returns with its matches, then in
words, which an answer shows.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import ALIAS, DICTIONARY, FORM, GLOSS, WHY, Clause, Expansion
from zunda_mcp.query.parse import Query
from zunda_mcp.query.plan import QueryPlan, is_the_same

__all__ = ["Explanation"]

_NAMED = frozenset(WHY) - {FORM}
_NAMED_OF_PIECES = frozenset({ALIAS, GLOSS})


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a query came to, as texts and counts: nothing in it belongs to an index.

    ``everything`` says that nothing narrowed the query. ``links`` are addresses and sites that stories must link to.
    ``required`` are the words that a full match holds, ``full`` the number of stories that do, ``held`` pairs each
    word with the number of stories that hold it, ``names`` are the rows of them that it holds side by side.
    ``expansions`` pairs a word with the other names it was looked for by
    as well, ``synonyms`` with what it was surely taken for or what stands beside it.
    ``by_meaning`` says that meaning was ranked as well, ``unembedded`` that it would have been, were there vectors.
    ``missing`` are the words that nobody wrote, as typed; ``exact`` says that phrases were looked for as they stand, in
    no other spelling; ``spoken`` counts what matches only by what is spoken, ``together`` what of it says the words
    within a few words of one another; ``apart`` counts what holds every word, but not side by side. ``open`` says that
    the query was a sentence nobody wrote: what holds all of it in speech is not all that may answer. ``left_out`` are
    words of another language than the archive's that were not looked for, ``hints`` common ones beside a name, by which
    answers are only ordered.
    """

    everything: bool = False
    links: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    full: int = 0
    held: tuple[tuple[str, int], ...] = ()
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
    def of(cls, plan: QueryPlan, query: Query, pool: Container[int] | None, *, full: int) -> Explanation:
        """What to tell the user about a plan that was run over ``pool`` (None: all documents).

        Mere inflections (plural, past) are not mentioned; of the pieces of a sentence, only the other names that the
        archive itself gives are mentioned.
        """
        clauses = {clause.text: clause for clause in plan.clauses}
        required = {clause.text for clause in plan.required}
        expansions = []
        for text, clause in clauses.items():
            named = [one for one in clause.expansions if one.how in (_NAMED if text in required else _NAMED_OF_PIECES)]
            if named:
                expansions.append((text, tuple(named[: tuning.MAX_EXPLAINED_OTHERS])))
        return cls(
            required=tuple(clause.text for clause in plan.required),
            open=plan.open,
            exact=any(word.phrase for word in query.words),
            left_out=query.left_out,
            hints=tuple(clause.text for clause in plan.hints),
            full=full,
            held=tuple((clause.text, clause.postings.within(pool)) for clause in plan.required),
            names=tuple(clause.text for clause in plan.required_phrases),
            expansions=tuple(expansions),
            synonyms=tuple((one.text, others) for one in plan.widened.values() if (others := _synonyms(one))),
        )

    def words(self) -> list[str]:
        """The facts in words, a phrase each."""
        if self.everything:
            return ["everything"]
        phrases = [f"links to {link}" for link in self.links]
        if self.required and self.full:
            phrases.append(" + ".join(_named(self.required, self.names)))
        elif held := [(text, count) for text, count in self.held if count]:
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
        if others and not self.full:  # of a full match they are no part
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
    """The required words, those of a name as one where they stand in its order."""
    shown = list(required)
    for name in sorted(names, key=len, reverse=True):
        row = name.split("-")
        for at in range(len(shown) - len(row) + 1):
            if shown[at : at + len(row)] == row:
                shown[at : at + len(row)] = [f"{' '.join(row)} (side by side)"]
                break
    return shown


def _by_reason(expansions: Iterable[Expansion]) -> Iterator[str]:
    """The names, each reason once after those that have it."""
    for reason, group in groupby(expansions, lambda one: WHY[one.how]):
        yield f"{', '.join(one.text for one in group)} ({reason})"


def _synonyms(clause: Clause) -> tuple[str, ...]:
    """What an absent word was surely taken for, or what the dictionary calls a foreign one; nothing for what is merely
    like it or stands in the same stories.
    """
    called = [one.text for one in clause.expansions if one.how == DICTIONARY]
    if clause.surely and not called:
        return ()
    same = [one.text for one in clause.expansions if is_the_same(clause.text, one)]
    return tuple(dict.fromkeys([*called, *same]))[: tuning.MAX_EXPLAINED_OTHERS]
