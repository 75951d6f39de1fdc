"""The cluster engine: answers ``zunda_mcp.engine.base.Engine`` from one state of an index in a cluster.

The code of the embedded engine plans, matches and ranks a question in passes (``passes``). Nothing of the index is on
this machine, so any number of servers may answer from one cluster.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from zunda_mcp.answers import MAX_LIMIT, Sort
from zunda_mcp.engine.base import (
    Counts,
    DayCount,
    Excerpt,
    Match,
    Matches,
    PatternMatches,
    SpokenTurn,
    StoredDocument,
    TextMatch,
)
from zunda_mcp.engine.expander import Expander
from zunda_mcp.engine.opensearch.cluster_documents import ClusterDocuments, document_of, entry_of
from zunda_mcp.engine.opensearch.cluster_matching import ClusterMatcher
from zunda_mcp.engine.opensearch.cluster_reader import ClusterReader, key_query
from zunda_mcp.engine.opensearch.connection import Connection
from zunda_mcp.engine.opensearch.counting import count_matches
from zunda_mcp.engine.opensearch.expressions import all_of
from zunda_mcp.engine.opensearch.index_mapping import episode_of
from zunda_mcp.engine.opensearch.kept_lists import IndexState
from zunda_mcp.engine.opensearch.passes import QuestionFacts, StateFacts
from zunda_mcp.engine.ranking import Scored
from zunda_mcp.engine.selection import matches_of, select
from zunda_mcp.index import schema
from zunda_mcp.query import tuning
from zunda_mcp.query.filters import Filters
from zunda_mcp.query.parse import Query

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Embedder
    from zunda_mcp.engine.opensearch.cluster_meaning import VectorFacts
    from zunda_mcp.engine.opensearch.text_in_cluster import TextInCluster
    from zunda_mcp.query.pattern import TextPattern

__all__ = ["ClusterEngine"]

_T = TypeVar("_T")
_Aliases = Mapping[str, tuple[str, ...]]
_WINDOW = 20_000
_SITE = "site:"


class ClusterEngine(ClusterDocuments):
    """Answers from one state of an index in a cluster. Thread-safe."""

    def __init__(
        self,
        connection: Connection,
        state: IndexState,
        aliases: Callable[[], _Aliases] = dict,
        embedder: Callable[[], Embedder | None] = lambda: None,
        archives: frozenset[str] | None = None,
    ) -> None:
        super().__init__(connection, state, archives)
        self._aliases = aliases
        self._embedder = embedder

    @cached_property
    def _facts(self) -> StateFacts:
        return StateFacts(self._connection, self._state, self.meta)

    # --- a question in passes

    def _in_passes(self, answer: Callable[[ClusterMatcher], _T], at_least: int = 0) -> _T:
        """Return the result of ``answer`` from the pass whose matcher guessed nothing."""
        question = QuestionFacts(self._facts)

        def answered() -> _T:
            reader = ClusterReader(question)
            expander = Expander(reader, self._aliases())
            matcher = ClusterMatcher(reader, expander, self._chosen_embedder, lambda: self._vectors, at_least=at_least)
            return answer(matcher)

        return question.in_passes(answered)

    @cached_property
    def _chosen_embedder(self) -> Embedder | None:
        return self._embedder()

    @cached_property
    def _vectors(self) -> VectorFacts | None:
        from zunda_mcp.engine.opensearch.cluster_meaning import VectorFacts  # numpy: start-up

        return VectorFacts.of(self._connection, self._state, self._chosen_embedder)

    # --- queries

    def search(
        self, query: Query, filters: Filters, order: Sort, *, offset: int = 0, limit: int | None = None
    ) -> Matches:
        wanted = min(offset + (limit or MAX_LIMIT), _WINDOW)

        def search(matcher: ClusterMatcher) -> Matches:
            ranked, reader = matcher.search(query, filters, order), matcher.reader
            selection = select(ranked, limit)

            def matches(scored: Iterable[Scored]) -> Iterator[tuple[int, Match]]:
                items = {reader.item(number): (number, score) for number, score in scored}
                documents = _stored(reader, items)
                return ((items[item][0], Match(document, items[item][1])) for item, document in documents.items())

            counted = count_matches(reader.question, selection.full, reader.passages, matcher.cut_short)
            return matches_of(ranked, selection, offset, counted.totals(), matches)

        return self._in_passes(search, wanted)

    def count(self, query: Query, filters: Filters) -> Counts:

        def count(matcher: ClusterMatcher) -> Counts:
            full, reader = matcher.full_matches(query, filters).full, matcher.reader
            counted = count_matches(reader.question, full, reader.passages, matcher.cut_short)
            ends = self._ends(reader, full, matcher)
            busiest = [(reader.question.part(one, "record"), count) for one, count in counted.busiest.items() if count]
            counts = [(entry_of(record[0]), count) for record, count in busiest if record and record[0]]
            counts.sort(key=lambda item: (item[1], item[0].order), reverse=True)
            undated = counted.days.pop(schema.UNDATED, None)
            return Counts(
                stories=counted.stories,
                episodes=counted.episodes,
                passages=counted.passages,
                undated=undated.documents if undated else 0,
                days=tuple(
                    DayCount(dt.date.fromordinal(day), one.stories, one.episode_count)
                    for day, one in sorted(counted.days.items())
                ),
                first=ends[0],
                last=ends[1],
                busiest=tuple(counts[: tuning.MAX_BUSIEST]),
            )

        return self._in_passes(count)

    def _ends(
        self, reader: ClusterReader, full: Iterable[int], matcher: ClusterMatcher
    ) -> tuple[StoredDocument | None, ...]:
        """The earliest and the latest dated document that matches in full."""
        counted = set(matcher.cut_short.ends if matcher.cut_short else ())
        reader.at_hand(sorted(counted - reader.question.rows.keys()))
        dated = {number for number in full if reader.days[number] != schema.UNDATED}
        dated |= {number for item in counted if (number := reader.document(item)) is not None}
        ends = [reader.item(number) for number in (min(dated), max(dated))] if dated else []
        return tuple(map(_stored(reader, ends).get, ends)) or (None, None)

    def contains(self, text: str, *, in_titles: bool = False) -> bool:
        return self._in_passes(lambda matcher: matcher.contains(text, in_titles=in_titles))

    def has_kind(self, kind: str) -> bool:
        return self.total(key_query(f"kind:{kind}")) > 0

    def suggest(self, texts: Sequence[str]) -> list[str]:
        from zunda_mcp.engine.similar import spelled_like  # start-up

        return self._in_passes(lambda matcher: spelled_like(matcher.reader, texts))

    def related(self, ids: Sequence[str], episode_id: str, *, limit: int = 10) -> tuple[tuple[Match, ...], bool]:
        from zunda_mcp.engine.similar import nearest_stories  # start-up

        stories = [one.story for one in self.documents(ids) if one.story]

        def nearest(matcher: ClusterMatcher) -> list[tuple[str, float]]:
            reader = matcher.reader
            reader.at_hand([story.id for story in stories])
            reader.but = [{"term": {"episode": episode_id}}]
            reader.limits = all_of([], but=reader.but)
            without = {number for number, item in reader.question.items.items() if episode_of(item) == episode_id}
            result = nearest_stories(matcher.finder, stories, without, matcher.meaning)
            return [(reader.item(number), score) for number, score in result[:limit]]

        scored = self._in_passes(nearest)
        documents = {one.id: one for one in self.documents([item for item, _ in scored])}
        matches = (Match(documents[item], score) for item, score in scored if item in documents)
        return tuple(matches), self._vectors is not None

    def similar(self, text: str, limit: int, *, spoken: bool = False) -> list[tuple[str, float]]:
        from zunda_mcp.engine.similar import rarest_terms  # start-up

        return self._in_passes(lambda matcher: rarest_terms(matcher.finder, text, limit, spoken=spoken))

    def cooccurring(self, words: Sequence[str], limit: int) -> list[str]:
        from zunda_mcp.engine.similar import cooccurring  # start-up

        return self._in_passes(lambda matcher: cooccurring(matcher.finder, words, limit))

    def find_text(self, pattern: TextPattern, filters: Filters) -> PatternMatches:
        return self._text_search.search(pattern, filters)

    def excerpts(self, pattern: TextPattern, match: TextMatch) -> Iterator[Excerpt]:
        return self._text_search.excerpts(pattern, match)

    @cached_property
    def _text_search(self) -> TextInCluster:
        from zunda_mcp.engine.opensearch.text_in_cluster import TextInCluster  # start-up

        return TextInCluster(self)

    def turns(self, episode_id: str) -> Sequence[SpokenTurn]:
        from zunda_mcp.engine.turns import turns_of  # start-up

        return turns_of(self._text_search.fetched({"term": {"episode": episode_id}}), episode_id)

    def sites(self) -> Mapping[str, int]:
        result = self._in_passes(lambda matcher: matcher.reader.keys(_SITE))
        return {key.removeprefix(_SITE): count for key, count in result}


def _stored(reader: ClusterReader, items: Iterable[str]) -> dict[str, StoredDocument]:
    """The documents with these ids whose stored records are known."""
    records = {item: reader.question.part(item, "record") for item in dict.fromkeys(items)}
    return {item: document_of(record[0]) for item, record in records.items() if record and record[0]}
