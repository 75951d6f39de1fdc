"""What goes into finding topics and what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoryNames:
    """The candidate names of one story, as ``mentions`` counted them. ``date`` is an ISO day, or ``""``."""

    story_id: str
    episode_id: str
    date: str
    names: Mapping[str, int]
    title: str


@dataclass(frozen=True, slots=True)
class FoundTopic:
    """A name or subject that several stories share.

    ``name`` is its most frequent spelling, ``aliases`` the others, ``key`` what they have in common. ``story_ids``
    holds all stories that mention it, newest first; ``first`` and ``last`` are ISO days,
    ``""`` where no story has a date.
    """

    name: str
    aliases: tuple[str, ...]
    key: str
    story_ids: tuple[str, ...]
    episodes: int
    first: str
    last: str
