"""Counting full matches: those that were fetched one by one, further ones by the cluster."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from zunda_mcp.engine.opensearch.expressions import Dsl
from zunda_mcp.engine.opensearch.index_mapping import episode_of
from zunda_mcp.engine.opensearch.passes import QuestionFacts
from zunda_mcp.index import schema
from zunda_mcp.query import tuning
from zunda_mcp.query.question import Totals

__all__ = ["Counted", "CutShort", "count_matches", "counts_of", "episodes_of"]

_MOST_DAYS, _MOST_EPISODES = 40_000, 60_000
"""Fewer than the 65,535 groups that a cluster makes at most in one search."""
_NEARLY, _NEARLY_OF_A_DAY = 40_000, 100
"""Up to how many episodes an estimate (HyperLogLog++) is close to exact. Each estimate takes 260 kB for 40,000 and 1 kB
for 100 (Elastic, "Cardinality aggregation"), and there are two for each day.
"""
_ANY: Dsl = {"match_all": {}}


class CutShort(NamedTuple):
    """The cluster's counts of full matches that were not all fetched; ``numbers`` are the fetched ones among them.
    ``counts`` are of all, ``of_stories`` of the episodes of stories, ``of_notes`` of those of notes, if there are any.
    """

    counts: Mapping[str, Any]
    of_stories: Mapping[str, Any]
    of_notes: Mapping[str, Any] | None
    numbers: Container[int]

    @property
    def listed(self) -> set[str]:
        """The episodes counted by the cluster, if they are few enough to be listed."""
        return (_episodes(self.of_stories) or set()) | (_episodes(self.of_notes) or set() if self.of_notes else set())

    @property
    def notes(self) -> int:
        """How many episodes match by their notes and not by a story."""
        return self.episodes - self._episodes_of_stories if self.of_notes else 0

    @property
    def episodes(self) -> int:
        """How many episodes match."""
        if self.of_notes is None:
            return self._episodes_of_stories
        stories, notes = _episodes(self.of_stories), _episodes(self.of_notes)
        if stories is None or notes is None:
            return max(int(self._all["episodes"]["value"]), self._episodes_of_stories)
        return len(stories | notes)

    @property
    def ends(self) -> list[str]:
        """The ids of the first and the last dated document. The notes of an episode precede its stories, but match only
        if none of its stories does.
        """
        dated = self._all["dated"]
        first, last, story = (
            [hit["_id"] for hit in dated[name]["top"]["hits"]["hits"]] for name in ("first", "last", "first story")
        )
        if story and first == [episode_of(story[0])]:
            first = story
        return [*first, *last]

    @property
    def _all(self) -> Mapping[str, Any]:
        result: Mapping[str, Any] = self.counts["aggregations"]
        return result

    @property
    def _episodes_of_stories(self) -> int:
        exact = _episodes(self.of_stories)
        return int(self._all["stories"]["episodes"]["value"]) if exact is None else len(exact)


def _episodes(answer: Mapping[str, Any]) -> set[str] | None:
    listed = answer["aggregations"]["of_episodes"]
    return None if listed["sum_other_doc_count"] else {one["key"] for one in listed["buckets"]}


@dataclass
class _Day:
    stories: int = 0
    documents: int = 0
    episodes: set[str] = field(default_factory=set)
    others: int = 0
    """How many episodes the cluster counted."""

    @property
    def episode_count(self) -> int:
        return len(self.episodes) + self.others


@dataclass
class Counted:
    """Counts of full matches: documents, stories, episodes and passages, by day (as ordinals, 0 without a date), and
    the number of stories of the busiest episodes.
    """

    full: int = 0
    stories: int = 0
    episodes: int = 0
    passages: int = 0
    days: dict[int, _Day] = field(default_factory=dict)
    busiest: Counter[str] = field(default_factory=Counter)

    def totals(self) -> Totals:
        """Return the counts as an answer has them."""
        days = [day for day in self.days if day != schema.UNDATED]
        ends = [dt.date.fromordinal(day).isoformat() for day in (min(days), max(days))] if days else [None, None]
        return Totals(self.full, self.stories, self.episodes, self.passages, self._years(), *ends)

    def _years(self) -> Mapping[str, int]:
        """The stories by year, or if there are none the documents; ``""`` for those without a date."""
        result: Counter[str] = Counter()
        for day, one in self.days.items():
            count = one.stories if self.stories else one.documents
            result[f"{dt.date.fromordinal(day).year:04d}" if day != schema.UNDATED else ""] += count
        return {year: result[year] for year in sorted(result) if result[year]}


def count_matches(
    question: QuestionFacts, full: Iterable[int], passages: Collection[int], cut: CutShort | None
) -> Counted:
    """Count the documents ``full`` at hand; if they are ``cut`` short, add the counts of the cluster."""
    counted, episodes = Counted(), set[str]()
    listed = cut.listed if cut else frozenset()
    for number in full:
        if cut is not None and number in cut.numbers:
            continue
        row = question.rows[question.items[number]]
        day = counted.days.setdefault(row.day, _Day())
        is_story = row.place > 0
        counted.full += 1
        counted.stories += is_story
        counted.passages += number in passages
        day.stories += is_story
        day.documents += 1
        if row.episode not in listed:
            episodes.add(row.episode)
            day.episodes.add(row.episode)
        counted.busiest[row.episode] += is_story
    counted.episodes = len(episodes)
    if cut is not None:
        _add(counted, cut)
    return counted


def counts_of(query: Dsl) -> Mapping[str, Any]:
    """Return the body of a search that counts what matches a query."""
    story, passage = {"term": {"key": "kind:story"}}, {"term": {"key": schema.PASSAGE}}
    nearly, of_a_day = (
        {"cardinality": {"field": "episode", "precision_threshold": most}} for most in (_NEARLY, _NEARLY_OF_A_DAY)
    )

    def end(order: str, which: Dsl = _ANY) -> Mapping[str, Any]:
        return {
            "filter": which,
            "aggs": {"top": {"top_hits": {"size": 1, "sort": [{"order": order}], "_source": False}}},
        }

    newest = {"newest": {"max": {"field": "day"}}}  # newest first among equals, as in a local index
    first = [{"_count": "desc"}, {"newest": "desc"}]
    busiest = {"terms": {"field": "episode", "size": 10 * tuning.MAX_BUSIEST, "order": first}, "aggs": newest}
    return {
        "size": 0,
        "query": query,
        "aggs": {
            "stories": {"filter": story, "aggs": {"episodes": nearly, "busiest": busiest}},
            "passages": {"filter": passage},
            "episodes": nearly,
            "dated": {
                "filter": {"range": {"day": {"gt": schema.UNDATED}}},
                "aggs": {"first": end("asc"), "last": end("desc"), "first story": end("asc", story)},
            },
            "days": {
                "terms": {"field": "day", "size": _MOST_DAYS},
                "aggs": {"stories": {"filter": story, "aggs": {"episodes": of_a_day}}, "episodes": of_a_day},
            },
        },
    }


def episodes_of(query: Dsl, most: int = _MOST_EPISODES) -> Mapping[str, Any]:
    """Return the body of a search that lists the episodes of all that matches a query."""
    return {"size": 0, "query": query, "aggs": {"of_episodes": {"terms": {"field": "episode", "size": most}}}}


def _add(counted: Counted, cut: CutShort) -> None:
    result = cut.counts["aggregations"]
    counted.stories += result["stories"]["doc_count"]
    counted.full += result["stories"]["doc_count"] + cut.notes
    counted.passages += result["passages"]["doc_count"]
    counted.episodes += cut.episodes
    for one in result["stories"]["busiest"]["buckets"]:
        counted.busiest[one["key"]] += one["doc_count"]
    for one in result["days"]["buckets"]:
        day, stories = counted.days.setdefault(one["key"], _Day()), one["stories"]
        day.stories += stories["doc_count"]
        day.documents += stories["doc_count"] + one["episodes"]["value"] - stories["episodes"]["value"]
        day.others += one["episodes"]["value"]
