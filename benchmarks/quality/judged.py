"""The judged queries, which stories a query's filters let through, and the scores.

A line of the file is ``{"id", "kind", "query", "filters", "relevant"}``: ``filters`` may name ``site``, ``since``,
``until`` (days, both included) and ``host``; ``relevant`` lists ``{"episode", "url", "grade"}``. Queries of the kind
``none`` have nothing relevant: the right answer is no hit at all. All else is scored by nDCG@10 with a gain of
2^grade - 1 (Burges et al., "Learning to rank using gradient descent", 2005) and by the share of all relevant stories
among the first twenty.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.quality.judged_stories import Story

NONE = "none"
ALL = "all"
DEPTH = 20
_FIRST = 10
_FILTERS = {"site", "since", "until", "host"}

Key = tuple[str, str | None]
"""What a judgment names a story by: the id of its episode, and its link."""


@dataclass(frozen=True)
class Query:
    """One judged query; ``grades`` are those of the relevant stories."""

    id: str
    kind: str
    text: str
    filters: dict[str, str]
    grades: dict[Key, int]

    def lets_through(self, story: Story) -> bool:
        """Whether the filters do."""
        site, host = self.filters.get("site"), self.filters.get("host")
        since, until = (self.filters.get(name) for name in ("since", "until"))
        return (
            (site is None or story.site == site or (story.site or "").endswith("." + site))
            and (host is None or host in story.hosts)
            and (since is None or dt.date.fromisoformat(since) <= story.date)
            and (until is None or story.date <= dt.date.fromisoformat(until))
        )


@dataclass(frozen=True)
class Score:
    """Means over the queries of one kind. ``silent`` is the share answered with no hit: of the kind ``none``, which has
    nothing else, that is right; of the others it is a mistake.
    """

    queries: int
    ndcg: float = 0.0
    recall: float = 0.0
    silent: float = 0.0


Ask = Callable[[Query], list[Key]]
"""An engine, as the measures use it: the first hits of a query, best first."""


def read(file: Path) -> list[Query]:
    """The queries of ``file``. Raises ``ValueError`` with the number of the line that is not one."""
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            try:
                found.append(_query(json.loads(line)))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                msg = f"{file}:{number} is not a judged query ({type(error).__name__}: {error})."
                raise ValueError(msg) from error
    return found


def _query(row: dict[str, Any]) -> Query:
    filters = dict(row["filters"])
    if unknown := filters.keys() - _FILTERS:
        msg = f"unknown filters {sorted(unknown)}"
        raise ValueError(msg)
    for name in ("since", "until"):
        if name in filters:
            dt.date.fromisoformat(filters[name])
    grades = {(one["episode"], one["url"]): int(one["grade"]) for one in row["relevant"]}
    if (row["kind"] == NONE) == any(grades.values()):
        msg = 'of the kind "none" nothing is relevant, of all others something is'
        raise ValueError(msg)
    return Query(row["id"], row["kind"], row["query"], filters, grades)


def kinds(queries: Iterable[Query]) -> list[str]:
    """The kinds that are ranked, in the file's order, and ``all`` of them last."""
    return [*dict.fromkeys(query.kind for query in queries if query.kind != NONE), ALL]


def score(queries: Iterable[Query], answers: dict[str, list[Key]]) -> dict[str, Score]:
    """The scores by kind; ``answers`` are the hits by a query's id, best first."""
    ranked: dict[str, list[tuple[float, float]]] = defaultdict(list)
    silent: dict[str, list[bool]] = defaultdict(list)
    for query in queries:
        hits = answers[query.id]
        for kind in (query.kind, ALL) if query.kind != NONE else (NONE,):
            silent[kind].append(not hits)
            if kind != NONE:
                ranked[kind].append(rate(query, hits))
    return {
        kind: Score(
            len(without),
            ndcg=fmean(pair[0] for pair in ranked[kind]) if kind in ranked else 0.0,
            recall=fmean(pair[1] for pair in ranked[kind]) if kind in ranked else 0.0,
            silent=fmean(without),
        )
        for kind, without in silent.items()
    }


def rate(query: Query, hits: Sequence[Key]) -> tuple[float, float]:
    """nDCG@10 and recall@20 of the answer to one query that has one."""
    grades, seen = query.grades, set(hits[:DEPTH])
    best = sorted(grades.values(), reverse=True)
    ndcg = _gain(grades.get(hit, 0) for hit in hits[:_FIRST]) / _gain(best[:_FIRST])
    return ndcg, len(grades.keys() & seen) / len(grades)


def _gain(grades: Iterable[int]) -> float:
    return sum((2.0**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades))
