"""SQLite FTS5 with its built-in trigram tokenizer, LIKE for words below three characters: what a user would try."""

from __future__ import annotations

from benchmarks.speed.corpus import Story
from benchmarks.speed.engines import Rows, fts5_engine
from benchmarks.speed.queries import Query


class ENGINE(fts5_engine.ENGINE):
    """The same tables over the normalised text."""

    tokenizer = "trigram"

    def body(self, story: Story) -> str:
        return story.plain

    def match(self, query: Query) -> str:
        words = [word.replace('"', " ") for word in query.words if len(word) > 2]
        return (" AND " if query.every else " OR ").join(f'"{word}"' for word in words)

    def search(self, query: Query) -> Rows:
        short = [word for word in query.words if len(word) < 3]
        if not short or not query.every:
            return super().search(query)
        where = " AND ".join(["(title LIKE ? OR summary LIKE ?)"] * len(query.words))
        values = [f"%{word}%" for word in query.words for _ in range(2)]
        rows = self.base.execute(f"SELECT id, day, title FROM story WHERE {where} LIMIT 10", values)
        return rows.fetchall()

    def matching(self, query: Query) -> set[str] | None:
        return None
