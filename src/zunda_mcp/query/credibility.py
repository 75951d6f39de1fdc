"""Which of the words that a typed word was taken for are believed, where word vectors can say: pick sounds like ピーク,
and means nothing near it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import Clause
from zunda_mcp.query.dictionary import Dictionary
from zunda_mcp.query.expansion import SOUND, TYPO
from zunda_mcp.query.plan import QueryPlan
from zunda_mcp.text.frequencies import lexicon
from zunda_mcp.text.normalize import has_cjk

__all__ = ["WordMeaning", "without_unlikely"]


class WordMeaning(Protocol):
    """Knows how near words are in meaning."""

    def likeness(self, text: str, others: Sequence[str]) -> Sequence[float]:
        """How near a word is to each of some others, as a cosine. Raises ``EmbeddingError``."""


def without_unlikely(plan: QueryPlan, meaning: WordMeaning, finder: Dictionary) -> QueryPlan:
    """``plan`` without the words of general language that were only taken for others since they sound or are spelled
    alike, where none of these means anything near. Raises ``EmbeddingError``.
    """
    unlikely = {
        clause.text
        for clause in (*plan.required, *plan.pieces)
        if clause.expansions
        and clause.text in lexicon("ja" if has_cjk(clause.text) else "en")
        and all(one.how in {SOUND, TYPO} for one in clause.expansions)
        and max(meaning.likeness(clause.text, [one.text for one in clause.expansions])) < tuning.MIN_CREDIBLE_LIKENESS
    }
    if not unlikely:
        return plan

    def typed(clauses: Sequence[Clause]) -> tuple[Clause, ...]:
        return tuple(finder.clause(clause.text) if clause.text in unlikely else clause for clause in clauses)

    subjects = tuple(
        replace(one, absent=one.absent or not finder.clause(one.text).postings) if one.text in unlikely else one
        for one in plan.subjects
    )
    return replace(plan, required=typed(plan.required), pieces=typed(plan.pieces), subjects=subjects)
