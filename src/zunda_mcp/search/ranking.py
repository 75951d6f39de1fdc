"""From a plan to ranked documents.

A document's score is the sum over units of weight times impact (BM25F, see ``zunda_mcp.index.impact``), times the
share of the query's information it holds (coordination level, van Rijsbergen 1979). Documents with every required
unit come first; when there are few of them, documents that hold much of the query follow, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from zunda_mcp.search.plan import Plan

ENOUGH = 10
_MIN_SHARE = 0.3
_MIN_SHARE_OF_BEST = 0.25


@dataclass(frozen=True, slots=True)
class Ranking:
    """``scores`` by document, best first; the first ``full`` of them hold every required word."""

    scores: dict[int, float]
    full: int


def rank(plan: Plan, allowed: Container[int] | None) -> Ranking:
    """Score the documents of ``plan`` that are in ``allowed`` (None: all)."""
    scores: dict[int, float] = {}
    held: dict[int, float] = {}
    for unit in plan.units:
        weight = unit.weight
        for document, impact in unit.documents.items():
            scores[document] = scores.get(document, 0.0) + weight * impact
            held[document] = held.get(document, 0.0) + weight
    if allowed is not None:
        scores = {document: score for document, score in scores.items() if document in allowed}
    total = plan.information or 1.0
    required = plan.required
    full = (
        {d for d in min(required, key=lambda u: len(u.documents)).documents if d in scores} if required else set()
    )
    for unit in required:
        full &= unit.documents.keys()
    if required and all(unit.required for unit in plan.units) and (len(full) >= ENOUGH or len(required) == 1):
        scores = {document: scores[document] for document in full}
    ranked = {document: score * (held[document] / total) for document, score in scores.items()}
    best = max((ranked[d] for d in ranked if d not in full), default=0.0)
    kept = {
        document: score
        for document, score in ranked.items()
        if document in full or (held[document] >= _MIN_SHARE * total and score >= _MIN_SHARE_OF_BEST * best)
    }
    order = sorted(kept, key=lambda d: (d not in full, -kept[d], -d))
    return Ranking({document: kept[document] for document in order}, len(full))
