"""The text of ``search_episodes``, ``find_related`` and ``find_text``: a line for each hit, with a quotation below the
first few. That of ``check_quote``: the verdict first, then each place with its citation and what differs.

What repeats is said once: the totals with their years at the top, then how episodes are called, and at the end the way
to the links that lines leave out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from zunda_mcp.answers import (
    Difference,
    EpisodeName,
    Hit,
    QuoteCheck,
    QuotePlace,
    Related,
    SearchResult,
    TextCount,
    TextMatches,
)
from zunda_mcp.rendering import answer_text
from zunda_mcp.rendering.answer_text import (
    QUOTED,
    among,
    dated_id,
    fitted,
    mention_line,
    next_line,
    no_hits,
    reach,
    site_of,
    suggestion_line,
    understood_line,
)
from zunda_mcp.rendering.messages import ENGLISH, Messages
from zunda_mcp.rendering.sanitize import clean_line, shorten
from zunda_mcp.results.citing import citation
from zunda_mcp.text.timestamps import timestamp

__all__ = [
    "HEADINGS",
    "differing",
    "headline",
    "matches_head",
    "near_headline",
    "part_of",
    "quote",
    "related",
    "search",
    "text_matches",
]

_SNIPPETS = (None, 120, 0, 0)
"""How long a snippet may be at each step of tightening; None is as it came."""
_TITLES = (120, 120, 60, 40)
"""How long a title may be at each step."""
_TIGHTEST = 3
_FIELD = re.compile(r"\{\w+\}")
_LINKED = 3
"""Hits that have their link whether they are quoted or have nothing to quote."""
_LINKS = "Other links: get_episode(id)."
_NEAR = "Close, but not all of it as asked:"


def search(result: SearchResult, max_chars: int | None = None) -> str:
    """The text of ``search_episodes``."""
    if not result.hits and not result.total_stories and not result.total_episodes:
        return no_hits(result.understood, result.suggestions, result.freshness, max_chars, result.near)

    def at(level: int) -> tuple[list[str], list[str]]:
        head = [
            f"{headline(result)} {understood_line(result.understood, level)}".strip(),
            QUOTED if result.hits else "None on this page.",
            _episodes(result),
            *_lines(result, level, total=result.total_stories or result.total_episodes),
            suggestion_line(result.suggestions),
        ]
        return head, [next_line(result.next_cursor), _reach(result)]

    return fitted(at, max_chars)


def related(answer: Related, max_chars: int | None = None) -> str:
    """The text of ``find_related``."""

    def at(level: int) -> tuple[list[str], list[str]]:
        head = [
            f"{near_headline(answer)} {mention_line(answer.of, level)}. {understood_line(answer.understood, level)}",
            QUOTED,
            _episodes(answer),
            *_lines(answer, level, total=len(answer.hits)),
        ]
        return head, [_reach(answer)]

    return fitted(at, max_chars)


def near_headline(answer: Related, say: Messages = ENGLISH) -> str:
    """How many stories are near what was named, which follows."""
    return say("{number} near", number=say.count(len(answer.hits), "story")) if answer.hits else say("Nothing near")


def headline(result: SearchResult, say: Messages = ENGLISH) -> str:
    """How much was found in all, from when to when, and whether this is all of it."""
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
    return say("{total}. Complete, in every spelling.", total=total)


def _episodes(answer: SearchResult | Related) -> str:
    """How episodes are called and where their pages are, where ``cite_as`` has patterns of it, and who is in most."""
    patterns = _patterns(answer)
    others = {episode.id for episode in answer.episodes}
    mostly = " mostly" if any(hit.episode_id in others and not hit.snippet for hit in answer.hits) else ""
    usual = _in_most(answer.hits)
    with_them = f"most with {', '.join(usual)}" if usual else ""
    facts = ", ".join(patterns), with_them
    return f"Episodes{mostly}: {'; '.join(filter(None, facts))}" if any(facts) else ""


def _in_most(hits: Sequence[Hit]) -> list[str]:
    """Who is in most episodes, though not in all, and so not named in the lines; the most frequent first."""
    episodes = {hit.episode_id: hit for hit in hits}
    named = {name for hit in hits for name in hit.people}
    if not named:
        return []
    counts = Counter(name for hit in episodes.values() for name in dict.fromkeys(hit.hosts) if name not in named)
    usual = (name for name, count in counts.most_common() if 2 * count >= len(episodes) > count)
    return [clean_line(name) for name in usual]


def _patterns(answer: SearchResult | Related) -> list[str]:
    parts = clean_line(answer.cite_as).partition("(")[2].removesuffix(")").split(", ")
    return [part for part in parts if "{" in part and not _FIELD.fullmatch(part)]


def _lines(answer: SearchResult | Related, level: int, *, total: int) -> list[str]:
    named = {episode.id: episode for episode in answer.episodes}
    patterns = [".+".join(map(re.escape, _FIELD.split(pattern))) for pattern in _patterns(answer)]
    follows = re.compile("|".join(patterns) or "(?!)").fullmatch
    lines: list[str] = []
    for place, hit in enumerate(answer.hits):
        if hit.near and total and _NEAR not in lines:
            lines.append(_NEAR)
        is_called_so = hit.kind == "passage" and bool(follows(clean_line(hit.title)))
        linked = place < _LINKED or bool(hit.snippet)
        lines += _hit(hit, named.get(hit.episode_id), level, linked=linked, titled=not is_called_so)
    return lines


def _hit(hit: Hit, episode: EpisodeName | None, level: int, *, linked: bool, titled: bool) -> list[str]:
    title = shorten(clean_line(hit.title) or "(no title)", _TITLES[level])
    address = hit.url or (hit.episode_url if hit.kind == "episode" else None)
    link = clean_line(address) if linked and address else site_of(hit.url)
    spoken = hit.listen_url and (hit.kind == "passage" or hit.snippet.startswith("(spoken"))
    recording = f"heard at {clean_line(hit.listen_url)}" if hit.listen_url and spoken else ""
    called = title if titled else ""
    kind = hit.kind if called or not hit.snippet.startswith("(spoken") else None
    facts = [": ".join(filter(None, (kind, called))), link, recording]
    if episode is not None and hit.snippet and level < _TIGHTEST:
        other = episode.title if episode.title != hit.title else None
        facts += [f"in {shorten(clean_line(other), _TITLES[level])}"] if other else []
        facts += [clean_line(episode.url)] if episode.url else []
    facts += [f"with {', '.join(map(clean_line, hit.people))}"] if hit.people and level < _TIGHTEST else []
    size = _SNIPPETS[level]
    snippet = clean_line(hit.snippet) if size is None else shorten(clean_line(hit.snippet), size) if size else ""
    if snippet.replace("**", "") == hit.title:  # a short post is its own title
        snippet = ""
    return [f"- {dated_id(hit.id, hit.date)} {' · '.join(filter(None, facts))}", f"  {snippet}" if snippet else ""]


def _reach(answer: SearchResult | Related) -> str:
    """How far the answer reaches, and the way to the links that its lines leave out."""
    links = any(hit.url and not hit.snippet for hit in answer.hits[_LINKED:])
    return f"{reach(answer.freshness)}{f' {_LINKS}' if links else ''}"


_MOST_COUNTS = 40
_COUNTS_ROOM = 400


def text_matches(answer: TextMatches, max_chars: int | None = None) -> str:
    """The header, a line a hit, and how to go on; within ``max_chars``."""
    from zunda_mcp.results.text_lines import line_of  # start-up

    head = [*matches_head(answer), answer_text.QUOTED if answer.hits else ""]
    lines = [f"- {clean_line(line_of(hit, among=answer.total_stories))}" for hit in answer.hits]
    more = answer.total_stories - len(answer.hits)
    tail = []
    if answer.next_cursor:
        tail.append(f'{len(answer.hits):,} of {answer.total_stories:,} shown; more: cursor="{answer.next_cursor}"')
    elif more and answer.hits:
        tail.append("End of the list.")
    tail.append(reach(answer.freshness))
    text = "\n".join(line for line in [*head, *lines] if line)
    end = "\n".join(tail)
    if max_chars is None or len(text) + 1 + len(end) <= max_chars:
        return f"{text}\n{end}"
    end = shorten(end, max_chars // 2)
    return f"{shorten(text, max_chars - len(end) - 1)}\n{end}"


def matches_head(answer: TextMatches, say: Messages = ENGLISH) -> list[str]:
    """How many matches there are, from when to when; what was looked through; and how they are spread."""
    understood = shorten(clean_line(say.translated(answer.understood)), 500)
    if not answer.total_matches:
        return [f"{say('No match.')} {understood}"]
    places = say.count(answer.total_episodes, "episode")
    if answer.total_stories > answer.total_episodes or any(hit.id != hit.episode_id for hit in answer.hits):
        places = say("{stories} in {episodes}", stories=say.count(answer.total_stories, "story"), episodes=places)
    first = answer.first or say("undated")
    days = {"total": say.count(answer.total_matches, "match"), "places": places, "first": first, "last": answer.last}
    span = ", {first} to {last}." if answer.first != answer.last else ", {first}."
    head = f"{say('{total} in {places}' + span, **days)} {understood}"
    by_match = _counts("Stories by match", answer.strings, say)
    return [head, _counts(f"By {answer.by}", answer.counts, say), by_match]


def _counts(label: str, counts: Sequence[TextCount], say: Messages) -> str:
    if len(counts) < 2:
        return ""
    counted = ", ".join(f"{clean_line(one.name)} {one.stories}" for one in counts[:_MOST_COUNTS])
    if left := max(len(counts) - _MOST_COUNTS, 0):
        counted = say("{counts} and {number} more", counts=counted, number=left)
    return shorten(f"{say(label)}: {counted}", _COUNTS_ROOM)


HEADINGS = {
    "exact": "In the archive, word for word",
    "same words": "In the archive in the same words; only width, case, spaces, markup or punctuation differ",
    "similar": "NOT in the archive as quoted; something similar is",
    "absent": "NOT in the archive, nor anything similar.",
}
"""What each verdict says, before the number of places."""


def quote(answer: QuoteCheck, max_chars: int | None = None) -> str:
    """The verdict, the places that fit, what to do next, and how far was searched; within ``max_chars``."""
    tail = f"{clean_line(answer.next_step)}\n{reach(answer.freshness)}"
    blocks = ["\n".join(_place(at, place, answer)) for at, place in enumerate(answer.places, 1)]
    kept = len(blocks)
    while True:
        text = "\n".join([_head(answer, kept), *([answer_text.QUOTED] if kept else []), *blocks[:kept]])
        if max_chars is None or len(text) + 1 + len(tail) <= max_chars:
            return f"{text}\n{tail}"
        if kept <= 1:
            tail = shorten(tail, max_chars // 2)
            return f"{shorten(text, max_chars - len(tail) - 1)}\n{tail}"
        kept -= 1


def differing(difference: Difference) -> str:
    """One difference in words."""
    quoted, archived = clean_line(difference.quoted), clean_line(difference.archived)
    if not archived:
        return f"the archive does not have 「{quoted}」"
    if not quoted:
        return f"the archive also has 「{archived}」"
    return f"quoted 「{quoted}」, in the archive 「{archived}」"


def _head(answer: QuoteCheck, shown: int) -> str:
    head = HEADINGS[answer.verdict]
    if answer.verdict == "absent":
        reach = f" It was searched up to {answer.freshness.newest}." if answer.freshness.newest else ""
        return f"{head}{reach} Understood: {clean_line(answer.understood)}"
    places = f"{answer.total:,} {'place' if answer.total == 1 else 'places'}"
    less = f", {shown} shown" if shown < answer.total else ""
    return f"{head}: {places}{less}. Understood: {clean_line(answer.understood)}"


def part_of(place: QuotePlace) -> str:
    """The part it stands in; of speech who says it, and when."""
    when = f" at {timestamp(place.start)}" if place.start is not None else ""
    return f"{place.where}{when}{f' by {clean_line(place.speaker)}' if place.speaker else ''}"


def _place(at: int, place: QuotePlace, answer: QuoteCheck) -> list[str]:
    whole = place.id == place.episode_id
    facts = [f"id {clean_line(place.id)}", part_of(place)]
    facts += [f"heard at {clean_line(place.listen_url)}"] if place.listen_url else []
    if place.verdict == "similar":
        facts.append(f"similarity {place.similarity:.2f}")
    elif place.verdict != answer.verdict:
        facts.append(place.verdict)
    title = "" if whole else clean_line(place.title) or "(no title)"
    url, page = (clean_line(address) if address else None for address in (place.url, place.episode_url))
    cited = citation(title, url, clean_line(place.episode_title), place.date, page)
    lines = [
        f"{at}. {'episode: ' if whole else ''}{cited}",
        f"   {' · '.join(facts)}",
        f"   {clean_line(place.passage)}",
    ]
    if place.differences:
        lines.append(f"   Differs: {'; '.join(map(differing, place.differences))}")
    return lines
