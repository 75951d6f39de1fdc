"""The words of a generation as plain text, to be searched at C speed: what contains a word, what sounds the same.

Every katakana or kanji run of the archive is a term of its own (``=エージェント``). So a word that is all katakana or
all kanji stands in a document exactly where one of the document's runs contains it, and finding those runs is one
scan over this vocabulary instead of a check of every candidate's text. Files in a generation, all UTF-8:

- ``runs.txt``: the runs, a line each;
- ``kana.txt``: ``folded<TAB>run`` for katakana runs (see ``fold_katakana``), a line each;
- ``words.txt``: the words of other scripts, a line each, which near spellings are drawn from;
- ``sounds.txt``: ``key<TAB>word`` for katakana runs, the words in them that dots part, and Latin words (see
  ``zunda_mcp.text.phonetics``), a line each;
- ``names.txt``: names in hiragana, which look like grammar, a line each.

A word stays as long as a story or notes hold it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from zunda_mcp.index import index_tuning
from zunda_mcp.text.normalize import KATAKANA, fold_katakana, has_cjk, is_hiragana, normalize
from zunda_mcp.text.phonetics import nearly_sounding, sound_keys
from zunda_mcp.text.tokenizer import content_words, is_word

__all__ = ["FILES", "Vocabulary", "VocabularyWriter", "dotted_words", "is_plain_word", "names_of"]

_KATAKANA = re.compile(rf"[{KATAKANA}]")
_RUN, _DOT = "=", "・"
FILES = ("runs.txt", "kana.txt", "words.txt", "sounds.txt", "names.txt")


class Vocabulary:
    """The words of one generation. Read when first needed; thread-safe, since it never changes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _runs(self) -> str:
        return _read(self._folder / FILES[0])

    @cached_property
    def _kana(self) -> str:
        return _read(self._folder / FILES[1])

    @cached_property
    def words(self) -> list[str]:
        """The words of scripts written with spaces, sorted."""
        return _read(self._folder / FILES[2]).split("\n")[1:-1]

    @cached_property
    def runs(self) -> list[str]:
        """All katakana and kanji runs, sorted."""
        return self._runs.split("\n")[1:-1]

    @property
    def kana(self) -> list[str]:
        """The lines of folded katakana and runs, sorted."""
        return self._kana.split("\n")[1:-1]

    @cached_property
    def names(self) -> frozenset[str]:
        """The names in hiragana."""
        return frozenset(_read(self._folder / FILES[4]).split("\n")[1:-1])

    @cached_property
    def mostly_cjk(self) -> bool:
        """Whether the archive is written without spaces in the main."""
        return len(self.runs) > len(self.words)

    @cached_property
    def sounds(self) -> list[str]:
        """The lines of keys and words, sorted."""
        return _read(self._folder / FILES[3]).split("\n")[1:-1]

    def runs_with(self, part: str) -> Iterator[str]:
        """The runs that contain ``part``, itself included where it is one."""
        text = self._runs
        at = text.find(part)
        while at >= 0:
            start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
            yield text[start:end]
            at = text.find(part, end)

    def beginning_like(self, word: str, slips: int) -> Iterable[str]:
        """The words of scripts written with spaces that begin with the same letter, those ``slips`` letters away among
        them.
        """
        return _beginning_with(self.words, word[0])

    def words_like(self, word: str) -> Sequence[str]:
        """Words, in order, that are nearly as long and have the same first or second letter, or that begin so."""
        first, second, begun = re.escape(word[0]), re.escape(word[1]), re.escape(word)
        as_long = f"{{{max(len(word) - 4, 0)},{len(word)}}}"  # but for two letters
        like: list[str] = re.findall(
            f"^(?:(?:{first}.|.{second}).{as_long}|{begun}.*)$", "\n".join(self.words), re.MULTILINE
        )
        return like

    def runs_like(self, run: str) -> Sequence[str]:
        """Runs, in order, among them all that are spelled much like it."""
        return _beginning_with(self.runs, run[0])

    def sounding(self, key: str) -> Iterator[str]:
        """The katakana runs and Latin words with this key of consonants."""
        lines, start = self.sounds, f"{key}\t"
        at = bisect_left(lines, start)
        while at < len(lines) and lines[at].startswith(start):
            yield lines[at][len(start) :]
            at += 1

    def sounding_near(self, key: str) -> Iterator[str]:
        """Those whose key is one consonant away: one more, one fewer or another one."""
        lines = self.sounds
        for near in nearly_sounding(key):  # some hundred, of which few are there
            if (at := bisect_left(lines, f"{near}\t")) < len(lines) and lines[at].startswith(f"{near}\t"):
                yield from self.sounding(near)

    def same_sound(self, word: str) -> Iterator[str]:
        """The katakana runs that contain ``word`` in another spelling; a short one only as a whole."""
        key, text = fold_katakana(word), self._kana
        if len(key) < index_tuning.MIN_PART_LENGTH:
            yield from _values(text, key)
            return
        at = text.find(key)
        while at >= 0:
            end = text.find("\n", at)
            yield text[text.find("\t", text.rfind("\n", 0, at)) + 1 : end]
            at = text.find(key, end)


