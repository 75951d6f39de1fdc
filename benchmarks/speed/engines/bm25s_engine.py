"""bm25s over the same tokens. It has no AND, no phrase and no filter: any of the tokens, whatever was asked."""

from __future__ import annotations

import json
from pathlib import Path

import bm25s

from benchmarks.speed.corpus import Corpus, stream
from benchmarks.speed.engines import Rows
from benchmarks.speed.queries import Query


class ENGINE:
    """A sparse matrix of scores."""

    def build(self, corpus: Corpus, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        rows, tokens = [], []
        for story in corpus.read():
            rows.append((story.id, story.day, story.title))
            tokens.append(story.tokens.split())
        index = bm25s.BM25()
        index.index(tokens, show_progress=False)
        index.save(str(folder))
        (folder / "rows.json").write_text(json.dumps(rows), encoding="utf-8")

    def open(self, corpus: Corpus, folder: Path) -> None:
        self.index = bm25s.BM25.load(str(folder))
        self.rows = json.loads((folder / "rows.json").read_text(encoding="utf-8"))

    def search(self, query: Query) -> Rows:
        if query.every and len(query.words) > 1:
            raise NotImplementedError
        tokens = [token for word in query.words for token in stream(word.lower()).split()]
        if not tokens:
            return []
        found, _ = self.index.retrieve([tokens], k=min(10, len(self.rows)), show_progress=False, n_threads=1)
        return [tuple(self.rows[at]) for at in found[0]]

    def matching(self, query: Query) -> set[str] | None:
        return None
