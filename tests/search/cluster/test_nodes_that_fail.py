"""A node that is killed in the middle of questions or of writing loses no story and makes no answer wrong."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("opensearchpy")

from cluster_libraries import address_of, cluster_library, cluster_nodes, removed
from running_cluster import NodeProcess, RunningCluster

from conftest import CLUSTER, SAMPLE, library_over
from zunda_mcp.engine.opensearch.connection import ClusterAddress, Connection
from zunda_mcp.engine.opensearch.write_lease import WriteLease, leased
from zunda_mcp.errors import EngineError, IndexingError

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(not CLUSTER, reason="no cluster at ZUNDA_TEST_OPENSEARCH_URL; `make cluster` starts one"),
]

QUERIES = ("AI", "Claude Code", "音声合成", "エージェント", "RAGの精度を上げるには", "")


@pytest.fixture(name="nodes")
def nodes_of_ours() -> Iterator[RunningCluster]:
    """The nodes of `make cluster`; those that a test killed are started again."""
    cluster = cluster_nodes()
    if cluster is None:
        pytest.skip("the cluster is not the one that `make cluster` started")
    yield cluster
    for node in cluster.nodes:
        if not node.pid:
            cluster.start_node(node)
    cluster.wait_for("green", nodes=len(cluster.nodes))
    cluster.save_again()


def kill(cluster: RunningCluster, node: NodeProcess) -> None:
    cluster.kill(node)
    node.pid = 0


def test_a_node_killed_in_the_middle_of_questions_makes_no_answer_wrong(nodes: RunningCluster, tmp_path: Path) -> None:
    index = tmp_path / "index"
    with removed(index), library_over(SAMPLE, tmp_path / "home") as home:
        with cluster_library(SAMPLE, index) as writing:
            writing.refresh()
        right = {query: home.search(query).model_dump() for query in QUERIES}
        answers: list[str] = []
        stopped = threading.Event()

        def ask() -> None:
            with cluster_library(None, index) as library:
                while not stopped.is_set():
                    for query in QUERIES:
                        try:
                            found = library.search(query).model_dump()
                        except EngineError as error:
                            answers.append(f"refused: {error}")
                        else:
                            answers.append("right" if found == right[query] else f"wrong: {query}")

        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        until(lambda: answers.count("right") >= len(QUERIES))
        kill(nodes, nodes.nodes[2])
        before = answers.count("right")
        until(lambda: answers.count("right") >= before + 4 * len(QUERIES))
        stopped.set()
        for thread in threads:
            thread.join()
    assert not [one for one in answers if one.startswith("wrong")]
    assert all("ask again" in one.lower() or "reached" in one for one in answers if one.startswith("refused"))


def test_a_node_killed_in_the_middle_of_writing_loses_no_story(nodes: RunningCluster, tmp_path: Path) -> None:
    folder, index = tmp_path / "show", tmp_path / "index"
    shutil.copytree(SAMPLE, folder)
    for copy in range(20):
        for file in sorted(SAMPLE.glob("*.md")):
            text = file.read_text(encoding="utf-8")
            (folder / f"{file.stem[:10]}-9{copy:02d}{file.stem[10:]}.md").write_text(text, encoding="utf-8")
    with removed(index), cluster_library(folder, index) as writing:
        reached = threading.Event()

        def progress(done: int, total: int, what: str) -> None:
            if what.startswith("writing") and not reached.is_set():
                kill(nodes, nodes.nodes[1])
                reached.set()

        try:
            writing.refresh(progress)
        except EngineError:
            writing.refresh()  # as a person would; it sends what is missing
        assert reached.is_set()
        with cluster_library(None, index) as asked, library_over(folder, tmp_path / "home") as home:
            home.refresh()
            for query in QUERIES[:3]:
                assert asked.search(query).model_dump() == home.search(query).model_dump(), query
            assert asked.freshness().stories == home.freshness().stories


def test_a_server_answers_again_when_the_cluster_is_back(nodes: RunningCluster, tmp_path: Path) -> None:
    index = tmp_path / "index"
    with removed(index):
        with cluster_library(SAMPLE, index) as writing:
            writing.refresh()
        with cluster_library(None, index) as library:
            right = library.search("AI").model_dump()
            for node in nodes.nodes:
                kill(nodes, node)
            started = time.monotonic()
            with pytest.raises(EngineError, match="cannot be reached"):
                library.search("AI")
            assert time.monotonic() - started < 30
            for node in nodes.nodes:
                nodes.start_node(node)
            nodes.wait_for("green", nodes=len(nodes.nodes))
            assert library.search("AI").model_dump() == right


def test_there_is_one_writer_and_the_next_follows_one_that_died(tmp_path: Path) -> None:
    index = tmp_path / "index"
    connection = Connection(ClusterAddress.parse(address_of(index)), {})
    with removed(index):
        with leased(connection, wait=0), pytest.raises(IndexingError, match=r"Another process .* writes to"):
            WriteLease(connection).acquire(wait=0)
        dead = WriteLease(connection, held=0.2)
        dead.acquire(wait=0)
        time.sleep(0.3)
        with leased(connection, wait=5):
            assert dead.try_again() is not None
            with pytest.raises(IndexingError, match="took over writing"):
                dead.check()
    connection.close()


def until(holds: object, within: float = 120.0) -> None:
    """Wait until something holds."""
    assert callable(holds)
    end = time.monotonic() + within
    while not holds():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)
