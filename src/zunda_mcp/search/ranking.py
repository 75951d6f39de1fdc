"""From a plan to ranked documents.

A document's score is the sum over units of weight times impact (BM25F, see ``zunda_mcp.index.impact``), times a
power of the share of the query's information it holds (coordination level matching, van Rijsbergen, "Information
Retrieval", 1979). Documents that hold every required word come first. Where they are few, documents that hold much
of the query follow them, and the answer says how many are full.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass

from zunda_mcp.search.plan import Plan, Unit

ENOUGH = 10
TAIL = 20
LOOSE_TAIL = 50
_MIN_SHARE = 0.1
_COORDINATION = 0.5


@dataclass(frozen=True, slots=True)
class Ranking:
    """``scores`` by document, best first; the first ``full`` of them hold every required word."""

    scores: dict[int, float]
    full: int


def rank(plan: Plan, allowed: Container[int] | None) -> Ranking:
    """Score the documents of ``plan`` that are in ``allowed`` (None: all)."""
    full = set() if plan.open else _holding_all(plan.required, allowed)
    if len(full) >= ENOUGH or (full and not plan.pieces and len(plan.required) == 1):
        return Ranking(_ordered(_scores([*plan.required, *plan.together], full)), len(full))
    telling = plan.telling
    scores = _scores([*plan.required, *plan.together, *plan.pieces], allowed)
    held = _held(telling, scores)
    total = sum(unit.weight for unit in telling) or 1.0
    near = {
        document: score * (held.get(document, 0.0) / total) ** _COORDINATION
        for document, score in scores.items()
        if document not in full and held.get(document, 0.0) >= _MIN_SHARE * total
    }
    first = _ordered({document: scores[document] for document in full})
    room = max(0, TAIL - len(full)) if full else LOOSE_TAIL
    rest = list(_ordered(near).items())[:room]
    return Ranking({**first, **dict(rest)}, len(full))


def _holding_all(units: list[Unit], allowed: Container[int] | None) -> set[int]:
    if not units:
        return set()
    rarest = min(units, key=lambda unit: len(unit.documents))
    full = {document for document in rarest.documents if allowed is None or document in allowed}
    for unit in units:
        full &= unit.documents.keys()
    return full


def _scores(units: Iterable[Unit], allowed: Container[int] | None) -> dict[int, float]:
    scores: dict[int, float] = {}
    for unit in units:
        weight = unit.weight
        for document, impact in unit.documents.items():
            scores[document] = scores.get(document, 0.0) + weight * impact
    return scores if allowed is None else {d: score for d, score in scores.items() if d in allowed}


def _held(units: Iterable[Unit], documents: Container[int]) -> dict[int, float]:
    held: dict[int, float] = {}
    for unit in units:
        for document in unit.documents:
            if document in documents:
                held[document] = held.get(document, 0.0) + unit.weight
    return held


def _ordered(scores: dict[int, float]) -> dict[int, float]:
    """Best first; of equals the later document, which is the newer story."""
    return dict(sorted(scores.items(), key=lambda item: (-item[1], -item[0])))
