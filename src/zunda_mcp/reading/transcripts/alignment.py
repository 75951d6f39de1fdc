"""Which part of a transcript belongs to which story, and what is left for the episode.

Surest first: a section with the story's URL; a section whose title is like the story's; sections and stories that
are left between two of these and are equally many, in order; without sections, the time that the notes tell of a
story, and without times, the place where the words of its title are said. Stories follow the order of the transcript;
one that is not spoken of gets nothing.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from zunda_mcp.reading.transcripts.transcript import Cue, Transcript

ALIKE = 0.5
SAID = 0.5
_WINDOW = 3
_MOST_PLACES = 60
_FEW = 6
_BEGINS = 0.7  # what words of a title count once more where they are in the very first cue
_LATE = 0.5  # seconds: notes round times down
_RECAP = re.compile(r"まとめ|おさらい|振り返り|\brecap\b|\bwrap[- ]?up\b|\b(?:intro|outro)\b", re.IGNORECASE)
_TRACKING = re.compile(r"(?:^|&)(?:utm_\w+|fbclid|gclid|ref|ref_src)=[^&]*")
_LATIN = re.compile(r"[a-z0-9][a-z0-9.+#']*")
_WIDE = re.compile(r"[\u3041-\u3096\u30a1-\u30ff\u3400-\u9fff]+")
_STOP = frozenset(
    [
        *(
            "a",
            "an",
            "and",
            "are",
            "as",
            "at",
            "be",
            "by",
            "for",
            "from",
            "has",
            "how",
            "in",
            "into",
            "is",
            "it",
            "its",
        ),
        *("new", "of", "on", "or", "our", "that", "the", "their", "this", "to", "was", "we", "what", "when", "why"),
        *("will", "with", "you", "your"),
    ]
)


class StoryOutline(NamedTuple):
    """A story as alignment needs it: its title, every address that stands for it, and when it begins if told."""

    title: str
    urls: tuple[str, ...]
    start: float | None = None


class Part(NamedTuple):
    """The cues of one story; ``start`` is when they begin, ``None`` where the transcript has no times."""

    start: float | None
    cues: tuple[Cue, ...]


class Aligned(NamedTuple):
    """A part for each story (``None`` for one that is not spoken of), and runs of cues that belong to none."""

    parts: tuple[Part | None, ...]
    rest: tuple[tuple[Cue, ...], ...]


def align(transcript: Transcript, topics: Sequence[StoryOutline]) -> Aligned:
    """Align one transcript with the stories of its episode."""
    cues = transcript.cues
    begins, stops = _by_sections(transcript, topics) if transcript.sections else ({}, set())
    if not begins and topics:
        begins, stops = _by_times(cues, topics) or _by_words(cues, topics), set()
    bounds = sorted({0, len(cues), *(at for at, _ in begins.values()), *stops})
    ends = dict(pairwise(bounds))
    owners = {at: place for place, (at, _) in begins.items()}
    parts: list[Part | None] = [None] * len(topics)
    rest: list[tuple[Cue, ...]] = []
    for begin, end in ends.items():
        run = cues[begin:end]
        if begin in owners:
            place = owners[begin]
            start = begins[place][1]
            parts[place] = Part(_time_at(cues, begin) if start is None else start, run)
        elif run:
            rest.append(run)
    return Aligned(tuple(parts), tuple(rest))


def _by_times(cues: Sequence[Cue], topics: Sequence[StoryOutline]) -> dict[int, tuple[int, float | None]]:
    """Where stories begin whose notes tell the time; nothing where fewer than two do, or the cues have no times."""
    told = [(topic.start, place) for place, topic in enumerate(topics) if topic.start is not None]
    timed = [(cue.start, at) for at, cue in enumerate(cues) if cue.start is not None]
    begins: dict[int, tuple[int, float | None]] = {}
    last = -1
    for start, place in told if len(told) >= 2 else ():
        at = next((at for time, at in timed if time >= start - _LATE), None)
        if at is not None and at > last:
            begins[place], last = (at, start), at
    return begins


def _time_at(cues: Sequence[Cue], at: int) -> float | None:
    """When a cue begins; where that is not written, the last time before it."""
    return next((cue.start for cue in reversed(cues[: at + 1]) if cue.start is not None), None)


def page_key(url: str) -> str:
    """One spelling for one page: no scheme, ``www.``, tracking, fragment or final slash."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url.strip()
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    query = _TRACKING.sub("", parts.query).strip("&")
    return host + unquote(parts.path).rstrip("/") + (f"?{query}" if query else "")


def title_similarity(first: str, second: str) -> float:
    """How like two titles are: the Dice coefficient of their pairs of letters, 0 to 1."""
    left, right = _pairs(first), _pairs(second)
    total = sum(left.values()) + sum(right.values())
    return 2 * sum((left & right).values()) / total if total else 0.0


def _pairs(text: str) -> Counter[str]:
    letters = [letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum()]
    return Counter(map("".join, pairwise(letters)))


# --- by sections

_Begins = dict[int, tuple[int, float | None]]


