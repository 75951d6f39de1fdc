"""What is asked, apart from how it is asked: ``Could you find the best article about X`` asks for X.

Background frequencies tell one from the other in any language (see ``zunda_mcp.text.frequencies``): a word that
everybody uses asks or connects, one that general language hardly knows names something. The archive decides where both
could be: a common word that stands in it far more often than in general language, or side by side with the word next
to it, is content. Ordinary words of a language that the archive is not written in can only ask, once a name is left.

Beside a name a common word that stays only helps to order (a hint). Where nothing but asking would be left, a query
stays as it was typed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence, Sized
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from zunda_mcp.query.parse import Query, Word
from zunda_mcp.query.stop_words import ABOUT, QUESTION_WORDS, STOP_WORDS, TOPIC_MARKERS
from zunda_mcp.text.frequencies import Lexicon, guess_language, is_chinese, lexicon
from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.normalize import HAN, HANGUL, HIRAGANA, has_cjk, is_hiragana
from zunda_mcp.text.tokenizer import PARTICLES, content_words, is_grammar

__all__ = ["ArchiveWords", "is_own", "only_requests", "without_request"]

#: Zipf values. From the first on a word is grammar in every text; from the second on it is common: everybody uses it.
_GRAMMAR, _COMMON = 6.0, 4.2
#: The same for hiragana, of up to so many characters, for Japanese verbs and adjectives, and for nouns in kanji: one
#: word of Japanese is cut into more and shorter tokens.
_KANA_GRAMMAR, _KANA_LENGTH, _COMMON_KANA, _COMMON_VERB, _COMMON_NOUN = 5.3, 2, 3.5, 4.3, 5.0
#: The logarithm to base ten of the probability of a character of hiragana, from which on a row of short words is
#: grammar (するんだ -1.6) and no name (ずんだもん -2.4).
_USUAL_KANA = -2.0
#: A name tells stories apart: at most one in so many has it.
_DISTINCTIVE = 8
#: Words of an average story, for what its length alone lets expect.
_STORY_WORDS = 60
#: So many times more often than general language has it, a word is the archive's own, in so many stories at least.
_OVER, _LEAST_STORIES = 8, 3
#: The share of a common word's stories that have it beside its neighbour, from which on both are one name.
_ROW_SHARE, _LEAST_ROWS = 0.1, 2

_INNER_CAPITAL = lazy_pattern(r"\w[A-Z]|\d")
_ONE_WRITING = lazy_pattern(rf"(?P<hangul>[{HANGUL}]+)|[^{HANGUL}]+")
_KANA = lazy_pattern(rf"[{HIRAGANA}]{{3,}}")
_HIRAGANA_LETTER = lazy_pattern(rf"[{HIRAGANA}]")
_HONORIFIC = frozenset({"お", "ご"})
_ORDINAL = "目"
_TOPIC = frozenset({"は", "って", "とは"})
_COUNTED = lazy_pattern(r"\d+(?:st|nd|rd|th|s)")
_PARTS = lazy_pattern("['’-]")
_LOCAL = lazy_pattern(rf"[{HAN}{HANGUL}]")


class ArchiveWords(Protocol):
    """What an archive says of a word."""

    @property
    def stories(self) -> int:
        """How many stories it has; at least 1."""

    @property
    def language(self) -> str | None:
        """The language it is written in, as a tag; None where nothing says it."""

    def frequency(self, word: str) -> int:
        """How many stories hold a normalised word."""

    def side_by_side(self, words: Sequence[str]) -> Sized:
        """The stories that hold Latin words side by side."""


class _Kind:
    """What a word does in a question. From ``COMMON`` on it may be what is asked about."""

    GRAMMAR, ASKING, FOREIGN_COMMON, FOREIGN, COMMON, CONTENT, NAME = range(7)


_FOREIGN = (_Kind.FOREIGN_COMMON, _Kind.FOREIGN)


class _Token(NamedTuple):
    """A part of a question, and the ``word`` it was typed as where it is the whole of one."""

    text: str
    kind: int
    word: Word


@dataclass(frozen=True, slots=True)
class _Context:
    """What is asked of, and in which language."""

    archive: ArchiveWords
    language: str
    table: Lexicon

    @property
    def foreign(self) -> bool:
        """Whether the question is in a language that neither the archive nor its names are written in."""
        return self.language not in {"en", (self.archive.language or "en").split("-")[0]}

    def is_own(self, word: str, zipf: float) -> bool:
        """Whether a common word is the archive's own: it stands there far more often than in general language."""
        return is_own(self.archive.frequency(word), self.archive.stories, zipf)


