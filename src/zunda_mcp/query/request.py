"""Separates what is asked from how it is asked: ``Could you find the best article about X`` asks for X.

Frequencies in general language tell them apart in any language (see ``zunda_mcp.text.frequencies``): a word that
everybody uses asks or connects, a word that is hardly ever used is a name. The archive settles doubts: a common word is
content if it is far more frequent there than in general language, or often side by side with its neighbour. Ordinary
words of another language than the archive's only ask, as long as a name remains.

A common word next to a name is a hint: it only helps to order. A quoted name is searched for as it is, unless the
archive lacks it. If nothing would be left but words that ask, the query stays as it was typed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from zunda_mcp.query.names import is_written_as_name
from zunda_mcp.query.parse import Query, Word
from zunda_mcp.query.stop_words import STOP_WORDS
from zunda_mcp.query.unspaced import of_run
from zunda_mcp.query.word_kinds import (
    COMMON,
    FOREIGN,
    GRAMMAR,
    LEAST_ROWS,
    ArchiveWords,
    Context,
    Kind,
    Token,
    is_distinctive,
    is_distinctive_name,
)
from zunda_mcp.text.frequencies import guess_language, is_chinese, lexicon
from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.normalize import HIRAGANA, KATAKANA, has_cjk, has_han, has_hiragana, is_hiragana

__all__ = ["only_requests", "without_request"]

#: Two words are one name if at least this share of the stories with the common one have them side by side.
_ROW_SHARE = 0.1

_INNER_CAPITAL = lazy_pattern(r"\w[A-Z]|\d")
_KANA = lazy_pattern(rf"[{HIRAGANA}{KATAKANA}]")
_COUNTED = lazy_pattern(r"\d+(?:st|nd|rd|th|s)")
_PARTS = lazy_pattern("['’-]")
_ELIDED = {
    "fr": lazy_pattern(r"(?:[cdjlmnst]|(?:jus|lors|puis|quel)?qu)['’](?=\w)"),
    "it": lazy_pattern(r"(?:[cdlmnstv]|un|quest|(?:d|n|s)?[ae]ll|sull)['’](?=\w)"),
}
"""What stands before a name without a space: d'Ollama, dell'Italia."""


def without_request(query: Query, archive: ArchiveWords) -> Query:
    """``query`` without the words that only ask, and with merely common words as ``hints``."""
    spaced = [word for word in query.words if not word.phrase and not has_cjk(word.text)]
    capital = {word for word in spaced[1 if spaced[:1] == list(query.words[:1]) else 0 :] if word.shown[:1].isupper()}
    of_spaced = guess_language([word.text for word in spaced if word not in capital])
    chinese = _is_chinese([word.text for word in query.words if not word.phrase], archive)
    tokens: list[Token] = []
    for word in query.words:
        if word.either:
            tokens.append(Token(word.text, Kind.CONTENT, word))
        elif word.phrase:
            tokens.append(Token(word.text, Kind.NAME, _in_any_spelling(word, archive)))
        elif has_cjk(word.text):
            tokens += of_run(word, archive, chinese=chinese)
        elif of_spaced is None:
            tokens.append(Token(word.text, _unknown_kind(word), word))
        else:
            context = Context(archive, of_spaced, lexicon(of_spaced))
            whole = _without_elision(word, context)
            named = word in capital or (whole != word and whole.shown[:1].isupper())
            tokens.append(Token(whole.text, _spaced_kind(whole, context, named=named), whole))
    kept, hints = _kept(tokens, archive)
    if not kept or (tuple(kept), tuple(hints)) == (query.words, ()):
        return query
    text = " ".join(f'"{word.shown}"' if word.phrase else word.shown for word in _in_order(tokens, kept, hints))
    stays = {*kept, *hints}
    left_out = dict.fromkeys(one.text for one in tokens if one.kind == Kind.FOREIGN and one.word not in stays)
    return query._replace(
        words=tuple(dict.fromkeys(kept)),
        hints=tuple(dict.fromkeys(hints)),
        left_out=tuple(left_out),
        text=text,
    )


def _without_elision(word: Word, context: Context) -> Word:
    """A word without what is elided before it (d'Ollama), unless the archive has it as it is."""
    pattern = _ELIDED.get(context.language)
    begin = pattern.match(word.text) if pattern else None
    if begin is None or context.archive.frequency(word.text):
        return word
    return Word(word.text[begin.end() :], word.shown[begin.end() :])


def _in_any_spelling(phrase: Word, archive: ArchiveWords) -> Word:
    """A phrase; but a quoted name that the archive lacks becomes an ordinary word (「コタエモン」 is kotaemon)."""
    absent = is_written_as_name(phrase.text) and not archive.frequency(phrase.text)
    return phrase._replace(phrase=False) if absent else phrase


def _is_chinese(words: Sequence[str], archive: ArchiveWords) -> bool:
    """Whether words in Han are Chinese: by their grammar, or because the archive is Chinese and they have no kana."""
    if is_chinese(words):
        return True
    han = any(map(has_han, words)) and not any(map(_KANA.search, words))
    return han and not Context(archive, "zh", lexicon("zh")).foreign


def only_requests(query: Query) -> bool:
    """Whether a query, in the language that it shows, consists only of words that ask; True if it is empty."""
    if query.empty:
        return True
    if not query.only_words:
        return False
    runs = [word.text for word in query.words if has_cjk(word.text)]
    spaced = [word.text for word in query.words if not has_cjk(word.text)]
    of_runs = "zh" if is_chinese(runs) else guess_language(runs) or "ja"
    of_spaced = guess_language(spaced) or "en"
    stop = STOP_WORDS.get(of_runs, frozenset())
    for piece in (piece for run in runs if run not in stop for piece in lexicon(of_runs).segment(run)):
        letter = len(piece) == 1 and not has_cjk(piece)
        if not (piece in stop or is_hiragana(piece) or letter or lexicon(of_runs).zipf(piece) >= GRAMMAR):
            return False
    stop = STOP_WORDS["en"] | STOP_WORDS.get(of_spaced, frozenset())
    parts = (part for word in spaced if word not in stop for part in _PARTS.split(word) if part)
    return all(part in stop or len(part) == 1 or lexicon(of_spaced).zipf(part) >= GRAMMAR for part in parts)


def _in_order(tokens: Sequence[Token], kept: Sequence[Word], hints: Sequence[Word]) -> Iterator[Word]:
    stays = {*kept, *hints}
    yield from dict.fromkeys(token.word for token in tokens if token.word in stays)


def _kept(tokens: Sequence[Token], archive: ArchiveWords) -> tuple[list[Word], list[Word]]:
    """The words that are asked about, and the hints."""
    held = any(token.kind == Kind.NAME or _is_held(token, archive) for token in tokens)
    foreign = [kind for kind in (Kind.FOREIGN, Kind.FOREIGN_COMMON) if any(token.kind == kind for token in tokens)]
    least = Kind.COMMON if held or not foreign else foreign[0]
    stays = [token.kind >= least for token in tokens]
    stays = [
        one or (token.kind in FOREIGN and _in_row(at, tokens, stays, archive))
        for at, (token, one) in enumerate(zip(tokens, stays, strict=True))
    ]
    if not any(is_distinctive_name(token, archive) for token in tokens) and not _row_tells(tokens, archive):
        return [token.word for token, one in zip(tokens, stays, strict=True) if one], []
    kept: list[Word] = []
    hints: list[Word] = []
    sure = [one and token.kind != Kind.COMMON for token, one in zip(tokens, stays, strict=True)]
    for at, token in enumerate(tokens):
        if sure[at] or (stays[at] and _in_row(at, tokens, sure, archive)):
            kept.append(token.word)
        elif stays[at]:
            hints.append(token.word)
    return kept, hints


def _is_held(token: Token, archive: ArchiveWords) -> bool:
    """Whether a token is content that the archive contains, or may contain in parts: text with hiragana."""
    return token.kind == Kind.CONTENT and (has_hiragana(token.text) or archive.frequency(token.text) > 0)


def _in_row(at: int, tokens: Sequence[Token], stays: Sequence[bool], archive: ArchiveWords) -> bool:
    """Whether a word and a neighbour that stays are one name: the archive often has them side by side."""
    for first in (at - 1, at):
        pair = tokens[first : first + 2] if first >= 0 else ()
        if len(pair) == 2 and stays[first if first != at else at + 1] and not any(has_cjk(one.text) for one in pair):
            rows = len(archive.side_by_side([one.text for one in pair]))
            if rows >= max(LEAST_ROWS, _ROW_SHARE * archive.frequency(tokens[at].text)):
                return True
    return False


def _row_tells(tokens: Sequence[Token], archive: ArchiveWords) -> bool:
    """Whether two words form a name that few stories contain, although many contain each word: Claude Code."""
    for pair in pairwise(tokens):
        if min(one.kind for one in pair) >= Kind.CONTENT and not any(has_cjk(one.text) for one in pair):
            rows = len(archive.side_by_side([one.text for one in pair]))
            most = max(archive.frequency(one.text) for one in pair)
            if rows >= max(LEAST_ROWS, _ROW_SHARE * most) and is_distinctive(rows, archive):
                return True
    return False


# --- words with spaces between them


def _unknown_kind(word: Word) -> int:
    """The kind of a word in a query that shows no language: content, unless it is a word by which English asks."""
    return Kind.ASKING if word.text in STOP_WORDS["en"] and word.shown.islower() else Kind.CONTENT


def _spaced_kind(word: Word, context: Context, *, named: bool) -> int:
    text, shown = word.text, word.shown
    zipf = max(context.table.zipf(text), min(map(context.table.zipf, _PARTS.split(text))))
    if named and context.language == "de":  # every German noun has a capital
        named = zipf < COMMON or context.is_own(text, zipf)
        rare = Kind.NAME if context.archive.frequency(text) else Kind.CONTENT
    else:
        rare = Kind.NAME
    if _COUNTED.fullmatch(text):
        return Kind.COMMON
    if (named and len(text) > 1) or _INNER_CAPITAL.search(shown):
        return rare if zipf < COMMON else Kind.CONTENT
    asking = (STOP_WORDS["en"], STOP_WORDS.get(context.language, frozenset()))
    if any(text in words or text.split("'")[0] in words for words in asking):
        return Kind.ASKING
    if zipf >= GRAMMAR or len(text) == 1:
        return Kind.GRAMMAR
    return _ordinary_kind(text, zipf, context)


def _ordinary_kind(text: str, zipf: float, context: Context) -> int:
    """The kind of a word that neither looks like a name nor asks."""
    held = context.archive.frequency(text)
    if context.is_own(text, zipf):
        return Kind.NAME if not zipf else Kind.CONTENT
    if context.foreign:
        if held and zipf < COMMON - 1:
            return Kind.CONTENT
        return Kind.FOREIGN if zipf < COMMON else Kind.FOREIGN_COMMON
    if zipf >= COMMON or (zipf and not held):
        return Kind.COMMON
    return Kind.NAME if held and not zipf else Kind.CONTENT
