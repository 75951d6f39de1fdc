"""tantivy over the same tokens, with its whitespace tokenizer and positions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tantivy

from benchmarks.speed.corpus import Corpus, stream
from benchmarks.speed.engines import Rows
from benchmarks.speed.queries import Query
from zunda_mcp.results.snippets import Marked


def _schema() -> Any:
    build = tantivy.SchemaBuilder()
    build.add_text_field("body", stored=False, tokenizer_name="whitespace", index_option="position")
    for name in ("id", "title", "summary"):
        build.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    build.add_integer_field("day", stored=True, indexed=True, fast=True)
    return build.build()


class ENGINE:
    """One index, one writer thread."""

    def build(self, corpus: Corpus, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        writer = tantivy.Index(_schema(), path=str(folder)).writer(num_threads=1)
        for story in corpus.read():
            writer.add_document(
                tantivy.Document(
                    body=story.tokens, id=story.id, title=story.title, summary=story.summary[:20000], day=story.day
                )
            )
        writer.commit()
        writer.wait_merging_threads()

    def open(self, corpus: Corpus, folder: Path) -> None:
        self.index = tantivy.Index(_schema(), path=str(folder))
        self.searcher = self.index.searcher()

    def search(self, query: Query) -> Rows:
        parsed = self._parsed(query)
        if parsed is None:
            return []
        rows = []
        for _, address in self.searcher.search(parsed, 10, count=False).hits:
            found = self.searcher.doc(address)
            shown = found["title"][0]
            if query.snippets:
                shown = Marked.of(found["summary"][0], query.words).snippet(240)
            rows.append((found["id"][0], found["day"][0], shown))
        return rows

    def matching(self, query: Query) -> set[str] | None:
        parsed = self._parsed(query)
        if parsed is None:
            return set()
        hits = self.searcher.search(parsed, 250_000, count=False).hits
        return {self.searcher.doc(address)["id"][0] for _, address in hits}

    def _parsed(self, query: Query) -> Any:
        if query.text:
            words = list(dict.fromkeys(token for word in query.words for token in stream(word.lower()).split()))
        else:
            words = [word for word in map(stream, query.words) if word]
        if not words:
            return None
        text = (" AND " if query.every else " OR ").join(f'"{word}"' for word in words)
        if query.since is not None:
            text = f"({text}) AND day:[{query.since} TO {query.until}]"
        return self.index.parse_query(text, ["body"])
