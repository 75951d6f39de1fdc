"""One page of hits: each is a line, the first few have a snippet, and a hit that surely answers is quoted in full.

``auto`` spends characters on the likeliest hits. The other details share ``max_chars`` among all hits, except that
partial matches listed below full ones get less.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Literal, NamedTuple

from zunda_mcp.answers import Cited, Detail, Hit, Mention
from zunda_mcp.engine.base import Match, SpokenTurn, StoredDocument
from zunda_mcp.index.catalog import EpisodeEntry
from zunda_mcp.models import OWN, PASSAGE, Episode, Story
from zunda_mcp.results.citing import opened_at
from zunda_mcp.results.recordings import Recording, best_moments, moments_text
from zunda_mcp.results.sizing import json_length, json_size, tightened
from zunda_mcp.results.snippets import Marked, occurs, reading_text
from zunda_mcp.text.normalize import normalize
from zunda_mcp.text.timestamps import timestamp
from zunda_mcp.text.urls import readable_url, without_links

__all__ = ["ResultPage", "cited", "cited_of", "closest_of", "make_page", "mention_of", "title_of"]

_QUOTED = ((240, 160, 0), (180, 110, 110), (140, 80, 80), (90, 70, 70), (70, 0, 0), (0, 0, 0))
_QUOTED_NEAR = ((500, 80, 80), *_QUOTED[2:])
"""Characters of the snippets of the first hits, at each step of tightening; the others are lines. With three hits, and
with more, they begin further on: of few, what stood just beyond the words shown cost a second call. So it did of the
first where none holds everything, which is what was meant more often than not.
"""
_SOME_EPISODES = 4
"""Episodes from which on a person in half of them is not named with each."""
_FEW, _MANY = 2, 10
"""With more hits than these a list was asked for, and quotations begin one step further on."""
_WHOLE = (2000, 800, 400, 240, 140, 70, 0)
"""The same for hits whose whole summary is wanted; the first is as good as that."""
_SURE = 900
"""Characters of the one hit that surely answers: 48 open questions in two forms have the same keys in 900 as in 2,000.
"""
_SPOKEN_SIZES = ((560, 560, 240), (560, 240, 80), (300, 160, 80), (160, 0, 0))
"""Characters of the snippets of the first passage, of two more, and of the others as far as ten, at each step: with
more than three hits, and with many, they begin further on. Of 26 questions in three words the first held the answer in
560 of them 21 times, in 420 16 times."""
_QUOTED_FIRST, _MOST_SPOKEN = 3, 10
_SNIPPETS = (240, 140, 70, 0)
_TITLE = 60
_FRAME = 1500
"""Characters that a hit may take without its snippet, even where that is more than its share; few take half of it."""
_MOST_EXPANSIONS = 3
_SPOKEN = "(spoken) "
_KINDS: Mapping[str, Literal["passage", "episode"]] = {PASSAGE: "passage", OWN: "episode"}
_SENTENCE_END = "。．！？!?"


class ResultPage(NamedTuple):
    """The hits that fit on one page, the offset of the next page (None at the end), and the people in most episodes."""

    hits: list[Hit]
    next_offset: int | None
    in_most: list[str]


def make_page(
    shown: Sequence[Match],
    words: Sequence[str],
    *,
    total: int,
    budget: int,
    offset: int = 0,
    detail: Detail = "snippets",
    sure: bool = False,
    expansions: Mapping[str, str] = MappingProxyType({}),
    by_meaning: bool = False,
    turns: Callable[[str], Sequence[SpokenTurn]] = lambda _: (),
) -> ResultPage:
    """The matches ``shown`` as hits, or as many as fit ``budget`` characters of compact JSON; at least one.

    They are those from ``offset`` on of ``total``. ``expansions`` says for other names among ``words`` what they were
    taken for, ``by_meaning`` whether meaning was ranked as well, ``sure`` whether the first of all surely answers;
    ``turns`` gives what is spoken in an episode.
    """
    near = bool(shown) and shown[0].near and not offset
    steps = _steps(detail, len(shown), sure=sure and not offset, near=near)
    if detail != "auto" and not all(match.near for match in shown):
        steps = [tuple(size * (not match.near) for size, match in zip(row, shown, strict=True)) for row in steps]
    elif detail == "auto":
        tightened_by = (len(shown) > _QUOTED_FIRST) + (len(shown) > _MANY)
        steps = _with_spoken(steps, [_is_passage(match.document) for match in shown], _SPOKEN_SIZES[tightened_by:])
    wanted = _Wanted(words, expansions, by_meaning)
    people, in_most = _people([match.document.entry for match in shown])
    bare: list[Hit] = []
    marked: list[Marked] = []
    for match, size in zip(shown, steps[0], strict=True):
        quotable = _quotable(match, words, turns) if size else _line(match, words)
        marked.append(quotable.text)
        matched = _matched(match.document, quotable.text, wanted) if size else _place(match, words)
        bare.append(_hit(match, quotable, matched, people[match.document.entry.id]))
    if (
        marked
        and marked[0].label
        and shown[0].document.speech
        and detail == "auto"
        and not _is_passage(shown[0].document)
    ):
        steps = _steps(detail, len(shown), sure=False)  # what is spoken goes on without paragraphs
    share = max(budget // max(len(bare), 1), _FRAME)
    bare = [tightened(hit, share) for hit in bare]
    frames = [json_size(hit) for hit in bare]
    snippets = _snippets(marked, steps, budget - sum(frames))
    room = len(bare)
    while room > 1 and sum(frames[:room]) + sum(map(_cost, snippets[:room])) > budget:
        room -= 1
    hits = [bare[i].model_copy(update={"snippet": snippets[i]}) for i in range(room)]
    if room == 1:
        hits = [tightened(hit, budget) for hit in hits]
    end = offset + len(hits)
    return ResultPage(hits, end if end < total else None, in_most)


def _steps(detail: Detail, count: int, *, sure: bool, near: bool = False) -> list[tuple[int, ...]]:
    """Return the length of each hit's snippet, in characters, at each step of tightening."""
    further = (count > _FEW) + (count > _QUOTED_FIRST) + (count > _MANY)
    match detail:
        case "titles":
            sizes: Sequence[Sequence[int]] = ((),)
        case "snippets":
            sizes = [(size,) * count for size in _SNIPPETS]
        case "full":
            sizes = [(size,) * count for size in _WHOLE]
        case _:
            sizes = [(min(size, _SURE),) for size in _WHOLE] if sure else _QUOTED_NEAR if near else _QUOTED[further:]
    return [(*row[:count], *(0,) * (count - len(row))) for row in sizes]


