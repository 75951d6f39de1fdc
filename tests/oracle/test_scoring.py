"""The engine gives the answers of ``reference``, which looks at every document for every word: sets, order, scores."""

from __future__ import annotations

import datetime as dt
import random
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from questions import Questions
from reference import Answer, Reference, episodes_of
from reference_corpus import Averages

from conftest import REAL, SAMPLE, examples, library_over, reader_of
from zunda_mcp.engine.matching import Matcher
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.library import Library
from zunda_mcp.query.filters import Filters
from zunda_mcp.query.parse import Query, parse
from zunda_mcp.reading.archive_reader import ArchiveReader
from zunda_mcp.text.normalize import normalize

QUERIES = examples(200)
REAL_QUERIES = examples(20)
THREADS = 8
pytestmark = pytest.mark.scaled
SEEDS = (1, 2)


class Compared:
    """An index and the reference over the same files."""

    def __init__(self, reader: IndexReader, folders: Sequence[Path], forgotten: Sequence[str] = ()) -> None:
        episodes = episodes_of(ArchiveReader(folders))
        meta = reader.meta
        self.reader = reader
        self.searcher = Matcher(reader)
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
        found = self.searcher.search(query, chosen, "relevance")
        item, is_story = self.reader.item, self.reader.is_story
        return Answer(
            {item(d): s for d, s in found.items if is_story(d)},
            sum(map(is_story, found.full)),
            {item(d): s for d, s in found.items if not is_story(d)},
        )

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


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compared]:
    """The sample, built whole."""
    with library_over(SAMPLE, tmp_path_factory.mktemp("fresh")) as library:
        library.refresh()
        yield Compared(reader_of(library), [SAMPLE])


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compared]:
    """The sample after files came, changed and went: several segments, deletions, averages of an earlier day."""
    folder, index = tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("changed")
    posts = sorted(path for path in SAMPLE.glob("*.md") if path.name[:1].isdigit())
    for path in posts[:12]:
        shutil.copy(path, folder)
    with library_over(folder, index) as library:
        library.refresh()
        runs = set(reader_of(library).vocabulary.runs)
        for step, path in enumerate(posts[12:]):
            shutil.copy(path, folder)
            old = folder / posts[step].name
            if step % 2:
                old.unlink()
            else:
                text = old.read_text(encoding="utf-8")
                old.write_text(text.replace("。", "。とても長い説明が続きます。", 2), encoding="utf-8")
            library.refresh()
            runs |= set(reader_of(library).vocabulary.runs)
        (folder / posts[-1].name).write_text(  # one that leaves the average lengths, and so the segments, as they are
            (folder / posts[-1].name).read_text(encoding="utf-8").replace("。", "．", 1), encoding="utf-8"
        )
        library.refresh()
        reader = reader_of(library)
        assert reader.segments > 1
        assert any(segment.deleted for segment in reader.meta.parts)
        yield Compared(reader, [folder], sorted(runs))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fresh_index_answers_as_the_reference_does(fresh: Compared, seed: int) -> None:
    for said, query, chosen in fresh.draw(QUERIES, seed):
        fresh.agree(said, query, chosen)


@pytest.mark.parametrize("seed", SEEDS)
def test_segments_and_deletions_change_no_answer(changed: Compared, seed: int) -> None:
    for said, query, chosen in changed.draw(QUERIES, seed):
        changed.agree(said, query, chosen)


def test_the_real_archive_answers_as_the_reference_does(real: Library) -> None:
    reader = reader_of(real)
    compared = Compared(reader, [REAL])
    for said, query, chosen in compared.draw(REAL_QUERIES, 3):
        compared.agree(said, query, chosen)


def test_threads_at_once_get_the_answers_of_one(changed: Compared) -> None:
    drawn = changed.draw(400, 4)
    alone = [changed.answer(query, chosen) for _, query, chosen in drawn]
    shared = Compared.__new__(Compared)
    shared.reader, shared.searcher = changed.reader, Matcher(changed.reader)
    orders = [random.Random(seed).sample(range(len(drawn)), len(drawn)) for seed in range(THREADS)]

    def ask(order: list[int]) -> list[tuple[int, Answer]]:
        return [(i, shared.answer(drawn[i][1], drawn[i][2])) for i in order]

    with ThreadPoolExecutor(THREADS) as pool:
        for answers in pool.map(ask, orders):
            for i, answer in answers:
                assert answer == alone[i], drawn[i][0]


def test_a_page_further_down_goes_on_where_the_first_ended(fresh: Compared) -> None:
    day = dt.date(2020, 1, 1)
    for text in ("llm", "モデル", "エージェント 開発", "ai"):
        found = fresh.searcher.search(parse(text), Filters(since=day), "relevance").items
        whole = list(found)
        again = fresh.searcher.search(parse(text), Filters(since=day), "relevance").items
        assert [*again[0:3], *again[3:7], *again[7:]] == whole
        assert again[len(whole) - 1] == whole[-1]
