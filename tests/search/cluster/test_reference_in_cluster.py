"""A cluster gives the answers of the oracle's reference, which looks at every document for every word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

pytest.importorskip("opensearchpy")

from cluster_libraries import address_of, cluster_library, removed
from compared_index import Compared, answer_of, change_sample
from reference import Answer

from conftest import CLUSTER, SAMPLE, examples, reader_of
from zunda_mcp.engine.opensearch.cluster_matching import ClusterMatcher
from zunda_mcp.engine.opensearch.cluster_reader import ClusterReader
from zunda_mcp.engine.opensearch.connection import ClusterAddress, Connection
from zunda_mcp.engine.opensearch.kept_lists import read_meta, read_state
from zunda_mcp.engine.opensearch.passes import QuestionFacts, StateFacts
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.query.filters import Filters
from zunda_mcp.query.parse import Query

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.scaled,
    pytest.mark.skipif(not CLUSTER, reason="no cluster at ZUNDA_TEST_OPENSEARCH_URL; `make cluster` starts one"),
]

QUERIES = examples(20)


class ComparedInCluster(Compared):
    """The index of a cluster, and the reference over the same files. ``reader`` is of the machine that wrote it."""

    def __init__(self, address: str, reader: IndexReader, folder: Path, forgotten: Sequence[str] = ()) -> None:
        super().__init__(reader, [folder], forgotten)
        connection = Connection(ClusterAddress.parse(address), {})
        state = read_state(connection)
        assert state is not None
        self.facts = StateFacts(connection, state, read_meta(connection, state))

    def answer(self, query: Query, chosen: Filters) -> Answer:
        question = QuestionFacts(self.facts)

        def in_one_pass() -> Answer:
            reader = ClusterReader(question)
            ranked = ClusterMatcher(reader, None, None, lambda: None).search(query, chosen, "relevance")
            return answer_of(ranked, reader)

        return question.in_passes(in_one_pass)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComparedInCluster]:
    """The sample, written at once."""
    index = tmp_path_factory.mktemp("fresh")
    with removed(index), cluster_library(SAMPLE, index) as library:
        library.refresh()
        yield ComparedInCluster(address_of(index), reader_of(library), SAMPLE)


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComparedInCluster]:
    """The sample after files came, changed and went."""
    folder, index = tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("changed")
    with removed(index), cluster_library(folder, index) as library:
        runs = change_sample(folder, library, at_once=len(list(SAMPLE.glob("*.md"))))
        yield ComparedInCluster(address_of(index), reader_of(library), folder, runs)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_fresh_index_answers_as_the_reference_does(fresh: ComparedInCluster, seed: int) -> None:
    for said, query, chosen in fresh.draw(QUERIES, seed):
        fresh.agree(said, query, chosen)


def test_an_index_that_changed_answers_as_the_reference_does(changed: ComparedInCluster) -> None:
    for said, query, chosen in changed.draw(QUERIES, 3):
        changed.agree(said, query, chosen)
