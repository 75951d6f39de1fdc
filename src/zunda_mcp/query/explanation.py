"""How a query was understood and what was looked for: first as facts, which an engine returns with its matches, then in
words, which an answer shows.
"""

from __future__ import annotations

from dataclasses import dataclass

from zunda_mcp.query import tuning
from zunda_mcp.query.association import BESIDE
from zunda_mcp.query.clauses import Clause, Expansion
from zunda_mcp.query.expansion import WHY
from zunda_mcp.query.plan import QueryPlan, is_the_same

__all__ = ["Explanation"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a query came to, as texts and counts: nothing in it belongs to an index.

    ``everything`` says that nothing narrowed the query. ``links`` are addresses and sites that stories must link to.
    ``required`` are the words that a full match holds, ``full`` the number of stories that do, ``rest`` that of the
    others that are listed. ``pieces`` are what near matches were looked for by. ``expansions`` pairs a word with the
    other names it was looked for by as well, ``synonyms`` with what it was surely taken for or what stands beside it.
    ``missing`` are the words that nobody wrote, as typed; ``spoken`` counts what matches only by what is spoken.
    """

    everything: bool = False
    links: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    full: int = 0
    rest: int = 0
    pieces: tuple[str, ...] = ()
    expansions: tuple[tuple[str, tuple[Expansion, ...]], ...] = ()
    synonyms: tuple[tuple[str, tuple[str, ...]], ...] = ()
    by_meaning: bool = False
    missing: tuple[str, ...] = ()
    spoken: int = 0

    @classmethod
    def of(cls, plan: QueryPlan, *, full: int, rest: int) -> Explanation:
        """The facts of a plan as it was carried out."""
        clauses = {clause.text: clause for clause in plan.clauses}
        return cls(
            required=tuple(clause.text for clause in plan.required),
            full=full,
            rest=rest,
            pieces=tuple(clause.text for clause in plan.pieces),
            expansions=tuple((text, one.expansions) for text, one in clauses.items() if one.expansions),
            synonyms=tuple((one.text, others) for one in plan.widened.values() if (others := _synonyms(one))),
        )

    def words(self) -> list[str]:
        """The facts in words, a phrase each."""
        if self.everything:
            return ["everything"]
        phrases = [f"links to {link}" for link in self.links]
        if self.required:
            phrases.append(("all of: " if len(self.required) > 1 else "") + ", ".join(self.required))
        if self.rest and self.required:
            holding = {0: "no story holds", 1: "1 story holds"}.get(self.full, f"{self.full} stories hold")
            phrases.append(f"{holding} every word, {self.rest} more hold much of it")
        pieces = [text for text in self.pieces if len(text) > 1][: tuning.MAX_EXPLAINED_PIECES]
        if self.rest and pieces:
            phrases.append("looked for pieces: " + ", ".join(dict.fromkeys(pieces)))
        expanded = [
            f"{text} → {', '.join(f'{one.text} ({WHY[one.how]})' for one in expansions)}"
            for text, expansions in self.expansions[: tuning.MAX_EXPLAINED_EXPANSIONS]
        ]
        if expanded:
            phrases.append("also: " + "; ".join(expanded))
        others = [f"{text} → {', '.join(names)}" for text, names in self.synonyms[: tuning.MAX_EXPLAINED_EXPANSIONS]]
        if others:
            phrases.append("in other words: " + "; ".join(others))
        if self.by_meaning:
            phrases.append("ordered by words and meaning")
        if missing := self.missing[: tuning.MAX_EXPLAINED_MISSING]:
            phrases.append("not in the archive as written: " + ", ".join(dict.fromkeys(missing)))
        if self.spoken:
            phrases.append(f"{self.spoken} only by what is said in the recording")
        return phrases


def _synonyms(clause: Clause) -> tuple[str, ...]:
    """What an absent word was surely taken for, or what stands beside a foreign one; nothing for a mere likeness."""
    beside = [one.how == BESIDE for one in clause.expansions]
    if clause.surely and not any(beside):
        return ()
    names = [
        one.text
        for one, is_beside in zip(clause.expansions, beside, strict=True)
        if is_beside or is_the_same(clause.text, one)
    ]
    return tuple(names[: tuning.MAX_EXPLAINED_OTHERS])
