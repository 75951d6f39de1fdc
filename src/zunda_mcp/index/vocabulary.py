"""The words of a generation as plain text, searched at C speed for what contains a word or sounds the same.

Every katakana or kanji run of the archive is a term of its own (``=エージェント``). So a document contains an
all-katakana or all-kanji word exactly if one of its runs does, and one scan over this vocabulary finds those runs, with
no need to check the texts. Files in a generation, all UTF-8:

- ``runs.txt``: the runs, one on each line;
- ``kana.txt``: ``folded<TAB>run`` for katakana runs (see ``fold_katakana``), one on each line;
- ``words.txt``: the words of other scripts, one on each line, from which similar spellings are drawn;
- ``sounds.txt``: ``key<TAB>word`` for katakana runs, the words in them that dots separate, and Latin words (see
  ``zunda_mcp.text.phonetics``), one on each line;
- ``names.txt``: names in hiragana, which look like grammar, one on each line.

A word stays as long as a story or notes contain it.
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
    """The words of one generation. Read on first use; thread-safe, since it never changes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _runs(self) -> str:
        return _read(self._folder / FILES[0])

    @cached_property
    def _kana(self) -> str:
        return _read(self._folder / FILES[1])

    @cached_property
    def _words(self) -> str:
        return _read(self._folder / FILES[2])

    @property
    def words(self) -> list[str]:
        """The words of scripts written with spaces, sorted."""
        return self._words.split("\n")[1:-1]

    @property
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
        """Whether the archive is mostly written without spaces."""
        return self._runs.count("\n") > self._words.count("\n")

    @cached_property
    def sounds(self) -> list[str]:
        """The lines of keys and words, sorted."""
        return _read(self._folder / FILES[3]).split("\n")[1:-1]

    def runs_with(self, part: str) -> Iterator[str]:
        """Yield the runs that contain ``part``, and ``part`` itself if it is a run."""
        text = self._runs
        at = text.find(part)
        while at >= 0:
            start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
            yield text[start:end]
            at = text.find(part, end)

    def beginning_like(self, word: str, slips: int) -> Iterable[str]:
        """Return the words of scripts with spaces that begin with the same letter, whatever ``slips`` is."""
        return _beginning_with(self._words, word[0])

    def words_like(self, word: str) -> Sequence[str]:
        """Return words, in order, about as long with the same first or second letter, or that begin with ``word``."""
        first, second, begun = re.escape(word[0]), re.escape(word[1]), re.escape(word)
        as_long = f"{{{max(len(word) - 4, 0)},{len(word)}}}"  # without the first two letters
        like: list[str] = re.findall(
            f"^(?:(?:{first}.|.{second}).{as_long}|{begun}.*)$", self._words[1:-1], re.MULTILINE
        )
        return like

    def runs_like(self, run: str) -> Sequence[str]:
        """Return runs, in order, including all that are spelled much like ``run``."""
        return _beginning_with(self._runs, run[0])

    def sounding(self, key: str) -> Iterator[str]:
        """Yield the katakana runs and Latin words with this key of consonants."""
        lines, start = self.sounds, f"{key}\t"
        at = bisect_left(lines, start)
        while at < len(lines) and lines[at].startswith(start):
            yield lines[at][len(start) :]
            at += 1

    def sounding_near(self, key: str) -> Iterator[str]:
        """Yield those whose key is one consonant away: one more, one fewer or another one."""
        lines = self.sounds
        for near in nearly_sounding(key):  # some hundred, few of which exist
            if (at := bisect_left(lines, f"{near}\t")) < len(lines) and lines[at].startswith(f"{near}\t"):
                yield from self.sounding(near)

    def same_sound(self, word: str) -> Iterator[str]:
        """Yield the katakana runs that contain ``word`` in another spelling; a short word must be the whole run."""
        key, text = fold_katakana(word), self._kana
        key = f"\n{key}\t" if len(key) < index_tuning.MIN_PART_LENGTH else key
        at = text.find(key)
        while at >= 0:
            end = text.find("\n", at + 1)
            yield text[text.find("\t", text.rfind("\n", 0, at + 1)) + 1 : end]
            at = text.find(key, end)


class VocabularyWriter:
    """Collects the words of the documents added to a generation, and those of the generation it started from."""

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
        """Add some terms."""
        for term in terms:
            if term[0] == _RUN:
                self._runs.add(term[1:])
            elif len(term) > 2 and is_word(term) and not has_cjk(term):
                self._words.add(term)

    def add_names(self, names: Iterable[str]) -> None:
        """Add some names, as ``names_of`` returns them."""
        for name in names:
            (self._names if " " in name else self._hiragana).add(name)

    def remove(self, terms: Iterable[str], names: Iterable[str]) -> None:
        """Remove terms and names that nothing in the generation contains any more."""
        removed = set(names)
        for term in terms:
            word = term.removeprefix(_RUN)
            (self._runs if word != term else self._words).discard(word)
            removed.add(word)
        self._hiragana -= removed
        self._names -= removed
        self._removed |= removed

    def _sounding(self) -> set[str]:
        """The words that can be found by their sound."""
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
    """Return the words that dots separate in some runs: リーナス and トーバルズ in リーナス・トーバルズ."""
    return {part for run in runs if _DOT in run for part in run.split(_DOT) if part}


def names_of(mentioned: Iterable[str]) -> set[str]:
    """Return the names mentioned in a story that are not terms: those of several Latin words, and those in hiragana."""
    latin = {normalize(name) for name in mentioned if " " in name and name.isascii()}
    return latin | {name for name in mentioned if is_hiragana(name) and content_words(name) == [name]}


def _sound_lines(word: str) -> Iterator[str]:
    """The lines of a word in ``sounds.txt``."""
    if index_tuning.MIN_SOUND_LENGTH <= len(word) <= index_tuning.MAX_SOUND_LENGTH:
        for key in sound_keys(word.replace(" ", "")):
            yield f"{key}\t{word}"


def is_plain_word(word: str) -> bool:
    """Whether a word of the vocabulary means something by itself: only letters, and of a usual length."""
    return word.isalpha() and 2 <= len(word) <= index_tuning.MAX_WORD_LENGTH and not (word.isascii() and len(word) <= 2)


def _beginning_with(lines: str, letter: str) -> Sequence[str]:
    """Those of some sorted lines that begin with a letter."""
    start = lines.find(f"\n{letter}") + 1
    return lines[start : lines.find("\n", lines.rfind(f"\n{letter}") + 1)].split("\n") if start else []


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="surrogatepass") if path.is_file() else "\n"
