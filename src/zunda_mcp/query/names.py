"""Names of several words: a row of Latin words is one name if the archive has them side by side, or if all were typed
with capitals.

The parts of a name are not what it names: a story on AI at scale says nothing about Scale AI.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Sized
from dataclasses import replace
from itertools import pairwise
from typing import Protocol

from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import DICTIONARY, SOUND, TYPO, Clause, Dictionary, PostingList
from zunda_mcp.query.parse import Query, Word
from zunda_mcp.query.word_kinds import COMMON, GRAMMAR, is_own
from zunda_mcp.text.frequencies import lexicon
from zunda_mcp.text.inflection import singular
from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.normalize import KATAKANA, has_cjk, normalize

__all__ = [
    "Adjacency",
    "expand_names",
    "has_capitals",
    "in_every_spelling",
    "is_guessed",
    "is_guessed_rightly",
    "is_loose",
    "is_number",
    "is_one_name",
    "is_seldom_used",
    "is_written_as_name",
    "names_nothing",
    "names_of_several_words",
    "nearly_beside",
    "numbered_names",
    "unwritten_name",
    "with_neighbours",
]

_NUMBER = lazy_pattern(r"\d+(?:\.\d+)*")
_FOREIGN_LETTERS = lazy_pattern(rf"[a-z0-9.-]{{2,}}|[{KATAKANA}]{{3,}}")
_YEAR = lazy_pattern(r"(?:19|20)\d\d")
#: Most letters of a unit after a number: gb, fps.
_UNIT = 3
_GUESSED = frozenset({DICTIONARY, SOUND, TYPO})


class Adjacency(Protocol):
    """Finds Latin words that are side by side."""

    def side_by_side(self, words: Sequence[str]) -> Sized:
        """The documents that have ``words`` side by side."""


def names_of_several_words(words: Iterable[Word]) -> list[tuple[str, ...]]:
    """The longest rows of two or more Latin words that were typed one after the other."""
    rows: list[list[str]] = [[]]
    for word in words:
        if not (word.phrase or word.either) and _latin(word.text):
            rows[-1].append(word.text)
        else:
            rows.append([])
    return [tuple(row[: tuning.MAX_NAME_WORDS]) for row in rows if len(row) > 1]


def has_capitals(words: Sequence[Word]) -> bool:
    """Whether these are two or more Latin words, all typed with a capital, as in a name."""
    plain = not any(word.phrase or word.either for word in words)
    return plain and len(words) > 1 and all(one.shown.isascii() and one.shown[:1].isupper() for one in words)


def with_neighbours(words: list[Word], i: int) -> Iterator[str]:
    """A word joined with each neighbour: ``claude code`` may be written ``ClaudeCode``, which counts for both words."""
    for first, second in zip(words[max(0, i - 1) : i + 1], words[max(1, i) : i + 2], strict=False):
        if first is not second and _latin(first.text) and _latin(second.text):
            yield first.text + second.text


def names_nothing(query: Query, finder: Dictionary, besides: Sequence[Adjacency]) -> bool:
    """Whether ``query`` is a name of several words, all with a capital, of which ``finder`` and ``besides`` have not
    even two side by side.

    The parts of such a name are not what it names: Apple, vision and pro are each in the archive, Apple Vision Pro is
    not. Two words that are names by themselves are two subjects (Vercel and AGENTS.md).
    """
    pairs = list(pairwise(query.words))
    if (
        not has_capitals(query.words)
        or sum(is_seldom_used(one.text) for one in query.words) > 1
        or any(one.side_by_side((a.text, b.text)) for one in (finder, *besides) for a, b in pairs)
    ):
        return False
    return not any(_in_any_spelling(_spellings(a.text, finder), _spellings(b.text, finder), finder) for a, b in pairs)


def is_loose(name: Sequence[Word], finder: Dictionary) -> bool:
    """Whether the words of a name, typed with capitals, prove nothing by being in one story: one of them is in half of
    all stories, and another is an ordinary word. A story on AI at scale says nothing about Scale AI.
    """
    words = [word.text for word in name]
    everywhere = has_capitals(name) and any(_is_everywhere(word, finder) for word in words)
    return everywhere and _has_ordinary(words, finder)


def _is_everywhere(word: str, finder: Dictionary) -> bool:
    return len(finder.clause(word).postings) >= tuning.EVERYWHERE_SHARE * finder.stories


def _has_ordinary(words: Iterable[str], finder: Dictionary) -> bool:
    """Whether one of the words is an ordinary English word that the archive seldom uses, as in Scale AI. OpenAI and RAG
    are two names, each with capitals of its own.
    """
    usual = {word: zipf for word in words if (zipf := lexicon("en").zipf(word)) >= tuning.ORDINARY_ZIPF}
    return any(not is_own(len(finder.clause(word).postings), finder.stories, usual[word]) for word in usual)


def is_one_name(name: Clause, required: Iterable[Clause]) -> bool:
    """Whether most documents with all words of a row have them side by side: Claude Code, not Anthropic report. A name
    and its number always belong together: Gemma 3.
    """
    row = name.text.split("-")
    if len(row) == len(("name", "number")) and is_number(row[1]):
        return True
    held = _row_of(name.text, required)
    return len(name.postings) >= tuning.ONE_NAME_SHARE * (held[0].together(held[1:]) if held else 0)


def in_every_spelling(name: Clause, finder: Dictionary) -> Clause:
    """A name of two words, also with one or both in a Japanese spelling: AIエージェント for AI Agents."""
    row = name.text.split("-")
    if len(row) != 2:
        return name
    postings = name.postings
    for first in _spellings(row[0], finder):
        for second in _spellings(row[1], finder):
            if not (first.isascii() and second.isascii()):
                postings = postings.or_else(finder.clause(first + second, phrase=True).postings)
    return replace(name, postings=postings)


def expand_names(required: Sequence[Clause], names: Iterable[Sequence[str]], finder: Dictionary) -> Sequence[Clause]:
    """Add the other names of a row of Latin words (Raspberry Pi, ラズベリーパイ) to each word of the row."""
    for name in names:
        for size in range(2, len(name) + 1):
            for start in range(len(name) - size + 1):
                row = name[start : start + size]
                expanded = finder.expanded("-".join(row))
                if expanded.expansions:
                    required = [_held_too(clause, expanded) if clause.text in row else clause for clause in required]
    return required


def is_guessed(clause: Clause) -> bool:
    """Whether all expansions of a word come from likeness or from a dictionary; False if it has none."""
    return bool(clause.expansions) and all(one.how in _GUESSED for one in clause.expansions)


def is_guessed_rightly(clause: Clause, words: Sequence[Word], i: int, finder: Dictionary) -> bool:
    """Whether the archive confirms an expansion of a word that was typed with a capital next to such a word that is
    everywhere: it must be there next to that word too, as 安定AI for Stability AI is not. Other words need no proof.
    """
    pairs = [(at, at + 1) for at in (i - 1, i) if at >= 0 and at + 1 < len(words)]
    pairs = [(a, b) for a, b in pairs if has_capitals([words[a], words[b]])]
    pairs = [(a, b) for a, b in pairs if _is_everywhere(words[b if a == i else a].text, finder)]
    own = [one.text for one in clause.expansions]
    for a, b in pairs:
        other = _spellings(words[b if a == i else a].text, finder)
        first, second = (own, other) if a == i else (other, own)
        if _in_any_spelling(first, second, finder, tuning.LEAST_BESIDE):
            return True
    return not pairs


def _row_of(name: str, required: Iterable[Clause]) -> list[PostingList]:
    """The postings of the words of a name."""
    row = name.split("-")
    return [clause.postings for clause in required if clause.text in row]


def _spellings(text: str, finder: Dictionary) -> list[str]:
    return [text, *(one.text for one in finder.expanded(text).expansions)]


def _in_any_spelling(firsts: Sequence[str], seconds: Sequence[str], finder: Dictionary, least: int = 1) -> bool:
    """Whether ``least`` stories have two words side by side, in any of these spellings: Japanese ones as one run, or as
    one word that expands both (音声認識 for speech recognition).
    """
    for first in firsts:
        for second in seconds:
            if first.isascii() and second.isascii():
                beside = finder.expanded(f"{first}-{second}").postings
            else:
                beside = finder.clause(first if first == second else first + second, phrase=True).postings
            if len(beside) >= least:
                return True
    return False


def _held_too(clause: Clause, name: Clause) -> Clause:
    """A word of a name, with the documents that have the name under another name added."""
    expansions = tuple(dict.fromkeys((*clause.expansions, *name.expansions)))
    return Clause(clause.text, clause.postings.or_else(name.postings), clause.weight, expansions)


def is_seldom_used(word: str) -> bool:
    """Whether general language hardly uses a normalised word, so that it is a name."""
    return lexicon("ja" if has_cjk(word) else "en").zipf(word) < tuning.NAME_ZIPF


def is_written_as_name(word: str) -> bool:
    """Whether a normalised word looks like a name: in Latin letters or katakana, and seldom used."""
    return _FOREIGN_LETTERS.fullmatch(word) is not None and is_seldom_used(word)


def is_number(text: str) -> bool:
    """Whether normalised text is a number or a version, such as 2.5.1."""
    return _NUMBER.fullmatch(text) is not None


def numbered_names(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The names with a number inside longer rows, joined: ``gemini-2.5`` in Gemini 2.5 Flash."""
    for row in rows:
        if len(row) > len(("name", "number")):
            yield from (f"{a}-{b}" for a, b in pairwise(row) if is_number(b) and not is_number(a))


