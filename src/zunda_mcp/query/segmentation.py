"""Finds and looks up the words inside a text without spaces.

Japanese writes content in kanji, katakana and Latin, and grammar in hiragana, so a sentence is cut where the script
changes. Compounds are cut further, into words that are whole runs elsewhere in the archive; hiragana is cut into
grammar and content (see ``zunda_mcp.text.tokenizer``). A piece that the archive lacks still counts a little, by its
bigrams.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import Clause, Dictionary, Subjects
from zunda_mcp.query.parse import Word
from zunda_mcp.query.stop_words import is_stop_word
from zunda_mcp.text.frequencies import lexicon
from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.normalize import HAN, HIRAGANA, SMALL_KE, has_cjk, has_han, is_hiragana
from zunda_mcp.text.phonetics import is_katakana
from zunda_mcp.text.tokenizer import PARTICLES, bigrams, content_words, fewest_pieces, tokens

__all__ = ["is_sentence", "nouns_of", "pieces_of"]

_STRETCH = lazy_pattern(rf"(?P<kanji>[{HAN}]+)|(?P<kana>[{HIRAGANA}]+)|[^{HAN}{HIRAGANA}]+")


def is_sentence(text: str) -> bool:
    """Whether a text without spaces is several words: it has hiragana, which is grammar, and something else."""
    hiragana = sum("ぁ" <= char <= "ゖ" for char in text)
    return len(text) > 3 and 0 < hiragana < len(text)


def pieces_of(text: str, finder: Dictionary, subjects: Subjects, dropped: list[str]) -> Iterator[Clause]:
    """The clauses of the known words inside a text; nothing for a single word. Adds the subjects of the text to
    ``subjects``, and the words in it that only ask to ``dropped``.
    """
    pieces = _cut(text, finder) if len(text) > tuning.MAX_WHOLE else []
    if not pieces or (len(pieces) == 1 and pieces[0].text == text and not pieces[0].parts):
        return
    seen: set[str] = set()
    for piece in pieces:
        if piece.text in seen or (is_stop_word(piece.text) and has_cjk(piece.text)):
            dropped += [] if piece.text in seen else [piece.text]
            continue
        seen.add(piece.text)
        clause = finder.expanded(piece.text) if len(piece.text) > 1 else finder.word(piece.text)
        parts = [part for part in piece.parts if part not in seen]
        seen.update(parts)
        if clause.postings:
            yield clause
        elif len(piece.text) > 1 and has_cjk(piece.text):
            yield from _loose(piece.text, finder)
        subjects.add(clause, piece.text, absent=not clause.postings and not _may_be_there(piece, finder))
        yield from map(finder.expanded, parts)


def _may_be_there(piece: _Piece, finder: Dictionary) -> bool:
    """Whether the archive may have a piece in another form or in parts: a verb whose kanji occurs, or a compound; but
    not katakana that general language has as one word (ハンドボール is not ハンド and ボール).
    """
    if piece.inflected:
        return not has_han(piece.text[0]) or bool(finder.clause(piece.text[0]).postings)
    return bool(piece.parts) and not (is_katakana(piece.text) and piece.text in lexicon("ja"))


def _loose(text: str, finder: Dictionary) -> Iterator[Clause]:
    """The clauses of the bigrams of a run that the archive lacks, at a reduced weight."""
    clauses = [clause for clause in map(finder.pair, dict.fromkeys(bigrams(text))) if clause.postings]
    for clause in clauses:
        yield Clause(clause.text, clause.postings, clause.weight * tuning.LOOSE_WEIGHT / len(clauses) ** 0.5)


def nouns_of(word: Word, finder: Dictionary) -> list[Word]:
    """The nouns of a sentence that the archive lacks as a whole, if all its content is nouns that the archive has:
    Gateboxの予約 is searched for as Gatebox 予約. Nothing for any other word.
    """
    if word.phrase or not is_sentence(word.text) or finder.clause(word.text).postings:
        return []
    pieces = {one.text: one for one in _cut(word.text, finder) if not is_stop_word(one.text)}
    nouns = len(pieces) > 1 and all(
        not one.inflected and len(text) > 1 and finder.expanded(text).postings for text, one in pieces.items()
    )
    return [Word(text, text) for text in pieces] if nouns else []


class _Piece(NamedTuple):
    """One word of a text: ``parts`` are the known words in it if it is a compound; ``inflected`` says that it is a verb
    or hiragana rather than a noun.
    """

    text: str
    parts: tuple[str, ...] = ()
    inflected: bool = False


def _cut(text: str, finder: Dictionary) -> list[_Piece]:
    """The words of normalised ``text``; nothing if it is Latin alone."""
    runs = list(tokens(text))
    if not any(is_cjk for _, is_cjk, _, _ in runs):
        return []
    pieces: list[_Piece] = []
    for run, is_cjk, start, _ in runs:
        pieces += _cut_run(run, text[:start], finder) if is_cjk else [_Piece(run)]
    return pieces


def _cut_run(run: str, before_run: str, finder: Dictionary) -> Iterator[_Piece]:
    names = finder.names
    for match in _STRETCH.finditer(run):
        word, kana = match.group(), match["kana"]
        if kana:
            before = run[max(0, match.start() - 1) : match.start()] or before_run
            for content in content_words(kana, after=before, is_word=names.__contains__):
                yield _Piece(content, inflected=content not in names)
        elif match["kanji"] and len(word) == 1:
            ending = run[match.end() : match.end() + 1]
            if ending in PARTICLES or not is_hiragana(ending):
                yield _Piece(word)
            else:
                yield _Piece(word + ending, inflected=True)
        elif word not in SMALL_KE:  # ヶ in 霞ヶ関 means nothing by itself
            yield _Piece(word, tuple(_segment(word, finder)) if len(word) > 2 else ())


def _segment(run: str, finder: Dictionary) -> list[str]:
    """A run cut into the fewest words that are whole runs elsewhere; nothing if it cannot be cut."""

    def is_word(piece: str) -> bool:
        too_short = is_katakana(piece) and len(piece) < tuning.MIN_KATAKANA_PIECE
        return not too_short and piece != run and finder.has_run(piece)

    return fewest_pieces(run, 2, is_word)
