"""Completion of half-typed arguments with values from the archive.

Values that begin with the typed letters come first, then values that contain them, each newest or most frequent first.
Width, case, dashes and the spelling of loan words are ignored. An answer has at most a hundred values, in the form that
a tool, a prompt or a template takes (MCP specification, server/utilities/completion).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from zunda_mcp.errors import ArgumentError, BuildingError
from zunda_mcp.rendering.sanitize import clean_line, shorten
from zunda_mcp.text.dates import parse_span
from zunda_mcp.text.normalize import fold_katakana, normalize

if TYPE_CHECKING:
    from zunda_mcp.answers import EpisodeBrief
    from zunda_mcp.library import Library

__all__ = ["MOST", "complete"]

MOST = 100
"""The most values that the protocol allows in one answer."""

_LONGEST = 200
_LATEST = ("latest", "newest", "最新", "最新回")
_WEEKS = ("今週", "先週", "先々週", "this week", "last week")
_WORDS = (
    *("今日", "昨日", "今週", "先週", "今月", "先月", "今年", "去年", "直近7日間", "過去3か月"),
    *("today", "yesterday", "this week", "last week", "this month", "last month", "this year", "last year"),
    *("last 7 days", "last 3 months"),
)
_SEPARATORS = re.compile(r"[-/.年月日]")


def complete(
    archive: Library, ref: Mapping[str, Any], argument: Mapping[str, Any], context: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return ``{"completion": {"values", "total", "hasMore"}}`` for one argument of a resource template or a prompt.

    ``ref`` is ``{"type": "ref/resource", "uri"}`` or ``{"type": "ref/prompt", "name"}``, ``argument`` is
    ``{"name", "value"}``, and ``context`` has the arguments filled in before: ``{"arguments": {name: value}}``. There
    are no values for an argument without suggestions, and while the first index is being built.

    Raises:
        ArgumentError: ``ref`` has another form, or names a template we do not have.
        NotFoundError: There is no such prompt.
    """
    kind, typed = _kind(ref, _text(argument, "name")), _text(argument, "value")
    given = (context or {}).get("arguments")
    before = given if isinstance(given, Mapping) else {}
    try:
        offered: Iterable[str] = (
            _OFFERS[kind](archive, typed, before) if kind in _OFFERS and len(typed) <= _LONGEST else ()
        )
    except BuildingError:
        offered = ()
    values = list(dict.fromkeys(map(clean_line, offered)))
    return {"completion": {"values": values[:MOST], "total": len(values), "hasMore": len(values) > MOST}}


def _kind(ref: Mapping[str, Any], name: str) -> str:
    """Return the kind of value being typed, a key of ``_OFFERS`` unless there is nothing to suggest."""
    from zunda_mcp.server.resources import EPISODE, OVERVIEW, STORY, SURVEY, TOPICS  # start-up

    match ref.get("type"):
        case "ref/resource":
            uri = _text(ref, "uri")
            scheme, mark, _ = uri.strip().casefold().partition("://")
            if uri not in (OVERVIEW, TOPICS, SURVEY) and not (mark and scheme in ("episode", "story")):
                msg = (
                    f'No resource template is called "{shorten(clean_line(uri), 60)}"; there are {EPISODE} and {STORY}.'
                )
                raise ArgumentError("ref", msg)
            return scheme if name == "id" and scheme != "archive" else ""
        case "ref/prompt":
            from zunda_mcp.server.prompts import named  # start-up

            asset = named(_text(ref, "name"))
            kinds = {one.name: one.kind for one in asset.arguments} | {"language": "option"}
            return name if kinds.get(name) in ("text", "option") else kinds.get(name, "")
    msg = 'ref must have the type "ref/resource" with a uri, or "ref/prompt" with a name.'
    raise ArgumentError("ref", msg)


# --- episodes and stories


def _ids(archive: Library, typed: str, _: Mapping[str, Any]) -> list[str]:
    words = _matching(_LATEST, typed, inside=False) if typed.strip() else ["latest"]
    return [*words, *(one.id for one in _episodes(archive, typed))]


def _episodes(archive: Library, typed: str) -> list[EpisodeBrief]:
    """Return the episodes that a typed id, date or number may mean, likeliest first, then newest first."""
    episodes = archive.episodes()
    if not (wanted := _key(typed)):
        return list(episodes)
    number = wanted.strip("第回話#").removeprefix("episode").removeprefix("ep").strip(" .")
    exact = [one for one in episodes if one.number is not None and str(one.number) == number]
    days = _beginnings(wanted)
    begin = [one for one in episodes if _key(one.id).startswith(wanted) or (one.date or "").startswith(days)]
    dated: list[EpisodeBrief] = []
    if not begin and (span := parse_span(typed, dt.date.fromisoformat(archive.about().today))):
        dated = [one for one in episodes if span.since.isoformat() <= (one.date or "") <= span.until.isoformat()]
    hold = [one for one in episodes if wanted in _key(one.id)]
    return list({one.id: one for one in (*exact, *begin, *dated, *hold)}.values())


