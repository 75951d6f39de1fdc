"""How to cite the hits of an answer: what repeats from hit to hit is stated once, as a pattern.

Most shows name an episode after its day (``podcast 20250708``) and its page after its id. If most episodes in an answer
do, ``cite_as`` has the pattern, and only the others are named.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from zunda_mcp.answers import CITE_AS, EpisodeName, Hit, Related, SearchResult, TextHit
from zunda_mcp.index.catalog import EpisodeEntry
from zunda_mcp.results.sizing import json_size
from zunda_mcp.text.timestamps import url_at
from zunda_mcp.text.urls import readable_url

__all__ = [
    "Citing", "citation", "citing", "filled", "is_in_id", "opened_at", "same_episode", "unsaid_titles", "with_hits",
]  # fmt: skip

_Answer = TypeVar("_Answer", SearchResult, Related)

_DAY = re.compile("{episode_id}|{date}|{yyyymmdd}")
_NUMBER = re.compile(r"(?<=\D)0*([1-9]\d*)$")
_MOMENT = re.compile(r"[?&#](?:t|start)=\d")
"""What an address has that opens a recording at a time (``zunda_mcp.text.timestamps.url_at``)."""
_WORD = re.compile(r"[^\W_]+")
_LONGEST = 200
"""Characters of a title or an address that may become part of ``cite_as``."""


def citation(title: str, url: str | None, episode_title: str, date: str | None, episode_url: str | None) -> str:
    """Return a citation of a story in the form of ``CITE_AS``; if ``title`` is empty, of the episode itself."""
    day = None if date and date in episode_title else date  # the title of a day of posts is its date
    episode = ", ".join(part for part in (episode_title, day, episode_url) if part)
    if not title or (title == episode_title and not url):
        return episode
    return f"{title} — {url} ({episode})" if url else f"{title} ({episode})"


def same_episode(before: Hit | TextHit, hit: Hit | TextHit) -> bool:
    """Whether a hit is a story of the same episode as the hit before it: then its number in the episode names it."""
    return (before.episode_id, before.date) == (hit.episode_id, hit.date) and hit.id.startswith(f"{hit.episode_id}#")


def is_in_id(title: str, *, id: str) -> bool:
    """Whether an id contains all words of a title in a row, apart from a site's name at its end (``Talk 7 | Show``)."""
    titled, named = (f" {' '.join(_WORD.findall(text.casefold()))} " for text in (title.partition(" | ")[0], id))
    return titled in named


def _listen_url(entry: EpisodeEntry, start: float | None) -> str | None:
    """Return the recording of an episode, opened at ``start``: the video, whose times surely match the transcript, or
    else the audio.
    """
    if start is None:
        return None
    video = f"https://www.youtube.com/watch?v={entry.youtube_id}" if entry.youtube_id else None
    url = video or readable_url(entry.audio_url)
    return url_at(url, start) if url else None


def opened_at(url: str | None, entry: EpisodeEntry, start: float | None) -> tuple[str | None, str | None]:
    """An address that is cited, at this second where it opens a moment of the recording already; else as it is, and the
    recording of the episode opened there.
    """
    recording = _listen_url(entry, start)
    moment = url_at(url, start) if url and start is not None and _MOMENT.search(url) else None
    of_episode = recording is None or (entry.youtube_id or "-") in (url or "")
    return (moment, None) if moment and of_episode else (url, recording)


class Citing(NamedTuple):
    """``cite_as`` of an answer, its patterns of titles and pages (None if there is none), and the episodes that do not
    follow these patterns.
    """

    cite_as: str
    title: str | None
    page: str | None
    episodes: list[EpisodeName]


