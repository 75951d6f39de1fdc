"""What the library answers: one model for each question, the same in the terminal and over MCP.

The structured content of an MCP tool and the ``--json`` of a command are these models as compact JSON. Dates
are ISO days in the archive's own time zone. What is not known is null.
"""

from __future__ import annotations

from operator import not_
from typing import Annotated, Literal

from pydantic import Field

from zunda_mcp.models import Episode, Line, Model, unknown

__all__ = [
    "CITE_AS", "DEFAULT_LIMIT", "DEFAULT_MAX_CHARS", "MAX_LIMIT", "SEARCH_MAX_CHARS", "About", "BusyEpisode",
    "Case", "Cited", "Detail", "Difference", "EpisodeAnswer", "EpisodeBrief", "EpisodeName", "Freshness", "Hit",
    "Mention", "Passages", "Period", "PeriodCount", "QuoteCheck", "QuotePlace", "Reach", "RefreshReport", "Related",
    "SearchResult", "SiteCount", "Sort", "State", "TextCount", "TextCounts", "TextExcerpt", "TextHit", "TextMatches",
    "Timeline", "Topic", "TopicList", "TopicSort"
]  # fmt: skip

Sort = Literal["relevance", "newest", "oldest"]
Detail = Literal["auto", "titles", "snippets", "full"]
"""How much to return of each hit: ``auto`` lists all full matches, a line each, and quotes the first few."""
TopicSort = Literal["count", "recent", "rising"]
Period = Literal["month", "week", "year"]
TextCounts = Literal["year", "month", "host", "site"]
Case = Literal["smart", "ignore", "match"]
"""Whether capitals count: if the pattern has any, never, or always."""
State = Literal["current", "updating", "building", "unreadable"]

DEFAULT_MAX_CHARS = 6000
SEARCH_MAX_CHARS = 14_000
"""The size of fifty hits as lines in structured content, with long addresses."""
DEFAULT_LIMIT, MAX_LIMIT = 10, 50
CITE_AS = "title — url (episode_title, date, episode_url)"
"""How to cite a hit, in the names of its own fields; null fields are left out."""


class Reach(Model):
    """The range of days that one of several archives covers."""

    archive: Line
    episodes: int
    stories: int
    newest: str | None


class Freshness(Model):
    """How far the answer reaches, so that nobody mistakes an old index for an empty archive.

    ``state`` is ``current`` when the index matched the files when asked, ``updating`` while changed files are being
    indexed (``pending`` of them are not in this answer), ``building`` during the very first build, ``unreadable``
    when ``unavailable`` files or folders answer as last read. ``undated`` episodes have no date and are in no period.
    """

    state: State
    archive: Line
    episodes: int
    stories: int
    oldest: str | None
    newest: str | None
    problems: int
    pending: int = 0
    unavailable: int = Field(default=0, exclude_if=not_)
    undated: int = Field(default=0, exclude_if=not_)
    archives: list[Reach] = Field(default=[], exclude_if=not_)


class _Item(Model):
    """A story or an episode; ``url`` is what a story links to, or the page of an episode."""

    id: Line
    episode_id: Line
    date: str | None
    title: Line
    url: str | None


class Hit(_Item):
    """One story that answers, or an episode where the words stand in its own title or notes (then ``url`` is null).

    What follows from other fields, or is read with ``get_episode``, is for callers in Python and is not sent: all from
    ``site`` on. ``matched`` says where a hit matches: with a snippet title, summary, link, description, spoken,
    spelling, meaning, or typed → as written; without one title or, where that has none of the words, text.
    """

    near: bool = Field(default=False, exclude_if=not_, description="It holds only a part of what was asked")
    start: float | None = Field(default=None, exclude_if=unknown, description="Where the recording speaks of it, in s")
    listen_url: str | None = Field(default=None, exclude_if=unknown, description="Opens the recording there")
    snippet: str = Field(
        default="",
        exclude_if=not_,
        description="Quoted archive text, matched words in **bold**; begins (spoken) where it was said",
    )
    archive: Line | None = Field(default=None, exclude_if=unknown)
    kind: Literal["passage", "episode"] | None = Field(
        default=None, exclude_if=unknown, description="passage: of a transcript; episode: its own text"
    )
    people: list[Line] = Field(default=[], exclude_if=not_, description="Of several, who is not in most episodes")
    site: Line | None = Field(default=None, exclude=True)
    hosts: list[Line] = Field(default=[], exclude=True)
    episode_title: Line = Field(default="", exclude=True)
    episode_url: str | None = Field(default=None, exclude=True)
    audio_url: str | None = Field(default=None, exclude=True)
    score: float = Field(default=0.0, exclude=True)
    matched: list[Line] = Field(default=[], exclude=True)


