"""The text of ``find_text``: how many matches there are and how they are distributed, then a line for each story."""

from __future__ import annotations

from collections.abc import Sequence

from zunda_mcp.answers import TextCount, TextMatches
from zunda_mcp.rendering.answer_lines import fitted, quoted_line, reach
from zunda_mcp.rendering.messages import ENGLISH, Messages
from zunda_mcp.rendering.sanitize import clean_line, shorten

__all__ = ["matches", "matches_head"]

_MOST_COUNTS = 40
_COUNTS_ROOM = 400


def matches(answer: TextMatches, max_chars: int | None = None) -> str:
    """The text of ``find_text`` in at most ``max_chars`` characters: header, a line for each hit, and how to go on."""
    from zunda_mcp.results.text_lines import lines_of  # start-up

    lines = [f"- {clean_line(line)}" for line in lines_of(answer.hits, among=answer.total_stories)]
    head = [*matches_head(answer), quoted_line(lines) if lines else ""]
    more = answer.total_stories - len(answer.hits)
    tail = []
    if answer.next_cursor:
        episodes = len({hit.episode_id for hit in answer.hits})
        all_of_them = f", of all {episodes:,} episodes" if 1 < episodes == answer.total_episodes else ""
        shown = f"{len(answer.hits):,} of {answer.total_stories:,} shown{all_of_them}"
        tail.append(f'{shown}; more: cursor="{answer.next_cursor}"')
    elif more and answer.hits:
        tail.append("End of the list.")
    return fitted(lambda _: ([*head, *lines], [*tail, reach(answer.freshness)]), max_chars)


def matches_head(answer: TextMatches, say: Messages = ENGLISH) -> list[str]:
    """How many matches there are, in how many episodes, from when to when; and how they are distributed."""
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
