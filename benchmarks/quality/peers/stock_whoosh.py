"""Whoosh as it comes, with one of its own analyzers for text without spaces.

Tried: ``CJKAnalyzer`` (single characters), ``NgramWordAnalyzer`` and ``NgramAnalyzer`` with 2 and 2-3 letters, each
with titles in a field of their own too. Pairs of letters in one field ranked best.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.quality.judged_stories import Story
from benchmarks.quality.peers import weighted


class StockWhoosh:
    """One index in memory, with Whoosh's own codec and matchers."""

    how = "its `NgramAnalyzer(2)`, lower case; the query by its parser with `OrGroup`, by its BM25F"

    def build(self, stories: Sequence[Story], folder: Path) -> None:
        from whoosh import analysis, fields, qparser
        from whoosh.filedb.filestore import RamStorage

        schema = fields.Schema(id=fields.STORED, body=fields.TEXT(analyzer=analysis.NgramAnalyzer(2), phrase=False))
        index = RamStorage().create_index(schema)
        writer = index.writer(limitmb=256)
        for story in stories:
            writer.add_document(id=story.id, body=weighted(story))
        writer.commit()
        self.searcher = index.searcher()
        self.parser = qparser.QueryParser("body", schema, plugins=[], group=qparser.OrGroup)

    def search(self, query: str, depth: int) -> list[str]:
        return [hit["id"] for hit in self.searcher.search(self.parser.parse(query), limit=depth)]
