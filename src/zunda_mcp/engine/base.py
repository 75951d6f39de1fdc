"""The interface of an engine, which finds, ranks, counts and returns the documents of an archive.

An engine takes a parsed query and its filters, plans the query (``zunda_mcp.query.plan``), expands it, matches and
ranks. It returns plain values and never a document number, a posting list or a reader, so an engine may be a cluster.
Analysis, plan, weights and snippets are the same for every engine. A document is named by its id: the id of a story
(``2025-07-08-279#2``), or the id of an episode for the text that the episode has besides its stories.

A method that takes several ids makes one round trip. Engines raise only errors of ``zunda_mcp.errors``, except for
damaged files: their errors are handled by whoever opened the engine.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from zunda_mcp.answers import MAX_LIMIT, Freshness, Sort
from zunda_mcp.embeddings.text_vectors import windows
from zunda_mcp.index.catalog import EpisodeEntry
from zunda_mcp.models import Episode, Problem, Story
from zunda_mcp.query import tuning
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
    """A story with its episode, or the own text of an episode: then ``story`` is None and ``notes`` is the episode
    without its stories.

    ``plain`` is the text as normalised for the index: title, summary and link words, each on lines of its own.
    ``speech`` is its transcript; ``moments`` are pairs of a place in ``speech`` and its second in the recording.
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
        """The second of the recording after ``share`` (0 to 1) of the speech; None if the transcript has no times."""
        place = share * len(self.speech)
        before = [second for at, second in self.moments if at <= place]
        return float(before[-1]) if before else None


class Text(NamedTuple):
    """The normalised text of a document, as ``StoredDocument.plain``, and of what is spoken in it."""

    id: str
    plain: str
    speech: str


class Match(NamedTuple):
    """A document and its score, which is comparable within one answer and 0 if nothing was ranked. ``near``: it has
    only a part of what the query asks for. ``window`` is the stretch of speech whose meaning is nearest to the query.
    """

    document: StoredDocument
    score: float
    near: bool = False
    window: str = ""

    def as_near(self, window: int | None) -> Match:
        """This match as a near one. ``window`` is the number of the window of its speech that is nearest in meaning."""
        text = "" if window is None else windows(self.document.speech)[window]
        return self._replace(near=True, window=text)


class Matches(NamedTuple):
    """One page of the matches of a query, in order, and how many matches there are in all.

    ``total`` counts all that can be paged through, ``totals`` only full matches. ``sure``: the first of the page surely
    answers, and nothing else does. If nothing answers, ``closest`` are a few documents that are merely close.

    ``words`` are the normalised words to mark in snippets; ``expansions`` maps other names among them to the word as
    typed. ``by_meaning``: the ranking used meaning as well as words.
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
"""The part of a story or an episode in which a pattern matches."""


class TextMatch(NamedTuple):
    """A story, or an episode (then both ids are its own), with how often a pattern matches each part of it.
    ``strings`` counts the strings that match there, case-folded; if there are many, only a few of them.
    """

    id: str
    episode_id: str
    date: str | None
    counts: Mapping[TextPart, int]
    strings: Mapping[str, int]


class PatternMatches(NamedTuple):
    """Everything that a pattern matches, oldest first. ``in_other_case`` counts the stories and episodes that would
    match as well if case were ignored, ``stories`` the stories searched. ``with_speech``: the archive has a transcript.
    """

    matches: list[TextMatch]
    in_other_case: int
    stories: int
    with_speech: bool


class Excerpt(NamedTuple):
    """One match of a pattern, ``text[start:end]``. In speech also the speaker, the second of the recording, and the id
    of the document that contains the match.
    """

    part: TextPart
    text: str
    start: int
    end: int
    speaker: str | None = None
    second: float | None = None
    id: str | None = None


class TurnMoment(NamedTuple):
    """A place in the text of a turn, from which on the speech is at ``second`` of the recording (None if the transcript
    has no times) and belongs to the document ``id``.
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
    """Full matches on one day: how many stories, and how many episodes by a story or by their own text."""

    day: dt.date
    stories: int
    episodes: int


