"""Lenient access to JSON and tables that others wrote: a value of the wrong type counts as missing.

``array_items`` keeps one item at a time in memory, for long lists in files of hundreds of megabytes.
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, TextIO

from zunda_mcp.text.timestamps import seconds_of

__all__ = ["array_items", "columns_of", "number", "parsed", "record", "rows", "seconds", "table_rows", "text"]

_CHUNK = 1 << 20  # characters
_MAX_ITEM = 1 << 22  # characters; a longer item that has not ended is broken
_MAX_FIELD = 1 << 24  # characters
_LONGEST = 1e9  # seconds, longer than any recording
_BETWEEN = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()


def parsed(data: str) -> Any:
    """Return the parsed JSON; ``None`` if it is invalid or nested too deeply."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def record(value: Any, *names: str) -> dict[str, Any]:
    """Return the object at a path of nested names; ``{}`` if there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def rows(value: Any, name: str = "") -> list[dict[str, Any]]:
    """Return the objects in a list, or, with ``name``, in the list that is this member of an object."""
    listed = record(value).get(name) if name else value
    return [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []


def text(value: Any, *names: str) -> str:
    """Return the first of these members of an object that is a string and not empty, unchanged; else ``""``."""
    members = (record(value).get(name) for name in names)
    return next((member for member in members if isinstance(member, str) and member), "")


def number(value: Any) -> int | None:
    """Return a whole number of up to 20 digits, given as a number or as a string; else ``None``."""
    written = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    is_number = isinstance(written, str) and written.isascii() and written.isdigit() and len(written) <= 20
    return int(written) if is_number else None


def seconds(value: object, per_second: float = 1) -> float | None:
    """Return a time in seconds: from ``00:01:02,500``, or from a number or numeric string divided by ``per_second``."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and ":" in value:
        return seconds_of(value)
    try:
        time = float(value) / per_second
    except (ValueError, OverflowError):
        return None
    return time if math.isfinite(time) and 0 <= time < _LONGEST else None


def table_rows(
    lines: Iterable[str],
    broken: Callable[[int, str], None],
    delimiter: str = ",",
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a table, from its lines with their newlines: the line each begins on, and what is in it by the
    names of the first line. ``broken`` is told where it cannot be read any further, and why.
    """
    before = csv.field_size_limit(_MAX_FIELD)
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        names = list(_plain(next(reader, [])))
        line = reader.line_num
        for fields in reader:
            pairs = zip(names, map(str.strip, fields), strict=False)
            if row := {name: value for name, value in pairs if name and value}:
                yield line + 1, row
            line = reader.line_num
    except csv.Error as error:
        cause = f"This table cannot be read from here on ({error}); the rows before were kept."
        broken(reader.line_num, cause)
    finally:
        csv.field_size_limit(before)


def columns_of(header: str, delimiter: str = ",") -> list[str]:
    """Return the column names in the first line of a table, in lower case; ``[]`` if it cannot be read."""
    with suppress(csv.Error):
        return _plain(next(csv.reader([header], delimiter=delimiter), []))
    return []


def _plain(names: Iterable[str]) -> list[str]:
    return [name.strip().strip("\ufeff").lower() for name in names]


def array_items(stream: TextIO, start: re.Pattern[str], broken: Callable[[], None]) -> Iterator[Any]:
    """Yield the items of the JSON array that begins after the match of ``start`` in the first 1,048,576 characters.

    Reading stops, and ``broken`` is called, if there is no such array, if it does not end, or if an item is not JSON.
    """
    buffer, at, ended = "", 0, False

    def more() -> None:
        nonlocal buffer, at, ended
        chunk = stream.read(_CHUNK)
        buffer, at, ended = buffer[at:] + chunk, 0, not chunk

    more()
    first = start.search(buffer)
    if first is None:
        broken()
        return
    at = first.end()
    while True:
        gap = _BETWEEN.match(buffer, at)
        at = gap.end() if gap else at
        if at >= len(buffer):
            if ended:
                broken()  # no closing bracket
                return
            more()
            continue
        if buffer[at] == "]":
            return
        try:
            item, at = _DECODER.raw_decode(buffer, at)
        except (ValueError, RecursionError):
            if not ended and len(buffer) - at < _MAX_ITEM:
                more()
                continue
            broken()
            return
        yield item
