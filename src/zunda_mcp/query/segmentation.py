"""The words inside a stretch of text without spaces, looked up.

The content of Japanese is written in kanji, katakana and Latin and its grammar in hiragana, so a sentence is cut where
the script changes. Compounds are cut further into words that stand by themselves elsewhere in the archive; hiragana is
cut into grammar and content (see ``zunda_mcp.text.tokenizer``). What stands between still counts a little, by its rare
bigrams, so that content written in hiragana is not lost.
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
    """Whether a word without spaces is really several: Japanese grammar between content words."""
    hiragana = sum("ぁ" <= char <= "ゖ" for char in text)
    return len(text) > 3 and 0 < hiragana < len(text)


def pieces_of(text: str, finder: Dictionary, subjects: Subjects, dropped: list[str]) -> Iterator[Clause]:
    """The known words inside a word that is more than one; nothing for a plain word. Adds to ``subjects`` what the word
    is about, and to ``dropped`` what in it only asks.
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
    """Whether a piece that the archive lacks may be there in another form or in parts: a verb whose kanji occurs, or a
    compound, unless it is katakana and one word in general language (ハンドボール is not ハンド and ボール).
    """
    if piece.inflected:
        return not has_han(piece.text[0]) or bool(finder.clause(piece.text[0]).postings)
    return bool(piece.parts) and not (is_katakana(piece.text) and piece.text in lexicon("ja"))


def _loose(text: str, finder: Dictionary) -> Iterator[Clause]:
    """A run nobody wrote, by its bigrams; together they weigh about as much as one word."""
    clauses = [clause for clause in map(finder.pair, dict.fromkeys(bigrams(text))) if clause.postings]
    for clause in clauses:
        yield Clause(clause.text, clause.postings, clause.weight * tuning.LOOSE_WEIGHT / len(clauses) ** 0.5)


def nouns_of(word: Word, finder: Dictionary) -> list[Word]:
    """The words of a sentence that nobody wrote, where it is nothing but nouns that the archive has, joined by grammar:
    Gateboxの予約 is asked as Gatebox 予約 is. Nothing of any other word.
    """
    if word.phrase or not is_sentence(word.text) or finder.clause(word.text).postings:
        return []
    pieces = {one.text: one for one in _cut(word.text, finder) if not is_stop_word(one.text)}
    nouns = len(pieces) > 1 and all(
        not one.inflected and len(text) > 1 and finder.expanded(text).postings for text, one in pieces.items()
    )
    return [Word(text, text) for text in pieces] if nouns else []


class _Piece(NamedTuple):
    """One word: the known words inside it where it is a compound, and whether it is a form of a word (a verb, or
    hiragana) rather than a name for something.
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
        elif word not in SMALL_KE:  # 霞ヶ関: it tells nothing by itself
            yield _Piece(word, tuple(_segment(word, finder)) if len(word) > 2 else ())


def _segment(run: str, finder: Dictionary) -> list[str]:
    """A run cut into the fewest shorter words that stand as whole runs somewhere; nothing if none do."""

    def is_word(piece: str) -> bool:
        too_short = is_katakana(piece) and len(piece) < tuning.MIN_KATAKANA_PIECE
        return not too_short and piece != run and finder.has_run(piece)

    return fewest_pieces(run, 2, is_word)