def _stories(archive: Library, typed: str, before: Mapping[str, Any]) -> list[str]:
    """Return story ids of the episode typed before ``#`` or named in the context, else of all that match."""
    typed = typed.replace("%23", "#").replace("＃", "#")
    episode, mark, place = typed.rpartition("#")
    if not mark:
        named = next((str(before[name]) for name in ("episode", "episode_id", "id") if before.get(name)), "")
        if named and (one := _best_episode(archive, named.partition("#")[0])):
            return [story for story in _story_ids(one) if _key(typed) in _key(story)]
        return [story for one in _episodes(archive, typed) for story in _story_ids(one)]
    chosen = _best_episode(archive, episode)
    ids = _story_ids(chosen) if chosen else []
    return [story for story in ids if story.rpartition("#")[2].startswith(place.strip())]


def _best_episode(archive: Library, episode: str) -> EpisodeBrief | None:
    episodes = archive.episodes()
    if _key(episode) in _LATEST:
        return episodes[0] if episodes else None
    whole = [one for one in episodes if _key(one.id) == _key(episode)]
    return next(iter(whole or _episodes(archive, episode)), None)


def _story_ids(one: EpisodeBrief) -> list[str]:
    return [f"{one.id}#{place}" for place in range(1, one.stories + 1)]


# --- dates


def _dates(archive: Library, typed: str, _: Mapping[str, Any]) -> list[str]:
    """Return dates in words, then the years, months and days of the archive, each newest first."""
    days = [one.date for one in archive.episodes() if one.date]
    spans = [*dict.fromkeys(day[:4] for day in days), *dict.fromkeys(day[:7] for day in days), *days]
    return [*_matching(_WORDS, typed), *(one for one in spans if one.startswith(_beginnings(typed)))]


def _weeks(archive: Library, typed: str, _: Mapping[str, Any]) -> list[str]:
    """Return weeks in words, then the weeks (ISO 8601) and days of the archive, each newest first."""
    days = [one.date for one in archive.episodes() if one.date]
    weeks = dict.fromkeys("{}-W{:02}".format(*dt.date.fromisoformat(day).isocalendar()[:2]) for day in days)
    begin = _beginnings(typed)
    return [*_matching(_WEEKS, typed), *(one for one in (*weeks, *days) if one.casefold().startswith(begin))]


def _beginnings(typed: str) -> tuple[str, str]:
    """Return two ISO forms of a half-typed date: its parts as typed, and padded to two digits."""
    parts = [part for part in _SEPARATORS.split(_key(typed)) if part]
    return "-".join(parts), "-".join(part.zfill(2) for part in parts)


# --- names


def _topics(archive: Library, typed: str, _: Mapping[str, Any]) -> list[str]:
    """Return names and other spellings of topics, only names if nothing is typed."""
    topics = archive.topic_names()
    if not typed.strip():
        return [topic.name for topic in topics]
    return _matching([name for topic in topics for name in (topic.name, *topic.aliases)], typed)


def _sites(archive: Library, typed: str, _: Mapping[str, Any]) -> list[str]:
    """Return sites of the archive; if a scheme was typed, as addresses with this scheme."""
    scheme, mark, rest = typed.strip().rpartition("://")
    host = rest.partition("/")[0].casefold().removeprefix("www.")
    return [f"{scheme}{mark}{site}" for site in _matching([one.site for one in archive.sites()], host)]


def _matching(names: Iterable[str], typed: str, *, inside: bool = True) -> list[str]:
    """Return the names that begin with the typed text, then those that contain it, each in the given order."""
    wanted = _loose(typed)
    keyed = [(one, _loose(one)) for one in names]
    begin = [one for one, key in keyed if key.startswith(wanted)]
    hold = [one for one, key in keyed if wanted in key] if inside else []
    return list(dict.fromkeys([*begin, *hold]))


def _key(text: str) -> str:
    return normalize(text).strip()


def _loose(text: str) -> str:
    return fold_katakana("".join(_key(text).split()))


def _text(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    if isinstance(value, str):
        return value
    msg = f'{name} must be a text, as in {{"name": "id", "value": "2025"}}.'
    raise ArgumentError(name, msg)


_OFFERS: dict[str, Callable[[Library, str, Mapping[str, Any]], list[str]]] = {
    "episode": _ids,
    "story": _stories,
    "since": _dates,
    "until": _dates,
    "week": _weeks,
    "topic": _topics,
    "host": lambda archive, typed, _: _matching(archive.hosts(), typed),
    "site": _sites,
    "url": _sites,
    "language": lambda _, typed, __: _matching(("ja", "en"), typed),
}
"""Functions by kind of value: they take the archive, the typed text and the arguments filled in before."""
