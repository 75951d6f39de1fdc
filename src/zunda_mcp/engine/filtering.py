"""Which documents of a generation may answer at all: those that pass the filters, but for some."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Sequence
from typing import Any

from zunda_mcp.index.reader import IndexReader
from zunda_mcp.query.filters import Filters

__all__ = ["But", "allowed"]


def allowed(reader: IndexReader, filters: Filters) -> Container[int] | None:
    """The documents that pass, or None where all do."""
    if not filters.any:
        return None
    if keys := filters.keys:
        return _holding(reader, filters, keys)
    return _Window(reader.days, *_ordinals(filters))  # what has no date is in no window


class But:
    """Documents of ``pool`` (None: all) but for some."""

    def __init__(self, pool: Container[int] | None, gone: Container[int]) -> None:
        self._pool = pool
        self._gone = gone

    def __contains__(self, document: object) -> bool:
        return document not in self._gone and (self._pool is None or document in self._pool)


class _Window:
    """The documents of some days, without a list of them."""

    def __init__(self, days: Sequence[int], first: int, last: int) -> None:
        self._days = days
        self._first = first
        self._last = last

    def __contains__(self, document: Any) -> bool:
        day: int = self._days[document]
        return self._first <= day <= self._last


def _holding(reader: IndexReader, filters: Filters, keys: Sequence[str]) -> set[int]:
    """The documents with all these keys, within the days of the filters."""
    kept = set(reader.keyed(keys[0]))
    for key in keys[1:]:
        kept &= reader.keyed(key).keys()
    if filters.since or filters.until:
        low, high = _ordinals(filters)
        days = reader.days
        kept = {document for document in kept if low <= days[document] <= high}
    return kept


def _ordinals(filters: Filters) -> tuple[int, int]:
    last = filters.until.toordinal() if filters.until else dt.date.max.toordinal()
    return filters.since.toordinal() if filters.since else dt.date.min.toordinal(), last