def _with_spoken(
    steps: Sequence[tuple[int, ...]], passages: Sequence[bool], spoken: Sequence[tuple[int, int, int]]
) -> list[tuple[int, ...]]:
    """Give passages longer snippets: a story has a title that says what it is about, speech has only its words."""
    if not any(passages):
        return list(steps)
    shown, seen = [], 0
    for passage in passages:
        shown.append(seen if passage else None)
        seen += passage
    widened: list[tuple[int, ...]] = []
    for step, row in enumerate(steps):
        first, second, rest = spoken[min(step, len(spoken) - 1)]
        by_place = [first, *[second] * (_QUOTED_FIRST - 1), *[rest] * (_MOST_SPOKEN - _QUOTED_FIRST)]
        sizes = [None if at is None else by_place[at] if at < len(by_place) else 0 for at in shown]
        widened.append(tuple(size if more is None else more for size, more in zip(row, sizes, strict=True)))
    return [*widened, (0,) * len(passages)]


def _is_passage(document: StoredDocument) -> bool:
    return document.story is not None and document.story.kind == PASSAGE


def _people(entries: Sequence[EpisodeEntry]) -> tuple[dict[str, list[str]], list[str]]:
    """Of each episode that has several people those who tell it from the others: not who is in all of an answer, nor in
    most of it, where it has some. Of one episode alone all of them. And where there are such people, who is in most of
    it, the most frequent first.
    """
    episodes = {entry.id: entry for entry in entries}
    counts = Counter(host for entry in episodes.values() for host in dict.fromkeys(entry.hosts))
    usual = max(len(episodes), 2) if len(episodes) < _SOME_EPISODES else len(episodes) / 2
    people = {
        entry.id: [host for host in entry.hosts if len(entry.hosts) > 1 and counts[host] < usual]
        for entry in episodes.values()
    }
    named = any(people.values())
    return people, [host for host, count in counts.most_common() if named and usual <= count < len(episodes)]


