"""The data files of an X archive: JSON behind ``window.YTD.tweets.part0 =``, read item by item and never run.

A file of 200,000 posts has hundreds of megabytes; no more of it than an item and a chunk is in memory.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, TextIO

_CHUNK = 1 << 20
_LONGEST_ITEM = 1 << 22
_BETWEEN = re.compile(r"[\s,]*")
_NEXT_ITEM = re.compile(r"\n\s*(?=\{)|,\s*(?=\{\s*\"(?:tweet|like|noteTweet|communityTweet|account)\"\s*:)")
_DECODER = json.JSONDecoder()


def value(text: str) -> Any:
    """Return the JSON of a small file: all that follows the first ``=``. Raises ``ValueError``."""
    _, sign, rest = text.partition("=")
    try:
        return json.loads((rest if sign else text).strip().rstrip(";"))
    except RecursionError as error:
        msg = "nested too deeply"
        raise ValueError(msg) from error


def items(stream: TextIO, broken: Callable[[], None]) -> Iterator[Any]:
    """Yield the items of the array behind the first ``=``. ``broken`` is told of each that is no JSON and passed over,
    and of an end that comes too early.
    """
    held, at, ended = "", 0, False

    def more() -> None:
        nonlocal held, at, ended
        chunk = stream.read(_CHUNK)
        held, at, ended = held[at:] + chunk, 0, not chunk

    more()
    start = re.compile(r"\s*(?:[\w$.\[\]\"']+\s*=\s*)?\[").match(held)
    if start is None:
        broken()
        return
    at = start.end()
    while True:
        found = _BETWEEN.match(held, at)
        at = found.end() if found else at
        if at >= len(held):
            if ended:
                broken()  # no closing bracket
                return
            more()
            continue
        if held[at] == "]":
            return
        try:
            item, at = _DECODER.raw_decode(held, at)
        except (ValueError, RecursionError):
            if not ended and len(held) - at < _LONGEST_ITEM:
                more()
                continue
            broken()
            following = _NEXT_ITEM.search(held, at + 1)
            while following is None and not ended:
                at = max(at, len(held) - 200)
                more()
                following = _NEXT_ITEM.search(held, at)
            if following is None:
                return
            at = following.end()
        else:
            yield item
