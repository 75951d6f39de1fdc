"""zunda-mcp itself, at the level of its searcher: a query in, ids, days and titles of the best ten out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from benchmarks.speed.corpus import Corpus
from benchmarks.speed.engines import Rows
from benchmarks.speed.queries import Query
from zunda_mcp.config.load import load_settings
from zunda_mcp.engine.base import Match
from zunda_mcp.engine.filtering import allowed
from zunda_mcp.engine.local import LocalEngine
from zunda_mcp.engine.local_matching import LocalMatcher
from zunda_mcp.engine.ranking import Scored, rank
from zunda_mcp.index.generation import Generations
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.index.schema import VERSION
from zunda_mcp.library import Library
from zunda_mcp.query.filters import Filters
from zunda_mcp.query.parse import parse
from zunda_mcp.query.plan import QueryPlan
from zunda_mcp.results.page import make_page


class ENGINE:
    """Whoosh's storage with packed postings and an evaluator of our own."""

    def build(self, corpus: Corpus, folder: Path) -> None:
        with Library.open(load_settings(episodes=corpus.folders, index=folder)) as library:
            library.refresh()

    def open(self, corpus: Corpus, folder: Path) -> None:
        generations = Generations(folder, VERSION)
        name = generations.current()
        assert name is not None
        self.reader = IndexReader(generations.path(name))
        self.searcher = LocalMatcher(self.reader)
        self.engine = LocalEngine(self.reader)

    def search(self, query: Query) -> Rows:
        chosen, reader = _filters(query), self.reader
        if query.every or query.text:
            text = query.text or " ".join(f'"{word}"' if query.phrase else word for word in query.words)
            found = self.searcher.search(parse(text), chosen, "relevance")
            items, words = found.items, found.words
        else:
            clauses = tuple(self.searcher.finder.clause(word) for word in query.words)
            items, words = rank(QueryPlan(pieces=clauses, open=True), allowed(reader, chosen)), query.words
        if query.snippets:
            page = make_page(self._matches(items[:10]), words, total=len(items), budget=8000)
            return [
                (hit.id, dt.date.fromisoformat(hit.date or "0001-01-01").toordinal(), hit.snippet) for hit in page.hits
            ]
        best = items[:10]
        days = reader.days
        return [(reader.item(d), days[d], reader.title(d)) for d, _ in best]

    def _matches(self, items: Sequence[Scored]) -> list[Match]:
        documents = self.engine.documents([self.reader.item(number) for number, _ in items])
        return [Match(document, score) for document, (_, score) in zip(documents, items, strict=True)]

    def matching(self, query: Query) -> set[str] | None:
        text = " ".join(f'"{word}"' if query.phrase else word for word in query.words)
        found = self.searcher.search(parse(text), _filters(query), "relevance").full
        return {self.reader.item(document) for document in found if self.reader.is_story(document)}


def _filters(query: Query) -> Filters:
    if query.since is None or query.until is None:
        return Filters()
    return Filters(dt.date.fromordinal(query.since), dt.date.fromordinal(query.until))
