"""The items of one long list in JSON, read one after the other: of hundreds of megabytes, an item is in memory."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, TextIO

__all__ = ["array_items"]

_CHUNK = 1 << 20  # characters
_MAX_ITEM = 1 << 22  # characters after which an item that does not end is broken
_BETWEEN = re.compile(r"[\s,]*")
_NEXT_ITEM = re.compile(
    r"\n\s*(?=\{)|,\s*(?=\{\s*\"(?:tweet|like|noteTweet|communityTweet|account|id|@context|type)\"\s*:)"
)
_DECODER = json.JSONDecoder()


def array_items(stream: TextIO, start: re.Pattern[str], broken: Callable[[], None]) -> Iterator[Any]:
    """Yield the items of the array that begins where ``start`` ends, which is looked for in the first mebibyte.

    ``broken`` is called for each item that is skipped since it is not JSON, for an array that does not end, and where
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
            following = _NEXT_ITEM.search(buffer, at + 1)
            while following is None and not ended:
                at = max(at, len(buffer) - 200)
                more()
                following = _NEXT_ITEM.search(buffer, at)
            if following is None:
                return
            at = following.end()
        else:
            yield item