class EpisodeName(Model):
    """The title and the page of an episode, each where ``cite_as`` does not give it."""

    id: Line
    title: Line | None = Field(default=None, exclude_if=unknown)
    url: str | None = Field(default=None, exclude_if=unknown)


Passages = Annotated[int, Field(exclude_if=not_, description="How many of the stories are passages of transcripts")]


class Mention(Model):
    """A story named in passing: enough to cite it or to ask for it. Of what is merely close the first has a snippet."""

    id: Line
    date: str | None
    title: Line
    url: str | None
    snippet: str = Field(default="", exclude_if=not_)


class Cited(Mention):
    """A story named in passing, with what it takes to cite it."""

    episode_title: Line
    episode_url: str | None


class SearchResult(Model):
    """The answer of ``search_episodes``.

    Totals, ``first``, ``last`` (days) and ``years`` (stories by year, if several) count full matches: what holds all
    that was asked in title, text, headings, people, tags or speech (of addresses the distinctive words).
    ``complete``: ``hits`` has all of them, in any spelling, with ``exact`` as quoted; never of a page, a question that
    was cut, or while files wait. Hits that hold a part are ``near``. Where the archive does not cover what was asked
    there are no hits, and ``near`` has at most three stories that are merely close.

    ``cite_as`` says how the fields of a hit make its citation; in braces stand fields, ``{yyyymmdd}`` for the date
    without hyphens, and ``{number}`` for the number at the end of the episode's id. ``episodes`` names the others.
    """

    total_stories: int
    total_episodes: int
    own_text: int = Field(default=0, exclude_if=not_, description="Episodes among them by their title or notes alone")
    passages: Passages = 0
    first: str | None = Field(default=None, exclude_if=unknown)
    last: str | None = Field(default=None, exclude_if=unknown)
    years: dict[str, int] = Field(default={}, exclude_if=not_)
    complete: bool = False
    apart: int = Field(default=0, exclude_if=not_, description="More that hold every word, not side by side")
    exact: bool = Field(default=False, exclude_if=not_)
    hits: list[Hit]
    near: list[Mention] = Field(default=[], exclude_if=not_, description="Closest where nothing is found as asked")
    cite_as: str = CITE_AS
    episodes: list[EpisodeName] = Field(default=[], exclude_if=not_)
    in_most: list[Line] = Field(default=[], exclude_if=not_, description="Who is in most episodes")
    understood: str
    suggestions: list[Line] = Field(default=[], exclude_if=not_)
    next_cursor: str | None
    freshness: Freshness


class EpisodeAnswer(Model):
    """The answer of ``get_episode``: the episode, and the one story asked for where the id named one. ``understood``
    says how the id was resolved (``latest`` → ``2026-08-21-550``).
    """

    episode: Episode
    story: Line | None = Field(description="Id of the one story asked for")
    spoken: str | None = Field(
        default=None,
        exclude_if=unknown,
        description="What is said of that story, or in an episode without text, as transcribed",
    )
    speakers: list[Line] = Field(default=[], exclude_if=not_, description="Who speaks, beside the hosts")
    understood: str
    previous_id: Line | None
    next_id: Line | None
    freshness: Freshness


class Topic(Model):
    """A name or subject that several stories share, found in the archive itself."""

    name: Line
    aliases: list[Line]
    stories: int
    episodes: int
    passages: Passages = 0
    first: str | None
    last: str | None
    examples: list[Mention]


class TopicList(Model):
    """The answer of ``list_topics``."""

    total_topics: int
    topics: list[Topic]
    understood: str
    next_cursor: str | None
    freshness: Freshness


class EpisodeBrief(Model):
    """An episode in a list of all. ``url`` is its page, ``stories`` counts them."""

    id: Line
    number: int | None
    date: str | None
    title: Line
    hosts: list[Line]
    url: str | None
    stories: int


class SiteCount(Model):
    """A site and how many stories link to it."""

    site: Line
    stories: int


class About(Model):
    """What the archive says of itself. ``today`` is the day that dates in words are seen from, in its own time zone.
    ``timezone_stated`` says that settings or site name the zone; else it is that of most dates, or UTC.
    """

    language: str | None
    timezone: str
    timezone_stated: bool
    today: str
    freshness: Freshness


class PeriodCount(Model):
    """What one ``period`` holds: ``2025-07`` (a month), ``2025-W28`` (an ISO week) or ``2025`` (a year)."""

    period: str
    stories: int
    episodes: int
    of: int = Field(default=0, exclude_if=not_, description="All episodes of the period, where they are counted")


class BusyEpisode(Model):
    """An episode with how many stories answer; its title, or where many differ by digits, that of the best story."""

    id: Line
    date: str | None
    title: Line
    url: str | None
    stories: int


