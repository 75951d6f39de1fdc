"""Counts over time: how often something was told in each month, week or year."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable

from zunda_mcp.answers import BusyEpisode, Period, PeriodCount
from zunda_mcp.index.catalog import EpisodeEntry

_BUSIEST = 5


def period_of(day: dt.date, by: Period) -> str:
    """``2025-07``, ``2025-W28`` (ISO 8601) or ``2025``."""
    if by == "year":
        return f"{day.year:04d}"
    if by == "week":
        year, week, _ = day.isocalendar()
        return f"{year:04d}-W{week:02d}"
    return f"{day.year:04d}-{day.month:02d}"


def counts(found: Iterable[tuple[int, dt.date, bool]], by: Period) -> list[PeriodCount]:
    """Stories and episodes per period from ``(episode, day, story)`` of each document; empty periods between are
    counted. ``story`` is false for an episode that was found by its own text.
    """
    per_story: Counter[str] = Counter()
    per_episode: dict[str, set[int]] = {}
    days = []
    for episode, day, story in found:
        period = period_of(day, by)
        per_story[period] += story
        per_episode.setdefault(period, set()).add(episode)
        days.append(day)
    if not days:
        return []
    return [
        PeriodCount(period=period, stories=per_story[period], episodes=len(per_episode.get(period, ())))
        for period in _periods(min(days), max(days), by)
    ]


def busiest(per_episode: Iterable[tuple[EpisodeEntry, int]]) -> list[BusyEpisode]:
    """The episodes with the most stories, the newest of equals first; takes them with their counts."""
    most = sorted(per_episode, key=lambda item: (item[1], item[0].order), reverse=True)[:_BUSIEST]
    return [
        BusyEpisode(id=entry.id, date=entry.date or None, title=entry.title, url=entry.page_url, stories=stories)
        for entry, stories in most
    ]


def _periods(first: dt.date, last: dt.date, by: Period) -> list[str]:
    if by == "year":
        return [f"{year:04d}" for year in range(first.year, last.year + 1)]
    step = dt.timedelta(days=7 if by == "week" else 1)
    day, found = first, dict.fromkeys([period_of(first, by)])
    while day < last:
        day = (
            min(day + step, last)
            if by == "week"
            else min((day.replace(day=1) + dt.timedelta(days=32)).replace(day=1), last)
        )
        found[period_of(day, by)] = None
    return list(found)
