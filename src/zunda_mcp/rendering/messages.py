"""Sentences in the reader's language: English, or Japanese (the tables in ``japanese/``).

An English sentence is the key of its Japanese one, with the same names in braces. Texts made elsewhere, such as errors
and how a question was understood, are English for models and programs; for a person, ``Messages.translated`` finds
their sentences in the table, and keeps what they quote.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from zunda_mcp.config.files import read_regular

__all__ = ["ENGLISH", "Messages", "count", "table"]

_NAME = re.compile(r"\{(\w+)\}")
_KINDS = {
    r"[\d,.]+": "code column line most number pieces seconds total",
    r"[\d,]+ [a-z]+(?: \([^)]*\))?": "episodes files matches pages places problems servers stories tools",
    r"\S+": "day end first last",
    r"\S*?": "kind name near typed",
    r"[^;]*?": "host how id link rest word words",
}
"""What each name in braces may match; any other name matches anything within a sentence."""
_ANYTHING = r"(?:(?!\. [A-Z]).)*?"
_VALUES = {name: pattern for pattern, names in _KINDS.items() for name in names.split()}
_LARGEST = 1 << 20
"""Most bytes of a table."""
_COUNT = re.compile(r"([\d,]+) ([a-z ]+)")
_SENTENCES = re.compile(r"(?<=[.:?]) (?=[A-Z])")


class Messages:
    """Sentences in one language."""

    def __init__(self, *, japanese: bool = False) -> None:
        self.japanese = japanese

    def __call__(self, english: str, **values: object) -> str:
        """The sentence in this language, with values for its names in braces."""
        sentence = table("sentences")[english] if self.japanese else english
        return sentence.format(**values) if values else sentence

    def count(self, number: int, what: str) -> str:
        """``1 story``, ``1,234 stories``, ``記事 1,234 本``."""
        if self.japanese:
            return table("counted")[what].format(f"{number:,}")
        return f"{number:,} {what if number == 1 else _plural(what)}"

    def translated(self, english: str) -> str:
        """The translation of an English text: as a whole, by clauses or by sentences. What the table lacks
        stays English.
        """
        if not self.japanese:
            return english
        if (whole := _in_japanese(english)) is not None:
            return whole
        clauses = [_in_japanese(clause) or clause for clause in english.split("; ")]
        return " ".join(_in_japanese(one) or one for one in _SENTENCES.split("; ".join(clauses)))


ENGLISH = Messages()
count = ENGLISH.count
"""``1 story``, ``1,234 stories``: for texts that are always English."""


def _plural(what: str) -> str:
    return f"{what[:-1]}ies" if what.endswith("y") else f"{what}{'es' if what.endswith('ch') else 's'}"


@cache
def table(name: str) -> Mapping[str, str]:
    """A table from English to Japanese: ``sentences``, or ``counted``, the words for numbers of things."""
    import tomllib  # start-up: only for those who read Japanese

    files = sorted((Path(__file__).parent / "japanese").glob("*.toml"))
    tables: list[dict[str, Any]] = [tomllib.loads(read_regular(file, _LARGEST).decode()) for file in files]
    return {english: japanese for table in tables for english, japanese in table.get(name, {}).items()}


def _in_japanese(english: str) -> str | None:
    """A sentence in Japanese, with the sentences inside its values; None if the table lacks it."""
    if (match := _COUNT.fullmatch(english)) and (what := _counted().get(match[2])):
        return table("counted")[what].format(match[1])
    if (same := table("sentences").get(english)) is not None:
        return same
    for parts, japanese in _patterns():
        if all(part in english for part in parts[::2]) and (match := _pattern(parts).fullmatch(english)):
            named = match.groupdict().items()  # a single word is a name, even if the table has it
            return japanese.format(**{name: (" " in value and _in_japanese(value)) or value for name, value in named})
    return None


@cache
def _counted() -> Mapping[str, str]:
    return {form: what for what in table("counted") for form in (what, _plural(what))}


@cache
def _patterns() -> list[tuple[tuple[str, ...], str]]:
    """The sentences with names in braces, split at these, with their Japanese; those with the most other text first."""
    pieces = [(tuple(_NAME.split(english)), japanese) for english, japanese in table("sentences").items()]
    named = [(parts, japanese) for parts, japanese in pieces if len(parts) > 1]
    return sorted(named, key=lambda pair: -sum(map(len, pair[0][::2])))


@cache
def _pattern(parts: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern for a sentence; a name that occurs twice must match the same text both times."""
    regex, seen = "", set[str]()
    for at, part in enumerate(parts):
        if not at % 2:
            regex += re.escape(part)
        else:
            regex += f"(?P={part})" if part in seen else f"(?P<{part}>{_VALUES.get(part, _ANYTHING)})"
            seen.add(part)
    return re.compile(regex, re.DOTALL)