def _line(match: Match, words: Sequence[str]) -> _Quotable:
    """Return only the time of a match; for a passage, the time at which its words are spoken."""
    start = _quotable(match, words).start if _is_passage(match.document) else None
    return _Quotable(_NOTHING, start, match.document.id)


def _snippets(marked: Sequence[Marked], steps: Sequence[Sequence[int]], room: int) -> list[str]:
    """Return a snippet for each hit, within ``room`` characters of JSON in all: those of the first step that fits. What
    is left makes the first ones a step longer, in order.
    """
    at, snippets = -1, [""] * len(marked)
    for sizes in steps:
        at += 1
        if sum(text.least(size) for text, size in zip(marked, sizes, strict=True)) > room and any(sizes):
            continue
        snippets = [text.snippet(size) for text, size in zip(marked, sizes, strict=True)]
        if sum(map(_cost, snippets)) <= room:
            break
    left = room - sum(map(_cost, snippets))
    for place, text in enumerate(marked if at > 0 else ()):
        longer = steps[at - 1][place]
        more = text.snippet(longer) if text.least(longer) <= left + len(snippets[place]) else snippets[place]
        cost = _cost(more) - _cost(snippets[place])
        if cost > left:
            break
        snippets[place], left = more, left - cost
    return snippets


def _cost(snippet: str) -> int:
    """Return how many characters a snippet adds to the JSON of a hit."""
    return len('"snippet":,') + json_length(snippet) if snippet else 0


def _mention(story: Story, date: str | None, episode_title: str) -> Mention:
    """Return a mention of a story, under the name of its episode if it has no words of its own."""
    return Mention(id=story.id, date=date, title=title_of(story) or episode_title, url=story.url)


def cited(document: StoredDocument) -> Cited:
    """A document, as an answer names it beside what was asked."""
    if document.notes is not None:
        return cited_of(document.notes, None)
    entry = document.entry
    return Cited(**mention_of(document).model_dump(), episode_title=entry.title, episode_url=entry.page_url)


def mention_of(document: StoredDocument) -> Mention:
    """Return a mention of a document."""
    entry = document.entry
    if document.story is None:
        return Mention(id=entry.id, date=document.date, title=entry.title, url=entry.page_url)
    return _mention(document.story, document.date, entry.title)


def closest_of(
    matches: Sequence[Match], words: Sequence[str], turns: Callable[[str], Sequence[SpokenTurn]]
) -> list[Mention]:
    """Return mentions of stories that are close but do not answer, the first with a snippet."""
    mentions = [mention_of(match.document) for match in matches]
    first = [_quotable(match, words, turns).text.snippet(_SNIPPETS[0]) for match in matches[:1]]
    return [one.model_copy(update={"snippet": text}) for one, text in zip(mentions, first, strict=False)] + mentions[1:]


def cited_of(episode: Episode, story: Story | None) -> Cited:
    """Return the citation of a story, or of the episode if there is no story."""
    date, title, url = episode.date.isoformat() if episode.date else None, episode.title, episode.page_url
    named = _mention(story, date, title) if story else Mention(id=episode.id, date=date, title=title, url=url)
    return Cited(**named.model_dump(), episode_title=title, episode_url=url)


def title_of(story: Story) -> str:
    """Return the title of a story, or the first sentence of its summary if it has none."""
    if story.title:
        return story.title
    text = reading_text(without_links(story.summary) if story.kind else story.summary)
    ends = [text.find(sign) + 1 for sign in _SENTENCE_END if sign in text[:_TITLE]]
    return text[: min(ends)] if ends else text[:_TITLE] + ("…" if len(text) > _TITLE else "")


_NOTHING = Marked("", ())


class _Wanted(NamedTuple):
    """What was looked for: normalised words, what other names among them were taken for, and whether by meaning too."""

    words: Sequence[str]
    expansions: Mapping[str, str]
    by_meaning: bool


