"""The topics of one generation, selected by name, window and order; and its other complete lists, for overviews and for
completing a few typed letters.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from zunda_mcp.answers import EpisodeBrief, Freshness, SiteCount, Topic, TopicList, TopicSort
from zunda_mcp.engine.base import Engine
from zunda_mcp.query.filters import Filters
from zunda_mcp.results.page import mention_of
from zunda_mcp.results.sizing import Paging, bound, framed, json_size, tightened
from zunda_mcp.text.normalize import fold_katakana, normalize
from zunda_mcp.text.urls import readable_url

if TYPE_CHECKING:
    from zunda_mcp.results.quotes import QuoteChecker
    from zunda_mcp.topics.tokens import ArchiveTopic

__all__ = ["Contents"]

_EXAMPLES = (3, 1, 0)
_LISTED = 20
"""Topics on a page if no ``limit`` is given."""
_MIN_IN_WINDOW = 2
_MIN_RISING = 3


class _Listed(NamedTuple):
    """A topic inside a window: its stories there, newest first, and what it is sorted by."""

    topic: ArchiveTopic
    story_ids: tuple[str, ...]
    first: str
    last: str
    order: tuple[float, ...]


class _TopicIndex:
    """The topics of one generation. Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @cached_property
    def _dates(self) -> Mapping[str, str]:
        return self._engine.story_dates()

    @cached_property
    def _passages(self) -> frozenset[str]:
        return self._engine.passages()

    def listed(self, query: str, chosen: Filters, sort: TopicSort) -> list[_Listed]:
        """Return the topics whose name or alias contains ``query``, with their stories inside the window, in order of
        ``sort``.

        ``rising`` compares a topic's share of the stories in the window with its share before it; without ``since``
        the window is the last tenth of the archive.
        """
        from zunda_mcp.topics.judge import rising_score  # start-up

        topics = self._engine.topics()
        wanted = _key(query)
        days = sorted(filter(None, self._dates.values()))
        low = chosen.since.isoformat() if chosen.since else ""
        windowed = bool(chosen.since or chosen.until)  # what has no date is in no window
        high = chosen.until.isoformat() if chosen.until else "9999"
        start = low or (days[-max(1, len(days) // 10)] if sort == "rising" and days else "")
        before = bisect_left(days, start)
        window = bisect_right(days, high) - before
        listed = []
        for topic in topics:
            if wanted and not any(wanted in _key(name) for name in (topic.name, *topic.aliases)):
                continue
            inside = topic.story_ids
            if windowed:
                inside = tuple(i for i in inside if self._dates[i] and low <= self._dates[i] <= high)
            inside = self._one_passage_each(inside)
            if len(inside) < (1 if wanted else _MIN_RISING if sort == "rising" else _MIN_IN_WINDOW):
                continue
            dates = [day for i in inside if (day := self._dates[i])]
            first, last = min(dates, default=""), max(dates, default="")
            if sort == "rising":
                now = sum(1 for day in dates if day >= start)
                earlier = sum(1 for i in topic.story_ids if "" < self._dates[i] < start)
                order: tuple[float, ...] = (-rising_score(now, window, earlier, before), -now)
            elif sort == "recent":
                order = (-_ordinal(last), -len(inside))
            else:
                order = (-len(inside), -_ordinal(last))
            listed.append(_Listed(topic, inside, first, last, order))
        return sorted(listed, key=lambda item: (item.order, item.topic.name))

    def _one_passage_each(self, ids: Sequence[str]) -> tuple[str, ...]:
        """Keep one passage of each episode, which stands for all its speech, as a search does."""
        seen: set[str] = set()
        kept = []
        for story in ids:
            episode = story.rpartition("#")[0]
            if story in self._passages:
                if episode in seen:
                    continue
                seen.add(episode)
            kept.append(story)
        return tuple(kept)

    def answer(
        self,
        query: str,
        chosen: Filters,
        sort: TopicSort,
        fresh: Freshness,
        pages: Paging,
        *,
        limit: int | None,
        max_chars: int,
    ) -> TopicList:
        """Return a page of the topics that match ``query``, as many as ``max_chars`` characters of JSON allow.

        Raises ``ArgumentError`` if there is no room.
        """
        listed = self.listed(query, chosen, sort)
        named = f'topics named like "{query}"' if query.strip() else "all topics"
        understood = "; ".join([named, *chosen.words(), f"by {sort}"])
        answer = TopicList(
            total_topics=len(listed), topics=[], understood=understood, next_cursor=None, freshness=fresh
        )
        answer, room = framed(answer, max_chars, hits=bool(listed))
        shown, end = self.page(listed, pages.offset, limit or _LISTED, room)
        following = pages.cursor(end) if end < len(listed) else None
        return bound(answer.model_copy(update={"topics": shown, "next_cursor": following}), max_chars)

    def all(self) -> list[Topic]:
        """Return all topics that two stories or more share, the most frequent first, without examples."""
        return [self._topic(item, 0) for item in self.listed("", Filters(), "count")]

    def page(self, listed: list[_Listed], offset: int, limit: int, budget: int) -> tuple[list[Topic], int]:
        """``limit`` topics from ``offset`` on as far as ``budget`` characters of JSON reach, and where they end."""
        shown: list[Topic] = []
        for examples in _EXAMPLES:
            shown = [self._topic(item, examples) for item in listed[offset : offset + limit]]
            if sum(map(_length, shown)) <= budget:
                break
        while len(shown) > 1 and sum(map(_length, shown)) > budget:
            shown.pop()
        if len(shown) == 1:
            shown = [tightened(shown[0], budget)]
        return shown, offset + len(shown)

    def _topic(self, item: _Listed, examples: int) -> Topic:
        return Topic(
            name=item.topic.name,
            aliases=list(item.topic.aliases),
            stories=len(item.story_ids),
            episodes=len({i.rpartition("#")[0] for i in item.story_ids}),
            passages=sum(i in self._passages for i in item.story_ids),
            first=item.first or None,
            last=item.last or None,
            examples=[mention_of(document) for document in self._engine.documents(item.story_ids[:examples])],
        )


def _key(name: str) -> str:
    return "".join(char for char in fold_katakana(normalize(name)) if char.isalnum())


def _ordinal(day: str) -> int:
    """Return a day as a number that sorts the same way; no date comes before all."""
    return int(day.replace("-", "") or 0)


def _length(topic: Topic) -> int:
    return json_size(topic) + 1


class Contents:
    """The lists of one generation, each made on first use and then kept. Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @cached_property
    def topic_index(self) -> _TopicIndex:
        """The topics of the generation; loaded when first asked for."""

        return _TopicIndex(self._engine)

    @cached_property
    def quotes(self) -> QuoteChecker:
        """The checker of quotes; loaded on first use."""
        from zunda_mcp.results.quotes import QuoteChecker  # start-up

        return QuoteChecker(self._engine)

    @cached_property
    def episodes(self) -> tuple[EpisodeBrief, ...]:
        """All episodes, newest first."""
        return tuple(
            EpisodeBrief(
                id=entry.id,
                number=entry.number,
                date=entry.date or None,
                title=entry.title,
                hosts=entry.hosts,
                url=readable_url(entry.page_url),
                stories=entry.written_stories,
            )
            for entry in reversed(self._engine.entries())
        )

    @cached_property
    def sites(self) -> tuple[SiteCount, ...]:
        """The sites that stories link to, busiest first."""
        counts = self._engine.sites()
        own = dict(counts)
        for site, count in counts.items():  # a story counts for its site and for each parent domain of it
            parent = site.partition(".")[2]
            if parent in own:
                own[parent] -= count
        sites = [SiteCount(site=site, stories=count) for site, count in own.items() if count > 0]
        return tuple(sorted(sites, key=lambda one: (-one.stories, one.site)))

    @cached_property
    def topics(self) -> tuple[Topic, ...]:
        """All topics that at least two stories share, the most frequent first, without examples."""
        return tuple(self.topic_index.all())