def _by_sections(transcript: Transcript, topics: Sequence[StoryOutline]) -> tuple[_Begins, set[int]]:
    """Where each story begins, as the place of its first cue and its time; and where other parts begin."""
    sections = transcript.sections
    keys = [{page_key(url) for url in topic.urls if url} for topic in topics]
    chosen: dict[int, int] = {}  # section to story
    for at, section in enumerate(sections):
        key = page_key(section.url) if section.url else None
        place = next((i for i, known in enumerate(keys) if key in known and i not in chosen.values()), None)
        if place is not None:
            chosen[at] = place
    taken = {page_key(sections[at].url or "") for at in chosen}
    likeness = sorted(
        (
            (title_similarity(section.title, topic.title), -at, -place)
            for at, section in enumerate(sections)
            for place, topic in enumerate(topics)
            if at not in chosen and place not in chosen.values()
        ),
        reverse=True,
    )
    for likely, minus_at, minus_place in likeness:
        if likely >= ALIKE and -minus_at not in chosen and -minus_place not in chosen.values():
            chosen[-minus_at] = -minus_place
    linked = any(section.url for section in sections)
    chosen |= _in_order(
        [
            at
            for at, one in enumerate(sections)
            if not _RECAP.search(one.title) and (not linked or (one.url and page_key(one.url) not in taken))
        ],
        chosen,
        len(topics),
    )
    starts = [_first_cue(transcript.cues, section.start) for section in sections]
    begins = {place: (starts[at], sections[at].start) for at, place in chosen.items() if starts[at] is not None}
    firsts = Counter(at for at, _ in begins.values())
    return (
        {place: (at, time) for place, (at, time) in begins.items() if firsts[at] == 1},  # type: ignore[misc]
        {start for at, start in enumerate(starts) if at not in chosen and start is not None},
    )


def _in_order(usable: Sequence[int], chosen: dict[int, int], stories: int) -> dict[int, int]:
    """Sections and stories left between the same neighbours, where they are equally many."""
    if not chosen:
        return dict(zip(usable, range(stories), strict=True)) if len(usable) == stories else {}
    edges = [(-1, -1), *sorted(chosen.items()), (10**9, stories)]
    found: dict[int, int] = {}
    for (left_at, left_place), (right_at, right_place) in pairwise(edges):
        sections = [at for at in usable if left_at < at < right_at and at not in chosen]
        places = [place for place in range(left_place + 1, right_place) if place not in chosen.values()]
        if sections and len(sections) == len(places):
            found |= dict(zip(sections, places, strict=True))
    return found


def _first_cue(cues: Sequence[Cue], start: float | None) -> int | None:
    """The first cue that is not over when a section begins."""
    if start is None:
        return None
    for at, cue in enumerate(cues):
        if cue.start is not None and cue.start >= start - 0.001:
            return at
    return len(cues)


# --- by words


def _by_words(cues: Sequence[Cue], topics: Sequence[StoryOutline]) -> _Begins:
    """The places where the words of the titles are said, in the order of the stories, with the greatest total."""
    said = [_words(cue.text) for cue in cues]
    windows = [frozenset().union(*said[at : at + _WINDOW]) for at in range(len(said))]
    spread = Counter(word for words in said for word in words)
    found: list[dict[int, float]] = []
    for topic in topics:
        weights = {word: math.log(1 + len(cues) / (1 + spread[word])) for word in _words(topic.title)}
        total = sum(weights.values())
        places: dict[int, float] = {}
        for at in range(len(cues)) if total and (len(weights) > 1 or _is_rare(weights, spread)) else ():
            share = sum(weights[word] for word in weights.keys() & windows[at]) / total
            here = sum(weights[word] for word in weights.keys() & said[at]) / total
            if share >= SAID and here:
                places[at] = share + _BEGINS * here
        likely = sorted(places, key=lambda at: (-places[at], at))[:_MOST_PLACES]
        found.append({at: places[at] for at in likely})
    return {place: (at, cues[at].start) for place, at in _increasing(found).items()}


def _is_rare(weights: Mapping[str, float], spread: Mapping[str, int]) -> bool:
    """Whether a title of one word can be told by it: a name that is said in few places."""
    return all(len(word) > 2 and spread[word] <= _FEW for word in weights)


def _increasing(found: Sequence[dict[int, float]]) -> dict[int, int]:
    """A place for some of the stories, each later than the one before, so that their shares add up to the most."""
    best: dict[int, tuple[float, tuple[tuple[int, int], ...]]] = {-1: (0.0, ())}
    for story, places in enumerate(found):
        taken = dict(best)
        for at, share in sorted(places.items()):
            before = max((value for last, value in best.items() if last < at), key=lambda value: value[0])
            total = before[0] + share
            if at not in taken or total > taken[at][0]:
                taken[at] = (total, (*before[1], (story, at)))
        best = taken
    return dict(max(best.values(), key=lambda value: value[0])[1])


def _words(text: str) -> frozenset[str]:
    """The telling words of a text: Latin words, and pairs of Japanese letters."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    latin = {word.rstrip(".'") for word in _LATIN.findall(plain)} - _STOP
    wide = {run[at : at + 2] for run in _WIDE.findall(plain) for at in range(max(1, len(run) - 1))}
    return frozenset(latin | wide)
