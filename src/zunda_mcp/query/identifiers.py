"""Ids as people say them: an episode or story by id, date, number, page URL, story URL or ``latest``."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import NamedTuple, Protocol

from zunda_mcp.errors import NotFoundError
from zunda_mcp.index.catalog import EpisodeEntry
from zunda_mcp.text.dates import parse_span
from zunda_mcp.text.normalize import normalize
from zunda_mcp.text.urls import canonical_url, is_url

__all__ = ["Linking", "Target", "resolve_id"]

_LATEST = {"latest", "newest", "last", "最新", "最新回"}
_OLDEST = {"first", "oldest", "最初", "初回"}
_NUMBER = re.compile(r"^(?:#|no\.?|ep(?:isode)?\.?|第)?\s*(\d{1,6})\s*(?:回|話)?$")
_STORY = re.compile(r"^(.*\S)\s*#\s*(\d{1,4})$")
_MANY = 6


class Target(NamedTuple):
    """The episode that an id names, and its ``story`` if the id names one; ``understood`` says so in words."""

    episode: EpisodeEntry
    story: str | None
    understood: str


class Linking(Protocol):
    """A story that links to a page: its id and its episode."""

    @property
    def id(self) -> str:
        """The id of the story."""

    @property
    def entry(self) -> EpisodeEntry:
        """The episode it belongs to."""


def resolve_id(
    entries: Sequence[EpisodeEntry], text: str, today: dt.date, with_url: Callable[[str], Linking | None]
) -> Target:
    """Find the episode or story that ``text`` names. ``entries`` are in order of publication; ``with_url`` finds the
    newest story that links to a canonical URL.

    Raises ``NotFoundError`` with similar ids if ``text`` names nothing, or several things.
    """
    typed = text.strip()
    if entry := next((entry for entry in entries if entry.id == typed), None):
        return Target(entry, None, typed)
    if is_url(typed):
        return _by_url(entries, typed, with_url)
    wanted = normalize(typed).strip()
    story = _STORY.match(wanted)
    if story:
        entry = _episode(entries, story[1], today)
        place = int(story[2])
        if not 1 <= place <= entry.stories:
            msg = f"Episode {entry.id} has {entry.stories} stories, not {place}; ask for {entry.id} to see them."
            raise NotFoundError(msg, (entry.id,))
        return Target(entry, f"{entry.id}#{place}", _understood(typed, f"{entry.id}#{place}"))
    entry = _episode(entries, wanted, today)
    return Target(entry, None, _understood(typed, entry.id))


def _understood(typed: str, id: str) -> str:
    return id if typed == id else f"{typed} is {id}"


def _episode(entries: Sequence[EpisodeEntry], wanted: str, today: dt.date) -> EpisodeEntry:
    if not entries:
        msg = "The archive holds no episodes yet; run zunda-mcp doctor to see why."
        raise NotFoundError(msg)
    wanted = wanted.removeprefix("episode://")
    for entry in entries:
        if normalize(entry.id) == wanted:
            return entry
    name, mark, rest = wanted.partition(":")
    if mark and (of_one := [entry for entry in entries if entry.archive and normalize(entry.archive) == name]):
        entries, wanted = of_one, rest.strip()
    if named := [entry for entry in entries if entry.archive and _own_id(entry) == wanted]:
        return _only(named, wanted)
    if wanted in _LATEST:
        return entries[-1]
    if wanted in _OLDEST:
        return entries[0]
    if number := _NUMBER.match(wanted):
        named = [entry for entry in entries if entry.number == int(number[1])]
        if named:
            return _only(named, f"number {int(number[1])}")
    span = parse_span(wanted, today)
    if span is not None:
        first, last = span.since.isoformat(), span.until.isoformat()
        named = [entry for entry in entries if first <= entry.date <= last]
        if named:
            return _only(named, wanted)
        raise _none_on(entries, wanted, first)
    near = get_close_matches(wanted, [entry.id for entry in entries], 3, 0.6)
    how = f'An id looks like {entries[-1].id}; a date, a number or "latest" works too.'
    msg = f'No episode is called "{wanted[:60]}". {how}'
    raise NotFoundError(msg, tuple(near) or (entries[-1].id,))


def _own_id(entry: EpisodeEntry) -> str:
    """The id of an episode within its archive."""
    return normalize(entry.id).partition(":")[2]


def _only(named: Sequence[EpisodeEntry], what: str) -> EpisodeEntry:
    if len(named) == 1:
        return named[0]
    shown = ", ".join(entry.id for entry in named[:_MANY]) + (" ..." if len(named) > _MANY else "")
    msg = f'"{what}" names {len(named)} episodes: {shown}. Ask for one of these ids.'
    raise NotFoundError(msg, tuple(entry.id for entry in named[:_MANY]))


def _none_on(entries: Sequence[EpisodeEntry], wanted: str, day: str) -> NotFoundError:
    before = [entry.id for entry in entries if entry.date and entry.date < day][-1:]
    after = [entry.id for entry in entries if entry.date > day][:1]
    near = tuple(before + after)
    nearest = f"the nearest are {' and '.join(near)}" if near else "no episode of the archive has a date"
    return NotFoundError(f'No episode is dated "{wanted}"; {nearest}.', near)


def _by_url(entries: Sequence[EpisodeEntry], url: str, with_url: Callable[[str], Linking | None]) -> Target:
    wanted = canonical_url(url)
    named = [entry for entry in entries if entry.page_url and canonical_url(entry.page_url) == wanted]
    if named:
        entry = _only(named, url)
        return Target(entry, None, f"the page of {entry.id}")
    if story := with_url(wanted):
        return Target(story.entry, story.id, f"the story that links there is {story.id}")
    msg = f'Nothing in the archive has the URL {url[:120]}; search_episodes(query="{url[:120]}") looks for its site.'
    raise NotFoundError(msg)
