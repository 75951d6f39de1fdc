"""JSON and tables that others wrote: what is missing, or of another type than it should be, counts as not there.

Of one long list in a file of hundreds of megabytes (``array_items``) an item at a time is in memory.
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
_MAX_ITEM = 1 << 22  # characters after which an item that does not end is broken
_MAX_FIELD = 1 << 24  # characters
_LONGEST = 1e9  # seconds, of any recording
_BETWEEN = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()


def parsed(data: str) -> Any:
    """Return what JSON holds; ``None`` for what is not valid or nested too deeply."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def record(value: Any, *names: str) -> dict[str, Any]:
    """Return the object that lies under these names, one in the other; ``{}`` where there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def rows(value: Any, name: str = "") -> list[dict[str, Any]]:
    """Return the objects in a list, or in the list that an object has under a name."""
    listed = record(value).get(name) if name else value
    return [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []


def text(value: Any, *names: str) -> str:
    """Return the first of an object's members that is a text and says anything, as it is."""
    members = (record(value).get(name) for name in names)
    return next((member for member in members if isinstance(member, str) and member), "")


def number(value: Any) -> int | None:
    """Return a whole number of up to 20 digits, also one that is written as text."""
    written = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    is_number = isinstance(written, str) and written.isascii() and written.isdigit() and len(written) <= 20
    return int(written) if is_number else None


def seconds(value: object, per_second: float = 1) -> float | None:
    """Return a time in seconds: a number, also one that is written as text, or ``00:01:02,500``."""
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
    """Return the names in the first line of a table, in lower case; ``[]`` where it cannot be read."""
    with suppress(csv.Error):
        return _plain(next(csv.reader([header], delimiter=delimiter), []))
    return []


def _plain(names: Iterable[str]) -> list[str]:
    return [name.strip().strip("\ufeff").lower() for name in names]


def array_items(stream: TextIO, start: re.Pattern[str], broken: Callable[[], None]) -> Iterator[Any]:
    """Yield the items of the array that begins where ``start`` ends, which is looked for in the first mebibyte.

    ``broken`` is called at an item that is not JSON, where reading ends; for an array that does not end; and where
    there is none.
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
