"""No index: Python's ``in`` over the normalised texts in memory."""

from __future__ import annotations

from pathlib import Path

from benchmarks.speed.corpus import Corpus
from benchmarks.speed.engines import Rows
from benchmarks.speed.queries import Query
from zunda_mcp.results.snippets import Marked


class ENGINE:
    """A list of texts; the score is how often the words stand there."""

    def build(self, corpus: Corpus, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)

    def open(self, corpus: Corpus, folder: Path) -> None:
        self.stories = list(corpus.read())

    def search(self, query: Query) -> Rows:
        found = []
        check = all if query.every else any
        for story in self.stories:
            if query.since is not None and query.until is not None and not query.since <= story.day <= query.until:
                continue
            plain = story.plain
            if check(word in plain for word in query.words):
                found.append((sum(plain.count(word) for word in query.words), story.day, story))
        best = sorted(found, key=lambda item: item[:2], reverse=True)[:10]
        if query.snippets:
            return [(s.id, s.day, Marked.of(s.summary, query.words).snippet(240)) for _, _, s in best]
        return [(s.id, s.day, s.title) for _, _, s in best]

    def matching(self, query: Query) -> set[str] | None:
        return None
