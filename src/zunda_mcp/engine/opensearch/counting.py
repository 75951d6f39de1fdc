"""Full matches counted: those at hand one by one, and by the cluster where there are more than were fetched."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from zunda_mcp.engine.opensearch.expressions import Dsl
from zunda_mcp.engine.opensearch.passes import Question
from zunda_mcp.index import schema
from zunda_mcp.query import tuning

__all__ = ["Counted", "CutShort", "count_matches", "counts_of"]

_MOST_DAYS, _EXACT_EPISODES = 40_000, 40_000
_MOST_EPISODES = 60_000
"""Less than the 65,535 groups that a cluster makes at most."""


class CutShort(NamedTuple):
    """What a cluster answered to ``counts_of`` a query of which only some matches are at hand, and their numbers."""

    answer: Mapping[str, Any]
    numbers: Container[int]

    @property
    def episodes(self) -> set[str]:
        """The episodes that all of them belong to."""
        return {one["key"] for one in self.answer["aggregations"]["of_episodes"]["buckets"]}

    def end(self, name: str) -> str | None:
        """The id of the ``first`` or the ``last`` dated document."""
        hits = self.answer["aggregations"]["dated"][name]["hits"]["hits"]
        return str(hits[0]["_id"]) if hits else None


@dataclass
class _Day:
    stories: int = 0
    documents: int = 0
    passages: int = 0
    episodes: set[str] | int = field(default_factory=set)

    @property
    def episode_count(self) -> int:
        return self.episodes if isinstance(self.episodes, int) else len(self.episodes)


@dataclass
class Counted:
    """How much matches in full: documents, stories, episodes, passages, by day (ordinals, 0 without one), and how many
    stories the busiest episodes have.
    """

    full: int = 0
    stories: int = 0
    episodes: int = 0
    passages: int = 0
    days: dict[int, _Day] = field(default_factory=dict)
    busiest: Counter[str] = field(default_factory=Counter)

    @property
    def first(self) -> int | None:
        """The first day."""
        return min((day for day in self.days if day != schema.UNDATED), default=None)

    @property
    def last(self) -> int | None:
        """The last day."""
        return max((day for day in self.days if day != schema.UNDATED), default=None)

    def years(self) -> Mapping[str, int]:
        """The stories by year, or where there are none the episodes; ``""`` without a date."""
        result: Counter[str] = Counter()
        for day, one in self.days.items():
            count = one.stories if self.stories else one.documents
            result[f"{dt.date.fromordinal(day).year:04d}" if day != schema.UNDATED else ""] += count
        return {year: result[year] for year in sorted(result) if result[year]}


def count_matches(
    question: Question, full: Iterable[int], passages: Collection[int], cuts: Sequence[CutShort]
) -> Counted:
    """Count the documents ``full`` at hand, and what the cluster has beyond those of ``cuts``."""
    counted, episodes = Counted(), {episode for cut in cuts for episode in cut.episodes}
    for number in full:
        if any(number in cut.numbers for cut in cuts):
            continue
        row = question.rows[question.items[number]]
        day = counted.days.setdefault(row.day, _Day())
        is_story = row.place > 0
        counted.full += 1
        counted.stories += is_story
        counted.passages += number in passages
        episodes.add(row.episode)
        day.stories += is_story
        day.documents += 1
        assert isinstance(day.episodes, set)
        day.episodes.add(row.episode)
        counted.busiest[row.episode] += is_story
    counted.episodes = len(episodes)
    for cut in cuts:
        _add(counted, cut.answer)
    return counted


def counts_of(query: Dsl) -> Mapping[str, Any]:
    """A search that counts what matches a query."""
    story, passage = {"term": {"key": "kind:story"}}, {"term": {"key": schema.PASSAGE}}
    cardinality = {"cardinality": {"field": "episode", "precision_threshold": _EXACT_EPISODES}}
    ends = {
        name: {"top_hits": {"size": 1, "sort": [{"order": order}], "_source": False}}
        for name, order in (("first", "asc"), ("last", "desc"))
    }
    return {
        "size": 0,
        "track_total_hits": True,
        "query": query,
        "aggs": {
            "stories": {"filter": story},
            "passages": {"filter": passage},
            "of_episodes": {"terms": {"field": "episode", "size": _MOST_EPISODES}},
            "busiest": {"terms": {"field": "episode", "size": 10 * tuning.MAX_BUSIEST}},
            "dated": {"filter": {"range": {"day": {"gt": schema.UNDATED}}}, "aggs": ends},
            "days": {
                "terms": {"field": "day", "size": _MOST_DAYS},
                "aggs": {"stories": {"filter": story}, "episodes": cardinality},
            },
        },
    }


def _add(counted: Counted, answer: Mapping[str, Any]) -> None:
    result = answer["aggregations"]
    counted.full += answer["hits"]["total"]["value"]
    counted.stories += result["stories"]["doc_count"]
    counted.passages += result["passages"]["doc_count"]
    for one in result["busiest"]["buckets"]:
        counted.busiest[one["key"]] += one["doc_count"]
    for one in result["days"]["buckets"]:
        day = counted.days.setdefault(one["key"], _Day())
        day.stories += one["stories"]["doc_count"]
        day.documents += one["doc_count"]
        day.episodes = day.episode_count + one["episodes"]["value"]