class Timeline(Model):
    """The answer of ``topic_timeline``: counts per period from the first to the last mention, empty ones included."""

    topic: Line
    by: Period
    total_stories: int
    total_episodes: int
    passages: Passages = 0
    undated: int = Field(default=0, description="Stories without a date, in no period")
    first: Cited | None
    last: Cited | None
    cite_as: str = CITE_AS
    periods: list[PeriodCount]
    busiest: list[BusyEpisode]
    understood: str
    suggestions: list[Line]
    freshness: Freshness


class Related(Model):
    """The answer of ``find_related``: stories near something, nearest first. The rest is as in ``SearchResult``."""

    of: Cited
    hits: list[Hit]
    cite_as: str = CITE_AS
    episodes: list[EpisodeName] = Field(default=[], exclude_if=not_)
    in_most: list[Line] = Field(default=[], exclude_if=not_, description="Who is in most episodes")
    understood: str
    freshness: Freshness


class Difference(Model):
    """Words that are not the same on both sides; ``""`` where one side has nothing there."""

    quoted: str
    archived: str


class QuotePlace(_Item):
    """Where a quote stands, or what is near to it. ``where`` is the part of the story (``title``, ``summary``) or of
    the episode (``title``, ``description``, ``notes``; then ``url`` is null), or what a ``speaker`` says at ``start``.
    """

    episode_title: Line
    episode_url: str | None
    where: Literal["title", "summary", "description", "notes", "spoken"]
    speaker: Line | None = Field(default=None, exclude_if=unknown)
    start: float | None = Field(default=None, exclude_if=unknown, description="When it is spoken, in s")
    listen_url: str | None = Field(default=None, exclude_if=unknown, description="Opens the recording there")
    verdict: Literal["exact", "same words", "similar"]
    similarity: float = Field(description="1 where the words are the same")
    passage: str = Field(description="The archive's own wording, the part asked for in **bold**")
    differences: list[Difference]


class QuoteCheck(Model):
    """The answer of ``check_quote``: ``total`` places, the first of them in ``places``, all of the one ``verdict`` or a
    worse one.

    ``exact``: it stands there word for word. ``same words``: it differs only in width, case, white space, Markdown or
    punctuation. ``similar``: something near is there, and ``differences`` say how it differs. ``absent``: nothing near.
    """

    verdict: Literal["exact", "same words", "similar", "absent"]
    total: int
    places: list[QuotePlace]
    cite_as: str = CITE_AS
    next_step: str
    understood: str
    suggestions: list[Line]
    freshness: Freshness


class TextExcerpt(Model):
    """One match, in **bold**; of speech who says it, at what second, and the ``id`` of the passage that has it."""

    where: Literal["title", "summary", "link", "notes", "people", "spoken"]
    text: str
    speaker: Line | None = Field(default=None, exclude_if=unknown)
    start: float | None = Field(default=None, exclude_if=unknown)
    id: Line | None = Field(default=None, exclude_if=unknown)


class TextHit(_Item):
    """A story, or an episode for its own text and transcript: ``counts`` by part, the first ``matches`` (``url`` or
    ``listen_url`` opens at the first spoken one), and ``speakers`` of others."""

    counts: dict[str, int]
    matches: list[TextExcerpt]
    listen_url: str | None = Field(default=None, exclude_if=unknown, description="Opens the recording at the first")
    speakers: list[Line] = Field(default=[], exclude_if=not_)
    episode_title: Line | None = Field(default=None, exclude_if=unknown, description="Where its id does not say it")
    more_stories: int = Field(default=0, exclude_if=not_, description="Of its episode, which come after all episodes")


class TextCount(Model):
    """How often something matched in a year or a month, with a host, on a site, or in one spelling."""

    name: Line
    stories: int
    matches: int


class TextMatches(Model):
    """The answer of ``find_text``: all that matches, ``hits`` on this page; ``strings`` are a few spellings that do."""

    total_matches: int
    total_stories: int
    total_episodes: int
    first: str | None
    last: str | None
    by: TextCounts
    counts: list[TextCount]
    strings: list[TextCount] = Field(default_factory=list, exclude_if=lambda strings: not strings)
    hits: list[TextHit]
    understood: str
    next_cursor: str | None
    freshness: Freshness


class RefreshReport(Model):
    """What one run of the indexer did, in so many seconds; ``embedded`` texts got a vector, or why others did not."""

    generation: str
    rebuilt: bool
    reason: str
    added: list[str]
    changed: list[str]
    removed: list[str]
    episodes: int
    stories: int
    problems: int
    seconds: float
    embedded: int = 0
    embedding_error: str | None = None
