"""Counts over time: how often something stands in stories of each month, week or year."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from zunda_mcp.answers import BusyEpisode, Freshness, Period, PeriodCount, Timeline
from zunda_mcp.engine.base import DayCount, Engine
from zunda_mcp.query.filters import Filters
from zunda_mcp.query.parse import Query
from zunda_mcp.results.page import cited

__all__ = ["make_timeline", "period_counts", "period_of"]


def period_of(day: dt.date, by: Period) -> str:
    """``2025-07``, ``2025-W28`` (ISO 8601) or ``2025``."""
    if by == "year":
        return f"{day.year:04d}"
    if by == "week":
        year, week, _ = day.isocalendar()
        return f"{year:04d}-W{week:02d}"
    return f"{day.year:04d}-{day.month:02d}"


def make_timeline(
    engine: Engine, topic: str, query: Query, chosen: Filters, *, by: Period, fresh: Freshness
) -> Timeline:
    """How often every word of ``topic``, which was parsed as ``query``, stands in stories, period by period."""
    counts = engine.count(query, chosen)
    if query.words:
        understood = "stories that hold every word of: " + ", ".join(word.shown for word in query.words)
    else:
        understood = "stories with these links"
    nothing = not (counts.days or counts.undated)
    return Timeline(
        topic=topic,
        by=by,
        total_stories=counts.stories,
        total_episodes=counts.episodes,
        passages=counts.passages,
        undated=counts.undated,
        first=cited(counts.first) if counts.first else None,
        last=cited(counts.last) if counts.last else None,
        periods=period_counts(counts.days, by),
        busiest=[
            BusyEpisode(id=entry.id, date=entry.date or None, title=entry.title, url=entry.page_url, stories=stories)
            for entry, stories in counts.busiest
        ],
        understood="; ".join([understood, *chosen.words(), f"by {by}"]),
        suggestions=engine.suggest([word.text for word in query.words]) if nothing else [],
        freshness=fresh,
    )


def period_counts(days: Sequence[DayCount], by: Period) -> list[PeriodCount]:
    """Stories and episodes per period from those of days in order; empty periods between are counted."""
    stories: Counter[str] = Counter()
    episodes: Counter[str] = Counter()
    for one in days:
        period = period_of(one.day, by)
        stories[period] += one.stories
        episodes[period] += one.episodes
    periods = _periods(days[0].day, days[-1].day, by) if days else []
    return [PeriodCount(period=period, stories=stories[period], episodes=episodes[period]) for period in periods]


def _periods(first: dt.date, last: dt.date, by: Period) -> list[str]:
    if by == "year":
        return [f"{year:04d}" for year in range(first.year, last.year + 1)]
    step = dt.timedelta(days=7 if by == "week" else 1)
    day, periods = first, dict.fromkeys([period_of(first, by)])
    while day < last:
        day = (
            min(day + step, last)
            if by == "week"
            else min((day.replace(day=1) + dt.timedelta(days=32)).replace(day=1), last)
        )
        periods[period_of(day, by)] = None
    return list(periods)
