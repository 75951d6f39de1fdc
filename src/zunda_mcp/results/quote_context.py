"""How a checked quote appears in the archive: its sentence, what differs, and how to cite it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from zunda_mcp.answers import Difference, Freshness, QuoteCheck, QuotePlace
from zunda_mcp.models import PASSAGE
from zunda_mcp.query.identifiers import Target
from zunda_mcp.results.citing import opened_at
from zunda_mcp.results.page import title_of
from zunda_mcp.results.quotes import Occurrence, Quotation, QuoteChecker
from zunda_mcp.results.sizing import bound, json_size, tightened
from zunda_mcp.results.wording import Wording, changes, phrases

__all__ = ["check_quote"]

_MOST_PLACES = 5
"""The most places that are shown."""

_SIZES = (4200, 1200, 600, 300, 160, 80)
_AROUND = 160
_GAP = 240
_MOST_CHANGES = 8
_CHANGE = 120
_SENTENCE = "。．！？!?\n"
_LONGEST_QUERY = 100
"""Characters of a quote that the suggested search has: a sentence, so that meaning finds it in other words, too."""


def check_quote(
    checker: QuoteChecker, quotation: Quotation, target: Target | None, fresh: Freshness, max_chars: int
) -> QuoteCheck:
    """Check whether a quote stands in the archive, or in what ``target`` names, and where; the answer has at most
    ``max_chars`` characters.

    Raises ``ArgumentError`` if there is no room for the quote.
    """
    understood, within = [quotation.understood()], None
    if target is not None:
        entry = target.episode
        places = (f"{entry.id}#{place}" for place in range(1, entry.stories + 1))
        within = [target.story] if target.story else [entry.id, *places]
        understood.append(f"only in {target.understood}")
    checked = checker.check(quotation, within)
    first = checked.occurrences[0] if checked.occurrences else None
    words = [] if first else checker.rarest_words(quotation)
    if first is None:
        understood.append("looked for in all that is written and, where there are transcripts, spoken")
    if checked.more:
        understood.append("there may be more places: only the likeliest texts were read")
    elif first is None and quotation.short:
        understood.append("too short to look for anything like it")
    answer = QuoteCheck(
        verdict=first.sameness if first else "absent",
        total=len(checked.occurrences),
        places=[],
        next_step=_next_step(first) if first else _search_for(quotation),
        understood="; ".join(understood),
        suggestions=words,
        freshness=fresh,
    )
    answer = tightened(answer, max_chars // 2 if first else max_chars)
    shown = _make_places(quotation, checked.occurrences, max_chars - json_size(answer))
    return bound(answer.model_copy(update={"places": shown}), max_chars)


def _make_places(quotation: Quotation, occurrences: Sequence[Occurrence], budget: int) -> list[QuotePlace]:
    """The first places, at least one, in at most ``budget`` characters of compact JSON where that is possible.

    Passages are shortened first, those after the first place more, then places are left out.
    """
    shown = occurrences[:_MOST_PLACES]
    places: list[QuotePlace] = []
    for first, rest in zip(_SIZES, (*_SIZES[1:], _SIZES[-1]), strict=True):
        sizes = [first if not i else rest for i in range(len(shown))]
        places = [_place(quotation, one, size) for one, size in zip(shown, sizes, strict=True)]
        if _length(places) <= budget:
            return places
    while len(places) > 1 and _length(places) > budget:
        places.pop()
    return [tightened(place, budget) for place in places] if len(places) == 1 else places


def _next_step(first: Occurrence) -> str:
    """Return a sentence on what to do with a quote that is there in part or differently."""
    if first.sameness != "similar":
        what = "it" if first.sameness == "exact" else "the archive's own wording"
        part = " It is part of a longer sentence: see that the whole says the same." if _is_part(first) else ""
        return f"Quote {what} with its date, title and URL.{part}"
    read = f'get_episode(id="{first.document.id}")'
    return f"Do not quote it as it stands: take the archive's own wording, or call {read} to read on."


def _search_for(quotation: Quotation) -> str:
    """Return the search to suggest for a quote that is not there, in its words or others."""
    query = " ".join(quotation.text.replace('"', " ").split())[:_LONGEST_QUERY]
    return f'Do not quote it. Call search_episodes(query="{query}") for what the archive says.'


def _length(places: Sequence[QuotePlace]) -> int:
    return sum(json_size(place) + 1 for place in places)


def _place(quotation: Quotation, occurrence: Occurrence, size: int) -> QuotePlace:
    entry, story = occurrence.document.entry, occurrence.document.story
    spans = occurrence.spans
    differences: list[tuple[str, str]] = []
    moment = occurrence.moment
    url, recording = opened_at(story.url if story else None, entry, moment.second if moment else None)
    if occurrence.sameness == "similar":
        whole = phrases(occurrence.wording)
        spans = tuple(_grown(span, whole) for span in spans)
        differences = _changes(quotation, occurrence.wording, spans)
    return QuotePlace(
        id=story.id if story else entry.id,
        episode_id=entry.id,
        date=entry.date or None,
        title=title_of(story) if story and story.kind != PASSAGE else entry.title,
        url=url,
        episode_title=entry.title,
        episode_url=entry.page_url,
        where=occurrence.where,
        speaker=moment.speaker if moment else None,
        start=moment.second if moment else None,
        listen_url=recording,
        verdict=occurrence.sameness,
        similarity=round(occurrence.similarity, 2),
        passage=_passage(occurrence, spans, size),
        differences=[
            Difference(quoted=_shorter(mine, min(_CHANGE, size)), archived=_shorter(theirs, min(_CHANGE, size)))
            for mine, theirs in differences
        ],
    )


def _changes(quotation: Quotation, archive: Wording, spans: Sequence[tuple[int, int]]) -> list[tuple[str, str]]:
    """Return the differences, piece by piece if each piece has something near it."""
    if len(spans) != len(quotation.wordings):
        return changes(quotation.wording, archive, spans[0][0], spans[-1][1], _MOST_CHANGES)
    pairs = zip(quotation.wordings, spans, strict=True)
    return [change for piece, span in pairs for change in changes(piece, archive, *span, _MOST_CHANGES)][:_MOST_CHANGES]


def _grown(span: tuple[int, int], whole: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Extend a span to whole phrases at both ends."""
    touched = [(start, end) for start, end in whole if start < span[1] and end > span[0]]
    return (min(span[0], touched[0][0]), max(span[1], touched[-1][1])) if touched else span


