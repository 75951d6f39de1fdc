"""The engines that are compared, each behind the same two methods. Modules are imported when an engine is asked for.

Each is used at its best: where there was a choice (of tokenizer, of how a query is cut, of the weight of titles), all
were tried on the judged queries and the best was kept. That favours the peers, since it is tuned on the test.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from benchmarks.quality.judged_stories import Story

TITLES = 3
"""How often a title stands before its summary: the weight of titles, the same in every engine that counts words."""


class Peer(Protocol):
    """Built once, asked many times. ``how`` says in a sentence how the engine is used."""

    how: str

    def build(self, stories: Sequence[Story], folder: Path) -> None:
        """Take in the stories; what is worth keeping for the next run goes into ``folder``."""

    def search(self, query: str, depth: int) -> list[str]:
        """The ids of the best ``depth`` stories, best first; filters are applied to them afterwards."""


NAMES = {
    "SQLite FTS5 trigram": ("fts5", "Trigram"),
    "SQLite FTS5 unicode61": ("fts5", "Unicode61"),
    "tantivy": ("tantivy_ngrams", "Tantivy"),
    "bm25s, bigrams": ("bm25s_tokens", "Bigrams"),
    "bm25s, SudachiPy": ("bm25s_tokens", "Sudachi"),
    "stock Whoosh": ("stock_whoosh", "StockWhoosh"),
    "vectors alone": ("vectors_alone", "Vectors"),
}


def load(name: str) -> Peer:
    """The engine of that name. Raises ``ModuleNotFoundError`` where its package is missing."""
    module, kind = NAMES[name]
    peer: Peer = getattr(importlib.import_module(f"benchmarks.quality.peers.{module}"), kind)()
    return peer


def weighted(story: Story) -> str:
    """The text in which words are counted."""
    return "\n".join([*[story.title] * TITLES, story.summary])
