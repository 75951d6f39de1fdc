"""The text of ``list_topics`` and of ``topic_timeline``."""

from __future__ import annotations

from collections.abc import Sequence

from zunda_mcp.answers import BusyEpisode, PeriodCount, Timeline, Topic, TopicList
from zunda_mcp.rendering.answer_lines import (
    QUOTED,
    TIGHT,
    UNDATED,
    Parts,
    address_part,
    among,
    dated,
    fitted,
    mention_line,
    next_line,
    no_hits,
    number_shown,
    reach,
    short_title,
    stories_in_episodes,
    suggestion_line,
    understood_line,
)  # fmt: skip
from zunda_mcp.rendering.messages import count
from zunda_mcp.rendering.sanitize import clean_line, shorten

__all__ = ["timeline", "topics"]

_CELL, _CELLS = "█", 12
"""The sign that bars are made of, and how many the longest may have; a bar for one story or more has at least one."""


def topics(answer: TopicList, max_chars: int | None = None) -> str:
    """The text of ``list_topics``."""
    if not answer.total_topics:
        return no_hits(answer.understood, [], answer.freshness, max_chars)

    def at(level: int) -> Parts:
        total = number_shown(answer.total_topics, "topic", len(answer.topics))
        head = [
            f"{total}. {understood_line(answer.understood, level)}",
            QUOTED,
            *(line for place, topic in enumerate(answer.topics, 1) for line in _topic(place, topic, level)),
        ]
        return head, [next_line(answer.next_cursor), reach(answer.freshness)]

    return fitted(at, max_chars)


def timeline(answer: Timeline, max_chars: int | None = None) -> str:
    """The text of ``topic_timeline``."""
    if not answer.total_episodes:
        return no_hits(answer.understood, answer.suggestions, answer.freshness, max_chars)

    def at(level: int) -> Parts:
        total = stories_in_episodes(answer.total_stories, answer.total_episodes)
        head = [
            f"{shorten(clean_line(answer.topic), 200)}: {total}. {understood_line(answer.understood, level)}",
            QUOTED,
            f"{count(answer.passages, 'story')} of them: passages of transcripts" if answer.passages else "",
            f"{count(answer.undated, 'story')} without a date, in no period" if answer.undated else "",
            f"First: {mention_line(answer.first, level)}" if answer.first else "",
            f"Last: {mention_line(answer.last, level)}" if answer.last else "",
            f"Stories (episodes) by {answer.by}:" if answer.periods else "",
            *_periods(answer.periods, level),
            "Busiest episodes:" if answer.busiest else "",
            *(_busy(busy, level) for busy in answer.busiest),
            suggestion_line(answer.suggestions),
        ]
        return head, [reach(answer.freshness)]

    return fitted(at, max_chars)


def _topic(place: int, topic: Topic, level: int) -> list[str]:
    aliases = f" ({', '.join(map(clean_line, topic.aliases))})" if topic.aliases else ""
    counts = f"{count(topic.stories, 'story')} in {count(topic.episodes, 'episode')}"
    days = f"{topic.first} to {topic.last}" if topic.first else UNDATED
    examples = topic.examples if level < TIGHT else []
    return [
        f"{place}. {clean_line(topic.name)}{aliases}: {counts}{among(topic.passages)}, {days}",
        *(f"   {mention_line(example, level)}" for example in examples),
    ]


def _periods(periods: Sequence[PeriodCount], level: int) -> list[str]:
    """A line for each period, with bars unless all of them would be equally long."""
    heights = {period.stories for period in periods} - {0}
    most = max(heights) if len(heights) > 1 and level < TIGHT else 0
    return [_period(period, most) for period in periods]


def _period(period: PeriodCount, most: int) -> str:
    if not period.episodes:
        return f"{period.period}: 0"
    cells = period.stories if most <= _CELLS else -(-period.stories * _CELLS // most)
    return f"{period.period}: {f'{_CELL * cells} ' if most else ''}{period.stories} ({period.episodes})"


def _busy(busy: BusyEpisode, level: int) -> str:
    title = dated(busy.date, short_title(busy.title, level))
    return f"- {title} · id {clean_line(busy.id)} · {count(busy.stories, 'story')}{address_part(busy.url)}"