class Counts(NamedTuple):
    """Counts of the full matches of a query: in total, and by day in order of ``days`` for those with a date.

    ``undated`` counts the documents without a date. ``first`` and ``last`` are the earliest and the latest dated
    document; ``busiest`` are the few episodes with the most stories and their number, the newest first among equals.
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
    """The state that an engine answers from. Two answers under one ``name`` come from one state.

    ``timezone`` is the zone that decides what "today" is, ``timezone_stated`` whether somebody named it. ``surveys`` is
    what the survey of each archive found, by the name of the archive.
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
        """Return what matches ``query`` under ``filters``: ``limit`` documents from ``offset`` on in ``order``; by
        date, only full matches if there are any. Without a limit, all full matches and a few near ones, or if nothing
        matches in full the closest (see ``zunda_mcp.engine.selection``).
        """

    def count(self, query: Query, filters: Filters) -> Counts:
        """Count the full matches, which are those that ``search`` lists by date."""

    def contains(self, text: str, *, in_titles: bool = False) -> bool:
        """Whether these words occur side by side: anywhere, or if ``in_titles`` in the title of a story or episode."""

    def has_kind(self, kind: str) -> bool:
        """Whether there are stories of this kind (``like``)."""

    def suggest(self, texts: Sequence[str]) -> list[str]:
        """Return a few words of the archive that are spelled like ``texts``, nearest first."""

    def related(self, ids: Sequence[str], episode_id: str, *, limit: int = 10) -> tuple[tuple[Match, ...], bool]:
        """Return the stories of other episodes that are nearest to these, and whether meaning was compared as well."""

    def similar(self, text: str, limit: int, *, spoken: bool = False) -> list[tuple[str, float]]:
        """Return the ids of the documents that share the most information with ``text`` by its rarest terms, each with
        that information: best first, among equals the newest first. Compares written text, or if ``spoken`` speech.
        """

    def cooccurring(self, words: Sequence[str], limit: int) -> list[str]:
        """Return the rarest of some normalised words that occur in one story, rarest first."""

    def find_text(self, pattern: TextPattern, filters: Filters) -> PatternMatches:
        """Return all stories and episodes that a pattern matches. A match in a passage, in notes, or in the text of an
        episode without stories belongs to the episode. A string that matches in notes does not count if it matches in
        a story of the episode too: many notes repeat the titles of the stories.
        """

    def excerpts(self, pattern: TextPattern, match: TextMatch) -> Iterator[Excerpt]:
        """Yield the matches of one story or episode: in title, summary and notes, then in links, then in speech."""

    # --- documents

    def documents(self, ids: Sequence[str]) -> list[StoredDocument]:
        """Return the documents with these ids, in their order; unknown ids are left out."""

    def texts(self, ids: Sequence[str] | None = None, filters: Filters | None = None) -> Iterator[Text]:
        """Yield the normalised texts of the documents that pass ``filters``: of those with these ids, in their order,
        or of all in order of publication (the text of an episode before its stories).
        """

    def episode(self, episode_id: str) -> Episode | None:
        """Return an episode with its stories; None if there is none with this id."""

    def turns(self, episode_id: str) -> Sequence[SpokenTurn]:
        """Return the turns of an episode in the order in which they are spoken; none if it has no transcript."""

    def with_url(self, url: str) -> StoredDocument | None:
        """Return the newest story that links to exactly this page; ``url`` is canonical."""

    # --- lists

    def entries(self) -> Sequence[EpisodeEntry]:
        """Return all episodes in order of publication."""

    def sites(self) -> Mapping[str, int]:
        """Return how many stories link to each site; a story counts for its site and for each parent domain."""

    def topics(self) -> Sequence[ArchiveTopic]:
        """Return the topics of the archive."""

    def story_dates(self) -> Mapping[str, str]:
        """Return the ISO day of every story by its id, ``""`` if it has none."""

    def passages(self) -> frozenset[str]:
        """Return the ids of the stories that are passages of transcripts."""

    # --- state

    def status(self) -> Status:
        """Return the state that answers come from."""

    def problems(self) -> list[Problem]:
        """Return the problems that reading the sources found."""

    def digests(self) -> Mapping[str, str]:
        """Return a digest of each episode by its id. An episode whose digest differs has changed."""


class EngineSource(Protocol):
    """Gives the engine of the newest state of an archive. Thread-safe."""

    def current(self) -> AbstractContextManager[tuple[Engine, Freshness]]:
        """An engine for one answer, as up to date with the sources as possible, and how fresh it is."""

    def peek(self) -> tuple[Engine, Freshness] | None:
        """Return the engine that is open now, without looking at any source; None if none is open yet."""

    def within(self, archives: frozenset[str]) -> EngineSource:
        """Return a source whose engines answer as if there were only these archives: no hit, name, word or count of
        another is in any answer. It lives as long as this one.
        """

    def level(self, progress: Callable[[int, int, str], None] | None, *, anew: bool) -> None:
        """Bring a remote index up to date with what was just indexed on this machine; ``anew`` rebuilds it."""

    def close(self) -> None:
        """Release connections and files."""


class Answered(NamedTuple):
    """The matches of a question, and the reading that they match."""

    matches: Matches
    reading: Reading


def answer_question(engine: Engine, question: Question, *, offset: int = 0, limit: int | None = None) -> Answered:
    """Return the matches of the first reading of a question that finds enough, or of the last; a few of them where it
    asks for the first, the last or a number.
    """
    for reading in question.readings:
        matches = engine.search(reading.query, reading.filters, question.order, offset=offset, limit=limit)
        order, full = question.order_of_full, matches.totals.full
        few = limit is None and not offset and bool(order or (question.counts and full > MAX_LIMIT))
        if full and (order or few):
            matches = engine.search(
                reading.query,
                reading.filters,
                order or question.order,
                offset=offset,
                limit=tuning.FIRST_FEW if few else limit,
            )
        close = matches.total or matches.closest
        if {"": True, "full": matches.totals.full, "listed": matches.total, "close": close}[reading.enough]:
            break
    return Answered(matches, reading)
