"""Sizing an answer: it stays within ``max_chars`` whatever the archive holds, and most of the room is for hits.

How a query was understood, what is merely near, and what else there is to ask are worth reading while they are short.
A text that is too long is shortened, an address is left out whole (a part of one leads nowhere), an id always stays.

One page of hits, sized for its reader: full text where it fits, then snippets, then titles alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeVar

from zunda_mcp.answers import Cited, Hit, Mention, Related, SearchResult, Timeline, TopicList
from zunda_mcp.engine.base import Document, Match
from zunda_mcp.errors import ArgumentError
from zunda_mcp.index.catalog import EpisodeEntry
from zunda_mcp.models import OWN, PASSAGE, Episode, Model, Story
from zunda_mcp.results.snippets import Marked, reading_text, stands
from zunda_mcp.text.normalize import normalize
from zunda_mcp.text.timestamps import timestamp, url_at
from zunda_mcp.text.urls import readable_url, without_links

Answer = TypeVar("Answer", SearchResult, TopicList, Related, Timeline)
AnyModel = TypeVar("AnyModel", bound=Model)

_STEPS = ((600, 5, 8), (300, 3, 4), (150, 1, 2), (80, 0, 0))
"""Characters of ``understood``, stories in ``near`` and suggestions, at each step of tightening."""
_LIMITS = (
    (300, 1000, 8),
    (120, 500, 4),
    (60, 300, 2),
    (40, 200, 1),
    (30, 120, 1),
    (24, 60, 0),
    (16, 0, 0),
)
"""The longest text, the longest address and the longest list at each further step; with the last one, an answer with
one hit takes less than 1,000 characters while ids have at most 80."""
_ADDRESSES = frozenset({"url", "episode_url", "audio_url", "listen_url"})
_WHOLE = frozenset({"id", "episode_id", "next_cursor", "next_step", "cite_as"})
"""Fields that are worth nothing in part."""
_CURSOR = 60
"""More than a cursor adds to an answer that has none yet, as JSON."""
_CUT = 80
"""More than is added to ``understood`` to say what was cut."""
_FRAME_SHARE = 2
_ROUND = 500
_LENGTHENED = re.compile("[\x85\u2028\u2029]")
"""Line breaks that become ``\\n``, which takes one more character as JSON, before an answer is sent."""


def json_size(model: Model) -> int:
    """How many characters a model takes as compact JSON when it is sent."""
    text = model.model_dump_json()
    return len(text) + len(_LENGTHENED.findall(text))


def framed(answer: Answer, max_chars: int, *, hits: bool = True) -> tuple[Answer, int]:
    """An answer that has no hits yet, tightened as far as ``max_chars`` asks, and the characters left for hits.

    Where there are ``hits`` to come, everything else may take half of the room, else all of it.
    """
    room = max_chars - _CURSOR - _CUT
    most = room // _FRAME_SHARE if hits else room
    found = answer
    for words, near, others in _STEPS:
        less: dict[str, Any] = {"understood": _shortened(answer.understood, words)}
        if isinstance(answer, SearchResult):
            less["near"] = answer.near[:near]
        if isinstance(answer, SearchResult | Timeline):
            less["suggestions"] = answer.suggestions[:others]
        found = answer.model_copy(update=less)
        if json_size(found) <= most:
            break
    found = tightened(found, most)
    return found, room - json_size(found)


def tightened(model: AnyModel, size: int) -> AnyModel:
    """A model with its texts, addresses and lists limited as far as it takes to make its JSON fit ``size``.

    A list of models is whole or empty, since a part of one would be taken for all. Where ids alone are too long, what
    comes back is larger than ``size``.
    """
    found = model
    for limits in _LIMITS:
        if json_size(found) <= size:
            break
        found = _limited(model, *limits)
    return found


def bound(answer: AnyModel, max_chars: int) -> AnyModel:
    """The answer, which is within ``max_chars``.

    Raises:
        ArgumentError: Nothing more can be left out of it; the message says which ``max_chars`` would do.
    """
    size = json_size(answer)
    if size <= max_chars:
        return answer
    enough = -(-size // _ROUND) * _ROUND
    msg = f"max_chars={max_chars} has no room for the long ids of this answer; call again with max_chars={enough}."
    raise ArgumentError("max_chars", msg)


def _limited(model: AnyModel, texts: int, addresses: int, many: int) -> AnyModel:
    changed: dict[str, Any] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        if name in _ADDRESSES:
            changed[name] = None if value is None or len(value) > addresses else value
        elif isinstance(value, str):
            changed[name] = value if name in _WHOLE else _shortened(value, texts)
        elif isinstance(value, Model):
            changed[name] = _limited(value, texts, addresses, many)
        elif isinstance(value, list):
            changed[name] = _limited_list(value, texts, addresses, many)
    return model.model_copy(update=changed)


def _limited_list(values: list[Any], texts: int, addresses: int, many: int) -> list[Any]:
    if values and isinstance(values[0], Model):
        return [_limited(value, texts, addresses, many) for value in values] if len(values) <= many else []
    return [_shortened(value, texts) for value in values[:many]]


def _shortened(text: str, size: int) -> str:
    return text if len(text) <= size else text[: size - 1].rstrip() + "…"


_SIZES = (2000, 400, 240, 140, 70, 0)
"""How long, in characters, a snippet may be; the first is as good as a whole summary."""
_TITLE = 60
_FRAME = 1500
"""Characters that a hit may take without its snippet, even where that is more than its share; few take half of it."""
_MOST_EXPANSIONS = 3
_SPOKEN = "(spoken) "
_KINDS: Mapping[str, Literal["passage", "episode"]] = {PASSAGE: "passage", OWN: "episode"}
_SENTENCE_END = "。．！？!?"


@dataclass(frozen=True, slots=True)
class Page:
    """The hits that fit, where the next page begins (None at the end) and what was cut, in words."""

    hits: list[Hit]
    next_offset: int | None
    cut: str | None


def make_page(
    shown: Sequence[Match],
    words: Sequence[str],
    *,
    total: int,
    budget: int,
    offset: int = 0,
    expansions: Mapping[str, str] = MappingProxyType({}),
    by_meaning: bool = False,
) -> Page:
    """The matches ``shown`` as hits, or as many as fit ``budget`` characters of compact JSON; at least one.

    They are those from ``offset`` on of ``total``. ``expansions`` says for other names among ``words`` what they were
    taken for, ``by_meaning`` whether meaning was ranked as well.
    """
    sources = [_source(match.document) for match in shown]
    marked = [_marked(*row, words) for row in zip(shown, sources, strict=True)]
    starts = [_start(*row) for row in zip(shown, sources, marked, strict=True)]
    marked = [_labelled(*row) for row in zip(marked, starts, strict=True)]
    rows = zip(shown, sources, marked, starts, strict=True)
    bare = [_hit(*row, _Wanted(words, expansions, by_meaning)) for row in rows]
    share = max(budget // max(len(bare), 1), _FRAME)
    bare = [tightened(hit, share) for hit in bare]
    frames = [json_size(hit) for hit in bare]
    snippets, size = _snippets(marked, budget - sum(frames))
    room = len(bare)
    while room > 1 and sum(frames[:room]) + sum(map(_json_length, snippets[:room])) > budget:
        room -= 1
    hits = [bare[i].model_copy(update={"snippet": snippets[i]}) for i in range(room)]
    if room == 1:
        hits = [tightened(hit, budget) for hit in hits]
    end = offset + len(hits)
    cut = None
    if size < _SIZES[0] and hits:
        cut = "snippets, not full summaries" if any(snippets[:room]) else "titles only, for room"
    return Page(hits, end if end < total else None, cut)


def _snippets(marked: Sequence[Marked], room: int) -> tuple[list[str], int]:
    """A snippet for each hit within ``room`` characters of JSON together, and the size that all of them have at least.

    All get the largest size that fits; what is then left makes the first ones a step longer, in their order.
    """
    size, snippets = 0, [""] * len(marked)
    for size in _SIZES:
        if sum(text.least(size) for text in marked) > room and size:
            continue
        snippets = [text.snippet(size) for text in marked]
        if sum(map(_json_length, snippets)) <= room or not size:
            break
    left = room - sum(map(_json_length, snippets))
    if size < _SIZES[0]:
        longer = _SIZES[_SIZES.index(size) - 1]
        for place, text in enumerate(marked):
            more = text.snippet(longer) if text.least(longer) <= left + len(snippets[place]) else snippets[place]
            cost = _json_length(more) - _json_length(snippets[place])
            if cost > left:
                break
            snippets[place], left = more, left - cost
    return snippets, size


def mention(story: Story, date: str | None, episode_title: str) -> Mention:
    """A story in passing, called as its episode where it has no words of its own."""
    return Mention(id=story.id, date=date, title=title_of(story) or episode_title, url=story.url)


def cited(document: Document) -> Cited:
    """A document, as an answer names it beside what was asked."""
    if document.notes is not None:
        return cited_of(document.notes, None)
    entry = document.entry
    return Cited(**mention_of(document).model_dump(), episode_title=entry.title, episode_url=entry.page_url)


def mention_of(document: Document) -> Mention:
    """A document in passing."""
    entry = document.entry
    if document.story is None:
        return Mention(id=entry.id, date=document.date, title=entry.title, url=entry.page_url)
    return mention(document.story, document.date, entry.title)


def cited_of(episode: Episode, story: Story | None) -> Cited:
    """The one story of an episode that was asked for, or the episode."""
    date, title, url = episode.date.isoformat() if episode.date else None, episode.title, episode.page_url
    named = mention(story, date, title) if story else Mention(id=episode.id, date=date, title=title, url=url)
    return Cited(**named.model_dump(), episode_title=title, episode_url=url)


def title_of(story: Story) -> str:
    """The title, or for a story without one the first sentence of its summary."""
    if story.title:
        return story.title
    text = reading_text(without_links(story.summary) if story.kind else story.summary)
    ends = [text.find(sign) + 1 for sign in _SENTENCE_END if sign in text[:_TITLE]]
    return text[: min(ends)] if ends else text[:_TITLE] + ("…" if len(text) > _TITLE else "")


@dataclass(frozen=True, slots=True)
class _Source:
    """What a hit is made from; ``title`` and ``link`` as normalised for the index."""

    entry: EpisodeEntry
    story: Story | None
    text: str
    title: str
    link: str


def _source(document: Document) -> _Source:
    entry, story, notes = document.entry, document.story, document.notes
    if story is not None:
        title, _, rest = document.plain.partition("\n")
        return _Source(entry, story, story.summary, title, rest.rpartition("\n")[2])
    text = f"{notes.description}\n{notes.prose}" if notes else ""
    return _Source(entry, None, text, normalize(entry.title), "")


def _marked(item: Match, source: _Source, words: Sequence[str]) -> Marked:
    """What a snippet is cut from: the summary, or where words stand in nothing that is written, what is spoken."""
    written, spoken = Marked.of(source.text, words), item.document.speech
    if not spoken:
        return written
    known = f"{source.title}\n{normalize(source.text)}\n{source.link}"
    absent = [word for word in words if not stands(word, known)]
    if not absent or not any(stands(word, normalize(spoken)) for word in absent):
        return written
    return Marked.of(spoken, words, _SPOKEN)


def _start(item: Match, source: _Source, marked: Marked) -> float | None:
    """When a hit is heard: where its words are said, if it was found by what is said and the times of that are known,
    else where the story begins.
    """
    if marked.label and source.story is not None:
        moment = item.document.moment(marked.focus / max(len(marked.text), 1))
        if moment is not None:
            return moment
    return source.story.start if source.story else None


def _labelled(marked: Marked, start: float | None) -> Marked:
    if not marked.label or start is None:
        return marked
    return replace(marked, label=f"(spoken from {timestamp(start)}) ")


def listen_url(entry: EpisodeEntry, start: float | None) -> str | None:
    """The recording of an episode, opened where it speaks of a story: the video, whose time is surely that of the
    transcript, or else the audio.
    """
    if start is None:
        return None
    video = f"https://www.youtube.com/watch?v={entry.youtube_id}" if entry.youtube_id else None
    url = video or readable_url(entry.audio_url)
    return url_at(url, start) if url else None


class _Wanted(NamedTuple):
    """What was looked for: normalised words, what other names among them were taken for, and whether by meaning too."""

    words: Sequence[str]
    expansions: Mapping[str, str]
    by_meaning: bool


def _hit(item: Match, source: _Source, marked: Marked, start: float | None, wanted: _Wanted) -> Hit:
    entry, story = source.entry, source.story
    matched = []
    if any(stands(word, source.title) for word in wanted.words):
        matched.append("title")
    if marked.spans:
        matched.append("summary" if story else "description")
    if marked.label:
        matched[-1:] = ["spoken"]
    if source.link and any(stands(word, source.link) for word in wanted.words):
        matched.append("link")
    if wanted.expansions:
        text = f"{source.title}\n{normalize(marked.text)}\n{source.link}"
        matched += [f"{typed} → {other}" for other, typed in wanted.expansions.items() if stands(other, text)][
            :_MOST_EXPANSIONS
        ]
    if wanted.words and not matched:
        matched.append("meaning" if wanted.by_meaning else "spelling")
    return Hit(
        id=story.id if story else entry.id,
        episode_id=entry.id,
        date=entry.date or None,
        title=(title_of(story) if story else "") or entry.title,
        url=story.url if story else None,
        site=story.site if story else None,
        hosts=entry.hosts,
        episode_title=entry.title,
        episode_url=entry.page_url,
        audio_url=readable_url(entry.audio_url),
        start=start,
        listen_url=listen_url(entry, start),
        snippet="",
        archive=entry.archive,
        kind=_KINDS.get(story.kind or "") if story else "episode",
        score=round(item.score, 3),
        matched=matched,
    )


def _json_length(data: object) -> int:
    return len(json.dumps(data, ensure_ascii=False, separators=(",", ":")))
