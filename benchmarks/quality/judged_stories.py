"""The stories of the archive that was judged, as every engine gets them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive


@dataclass(frozen=True)
class Story:
    """A story as it stands in its file: ``summary`` is Markdown."""

    id: str
    episode: str
    url: str | None
    site: str | None
    date: dt.date
    hosts: tuple[str, ...]
    episode_title: str
    title: str
    summary: str


def read(folders: Sequence[Path]) -> tuple[list[Story], int]:
    """All stories, and how many episodes there are. Raises ``ArchiveError`` where a folder cannot be read."""
    episodes = read_archive(ArchiveReader(folders))[0]
    found = [
        Story(
            story.id,
            episode.id,
            story.url,
            story.site,
            episode.date or dt.date.min,
            episode.hosts,
            episode.title,
            story.title,
            story.summary,
        )
        for episode in episodes
        for story in episode.stories
    ]
    return found, len(episodes)
