"""The titles of episodes: which of them a query names, and what matches because of it.

Words that the titles of many episodes hold name the show or a series, and distinguish no episode.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from functools import cached_property

from zunda_mcp.engine.ranking import Ordered, Ranking, Scored
from zunda_mcp.engine.terms import stands_in
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.query import tuning
from zunda_mcp.query.parse import Query
from zunda_mcp.text.normalize import normalize

__all__ = ["Titles", "most_titled", "titled_first"]


def most_titled(episodes: int) -> int:
    """How many of so many episodes a title may name before it distinguishes none."""
    return min(tuning.MAX_TITLED, max(1, int(tuning.MAX_TITLED_SHARE * episodes)))


class Titles:
    """The titles of the episodes of one generation."""

    def __init__(self, reader: IndexReader) -> None:
        self._reader = reader

    @cached_property
    def _normalised(self) -> list[tuple[int, bytes]]:
        """The notes documents with the titles of their episodes, normalised."""
        notes = self._reader.keyed("kind:notes")
        return [(d, normalize(self._reader.entry_of(d).title).encode("utf-8", "surrogatepass")) for d in notes]

    def hold(self, phrase: bytes) -> bool:
        """Whether a title holds a normalised phrase, in UTF-8."""
        return any(phrase in title for _, title in self._normalised)

    def matching(self, typed: Query, query: Query, pool: Container[int] | None) -> list[Scored]:
        """The episodes whose title is the query as it was ``typed``, or else holds every word of ``query``."""
        whole = normalize(typed.text).strip().encode("utf-8", "surrogatepass")
        titles = [(d, title) for d, title in self._normalised if title and (pool is None or d in pool)]
        if same := [(document, 0.0) for document, title in titles if title.strip() == whole]:
            return same if len(same) <= tuning.MAX_TITLED else []
        for needle in (word.text.encode("utf-8", "surrogatepass") for word in query.words):
            titles = [(d, title) for d, title in titles if needle in title and stands_in(title, needle)]
        return [(one, 0.0) for one, _ in titles] if len(titles) <= most_titled(self._reader.meta.episodes) else []


def titled_first(
    owners: Sequence[int], ranking: Ranking, episodes: Sequence[Scored], titled: Sequence[Scored]
) -> tuple[Ranking, list[Scored], list[Scored]]:
    """What matches with the episodes of a title first: as their stories that hold the query, else as themselves.
    ``owners`` has for each document the notes document of its episode.
    """
    full = set(ranking.holding_all)
    first = {document for document, _ in titled}
    shown = {owners[document] for document in full} & first
    ordered = sorted(ranking, key=lambda item: not (item[0] in full and owners[item[0]] in first))
    rest = [item for item in episodes if item[0] not in first]
    return Ordered(ordered, ranking.holding_all), rest, [item for item in titled if item[0] not in shown]
