"""Answers for a person at a terminal: compact, one block for each thing found, matched words in bold.

Pure functions from an answer to text. Everything that comes from the archive is cleaned first, so that it cannot
repaint the terminal; bold is the only sequence that leaves here, and only where a terminal wants it.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

__all__ = ["Style", "count", "episode", "find", "quote", "related", "search", "style", "timeline", "topics"]

_MARKED = re.compile(r"\*\*(.+?)\*\*")
_HEADING = re.compile(r"^#+ .*$", re.MULTILINE)
_BAR = 40
_EXCERPT = 160


@dataclass(frozen=True, slots=True)
class Style:
    """How emphasis looks: ANSI sequences where ``ansi``, else nothing for titles and ``**`` for matched words."""

    ansi: bool

    def bold(self, text: str) -> str:
        """A title."""
        return f"\x1b[1m{text}\x1b[22m" if self.ansi and text else text

    def marked(self, text: str) -> str:
        """Text in which ``**`` stands around matched words."""
        return _MARKED.sub(lambda match: self.bold(match[1]), text) if self.ansi else text


def style() -> Style:
    """The style that stdout can show. ``NO_COLOR`` (no-color.org) and a dumb terminal mean a plain one."""
    capable = os.environ.get("TERM") != "dumb" and (os.name != "nt" or bool(os.environ.get("WT_SESSION")))
    return Style(ansi=sys.stdout.isatty() and not os.environ.get("NO_COLOR") and capable)


def search(result: SearchResult, style: Style, *, whole: bool = False) -> str:
    """Hits in their order, those that are quoted in blocks and the others in lines, and how to see more; quotations in
    a few lines, or ``whole``.
    """
    from zunda_mcp.rendering.search_text import headline

    if not result.hits and not result.total_stories and not result.total_episodes:
        return _nothing(result.understood, result.suggestions, result.freshness, result.near)
    quoted = [_hit(hit, style, whole=whole) for hit in result.hits if hit.snippet]
    full = [_line_of(hit, style) for hit in result.hits if not hit.snippet and not hit.near]
    near = [_line_of(hit, style) for hit in result.hits if not hit.snippet and hit.near]
    return _blocks(
        f"{headline(result)}\n{_understood(result.understood)}",
        *quoted,
        "\n".join(full),
        "\n".join([*(["close, but only a part of it"] if near and result.total_episodes else []), *near]),
        _foot(_suggested(result.suggestions), _more(result.next_cursor), _freshness(result.freshness)),
    )


def find(answer: TextMatches, style: Style) -> str:
    """What an assistant reads, with the matches in bold."""
    from zunda_mcp.rendering.search_text import text_matches

    return style.marked(text_matches(answer, quoted=False))


def related(answer: Related, style: Style) -> str:
    """Hits near to something, nearest first."""
    head = f"{count(len(answer.hits), 'story')} near" if answer.hits else "Nothing near"
    return _blocks(
        f"{head} {_mention(answer.of, style)}",
        *(_hit(hit, style) for hit in answer.hits),
        _foot(_understood(answer.understood), _freshness(answer.freshness)),
    )


def episode(answer: EpisodeAnswer, style: Style) -> str:
    """The Markdown of an episode or a story as the server shows it, with headings in bold and the way onwards."""
    from zunda_mcp.rendering.episode_text import markdown

    text = _HEADING.sub(lambda heading: style.bold(heading[0]), markdown(answer))
    ways = (("previous", answer.previous_id), ("next", answer.next_id))
    return _blocks(
        text,
        _foot(
            _understood(answer.understood),
            " · ".join(f"{name}: zunda-mcp show {_line(way)}" for name, way in ways if way),
            _freshness(answer.freshness),
        ),
    )


def topics(answer: TopicList, style: Style) -> str:
    """Topics with their counts and days, each with an example or two."""
    from zunda_mcp.rendering.answer_text import UNDATED, among

    if not answer.total_topics:
        return _nothing(answer.understood, [], answer.freshness)
    blocks = []
    for topic in answer.topics:
        aliases = f" ({', '.join(map(_line, topic.aliases))})" if topic.aliases else ""
        counts = f"{count(topic.stories, 'story')} in {count(topic.episodes, 'episode')}{among(topic.passages)}"
        days = f"{topic.first} to {topic.last}" if topic.first else UNDATED
        head = f"{style.bold(_line(topic.name))}{aliases}: {counts}, {days}"
        blocks.append("\n".join([head, *(f"  {_mention(example)}" for example in topic.examples)]))
    return _blocks(
        f"{count(answer.total_topics, 'topic')}, {len(answer.topics)} shown\n{_understood(answer.understood)}",
        *blocks,
        _foot(_more(answer.next_cursor), _freshness(answer.freshness)),
    )


def timeline(answer: Timeline, style: Style) -> str:
    """A bar for every period, the first and last mention, and the episodes with the most stories."""
    from zunda_mcp.rendering.answer_text import among

    if not answer.total_episodes:
        return _nothing(answer.understood, answer.suggestions, answer.freshness)
    total = f"{count(answer.total_stories, 'story')} in {count(answer.total_episodes, 'episode')}"
    total += among(answer.passages) + (f", {answer.undated:,} without a date" if answer.undated else "")
    most = max((period.stories for period in answer.periods), default=0)
    bars = [
        " ".join(part for part in (f"{period.period:<8}", _bar(period.stories, most), str(period.stories)) if part)
        for period in answer.periods
    ]
    busiest = [
        f"  {_day(busy.date)}  {_line(busy.title)} · {_line(busy.id)} · "
        f"{count(busy.stories, 'story')}{_address(busy.url)}"
        for busy in answer.busiest
    ]
    return _blocks(
        f"{style.bold(_line(answer.topic))}: {total}\n{_understood(answer.understood)}",
        "\n".join(bars),
        "\n".join(
            f"{name}: {_mention(mention, style)}"
            for name, mention in (("first", answer.first), ("last", answer.last))
            if mention
        ),
        "\n".join(["busiest episodes", *busiest]) if busiest else "",
        _foot(_suggested(answer.suggestions), _freshness(answer.freshness)),
    )


def quote(answer: QuoteCheck, style: Style) -> str:
    """The verdict, then each place with its citation and what differs there."""
    from zunda_mcp.rendering.quote_text import HEADINGS

    places = "" if answer.verdict == "absent" else f": {count(answer.total, 'place')}, {len(answer.places)} shown"
    return _blocks(
        f"{style.bold(HEADINGS[answer.verdict])}{places}\n{_understood(answer.understood)}",
        *(_quoted(place, style) for place in answer.places),
        _foot(_suggested(answer.suggestions), _freshness(answer.freshness)),
    )


def count(number: int, what: str) -> str:
    """``1 story``, ``1,234 stories``."""
    plural = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{number:,} {what if number == 1 else plural}"


def _line_of(hit: Hit, style: Style) -> str:
    """A hit without a snippet."""
    kind = f" ({hit.kind})" if hit.kind else ""
    return f"{_day(hit.date)}  {style.bold(_title(hit.title))}{kind} · {_line(hit.id)}{_address(hit.url)}"


def _hit(hit: Hit, style: Style, *, whole: bool = False) -> str:
    own = hit.kind == "episode"
    where = [_line(hit.id), ", ".join(map(_line, hit.hosts)), "" if own else f"in {_line(hit.episode_title)}"]
    lines = [
        f"{_day(hit.date)}  {style.bold(_title(hit.title))}{f' ({hit.kind})' if hit.kind else ''}",
        _line(hit.url or hit.episode_url),
        " · ".join(part for part in where if part),
        style.marked(_line(hit.snippet) if whole else _excerpt(_line(hit.snippet))),
    ]
    return "\n  ".join(line for line in lines if line)


def _quoted(place: QuotePlace, style: Style) -> str:
    from zunda_mcp.rendering.quote_text import differing, part_of

    own = place.id == place.episode_id
    near = f"similarity {place.similarity:.2f}" if place.verdict == "similar" else place.verdict
    where = [_line(place.id), part_of(place), near, "" if own else f"in {_line(place.episode_title)}"]
    lines = [
        f"{_day(place.date)}  {style.bold(_title(place.title))}{' (episode)' if own else ''}",
        _line(place.url or place.episode_url),
        " · ".join(part for part in where if part),
        style.marked(_line(place.passage)),
        *map(differing, place.differences),
    ]
    return "\n  ".join(line for line in lines if line)


def _bar(stories: int, most: int) -> str:
    """A bar of one block for each story, or in proportion where the longest would be too long."""
    return "█" * (stories if most <= _BAR else -(-stories * _BAR // most))


def _excerpt(snippet: str) -> str:
    """A few lines of a snippet that has more, from shortly before the first matched word on."""
    if len(snippet) <= _EXCERPT:
        return snippet
    start = max(snippet.find("**") - _EXCERPT // 4, 0)
    end = start + _EXCERPT
    if snippet[end - 1 : end + 1] == "**":  # not through the middle of a mark
        end += 1
    cut = snippet[start:end]
    if cut.count("**") % 2:  # a mark left open is closed, or taken back where nothing follows it
        cut = cut.removesuffix("**") if cut.endswith("**") else f"{cut}**"
    return f"{'…' if start else ''}{cut}{'…' if end < len(snippet) else ''}"


def _day(date: str | None) -> str:
    return date or "undated"


def _mention(mention: Mention, style: Style | None = None) -> str:
    title = style.bold(_title(mention.title)) if style else _title(mention.title)
    return f"{_day(mention.date)}  {title} · {_line(mention.id)}{_address(mention.url)}"


def _nothing(understood: str, suggestions: list[str], fresh: Freshness, near: Sequence[Mention] = ()) -> str:
    reach = f" The archive was searched up to {fresh.newest}" + (" and does not cover this." if near else ".")
    close = ["close, but no answer", *(f"  {_mention(mention)}" for mention in near)] if near else []
    return _foot(
        f"Nothing found.{reach if fresh.newest else ''}",
        *close,
        _understood(understood),
        _suggested(suggestions),
        _freshness(fresh),
    )


def _understood(understood: str) -> str:
    return f"understood: {_line(understood)}" if understood.strip() else ""


def _suggested(suggestions: list[str]) -> str:
    return f"try: {', '.join(map(_line, suggestions))}" if suggestions else ""


def _more(cursor: str | None) -> str:
    return f"more: the same with --cursor {_line(cursor)}" if cursor else ""


def _freshness(fresh: Freshness) -> str:
    from zunda_mcp.rendering.answer_text import freshness

    return freshness(fresh)


def _title(title: str) -> str:
    return _line(title) or "(no title)"


def _address(url: str | None) -> str:
    return f" · {_line(url)}" if url else ""


def _line(text: str | None) -> str:
    from zunda_mcp.rendering.sanitize import one_line

    return one_line(text or "")


def _foot(*lines: str) -> str:
    return "\n".join(line for line in lines if line)


def _blocks(*blocks: str) -> str:
    stripped: Iterable[str] = (block.strip("\n") for block in blocks)
    return "\n\n".join(block for block in stripped if block)
