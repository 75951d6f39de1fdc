"""SQLite FTS5 over the same tokens: a contentless table, ``unicode61``, ranked by its BM25."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from benchmarks.speed.corpus import Corpus, Story, stream
from benchmarks.speed.engines import Rows
from benchmarks.speed.queries import Query
from zunda_mcp.results.snippets import Marked


class ENGINE:
    """One table of tokens, one of what is shown."""

    tokenizer = "unicode61 remove_diacritics 0 tokenchars '+#.'"

    def build(self, corpus: Corpus, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with sqlite3.connect(folder / "fts.db") as base:
            base.execute(f'CREATE VIRTUAL TABLE words USING fts5(body, content="", tokenize="{self.tokenizer}")')
            base.execute("CREATE TABLE story (id TEXT, day INTEGER, title TEXT, summary TEXT)")
            for row, story in enumerate(corpus.read(), 1):
                base.execute("INSERT INTO words (rowid, body) VALUES (?, ?)", (row, self.body(story)))
                shown = (row, story.id, story.day, story.title, story.summary)
                base.execute("INSERT INTO story (rowid, id, day, title, summary) VALUES (?, ?, ?, ?, ?)", shown)
            base.execute("CREATE INDEX by_day ON story (day)")

    def open(self, corpus: Corpus, folder: Path) -> None:
        self.base = sqlite3.connect(folder / "fts.db")

    def search(self, query: Query) -> Rows:
        match = self.match(query)
        if not match:
            return []
        dated = "AND story.day BETWEEN ? AND ? " if query.since is not None else ""
        values = [match, query.since, query.until] if dated else [match]
        rows = self.base.execute(
            "SELECT story.id, story.day, story.title, story.summary FROM words JOIN story ON story.rowid = words.rowid "
            f"WHERE words MATCH ? {dated}ORDER BY bm25(words) LIMIT 10",
            values,
        )
        if query.snippets:
            return [(i, day, Marked.of(summary, query.words).snippet(240)) for i, day, _, summary in rows]
        return [(i, day, title) for i, day, title, _ in rows]

    def matching(self, query: Query) -> set[str] | None:
        match = self.match(query)
        sql = "SELECT story.id FROM words JOIN story ON story.rowid = words.rowid WHERE words MATCH ?"
        return {row[0] for row in self.base.execute(sql, [match])} if match else set()

    def body(self, story: Story) -> str:
        """What is indexed."""
        return story.tokens

    def match(self, query: Query) -> str:
        """The query in FTS5's language: each word a phrase of its tokens; a judged query any of its tokens."""
        if query.text:
            words = dict.fromkeys(token for word in query.words for token in stream(word.lower()).split())
        else:
            words = dict.fromkeys(stream(word) for word in query.words)
        return (" AND " if query.every else " OR ").join(f'"{word}"' for word in words if word)
