"""The engine gives the answers of ``reference``, which looks at every document for every word: sets, order, scores."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from compared_index import Compared, change_sample
from reference import Answer

from conftest import REAL, SAMPLE, examples, library_over, reader_of
from zunda_mcp.engine.local_matching import LocalMatcher
from zunda_mcp.library import Library
from zunda_mcp.query.filters import Filters
from zunda_mcp.query.parse import parse

QUERIES = examples(100)
REAL_QUERIES = examples(10)
THREADS = 8
pytestmark = pytest.mark.scaled
SEEDS = (1, 2)


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
    with library_over(folder, index) as library:
        runs = change_sample(folder, library, at_once=1)
        newest = max(folder.glob("*.md"))  # a change that leaves the average lengths, and so the segments, as they are
        newest.write_text(newest.read_text(encoding="utf-8").replace("。", "．", 1), encoding="utf-8")
        library.refresh()
        reader = reader_of(library)
        assert len(reader.meta.parts) > 1
        assert any(segment.deleted for segment in reader.meta.parts)
        yield Compared(reader, [folder], runs)


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
    shared.reader, shared.searcher = changed.reader, LocalMatcher(changed.reader)
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