def is_own(holding: int, stories: int, zipf: float) -> bool:
    """Whether so many of the ``stories`` hold a word as general language, where it has this Zipf value, lets nobody
    expect.
    """
    expected = -math.expm1(-(10 ** (zipf - 9)) * _STORY_WORDS) * stories
    return holding >= max(_LEAST_STORIES, _OVER * expected)


def without_request(query: Query, archive: ArchiveWords) -> Query:
    """``query`` without what asks in its words and its text, and with what is merely common in its ``hints``."""
    spaced = [word for word in query.words if not word.phrase and not has_cjk(word.text)]
    capital = {word for word in spaced[1 if spaced[:1] == list(query.words[:1]) else 0 :] if word.shown[:1].isupper()}
    of_spaced = guess_language([word.text for word in spaced if word not in capital])
    chinese = is_chinese([word.text for word in query.words if not word.phrase])
    tokens: list[_Token] = []
    for word in query.words:
        if word.either:
            tokens.append(_Token(word.text, _Kind.CONTENT, word))
        elif word.phrase:
            tokens.append(_Token(word.text, _Kind.NAME, word))
        elif has_cjk(word.text):
            tokens += _of_run(word, archive, chinese=chinese)
        elif of_spaced is None:
            tokens.append(_Token(word.text, _unknown_kind(word), word))
        else:
            context = _Context(archive, of_spaced, lexicon(of_spaced))
            tokens.append(_Token(word.text, _spaced_kind(word, context, named=word in capital), word))
    kept, hints = _kept(tokens, archive)
    if not kept or (tuple(kept), tuple(hints)) == (query.words, ()):
        return query
    text = " ".join(f'"{word.shown}"' if word.phrase else word.shown for word in _in_order(tokens, kept, hints))
    return replace(query, words=tuple(dict.fromkeys(kept)), hints=tuple(dict.fromkeys(hints)), text=text)


def only_requests(query: Query) -> bool:
    """Whether nothing in a query is more than asking, in the language that it shows."""
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
        if not (piece in stop or is_hiragana(piece) or letter or lexicon(of_runs).zipf(piece) >= _GRAMMAR):
            return False
    stop = STOP_WORDS["en"] | STOP_WORDS.get(of_spaced, frozenset())
    parts = (part for word in spaced if word not in stop for part in _PARTS.split(word) if part)
    return all(part in stop or len(part) == 1 or lexicon(of_spaced).zipf(part) >= _GRAMMAR for part in parts)


def _in_order(tokens: Sequence[_Token], kept: Sequence[Word], hints: Sequence[Word]) -> Iterator[Word]:
    stays = {*kept, *hints}
    yield from dict.fromkeys(token.word for token in tokens if token.word in stays)


def _kept(tokens: Sequence[_Token], archive: ArchiveWords) -> tuple[list[Word], list[Word]]:
    """The words that are asked about, and those that merely help to order."""
    held = any(token.kind == _Kind.NAME or _is_held(token, archive) for token in tokens)
    foreign = [kind for kind in (_Kind.FOREIGN, _Kind.FOREIGN_COMMON) if any(token.kind == kind for token in tokens)]
    least = _Kind.COMMON if held or not foreign else foreign[0]
    stays = [token.kind >= least for token in tokens]
    stays = [
        one or (token.kind in _FOREIGN and _in_row(at, tokens, stays, archive))
        for at, (token, one) in enumerate(zip(tokens, stays, strict=True))
    ]
    if not any(_tells(token, archive) for token in tokens):
        return [token.word for token, one in zip(tokens, stays, strict=True) if one], []
    kept: list[Word] = []
    hints: list[Word] = []
    sure = [one and token.kind != _Kind.COMMON for token, one in zip(tokens, stays, strict=True)]
    for at, token in enumerate(tokens):
        if sure[at] or (stays[at] and _in_row(at, tokens, sure, archive)):
            kept.append(token.word)
        elif stays[at]:
            hints.append(token.word)
    return kept, hints


def _is_held(token: _Token, archive: ArchiveWords) -> bool:
    """Whether it is content that the archive may hold; a Japanese sentence is looked for by its parts."""
    return token.kind == _Kind.CONTENT and (
        _HIRAGANA_LETTER.search(token.text) is not None or archive.frequency(token.text) > 0
    )


