"""From a stretch of text without spaces to the words it is made of.

The content of Japanese is written in kanji, katakana and Latin and its grammar in hiragana, so a sentence is cut where
the script changes. Compounds are cut further into words that stand by themselves elsewhere in the archive; hiragana is
cut into grammar and content (see ``zunda_mcp.text.tokenizer``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import Dictionary
from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.normalize import HAN, HIRAGANA, SMALL_KE, has_cjk, is_hiragana
from zunda_mcp.text.phonetics import is_katakana
from zunda_mcp.text.tokenizer import PARTICLES, content_words, fewest_pieces, tokens

__all__ = ["Piece", "cut", "is_sentence"]

_STRETCH = lazy_pattern(rf"(?P<kanji>[{HAN}]+)|(?P<kana>[{HIRAGANA}]+)|[^{HAN}{HIRAGANA}]+")


class Piece(NamedTuple):
    """One word: the known words inside it where it is a compound, and whether it is a form of a word (a verb, or
    hiragana) rather than a name for something.
    """

    text: str
    parts: tuple[str, ...] = ()
    inflected: bool = False


def cut(text: str, dictionary: Dictionary) -> list[Piece]:
    """The words of normalised ``text``; nothing where it is Latin alone."""
    runs = list(tokens(text))
    if not any(is_cjk for _, is_cjk, _, _ in runs):
        return []
    pieces: list[Piece] = []
    for run, is_cjk, start, _ in runs:
        pieces += _cut_run(run, text[:start], dictionary) if is_cjk else [Piece(run)]
    return pieces


def _cut_run(run: str, before_run: str, dictionary: Dictionary) -> Iterator[Piece]:
    names = dictionary.names
    for match in _STRETCH.finditer(run):
        word, kana = match.group(), match["kana"]
        if kana:
            before = run[max(0, match.start() - 1) : match.start()] or before_run
            for content in content_words(kana, after=before, is_word=names.__contains__):
                yield Piece(content, inflected=content not in names)
        elif match["kanji"] and len(word) == 1:
            ending = run[match.end() : match.end() + 1]
            if ending in PARTICLES or not is_hiragana(ending):
                yield Piece(word)
            else:
                yield Piece(word + ending, inflected=True)
        elif word not in SMALL_KE:  # 霞ヶ関: it tells nothing by itself
            yield Piece(word, tuple(_segment(word, dictionary)) if len(word) > 2 else ())


def _segment(run: str, dictionary: Dictionary) -> list[str]:
    """A run cut into the fewest shorter words that stand as whole runs somewhere; nothing where none do."""

    def is_word(piece: str) -> bool:
        too_short = is_katakana(piece) and len(piece) < tuning.MIN_KATAKANA_PIECE
        return not too_short and piece != run and dictionary.has_run(piece)

    return fewest_pieces(run, 2, is_word)


def is_sentence(text: str) -> bool:
    """Whether a word without spaces is really several: Japanese grammar between content words."""
    kinds = {_kind(char) for char in text}
    return "hiragana" in kinds and len(kinds) > 1 and len(text) > 3


def _kind(char: str) -> str:
    if "ぁ" <= char <= "ゖ":
        return "hiragana"
    return "cjk" if has_cjk(char) else "latin"