def unwritten_name(query: Query, typed: Query, finder: Dictionary, besides: Sequence[Adjacency]) -> str:
    """The first name with a number, ``typed`` side by side, that the archive has nowhere side by side; "" if there is
    none. A story on Claude 4 with a 9 in it says nothing about Claude 9. A word of grammar after a name counts like a
    number: Amazon Go.

    A year is not part of a name, nor is a number before what it counts (Top 10 tips).
    """
    for name, number, after in zip(query.words, query.words[1:], [*query.words[2:], None], strict=False):
        ends = len(typed.words) == len(("name", "word")) and _is_grammar(number) and has_capitals((name, number))
        begins = name.text == typed.words[0].text and len(typed.words) > len(("name", "number"))
        beside = rf"{re.escape(name.shown)}\s+{re.escape(number.shown)}"  # with no comma between them
        if not (ends or _may_be_version(name, number, after, begins=begins)) or not re.search(beside, typed.text, re.I):
            continue
        row = (name.text, number.text)
        if any(one.side_by_side(row) for one in (finder, *besides)):
            continue
        if not _in_any_spelling(_spellings(name.text, finder), [number.text], finder):
            return f"{name.shown} {number.shown}"
    return ""


def nearly_beside(version: str, text: bytes) -> bool:
    """Whether a normalised text has a version with one more word before its number, or a release of it: Claude Fable 5
    for Claude 5, Grok 4.20 for Grok 4.
    """
    *name, number = normalize(version).split(" ")
    if not name or not is_number(number):
        return False
    before, number = rf"(?<![a-z0-9]){re.escape(' '.join(name))}[\s-]{{0,2}}", re.escape(number)
    pattern = re.compile(rf"{before}(?:(?:[a-z]+[\s-]{{1,2}})?{number}(?!\d)|{number}\.\d)".encode())
    return pattern.search(text) is not None


def _is_grammar(word: Word) -> bool:
    return lexicon("en").zipf(word.text) >= GRAMMAR


def _may_be_version(name: Word, number: Word, after: Word | None, *, begins: bool) -> bool:
    """Whether a number may be part of the name before it. The capital that ``begins`` a sentence proves nothing."""
    if name.phrase or name.either or number.phrase or not is_number(number.text) or not _latin(name.text):
        return False
    if is_number(name.text) or _YEAR.fullmatch(number.text):
        return False
    if after is not None and after.shown.islower() and (singular(after.text) or len(after.text) <= _UNIT):
        return False
    capital = name.shown != name.shown.lower() and not begins
    return capital or lexicon("en").zipf(name.text) < COMMON


def _latin(text: str) -> bool:
    return text.isascii() and (text.isalnum() or is_number(text))
