"""Decide which parts of a transcript belong to which stories of its episode, and which to none.

The surest evidence counts first: a section with the address of a story; a section with a similar title; sections and
stories left between two such matches, in order, if there are equally many. Without sections, the times in the show
notes count, and without times, the places where the words of a title are spoken. Matched this way, stories follow the
order of the transcript. A story that nobody speaks about gets no part.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from zunda_mcp.reading.transcripts.transcript import Cue, Transcript
from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.normalize import letters
from zunda_mcp.text.urls import canonical_url

__all__ = ["StoryOutline", "align"]

_MIN_TITLE_SIMILARITY = 0.5  # Dice coefficient from which on the titles of a section and a story count as the same
_MIN_WORD_SHARE = 0.5  # weighted share of a title's words that a window of cues must contain
_WINDOW = 3  # cues that are searched together for the words of a title
_MAX_PLACES = 60  # places that are considered for one story
_MAX_RARE = 6  # cues that may contain the word of a one-word title: a common word would match everywhere
_FIRST_CUE_WEIGHT = 0.7  # what the share of a title's words in the first cue of a window adds to its score
_ROUNDING = 0.5  # seconds: notes round times down
_RECAP = lazy_pattern(r"まとめ|おさらい|振り返り|\brecap\b|\bwrap[- ]?up\b|\b(?:intro|outro)\b", re.IGNORECASE)
_LATIN = lazy_pattern(r"[a-z0-9][a-z0-9.+#']*")
_WIDE = lazy_pattern(r"[\u3041-\u3096\u30a1-\u30ff\u3400-\u9fff]+")
_STOP_WORDS = (
    "a an and are as at be by for from has how in into is it its new of on or our that the their this to was we what "
    "when why will with you your"
)
_STOP = frozenset(_STOP_WORDS.split())


class StoryOutline(NamedTuple):
    """What alignment needs of a story: its title, its addresses, and its time in seconds if the notes state one."""

    title: str
    urls: tuple[str, ...]
    start: float | None = None


class _Part(NamedTuple):
    """The cues of one story; ``start`` is when they begin in seconds, ``None`` if the transcript has no times."""

    start: float | None
    cues: tuple[Cue, ...]


class _Aligned(NamedTuple):
    """A part for each story, ``None`` if nobody speaks about it; and the runs of cues that belong to no story."""

    parts: tuple[_Part | None, ...]
    rest: tuple[tuple[Cue, ...], ...]


def align(transcript: Transcript, stories: Sequence[StoryOutline]) -> _Aligned:
    """Align one transcript with the stories of its episode."""
    cues = transcript.cues
    begins, stops = _by_sections(transcript, stories) if transcript.sections else ({}, set())
    if not begins and stories:
        begins, stops = _by_times(cues, stories) or _by_words(cues, stories), set()
    bounds = sorted({0, len(cues), *(at for at, _ in begins.values()), *stops})
    ends = dict(pairwise(bounds))
    owners = {at: place for place, (at, _) in begins.items()}
    parts: list[_Part | None] = [None] * len(stories)
    rest: list[tuple[Cue, ...]] = []
    for begin, end in ends.items():
        run = cues[begin:end]
        if begin in owners:
            place = owners[begin]
            start = begins[place][1]
            if start is None:  # a cue without a time gets the last time before it
                start = next((cue.start for cue in reversed(cues[: begin + 1]) if cue.start is not None), None)
            parts[place] = _Part(start, run)
        elif run:
            rest.append(run)
    return _Aligned(tuple(parts), tuple(rest))


def _by_times(cues: Sequence[Cue], stories: Sequence[StoryOutline]) -> dict[int, tuple[int, float | None]]:
    """Return where stories begin by the times in the notes; ``{}`` if fewer than two have one, or if no cue has one."""
    stated = [(story.start, place) for place, story in enumerate(stories) if story.start is not None]
    timed = [(cue.start, at) for at, cue in enumerate(cues) if cue.start is not None]
    begins: dict[int, tuple[int, float | None]] = {}
    last = -1
    for start, place in stated if len(stated) >= 2 else ():
        at = next((at for time, at in timed if time >= start - _ROUNDING), None)
        if at is not None and at > last:
            begins[place], last = (at, start), at
    return begins


def _title_similarity(first: str, second: str) -> float:
    """Return the similarity of two titles: the Dice coefficient of their letter bigrams, from 0 to 1."""
    left, right = _pairs(first), _pairs(second)
    total = sum(left.values()) + sum(right.values())
    return 2 * sum((left & right).values()) / total if total else 0.0


def _pairs(text: str) -> Counter[str]:
    return Counter(map("".join, pairwise(letters(unicodedata.normalize("NFKC", text)))))


# --- by sections

_Begins = dict[int, tuple[int, float | None]]


def _by_sections(transcript: Transcript, stories: Sequence[StoryOutline]) -> tuple[_Begins, set[int]]:
    """Return where each story begins (the index of its first cue, and its time), and where other parts begin."""
    sections = transcript.sections
    keys = [{canonical_url(url) for url in story.urls if url} for story in stories]
    chosen: dict[int, int] = {}  # section to story
    for at, section in enumerate(sections):
        key = canonical_url(section.url) if section.url else None
        place = next((i for i, own in enumerate(keys) if key in own and i not in chosen.values()), None)
        if place is not None:
            chosen[at] = place
    taken = {canonical_url(sections[at].url or "") for at in chosen}
    likeness = sorted(
        (
            (_title_similarity(section.title, story.title), -at, -place)
            for at, section in enumerate(sections)
            for place, story in enumerate(stories)
            if at not in chosen and place not in chosen.values()
        ),
        reverse=True,
    )
    for likely, minus_at, minus_place in likeness:
        if likely >= _MIN_TITLE_SIMILARITY and -minus_at not in chosen and -minus_place not in chosen.values():
            chosen[-minus_at] = -minus_place
    linked = any(section.url for section in sections)
    usable = [at for at, one in enumerate(sections) if not _RECAP.search(one.title)]
    usable = [at for at in usable if not linked or ((url := sections[at].url) and canonical_url(url) not in taken)]
    chosen |= _in_order(usable, chosen, len(stories))
    starts = [_first_cue(transcript.cues, section.start) for section in sections]
    begins = {place: (cue, sections[at].start) for at, place in chosen.items() if (cue := starts[at]) is not None}
    firsts = Counter(at for at, _ in begins.values())
    return (
        {place: (at, time) for place, (at, time) in begins.items() if firsts[at] == 1},
        {start for at, start in enumerate(starts) if at not in chosen and start is not None},
    )


def _in_order(usable: Sequence[int], chosen: dict[int, int], stories: int) -> dict[int, int]:
    """Match the sections and stories left between the same neighbours, if there are equally many."""
    if not chosen:
        return dict(zip(usable, range(stories), strict=True)) if len(usable) == stories else {}
    edges = [(-1, -1), *sorted(chosen.items()), (10**9, stories)]
    matched: dict[int, int] = {}
    for (left_at, left_place), (right_at, right_place) in pairwise(edges):
        sections = [at for at in usable if left_at < at < right_at and at not in chosen]
        places = [place for place in range(left_place + 1, right_place) if place not in chosen.values()]
        if sections and len(sections) == len(places):
            matched |= dict(zip(sections, places, strict=True))
    return matched


def _first_cue(cues: Sequence[Cue], start: float | None) -> int | None:
    if start is None:
        return None
    begun = (at for at, cue in enumerate(cues) if cue.start is not None and cue.start >= start - 0.001)
    return next(begun, len(cues))


# --- by words


def _by_words(cues: Sequence[Cue], stories: Sequence[StoryOutline]) -> _Begins:
    """Return the places where the words of titles are spoken: those with the highest total in the order of stories."""
    spoken = [_words(cue.text) for cue in cues]
    windows = [frozenset().union(*spoken[at : at + _WINDOW]) for at in range(len(spoken))]
    frequency = Counter(word for words in spoken for word in words)
    candidates: list[dict[int, float]] = []
    for story in stories:
        weights = {word: math.log(1 + len(cues) / (1 + frequency[word])) for word in _words(story.title)}
        total = sum(weights.values())
        places: dict[int, float] = {}
        rare = all(len(word) > 2 and frequency[word] <= _MAX_RARE for word in weights)  # one such word is enough
        for at in range(len(cues)) if total and (len(weights) > 1 or rare) else ():
            share = sum(weights[word] for word in weights.keys() & windows[at]) / total
            here = sum(weights[word] for word in weights.keys() & spoken[at]) / total
            if share >= _MIN_WORD_SHARE and here:
                places[at] = share + _FIRST_CUE_WEIGHT * here
        likely = sorted(places, key=lambda at: (-places[at], at))[:_MAX_PLACES]
        candidates.append({at: places[at] for at in likely})
    return {place: (at, cues[at].start) for place, at in _best_order(candidates).items()}


def _best_order(candidates: Sequence[dict[int, float]]) -> dict[int, int]:
    """Choose a place for some of the stories, each later than the one before, with the highest sum of scores."""
    best: dict[int, tuple[float, tuple[tuple[int, int], ...]]] = {-1: (0.0, ())}
    for story, places in enumerate(candidates):
        taken = dict(best)
        for at, share in sorted(places.items()):
            before = max((value for last, value in best.items() if last < at), key=lambda value: value[0])
            total = before[0] + share
            if at not in taken or total > taken[at][0]:
                taken[at] = (total, (*before[1], (story, at)))
        best = taken
    return dict(max(best.values(), key=lambda value: value[0])[1])


def _words(text: str) -> frozenset[str]:
    """Return the content words of a text: Latin words without stop words, and bigrams of Japanese characters."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    latin = {word.rstrip(".'") for word in _LATIN.findall(plain)} - _STOP
    wide = {run[at : at + 2] for run in _WIDE.findall(plain) for at in range(max(1, len(run) - 1))}
    return frozenset(latin | wide)