class _Quotable(NamedTuple):
    """What a snippet is cut from, when in the recording it is spoken, if that is known, and which document has it."""

    text: Marked
    start: float | None
    id: str


def _quotable(
    match: Match, words: Sequence[str], turns: Callable[[str], Sequence[SpokenTurn]] = lambda _: ()
) -> _Quotable:
    """What a snippet of a match is cut from: the summary, or where
    words stand in nothing that is written, what is spoken; of a passage the best moments of its whole episode, or its
    own where it is merely near.
    """
    document = match.document
    if _is_passage(document) and (spoken_turns := turns(document.entry.id)):
        moments = best_moments(Recording(spoken_turns), words, document.id, alone=match.near, window=match.window)
        if moments:
            first = moments[0].spoken
            return _Quotable(moments_text(moments, first.id), first.second, first.id)
    story, notes = document.story, document.notes
    written = f"{notes.description}\n{notes.prose}" if notes else story.summary if story else ""
    begin = story.start if story else None
    spoken = document.speech
    absent = [word for word in words if not occurs(word, document.plain)] if spoken else []
    if not absent or not _speaks(words, absent, normalize(spoken)):
        moments = best_moments(Recording.written(written, document), words, document.id)
        if moments:
            return _Quotable(moments_text(moments, document.id), moments[0].spoken.second, document.id)
        return _Quotable(Marked.of(written, words), begin, document.id)
    text = Marked.of(spoken, words, _SPOKEN)
    if story is not None:
        moment = document.moment(text.focus / max(len(text.text), 1))
        begin = begin if moment is None else moment
    text = text if begin is None else replace(text, label=f"(spoken from {timestamp(begin)}) ")
    return _Quotable(text, begin, document.id)


def _speaks(words: Sequence[str], absent: Sequence[str], spoken: str) -> bool:
    """Whether speech contains some of the words ``absent`` from the text, and at least as many words in all."""
    held = [word for word in words if occurs(word, spoken)]
    return len(held) >= len(words) - len(absent) and any(word in absent for word in held)


def _hit(match: Match, quotable: _Quotable, matched: list[str], people: list[str]) -> Hit:
    entry, story = match.document.entry, match.document.story
    url, recording = opened_at(story.url if story else None, entry, quotable.start)
    return Hit(
        id=quotable.id,
        episode_id=entry.id,
        date=match.document.date,
        title=(title_of(story) if story and story.kind != PASSAGE else "") or entry.title,
        url=url,
        near=match.near,
        start=quotable.start,
        listen_url=recording,
        archive=entry.archive,
        kind=_KINDS.get(story.kind or "") if story else "episode",
        site=story.site if story else None,
        hosts=entry.hosts,
        people=people,
        episode_title=entry.title,
        episode_url=entry.page_url,
        audio_url=readable_url(entry.audio_url),
        score=round(match.score, 3),
        matched=matched,
    )


def _place(match: Match, words: Sequence[str]) -> list[str]:
    """Where a story that is not quoted holds the words: in its title, or in its text alone."""
    document = match.document
    if match.near or document.story is None or document.story.kind:
        return []
    title = document.plain.partition("\n")[0]
    return ["title" if any(occurs(word, title) for word in words) else "text"] if words else []


def _matched(document: StoredDocument, marked: Marked, wanted: _Wanted) -> list[str]:
    """Return where a hit matches, and under which other names."""
    title, _, rest = document.plain.partition("\n")
    link = rest.rpartition("\n")[2] if document.story else ""
    matched = []
    if any(occurs(word, title) for word in wanted.words):
        matched.append("title")
    if marked.spans:
        matched.append("summary" if document.story else "description")
    if marked.label:
        matched[-1:] = ["spoken"]
    if link and any(occurs(word, link) for word in wanted.words):
        matched.append("link")
    if wanted.expansions:
        text = f"{document.plain}\n{normalize(marked.text)}" if marked.label else document.plain
        others = [f"{typed} → {other}" for other, typed in wanted.expansions.items() if occurs(other, text)]
        matched += others[:_MOST_EXPANSIONS]
    if wanted.words and not matched:
        matched.append("meaning" if wanted.by_meaning else "spelling")
    return matched
