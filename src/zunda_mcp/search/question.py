"""A question as it is typed: the time and the kind of posts it names become filters, and the rest is searched."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from zunda_mcp.answers import Sort
from zunda_mcp.search.filters import Filters
from zunda_mcp.search.query import Query, parse
from zunda_mcp.search.question_words import without_request
from zunda_mcp.search.searcher import Found, Searcher


def found_for(text: str, searcher: Searcher, chosen: Filters, sort: Sort, today: dt.date) -> Found:
    """What answers a question; where no filter names days, a time at its edge does (see ``time_words``), and where none
    names a kind, the question may (see ``kind_words``). What stands so in the archive is asked as it is typed.
    """
    from zunda_mcp.search.time_words import split_time

    asked = without_request(text)
    if asked != text and searcher.stands(text, in_titles=False):
        asked = text
    timed = None if chosen.since or chosen.until else split_time(asked, today)
    rest, days = _of_kind(searcher, timed.rest, chosen) if timed else (Query(), chosen)
    if timed is None or (not rest.asks_nothing and searcher.stands(text, in_titles=timed.counted)):
        return searcher.search(*_of_kind(searcher, asked, chosen), sort)
    days = replace(days, since=timed.span.since, until=timed.span.until)
    found = searcher.search(Query() if rest.asks_nothing else rest, days, sort)
    if found.items or found.near:
        found.understood.append(f'"{timed.shown}" taken as these days')
        return found
    found = searcher.search(*_of_kind(searcher, asked, chosen), sort)
    said = f"{timed.span.since} to {timed.span.until}"
    found.understood.append(f'nothing in "{timed.shown}" ({said}), so all days were searched')
    return found


def _of_kind(searcher: Searcher, text: str, chosen: Filters) -> tuple[Query, Filters]:
    """What is asked, and the filters with the kind of posts that the question names, where there are such posts, no
    filter names a kind, and the question does not stand in the archive as it is.
    """
    from zunda_mcp.search.kind_words import split_kind

    kinded = None if chosen.kind else split_kind(text)
    if kinded is None or not searcher.reader.keyed(f"kind:{kinded.kind}") or searcher.stands(text, in_titles=False):
        return parse(text), chosen
    return parse(kinded.rest), replace(chosen, kind=kinded.kind)
