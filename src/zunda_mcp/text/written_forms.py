"""Patterns that match a word in normalised text in each form in which it may be written."""

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
    """A pattern for a word in any spelling, with any spaces, hyphens and dots between its parts, or none."""
    return re.compile(_pattern(word))


@lru_cache(maxsize=512)
def any_form(words: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern for any of ``words``, English ones in singular and plural.

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
    """The parts of a word, with what may be between them. The look-behind comes after the first part: a pattern that
    begins with a letter searches texts eighty times as fast.
    """
    joints = _JOINT if word.isascii() else _JOINT_OR_CHANGE
    first, *others = [re.escape(part) for part in joints.split(word) if part] or [""]
    left = f"(?<![0-9a-z]{first})" if word[:1].isascii() and word[:1].isalnum() else ""
    return _FREE.join([first + left, *others])
