"""A word in the ways in which it may be written, as a pattern over normalised text."""

from __future__ import annotations

import re
from functools import lru_cache

from zunda_mcp.text.inflection import other_number
from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.normalize import CJK, LETTER, other_spellings

__all__ = ["any_form", "written_form"]

_JOINT = re.compile(r"[\s\-./_]+")
_JOINT_OR_CHANGE = lazy_pattern(rf"{_JOINT.pattern}|(?<=[{CJK}])(?={LETTER})|(?<={LETTER})(?=[{CJK}])")
_FREE = r"[\s\-./_]{0,3}"


@lru_cache(maxsize=512)
def written_form(word: str) -> re.Pattern[str]:
    """A word as it may be written, Japanese in any spelling; spaces, hyphens and dots between Latin parts are free."""
    return re.compile(_pattern(word))


@lru_cache(maxsize=512)
def any_form(words: tuple[str, ...]) -> re.Pattern[str]:
    """Any of some words, English ones in either number as well.

    >>> form = any_form(("claude code", "ladder"))
    >>> [bool(form.search(text)) for text in ("ask claude-code", "two ladders", "a claude coder")]
    [True, True, False]
    """
    forms = dict.fromkeys(form for word in words for form in (word, *other_number(word)))
    return re.compile("|".join(map(_pattern, forms)))


def _pattern(word: str) -> str:
    right = r"(?![0-9a-z])" if word[-1:].isascii() and word[-1:].isalnum() else ""
    return "|".join(_spelled(spelling) + right for spelling in (word, *other_spellings(word)))


def _spelled(word: str) -> str:
    """The parts of a word with what may stand between them. What must not stand before it is looked at last: where a
    pattern begins with a letter, texts are searched eighty times as fast.
    """
    joints = _JOINT if word.isascii() else _JOINT_OR_CHANGE
    first, *others = [re.escape(part) for part in joints.split(word) if part] or [""]
    left = f"(?<![0-9a-z]{first})" if word[:1].isascii() and word[:1].isalnum() else ""
    return _FREE.join([first + left, *others])
