"""The words of a generation as plain text, to be searched at C speed: what contains a word, what sounds the same.

Every katakana or kanji run of the archive is a term of its own (``=エージェント``). So a word that is all katakana or
all kanji stands in a document exactly where one of the document's runs contains it, and finding those runs is one
scan over this vocabulary instead of a check of every candidate's text. Files in a generation, all UTF-8:

- ``runs.txt``: the runs, a line each;
- ``kana.txt``: ``folded<TAB>run`` for katakana runs (see ``fold_katakana``), a line each;
- ``words.txt``: the words of other scripts, a line each, which near spellings are drawn from.

Words of deleted stories stay until the next rebuild; their postings are empty, so they are never shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from zunda_mcp.text.normalize import fold_katakana
from zunda_mcp.text.scripts import KATAKANA, has_cjk

_KATAKANA = re.compile(rf"[{KATAKANA}]")
_RUN = "="
FILES = ("runs.txt", "kana.txt", "words.txt")


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

    def runs_with(self, part: str) -> Iterator[str]:
        """The runs that contain ``part``, itself included where it is one."""
        text = self._runs
        at = text.find(part)
        while at >= 0:
            start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
            yield text[start:end]
            at = text.find(part, end)

    def same_sound(self, word: str) -> Iterator[str]:
        """The katakana runs that are other spellings of ``word`` as a whole."""
        text, key = self._kana, f"\n{fold_katakana(word)}\t"
        at = text.find(key)
        while at >= 0:
            start, end = at + len(key), text.find("\n", at + len(key))
            yield text[start:end]
            at = text.find(key, end)


class VocabularyWriter:
    """Gathers the words of the documents added to a generation, beside those it started from."""

    def __init__(self, base: Path | None) -> None:
        self._runs: set[str] = set()
        self._words: set[str] = set()
        if base is not None:
            before = Vocabulary(base)
            self._runs.update(before.runs)
            self._words.update(before.words)

    def add(self, terms: Iterable[str]) -> None:
        """Some terms."""
        for term in terms:
            if term[0] == _RUN:
                self._runs.add(term[1:])
            elif len(term) > 2 and not has_cjk(term):
                self._words.add(term)

    def write(self, folder: Path) -> None:
        """Write the files into a generation folder."""
        kana = {f"{fold_katakana(run)}\t{run}" for run in self._runs if _KATAKANA.match(run)}
        for name, lines in zip(FILES, (self._runs, kana, self._words), strict=True):
            text = "\n" + "".join(f"{line}\n" for line in sorted(lines))
            (folder / name).write_text(text, encoding="utf-8", errors="surrogatepass", newline="\n")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="surrogatepass") if path.is_file() else "\n"
