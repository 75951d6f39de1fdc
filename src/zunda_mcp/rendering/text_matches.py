"""The text of ``find_text``: how many, when, what was looked through, then a line for each story or episode."""

from __future__ import annotations

from zunda_mcp.answers import TextMatches
from zunda_mcp.rendering import answer_text
from zunda_mcp.rendering.sanitize import one_line, shorten
from zunda_mcp.results.text_lines import line_of

__all__ = ["text_matches"]

_MOST_COUNTS = 40
_COUNTS_ROOM = 400


def text_matches(answer: TextMatches, max_chars: int | None = None, *, quoted: bool = True) -> str:
    """The header, a line a hit, and how to go on; within ``max_chars``. ``quoted`` says that the lines are data."""
    head = [_head(answer), _counts(answer), answer_text.QUOTED if answer.hits and quoted else ""]
    lines = [f"- {one_line(line_of(hit))}" for hit in answer.hits]
    more = answer.total_stories - len(answer.hits)
    tail = []
    if answer.next_cursor:
        tail.append(f'{len(answer.hits):,} of {answer.total_stories:,} shown; more: cursor="{answer.next_cursor}"')
    elif more and answer.hits:
        tail.append("End of the list.")
    tail.append(answer_text.freshness(answer.freshness))
    text = "\n".join(line for line in [*head, *lines] if line)
    end = "\n".join(tail)
    if max_chars is None or len(text) + 1 + len(end) <= max_chars:
        return f"{text}\n{end}"
    end = shorten(end, max_chars // 2)
    return f"{shorten(text, max_chars - len(end) - 1)}\n{end}"


def _head(answer: TextMatches) -> str:
    understood = shorten(one_line(answer.understood), 500)
    if not answer.total_matches:
        return f"No match. {understood}"
    stories = f"{answer.total_episodes:,} {'episode' if answer.total_episodes == 1 else 'episodes'}"
    if answer.total_stories > answer.total_episodes or any(hit.id != hit.episode_id for hit in answer.hits):
        story = "story" if answer.total_stories == 1 else "stories"
        stories = f"{answer.total_stories:,} {story} in {stories}"
    matches = f"{answer.total_matches:,} {'match' if answer.total_matches == 1 else 'matches'}"
    span = f", {answer.first} to {answer.last}" if answer.first != answer.last else f", {answer.first or 'undated'}"
    return f"{matches} in {stories}{span}. {understood}"


def _counts(answer: TextMatches) -> str:
    if len(answer.counts) < 2:
        return ""
    counted = [f"{one_line(one.name)} {one.stories}" for one in answer.counts[:_MOST_COUNTS]]
    left = len(answer.counts) - len(counted)
    return shorten(f"By {answer.by}: {', '.join(counted)}{f' and {left} more' if left else ''}", _COUNTS_ROOM)