def _passage(occurrence: Occurrence, spans: Sequence[tuple[int, int]], size: int) -> str:
    """The sentences around the spans in at most about ``size`` characters, the spans in bold."""
    text, places = occurrence.wording.text, occurrence.wording.places
    marked = [(places[start], places[end - 1] + 1) for start, end in spans]
    around = min(_AROUND, size // 4)
    left = _back(text, marked[0][0], around)
    right = _on(text, marked[-1][1], around)
    gaps = [text[end:start] for (_, end), (start, _) in pairwise(marked)]
    room = max(40, (size - 2 * around - sum(min(len(gap), _GAP) for gap in gaps)) // len(marked))
    out = ["…" if left and text[left - 1] not in _SENTENCE else "", text[left : marked[0][0]]]
    for (start, end), gap in zip(marked, [*gaps, ""], strict=True):
        out += ["**", _middle_out(text[start:end], room), "**", _middle_out(gap, min(_GAP, room))]
    out += [text[marked[-1][1] : right], "…" if right < len(text) and text[right - 1] not in _SENTENCE else ""]
    return " ".join("".join(out).split())


def _is_part(occurrence: Occurrence) -> bool:
    """Whether the quote is only a part of its sentence: 「有効である」 of 「有効であるとは言えない。」"""
    text, places = occurrence.wording.text, occurrence.wording.places
    start, end = places[occurrence.spans[0][0]], places[occurrence.spans[-1][1] - 1] + 1
    around = text[_back(text, start, _AROUND) : start] + text[end : _on(text, end, _AROUND)]
    return any(letter.isalnum() for letter in around)


def _back(text: str, at: int, most: int) -> int:
    """Where the sentence begins that holds ``at``, or the furthest that is shown."""
    for i in range(at, max(0, at - most), -1):
        if text[i - 1] in _SENTENCE:
            return i
    return max(0, at - most)


def _on(text: str, at: int, most: int) -> int:
    """Where the sentence ends that ends at ``at`` or holds it."""
    if text[at - 1] in _SENTENCE:
        return at
    for i in range(at, min(len(text), at + most)):
        if text[i] in _SENTENCE:
            return i + 1
    return min(len(text), at + most)


def _middle_out(text: str, size: int) -> str:
    """Shorten a text to ``size`` characters by cutting out its middle."""
    half = size // 2
    return text if len(text) <= size else f"{text[:half]} … {text[len(text) - half :]}"


def _shorter(text: str, size: int) -> str:
    return text if len(text) <= size else f"{text[: size - 1]}…"
