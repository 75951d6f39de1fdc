"""From a question as typed to what answers it: the time, the kind of posts, the host, the site and the archive that a
question names become filters, the rest is searched, and what was understood is put into words. Also an episode as a
whole, and what is related to it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from zunda_mcp.answers import DEFAULT_LIMIT, Detail, EpisodeAnswer, Freshness, Related, SearchResult, Sort
from zunda_mcp.engine.base import Engine, Matches
from zunda_mcp.errors import NotFoundError
from zunda_mcp.models import OWN, Episode
from zunda_mcp.query.filters import Filters, archives, hosts
from zunda_mcp.query.identifiers import Target
from zunda_mcp.query.parse import Query, parse
from zunda_mcp.results.citing import with_hits
from zunda_mcp.results.cursor import Paging
from zunda_mcp.results.page import cited_of, make_page, mention_of
from zunda_mcp.results.sizing import bound, framed

__all__ = ["Answered", "answer_question", "episode_answer", "related_result", "search_result"]

#: Characters that are shown of a query of which nothing is left.
_SHOWN = 40
#: Episodes of one number that are named.
_NAMED = 4


@dataclass(frozen=True, slots=True)
class Answered:
    """What answers a question, in phrases how it was understood, and whether only its beginning was looked at."""

    matches: Matches
    understood: tuple[str, ...]
    cut: bool = False


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
    names a kind, a host, a site or an archive, the question may (see ``split_kind`` and ``named_filters``). One that
    asks when something was first or last is answered in that order. What stands so in the archive is taken as it is
    typed.
    """
    from zunda_mcp.query.question import split_order, split_time, without_post_request  # start-up

    by_date = split_order(text) if order == "relevance" else None

    def search(query: Query, filters: Filters) -> Answered:
        matches = engine.search(query, filters, order, offset=offset, limit=limit)
        if by_date and matches.full:
            matches = engine.search(query, filters, by_date, offset=offset, limit=limit)
        return Answered(matches, tuple(_understood(matches, query, filters)), query.cut)

    if text.strip() and parse(text).empty:
        none = engine.search(Query(), replace(chosen, since=dt.date.max, until=dt.date.min), order, limit=limit)
        return Answered(none, (f'nothing to look for in "{text.strip()[:_SHOWN]}": it has no letter or digit',))
    named = _episode_named(engine, text, chosen, search)
    if named is not None:
        return named
    typed = without_post_request(text)
    if typed != text and engine.contains(text):
        typed = text
    timed = None if chosen.since or chosen.until else split_time(typed, today)
    if timed is None:
        return _named(engine, typed, chosen, search)
    rest, filters = _narrowed(engine, timed.rest, chosen)
    if not rest.asks_nothing and engine.contains(text, in_titles=timed.counted):
        return search(*_narrowed(engine, typed, chosen))
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
        own_text=matches.full - matches.stories,
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
    listed = 0 < matches.full == sum(not hit.near for hit in page.hits)
    complete = listed and not answered.cut and fresh.state == "current"
    answer = answer.model_copy(update={"complete": complete, "next_cursor": following})
    return bound(with_hits(answer, page.hits, max_chars), max_chars)


def episode_answer(engine: Engine, target: Target, fresh: Freshness) -> EpisodeAnswer:
    """An episode as a whole, with what is spoken where it is a recording and nothing else. Raises ``NotFoundError``
    where the index lost it.
    """
    entries = engine.entries()
    at = entries.index(target.episode)
    episode = _whole(engine, target)
    whole = [story.id for story in episode.stories if story.kind == OWN and not story.summary]
    spoken = [one.speech for one in engine.documents([target.story] if target.story else whole)]
    return EpisodeAnswer(
        episode=episode,
        story=target.story,
        spoken=(spoken[0] or None) if spoken else None,
        understood=target.understood,
        previous_id=entries[at - 1].id if at > 0 else None,
        next_id=entries[at + 1].id if at + 1 < len(entries) else None,
        freshness=fresh,
    )


def related_result(engine: Engine, target: Target, fresh: Freshness, *, limit: int | None, max_chars: int) -> Related:
    """The stories nearest to what ``target`` names, an episode or a story of it, in ``max_chars`` characters.

    Raises ``ArgumentError`` where there is no room for it, ``NotFoundError`` where the index lost the episode.
    """
    episode = _whole(engine, target)
    stories = [story for story in episode.stories if target.story in (None, story.id)]
    nearest, by_meaning = engine.related([story.id for story in stories], episode.id, limit=limit or DEFAULT_LIMIT)
    of = cited_of(episode, stories[0] if target.story else None)
    by = "shared rare words and meaning" if by_meaning else "shared rare words"
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


