"""An index beside the reference over the same files, and whether both give the same answer."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from questions import Questions
from reference import Answer, Reference, episodes_of
from reference_corpus import Averages

from conftest import SAMPLE, reader_of
from zunda_mcp.engine.local_matching import LocalMatcher
from zunda_mcp.engine.readers import DocumentReader
from zunda_mcp.engine.selection import Ranked
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.library import Library
from zunda_mcp.query.filters import Filters
from zunda_mcp.query.parse import Query, parse
from zunda_mcp.reading.archive_reader import ArchiveReader
from zunda_mcp.text.normalize import normalize

__all__ = ["Compared", "answer_of", "change_sample", "same_order"]

_FIRST = 12
"""Files of the sample that are there from the beginning."""


def change_sample(folder: Path, library: Library, *, at_once: int) -> list[str]:
    """Let files of the sample come to an empty folder, change and go, so many at once, and a library take them in. All
    runs of kanji and katakana that its vocabulary ever had.
    """
    posts = sorted(path for path in SAMPLE.glob("*.md") if path.name[:1].isdigit())
    for path in posts[:_FIRST]:
        shutil.copy(path, folder)
    library.refresh()
    runs = set(reader_of(library).vocabulary.runs)
    for start in range(_FIRST, len(posts), at_once):
        for number in range(start, min(start + at_once, len(posts))):
            shutil.copy(posts[number], folder)
            old = folder / posts[number - _FIRST].name
            if number % 2:
                old.unlink()
            else:
                text = old.read_text(encoding="utf-8")
                old.write_text(text.replace("。", "。とても長い説明が続きます。", 2), encoding="utf-8")
        library.refresh()
        runs |= set(reader_of(library).vocabulary.runs)
    return sorted(runs)


class Compared:
    """An index and the reference over the same files."""

    def __init__(self, reader: IndexReader, folders: Sequence[Path], forgotten: Sequence[str] = ()) -> None:
        episodes = episodes_of(ArchiveReader(folders))
        meta = reader.meta
        self.reader = reader
        self.searcher = LocalMatcher(reader)
        averages = Averages(meta.title_length, meta.summary_length)
        self.reference = Reference(episodes, averages, forgotten, reader.vocabulary.names)
        self.texts = [normalize(f"{s.title}\n{s.summary}\n{s.section}") for e in episodes for s in e.stories]
        self.hosts = sorted({story.site for e in episodes for story in e.stories if story.site})
        self.days = sorted(episode.date for episode in episodes if episode.date)

    def draw(self, count: int, seed: int) -> list[tuple[str, Query, Filters]]:
        """Queries of every kind with filters on some."""
        chance = random.Random(seed)
        found = []
        for kind, text in Questions(self.texts, seed, self.hosts).draw(count):
            query = parse(text)
            if query.words or query.urls or query.sites:
                found.append((f"{kind}: {text}", query, self._filters(chance)))
        return found

    def _filters(self, chance: random.Random) -> Filters:
        if chance.random() < 0.7:
            return Filters()
        first, last = sorted(chance.choices(self.days, k=2))
        kind = chance.random()
        if kind < 0.2:
            return Filters(site=chance.choice(self.hosts))
        return Filters(since=first if kind < 0.8 else None, until=last if kind > 0.4 else None)

    def answer(self, query: Query, chosen: Filters) -> Answer:
        """What the engine says, by ids."""
        return answer_of(self.searcher.search(query, chosen, "relevance"), self.reader)

    def agree(self, said: str, query: Query, chosen: Filters) -> None:
        """Fail unless engine and reference say the same; a query that met a forgotten word is let be."""
        wanted = self.reference.search(query, chosen)
        if self.reference.haunted:
            return
        got = self.answer(query, chosen)
        assert got.full == wanted.full, said
        assert set(list(got.stories)[: got.full]) == set(list(wanted.stories)[: wanted.full]), said
        assert got.episodes.keys() == wanted.episodes.keys(), said
        same_order(got.stories, wanted.stories, said)


def answer_of(ranked: Ranked, reader: DocumentReader) -> Answer:
    """What was ranked, by ids."""
    item, is_story = reader.item, reader.is_story
    return Answer(
        {item(d): s for d, s in ranked.items if is_story(d)},
        sum(map(is_story, ranked.full)),
        {item(d): s for d, s in ranked.items if not is_story(d)},
    )


def same_order(got: dict[str, float], wanted: dict[str, float], said: str) -> None:
    """The same scores in the same places, and the same documents but for equals at the end of a cut list."""
    assert len(got) == len(wanted), said
    assert list(got.values()) == pytest.approx(list(wanted.values())), said
    if wanted:
        last = min(wanted.values()) + 1e-6
        above = {document for document, score in wanted.items() if score > last}
        assert above <= got.keys(), said
    for document in got.keys() & wanted.keys():
        assert got[document] == pytest.approx(wanted[document]), said
