"""The text of ``search_episodes`` and ``find_related``: a line for each hit, with a quotation below the first few.

Nothing is repeated: the totals with their years are at the top, then the pattern of the episodes' titles and pages, and
at the end how to get the links that the lines leave out.
"""

from __future__ import annotations

import re

from zunda_mcp.answers import EpisodeName, Hit, Related, SearchResult
from zunda_mcp.rendering.answer_lines import (
    among,
    dated_id,
    fitted,
    mention_line,
    next_line,
    no_hits,
    quoted_line,
    reach,
    site_of,
    suggestion_line,
    understood_line,
)  # fmt: skip
from zunda_mcp.rendering.messages import ENGLISH, Messages
from zunda_mcp.rendering.sanitize import clean_line, shorten
from zunda_mcp.results.citing import is_in_id, same_episode

__all__ = ["headline", "near_headline", "related", "search"]

_SNIPPETS = (None, 120, 0, 0)
"""Most characters of a snippet at each level, from the full text to the shortest; None: no limit."""
_TITLES = (120, 120, 60, 40)
"""Most characters of a title at each level."""
_TIGHTEST = 3
_FIELD = re.compile(r"\{\w+\}")
_LINKED = 3
"""How many of the first hits have their link even without a snippet."""
_LINKS = "Other links: get_episode(id)."
_NEAR = "Close, but not all of it as asked:"


def search(result: SearchResult, max_chars: int | None = None) -> str:
    """The text of ``search_episodes``."""
    if not result.hits and not result.total_stories and not result.total_episodes:
        return no_hits(result.understood, result.suggestions, result.freshness, max_chars, result.near)

    def at(level: int) -> tuple[list[str], list[str]]:
        lines = _lines(result, level, total=result.total_stories or result.total_episodes)
        head = [
            f"{headline(result)} {understood_line(result.understood, level)}".strip(),
            quoted_line(lines) if result.hits else "None on this page.",
            _episodes(result),
            *lines,
            suggestion_line(result.suggestions),
        ]
        return head, [next_line(result.next_cursor), _reach(result)]

    return fitted(at, max_chars)


def related(answer: Related, max_chars: int | None = None) -> str:
    """The text of ``find_related``."""

    def at(level: int) -> tuple[list[str], list[str]]:
        lines = _lines(answer, level, total=len(answer.hits))
        head = [
            f"{near_headline(answer)} {mention_line(answer.of, level)}. {understood_line(answer.understood, level)}",
            quoted_line(lines),
            _episodes(answer),
            *lines,
        ]
        return head, [_reach(answer)]

    return fitted(at, max_chars)


def near_headline(answer: Related, say: Messages = ENGLISH) -> str:
    """The number of related stories."""
    return say("{number} near", number=say.count(len(answer.hits), "story")) if answer.hits else say("Nothing near")


def headline(result: SearchResult, say: Messages = ENGLISH) -> str:
    """How much was found, from when to when, and whether all of it is shown."""
    if not result.total_stories and not result.total_episodes:
        return say("The closest, best first.")
    total = titled = say("{episodes} by title or notes", episodes=say.count(result.own_text, "episode"))
    if result.total_stories:
        stories = say.count(result.total_stories, "story") + among(result.passages, say)
        if result.passages == result.total_stories:
            stories = say.count(result.passages, "passage")
        episodes = say.count(result.total_episodes - result.own_text, "episode")
        total = say("{stories} in {episodes}", stories=stories, episodes=episodes)
        total = say("{stories} and {titled}", stories=total, titled=titled) if result.own_text else total
    if result.first and result.last and result.first != result.last:
        total = say("{total}, {first} to {last}", total=total, first=result.first, last=result.last)
    if result.years and result.total_stories > _LINKED:
        total += f" ({', '.join(f'{year}: {number:,}' for year, number in result.years.items())})"
    if not result.complete:
        return say("{total}, {shown} on this page.", total=total, shown=sum(not hit.near for hit in result.hits))
    if result.exact:
        return say("{total}. Complete, as quoted.", total=total)
    if result.apart:
        return say(
            "{total}. Complete side by side; {apart} more with the words apart.", total=total, apart=result.apart
        )
    return say("{total}. Complete, in every spelling.", total=total)


