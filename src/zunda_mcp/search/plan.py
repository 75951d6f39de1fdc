"""How a query will be answered: the units it is made of, and which of them a story must hold.

A word typed on its own is a unit that a full answer holds. Where few stories hold them all, pieces help: a Japanese
compound (``画像生成AI``) also counts by the known words in it, and a sentence is cut where the script changes, since
the content of Japanese is written in kanji, katakana and Latin and its grammar in hiragana. What stands between
still counts a little, by its rare bigrams, so that content written in hiragana is not lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from zunda_mcp.search.matches import Unit
from zunda_mcp.search.query import Query, Word
from zunda_mcp.search.question_words import is_question_word
from zunda_mcp.search.words import WordFinder, is_sentence
from zunda_mcp.text.scripts import HAN, HIRAGANA
from zunda_mcp.text.terms import bigrams, run_term, tokens

_PIECE = re.compile(rf"(?P<kanji>[{HAN}]+)(?P<ending>[{HIRAGANA}]?)|(?P<kana>[{HIRAGANA}]+)|[^{HAN}{HIRAGANA}]+")
_LOOSE_WEIGHT = 0.5
_MIN_KANA = 3
_MAX_NAME = 4


@dataclass(slots=True)
class Plan:
    """``required`` units are what a full answer holds; ``pieces`` are what a near answer may hold of them.

    ``together`` are Latin words typed one after the other, where they stand so: what a name of several words means.
    ``open`` says that the query was a sentence nobody wrote, so that no answer is full. ``missing`` are the words
    nobody wrote, ``dropped`` those that were only asking.
    """

    required: list[Unit] = field(default_factory=list)
    pieces: list[Unit] = field(default_factory=list)
    together: list[Unit] = field(default_factory=list)
    whole: set[str] = field(default_factory=set)
    missing: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    open: bool = False

    @property
    def telling(self) -> list[Unit]:
        """The units by which a near answer is judged: pieces, and words that have none."""
        return [unit for unit in self.required if unit.text not in self.whole] + self.pieces


def make_plan(query: Query, finder: WordFinder) -> Plan:
    """Look up every word of ``query`` and decide what it is."""
    plan = Plan()
    words = list(query.words)
    content = [word for word in words if word.phrase or not is_question_word(word.text)]
    if content and len(content) < len(words):
        plan.dropped = [word.shown for word in words if word not in content]
        words = content
    for i, word in enumerate(words):
        also = () if word.phrase else tuple(_with_neighbours(words, i))
        unit = finder.unit(word.text, phrase=word.phrase, also=also)
        pieces = [] if word.phrase else list(_pieces(plan, word.text, finder))
        if not unit.matches and is_sentence(word.text) and not word.phrase:
            plan.open = True
            if not pieces:
                plan.missing.append(word.shown)
        else:
            plan.required.append(unit)
            if not unit.matches:
                plan.missing.append(word.shown)
        if pieces:
            plan.whole.add(word.text)
            plan.pieces += pieces
    for name in names_of_several_words(words):
        together = finder.unit("-".join(name))
        if together.matches:
            plan.together.append(together)
    return plan


def names_of_several_words(words: Iterable[Word]) -> list[tuple[str, ...]]:
    """The longest rows of Latin words typed one after the other, of two words or more."""
    rows: list[list[str]] = [[]]
    for word in words:
        if not word.phrase and _latin(word.text):
            rows[-1].append(word.text)
        else:
            rows.append([])
    return [tuple(row[:_MAX_NAME]) for row in rows if len(row) > 1]


def _with_neighbours(words: list[Word], i: int) -> Iterator[str]:
    """``claude code`` is also what is written ``ClaudeCode``: the joined word counts for both of its halves."""
    for first, second in zip(words[max(0, i - 1) : i + 1], words[max(1, i) : i + 2], strict=False):
        if first is not second and _latin(first.text) and _latin(second.text):
            yield first.text + second.text


def _latin(text: str) -> bool:
    return text.isascii() and text.isalnum()


def _pieces(plan: Plan, text: str, finder: WordFinder) -> Iterator[Unit]:
    """The known words inside a word that is more than one; nothing for a plain word."""
    runs = list(tokens(text))
    if not any(is_cjk for _, is_cjk, _, _ in runs):
        return
    found = [piece for run, is_cjk, _, _ in runs for piece in (_cut(plan, run, finder) if is_cjk else [run])]
    if len(found) == 1 and found[0] == text:
        return
    for piece in dict.fromkeys(found):
        if is_question_word(piece):
            plan.dropped.append(piece)
            continue
        unit = finder.unit(piece)
        if not unit.matches and tokens_are_cjk(piece):
            yield from _loose(piece, finder)
            continue
        if not unit.matches:
            plan.missing.append(piece)
        yield unit


def tokens_are_cjk(text: str) -> bool:
    """Whether ``text`` is written without spaces."""
    return any(is_cjk for _, is_cjk, _, _ in tokens(text))


def _cut(plan: Plan, run: str, finder: WordFinder) -> list[str]:
    """A run of Japanese cut where the script changes, long kanji and katakana compounds into known words."""
    found: list[str] = []
    for match in _PIECE.finditer(run):
        kanji, ending, kana = match["kanji"], match["ending"], match["kana"]
        if kana:
            if len(kana) >= _MIN_KANA:
                found.append(kana)
        elif kanji and len(kanji) == 1:
            if is_question_word(kanji):
                plan.dropped.append(kanji)
            elif ending:
                found.append(kanji + ending)
            else:
                found.append(kanji)
        else:
            word = kanji or match.group()
            found.append(word)
            if len(word) > 2:
                found += _segment(word, finder)
    return found


def _segment(run: str, finder: WordFinder) -> list[str]:
    """Cut a run into the fewest shorter words that stand as whole runs somewhere; nothing where none do."""
    best: list[list[str] | None] = [[]] + [None] * len(run)
    for end in range(2, len(run) + 1):
        for start in range(end - 1):
            before, now = best[start], best[end]
            if before is None or (now is not None and len(before) + 1 >= len(now)):
                continue
            piece = run[start:end]
            if piece != run and finder.reader.frequency(run_term(piece), finder.field):
                best[end] = [*before, piece]
    return best[len(run)] or []


def _loose(text: str, finder: WordFinder) -> Iterator[Unit]:
    """A run nobody wrote, by its bigrams; together they tell about as much as one word."""
    found = [unit for unit in map(finder.pair, dict.fromkeys(bigrams(text))) if unit.matches]
    for unit in found:
        yield Unit(unit.text, unit.matches, unit.weight * _LOOSE_WEIGHT / len(found) ** 0.5)
