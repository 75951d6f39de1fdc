"""Reads a question: from the words of a person to queries, with their filters and order.

A question can mean several things: 第12回 is an episode or a tournament, 去年の a filter or part of a title. Each is a
*reading*, the likeliest first; if one finds too little, the next is tried. Nothing after this module reads the text
again.

If the caller chose a filter, none of that kind is read from the question. If the archive contains the question exactly
as typed, its words are searched for and are not filters.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Literal, NamedTuple, Protocol

from zunda_mcp.answers import Sort
from zunda_mcp.errors import ArgumentError
from zunda_mcp.index.catalog import EpisodeEntry
from zunda_mcp.query import tuning
from zunda_mcp.query.filters import Filters, archives, hosts, resolve_filters
from zunda_mcp.query.named_filters import (
    archive_in,
    may_name_filter,
    site_in,
    speaker_in,
    split_edition,
    split_kind,
    split_number,
    without_post_request,
)
from zunda_mcp.query.operators import with_operators
from zunda_mcp.query.parse import Query, parse, without_operators
from zunda_mcp.query.request import only_requests
from zunda_mcp.query.time_bounds import split_bounds
from zunda_mcp.query.time_words import TimedText, asks_how_many, split_order, split_time
from zunda_mcp.text.dates import Span
from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.normalize import has_cjk

__all__ = ["Archive", "Matched", "Question", "Reading", "Totals", "read_question"]

_FILTER = lazy_pattern(
    r"(?<!\S)(?P<name>-?host|archive|kind|since|until):(?:\"(?P<quoted>[^\"]+)\"|(?P<bare>[^\s\"]+))", re.IGNORECASE
)
#: Most characters that are shown of a query without letters and digits.
_SHOWN = 40
#: Most episodes that are named if several have one number.
_NAMED = 4


class Totals(NamedTuple):
    """Counts of full matches: ``full`` documents, ``stories`` among them (``passages`` of these are of transcripts) and
    their ``episodes``; the stories by ``years`` (``""``: without a date); the days of the ``first`` and the ``last``.
    """

    full: int
    stories: int
    episodes: int
    passages: int
    years: Mapping[str, int]
    first: str | None
    last: str | None


class Matched(Protocol):
    """The part of the matches of a query that reading a question needs."""

    @property
    def totals(self) -> Totals: ...


class Archive(Protocol):
    """The part of ``zunda_mcp.engine.base.Engine`` that reading a question needs."""

    def contains(self, text: str, *, in_titles: bool = False) -> bool:
        """Whether ``text`` occurs in the archive as typed; with ``in_titles`` in a title."""

    def has_kind(self, kind: str) -> bool:
        """Whether there are posts of a kind."""

    def entries(self) -> Sequence[EpisodeEntry]:
        """All episodes of the archive."""

    def sites(self) -> Mapping[str, int]:
        """How many stories link to each site."""

    def search(self, query: Query, filters: Filters, order: Sort, *, limit: int) -> Matched:
        """The matches of a query."""


class Reading(NamedTuple):
    """One meaning of a question: a ``query`` with ``filters``; ``note`` says how the question was understood.

    The reading is used if it finds ``enough``: full matches (``full``), any stories that answer (``listed``), or at
    least some that are close (``close``); ``""``: always. ``impossible``: nothing can answer, and ``note`` says why.
    """

    query: Query
    filters: Filters
    note: str = ""
    enough: Literal["", "full", "listed", "close"] = ""
    impossible: bool = False

    def __str__(self) -> str:
        """The reading in one line: ``rag | since 2025-01-01 | if listed``."""
        if self.impossible:
            return f"nothing | {self.note}"
        words = [*(word.shown for word in self.query.words), *self.query.urls, *self.query.sites]
        parts = (" ".join(words) or "everything", *self.filters.words(), self.enough and f"if {self.enough}", self.note)
        return " | ".join(filter(None, parts))


class Question(NamedTuple):
    """The readings of a question, the likeliest first, and the order of the matches.

    ``order_of_full`` is an order of full matches that the question itself asks for: when was it first? ``counts``: it
    asks for a number.
    """

    readings: tuple[Reading, ...]
    order: Sort
    order_of_full: Sort | None = None
    counts: bool = False

    def __str__(self) -> str:
        """A line for each reading."""
        return "\n".join(map(str, self.readings))


def read_question(text: str, chosen: Filters, order: Sort, today: dt.date, archive: Archive) -> Question:
    """Read what a person or a model typed; ``chosen`` and ``order`` are the filters and the order that they set."""
    order_of_full = split_order(text) if order == "relevance" else None
    return Question(tuple(_readings(text, chosen, today, archive)), order, order_of_full, asks_how_many(text))


def _readings(text: str, chosen: Filters, today: dt.date, archive: Archive) -> Iterator[Reading]:
    text, chosen = _with_filters(text, chosen, today, archive)
    if text.strip() and parse(text).empty:
        yield _impossible(chosen, f'nothing to look for in "{text.strip()[:_SHOWN]}": it has no letter or digit')
        return
    episode = _edition(text, chosen, archive) or _numbered(text, chosen, archive)
    if episode is not None:
        yield episode
        if not episode.enough:
            return
    typed = without_post_request(text)
    typed = with_operators(typed)
    if typed != text and archive.contains(text):
        typed = text
    plain = without_operators(typed)
    if plain != typed and len(text) >= tuning.MIN_TITLE and archive.contains(text, in_titles=True):
        typed = plain
    timed = None if chosen.since or chosen.until else _timed(typed, today, archive)
    if timed is None:
        yield from _without_time(typed, chosen, archive)
        return
    query, filters = _narrowed(timed.rest, chosen, archive)
    everything = only_requests(query)
    if not everything and archive.contains(text, in_titles=timed.counted):
        yield Reading(*_narrowed(typed, chosen, archive))
        return
    since, until = timed.span.since, timed.span.until
    query = Query() if everything else query
    note = f'"{timed.shown}" taken as these days'
    yield Reading(query, replace(filters, since=since, until=until), note, "close")
    note = f'nothing in "{timed.shown}" ({since} to {until}), so all days were searched'
    yield Reading(query, chosen if everything else filters, note)


def _with_filters(text: str, chosen: Filters, today: dt.date, archive: Archive) -> tuple[str, Filters]:
    """Take ``host:``, ``-host:``, ``archive:``, ``kind:``, ``since:`` and ``until:`` off a question, and add them to
    the filters. A filter that was chosen already, or that nothing in the archive fits, stays in the text.
    """
    for match in reversed(list(_FILTER.finditer(text))):
        name, value = match["name"].lower(), match["quoted"] or match["bare"]
        if name == "-host":
            name, value = "host", f"-{value}"
        try:
            named = resolve_filters(archive.entries(), today, **{"since": None, "until": None, name: value})
        except ArgumentError:
            continue
        added = {field.name: one for field in fields(named) if (one := getattr(named, field.name))}
        if not any(getattr(chosen, key) for key in added):
            text, chosen = f"{text[: match.start()]} {text[match.end() :]}".strip(), replace(chosen, **added)
    return text, chosen


def _timed(text: str, today: dt.date, archive: Archive) -> TimedText | None:
    """Take the time off a question; None if it has none. A time without a beginning starts with the archive."""
    bounded = split_bounds(text, today)
    if bounded is None:
        return split_time(text, today)
    span = bounded.span
    if span.since == dt.date.min:
        dates = [entry.date for entry in archive.entries() if entry.date]
        first = dt.date.fromisoformat(min(dates)) if dates else span.until
        span = Span(min(first, span.until), span.until)
    return TimedText(bounded.rest, span, bounded.shown, counted=False)


def _impossible(chosen: Filters, why: str) -> Reading:
    """A reading that nothing answers, and why."""
    return Reading(Query(), replace(chosen, since=dt.date.max, until=dt.date.min), why, impossible=True)


def _edition(text: str, chosen: Filters, archive: Archive) -> Reading | None:
    """The newest or the oldest episode, if a question asks for all of it (最新回は？)."""
    place = None if chosen.since or chosen.until else split_edition(text)
    if place is None or archive.contains(text, in_titles=True):
        return None
    everything = archive.search(Query(), chosen, place, limit=1)
    date = everything.totals.last if place == "newest" else everything.totals.first
    if date is None:
        return None
    day = dt.date.fromisoformat(date)
    which = "latest" if place == "newest" else "first"
    return Reading(Query(), replace(chosen, since=day, until=day), f"the {which} episode")


def _numbered(text: str, chosen: Filters, archive: Archive) -> Reading | None:
    """The reading of a question that names an episode by its number: all of the episode, or what it says on the rest of
    the question. If that is nothing, the number means something else (第3回大会).
    """
    numbered = split_number(text)
    entries = [] if numbered is None else [entry for entry in archive.entries() if entry.number is not None]
    if numbered is None or not entries:
        return None
    rest = parse(numbered.rest)
    whole = only_requests(rest)
    named = [one for one in entries if one.number == numbered.number and chosen.archive in (None, one.archive)]
    if len(named) == 1:
        return Reading(Query() if whole else rest, replace(chosen, episode=named[0].id), enough="full")
    if not whole:
        return None
    ids = ", ".join(one.id for one in named[:_NAMED])
    numbers = [one.number for one in entries if one.number is not None]
    which = f"is that of {len(named)} episodes ({ids})" if named else f"has no episode; they go up to {max(numbers)}"
    return _impossible(chosen, f"the number {numbered.number} {which}")


def _without_time(text: str, chosen: Filters, archive: Archive) -> Iterator[Reading]:
    """The readings of a question without a time: with the names in it as filters, then without if nothing answers."""
    query, filters = _narrowed(text, chosen, archive)
    if asks_how_many(text) and only_requests(query):
        if has_cjk(text):  # a name in hiragana may look like words that ask
            yield Reading(query, filters, enough="full")
        yield Reading(Query(), filters)
        return
    wider = replace(filters, host=chosen.host, site=chosen.site, archive=chosen.archive)
    if wider == filters:
        yield Reading(query, filters)
        return
    names = Filters(host=filters.host, site=filters.site, archive=filters.archive)
    yield Reading(query, filters, enough="listed")
    yield Reading(query, wider, f"nothing with {', '.join(names.words())}, so all was searched")


def _narrowed(text: str, chosen: Filters, archive: Archive) -> tuple[Query, Filters]:
    """The query, and the filters with those added that the question names and nobody chose: a kind of posts that the
    archive has, an archive, a host, a site. Nothing is added if the archive contains the question as it is.
    """
    kinded = None if chosen.kind else split_kind(text)
    if kinded is not None and archive.has_kind(kinded.name) and not archive.contains(text):
        text, chosen = kinded.rest, replace(chosen, kind=kinded.name)
    if may_name_filter(text) and not archive.contains(text):
        text, chosen = _with_names(text, chosen, archive)
    return parse(text), chosen


def _with_names(text: str, chosen: Filters, archive: Archive) -> tuple[str, Filters]:
    """The question without the names of an archive, a host and a site in it, and the filters with these."""
    entries, before = archive.entries(), chosen
    if not chosen.archive and (named := archive_in(text, archives(entries))):
        text, chosen = named.rest, replace(chosen, archive=named.name)
    if not chosen.without and (named := speaker_in(text, hosts(entries), absent=True)):
        text, chosen = named.rest, replace(chosen, without=(named.name,))
    if not chosen.host and (named := speaker_in(text, hosts(entries))):
        text, chosen = named.rest, replace(chosen, host=named.name)
    if not chosen.site and (named := site_in(text, archive.sites().keys())) and _means_site(named.name, archive):
        text, chosen = named.rest, replace(chosen, site=named.name)
    return "" if chosen != before and only_requests(parse(text)) else text, chosen


def _means_site(site: str, archive: Archive) -> bool:
    """Whether the first word of a domain means the site: at least half of the stories with the word link to it. OpenAI
    is a company, Qiita is where people write.
    """
    word = parse(site.partition(".")[0])
    held = archive.search(word, Filters(), "relevance", limit=1).totals.full
    return 2 * archive.search(word, Filters(site=site), "relevance", limit=1).totals.full >= held