def _named(engine: Engine, text: str, chosen: Filters, search: Callable[[Query, Filters], Answered]) -> Answered:
    """What answers a question that names no time; where nothing answers under the names in it, without these."""
    query, filters = _narrowed(engine, text, chosen)
    answered = search(query, filters)
    names = Filters(host=filters.host, site=filters.site, archive=filters.archive)
    wider = replace(filters, host=chosen.host, site=chosen.site, archive=chosen.archive)
    if answered.matches.total or wider == filters:
        return answered
    return _also(search(query, wider), f"nothing with {', '.join(names.words())}, so all was searched")


def _episode_named(
    engine: Engine, text: str, chosen: Filters, search: Callable[[Query, Filters], Answered]
) -> Answered | None:
    """What the episode holds that a question names by its place, or by its number: all of it where the question asks
    for no more. None where none is named, and where the one of a number holds nothing of what is asked (第3回大会 is
    no episode).
    """
    from zunda_mcp.query.edition import split_edition, split_number  # start-up
    from zunda_mcp.query.request import only_requests  # start-up

    edition = None if chosen.since or chosen.until else split_edition(text)
    if edition and not engine.contains(text, in_titles=True):
        first = engine.search(Query(), chosen, edition, limit=1).page
        if first and (date := first[0].document.date):
            day = dt.date.fromisoformat(date)
            which = "latest" if edition == "newest" else "first"
            return _also(search(Query(), replace(chosen, since=day, until=day)), f"the {which} episode")
    numbered = split_number(text)
    entries = [] if numbered is None else [entry for entry in engine.entries() if entry.number is not None]
    if numbered is None or not entries:
        return None
    rest = parse(numbered.rest)
    whole = only_requests(rest)
    named = [one for one in entries if one.number == numbered.number and chosen.archive in (None, one.archive)]
    if len(named) == 1:
        answered = search(Query() if whole else rest, replace(chosen, episode=named[0].id))
        return answered if answered.matches.full else None
    if not whole:
        return None
    none = search(Query(), replace(chosen, since=dt.date.max, until=dt.date.min)).matches
    ids = ", ".join(one.id for one in named[:_NAMED])
    numbers = [one.number for one in entries if one.number is not None]
    which = f"is that of {len(named)} episodes ({ids})" if named else f"has no episode; they go up to {max(numbers)}"
    return Answered(none, (f"the number {numbered.number} {which}",))


def _narrowed(engine: Engine, text: str, chosen: Filters) -> tuple[Query, Filters]:
    """What is asked, and the filters with what the question names of those that nobody chose: a kind of posts, where
    there are such posts, and an archive, a host or a site; unless the question stands in the archive as it is.
    """
    from zunda_mcp.query.named_filters import may_name_filter  # start-up
    from zunda_mcp.query.question import split_kind  # start-up

    kinded = None if chosen.kind else split_kind(text)
    if kinded is not None and engine.has_kind(kinded.kind) and not engine.contains(text):
        text, chosen = kinded.rest, replace(chosen, kind=kinded.kind)
    if may_name_filter(text) and not engine.contains(text):
        text, chosen = _with_names(engine, text, chosen)
    return parse(text), chosen


def _with_names(engine: Engine, text: str, chosen: Filters) -> tuple[str, Filters]:
    """What is asked but for the names of an archive, a host and a site in it, and the filters with these."""
    from zunda_mcp.query.named_filters import archive_in, site_in, speaker_in  # start-up
    from zunda_mcp.query.request import only_requests  # start-up

    entries = engine.entries()
    names = archives(entries) if not chosen.archive else []
    before = chosen
    if names and (named := archive_in(text, names)):
        text, chosen = named.rest, replace(chosen, archive=named.name)
    if not chosen.host and (named := speaker_in(text, hosts(entries))):
        text, chosen = named.rest, replace(chosen, host=named.name)
    if not chosen.site and (named := site_in(text, engine.sites().keys())) and _means_site(engine, named.name):
        text, chosen = named.rest, replace(chosen, site=named.name)
    return "" if chosen != before and only_requests(parse(text)) else text, chosen


def _means_site(engine: Engine, site: str) -> bool:
    """Whether the first word of a domain means the site: most stories that hold the word link to it."""
    word = parse(site.partition(".")[0])
    held = engine.search(word, Filters(), "relevance", limit=1).full
    return 2 * engine.search(word, Filters(site=site), "relevance", limit=1).full >= held


def _understood(matches: Matches, query: Query, filters: Filters) -> Iterator[str]:
    yield from matches.explanation.words()
    if query.excluded:
        yield "without " + ", ".join(word.shown for word in query.excluded)
    if query.cut:
        yield "only the beginning of a very long query was used"
    yield from filters.words()
    if matches.order != "relevance" and not filters.episode:
        yield f"{matches.order} first"


def _also(answered: Answered, phrase: str) -> Answered:
    return replace(answered, understood=(*answered.understood, phrase))
