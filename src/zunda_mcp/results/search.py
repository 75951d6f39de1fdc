"""From a question as typed to what answers it: the time and the kind of posts that a question names become filters, the
rest is searched, and what was understood is put into words. Also an episode as a whole, and what is related to it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

from zunda_mcp.answers import Detail, EpisodeAnswer, Freshness, Related, SearchResult, Sort
from zunda_mcp.engine.base import Engine, Matches
from zunda_mcp.errors import NotFoundError
from zunda_mcp.models import Episode
from zunda_mcp.query import tuning
from zunda_mcp.query.filters import Filters
from zunda_mcp.query.identifiers import Target
from zunda_mcp.query.parse import Query, parse
from zunda_mcp.results.citing import with_hits
from zunda_mcp.results.cursor import Paging
from zunda_mcp.results.page import cited_of, make_page, mention_of
from zunda_mcp.results.sizing import bound, framed

__all__ = ["Answered", "answer_question", "episode_answer", "related_result", "search_result"]

#: Characters that are shown of a query of which nothing is left.
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Answered:
    """What answers a question, and in phrases how it was understood."""

    matches: Matches
    understood: tuple[str, ...]


def answer_question(
    engine: Engine,
    text: str,
    chosen: Filters,
    order: Sort,
    today: dt.date,
    *,
    offset: int = 0,
    limit: int | None = None,
) -> Answered:
    """What answers a question; where no filter names days, a time at its edge does (see ``split_time``), and where none
    names a kind, the question may (see ``split_kind``). One that asks when something was first or last is answered in
    that order where there is much. What stands so in the archive is taken as it is typed.
    """
    from zunda_mcp.query.question import split_order, split_time, without_post_request  # start-up

    by_date = split_order(text) if order == "relevance" else None

    def search(query: Query, filters: Filters) -> Answered:
        matches = engine.search(query, filters, order, offset=offset, limit=limit)
        if by_date and matches.full > tuning.MAX_UNSORTED:
            matches = engine.search(query, filters, by_date, offset=offset, limit=limit)
        return Answered(matches, tuple(_understood(matches, query, filters)))

    if text.strip() and parse(text).empty:
        none = engine.search(Query(), replace(chosen, since=dt.date.max, until=dt.date.min), order, limit=limit)
        return Answered(none, (f'nothing to look for in "{text.strip()[:_SHOWN]}": it has no letter or digit',))
    typed = without_post_request(text)
    if typed != text and engine.contains(text):
        typed = text
    timed = None if chosen.since or chosen.until else split_time(typed, today)
    if timed is None:
        return search(*_of_kind(engine, typed, chosen))
    rest, filters = _of_kind(engine, timed.rest, chosen)
    if not rest.asks_nothing and engine.contains(text, in_titles=timed.counted):
        return search(*_of_kind(engine, typed, chosen))
    filters = replace(filters, since=timed.span.since, until=timed.span.until)
    answered = search(Query() if rest.asks_nothing else rest, filters)
    if answered.matches.total or answered.matches.closest:
        return _also(answered, f'"{timed.shown}" taken as these days')
    answered = search(Query(), chosen) if rest.asks_nothing else search(rest, replace(filters, since=None, until=None))
    days = f"{timed.span.since} to {timed.span.until}"
    return _also(answered, f'nothing in "{timed.shown}" ({days}), so all days were searched')


def search_result(
    answered: Answered,
    fresh: Freshness,
    engine: Engine,
    pages: Paging,
    *,
    detail: Detail,
    max_chars: int,
) -> SearchResult:
    """A page of an answer, of at most ``max_chars`` characters as compact JSON.

    Raises ``ArgumentError`` where there is no room for it.
    """
    matches = answered.matches
    years = {year: count for year, count in matches.years.items() if year}
    answer = SearchResult(
        total_stories=matches.stories,
        total_episodes=matches.episodes,
        passages=matches.passages,
        first=matches.first,
        last=matches.last,
        years=years if len(years) > 1 else {},
        exact=matches.explanation.exact,
        hits=[],
        near=[] if pages.offset else [mention_of(match.document) for match in matches.closest],
        understood="; ".join(answered.understood) or "everything",
        suggestions=[] if matches.total else engine.suggest(matches.explanation.missing or matches.words),
        next_cursor=None,
        freshness=fresh,
    )
    answer, room = framed(answer, max_chars, hits=bool(matches.total))
    page = make_page(
        matches.page,
        matches.words,
        total=matches.total,
        offset=pages.offset,
        budget=room,
        detail=detail,
        sure=matches.sure,
        expansions=matches.expansions,
        by_meaning=matches.by_meaning,
        turns=engine.turns,
    )
    following = None if page.next_offset is None else pages.cursor(page.next_offset)
    complete = 0 < matches.full == sum(not hit.near for hit in page.hits)
    answer = answer.model_copy(update={"complete": complete, "next_cursor": following})
    return bound(with_hits(answer, page.hits, max_chars), max_chars)


def episode_answer(engine: Engine, target: Target, fresh: Freshness) -> EpisodeAnswer:
    """An episode as a whole. Raises ``NotFoundError`` where the index lost it."""
    entries = engine.entries()
    at = entries.index(target.episode)
    spoken = [one.speech for one in engine.documents([target.story])] if target.story else []
    return EpisodeAnswer(
        episode=_whole(engine, target),
        story=target.story,
        spoken=(spoken[0] or None) if spoken else None,
        understood=target.understood,
        previous_id=entries[at - 1].id if at > 0 else None,
        next_id=entries[at + 1].id if at + 1 < len(entries) else None,
        freshness=fresh,
    )


def related_result(engine: Engine, target: Target, fresh: Freshness, *, limit: int, max_chars: int) -> Related:
    """The stories nearest to what ``target`` names, an episode or a story of it, in ``max_chars`` characters.

    Raises ``ArgumentError`` where there is no room for it, ``NotFoundError`` where the index lost the episode.
    """
    episode = _whole(engine, target)
    stories = [story for story in episode.stories if target.story in (None, story.id)]
    nearest, by_meaning = engine.related([story.id for story in stories], episode.id, limit=limit)
    of = cited_of(episode, stories[0] if target.story else None)
    by = "shared telling words and meaning" if by_meaning else "shared telling words"
    understood = f"{target.understood}; nearest by {by}, the episode itself left out"
    answer, room = framed(Related(of=of, hits=[], understood=understood, freshness=fresh), max_chars)
    page = make_page(nearest, [], total=len(nearest), budget=room, detail="auto")
    less = f"{len(page.hits)} of {len(nearest)} stories, for room" if len(page.hits) < len(nearest) else None
    understood = "; ".join(part for part in (answer.understood, less) if part)
    return bound(with_hits(answer.model_copy(update={"understood": understood}), page.hits, max_chars), max_chars)


def _whole(engine: Engine, target: Target) -> Episode:
    episode = engine.episode(target.episode.id)
    if episode is None:
        msg = f"Episode {target.episode.id} is listed but not in the index; run zunda-mcp index --rebuild."
        raise NotFoundError(msg)
    return episode


def _of_kind(engine: Engine, text: str, chosen: Filters) -> tuple[Query, Filters]:
    """What is asked, and the filters with the kind of posts that the question names, where there are such posts, no
    filter names a kind, and the question does not stand in the archive as it is.
    """
    from zunda_mcp.query.question import split_kind  # start-up

    kinded = None if chosen.kind else split_kind(text)
    if kinded is None or not engine.has_kind(kinded.kind) or engine.contains(text):
        return parse(text), chosen
    return parse(kinded.rest), replace(chosen, kind=kinded.kind)


def _understood(matches: Matches, query: Query, filters: Filters) -> Iterator[str]:
    yield from matches.explanation.words()
    if query.excluded:
        yield "without " + ", ".join(word.shown for word in query.excluded)
    if query.cut:
        yield "only the beginning of a very long query was used"
    yield from filters.words()
    if matches.order != "relevance":
        yield f"{matches.order} first"


def _also(answered: Answered, phrase: str) -> Answered:
    return replace(answered, understood=(*answered.understood, phrase))
