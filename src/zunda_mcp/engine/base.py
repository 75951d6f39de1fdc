"""What an engine is: it finds, ranks, counts and hands out what an archive holds.

The seam is the query, as it was parsed and narrowed: an engine plans it (``zunda_mcp.query.plan``), expands it, matches
and ranks, and what comes back are values that stand for themselves. No document number, posting list or reader crosses
it, so that an engine may be a cluster; what makes an answer good (analysis, plan, weights, snippets) is the same for
every engine. A document is named by its id: that of a story (``2025-07-08-279#2``), or that of an episode for the text
an episode has beside its stories.

Methods that take several ids are one round trip. Every engine raises errors of ``zunda_mcp.errors`` alone, but for what
damaged files raise, which whoever opened the engine deals with.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from zunda_mcp.answers import Freshness, Sort
from zunda_mcp.embeddings.text_vectors import windows
from zunda_mcp.index.catalog import EpisodeEntry
from zunda_mcp.models import Episode, Problem, Story
from zunda_mcp.query.explanation import Explanation
from zunda_mcp.query.filters import Filters
from zunda_mcp.query.parse import Query
from zunda_mcp.query.question import Question, Reading, Totals

if TYPE_CHECKING:
    from zunda_mcp.query.pattern import TextPattern
    from zunda_mcp.topics.tokens import ArchiveTopic

__all__ = [
    "Answered",
    "Counts",
    "DayCount",
    "Engine",
    "EngineSource",
    "Excerpt",
    "Match",
    "Matches",
    "PatternMatches",
    "SpokenTurn",
    "Status",
    "StoredDocument",
    "Text",
    "TextMatch",
    "TextPart",
    "TurnMoment",
    "answer_question",
]  # fmt: skip


class StoredDocument(NamedTuple):
    """A story with its episode, or an episode by its own text: then ``story`` is None and ``notes`` is the episode
    without its stories.

    ``plain`` is the text as normalised for the index: title, summary and link words, a line each or more. ``speech`` is
    what is spoken in it, ``moments`` pairs of a place in ``speech`` and the second of the recording it is spoken at.
    """

    entry: EpisodeEntry
    story: Story | None
    notes: Episode | None
    plain: str
    speech: str = ""
    moments: tuple[tuple[int, float], ...] = ()

    @property
    def id(self) -> str:
        """The id of the story, or of the episode."""
        return self.story.id if self.story else self.entry.id

    @property
    def date(self) -> str | None:
        """The ISO day, None if there is no date."""
        return self.entry.date or None

    def moment(self, share: float) -> float | None:
        """When the part of the speech that begins at this share of its text (0 to 1) is spoken, in seconds; None if
        the transcript has no times.
        """
        place = share * len(self.speech)
        before = [second for at, second in self.moments if at <= place]
        return float(before[-1]) if before else None


class Text(NamedTuple):
    """The normalised text of a document, as ``StoredDocument.plain``, and of what is spoken in it."""

    id: str
    plain: str
    speech: str


class Match(NamedTuple):
    """A document and its score: comparable within one answer, 0 if nothing was ranked. ``near`` says that it holds
    only a part of what the query asks for, ``window`` is what is spoken there that means what was asked.
    """

    document: StoredDocument
    score: float
    near: bool = False
    window: str = ""

    def as_near(self, window: int | None) -> Match:
        """The same as one that holds only a part, with the window of a passage that means what was asked."""
        text = "" if window is None else windows(self.document.speech)[window]
        return self._replace(near=True, window=text)


class Matches(NamedTuple):
    """One page of what matches a query, in order, and how much there is of it in all.

    ``total`` counts all that can be paged through, ``totals`` what matches in full. ``sure`` says that the first of the
    page surely answers and nothing else does. ``closest`` are a few documents that do not answer and are merely close,
    where nothing answers.

    ``words`` are the normalised words to mark in snippets; ``expansions`` maps other names among them to the word as
    typed. ``by_meaning`` says that meaning was ranked as well as words.
    """

    page: tuple[Match, ...]
    total: int
    totals: Totals
    sure: bool
    order: Sort
    explanation: Explanation
    closest: tuple[Match, ...] = ()
    words: tuple[str, ...] = ()
    expansions: Mapping[str, str] = {}
    by_meaning: bool = False


TextPart = Literal["title", "summary", "link", "notes", "people", "spoken"]
"""In which part of a story or an episode a pattern matches."""


class TextMatch(NamedTuple):
    """A story, or an episode (then both ids are its own), with how often a pattern matches each part of it.
    ``strings`` say how often what matches there, folded: a few of them, where these are many.
    """

    id: str
    episode_id: str
    date: str | None
    counts: Mapping[TextPart, int]
    strings: Mapping[str, int]


class PatternMatches(NamedTuple):
    """All that a pattern matches, oldest first. ``in_other_case`` counts the further matches if case were ignored,
    ``stories`` how many were searched, and ``with_speech`` says whether the archive has any transcript.
    """

    matches: list[TextMatch]
    in_other_case: int
    stories: int
    with_speech: bool


class Excerpt(NamedTuple):
    """One match of a pattern, ``text[start:end]``; in speech also who says it, at what second, and the id of the
    document that holds it.
    """

    part: TextPart
    text: str
    start: int
    end: int
    speaker: str | None = None
    second: float | None = None
    id: str | None = None


class TurnMoment(NamedTuple):
    """What holds from a place in the text of a turn on: the second of the recording (None if the transcript has no
    times), and the id of the document.
    """

    place: int
    second: float | None
    id: str


class SpokenTurn(NamedTuple):
    """What one speaker says before the next does; ``speaker`` is None if a transcript names none. The first of its
    ``moments`` is at its beginning.
    """

    speaker: str | None
    text: str
    moments: tuple[TurnMoment, ...]

    def moment(self, place: int) -> TurnMoment:
        """The moment that a place in the text belongs to."""
        return self.moments[max(bisect_right(self.moments, place, key=lambda one: one.place) - 1, 0)]


class DayCount(NamedTuple):
    """Full matches on one day: stories, and the episodes in which a story or the episode's own text matches."""

    day: dt.date
    stories: int
    episodes: int