def _in_row(at: int, tokens: Sequence[_Token], stays: Sequence[bool], archive: ArchiveWords) -> bool:
    """Whether a word makes one name with a neighbour that stays: the archive has it beside that most of all."""
    for first in (at - 1, at):
        pair = tokens[first : first + 2] if first >= 0 else ()
        if len(pair) == 2 and stays[first if first != at else at + 1] and not any(has_cjk(one.text) for one in pair):
            rows = len(archive.side_by_side([one.text for one in pair]))
            if rows >= max(_LEAST_ROWS, _ROW_SHARE * archive.frequency(tokens[at].text)):
                return True
    return False


def _tells(token: _Token, archive: ArchiveWords) -> bool:
    """Whether a token names something that tells stories of the archive apart, or that no story has."""
    if token.kind != _Kind.NAME or token.text.isdigit():
        return False
    return archive.frequency(token.text) <= archive.stories / _DISTINCTIVE


# --- words with spaces between them


def _unknown_kind(word: Word) -> int:
    """Of a word in a query that shows no language: all but plain English asking is content."""
    return _Kind.ASKING if word.text in STOP_WORDS["en"] and word.shown.islower() else _Kind.CONTENT


def _spaced_kind(word: Word, context: _Context, *, named: bool) -> int:
    text, shown = word.text, word.shown
    zipf = max(context.table.zipf(text), min(map(context.table.zipf, _PARTS.split(text))))
    if named and context.language == "de":  # where every noun has a capital
        named = zipf < _COMMON or context.is_own(text, zipf)
        rare = _Kind.NAME if context.archive.frequency(text) else _Kind.CONTENT
    else:
        rare = _Kind.NAME
    if _COUNTED.fullmatch(text):
        return _Kind.COMMON
    if (named and len(text) > 1) or _INNER_CAPITAL.search(shown):
        return rare if zipf < _COMMON else _Kind.CONTENT
    asking = (STOP_WORDS["en"], STOP_WORDS.get(context.language, frozenset()))
    if any(text in words or text.split("'")[0] in words for words in asking):
        return _Kind.ASKING
    if zipf >= _GRAMMAR or len(text) == 1:
        return _Kind.GRAMMAR
    return _ordinary_kind(text, zipf, context)


def _ordinary_kind(text: str, zipf: float, context: _Context) -> int:
    """Of a word that neither looks like a name nor asks."""
    held = context.archive.frequency(text)
    if context.is_own(text, zipf):
        return _Kind.NAME if not zipf else _Kind.CONTENT
    if context.foreign:
        if held and zipf < _COMMON - 1:
            return _Kind.CONTENT
        return _Kind.FOREIGN if zipf < _COMMON else _Kind.FOREIGN_COMMON
    if zipf >= _COMMON or (zipf and not held):
        return _Kind.COMMON
    return _Kind.NAME if held and not zipf else _Kind.CONTENT


# --- words without


def _of_run(word: Word, archive: ArchiveWords, *, chinese: bool) -> Iterator[_Token]:
    """The tokens of a stretch of Chinese, Japanese or Korean; what is asked about is one word again, as typed."""
    for match in _ONE_WRITING.finditer(word.text):
        text = match.group()
        if match["hangul"]:
            yield from _pieces(text, word, _Context(archive, "ko", lexicon("ko")))
        elif chinese:
            yield from _pieces(text, word, _Context(archive, "zh", lexicon("zh", "ja")))
        else:
            yield from _subject(text, word, _Context(archive, "ja", lexicon("ja")))


def _part(text: str, word: Word) -> Word:
    """A part of a word, as it was typed."""
    at = word.text.find(text)
    if text == word.text or len(word.shown) != len(word.text):
        return word if text == word.text else Word(text, text)
    return Word(text, word.shown[at : at + len(text)])


def _pieces(run: str, word: Word, context: _Context) -> Iterator[_Token]:
    """Content that stands together is one word again."""
    content, kind = "", _Kind.COMMON
    for text in [*context.table.segment(run), ""]:
        own = _cjk_kind(text, context)
        if own >= _Kind.COMMON:
            content, kind = content + text, max(kind, own)
            continue
        if content:
            yield _Token(content, kind, _part(content, word))
            content, kind = "", _Kind.COMMON
        if text:
            yield _Token(text, own, _part(text, word))


def _cjk_kind(text: str, context: _Context) -> int:
    """Of a piece of Chinese or Korean."""
    if not any(map(str.isalnum, text)):
        return _Kind.GRAMMAR
    if not _LOCAL.search(text):
        return _Kind.NAME
    zipf = context.table.zipf(text)
    if text in STOP_WORDS.get(context.language, ()):
        return _Kind.ASKING
    if zipf >= _GRAMMAR or (len(text) == 1 and zipf):
        return _Kind.GRAMMAR
    if context.foreign:
        shared = text in lexicon((context.archive.language or "ja").split("-")[0])
        shown = shared or lexicon(context.language).zipf(text) < _COMMON
        return _Kind.CONTENT if shown and context.archive.frequency(text) else _Kind.FOREIGN
    return _Kind.COMMON if zipf >= _COMMON_NOUN and not context.is_own(text, zipf) else _Kind.CONTENT


