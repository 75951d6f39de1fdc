"""Whoosh as it comes: positions, phrases, BM25F, over the same tokens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.speed.corpus import Corpus, stream
from benchmarks.speed.engines import Rows
from benchmarks.speed.queries import Query
from zunda_mcp.results.snippets import Marked


class ENGINE:
    """Its own schema, codec and matchers."""

    def build(self, corpus: Corpus, folder: Path) -> None:
        from whoosh import analysis, fields, index

        folder.mkdir(parents=True, exist_ok=True)
        schema = fields.Schema(
            body=fields.TEXT(analyzer=analysis.SpaceSeparatedTokenizer(), phrase=True),
            id=fields.STORED,
            day=fields.NUMERIC(stored=True),
            title=fields.STORED,
            summary=fields.STORED,
        )
        writer = index.create_in(folder, schema).writer(limitmb=256)
        for story in corpus.read():
            writer.add_document(body=story.tokens, id=story.id, day=story.day, title=story.title, summary=story.summary)
        writer.commit()

    def open(self, corpus: Corpus, folder: Path) -> None:
        from whoosh import index

        self.searcher = index.open_dir(folder).searcher()

    def search(self, query: Query) -> Rows:
        from whoosh import query as q

        asked = self._asked(query)
        dated = q.NumericRange("day", query.since, query.until) if query.since is not None else None
        hits = self.searcher.search(asked, limit=10, filter=dated)
        if query.snippets:
            return [(h["id"], h["day"], Marked.of(h["summary"], query.words).snippet(240)) for h in hits]
        return [(h["id"], h["day"], h["title"]) for h in hits]

    def matching(self, query: Query) -> set[str] | None:
        return None

    def _asked(self, query: Query) -> Any:
        from whoosh import query as q

        if query.text:
            words = [token for word in query.words for token in stream(word.lower()).split()]
        else:
            words = [word for word in map(stream, query.words) if word]
        units = [q.Phrase("body", w.split()) if " " in w else q.Term("body", w) for w in words]
        return units[0] if len(units) == 1 else q.And(units) if query.every else q.Or(units)
