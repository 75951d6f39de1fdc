"""The text of ``check_quote``: the verdict first, then each place with its citation and the differences."""

from __future__ import annotations

from zunda_mcp.answers import Difference, QuoteCheck, QuotePlace
from zunda_mcp.rendering.answer_lines import QUOTED, reach
from zunda_mcp.rendering.sanitize import clean_line, shorten
from zunda_mcp.results.citing import citation
from zunda_mcp.text.timestamps import timestamp

__all__ = ["HEADINGS", "differing", "part_of", "quote"]

HEADINGS = {
    "exact": "In the archive, word for word",
    "same words": "In the archive in the same words; only width, case, spaces, markup or punctuation differ",
    "similar": "NOT in the archive as quoted; something similar is",
    "absent": "NOT in the archive, nor anything similar.",
}
"""The heading of each verdict, before the number of places."""


def quote(answer: QuoteCheck, max_chars: int | None = None) -> str:
    """The verdict, as many places as fit within ``max_chars``, what to do next, and how far was searched."""
    tail = f"{clean_line(answer.next_step)}\n{reach(answer.freshness)}"
    blocks = ["\n".join(_place(at, place, answer)) for at, place in enumerate(answer.places, 1)]
    kept = len(blocks)
    while True:
        text = "\n".join([_head(answer, kept), *([QUOTED] if kept else []), *blocks[:kept]])
        if max_chars is None or len(text) + 1 + len(tail) <= max_chars:
            return f"{text}\n{tail}"
        if kept <= 1:
            tail = shorten(tail, max_chars // 2)
            return f"{shorten(text, max_chars - len(tail) - 1)}\n{tail}"
        kept -= 1


def differing(difference: Difference) -> str:
    """A difference between the quote and the archive, in words."""
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
    """The part of the episode that the quote is in; for speech also when it is said, and by whom."""
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