class VocabularyWriter:
    """Gathers the words of the documents added to a generation, beside those it started from."""

    def __init__(self, base: Path | None) -> None:
        self._runs: set[str] = set()
        self._words: set[str] = set()
        self._names: set[str] = set()
        self._hiragana: set[str] = set()
        self._sounds: set[str] = set()
        if base is not None:
            before = Vocabulary(base)
            self._runs.update(before.runs)
            self._words.update(before.words)
            self._sounds.update(before.sounds)
            self._hiragana.update(before.names)
        self._with_sounds = self._sounding()
        self._removed: set[str] = set()

    def add(self, terms: Iterable[str]) -> None:
        """Some terms."""
        for term in terms:
            if term[0] == _RUN:
                self._runs.add(term[1:])
            elif len(term) > 2 and is_word(term) and not has_cjk(term):
                self._words.add(term)

    def add_names(self, names: Iterable[str]) -> None:
        """Some names, as ``names_of`` gives them."""
        for name in names:
            (self._names if " " in name else self._hiragana).add(name)

    def remove(self, terms: Iterable[str], names: Iterable[str]) -> None:
        """Terms and names that nothing in the generation holds any more."""
        removed = set(names)
        for term in terms:
            word = term.removeprefix(_RUN)
            (self._runs if word != term else self._words).discard(word)
            removed.add(word)
        self._hiragana -= removed
        self._names -= removed
        self._removed |= removed

    def _sounding(self) -> set[str]:
        """The words that are found by their sound."""
        return self._runs | self._words | self._names | dotted_words(self._runs)

    def write(self, folder: Path) -> None:
        """Write the files into a generation folder."""
        sounding = self._sounding()
        for word in (self._with_sounds | self._removed) - sounding:
            self._sounds.difference_update(_sound_lines(word))
        for word in sounding - self._with_sounds:
            self._sounds.update(_sound_lines(word))
        kana = {f"{fold_katakana(run)}\t{run}" for run in self._runs if _KATAKANA.match(run)}
        for name, lines in zip(FILES, (self._runs, kana, self._words, self._sounds, self._hiragana), strict=True):
            text = "\n" + "".join(f"{line}\n" for line in sorted(lines))
            (folder / name).write_text(text, encoding="utf-8", errors="surrogatepass", newline="\n")


def dotted_words(runs: Iterable[str]) -> set[str]:
    """The words that dots part in some runs: リーナス and トーバルズ in リーナス・トーバルズ."""
    return {part for run in runs if _DOT in run for part in run.split(_DOT) if part}


def names_of(mentioned: Iterable[str]) -> set[str]:
    """Those of the names a story mentions that no term stands for: of several Latin words, to be found by their sound,
    and in hiragana.
    """
    latin = {normalize(name) for name in mentioned if " " in name and name.isascii()}
    return latin | {name for name in mentioned if is_hiragana(name) and content_words(name) == [name]}


def _sound_lines(word: str) -> Iterator[str]:
    """The lines of a word in ``sounds.txt``."""
    if index_tuning.MIN_SOUND_LENGTH <= len(word) <= index_tuning.MAX_SOUND_LENGTH:
        for key in sound_keys(word.replace(" ", "")):
            yield f"{key}\t{word}"


def is_plain_word(word: str) -> bool:
    """Whether a word of the vocabulary is one that means something by itself: letters alone, of a usual length."""
    return word.isalpha() and 2 <= len(word) <= index_tuning.MAX_WORD_LENGTH and not (word.isascii() and len(word) <= 2)


def _values(text: str, key: str) -> Iterator[str]:
    """What stands behind ``key`` in lines of ``key<TAB>value``."""
    line = f"\n{key}\t"
    at = text.find(line)
    while at >= 0:
        start, end = at + len(line), text.find("\n", at + len(line))
        yield text[start:end]
        at = text.find(line, end)


def _beginning_with(words: Sequence[str], letter: str) -> Sequence[str]:
    """Those of some sorted words that begin with a letter."""
    return words[bisect_left(words, letter) : bisect_left(words, chr(ord(letter) + 1))]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="surrogatepass") if path.is_file() else "\n"
