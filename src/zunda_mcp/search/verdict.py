"""What became of a query: how it was understood, in words, and what is merely close to it."""

from __future__ import annotations

from collections.abc import Sequence

from zunda_mcp.search.association import BESIDE
from zunda_mcp.search.bridges import WHY
from zunda_mcp.search.matches import Unit
from zunda_mcp.search.plan import Plan, is_the_same
from zunda_mcp.search.ranking import LOOSE_TAIL, Ranking, Scored

NEAR = 5
_MOST_PIECES, _MOST_CROSSED, _MOST_MISSING, _MOST_NEAR = 12, 6, 8, 2


def close(plan: Plan, ranking: Ranking) -> Sequence[Scored]:
    """The first few that hold at least something of the query."""
    held = [unit.documents for unit in plan.telling]
    return [item for item in ranking[:LOOSE_TAIL] if any(item[0] in documents for documents in held)][:NEAR]


def in_words(plan: Plan, ranking: Ranking, by_meaning: bool) -> list[str]:
    """What the plan came to, in words."""
    said = []
    if plan.required:
        said.append(("all of: " if len(plan.required) > 1 else "") + ", ".join(unit.text for unit in plan.required))
    rest = len(ranking) - ranking.full
    if rest and plan.required:
        holding = {0: "no story holds", 1: "1 story holds"}.get(ranking.full, f"{ranking.full} stories hold")
        said.append(f"{holding} every word, {rest} more hold much of it")
    pieces = [unit.text for unit in plan.pieces if len(unit.text) > 1]
    if rest and pieces:
        said.append("looked for pieces: " + ", ".join(dict.fromkeys(pieces[:_MOST_PIECES])))
    units = {unit.text: unit for unit in [*plan.required, *plan.pieces, *plan.together]}
    crossed = [
        f"{text} → {', '.join(f'{b.text} ({WHY[b.how]})' for b in unit.bridges)}"
        for text, unit in units.items()
        if unit.bridges
    ]
    if crossed:
        said.append("also: " + "; ".join(crossed[:_MOST_CROSSED]))
    if others := [line for unit in plan.widened.values() if (line := _in_other_words(unit))]:
        said.append("in other words: " + "; ".join(others[:_MOST_CROSSED]))
    if by_meaning:
        said.append("ordered by words and meaning")
    if plan.missing:
        said.append("not in the archive as written: " + ", ".join(dict.fromkeys(plan.missing[:_MOST_MISSING])))
    return said


def _in_other_words(unit: Unit) -> str:
    """What an absent word was surely taken for, or what stands beside a foreign one; nothing for a mere likeness."""
    if unit.surely and not any(bridge.how == BESIDE for bridge in unit.bridges):
        return ""
    sure = [bridge.text for bridge in unit.bridges if bridge.how == BESIDE or is_the_same(unit.text, bridge)]
    return f"{unit.text} → {', '.join(sure[:_MOST_NEAR])}" if sure else ""
