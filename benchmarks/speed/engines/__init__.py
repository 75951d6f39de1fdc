"""The engines that are measured, each behind the same three methods. Modules are imported in their own process."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Protocol

from benchmarks.speed.corpus import Corpus
from benchmarks.speed.queries import Query

Rows = list[tuple[str, int, str]]
"""The best ten: id, day, and title (or title and snippet)."""


class Engine(Protocol):
    """Built once, opened in a fresh process, asked many times."""

    def build(self, corpus: Corpus, folder: Path) -> None:
        """Index the stories of ``corpus`` into ``folder``."""

    def open(self, corpus: Corpus, folder: Path) -> None:
        """Open what was built."""

    def search(self, query: Query) -> Rows:
        """The best ten."""

    def matching(self, query: Query) -> set[str] | None:
        """The ids of all stories that hold every word; None where the engine cannot say."""


NAMES = {
    "zunda-mcp": "zunda_engine",
    "SQLite FTS5": "fts5_engine",
    "SQLite FTS5 trigram": "trigram_engine",
    "tantivy": "tantivy_engine",
    "bm25s": "bm25s_engine",
    "plain scan": "scan_engine",
    "stock Whoosh": "whoosh_engine",
}


def load(name: str) -> Engine:
    """The engine of that name. Raises ``ImportError`` where its package is missing."""
    module = importlib.import_module(f"benchmarks.speed.engines.{NAMES[name]}")
    engine: Engine = module.ENGINE()
    return engine
