"""Lines to the rows of a CSV, so that a broken row costs that row and no other.

Python's ``csv`` alone would take a forgotten quote for the beginning of everything up to the next one. Here a row also
ends where a line begins like a row of an export of posts: a number and an address.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_MOST_CHARACTERS = 200_000  # the longest post has 25,000
_FIELD = r'"[0-9][0-9.,]*(?:E\+?[0-9]+)?","https?://'
_QUOTED = re.compile(_FIELD, re.IGNORECASE)
_PLAIN = re.compile(_FIELD.replace('"', '"?'), re.IGNORECASE)


class Row(NamedTuple):
    """The fields of a row and the line it begins in, from 1; ``fields`` is ``None`` where its quotes do not close."""

    line: int
    fields: list[str] | None


def rows(lines: Iterable[str]) -> Iterator[Row]:
    """Cut lines (with their newlines) into rows. Empty lines between rows are passed over. Never raises."""
    held: list[str] = []
    began = size = 0
    opened = False
    starts = _QUOTED
    for number, line in enumerate(lines, start=1):
        if held and (not opened or starts.match(line) or size > _MOST_CHARACTERS):
            yield Row(began, None if opened and starts is _QUOTED else _fields(held))
            held, size, opened = [], 0, False
        if not held:
            if not line.strip():
                continue
            began, starts = number, _QUOTED if line.startswith('"') else _PLAIN
        held.append(line)
        size += len(line)
        opened ^= bool(line.count('"') & 1)
    if held:
        yield Row(began, None if opened and starts is _QUOTED else _fields(held))


def _fields(held: list[str]) -> list[str] | None:
    try:
        return next(csv.reader(held), [])
    except csv.Error:  # a field beyond any length
        return None
