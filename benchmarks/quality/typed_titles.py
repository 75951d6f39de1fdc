"""Titles typed word for word: who knows a title finds what bears it, first."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from benchmarks.quality.judged import Ask, Key, Query
from benchmarks.quality.judged_stories import Story

MOST = 100
"""Titles of each sort that are typed at most, spread evenly over the archive."""


@dataclass(frozen=True)
class Found:
    """Shares of the typed titles whose bearer comes ``first``, and stands ``among`` the hits that are looked at."""

    titles: int
    first: float
    among: float


def measure(archive: Sequence[Story], ask: Ask) -> dict[str, Found]:
    """By ``stories`` and ``episodes``, whose titles are typed. An episode, its notes and all of its stories bear its
    title.
    """
    of_stories: dict[Key, set[str]] = defaultdict(set)
    of_episodes: dict[str, str] = {}
    for story in archive:
        of_stories[story.episode, story.url].add(_plain(story.title))
        of_episodes[story.episode] = _plain(story.episode_title)
    return {
        "stories": _find([story.title for story in archive], lambda hit: of_stories.get(hit, set()), ask),
        "episodes": _find([story.episode_title for story in archive], lambda hit: {of_episodes.get(hit[0], "")}, ask),
    }


def with_episode(archive: Sequence[Story]) -> Iterator[Story]:
    """The stories as peers index them here: an episode's title stands before that of each of its stories."""
    for story in archive:
        titles = dict.fromkeys([story.episode_title, story.title])
        yield replace(story, title="\n".join(titles))


def _find(titles: Sequence[str], borne_by: Callable[[Key], set[str]], ask: Ask) -> Found:
    distinct = list({_plain(title): title for title in titles if title.strip()}.values())
    typed = distinct[:: -(-len(distinct) // MOST)]
    first, among = [], []
    for title in typed:
        hits = ask(Query("", "title", title, {}, {}))
        bears = [_plain(title) in borne_by(hit) for hit in hits]
        first.append(any(bears[:1]))
        among.append(any(bears))
    return Found(len(typed), fmean(first), fmean(among))


def _plain(title: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", title).casefold().split())
