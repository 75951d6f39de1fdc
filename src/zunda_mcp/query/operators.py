"""Operators in words: Gemini but not Google, Google以外のGemini, Cursor or Windsurf.

They become the signs that ``zunda_mcp.query.parse`` reads. Exclusions and alternatives must be names, or be at the very
end: elsewhere *not* and *or* are ordinary words. The caller keeps a question as typed if the archive contains exactly
that text.
"""

from __future__ import annotations

import re

from zunda_mcp.query.stop_words import STOP_WORDS
from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.normalize import KATAKANA

__all__ = ["with_operators"]

_LONGEST = 300
_SAYS = lazy_pattern(
    r" (?:not|excluding|except|other than|apart from|aside from|ohne|außer|excepto|salvo|sauf|or|oder|ou|o|または|或者"
    r"|vs\.?|versus) |以外|を除",
    re.IGNORECASE,
)
_NAME = r"(?=[a-z.+'-]{0,12}[A-Z0-9])[A-Za-z0-9][A-Za-z0-9.+#'-]{0,40}(?: [A-Z0-9][A-Za-z0-9.+#'-]{0,40}){0,2}"
_END = r"[\s?？!.。]*$"
_BUT_NOT = lazy_pattern(
    rf"[\s,]+(?:(?:but|and) not|excluding|NOT)(?: about| on)? (?P<name>[^\s\"-][^\s\"]*|{_NAME}){_END}"
)
_EXCEPT = lazy_pattern(
    rf"[\s,]+(?:except(?: for)?|other than|apart from|aside from|ohne|außer|excepto|salvo|sauf)(?: about| on)? "
    rf"(?P<name>{_NAME}){_END}"
)
_OTHER_THAN = lazy_pattern(
    rf"^(?P<name>[A-Za-z0-9{KATAKANA}][\w.+#・-]*?(?: [A-Z0-9][\w.-]*?)?)(?:以外|を除[くいた]{{1,2}})の?(?P<rest>\S.*)$"
)
_ALTERNATIVES = lazy_pattern(
    rf"(?<![\w\"])(?P<names>{_NAME}(?:, {_NAME})*,? (?:or|oder|ou|o|または|或者) {_NAME})(?![\w\"])"
)
_EITHER = lazy_pattern(r",? (?:or|oder|ou|o|または|或者) |, ")
_TWO_WORDS = lazy_pattern(rf"^(?P<first>[a-z][\w.+-]*) or (?P<second>[a-z][\w.+-]*){_END}")

_VERSUS = lazy_pattern(rf"(?P<name>{_NAME}|^[a-z][\w.+-]*) (?:vs\.?|versus) (?!code\b)(?={_NAME}|[a-z][\w.+-]*{_END})")


def with_operators(text: str) -> str:
    """``text`` with signs in place of its operators in words; unchanged if it has none. Never raises."""
    if len(text) > _LONGEST or '"' in text or not _SAYS.search(text):
        return text
    for pattern in (_BUT_NOT, _EXCEPT):
        if (match := pattern.search(text)) and match.start() and match["name"] not in STOP_WORDS["en"]:
            return f"{with_operators(text[: match.start()])} {_left_out(match['name'])}"
    if match := _OTHER_THAN.match(text):
        return f"{match['rest']} {_left_out(match['name'])}"
    if match := _TWO_WORDS.match(text):
        return f"({match['first']} OR {match['second']})"
    return _ALTERNATIVES.sub(_grouped, _VERSUS.sub(r"\g<name> ", text))


def _left_out(name: str) -> str:
    name = name.strip(" .,?？!。")
    return f'-"{name}"' if " " in name else f"-{name}"


def _grouped(match: re.Match[str]) -> str:
    """The alternatives in parentheses, after a word that begins a question: Did OpenAI or Anthropic …"""
    names = match["names"]
    first, space, rest = names.partition(" ")
    asks = not match.start() and space and first.lower() in STOP_WORDS["en"] and not _EITHER.match(f" {rest}")
    before, names = (f"{first} ", rest) if asks else ("", names)
    return f"{before}({' OR '.join(_EITHER.split(names))})"
