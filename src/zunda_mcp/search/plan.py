"""How a query will be answered: the units it is made of, and which of them a story must hold.

A word typed on its own is one unit and has to be there. A Japanese sentence is cut where the script changes (the
content of Japanese is written in kanji, katakana and Latin, its grammar in hiragana), and its pieces are hints:
stories are ranked by how much of the sentence's information they hold. The grammar in between still counts a
little, by its rare bigrams, so that content written in hiragana is not lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from zunda_mcp.index.reader import Postings
from zunda_mcp.search.query import Query, Word
from zunda_mcp.search.question_words import FUNCTION_KANA, is_question_word
from zunda_mcp.search.words import WordFinder, is_sentence
from zunda_mcp.text.scripts import HAN, HIRAGANA
from zunda_mcp.text.terms import bigrams, run_term, tokens

_CONTENT = re.compile(rf"[{HAN}]+[{HIRAGANA}]?|[{HIRAGANA}]+|[^{HAN}{HIRAGANA}]+")
_STEM = re.compile(rf"([{HAN}]+)[{HIRAGANA}]?")
_KANA_WEIGHT = 0.5
_LOOSE_WEIGHT = 0.5
_MIN_KANA = 3


@dataclass(frozen=True, slots=True)
class Unit:
    """One word of the plan: where it stands, how much it tells (``weight``: its information, or less for a hint)."""

    text: str
    documents: Postings
    weight: float
    required: bool


@dataclass(slots=True)
class Plan:
    """The units of a query in order, the words nobody wrote, and those that were only asking."""

    units: list[Unit] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)

    @property
    def required(self) -> list[Unit]:
        """The units every full answer holds."""
        return [unit for unit in self.units if unit.required]

    @property
    def information(self) -> float:
        """The information of the whole query."""
        return sum(unit.weight for unit in self.units)


def make_plan(query: Query, finder: WordFinder) -> Plan:
    """Look up every word of ``query`` and decide what it is."""
    plan = Plan()
    words = list(query.words)
    content = [word for word in words if word.phrase or not is_question_word(word.text)]
    if content and len(content) < len(words):
        plan.dropped = [word.shown for word in words if word not in content]
        words = content
    typed_together = {first.text: second.text for first, second in zip(words, words[1:], strict=False)}
    for word in words:
        if not word.phrase and is_sentence(word.text) and not finder.documents(word.text):
            _add_sentence(plan, word.text, finder)
            continue
        documents = finder.documents(word.text, phrase=word.phrase)
        if not word.phrase:
            documents = _with_neighbours(word.text, words, typed_together, documents, finder)
        if documents or word.phrase or not _add_pieces(plan, word, finder):
            _add_unit(plan, word, documents, finder)
    return plan


def _add_unit(plan: Plan, word: Word, documents: Postings, finder: WordFinder) -> None:
    if not documents:
        plan.missing.append(word.shown)
    plan.units.append(Unit(word.text, documents, finder.information(len(documents)), required=True))


def _with_neighbours(
    text: str, words: list[Word], following: dict[str, str], documents: Postings, finder: WordFinder
) -> Postings:
    """``claude code`` is also what is written ``ClaudeCode``: the joined word counts for both of its halves."""
    found = documents
    for first, second in following.items():
        if text in {first, second} and first.isascii() and second.isascii() and first.isalnum() and second.isalnum():
            together = finder.reader.postings(first + second, finder.field)
            if together:
                found = {**together, **found}
    return found


def _add_pieces(plan: Plan, word: Word, finder: WordFinder) -> bool:
    """A Japanese compound nobody wrote, as the known words it is made of; False where that does not help."""
    runs = list(tokens(word.text))
    if len(runs) > 1:
        pieces = [run for run, _, _, _ in runs]
    elif runs and runs[0][1]:
        pieces = _segment(runs[0][0], finder)
    else:
        return False
    found = [(piece, finder.documents(piece)) for piece in pieces]
    if sum(1 for _, documents in found if documents) < 2:
        return False
    plan.missing.append(word.shown)
    for piece, documents in found:
        plan.units.append(Unit(piece, documents, finder.information(len(documents)), required=True))
    return True


def _segment(run: str, finder: WordFinder) -> list[str]:
    """Cut a run into the fewest words that stand as whole runs somewhere in the archive (longest ones first)."""
    best: list[list[str] | None] = [[]] + [None] * len(run)
    for end in range(2, len(run) + 1):
        for start in range(end - 1):
            before = best[start]
            if before is None or (best[end] is not None and len(before) + 1 >= len(best[end] or [])):
                continue
            if finder.reader.postings(run_term(run[start:end]), finder.field):
                best[end] = [*before, run[start:end]]
    return best[len(run)] or []


def _add_sentence(plan: Plan, text: str, finder: WordFinder) -> None:
    """The content words of a sentence as hints, and the rare bigrams of what stands between them."""
    for run, is_cjk, _, _ in tokens(text):
        if not is_cjk:
            _hint(plan, run, finder)
            continue
        for piece in _CONTENT.findall(run):
            if FUNCTION_KANA.fullmatch(piece):
                if len(piece) >= _MIN_KANA:
                    _loose(plan, piece, finder, _KANA_WEIGHT)
                continue
            stem = _STEM.fullmatch(piece)
            _hint(plan, stem.group(1) if stem and len(stem.group(1)) > 1 else piece, finder)


def _hint(plan: Plan, text: str, finder: WordFinder) -> None:
    stem = text.rstrip("ぁあぃいぅうぇえぉおかがきぎくぐけげこごさざしじすずせぜそぞただちぢっつづてでとどなにぬねのはばひびふぶへべほぼまみむめもやゆよらりるれろわをん")
    if is_question_word(text) or is_question_word(stem):
        plan.dropped.append(text)
        return
    documents = finder.documents(text)
    if documents:
        plan.units.append(Unit(text, documents, finder.information(len(documents)), required=False))
    elif len(text) > 2 and (pieces := _segment(text, finder)):
        for piece in pieces:
            _hint(plan, piece, finder)
    elif len(text) > 2:
        plan.missing.append(text)
        _loose(plan, text, finder, _LOOSE_WEIGHT)


def _loose(plan: Plan, text: str, finder: WordFinder, share: float) -> None:
    """A run by its bigrams, together worth ``share`` of their mean information."""
    pairs = [(pair, finder.reader.postings(pair, finder.field)) for pair in dict.fromkeys(bigrams(text))]
    found = [(pair, documents) for pair, documents in pairs if documents]
    for pair, documents in found:
        weight = finder.information(len(documents)) * share / max(1.0, len(found) ** 0.5)
        plan.units.append(Unit(pair, documents, weight, required=False))
