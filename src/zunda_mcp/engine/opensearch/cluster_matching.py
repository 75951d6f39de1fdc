"""Matching in a cluster: the matcher of the embedded engine, over candidates that the cluster chooses.

Before each step the cluster chooses candidates by the same clauses and weights, with scores that are never lower than
those of ranking. So ranking finds among the candidates what it would find among all documents, provided that none left
out can score as much; if one can, more are fetched.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Container, Sequence, Set
from functools import cached_property
from typing import TYPE_CHECKING, Any

from zunda_mcp.answers import Sort
from zunda_mcp.engine.expander import Expander, ExpandingFinder
from zunda_mcp.engine.match_steps import MatchScope, MatchState
from zunda_mcp.engine.matching import Matcher
from zunda_mcp.engine.opensearch.cluster_reader import ClusterReader, key_query
from zunda_mcp.engine.opensearch.cluster_words import ClusterFinder, SpokenClusterFinder
from zunda_mcp.engine.opensearch.counting import CutShort, counts_of, episodes_of
from zunda_mcp.engine.opensearch.expressions import NOTHING, Dsl, Expression, Leaf, Scope, all_of, any_of, parts_of
from zunda_mcp.engine.opensearch.index_mapping import exact_units
from zunda_mcp.engine.opensearch.passes import Candidates
from zunda_mcp.engine.ranking import Ranking, Scored, scores_and_shares
from zunda_mcp.engine.selection import Ranked, most_titled
from zunda_mcp.engine.spoken import SpokenFinder
from zunda_mcp.engine.terms import WordFinder
from zunda_mcp.index import schema
from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import Clause, PostingList
from zunda_mcp.query.filters import Filters
from zunda_mcp.query.parse import Query
from zunda_mcp.query.plan import QueryPlan, make_plan
from zunda_mcp.text.normalize import normalize

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Embedder
    from zunda_mcp.engine.opensearch.cluster_meaning import VectorFacts
    from zunda_mcp.engine.semantic import Meaning

__all__ = ["FETCHED", "NEAR", "ClusterMatcher", "filter_queries"]

FETCHED = 1000
"""Full matches that are fetched; more are counted."""
NEAR, _MOST_NEAR = 300, 4800
"""How many near matches are fetched first, and at most. The maximum also limits matches in speech alone."""
_SPOKEN = 600
_MOST_PARTS = 900
"""A cluster takes queries of 1,024 parts."""
_STORY, _NOTES = key_query("kind:story"), key_query("kind:notes")
_PASSAGE, _WITH_SPEECH = key_query(schema.PASSAGE), key_query(schema.WITH_SPEECH)


def filter_queries(filters: Filters) -> list[Dsl]:
    """Return the queries that express ``filters``."""
    result = [key_query(key) for key in filters.keys]
    if filters.since or filters.until:
        first = filters.since.toordinal() if filters.since else dt.date.min.toordinal()
        last = filters.until.toordinal() if filters.until else dt.date.max.toordinal()
        result.append({"range": {"day": {"gte": first, "lte": last}}})
    if filters.excluded_keys:
        result.append({"bool": {"must_not": [key_query(key) for key in filters.excluded_keys]}})
    return result


class ClusterMatcher(Matcher):
    """Matches one question in one pass. ``at_least`` is how many hits of a long list a page far down needs."""

    reader: ClusterReader

    def __init__(
        self,
        reader: ClusterReader,
        expander: Expander | None,
        embedder: Embedder | None,
        vectors: Callable[[], VectorFacts | None],
        *,
        at_least: int = 0,
    ) -> None:
        super().__init__(reader, expander, embedder)
        self._vectors = vectors
        self._at_least = at_least
        self._filters: list[Dsl] = []
        self._sort: Sort = "relevance"
        self._links_query: Dsl | None = None
        self._full: Candidates | None = None
        self._full_stories: Dsl = NOTHING
        self._left_out: list[Dsl] = []
        self.cut_short: CutShort | None = None

    def _finder_of(self, field: str, expander: Expander | None, beside: WordFinder | None = None) -> ExpandingFinder:
        return ClusterFinder(self.reader, field, expander, beside)

    @cached_property
    def _spoken(self) -> SpokenFinder:
        return SpokenClusterFinder(self.reader)

    @cached_property
    def meaning(self) -> Meaning | None:
        from zunda_mcp.engine.opensearch.cluster_meaning import ClusterMeaning  # numpy: start-up

        vectors = self._vectors()
        return None if vectors is None else ClusterMeaning(self.reader, vectors)

    # --- what a question is limited to

    def _match(self, query: Query, filters: Filters, sort: Sort, *, near: bool) -> Ranked:
        self._sort = sort
        return super()._match(query, filters, sort, near=near)

    def _allowed(self, filters: Filters) -> Container[int] | None:
        self._filters = filter_queries(filters)
        self.reader.scope = self._filters
        return Scope(all_of(self._filters), self.reader) if self._filters else None

    def _keyed(self, keys: Sequence[str]) -> PostingList:
        return Expression.of(self.reader, Leaf(key_query(*keys), scored=False)) if keys else self.reader.nothing

    def _linking(self, links: PostingList, pool: Container[int] | None) -> set[int]:
        assert isinstance(links, Expression)
        self.reader.scope = [*self._filters, links.query]
        self._links_query = links.query
        return super()._linking(links, pool)

    def _excluding(self, query: Query, field_finder: ExpandingFinder) -> list[Dsl]:
        """Queries for the documents that contain an excluded word."""
        lists = [field_finder.clause(word.text, phrase=word.phrase).postings for word in query.excluded]
        people = [key_query(f"host:{word.text}") for word in query.excluded if word.phrase]
        return [*(one.query for one in lists if isinstance(one, Expression)), *people]

    # --- candidates

    def _all_stories(self, query: Query, pool: Container[int] | None, *, written: bool = False) -> Set[int]:
        but = [*([_PASSAGE] if written else []), *self._excluding(query, self._stories)]
        newest = self._sort != "oldest"
        self._list(_STORY, but=but, sort=_by_date(newest=newest))
        return super()._all_stories(query, pool, written=written)

    def _rank(
        self, plan: QueryPlan, query: Query, pool: Container[int] | None, *, near: bool
    ) -> tuple[QueryPlan, Ranking, bool]:
        excluding = self._excluding(query, self._stories)
        but = [*([_PASSAGE] if self.reader.meta.passages else []), *excluding]
        scope = self.reader.scope
        self.reader.limits = all_of(scope, but=excluding) if scope or excluding else None
        required, self._left_out = [*plan.required, *plan.required_phrases], but
        self._full = None
        if required and not plan.open:
            self._full = self._gather_full(required, [*plan.required, *plan.phrases, *plan.hints, *plan.pieces], but)
        return super()._rank(plan, query, pool, near=near)

    def _by_words(self, plan: QueryPlan, pool: Container[int] | None, *, near: bool = True) -> Ranking:
        if near and (self._full is None or self._full.total < tuning.ENOUGH_FULL):
            self._gather_near(plan, self._left_out)
        return super()._by_words(plan, pool, near=near)

    def _gather_full(
        self, required: Sequence[Clause], scoring: Sequence[Clause], but: Sequence[Dsl]
    ) -> Candidates | None:
        query = all_of([_query_of(clause) for clause in required])
        sort = () if self._sort == "relevance" else _by_date(newest=self._sort == "newest")
        return self._list(query, bound=_sum(scoring), but=but, sort=sort)

    def _list(
        self, query: Dsl, *, but: Sequence[Dsl], bound: Dsl | None = None, sort: Sequence[Any] = ()
    ) -> Candidates | None:
        """Gather as many full matches as a page may need; the cluster counts those that are left out."""
        reader, size = self.reader, max(FETCHED, self._at_least)
        whole = all_of([query, *reader.scope], but=but)
        notes = whole if _STORY in but else None
        self._full_stories = self._full_stories if notes else whole
        question = reader.question
        result = reader.gather(query, size=size, bound=bound, but=but, sort=sort, early=question.passed > 0)
        if result is not None and result.total > len(result.ids) and not question.guessed:
            self._count(self._full_stories, notes)
        return result

    def _count(self, stories: Dsl, notes: Dsl | None) -> None:
        """Let the cluster count full matches: stories, and notes if these are too many as well."""
        answered = self.reader.question.answered
        whole = any_of([stories, notes]) if notes else stories
        counts, of_stories = answered(counts_of(whole)), answered(episodes_of(stories))
        of_notes = answered(episodes_of(notes)) if notes else None
        if counts and of_stories and (of_notes or not notes):
            self.cut_short = CutShort(counts, of_stories, of_notes, self.reader.values(Leaf(whole, scored=False)))

    def _gather_near(self, plan: QueryPlan, but: Sequence[Dsl]) -> None:
        clauses = _within_limit(plan.near_clauses)
        query = any_of([_query_of(clause) for clause in clauses])
        bound = _sum([*clauses, *_within_limit(plan.boosts, sum(map(_size_of, clauses)))])
        size = NEAR
        while size <= _MOST_NEAR:
            result = self.reader.gather(query, size=size, bound=bound, but=but)
            if result is None or result.total <= len(result.ids) or self._is_enough(plan, result):
                return
            size *= 4

    def _is_enough(self, plan: QueryPlan, result: Candidates) -> bool:
        """Whether no document that was not fetched can be among the near ones, since enough fetched ones score more."""
        numbers = [number for number in map(self.reader.document, result.ids) if number is not None]
        if len(numbers) < len(result.ids):  # the next pass has them at hand
            return True
        scores = sorted((score for score, _ in scores_and_shares(plan, numbers, ()).values()), reverse=True)
        room = tuning.MAX_WITHOUT_FULL
        return len(scores) >= room and scores[room - 1] >= result.last

    def _by_notes(
        self, plan: QueryPlan, query: Query, pool: Container[int] | None, ranking: Ranking
    ) -> list[tuple[int, float]]:
        required = [*plan.required, *plan.required_phrases]
        if required and not plan.open and self._links_query is None:
            but = self._excluding(query, self._notes)
            self._gather_full(required, [*plan.required, *plan.phrases], [_STORY, *but])
            stories = [self._full_stories] if self.cut_short else []
            if query.excluded and (words := make_plan(query, self._stories, near=False).required):
                stories.append(all_of([_query_of(clause) for clause in words]))
            return self._not_covered_by(stories, super()._by_notes(plan, query, pool, ranking))
        return super()._by_notes(plan, query, pool, ranking)

    def _ranked_of(self, state: MatchState, scope: MatchScope, *, near: bool) -> Ranked:
        stories = [self._full_stories] if self.cut_short else []
        left = self._not_covered_by(stories, state.episodes)  # episodes that match in speech outside their stories
        return super()._ranked_of(state._replace(episodes=left), scope, near=near)

    def _not_covered_by(self, stories: Sequence[Dsl], episodes: Sequence[Scored]) -> list[Scored]:
        """The ``episodes`` without a match among ``stories``, even one that was not fetched."""
        items = {number: self.reader.item(number) for number, _ in episodes}
        if not stories or not items:
            return list(episodes)
        inside = all_of([any_of(stories), {"terms": {"episode": sorted(items.values())}}])
        answer = self.reader.question.answered(episodes_of(inside, len(items)))
        covered = {one["key"] for one in answer["aggregations"]["of_episodes"]["buckets"]} if answer else ()
        return [one for one in episodes if items[one[0]] not in covered]

    def _by_speech(
        self, plan: QueryPlan, query: Query, pool: Container[int] | None, ranking: Ranking
    ) -> tuple[Sequence[Scored], Sequence[Scored], Collection[int]]:
        if self.reader.has_speech and not self._as_typed:
            spoken = self._spoken_words(plan, query)
            words = [word.clause for word in spoken]
            lists = [word.postings for word in words]
            expressions = [one for one in lists if isinstance(one, Expression)]
            if expressions:
                queries = [one.query for one in expressions]
                bounds = [one.bound(word.weight) for one, word in zip(expressions, words, strict=True)]
                but = [self._full_stories]  # full matches in writing are not matches in speech
                rarest = all_of([min(expressions, key=len).query, _WITH_SPEECH])
                result = self._gather_spoken(rarest, bounds, but)
                if result is not None and result.total > len(result.ids):
                    self._gather_spoken(all_of([*queries, _WITH_SPEECH]), bounds, but, _MOST_NEAR)
                if sum(len(word.texts) for word in spoken) > 1:
                    near = None if ranking.full else self._gather_spoken(all_of([any_of(queries), _PASSAGE]), bounds)
                    self._gather_beside([*(result.ids if result else ()), *(near.ids if near else ())])
        return super()._by_speech(plan, query, pool, ranking)

    def _gather_spoken(
        self, query: Dsl, bounds: Sequence[Dsl], but: Sequence[Dsl] = (), size: int = _SPOKEN
    ) -> Candidates | None:
        early = self.reader.question.passed > 0
        return self.reader.gather(query, size=size, bound={"bool": {"should": bounds}}, but=but, early=early)

    def _gather_beside(self, ids: Sequence[str]) -> None:
        """Fetch the passages before and after these: a minute of talk may begin in one and end in the next."""
        rows = self.reader.question.rows
        beside: set[str] = set()
        for item in ids:
            row = rows.get(item)
            if row is not None and row.place:
                beside.update(f"{row.episode}#{place}" for place in (row.place - 1, row.place + 1))
        self.reader.at_hand(sorted(beside))

    def _is_in_title(self, phrase: bytes) -> bool:
        return self.reader.count(all_of([_in_title(phrase.decode("utf-8", "surrogatepass")), _NOTES])) > 0

    def _by_title(self, typed: Query, query: Query, pool: Container[int] | None) -> list[Scored]:
        whole, most = normalize(typed.text).strip(), most_titled(self.reader.meta.episodes)
        same = self._titled([{"term": {"title": whole}}], tuning.MAX_TITLED, pool) if whole else None
        holding = self._titled([_in_title(word.text) for word in query.words], most, pool) if query.words else None
        return (holding or []) if same is None else same

    def _titled(self, queries: Sequence[Dsl], most: int, pool: Container[int] | None) -> list[Scored] | None:
        """The episodes with such titles; empty if they are more than ``most``, None if there are none."""
        query = all_of([*queries, _NOTES])
        if not self.reader.question.count(query, 0):  # few questions are titles
            return None
        result = self.reader.gather(query, size=most + 1, sort=["order"], early=True)
        if result is None or not result.total:
            return None
        numbers = (self.reader.document(item) for item in result.ids) if result.total <= most else ()
        return [(one, 0.0) for one in sorted(n for n in numbers if n is not None) if pool is None or one in pool]


def _in_title(text: str) -> Dsl:
    return Leaf.phrase("title_exact", [exact_units(text)]).query


def _query_of(clause: Clause) -> Dsl:
    assert isinstance(clause.postings, Expression)
    return clause.postings.query


def _size_of(clause: Clause) -> int:
    """About how many parts a clause has in a query and in its bound."""
    assert isinstance(clause.postings, Expression)
    return parts_of(clause.postings.query) + parts_of(clause.postings.bound(1.0))


def _within_limit(clauses: Sequence[Clause], taken: int = 0) -> list[Clause]:
    """As many clauses as one request takes, by weight: a long sentence has its subjects among the first."""
    kept: list[Clause] = []
    for clause in sorted(clauses, key=lambda clause: -clause.weight):
        taken += _size_of(clause)
        if taken > _MOST_PARTS and kept:
            break
        kept.append(clause)
    return kept


def _sum(clauses: Sequence[Clause]) -> Dsl:
    """A query whose score is at least the weighted sum of the impacts of ``clauses``."""
    bounds = [one.postings.bound(one.weight) for one in clauses if isinstance(one.postings, Expression)]
    return {"bool": {"should": bounds}} if bounds else {"match_all": {}}


def _by_date(*, newest: bool) -> list[Any]:
    """The sort order by date: undated documents last, among equals the earlier document first."""
    undated = {"_script": {"type": "number", "script": "doc['day'].value == 0 ? 1 : 0", "order": "asc"}}
    return [undated, {"day": "desc" if newest else "asc"}, {"order": "asc"}]
