"""What one generation holds, as whole lists: to be listed, summed up, or completed from a few typed letters."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from zunda_mcp.answers import EpisodeBrief, SiteCount, Topic
from zunda_mcp.text.urls import readable_url

if TYPE_CHECKING:
    from zunda_mcp.engine.base import Engine
    from zunda_mcp.results.quotes import QuoteChecker
    from zunda_mcp.results.topic_list import TopicIndex

__all__ = ["Contents"]


class Contents:
    """The lists of one generation. Each is made when first asked for, and then kept. Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @cached_property
    def topic_index(self) -> TopicIndex:
        """The topics of the generation; loaded when first asked for."""
        from zunda_mcp.results.topic_list import TopicIndex  # start-up

        return TopicIndex(self._engine)

    @cached_property
    def quotes(self) -> QuoteChecker:
        """Checks quotes; loaded when first asked for."""
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
        """All topics that two stories or more share, by how many do, without examples."""
        return tuple(self.topic_index.all())