def _subject(run: str, word: Word, context: _Context) -> Iterator[_Token]:
    """The subject of a Japanese sentence: what stands before the words that ask, without those that lead to it."""
    names = {name for kana in _KANA.findall(run) for name in _names_in(kana, run, context)}
    pieces = context.table.segment(run, names.__contains__)
    kinds = [_japanese_kind(piece, context, names) for piece in pieces]
    for at in range(1, len(pieces)):
        if pieces[at] == _ORDINAL and kinds[at - 1] == _Kind.ASKING:  # 何回目
            kinds[at] = _Kind.ASKING
    begin, end = 0, len(pieces)
    if len(pieces) == 1 and len(run) > 1 and kinds[0] == _Kind.ASKING and not is_hiragana(run):
        yield _Token(run, _Kind.COMMON, _part(run, word))
        return
    while begin < end and kinds[begin] in {_Kind.GRAMMAR, _Kind.ASKING} and pieces[begin] not in _HONORIFIC:
        begin += 1
    tail = end
    while tail > begin and kinds[tail - 1] < _Kind.CONTENT:
        tail -= 1
    asks = (at for at in range(tail, end) if kinds[at] == _Kind.ASKING or pieces[at] in TOPIC_MARKERS)
    marker = next(asks, end)
    if marker < end:
        end = marker
        while end > begin and kinds[end - 1] == _Kind.GRAMMAR:
            end -= 1
    asks = (at for at in range(begin + 1, end) if pieces[at] in QUESTION_WORDS and pieces[at - 1] in _TOPIC)
    about = min(next((at for at in range(begin, end) if pieces[at] in ABOUT), end), next(asks, end + 1) - 1)
    for first, last, most in ((begin, about, _Kind.NAME), (about + 1, end, _Kind.COMMON)):
        held = (at for at in range(first, last) if kinds[at] > _Kind.ASKING or pieces[at] in _HONORIFIC)
        start = next(held, last)
        text = "".join(pieces[start:last])
        if text:
            kind = max(kinds[start:last])
            if kind == _Kind.CONTENT and context.table.zipf(text) < _COMMON and not _HIRAGANA_LETTER.search(text):
                kind = _Kind.NAME
            yield _Token(text, min(kind, most), _part(text, word))


def _names_in(kana: str, run: str, context: _Context) -> Iterator[str]:
    """The names that begin the content of a run of hiragana: the archive has them, and they hold no other word."""
    is_topic = run.startswith(kana) and any(word in run[: len(kana) + 2] for word in QUESTION_WORDS)  # ずんだもんは誰が
    for content in (kana,) if kana == run or is_topic else content_words(kana):
        for end in range(_KANA_LENGTH + 1, len(content) + 1):
            name = content[:end]
            if PARTICLES & {name[-1], "" if kana == run else name[0]} or name in context.table:
                continue
            if context.archive.frequency(name) < _LEAST_ROWS:
                break  # nor is a longer one held by more
            pieces = context.table.segment(name)
            usual = sum(context.table.zipf(piece) - 9 for piece in pieces) / len(name)
            if usual <= _USUAL_KANA and all(len(piece) <= _KANA_LENGTH for piece in pieces):
                yield name


def _japanese_kind(text: str, context: _Context, names: set[str]) -> int:
    zipf = context.table.zipf(text)
    if text in STOP_WORDS["ja"]:
        return _Kind.ASKING
    if not any(map(str.isalnum, text)) or (text.isascii() and len(text) == 1 and text.isalpha()):
        return _Kind.GRAMMAR
    if is_hiragana(text):
        return _hiragana_kind(text, zipf, names)
    inflected = _HIRAGANA_LETTER.search(text) is not None
    common = text.isdigit() or zipf >= (_COMMON_VERB if inflected else _COMMON_NOUN)
    own = not inflected and context.is_own(text, zipf)
    return _Kind.COMMON if common and not own else _Kind.CONTENT


def _hiragana_kind(text: str, zipf: float, names: set[str]) -> int:
    if text in names or zipf < _COMMON_KANA:
        return _Kind.CONTENT
    grammar = zipf >= _KANA_GRAMMAR or len(text) <= _KANA_LENGTH or is_grammar(text)
    return _Kind.GRAMMAR if grammar else _Kind.COMMON
