"""Regular expressions that are compiled when they are first used.

A class of Japanese characters takes a millisecond to compile. There are fifty of them, and a server's first answer
needs only a few.

Of the 0.20 s of processor time for all imports of a first answer, compiling every pattern took 0.05 s (Python 3.11).
"""

from __future__ import annotations

import re
from typing import Any, cast

__all__ = ["lazy_pattern"]

_METHODS = ("findall", "finditer", "fullmatch", "match", "search", "split", "sub")


class _LazyPattern:
    """Compiles its pattern on first use, and keeps its methods as attributes, so that later calls are direct."""

    def __init__(self, source: str, flags: int) -> None:
        self._source = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS:
            raise AttributeError(name)
        compiled = re.compile(self._source, self._flags)
        vars(self).update({method: getattr(compiled, method) for method in _METHODS})
        return getattr(compiled, name)


def lazy_pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    """As ``re.compile``, for the methods that search, split and replace; a mistake in ``source`` raises on first use.

    >>> lazy_pattern("[一-龥]+").findall("生成AIと検索")
    ['生成', '検索']
    """
    return cast("re.Pattern[str]", _LazyPattern(source, flags))  # it has those methods of a pattern that are used
