"""From matches to answers: a page of hits, with how the question was understood in words; an episode as a whole; and
what is related to it.
"""

from __future__ import annotations

from collections.abc import Iterator

from zunda_mcp.answers import DEFAULT_LIMIT, Detail, EpisodeAnswer, Freshness, Related, SearchResult
from zunda_mcp.engine.base import Answered, Engine
from zunda_mcp.errors import NotFoundError
from zunda_mcp.models import OWN, PASSAGE, Episode, one_line
from zunda_mcp.query.identifiers import Target
from zunda_mcp.results.citing import with_hits
from zunda_mcp.results.page import cited_of, closest_of, make_page
from zunda_mcp.results.sizing import Paging, bound, framed

__all__ = ["episode_answer", "related_result", "search_result"]

_GOES_ON = 500
"""Characters shown of the passage after one: passages end with a turn, but the talk goes on. Judgement."""


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

    Raises ``ArgumentError`` if there is no room for it.
    """
    matches, totals = answered.matches, answered.matches.totals
    years = {year: count for year, count in totals.years.items() if year}
    answer = SearchResult(
        total_stories=totals.stories,
        total_episodes=totals.episodes,
        own_text=totals.full - totals.stories,
        passages=totals.passages,
        first=totals.first,
        last=totals.last,
        years=years if len(years) > 1 else {},
        exact=matches.explanation.exact,
        apart=matches.explanation.apart if totals.full else 0,
        hits=[],
        near=[] if pages.offset else closest_of(matches.closest, matches.words, engine.turns),
        understood="; ".join(_understood(answered)) or "everything",
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
    listed = 0 < totals.full == sum(not hit.near for hit in page.hits)
    understood = matches.explanation
    whole = not (answered.reading.query.cut or understood.open or understood.left_out)
    complete = listed and whole and fresh.state == "current"
    answer = answer.model_copy(update={"complete": complete, "next_cursor": following})
    return bound(with_hits(answer, page.hits, page.in_most, max_chars), max_chars)


def episode_answer(engine: Engine, target: Target, fresh: Freshness) -> EpisodeAnswer:
    """Return an episode as a whole, with its speech if it is only a recording. Raises ``NotFoundError`` if the index
    lost it.
    """
    entries = engine.entries()
    at = entries.index(target.episode)
    episode = _whole(engine, target)
    whole = [story.id for story in episode.stories if story.kind == OWN and not story.summary]
    spoken = [one.speech for one in engine.documents([target.story] if target.story else whole)]
    if target.story and spoken and (following := _following(episode, target.story)):
        text = one_line(engine.documents([following])[0].speech)
        spoken[0] += f"\n\n({following}) {text[:_GOES_ON]}{'…' if len(text) > _GOES_ON else ''}"
    return EpisodeAnswer(
        episode=episode,
        story=target.story,
        spoken=(spoken[0] or None) if spoken else None,
        speakers=_speakers(engine, episode),
        understood=target.understood,
        previous_id=entries[at - 1].id if at > 0 else None,
        next_id=entries[at + 1].id if at + 1 < len(entries) else None,
        freshness=fresh,
    )


def related_result(engine: Engine, target: Target, fresh: Freshness, *, limit: int | None, max_chars: int) -> Related:
    """Return the stories nearest to ``target``, an episode or a story of it, in ``max_chars`` characters.

    Raises ``ArgumentError`` if there is no room for it, ``NotFoundError`` where the index lost the episode.
    """
    episode = _whole(engine, target)
    stories = [story for story in episode.stories if target.story in (None, story.id)]
    nearest, by_meaning = engine.related([story.id for story in stories], episode.id, limit=limit or DEFAULT_LIMIT)
    of = cited_of(episode, stories[0] if target.story else None)
    by = "shared rare words and meaning" if by_meaning else "shared rare words"
    understood = f"{target.understood}; nearest by {by}, the episode itself left out"
    answer, room = framed(Related(of=of, hits=[], understood=understood, freshness=fresh), max_chars)
    page = make_page(nearest, [], total=len(nearest), budget=room, detail="auto")
    less = f"{len(page.hits)} of {len(nearest)} stories, to fit" if len(page.hits) < len(nearest) else None
    understood = "; ".join(part for part in (answer.understood, less) if part)
    answer = answer.model_copy(update={"understood": understood})
    return bound(with_hits(answer, page.hits, page.in_most, max_chars), max_chars)


def _following(episode: Episode, passage: str) -> str | None:
    """Return the id of the passage that follows; None if ``passage`` is not one, or is the last."""
    ids = [story.id for story in episode.stories if story.kind == PASSAGE]
    return ids[ids.index(passage) + 1] if passage in ids[:-1] else None


def _speakers(engine: Engine, episode: Episode) -> list[str]:
    """Return the speakers of an episode who are not among its hosts, in order of first speech."""
    names = dict.fromkeys(turn.speaker for turn in engine.turns(episode.id) if turn.speaker)
    return [name for name in names if name not in episode.hosts]


def _whole(engine: Engine, target: Target) -> Episode:
    episode = engine.episode(target.episode.id)
    if episode is None:
        msg = f"Episode {target.episode.id} is listed but not in the index; run zunda-mcp index --rebuild."
        raise NotFoundError(msg)
    return episode


def _understood(answered: Answered) -> Iterator[str]:
    """Describe how the question was understood, phrase by phrase."""
    matches, reading = answered.matches, answered.reading
    if not reading.impossible:
        yield from matches.explanation.words()
        if reading.query.excluded:
            yield "without " + ", ".join(word.shown for word in reading.query.excluded)
        if reading.query.cut:
            yield "only the beginning of a very long query was used"
        yield from reading.filters.words()
        if matches.order != "relevance" and not reading.filters.episode:
            yield f"{matches.order} first"
    if reading.note:
        yield reading.note
