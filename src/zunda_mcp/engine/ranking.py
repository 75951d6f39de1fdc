"""From a plan to ranked documents.

The score of a document is the sum over its clauses of weight times impact (BM25F, see ``zunda_mcp.index.impact``).
Documents with every required word come first. If they are few, documents with much of the query follow: their scores
are multiplied by a power of the share of the query's information that they have (coordination level matching, van
Rijsbergen, "Information Retrieval", 1979), and the answer says how many are full matches.

Only what is shown is sorted. The near documents are found by bounds, as in MaxScore (Turtle and Flood, "Query
evaluation: strategies and optimizations", 1995) and the threshold algorithm (Fagin, Lotem and Naor, "Optimal
aggregation algorithms for middleware", JCSS 2003): documents are grouped by the clauses they match, and the group with
the greatest possible score comes first; a document is scored over all clauses when first met; what cannot enter the
best is skipped. The result is exact: the same as scoring every document.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Sequence
from itertools import combinations
from operator import add
from statistics import NormalDist
from typing import NamedTuple, overload

from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import Clause
from zunda_mcp.query.names import is_seldom_used, nearly_beside
from zunda_mcp.query.plan import QueryPlan, holding_all

__all__ = [
    "Chained",
    "Ordered",
    "Ranking",
    "Scored",
    "by_chance",
    "closest",
    "holding_names",
    "rank",
    "scores_and_shares",
]

Scored = tuple[int, float]


class _Rows(Sequence[Scored]):
    """Documents with scores, best first, sorted only as far as they are read."""

    def _first(self, count: int) -> Sequence[Scored]:
        """The first ``count`` rows, which is at most their number."""
        raise NotImplementedError

    @overload
    def __getitem__(self, at: int) -> Scored: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Scored]: ...
    def __getitem__(self, at: int | slice) -> Scored | Sequence[Scored]:
        if isinstance(at, slice):
            start, stop, step = at.indices(len(self))
            return self._first(stop)[start:stop:step]
        if at < 0 or at >= len(self):
            raise IndexError(at)
        return self._first(at + 1)[at]

    def __iter__(self) -> Iterator[Scored]:
        yield from self[:]


class Ranking(_Rows):
    """Documents with scores, best first: the first ``full`` contain every required word, then ``near`` in order."""

    def __init__(
        self, holding_all: Collection[int] = (), clauses: Sequence[Clause] = (), near: Sequence[Scored] = ()
    ) -> None:
        self.holding_all = holding_all
        self.full = len(holding_all)
        self._clauses = clauses
        self._near = near
        self._best: list[Scored] = []

    def __len__(self) -> int:
        return self.full + len(self._near)

    def documents(self) -> Iterator[int]:
        """Yield all documents, in no order."""
        yield from self.holding_all
        yield from (document for document, _ in self._near)

    def without(self, documents: Container[int]) -> Ranking:
        """Return the ranking without ``documents``."""
        kept = [document for document in self.holding_all if document not in documents]
        return Ranking(kept, self._clauses, [item for item in self._near if item[0] not in documents])

    def nearly_named(self, name: str, plain: Callable[[int], bytes]) -> tuple[Ranking, bool]:
        """Return the ranking without full matches, first what nearly has ``name`` in its ``plain`` text; and if any
        has.
        """
        items = self[: tuning.MAX_WITHOUT_FULL]
        named = [one for one in items if nearly_beside(name, plain(one[0]))]
        return Ordered([*named, *(one for one in items if one not in named)], ()), bool(named)

    def _first(self, count: int) -> Sequence[Scored]:
        full = min(count, self.full)
        if full > len(self._best):
            self._best = self._sorted(full)
        return self._best if count == len(self._best) else [*self._best[:full], *self._near[: count - full]]

    def _sorted(self, count: int) -> list[Scored]:
        """The best ``count`` or more of the documents that contain every word."""
        first = self._clauses[0]
        if len(self._clauses) == 1 and self.full == len(first.postings):
            weight, documents = first.weight, first.documents
            return [(document, weight * documents[document]) for document in first.postings.by_impact[:count]]
        scored = zip(_scores(self._clauses, self.holding_all), self.holding_all, strict=True)
        few = count * tuning.HEAP_PART < self.full
        best = heapq.nlargest(count, scored) if few else sorted(scored, reverse=True)
        return [(document, score) for score, document in best]


class Ordered(Ranking):
    """Documents in an order made elsewhere, best first; ``full`` of them, at any place, contain every word.

    All of ``holding_all`` are among ``items``: what is counted is listed.
    """

    def __init__(self, items: Sequence[Scored], holding_all: Collection[int]) -> None:
        super().__init__(near=items)
        self.holding_all = holding_all
        self.full = len(holding_all)

    def __len__(self) -> int:
        return len(self._near)

    def documents(self) -> Iterator[int]:
        yield from (document for document, _ in self._near)

    def _first(self, count: int) -> Sequence[Scored]:
        return self._near[:count]


class Chained(_Rows):
    """Several rows of documents, one after the other; each is read only as far as needed."""

    def __init__(self, rows: Sequence[Sequence[Scored]]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return sum(map(len, self._rows))

    def _first(self, count: int) -> Sequence[Scored]:
        items: list[Scored] = []
        for row in self._rows:
            items += row[: max(0, count - len(items))]
        return items


def rank(plan: QueryPlan, allowed: Container[int] | None, *, near: bool = True) -> Ranking:
    """Return the documents of ``plan`` in ``allowed`` (None: all); with ``near`` also those that match much of it."""
    required = [*plan.required, *plan.required_phrases]
    full: Collection[int] = () if plan.open or not plan.required else holding_all(required)
    if allowed is not None:
        full = [document for document in full if document in allowed]
    scoring = [*plan.required, *plan.phrases, *plan.hints]
    if not near or len(full) >= tuning.ENOUGH_FULL or (full and not plan.pieces and len(plan.required) == 1):
        return Ranking(full, scoring)
    room = max(0, tuning.MAX_WITH_FULL - len(full)) if full else tuning.MAX_WITHOUT_FULL
    return Ranking(full, [*scoring, *plan.pieces], _near(plan.near_clauses, plan.boosts, set(full), allowed, room))


def scores_and_shares(
    plan: QueryPlan, documents: Iterable[int], full: Container[int]
) -> dict[int, tuple[float, float]]:
    """Return for each document its score as ``rank`` gives it, and the share of the query's information that it has.
    Those in ``full`` have all of it, under whatever name.
    """
    near_clauses, boosts = plan.near_clauses, plan.boosts
    total = sum(clause.weight for clause in near_clauses) or 1.0
    lists = [(c.weight, c.documents.get, None if c.surely is None else c.surely.documents) for c in near_clauses]
    extras = [(clause.weight, clause.documents.get) for clause in boosts]
    weighed = {}
    for document in documents:
        score = held = 0.0
        for weight, find, surely in lists:
            impact = find(document)
            if impact is not None:
                score += weight * impact
                held += weight if surely is None or document in surely else weight * tuning.LIKENESS_HELD
        for weight, find in extras:
            score += weight * find(document, 0.0)
        held = total if document in full else held
        weighed[document] = (score * (held / total) ** tuning.COORDINATION_POWER, held / total)
    return weighed


def _scores(clauses: Sequence[Clause], documents: Collection[int]) -> Iterable[float]:
    """The score of each of ``documents``."""
    total: Iterable[float] = ()
    for i, clause in enumerate(clauses):
        weight, impacts = clause.weight, clause.documents
        if documents is impacts:
            part = [weight * impact for impact in impacts.values()]
        else:
            part = [weight * impact for impact in map(impacts.get, documents, (0.0,) * len(documents))]
        total = list(map(add, total, part)) if i else part
    return total


class _Group(NamedTuple):
    """Documents that match all of ``members``: the greatest score one can have, and what others add to it."""

    most: float
    factor: float
    members: tuple[Clause, ...]
    boosts: float


def _groups(clauses: Sequence[Clause], total: float, boosts: float) -> list[_Group]:
    """Groups that cover every document that matches some of ``clauses``, by greatest possible score.

    Long lists are combined in all ways: a document of a smaller combination matches nothing else, or was met before.
    Short lists, or many, are taken one by one: a document of one matches none of those before it.
    """
    rows: list[tuple[tuple[Clause, ...], Sequence[Clause], Sequence[Clause]]]
    if len(clauses) > tuning.MAX_COMBINED or all(
        clause.postings.sortable(tuning.MAX_SORTED_POSTINGS) for clause in clauses
    ):
        rows = [((clause,), clauses[i:], clauses[i + 1 :]) for i, clause in enumerate(clauses)]
    else:
        sizes = range(1, len(clauses) + 1)
        rows = [(members, members, ()) for size in sizes for members in combinations(clauses, size)]
    groups = []
    for members, held, others in rows:
        factor = (sum(clause.weight for clause in held) / total) ** tuning.COORDINATION_POWER
        more = boosts + sum(clause.bound for clause in others)
        groups.append(_Group((more + sum(clause.bound for clause in members)) * factor, factor, members, more))
    return sorted(groups, key=lambda group: -group.most)


def _near(
    near_clauses: Sequence[Clause],
    boosts: Sequence[Clause],
    full: Container[int],
    allowed: Container[int] | None,
    room: int,
) -> list[Scored]:
    """The best ``room`` documents that match some of ``near_clauses`` and are not ``full``; ``boosts`` add scores."""
    clauses = sorted((clause for clause in near_clauses if clause.postings), key=lambda clause: -clause.bound)
    others = [clause for clause in boosts if clause.postings]
    total = sum(clause.weight for clause in near_clauses) or 1.0
    lists = [(clause.weight, clause.documents.get) for clause in clauses]
    extras = [(clause.weight, clause.documents.get) for clause in others]
    enough = tuning.MIN_NEAR_SHARE * total
    best: list[tuple[float, int]] = []
    seen: set[int] = set()

    def meet(documents: Iterable[int]) -> None:
        for document in documents:
            if document in seen or document in full or (allowed is not None and document not in allowed):
                continue
            seen.add(document)
            score = held = 0.0
            for weight, find in lists:
                impact = find(document)
                if impact is not None:
                    score += weight * impact
                    held += weight
            if held < enough:
                continue
            for weight, find in extras:
                score += weight * find(document, 0.0)
            item = (score * (held / total) ** tuning.COORDINATION_POWER, document)
            if len(best) < room:
                heapq.heappush(best, item)
            elif item > best[0]:
                heapq.heapreplace(best, item)

    elsewhere = 0.0
    for clause in others:
        if len(clause.postings) <= tuning.SHORT_BOOST:
            meet(clause.documents)  # so it cannot raise the score of any other document
        else:
            elsewhere += clause.bound
    for group in _groups(clauses, total, elsewhere):
        if len(best) == room and group.most < best[0][0]:
            break
        for documents in _candidates(group, best, room):
            meet(documents)
    return [(document, score) for score, document in sorted(best, reverse=True)]


def _candidates(group: _Group, best: Sequence[tuple[float, int]], room: int) -> Iterator[Iterable[int]]:
    """The documents of a group that could enter ``best``; if many, first those with the greatest possible scores."""
    lead, *others = sorted(group.members, key=lambda clause: len(clause.postings))
    impacts = lead.documents
    rest = group.boosts + sum(clause.bound for clause in others)

    def least() -> float:
        """The impact that a document must have in the leading clause."""
        return (best[0][0] / group.factor - rest) / lead.weight - tuning.ROUNDING if len(best) == room else 0.0

    if not others and lead.postings.sortable(tuning.MAX_SORTED_POSTINGS):
        in_order, start, size = lead.postings.by_impact, 0, room
        end = len(in_order)
        while start < end:
            yield in_order[start : min(end, start + size)]
            start, size = start + size, size * 2
            end = bisect_right(in_order, -least(), key=lambda document: -impacts[document])
        return
    documents: Collection[int] = impacts
    for clause in others:
        documents = clause.documents.keys() & documents
    if len(documents) > tuning.FEW_CANDIDATES and len(best) < room:
        yield heapq.nlargest(max(room, tuning.FIRST_CANDIDATES), documents, key=impacts.__getitem__)
    enough = least()
    yield [document for document in documents if impacts[document] >= enough] if enough > 0 else documents


def by_chance(count: int) -> float:
    """Return the expected greatest of ``count`` standard normal deviates (Blom, "Statistical Estimates and Transformed
    Beta-Variables", 1958).
    """
    return NormalDist().inv_cdf((count - 0.375) / (count + 0.25))


def holding_names(plan: QueryPlan, pool: Container[int] | None) -> frozenset[int]:
    """Return the documents that contain a name of a query: a word that general language hardly uses and few stories
    have. Names count from the rarest on, as long as all their documents are few.
    """
    holders: set[int] = set()
    for clause in sorted(plan.required, key=lambda clause: len(clause.postings)):
        if is_seldom_used(clause.text):
            more = holders.union(number for number in clause.documents if pool is None or number in pool)
            if len(more) > tuning.MAX_NAMED:
                break
            holders = more
    return frozenset(holders)


def closest(plan: QueryPlan, ranking: Ranking) -> Sequence[Scored]:
    """Return the first few documents that contain at least something of the query."""
    held = [clause.documents for clause in plan.near_clauses]
    near = [item for item in ranking[: tuning.MAX_WITHOUT_FULL] if any(item[0] in documents for documents in held)]
    return near[: tuning.MAX_NEAR]
