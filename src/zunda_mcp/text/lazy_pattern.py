"""Regular expressions that are compiled when they are first used.

A class of Japanese characters takes a millisecond to compile, and there are fifty of them: a fifth of the time that a
server takes to its first answer, which needs a few of them.

Of the import of all that a first answer needs, 0.20 s of processor time, 0.05 s went into patterns (Python 3.11).
"""

from __future__ import annotations

import re
from typing import Any, cast

__all__ = ["lazy_pattern"]

_METHODS = ("findall", "finditer", "fullmatch", "match", "search", "split", "sub")


class _LazyPattern:
    """Has the methods of a pattern as attributes of its own once it is compiled, so that no call takes longer."""

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
    """As ``re.compile``, for the methods that search, split and replace; a mistake in ``source`` shows in use.

    >>> lazy_pattern("[一-龥]+").findall("生成AIと検索")
    ['生成', '検索']
    """
    return cast("re.Pattern[str]", _LazyPattern(source, flags))  # has the methods of a pattern that are used
