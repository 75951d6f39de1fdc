"""The matches of a pattern as lines, each short, all within a size: what ``grep`` prints, with dates and titles."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from operator import itemgetter

from zunda_mcp.answers import Freshness, Sort, TextCount, TextCounts, TextExcerpt, TextHit, TextMatches
from zunda_mcp.engine.base import Engine, Excerpt, TextMatch
from zunda_mcp.engine.base import PatternMatches as Matching
from zunda_mcp.index.catalog import EpisodeEntry
from zunda_mcp.query.filters import Filters
from zunda_mcp.query.pattern import TextPattern
from zunda_mcp.results.citing import is_in_id, opened_at, same_episode, unsaid_titles
from zunda_mcp.results.page import title_of
from zunda_mcp.results.sizing import Paging
from zunda_mcp.text.timestamps import timestamp

__all__ = ["lines_of", "text_answer"]

_Shape = tuple[int, int, int, int]
_FIRST = [150, 1, 1]
"""Columns and matches of the first of many hits: the first or the last mention, which is often what was asked for. Of
four calls of an assistant with ``sort``, which were logged, one was followed by a call for the story of this line. A
Japanese character takes two columns, so that it is a sentence on each side, as in a list of four.
"""
_SHAPES = ((2, 300, 3, 3), (4, 150, 2, 2), (8, 90, 1, 1), (1_000_000, 45, 1, 0))
"""For up to so many stories: how many columns (a Japanese character takes two) to show on each side of a match, and how
many matches a story shows besides its title: of a title without a match, and of one with a match, which says enough in
a long list. In thirty questions of an assistant that were logged, what lists of more stories said beyond this was not
used, and where there were few, a figure just beyond the words shown cost a second call.
"""
_SHAPES_OF_ONE = ((12, 150, 12, 12), *_SHAPES)
"""The same for a named episode, which is searched to learn what else it says."""
_SPOKEN_SHARE = 2
"""How many times as much to show around a match in a transcript, which has no title that says what is spoken there."""
_MOST_EXCERPTS = 3
_MOST_READ, _MOST_SPEAKERS = 30, 6
_MOST_STRINGS, _LONGEST_STRING = 8, 40
"""Strings of so many characters at most are spellings or alternatives worth counting; others are what a wildcard took.
"""
_LEAST_LINE = 40
_MARK = 3
"""Characters of a line break and of the mark before a line."""
_MOST_LINKED = 6
"""Stories that are few enough for a link each. In thirty questions of an assistant, which were logged, four calls asked
again for the links of such lists.
"""
_LENGTHS = {"year": 4, "month": 7}
"""Characters of an ISO day that name a period."""
_LONGEST_LINK = 200
_LONGEST_TITLE = 300


_MOST_OTHERS, _LEAST_TO_ONE = 8, 4
"""Episodes without a match are named if there are at most 8 of them, and 4 times as many have one."""
_HEAD_ROOM = 1000
"""Characters for the rest of an answer: the header, counts, freshness, a cursor."""


def text_answer(
    engine: Engine,
    pattern: TextPattern,
    filters: Filters,
    fresh: Freshness,
    pages: Paging,
    *,
    by: TextCounts,
    sort: Sort,
    max_chars: int,
) -> TextMatches:
    """Return a page of the matches of ``pattern`` that fit ``max_chars`` as lines."""
    matching = engine.find_text(pattern, filters)
    in_other_case = matching.in_other_case
    if in_other_case and not matching.matches and pattern.case == "smart":
        pattern = pattern.ignoring_case()
        matching = engine.find_text(pattern, filters)
    matches: Sequence[TextMatch] = matching.matches
    if sort == "newest":  # but the stories of an episode in their order
        episodes = [list(stories) for _, stories in groupby(matches, key=lambda match: match.episode_id)]
        matches = [match for one in reversed(episodes) for match in one]
    days = [match.date for match in matching.matches if match.date]
    shapes = _SHAPES_OF_ONE if filters.episode else _SHAPES
    room = max(max_chars - _HEAD_ROOM, max_chars // 2)
    stories = Counter(match.episode_id for match in matches)
    several = 1 < len(stories) < len(matches)
    listed = _each_episode_first(matches) if several else matches
    hits = _page(engine, pattern, listed[pages.offset :], room, shapes)
    in_order = not several or len(hits) == len(matches)
    if in_order:
        places = {match.id: place for place, match in enumerate(matches)}
        hits.sort(key=lambda hit: places[hit.id])
    else:
        firsts = range(pages.offset, min(len(stories), pages.offset + len(hits)))
        hits[: len(firsts)] = [
            hit.model_copy(update={"more_stories": stories[hit.episode_id] - 1}) for hit in hits[: len(firsts)]
        ]
    end = pages.offset + len(hits)
    understood = [*_read_as(pattern, filters, in_other_case), _looked_through(matching, fresh)]
    understood += [] if in_order else ["each episode once, then the other stories"]
    return TextMatches(
        total_matches=sum(sum(match.counts.values()) for match in matches),
        total_stories=len(matches),
        total_episodes=len(stories),
        first=days[0] if days else None,
        last=days[-1] if days else None,
        by=by,
        counts=_count_by(engine, matching.matches, by),
        strings=_strings(matching.matches),
        hits=hits,
        understood="; ".join(
            [*understood, *_others(engine, filters, matches), *([] if matches else _instead(engine, pattern, filters))]
        ),
        next_cursor=pages.cursor(end) if end < len(matches) else None,
        freshness=fresh,
    )


def _read_as(pattern: TextPattern, filters: Filters, others: int) -> list[str]:
    """Describe how the pattern was read."""
    words = ["whole words"] if pattern.whole_words else []
    if not pattern.keeps_case:
        words.append("none with capitals as written, so in any case" if others else "any case and width")
    else:
        words.append(f"capitals as written ({others:,} more in other case: case=ignore)" if others else "any case")
    return [", ".join(words), *filters.words()]


def _looked_through(matching: Matching, fresh: Freshness) -> str:
    """Describe what was searched, so that no match means that there is none."""
    places = f"all text, links, people{' and speech' if matching.with_speech else ''} of {matching.stories:,} stories"
    return f"{'complete in' if fresh.state == 'current' else 'looked through'} {places}"


def _others(engine: Engine, filters: Filters, matches: Sequence[TextMatch]) -> Iterator[str]:
    """Name the few episodes without a match, if nearly all have one: the ones a guest was not in."""
    matched = {match.episode_id for match in matches}
    if filters != Filters() or len(matched) <= _LEAST_TO_ONE:
        return
    others = list(islice((one.id for one in engine.entries() if one.id not in matched), _MOST_OTHERS + 1))
    if not others:
        yield "in every episode"
    elif len(others) <= _MOST_OTHERS and len(others) * _LEAST_TO_ONE <= len(matched):
        yield f"in all episodes but {', '.join(others)}"


def _instead(engine: Engine, pattern: TextPattern, filters: Filters) -> Iterator[str]:
    """How many stories a pattern matches that the filters leave out; if none, words of the archive spelled like its."""
    unfiltered = Filters(archive=filters.archive)
    if filters != unfiltered and (others := len(engine.find_text(pattern, unfiltered).matches)):
        yield f"{others:,} {'story' if others == 1 else 'stories'} outside these filters"
    elif words := engine.suggest(pattern.words):
        yield f"similar spellings: {', '.join(words)}"


def _page(
    engine: Engine, pattern: TextPattern, matches: Sequence[TextMatch], budget: int, shapes: Sequence[_Shape]
) -> list[TextHit]:
    """As many of ``matches`` as fit ``budget`` characters of lines (``lines_of``), at least one; the fewer matches, the
    more around each.
    """
    shown = matches[: budget // _LEAST_LINE + 1]
    rows: list[tuple[TextHit, EpisodeEntry, list[Excerpt]]] = []
    hits: list[TextHit] = []
    spent = 0
    for match in shown:
        row = (*_bare(engine, match), _chosen(engine.excerpts(pattern, match)))
        hits.append(_with(*row, _FIRST if not rows else _SHAPES[-1][1:]))
        spent += len(lines_of(hits[-2:], among=len(matches))[-1]) + _MARK
        if rows and spent > budget:
            break
        rows.append(row)
    titles = unsaid_titles(row[:2] for row in (rows if len(matches) <= _MOST_LINKED else rows[:1]))
    rows = [
        (hit.model_copy(update={"episode_title": titles.pop(entry.id, None)}), entry, excerpts)
        for hit, entry, excerpts in rows
    ]
    for most, *shape in shapes:
        if len(matches) > most:
            continue
        hits = [_with(*row, max(shape, _FIRST) if at == 0 else shape) for at, row in enumerate(rows)]
        if sum(len(line) + _MARK for line in lines_of(hits, among=len(matches))) <= budget:
            break
    return hits


def _each_episode_first(matches: Sequence[TextMatch]) -> list[TextMatch]:
    """A story of each episode, in the order of the episodes, and then all others: the first whose title matches, or
    else its text.
    """
    best: dict[str, TextMatch] = {}
    for match in matches:
        other = best.get(match.episode_id)
        if other is None or (other is not matches[0] and _where(match) < _where(other)):
            best[match.episode_id] = match
    firsts = list(best.values())
    return [*firsts, *(match for match in matches if best[match.episode_id] is not match)]


def _where(match: TextMatch) -> int:
    return 0 if "title" in match.counts else 1 if match.counts.keys() - {"link", "people"} else 2


def lines_of(hits: Sequence[TextHit], *, among: int) -> list[str]:
    """Hits ``among`` so many stories as lines: a story that follows another of its episode has only its number there.
    The first has its link and the title of its episode, and of few stories all have.
    """
    lines = []
    for at, hit in enumerate(hits):
        follows = at > 0 and same_episode(hits[at - 1], hit)
        lines.append(_line(hit, follows=follows, linked=not at or among <= _MOST_LINKED))
    return lines


def _line(hit: TextHit, *, follows: bool, linked: bool) -> str:
    """A hit as one line: id with its day, whole title where the id does not say it, then the matches with where they
    stand (a summary if nothing is said), how many more there are, and the link.
    """
    shown: Counter[str] = Counter(excerpt.where for excerpt in hit.matches)
    title = next((excerpt.text for excerpt in hit.matches if excerpt.where == "title"), hit.title)
    day = "" if follows or not hit.date or hit.id.startswith(hit.date) else f"{hit.date} "
    name = hit.id.removeprefix(hit.episode_id) if follows else hit.id
    says_more = hit.id != hit.episode_id or not is_in_id(title.replace("**", ""), id=hit.id)
    pieces = [f"{day}{name}{f' {title[:_LONGEST_TITLE]}' if says_more else ''}".strip()]
    texts = [excerpt for excerpt in hit.matches if excerpt.where != "title"]
    speakers = [None, *(excerpt.speaker for excerpt in texts)]
    pieces += [_piece(hit, excerpt, speaker) for excerpt, speaker in zip(texts, speakers, strict=False)]
    more = [f"{where} ×{count}" for where, count in hit.counts.items() if count > shown[where]]
    others = f", also by {', '.join(hit.speakers)}" if hit.speakers else ""
    more += [f"{hit.more_stories} more {'story' if hit.more_stories == 1 else 'stories'}"] if hit.more_stories else []
    of_story = hit.id != hit.episode_id and "title" in hit.counts
    address = (of_story and hit.url) or hit.listen_url or hit.url
    link = f" · {address}" if address and linked else ""
    episode = f" · in {hit.episode_title[:_LONGEST_TITLE]}" if hit.episode_title else ""
    return " · ".join(pieces) + (f" ({', '.join(more)}{others})" if more else "") + link + episode


def _piece(hit: TextHit, excerpt: TextExcerpt, last: str | None) -> str:
    """Return a match with its part of the story, and its speaker unless that is the ``last`` one."""
    when = timestamp(excerpt.start) if excerpt.start is not None else ""
    where = when or {"spoken": "spoken", "summary": ""}.get(excerpt.where, f"{excerpt.where}:")
    place = (excerpt.id or "").removeprefix(hit.id)
    speaker = f"{excerpt.speaker}:" if excerpt.speaker and excerpt.speaker != last else ""
    return " ".join(filter(None, (where, place, speaker, excerpt.text)))


def _count_by(engine: Engine, matches: Sequence[TextMatch], by: TextCounts) -> list[TextCount]:
    """How many stories and matches there are in each year or month (in order), or with each host or site (most first);
    what has no date, host or site is left out.
    """
    stories: Counter[str] = Counter()
    times: Counter[str] = Counter()
    for match, names in zip(matches, _names(engine, matches, by), strict=True):
        for name in names:
            stories[name] += 1
            times[name] += sum(match.counts.values())
    order = sorted(stories) if by in _LENGTHS else sorted(stories, key=lambda name: (-stories[name], name))
    return [TextCount(name=name, stories=stories[name], matches=times[name]) for name in order]


def _strings(matches: Sequence[TextMatch]) -> list[TextCount]:
    """In how many stories each spelling or alternative matches, most first; nothing if there is one, or too many."""
    stories = Counter(string for match in matches for string in match.strings)
    times = sum((Counter(match.strings) for match in matches), Counter())
    if not 1 < len(stories) <= _MOST_STRINGS or max(map(len, stories)) > _LONGEST_STRING:
        return []
    return [TextCount(name=name, stories=number, matches=times[name]) for name, number in stories.most_common()]


def _names(engine: Engine, matches: Sequence[TextMatch], by: TextCounts) -> Iterable[Sequence[str]]:
    """Return the names under which each match is counted."""
    if by in _LENGTHS:
        return [[match.date[: _LENGTHS[by]]] if match.date else [] for match in matches]
    if by == "host":
        hosts = {entry.id: entry.hosts for entry in engine.entries()}
        return [hosts[match.episode_id] for match in matches]
    documents = engine.documents([match.id for match in matches])
    return [[one.story.site] if one.story and one.story.site else [] for one in documents]


def _bare(engine: Engine, match: TextMatch) -> tuple[TextHit, EpisodeEntry]:
    """Return a hit without its matches, and its episode."""
    (document,) = engine.documents([match.id])
    story, entry = document.story, document.entry
    hit = TextHit(
        id=match.id,
        episode_id=match.episode_id,
        date=match.date,
        title=(title_of(story) if story else "") or entry.title,
        url=story.url if story else entry.page_url,
        counts=dict(match.counts.items()),
        matches=[],
    )
    return hit, entry


def _chosen(excerpts: Iterable[Excerpt]) -> list[Excerpt]:
    """The title, and the first few matches of other parts, each spelling once before any is repeated: of a link only
    where nothing else matches.
    """
    read = list(islice(excerpts, _MOST_READ))
    titles = [excerpt for excerpt in read if excerpt.part == "title"][:1]
    links = [excerpt for excerpt in read if excerpt.part == "link"]
    seen = Counter(map(_string, titles))
    ranked: list[tuple[int, Excerpt]] = []
    for excerpt in read:
        if excerpt.part not in ("title", "link"):
            ranked.append((seen[_string(excerpt)], excerpt))
            seen[_string(excerpt)] += 1
    texts = [excerpt for _, excerpt in sorted(ranked, key=itemgetter(0))]
    return [*titles, *(texts or ([] if titles else links))]


def _string(excerpt: Excerpt) -> str:
    return excerpt.text[excerpt.start : excerpt.end].casefold()


def _with(hit: TextHit, entry: EpisodeEntry, excerpts: Sequence[Excerpt], shape: Sequence[int]) -> TextHit:
    """A hit with its first matches, so many columns around each (``_SHAPES``); a match that is shown with another is
    not repeated.
    """
    columns, most, beside_title = shape
    most = beside_title if excerpts and excerpts[0].part == "title" else most
    if hit.id == hit.episode_id:  # a transcript is of many things: each spelling or alternative is shown
        most = max(most, min(_MOST_EXCERPTS, len({_string(excerpt) for excerpt in excerpts})))
    shown: list[TextExcerpt] = []
    reaches: list[tuple[str, int, int]] = []
    for excerpt in excerpts:
        if excerpt.part != "title" and sum(one.where != "title" for one in shown) == most:
            break
        if any(excerpt.text is text and left <= excerpt.start < right for text, left, right in reaches):
            continue
        around = columns * (_SPOKEN_SHARE if excerpt.part == "spoken" and hit.id == hit.episode_id else 1)
        if excerpt.part in ("title", "link"):
            around = _LONGEST_LINK
        beside = min(max(2 * around - (excerpt.end - excerpt.start), 0), around)
        left, right = _reach(excerpt.text, excerpt.start, excerpt.end, beside)
        reaches.append((excerpt.text, left, right))
        shown.append(
            TextExcerpt(
                where=excerpt.part,
                text=_marked(excerpt, left, right, 2 * around),
                speaker=excerpt.speaker,
                start=excerpt.second,
                id=excerpt.id if excerpt.id != hit.id else None,
            )
        )
    speakers = dict.fromkeys(excerpt.speaker for excerpt in excerpts if excerpt.speaker)
    others = [name for name in speakers if name not in {one.speaker for one in shown}]
    first = next((one.start for one in shown if one.where != "title"), None)
    url, recording = opened_at(hit.url, entry, first)
    more = {"url": url, "listen_url": recording, "speakers": others[:_MOST_SPEAKERS]}
    return hit.model_copy(update={"matches": shown, **more})


def _marked(excerpt: Excerpt, left: int, right: int, longest: int) -> str:
    """What stands around a match in bold, whose middle is left out where it is longer than so many characters."""
    text, match = excerpt.text, excerpt.text[excerpt.start : excerpt.end]
    if len(match) > longest:
        match = f"{match[: longest // 2]}** … **{match[-(longest // 2) :]}"
    marked = f"{text[left : excerpt.start]}**{match}**{text[excerpt.end : right]}"
    return " ".join(f"{'…' if left else ''}{marked}{'…' if right < len(text) else ''}".split())


def _reach(text: str, start: int, end: int, columns: int) -> tuple[int, int]:
    """So many columns to the left and right of a match, to the end of a line or of a word at most."""
    left, room = start, columns
    while left > 0 and text[left - 1] != "\n" and (room := room - _width(text[left - 1])) >= 0:
        left -= 1
    right, room = end, columns
    while right < len(text) and text[right] != "\n" and (room := room - _width(text[right])) >= 0:
        right += 1
    while 0 < left < start and _in_word(text, left):
        left += 1
    while end < right < len(text) and _in_word(text, right):
        right -= 1
    return left, right


def _width(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _in_word(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    return before.isalnum() and after.isalnum() and _width(before) == _width(after) == 1
