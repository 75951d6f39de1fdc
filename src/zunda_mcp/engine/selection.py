"""Which matches an answer lists, and in which order.

What has the title that the query names comes first. Words in the titles of many episodes name the show or a series and
do not count.

Without a limit, an answer lists every full match, as many as can be read in one go, then the best few near matches; if
there is no full match, the closest. With a limit it pages through everything ranked, ``limit`` hits a page; by date
only through full matches, or the closest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import islice
from typing import NamedTuple

from zunda_mcp.answers import MAX_LIMIT, Sort
from zunda_mcp.engine.base import Match, Matches
from zunda_mcp.engine.ranking import Ordered, Ranking, Scored
from zunda_mcp.engine.readers import DocumentReader, Numbers
from zunda_mcp.query import tuning
from zunda_mcp.query.explanation import Explanation
from zunda_mcp.query.parse import Query
from zunda_mcp.query.question import Totals
from zunda_mcp.text.normalize import normalize

__all__ = ["Ranked", "Selection", "matches_of", "most_titled", "select", "titled_first", "titled_stories", "unranked"]


class Ranked(NamedTuple):
    """The documents that match a query as ``items`` in ``order``, with scores. ``full`` are those that contain all that
    was asked; none if it is a sentence that nobody wrote.

    ``words`` are the normalised words to mark in snippets; ``expansions`` maps each other name that matched to the word
    as typed. ``closest`` are documents that do not answer and are merely close. ``named`` are the documents with a rare
    name of the query, ``apart`` those with its words, but not side by side as in the full ones, ``holders`` those among
    the first that have a word before all others do. ``windows`` are the documents listed for the meaning of their
    speech, with the number of the nearest window.
    """

    items: Sequence[Scored]
    full: Sequence[int]
    words: Sequence[str] = ()
    explanation: Explanation = Explanation()
    closest: Sequence[Scored] = ()
    expansions: Mapping[str, str] = {}
    by_meaning: bool = False
    named: frozenset[int] = frozenset()
    apart: frozenset[int] = frozenset()
    holders: frozenset[int] = frozenset()
    order: Sort = "relevance"
    windows: Mapping[int, int] = {}

    def best(self, count: int) -> Sequence[Scored]:
        """Return the first ``count`` by score, whatever the order."""
        return self.items[:count] if self.order == "relevance" else sorted(self.items, key=lambda one: -one[1])[:count]


def unranked(documents: Set[int], explanation: Explanation) -> Ranked:
    """Return documents that filters or links alone chose."""
    return Ranked([(document, 0.0) for document in documents], list(documents), explanation=explanation)


@dataclass(frozen=True, slots=True)
class Selection:
    """``items`` in the order in which they are listed, ``count`` a page; ``full`` are the documents that contain all
    that was asked. ``sure``: the first surely answers.
    """

    items: Sequence[Scored]
    count: int
    full: frozenset[int]
    sure: bool


def select(ranked: Ranked, limit: int | None) -> Selection:
    """Return what is listed of ``ranked``: ``limit`` hits a page, or as many as an answer needs."""
    full, items = frozenset(ranked.full), ranked.items
    best = () if full else ranked.best(tuning.CLOSEST)
    is_open = ranked.explanation.open
    sure = (len(full) == 1 and not is_open) or _is_far_ahead(best)
    if limit is not None and (full or ranked.order == "relevance"):
        return Selection(items, limit, full, sure)
    if not full:
        closest = _closest(ranked, best[: 1 + tuning.BESIDE_SURE] if sure else best)
        if ranked.order != "relevance":
            numbers = {number for number, _ in closest}
            closest = [item for item in items if item[0] in numbers]
        return Selection(closest, limit or len(closest), full, sure)
    listed = [item for item in items if item[0] in full] if len(items) > len(full) else items
    if len(full) > MAX_LIMIT:
        together = min(ranked.explanation.together, MAX_LIMIT)
        count = max(together, tuning.FIRST_TOGETHER) if together else tuning.FIRST_OF_MANY
        return Selection(listed, count, full, sure)
    beside = tuning.BESIDE_SURE if sure else tuning.BESIDE_FULL
    near = _near(ranked, full, tuning.CLOSEST if is_open else beside)
    return Selection([*listed, *near], len(full) + len(near), full, sure)


def matches_of(
    ranked: Ranked,
    selection: Selection,
    offset: int,
    totals: Totals,
    documents: Callable[[Iterable[Scored]], Iterable[tuple[int, Match]]],
) -> Matches:
    """Return the page of a selection that begins at ``offset``. ``documents`` yields matches for document numbers.
    ``totals`` also counts the full matches that are too many to be ranked.
    """
    full, explanation = selection.full, ranked.explanation
    page = documents(selection.items[offset : offset + selection.count])
    more = totals.full - len(full)
    return Matches(
        page=tuple(one if number in full else one.as_near(ranked.windows.get(number)) for number, one in page),
        total=len(selection.items) + more,
        totals=totals,
        sure=selection.sure and not more,
        order=ranked.order,
        explanation=replace(explanation, full=explanation.full + more) if more else explanation,
        closest=tuple(one for _, one in documents(ranked.closest)),
        words=tuple(ranked.words),
        expansions=ranked.expansions,
        by_meaning=ranked.by_meaning,
    )


def _closest(ranked: Ranked, best: Sequence[Scored]) -> list[Scored]:
    """The best, without those that are far below and have nothing more, and after them the others that contain a name
    of the query, unless the best of all contains it and is far ahead.
    """
    best = [item for item in best if item[1] >= tuning.CLOSEST_SHARE * best[0][1] or item[0] in ranked.holders]
    alone = _is_far_ahead(ranked.best(2)) and best[0][0] in ranked.named
    named = frozenset() if alone else ranked.named.difference(number for number, _ in best)
    return [*best, *(item for item in ranked.items if item[0] in named)]


def _near(ranked: Ranked, full: frozenset[int], count: int) -> list[Scored]:
    """The best near matches, if they are nearly as good as the best of all (this does not apply to a sentence that only
    speech has whole): first those that contain every word, or every name.
    """
    least = 0.0 if ranked.explanation.open else ranked.items[0][1] / tuning.SURE_RATIO
    rest = [item for item in ranked.items[: tuning.MAX_WITH_FULL] if item[0] not in full]
    ahead = [item for of in (ranked.apart, ranked.named) for item in rest if item[0] in of]
    near = (item for item in rest if item not in ahead and item[1] > least)
    return list(islice(dict.fromkeys((*ahead, *near)), count))


def _is_far_ahead(best: Sequence[Scored]) -> bool:
    """Whether nothing comes close to the first."""
    return len(best) > 1 and best[0][1] >= tuning.SURE_RATIO * best[1][1] > 0


# --- titles of episodes


def most_titled(episodes: int) -> int:
    """Return in how many titles of ``episodes`` a phrase may occur and still distinguish some of them."""
    return min(tuning.MAX_TITLED, max(1, int(tuning.MAX_TITLED_SHARE * episodes)))


def titled_stories(reader: DocumentReader, typed: Query, ranking: Ranking) -> frozenset[int]:
    """Return the first stories of a ranking whose title is the query as it was ``typed``."""
    if " " not in typed.text and len(typed.text) < tuning.MIN_TITLE:
        return frozenset()  # a name: ranking puts stories with this title first anyway
    whole, own = _letters(typed.text), set()
    for document, _ in ranking[: tuning.TITLES_LOOKED_AT]:
        title = reader.plain(document).partition(b"\n")[0].decode("utf-8", "surrogatepass")
        if _letters(title) == whole:
            own.add(document)
    return frozenset(own)


def _letters(text: str) -> str:
    """The letters and digits of a title, normalised for comparison."""
    return "".join(filter(str.isalnum, normalize(text)))


def titled_first(
    owners: Numbers, ranking: Ranking, episodes: Sequence[Scored], titled: Sequence[Scored], own: Set[int]
) -> tuple[Ranking, list[Scored], list[Scored]]:
    """Return what matches with the stories (``own``) first whose title was typed, then the episodes with that title: as
    their stories that match, or as themselves. ``owners`` maps each document to the notes document of its episode.
    """
    full = set(ranking.holding_all)
    first = {document for document, _ in titled}
    shown = {owners[document] for document in full} & first
    ordered = sorted(ranking, key=lambda item: (item[0] not in own, not (item[0] in full and owners[item[0]] in first)))
    rest = [item for item in episodes if item[0] not in first]
    return Ordered(ordered, ranking.holding_all), rest, [item for item in titled if item[0] not in shown]
