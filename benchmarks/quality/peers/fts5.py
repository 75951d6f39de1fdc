"""SQLite FTS5 with two of its own tokenizers, ranked by its BM25, on the texts as they are."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.quality.judged_stories import Story
from benchmarks.quality.peers import weighted

_RUN = re.compile(r"[一-龥々]+|[ァ-ヺー]+|[ぁ-ん]+|(?:(?![一-龥々ァ-ヺーぁ-ん])[\w.+#-])+")


class _Table:
    """One table with one column."""

    tokenizer: str

    def build(self, stories: Sequence[Story], folder: Path) -> None:
        self.ids = [story.id for story in stories]
        self.base = sqlite3.connect(":memory:")
        self.base.execute(f"CREATE VIRTUAL TABLE story USING fts5(body, tokenize='{self.tokenizer}')")
        rows = enumerate(map(weighted, stories))
        self.base.executemany("INSERT INTO story (rowid, body) VALUES (?, ?)", rows)

    def matching(self, words: Iterable[str]) -> list[int]:
        """The rows that hold any of ``words``, which are in FTS5's language, best first."""
        match = " OR ".join(dict.fromkeys(words))
        if not match:
            return []
        sql = "SELECT rowid FROM story WHERE story MATCH ? ORDER BY bm25(story), rowid"
        return [row for (row,) in self.base.execute(sql, [match])]


class Trigram(_Table):
    """The built-in trigram tokenizer, which knows nothing shorter than three letters."""

    how = (
        "the built-in `trigram` tokenizer; any three letters in a row of each word of the query, by `bm25()`; stories "
        "that only hold a word below three letters come after them, by `LIKE`"
    )
    tokenizer = "trigram"

    def search(self, query: str, depth: int) -> list[str]:
        words = query.split()
        found = self.matching(_quoted(word[at : at + 3]) for word in words for at in range(len(word) - 2))
        short: Counter[int] = Counter()
        for word in words:
            if len(word) < 3:
                short.update(self._like(word))
        more = sorted(short.keys() - set(found), key=lambda row: (-short[row], row))
        return [self.ids[row] for row in (found + more)[:depth]]

    def _like(self, word: str) -> list[int]:
        pattern = "%" + re.sub(r"([\\%_])", r"\\\1", word) + "%"
        sql = r"SELECT rowid FROM story WHERE body LIKE ? ESCAPE '\'"
        return [row for (row,) in self.base.execute(sql, [pattern])]


class Unicode61(_Table):
    """The default tokenizer, to which a Japanese sentence is one word."""

    how = (
        "the default tokenizer, `unicode61`, which cuts no Japanese; the query cut where its script changes, any of "
        'these words as the beginning of a word (`"word"*`), by `bm25()`'
    )
    tokenizer = "unicode61"

    def search(self, query: str, depth: int) -> list[str]:
        found = self.matching(_quoted(word) + "*" for word in _RUN.findall(query))
        return [self.ids[row] for row in found[:depth]]


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'
