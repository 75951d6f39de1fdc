"""What the steps of matching pass on: the scope of a query, and the matches found so far.

``zunda_mcp.engine.matching.Matcher`` takes the steps in order. Each returns a new state; none changes one.
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

    ``query`` is the question as ``typed``, without its links and the words that only ask. ``pool`` has the documents
    that pass the filters and have these links (None: all). ``links`` are the links as typed, None if the question has
    none.
    """

    typed: Query
    query: Query
    pool: Container[int] | None
    links: tuple[str, ...] | None = None


class MatchState(NamedTuple):
    """What matches a query, best first: ``ranking`` of stories, ``titled`` episodes that precede them, and ``episodes``
    whose own notes contain every word. ``spoken`` are full matches that need speech, ``near_spoken`` near ones;
    ``with_speech`` adds both to ``ranking`` and ``episodes``. ``together`` are the documents whose speech has all words
    close together.

    ``plan`` is the plan for stories as it was ranked, ``notes_plan`` the one for notes. ``closest`` are documents that
    do not answer, shown if nothing does. ``missing`` are the words that the archive does not have, as typed. ``apart``
    is a name whose words occur only apart, and ``beside`` says whether a story has nearly that name.
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
        """Return the state if nothing contains ``name``: stories with its words apart are near matches at most, those
        whose ``plain`` text nearly has the name first. Notes and speech do not count.
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
        """Return the state if no story answers: with the closest, unless speech contains every word of ``query``."""
        near = closest(self.plan, self.ranking) or self.near_spoken[: tuning.MAX_NEAR]
        if self.spoken:
            return self._replace(ranking=Ranking(), missing=())
        missing = self.missing or (" ".join(word.shown for word in query.words),)
        return self._replace(ranking=Ranking(), closest=near, missing=missing)

    def with_speech(self, reader: DocumentReader) -> MatchState:
        """Return the state with what only speech matches after what is written."""
        if not self.spoken and not self.near_spoken:
            return self
        near = () if self.closest else self.near_spoken
        ranking, episodes = after_written(reader, self.ranking, self.episodes, self.spoken, near)
        return self._replace(ranking=ranking, episodes=episodes)

    def with_titles(self, reader: DocumentReader, titled: Sequence[Scored], own: Set[int]) -> MatchState:
        """Return the state with the stories (``own``) and episodes first that have the title that was typed."""
        if not (titled or own):
            return self
        ranking, episodes, first = titled_first(reader.owners, self.ranking, self.episodes, titled, own)
        return self._replace(ranking=ranking, episodes=episodes, titled=first)

    def full_alone(self) -> MatchState:
        """Return the state for order by date: only full matches, if there are any."""
        if self.plan.open or not (self.ranking.full or self.episodes or self.titled):
            return self
        full = set(self.ranking.holding_all)
        return self._replace(ranking=Ordered([item for item in self.ranking if item[0] in full], full))

    def named(self, holding_names: Callable[[], frozenset[int]]) -> frozenset[int]:
        """Return what is listed for the names it contains: if there are full matches, only near matches in speech."""
        if self.closest:
            return frozenset()
        if not self.full:
            return holding_names()
        return frozenset(one for one, _ in self.near_spoken) if self.spoken else frozenset()

    @property
    def items(self) -> Chained:
        """All matches, in order."""
        return Chained([rows for rows in (self.titled, self.ranking, self.episodes) if rows])

    @property
    def full(self) -> list[int]:
        """The documents that contain every word."""
        return [
            *(one for one, _ in self.titled),
            *self.ranking.holding_all,
            *(one for one, _ in self.episodes),
        ]
