"""Answers as compact text for a terminal: a block for each hit, matched words in bold, ids dim.

These are pure functions from an answer to text. Text from the archive is cleaned first, so that it cannot control the
terminal. The only sequences in the result are styles and links, and only if the terminal shows them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from zunda_mcp.answers import (
    EpisodeAnswer,
    Freshness,
    Hit,
    Mention,
    QuoteCheck,
    QuotePlace,
    Related,
    SearchResult,
    TextMatches,
    Timeline,
    TopicList,
)
from zunda_mcp.cli.styles import Style
from zunda_mcp.rendering.answer_lines import among, freshness, no_answer_line, number_shown, stories_in_episodes
from zunda_mcp.rendering.episode_text import markdown
from zunda_mcp.rendering.matches_text import matches_head
from zunda_mcp.rendering.quote_text import HEADINGS, differing, part_of
from zunda_mcp.rendering.sanitize import clean_line
from zunda_mcp.rendering.search_text import headline, near_headline
from zunda_mcp.results.text_lines import lines_of

__all__ = ["episode", "find", "quote", "related", "search", "timeline", "topics"]

_HEADING = re.compile(r"^#+ .*$", re.MULTILINE)
_BAR = 40
_EXCERPT = 160


def search(result: SearchResult, style: Style, *, whole: bool = False) -> str:
    """Return the hits in order, a block for each with a snippet and a line for each other, and how to see more.
    Snippets are shortened unless ``whole``.
    """
    if not result.hits and not result.total_stories and not result.total_episodes:
        return _nothing(style, result.understood, result.suggestions, result.freshness, result.near)
    quoted = [_hit(hit, style, whole=whole) for hit in result.hits if hit.snippet]
    full = [_line_of(hit, style) for hit in result.hits if not hit.snippet and not hit.near]
    near = [_line_of(hit, style) for hit in result.hits if not hit.snippet and hit.near]
    close = [style.say("close, but not all of it as asked")] if near and result.total_episodes else []
    return _blocks(
        style,
        f"{headline(result, style.say)}\n{_understood(result.understood, style)}",
        *quoted,
        "\n".join(full),
        "\n".join([*close, *near]),
        _foot(
            _suggested(result.suggestions, style),
            _more(result.next_cursor, style),
            _freshness(result.freshness, style),
        ),
    )


def find(answer: TextMatches, style: Style) -> str:
    """Return the number of matches, and a line for each story with its matches in bold."""
    lines = [f"- {clean_line(line)}" for line in lines_of(answer.hits, among=answer.total_stories)]
    head = [*map(style.marked, matches_head(answer, style.say)), *map(style.marked, lines)]
    return style.fitted(_foot(*head, _more(answer.next_cursor, style), _freshness(answer.freshness, style)))


def related(answer: Related, style: Style) -> str:
    """Return related stories, nearest first."""
    return _blocks(
        style,
        f"{near_headline(answer, style.say)} {_mention(answer.of, style)}",
        *(_hit(hit, style) for hit in answer.hits),
        _foot(_understood(answer.understood, style), _freshness(answer.freshness, style)),
    )


def episode(answer: EpisodeAnswer, style: Style) -> str:
    """Return the Markdown of an episode or story as the server shows it, with bold headings and the next commands."""
    text = _HEADING.sub(lambda heading: style.bold(heading[0]), markdown(answer, say=style.say))
    ways = (("previous: zunda-mcp show {id}", answer.previous_id), ("next: zunda-mcp show {id}", answer.next_id))
    return _blocks(
        style,
        text,
        _foot(
            _understood(answer.understood, style),
            " · ".join(style.say(name, id=_line(way)) for name, way in ways if way),
            _freshness(answer.freshness, style),
        ),
    )


def topics(answer: TopicList, style: Style) -> str:
    """Return topics with their counts, days and examples."""
    say = style.say
    if not answer.total_topics:
        return _nothing(style, answer.understood, [], answer.freshness)
    blocks = []
    for topic in answer.topics:
        aliases = f" ({', '.join(map(_line, topic.aliases))})" if topic.aliases else ""
        counts = stories_in_episodes(topic.stories, topic.episodes, say) + among(topic.passages, say)
        if topic.first:
            days = say("{total}, {first} to {last}", total=counts, first=topic.first, last=topic.last)
        else:
            days = f"{counts}, {say('undated')}"
        head = f"{style.bold(_line(topic.name))}{aliases}: {days}"
        blocks.append("\n".join([head, *(f"  {_mention(example, style, bold=False)}" for example in topic.examples)]))
    total = number_shown(answer.total_topics, "topic", len(answer.topics), say)
    return _blocks(
        style,
        f"{total}\n{_understood(answer.understood, style)}",
        *blocks,
        _foot(_more(answer.next_cursor, style), _freshness(answer.freshness, style)),
    )


def timeline(answer: Timeline, style: Style) -> str:
    """Return a bar for each period, the first and last mention, and the episodes with most stories."""
    say = style.say
    if not answer.total_episodes:
        return _nothing(style, answer.understood, answer.suggestions, answer.freshness)
    total = stories_in_episodes(answer.total_stories, answer.total_episodes, say) + among(answer.passages, say)
    if answer.undated:
        total += f", {say('{number} without a date', number=f'{answer.undated:,}')}"
    most = max((period.stories for period in answer.periods), default=0)
    bars = [
        " ".join(part for part in (f"{period.period:<8}", _bar(period.stories, most), str(period.stories)) if part)
        for period in answer.periods
    ]
    busiest = [
        f"  {_day(busy.date, style)}  {style.link(_line(busy.title), busy.url)} · {style.dim(_line(busy.id))} · "
        f"{say.count(busy.stories, 'story')}{_address(busy.url, style)}"
        for busy in answer.busiest
    ]
    ends = (("first: {mention}", answer.first), ("last: {mention}", answer.last))
    return _blocks(
        style,
        f"{style.bold(_line(answer.topic))}: {total}\n{_understood(answer.understood, style)}",
        "\n".join(bars),
        "\n".join(say(name, mention=_mention(mention, style)) for name, mention in ends if mention),
        "\n".join([say("busiest episodes"), *busiest]) if busiest else "",
        _foot(_suggested(answer.suggestions, style), _freshness(answer.freshness, style)),
    )


def quote(answer: QuoteCheck, style: Style) -> str:
    """Return the verdict, and each place with its citation and the differences."""
    say = style.say
    shown = number_shown(answer.total, "place", len(answer.places), say)
    places = "" if answer.verdict == "absent" else f": {shown}"
    return _blocks(
        style,
        f"{style.bold(say(HEADINGS[answer.verdict]))}{places}\n{_understood(answer.understood, style)}",
        *(_quoted(place, style) for place in answer.places),
        _foot(_suggested(answer.suggestions, style), _freshness(answer.freshness, style)),
    )


def _line_of(hit: Hit, style: Style) -> str:
    """Return a hit without a snippet, as a line."""
    title = style.link(style.bold(_title(hit.title, style)), hit.url or hit.episode_url)
    id = style.dim(_line(hit.id))
    return f"{_day(hit.date, style)}  {title}{_kind(hit.kind, style)} · {id}{_address(hit.url, style)}"


def _hit(hit: Hit, style: Style, *, whole: bool = False) -> str:
    own = hit.kind == "episode"
    address = _line(hit.url or hit.episode_url)
    host = ", ".join(map(_line, hit.hosts))
    where = [
        style.dim(_line(hit.id)),
        host,
        "" if own else style.link(style.say("in {title}", title=_line(hit.episode_title)), hit.episode_url),
    ]
    title = style.link(style.bold(_title(hit.title, style)), address)
    lines = [
        f"{_day(hit.date, style)}  {title}{_kind(hit.kind, style)}",
        style.link(style.dim(address), address),
        " · ".join(part for part in where if part),
        style.marked(_line(hit.snippet) if whole else _excerpt(_line(hit.snippet))),
    ]
    return "\n  ".join(line for line in lines if line)


def _quoted(place: QuotePlace, style: Style) -> str:
    own = place.id == place.episode_id
    say = style.say
    near = say.translated(f"similarity {place.similarity:.2f}" if place.verdict == "similar" else place.verdict)
    address = _line(place.url or place.episode_url)
    episode = "" if own else style.say("in {title}", title=_line(place.episode_title))
    where = [style.dim(_line(place.id)), say.translated(part_of(place)), near, style.link(episode, place.episode_url)]
    title = style.link(style.bold(_title(place.title, style)), address)
    lines = [
        f"{_day(place.date, style)}  {title}{_kind('episode', style) if own else ''}",
        style.link(style.dim(address), address),
        " · ".join(part for part in where if part),
        style.marked(_line(place.passage)),
        *(say.translated(differing(one)) for one in place.differences),
    ]
    return "\n  ".join(line for line in lines if line)


def _bar(stories: int, most: int) -> str:
    """Return a bar with a block for each story, scaled down if the longest bar would be too long."""
    return "█" * (stories if most <= _BAR else -(-stories * _BAR // most))


def _excerpt(snippet: str) -> str:
    """Return the part of a long snippet that begins shortly before its first matched word."""
    if len(snippet) <= _EXCERPT:
        return snippet
    start = max(snippet.find("**") - _EXCERPT // 4, 0)
    end = start + _EXCERPT
    if snippet[end - 1 : end + 1] == "**":  # do not cut a mark in two
        end += 1
    cut = snippet[start:end]
    if cut.count("**") % 2:  # close an open mark, or remove it if nothing follows it
        cut = cut.removesuffix("**") if cut.endswith("**") else f"{cut}**"
    return f"{'…' if start else ''}{cut}{'…' if end < len(snippet) else ''}"


def _day(date: str | None, style: Style) -> str:
    return date or style.say("undated")


def _mention(mention: Mention, style: Style, *, bold: bool = True) -> str:
    title = _title(mention.title, style)
    title = style.link(style.bold(title) if bold else title, mention.url)
    return f"{_day(mention.date, style)}  {title} · {style.dim(_line(mention.id))}{_address(mention.url, style)}"


def _nothing(
    style: Style, understood: str, suggestions: list[str], fresh: Freshness, closest: Sequence[Mention] = ()
) -> str:
    named = [f"  {_mention(one, style, bold=False)}" for one in closest]
    text = _foot(
        no_answer_line(fresh, style.say, closest=bool(closest)),
        *([style.say("closest, perhaps in other words"), *named] if closest else []),
        _understood(understood, style),
        _suggested(suggestions, style),
        _freshness(fresh, style),
    )
    return style.fitted(text)


def _understood(understood: str, style: Style) -> str:
    say = style.say
    return say("understood: {text}", text=say.translated(_line(understood))) if understood.strip() else ""


def _suggested(suggestions: list[str], style: Style) -> str:
    return style.say("try: {words}", words=", ".join(map(_line, suggestions))) if suggestions else ""


def _more(cursor: str | None, style: Style) -> str:
    return style.say("more: the same with --cursor {cursor}", cursor=_line(cursor)) if cursor else ""


def _freshness(fresh: Freshness, style: Style) -> str:
    return style.say.translated(freshness(fresh))


def _kind(kind: str | None, style: Style) -> str:
    return f" ({style.say.translated(kind)})" if kind else ""


def _title(title: str, style: Style) -> str:
    return _line(title) or style.say("(no title)")


def _address(url: str | None, style: Style) -> str:
    """Return the address as text, for terminals without links."""
    return f" · {style.link(style.dim(_line(url)), url)}" if url else ""


def _line(text: str | None) -> str:
    return clean_line(text or "")


def _foot(*lines: str) -> str:
    return "\n".join(line for line in lines if line)


def _blocks(style: Style, *blocks: str) -> str:
    stripped: Iterable[str] = (block.strip("\n") for block in blocks)
    return style.fitted("\n\n".join(block for block in stripped if block))