class Counts(NamedTuple):
    """Counts of the full matches of a query: in total, and of those with a date by ``days``, in order.

    ``undated`` are the documents without a date. ``first`` and ``last`` are the earliest and the latest dated document;
    ``busiest`` are a few episodes with the most stories, the newest first among equals.
    """

    stories: int
    episodes: int
    passages: int
    undated: int
    days: tuple[DayCount, ...]
    first: StoredDocument | None
    last: StoredDocument | None
    busiest: tuple[tuple[EpisodeEntry, int], ...]


class Status(NamedTuple):
    """What state an engine answers from. ``name`` names it: two answers under one name come from one state.

    ``timezone`` is the zone that "today" is seen from, ``timezone_stated`` whether somebody named it. ``surveys`` is
    what was found of how each archive is written, by its name.
    """

    name: str
    language: str | None
    timezone: str
    timezone_stated: bool
    surveys: Mapping[str, Any]


class Engine(Protocol):
    """Answers from one state of an archive, which never changes. Thread-safe."""

    # --- queries

    def search(
        self, query: Query, filters: Filters, order: Sort, *, offset: int = 0, limit: int | None = None
    ) -> Matches:
        """What matches ``query`` under ``filters``: ``limit`` documents from ``offset`` on in ``order``; by date, only
        full matches where there are any. Without a limit all full matches and a few near ones, or where there are none
        the closest (see ``zunda_mcp.engine.selection``).
        """

    def count(self, query: Query, filters: Filters) -> Counts:
        """The full matches, which ``search`` lists by date, counted."""

    def contains(self, text: str, *, in_titles: bool = False) -> bool:
        """Whether these words stand together in the archive: in the title of a story or episode, or else anywhere."""

    def has_kind(self, kind: str) -> bool:
        """Whether there are stories of this kind (``like``)."""

    def suggest(self, texts: Sequence[str]) -> list[str]:
        """A few words of the archive that are spelled like these, nearest first."""

    def related(self, ids: Sequence[str], episode_id: str, *, limit: int = 10) -> tuple[tuple[Match, ...], bool]:
        """The stories nearest to some stories of an episode, without that episode; and whether by meaning as well."""

    def similar(self, text: str, limit: int, *, spoken: bool = False) -> list[tuple[str, float]]:
        """The ids of the documents that share the most information with ``text`` by its rarest terms, each with that
        information: best first, and of equals the newest first. What is written is compared, or with ``spoken`` what is
        spoken.
        """

    def cooccurring(self, words: Sequence[str], limit: int) -> list[str]:
        """The rarest of some normalised words that stand together in a story, rarest first."""

    def find_text(self, pattern: TextPattern, filters: Filters) -> PatternMatches:
        """All stories and episodes that a pattern matches. A match in speech that belongs to no story, in notes, and
        in the text of an episode without stories is one of the episode. Notes count only with what no story of theirs
        has: many repeat the titles of the stories.
        """

    def excerpts(self, pattern: TextPattern, match: TextMatch) -> Iterator[Excerpt]:
        """The matches of one story or episode: title, summary and notes first, then links, then speech."""

    # --- documents

    def documents(self, ids: Sequence[str]) -> list[StoredDocument]:
        """The documents with these ids, in their order; ids that there are not are left out."""

    def texts(self, ids: Sequence[str] | None = None, filters: Filters | None = None) -> Iterator[Text]:
        """The normalised texts of all documents that pass ``filters``, in the order of publication (the text of an
        episode before its stories), or of those with these ids, in their order.
        """

    def episode(self, episode_id: str) -> Episode | None:
        """An episode with its stories."""

    def turns(self, episode_id: str) -> Sequence[SpokenTurn]:
        """What is spoken in an episode, turn by turn as it is spoken; none if it has no transcript."""

    def with_url(self, url: str) -> StoredDocument | None:
        """The newest story that links to exactly this page, by its canonical URL."""

    # --- lists

    def entries(self) -> Sequence[EpisodeEntry]:
        """All episodes in the order of publication."""

    def sites(self) -> Mapping[str, int]:
        """How many stories link to each site; a story counts for its site and each parent domain of it."""

    def topics(self) -> Sequence[ArchiveTopic]:
        """The topics that the archive has."""

    def story_dates(self) -> Mapping[str, str]:
        """The ISO day of every story by its id, ``""`` if it has none."""

    def passages(self) -> frozenset[str]:
        """The ids of the stories that are passages of transcripts."""

    # --- state

    def status(self) -> Status:
        """The state that answers come from."""

    def problems(self) -> list[Problem]:
        """Everything wrong in the sources, as this state saw it."""

    def digests(self) -> Mapping[str, str]:
        """A digest of each episode by its id. An episode whose digest differs has changed."""


