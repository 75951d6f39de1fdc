"""What the steps of matching hand on: what a query is limited to, and what matches it as far as the steps have come.

``zunda_mcp.engine.matching.Matcher`` takes the steps in order; each returns another state, and none changes one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Sequence, Set
from typing import NamedTuple

from zunda_mcp.engine.ranking import Chained, Ordered, Ranking, Scored, closest
from zunda_mcp.engine.readers import DocumentReader
from zunda_mcp.engine.selection import titled_first
from zunda_mcp.engine.spoken import after_written
from zunda_mcp.query import tuning
from zunda_mcp.query.parse import Query
from zunda_mcp.query.plan import QueryPlan

__all__ = ["MatchScope", "MatchState"]


class MatchScope(NamedTuple):
    """What is looked for, and in which documents.

    ``query`` is the question as ``typed``, without the words that only ask and without its links. ``pool`` holds the
    documents that pass the filters and have these links (None: all), ``links`` are the links as they were typed, None
    if the question has none.
    """

    typed: Query
    query: Query
    pool: Container[int] | None
    links: tuple[str, ...] | None = None


class MatchState(NamedTuple):
    """What matches a query, best first: ``ranking`` of stories, ``titled`` episodes that come before them, ``episodes``
    whose own notes hold every word. ``spoken`` are matches that need what is spoken, ``near_spoken`` those that hold a
    part of the query so; ``with_speech`` puts both into ``ranking`` and ``episodes``. ``together`` are the documents
    that say the words within a few words of one another.

    ``plan`` is the plan for stories as it was ranked, ``notes_plan`` that for notes. ``closest`` are documents that do
    not answer, shown if nothing does. ``missing`` are the words that are not in the archive, as typed, ``apart`` is a
    name whose words stand only apart, and ``beside`` says that something nearly has that name.
    """

    plan: QueryPlan
    ranking: Ranking
    by_meaning: bool
    notes_plan: QueryPlan
    missing: tuple[str, ...]
    episodes: Sequence[Scored] = ()
    spoken: Sequence[Scored] = ()
    near_spoken: Sequence[Scored] = ()
    together: Collection[int] = ()
    titled: Sequence[Scored] = ()
    closest: Sequence[Scored] = ()
    apart: str = ""
    beside: bool = False

    def without_parts_of(self, name: str, plain: Callable[[int], bytes]) -> MatchState:
        """Nothing holds ``name``: what holds its words apart is at most near, first what nearly has it in its
        ``plain`` text. Notes and speech are not looked at for words apart.
        """
        ranking, beside = self.ranking.nearly_named(name, plain)
        return self._replace(
            ranking=ranking,
            episodes=(),
            spoken=(),
            near_spoken=(),
            missing=self.missing or (name,),
            apart=name,
            beside=beside,
        )

    def closest_alone(self, query: Query) -> MatchState:
        """No story answers: the closest are shown instead, unless something spoken holds every word of ``query``."""
        near = closest(self.plan, self.ranking) or self.near_spoken[: tuning.MAX_NEAR]
        if self.spoken:
            return self._replace(ranking=Ranking(), missing=())
        missing = self.missing or (" ".join(word.shown for word in query.words),)
        return self._replace(ranking=Ranking(), closest=near, missing=missing)

    def with_speech(self, reader: DocumentReader) -> MatchState:
        """What is only spoken comes after what is written."""
        if not self.spoken and not self.near_spoken:
            return self
        near = () if self.closest else self.near_spoken
        ranking, episodes = after_written(reader, self.ranking, self.episodes, self.spoken, near)
        return self._replace(ranking=ranking, episodes=episodes)

    def with_titles(self, reader: DocumentReader, titled: Sequence[Scored], own: Set[int]) -> MatchState:
        """Stories (``own``) and episodes with the title that was typed come first."""
        if not (titled or own):
            return self
        ranking, episodes, first = titled_first(reader.owners, self.ranking, self.episodes, titled, own)
        return self._replace(ranking=ranking, episodes=episodes, titled=first)

    def full_alone(self) -> MatchState:
        """In order of date only what holds every word is listed, if anything does."""
        if self.plan.open or not (self.ranking.full or self.episodes or self.titled):
            return self
        full = set(self.ranking.holding_all)
        return self._replace(ranking=Ordered([item for item in self.ranking if item[0] in full], full))

    def missing_everywhere(self, missing_in_notes: Callable[[], Sequence[str]]) -> tuple[str, ...]:
        """The words that are not in the archive: if episodes match, neither in their notes; none if titles do."""
        if self.titled or not self.missing:
            return ()
        if not self.episodes:
            return self.missing
        nowhere = missing_in_notes()
        return tuple(word for word in self.missing if word in nowhere)

    def named(self, holding_names: Callable[[], frozenset[int]]) -> frozenset[int]:
        """What is listed for the names it holds: where something holds every word, what only speaks of them."""
        if self.closest:
            return frozenset()
        if not self.full:
            return holding_names()
        return frozenset(one for one, _ in self.near_spoken) if self.spoken else frozenset()

    @property
    def items(self) -> Chained:
        """All matches in their order."""
        return Chained([rows for rows in (self.titled, self.ranking, self.episodes) if rows])

    @property
    def full(self) -> list[int]:
        """The documents that hold every word."""
        return [
            *(one for one, _ in self.titled),
            *self.ranking.holding_all,
            *(one for one, _ in self.episodes),
        ]