def with_hits(answer: _Answer, hits: Sequence[Hit], in_most: Sequence[str], max_chars: int) -> _Answer:
    """Add to the answer its hits, how to cite them and the people in most of them, as far as ``max_chars`` allows."""
    how = citing(hits)
    smaller = answer.model_copy(update={"hits": hits, "cite_as": how.cite_as, "episodes": how.episodes})
    steps: Sequence[dict[str, Any]] = ({"in_most": in_most}, {"in_most": []}, {"episodes": []}, {"cite_as": CITE_AS})
    for less in steps:
        smaller = smaller.model_copy(update=less)
        if json_size(smaller) <= max_chars:
            break
    return smaller


def citing(hits: Sequence[Hit]) -> Citing:
    """Return how to cite ``hits``."""
    shown = {hit.episode_id: hit for hit in hits}.values()
    title = _common(_pattern(hit.episode_title, hit) for hit in shown)
    page = _common(_pattern(hit.episode_url or "", hit) for hit in shown)
    named = {}
    for hit in hits:
        own = hit.episode_title in ("", hit.title, filled(title, hit))
        own_page = hit.episode_url in (None, hit.url, filled(page, hit))
        if (hit.snippet or title or page) and not (own and own_page):
            named[hit.episode_id] = EpisodeName(
                id=hit.episode_id,
                title=None if own else hit.episode_title,
                url=None if own_page else hit.episode_url,
            )
    parts = [title or "episode_title", "date", *([page] if page else ["episode_url"] if named else [])]
    cite_as = f"title — url ({', '.join(parts)})" if title or page else CITE_AS
    return Citing(cite_as, title, page, list(named.values()))


def unsaid_titles(hits: Iterable[tuple[TextHit, EpisodeEntry]]) -> dict[str, str]:
    """The titles of episodes that follow neither from their ids nor, as those of most others, from their days."""
    shown = {entry.id: (hit, entry.title) for hit, entry in hits if hit.id != entry.id}
    pattern = _common(_pattern(title, hit) for hit, title in shown.values())
    return {
        id: title
        for id, (hit, title) in shown.items()
        if title not in ("", hit.title, filled(pattern, hit)) and not is_in_id(title, id=id)
    }


def filled(pattern: str | None, hit: Hit | TextHit) -> str | None:
    """Fill in a pattern with the id, the day and the number of a hit's episode."""
    if pattern is None:
        return None
    for name, value in _fields(hit):
        pattern = pattern.replace(name, value)
    return pattern


def _pattern(text: str, hit: Hit | TextHit) -> str | None:
    """Return ``text`` with the id and the day of its episode as fields; None if it has neither, or braces already."""
    if not text or "{" in text or "}" in text or len(text) > _LONGEST:
        return None
    pattern = text
    for name, value in _fields(hit):
        pattern = _replaced(pattern, value, name)
    return pattern if pattern != text else None


def _replaced(text: str, value: str, name: str) -> str:
    """Replace ``value`` in ``text`` with ``name`` unless a digit continues it at either end."""
    at = text.find(value)
    while at >= 0:
        end = at + len(value)
        alone = not text[max(at - 1, 0) : at].isdigit() and not text[end : end + 1].isdigit()
        text = f"{text[:at]}{name}{text[end:]}" if alone else text
        at = text.find(value, at + len(name) if alone else end)
    return text


def _fields(hit: Hit | TextHit) -> Iterator[tuple[str, str]]:
    """The fields of a pattern with what they are for one hit, those first that may hold the others."""
    yield "{episode_id}", hit.episode_id
    if hit.date:
        yield "{date}", hit.date
        yield "{yyyymmdd}", hit.date.replace("-", "")
    if number := _NUMBER.search(hit.episode_id):
        yield "{number}", number[1]


def _common(patterns: Iterable[str | None]) -> str | None:
    """The pattern that holds for at least half of the episodes, the first of equals; one alone shows none but a day."""
    counts = Counter(patterns)
    total = counts.total()
    for pattern, count in counts.most_common():
        if pattern is not None:
            return pattern if 2 * count >= total and (count > 1 or (total == 1 and _DAY.search(pattern))) else None
    return None