def _episodes(answer: SearchResult | Related) -> str:
    """The patterns of the episodes' titles and pages in ``cite_as``, if it has any, and the people in most episodes."""
    patterns = _patterns(answer)
    others = {episode.id for episode in answer.episodes}
    mostly = " mostly" if any(hit.episode_id in others and not hit.snippet for hit in answer.hits) else ""
    with_them = f"most with {', '.join(map(clean_line, answer.in_most))}" if answer.in_most else ""
    facts = ", ".join(patterns), with_them
    return f"Episodes{mostly}: {'; '.join(filter(None, facts))}" if any(facts) else ""


def _patterns(answer: SearchResult | Related) -> list[str]:
    parts = clean_line(answer.cite_as).partition("(")[2].removesuffix(")").split(", ")
    return [part for part in parts if "{" in part and not _FIELD.fullmatch(part)]


def _lines(answer: SearchResult | Related, level: int, *, total: int) -> list[str]:
    named = {episode.id: episode for episode in answer.episodes}
    patterns = [".+".join(map(re.escape, _FIELD.split(pattern))) for pattern in _patterns(answer)]
    follows = re.compile("|".join(patterns) or "(?!)").fullmatch
    some_titled = any("title" in hit.matched for hit in answer.hits)
    lines: list[str] = []
    for place, hit in enumerate(answer.hits):
        before = answer.hits[place - 1] if place else None
        if hit.near and total and _NEAR not in lines:
            lines.append(_NEAR)
            before = None
        is_called_so = hit.kind == "passage" and bool(follows(clean_line(hit.title)))
        linked = place < _LINKED or bool(hit.snippet)
        in_text = some_titled and hit.matched == ["text"]
        episode = named.get(hit.episode_id)
        lines += _hit(hit, before, episode, level, linked=linked, titled=not is_called_so, in_text=in_text)
    return lines


def _hit(
    hit: Hit, before: Hit | None, episode: EpisodeName | None, level: int, *, linked: bool, titled: bool, in_text: bool
) -> list[str]:
    """The line of a hit and its snippet. If the hit ``before`` is in the same episode, the id is only the place in it.
    ``in_text``: the words are only in the text of this hit, while others have them in their titles.
    """
    above = before if before is not None and same_episode(before, hit) else None
    name = hit.id.removeprefix(hit.episode_id) if above else dated_id(hit.id, hit.date)
    title = shorten(clean_line(hit.title) or "(no title)", _TITLES[level])
    address = hit.url or (hit.episode_url if hit.kind == "episode" else None)
    link = clean_line(address) if linked and address else site_of(hit.url)
    spoken = hit.listen_url and (hit.kind == "passage" or hit.snippet.startswith("(spoken"))
    recording = f"heard at {clean_line(hit.listen_url)}" if hit.listen_url and spoken else ""
    called = title if titled and not (hit.kind and is_in_id(hit.title, id=hit.episode_id)) else ""
    kind = hit.kind if called or not hit.snippet.startswith("(spoken") else None
    facts = [": ".join(filter(None, (kind, called))), link, recording]
    if episode is not None and hit.snippet and level < _TIGHTEST and not (above and above.snippet):
        other = episode.title if episode.title not in (None, hit.title) else ""
        other = "" if is_in_id(other, id=hit.episode_id) else other
        facts += [f"in {shorten(clean_line(other), _TITLES[level])}"] if other else []
        facts += [clean_line(episode.url)] if episode.url else []
    facts += ["(text)"] if in_text else []
    facts += (
        [f"with {', '.join(map(clean_line, hit.people))}"] if hit.people and level < _TIGHTEST and not above else []
    )
    size = _SNIPPETS[level]
    snippet = clean_line(hit.snippet) if size is None else shorten(clean_line(hit.snippet), size) if size else ""
    if snippet.replace("**", "") == hit.title:  # a short post is its own title
        snippet = ""
    line = dict.fromkeys(filter(None, facts))  # the story of an episode may be its page
    return [f"- {name} {' · '.join(line)}", f"  {snippet}" if snippet else ""]


def _reach(answer: SearchResult | Related) -> str:
    """How far the answer reaches, and how to get the links that its lines leave out."""
    links = any(hit.url and not hit.snippet for hit in answer.hits[_LINKED:])
    return f"{reach(answer.freshness)}{f' {_LINKS}' if links else ''}"
