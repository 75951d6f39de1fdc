"""How often general language uses a word, how a text without spaces divides into words, and what language a text is in.

The tables are derived from wordfreq (see ``qa/frequencies/derive.py`` and the notice within the data). Frequencies are
on the Zipf scale (van Heuven et al., "SUBTLEX-UK", QJEP 2014): the logarithm to base ten of the occurrences in a
billion words. *The* has 7, *research* 5, *neuralink* 3.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import accumulate, chain
from pathlib import Path

from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.normalize import HAN, HANGUL, HIRAGANA, KATAKANA, has_han, has_hiragana

__all__ = ["UNSEEN", "Lexicon", "guess_language", "is_chinese", "lexicon"]

UNSEEN = 0.0
"""The frequency of a word that is not in the table of its language."""

_DATA = Path(__file__).with_name("word_frequencies.zip")
_LATIN = ("en", "es", "fr", "de", "pt", "it", "nl", "pl", "sv", "tr", "id", "vi")
_CYRILLIC = ("ru", "uk")
#: Zipf value from which on a word belongs to the grammar of a language: its commonest hundred.
_GRAMMAR = 6.0
#: How many words of grammar, or words that English lacks, show another language: a single one may be a name.
_SHOWN = 2
#: Chinese is cut into more and shorter words, so each has a Zipf value lower by this.
_SHORT = 0.4
_USUAL = 4.5
#: Logarithm to base ten of the probability of a word that no table has, and of each of its characters.
_UNKNOWN_WORD, _UNKNOWN_CHARACTER = -5.0, -2.5
#: Logarithm to base ten of the odds from which on a run surely cuts through a word, and the longest run that is tested:
#: longer ones are less sure. Of 45 such runs drawn from 1,991 Japanese stories two are doubtful; at 2, a tenth.
_SURE, _LONGEST_CUT = 4.0, 10
#: Logarithm to base ten of the probability of a name in the archive: that of a word of Zipf value 4.
_NAME = -5.0

_UNIT = lazy_pattern(rf"(?P<atom>[{KATAKANA}]+|[^\s{HAN}{HIRAGANA}{KATAKANA}{HANGUL}]+)|[{HAN}{HIRAGANA}{HANGUL}]")
_ONE_SCRIPT = lazy_pattern(rf"[{HAN}]+|[{HIRAGANA}]+|[{HANGUL}]+")
_KANA = lazy_pattern(rf"[{HIRAGANA}{KATAKANA}]")
_HAN_RUN = lazy_pattern(rf"[{HAN}]+")
_HANGUL = lazy_pattern(rf"[{HANGUL}]")
_CYRILLIC_LETTER = lazy_pattern("[\u0400-\u04ff]")


class Lexicon:
    """The ``words`` of a language with their Zipf values, the commonest first; ``beside`` adds those of another."""

    def __init__(self, words: Mapping[str, float], beside: Mapping[str, float] | None = None) -> None:
        self.words = words
        self._beside = beside or {}
        self._longest = max(map(len, chain(words, self._beside)), default=1)

    def __contains__(self, word: object) -> bool:
        return word in self.words or word in self._beside

    def zipf(self, word: str) -> float:
        """The Zipf value of a normalised word; ``UNSEEN`` if the table lacks it."""
        zipf = self.words.get(word, UNSEEN)
        return max(zipf, self._beside.get(word, UNSEEN)) if self._beside else zipf

    def segment(self, text: str, is_name: Callable[[str], bool] | None = None) -> list[str]:
        """The likeliest words of ``text``, which is written without spaces, by a unigram model as in Nagata ("A
        stochastic Japanese morphological analyzer", COLING 1994). Katakana and letters are never cut. ``is_name`` says
        whether part of the text is a name in the archive.
        """
        units = [match.group() for match in _UNIT.finditer(text)]
        best: list[tuple[float, int]] = [(0.0, 0)] + [(-math.inf, 0)] * len(units)
        for start in range(len(units)):
            score = best[start][0]
            word = ""
            for end in range(start + 1, min(len(units), start + self._longest) + 1):
                word += units[end - 1]
                if len(word) > self._longest and end > start + 1:
                    break
                value = score + self._value(word, end - start, is_name)
                if value > best[end][0]:
                    best[end] = (value, start)
        words: list[str] = []
        end = len(units)
        while end:
            start = best[end][1]
            words.append("".join(units[start:end]))
            end = start
        return words[::-1]

    def cuts_through(self, part: str, run: str) -> bool:
        """Whether ``part``, wherever it occurs in a run of kanji, surely begins or ends inside a word: 化学 is not a
        part of 強化学習. In case of doubt it is a part: by likelihood 京都 may be one of 東京都.
        """
        if part not in self or len(run) > _LONGEST_CUT or not self._is_crossed(part, run):
            return False
        words = self.segment(run)
        ends = list(accumulate(map(len, words)))
        start = run.find(part)
        while start >= 0:
            end = start + len(part)
            with_part = chain.from_iterable(map(self.segment, (run[:start], part, run[end:])))
            if not any(start < cut < end for cut in ends) or self._odds(words, with_part) < _SURE:
                return False
            start = run.find(part, start + 1)
        return True

    def _is_crossed(self, part: str, run: str) -> bool:
        """Whether a short word crosses an end of ``part``. Few runs have one; all others need not be cut."""
        start = run.find(part)
        ends = (start, start + len(part))
        return run.count(part) > 1 or any(
            run[end - before : end + size - before] in self
            for end in ends
            for size in (2, 3)
            for before in range(1, size)
            if before <= end <= len(run) - size + before
        )

    def _odds(self, words: Iterable[str], others: Iterable[str]) -> float:
        """The logarithm to base ten of the odds of some words against others."""
        first, second = (sum(self._value(word, len(word), None) for word in cut) for cut in (words, others))
        return first - second

    def _value(self, word: str, units: int, is_name: Callable[[str], bool] | None) -> float:
        """The logarithm to base ten of the probability of a word of ``units`` characters, or stretches never cut."""
        zipf = self.zipf(word)
        if zipf > UNSEEN:
            value = zipf - 9
        elif units == 1 or _ONE_SCRIPT.fullmatch(word):
            value = _UNKNOWN_WORD + _UNKNOWN_CHARACTER * units
        else:
            value = -math.inf
        return max(value, _NAME) if units > 1 and is_name is not None and is_name(word) else value


@cache
def lexicon(language: str, beside: str | None = None) -> Lexicon:
    """The table of a language (``en``, ``ja`` …), empty if there is none; ``beside`` adds those of another."""
    if beside is None:
        return Lexicon(dict(_rows(language, UNSEEN)))
    return Lexicon(lexicon(language).words, lexicon(beside).words)


@cache
def _grammar_of(language: str) -> dict[str, float]:
    """The commonest words of a language, with their Zipf values."""
    return dict(_rows(language, _GRAMMAR))


def _rows(language: str, least: float) -> Iterator[tuple[str, float]]:
    """The words of a table with their Zipf values, the commonest first, down to ``least``."""
    import zipfile  # start-up

    with zipfile.ZipFile(_DATA) as archive:
        try:
            table = archive.open(f"{language}.txt")
        except KeyError:
            return
        with table:
            for line in table:
                tenths, *words = line.decode("utf-8").split()
                zipf = int(tenths) / 10
                if zipf < least:
                    return
                for word in words:
                    yield word, zipf


def guess_language(words: Sequence[str]) -> str | None:
    """The language that normalised ``words`` show by their script and their words of grammar.

    None if they show none, as names and bare keywords do.
    """
    text = " ".join(words)
    if _HANGUL.search(text):
        return "ko"
    if has_han(text) and not has_hiragana(text):
        return "zh" if is_chinese(words) else None
    if _KANA.search(text):
        return "ja"
    candidates = _CYRILLIC if _CYRILLIC_LETTER.search(text) else _LATIN
    return _of_alphabet({part for word in words for part in (word, *word.split("'"))}, candidates) if words else None


def _of_alphabet(words: Collection[str], candidates: Sequence[str]) -> str | None:
    """The language that ``words`` show among ``candidates``, which share an alphabet; the usual one comes first."""
    scores = {one: sum(word in _grammar_of(one) for word in words) for one in candidates}
    most = max(scores.values())
    if scores[candidates[0]] == most >= (_SHOWN if candidates is _LATIN else 0):
        return candidates[0]
    if most >= _SHOWN:
        best = [one for one in candidates if scores[one] == most]
        return best[0] if len(best) == 1 else _knowing(words, best)[0]
    english = "en" if most else None
    strange = {word for word in words if len(word) > 1 and word not in lexicon("en")}
    if len(strange) < _SHOWN:
        return english
    language, more = _knowing(strange, candidates)
    return language if more >= _SHOWN and language != "en" else english


def _knowing(words: Collection[str], candidates: Sequence[str]) -> tuple[str, int]:
    """The language whose table has the most of ``words`` (the first of equals), and how many more that is than English
    has.
    """
    import zipfile  # start-up

    wanted = [f" {word} ".encode() for word in words if len(word) > 1]
    counts = {}
    with zipfile.ZipFile(_DATA) as archive:
        for language in dict.fromkeys(("en", *candidates)):
            table = archive.read(f"{language}.txt").replace(b"\n", b" \n")
            counts[language] = sum(word in table for word in wanted)
    best = max(candidates, key=counts.__getitem__)
    return best, counts[best] - counts["en"]


def is_chinese(words: Iterable[str]) -> bool:
    """Whether words in Han show the grammar of Chinese, which Japanese lacks, or two usual words that only Chinese has.

    If there is hiragana, as in names of a Japanese archive, only the two words count.
    """
    words = list(words)
    runs = [run for word in filter(has_han, words) for run in _HAN_RUN.findall(word)]
    if not runs:
        return False
    chinese, japanese = lexicon("zh"), lexicon("ja")
    mixed = any(map(has_hiragana, words))
    chinese_alone = 0
    cut = ((run, chinese.segment(run)) for run in runs)
    for piece in (piece for run, pieces in cut if not _is_japanese(run, len(pieces)) for piece in pieces):
        zipf = chinese.zipf(piece)
        chinese_alone += zipf >= _USUAL and piece not in japanese
        if not mixed and zipf >= _GRAMMAR - _SHORT and japanese.zipf(piece) < _GRAMMAR - 1:
            return True
    return chinese_alone >= _SHOWN


def _is_japanese(run: str, chinese: int) -> bool:
    """Whether Japanese cuts a run into fewer words than ``chinese``: 予想 is one word, in Chinese 予 and 想."""
    japanese = lexicon("ja")
    words = japanese.segment(run)
    return len(words) < chinese and all(word in japanese for word in words)