class EngineSource(Protocol):
    """Gives the engine of the newest state of an archive. Thread-safe."""

    def current(self) -> AbstractContextManager[tuple[Engine, Freshness]]:
        """An engine for one answer, as up to date with the sources as possible, and what it covers."""

    def peek(self) -> tuple[Engine, Freshness] | None:
        """The engine that is open now, without looking at any source; None before there is one."""

    def within(self, archives: frozenset[str]) -> EngineSource:
        """The engines of some of several archives, which answer as if there were no others: no hit, name, word or count
        of these is in any answer. They live as long as this one.
        """

    def level(self, progress: Callable[[int, int, str], None] | None, *, anew: bool) -> None:
        """Bring an index elsewhere up to date with what was just indexed here; ``anew`` builds it from scratch."""

    def close(self) -> None:
        """Let go of what is open."""


class Answered(NamedTuple):
    """What matches a question, and under which of its readings."""

    matches: Matches
    reading: Reading


def answer_question(engine: Engine, question: Question, *, offset: int = 0, limit: int | None = None) -> Answered:
    """What matches the first reading of a question that finds enough."""
    for reading in question.readings:
        matches = engine.search(reading.query, reading.filters, question.order, offset=offset, limit=limit)
        if question.order_of_full and matches.totals.full:
            matches = engine.search(reading.query, reading.filters, question.order_of_full, offset=offset, limit=limit)
        close = matches.total or matches.closest
        if {"": True, "full": matches.totals.full, "listed": matches.total, "close": close}[reading.enough]:
            break
    return Answered(matches, reading)
