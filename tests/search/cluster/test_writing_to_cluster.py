"""What is written into a cluster: only what differs, seen whole or not at all, beside the indices of others."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

pytest.importorskip("opensearchpy")

from cluster_libraries import address_of, cluster_library, removed

from conftest import CLUSTER, SAMPLE, TODAY, engine_of, reader_of
from zunda_mcp.config.load import load_settings
from zunda_mcp.engine.local import LocalEngine
from zunda_mcp.engine.opensearch import index_documents
from zunda_mcp.engine.opensearch.connection import ClusterAddress, Connection
from zunda_mcp.engine.opensearch.engine_source import ReadingEngines
from zunda_mcp.engine.opensearch.kept_lists import read_state
from zunda_mcp.errors import EngineError
from zunda_mcp.index.shared_reader import ReplacedError
from zunda_mcp.library import Library

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(not CLUSTER, reason="no cluster at ZUNDA_TEST_OPENSEARCH_URL; `make cluster` starts one"),
]


@pytest.fixture(name="folder")
def folder_of_episodes(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLE, tmp_path / "show"))


@pytest.fixture(name="index")
def index_in_cluster(tmp_path: Path) -> Iterator[Path]:
    with removed(tmp_path / "index"):
        yield tmp_path / "index"


def add(folder: Path) -> None:
    """Another episode, written as those of the archive are."""
    shutil.copy(sorted(folder.glob("2*.md"))[10], folder / "2026-02-01-901.md")


def episodes_sent(library: Library, *, rebuild: bool = False) -> int:
    """How many episodes a refresh sends."""
    totals = [0]

    def progress(done: int, total: int, what: str) -> None:
        if what.startswith("writing") and what.endswith("documents"):
            totals.append(total)

    library.refresh(progress, rebuild=rebuild)
    return totals[-1]


def test_an_answer_in_whose_middle_another_state_came_is_made_again(folder: Path, index: Path) -> None:
    with cluster_library(folder, index) as writing:
        writing.refresh()
        engines = ReadingEngines(Connection(ClusterAddress.parse(address_of(index)), {}), dict, lambda: None)

        def ask() -> None:
            with engines.current() as (engine, _):
                episodes.append(len(engine.entries()))
                add(folder)
                writing.refresh()

        episodes: list[int] = []
        with pytest.raises(ReplacedError):
            ask()
        with engines.current() as (engine, _):
            assert len(engine.entries()) == episodes[0] + 1
        engines.close()


def test_a_state_stays_where_nothing_changed(folder: Path, index: Path) -> None:
    connection = Connection(ClusterAddress.parse(address_of(index)), {})
    with cluster_library(folder, index) as writing:
        writing.refresh()
        state = read_state(connection)
        writing.refresh()
        assert read_state(connection) == state
        add(folder)
        writing.refresh()
        assert read_state(connection) != state
    connection.close()


@pytest.mark.parametrize("embedder", ["none", "use"])
def test_a_new_episode_sends_no_other(folder: Path, index: Path, embedder: str) -> None:
    with cluster_library(folder, index, embedder) as writing:
        assert episodes_sent(writing) > 10
        add(folder)
        assert episodes_sent(writing) == 1
        assert episodes_sent(writing) == 0


def test_a_first_run_that_was_cut_off_is_gone_on_with(folder: Path, index: Path) -> None:
    def cut_off(done: int, total: int, what: str) -> None:
        if what == "writing words":  # all documents are there, and no state that says so
            raise KeyboardInterrupt

    with cluster_library(folder, index) as writing:
        with pytest.raises(KeyboardInterrupt):
            writing.refresh(cut_off)
        with cluster_library(None, index) as asked, pytest.raises(EngineError, match="There is no index"):
            asked.search("AI")
        assert episodes_sent(writing) == 0
        with cluster_library(None, index) as asked:
            assert asked.search("AI").total_stories


def test_a_run_that_was_cut_off_anywhere_is_made_good_by_the_next(
    folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_documents, "BATCH_ACTIONS", 3)
    files = sorted(folder.glob("2*.md"))[:5]
    texts = {file: file.read_text(encoding="utf-8") for file in files}
    with cluster_library(folder, index) as writing:
        writing.refresh()
        for last in (1, 3, 6, 8):
            batches = count(1)

            def cut_off(done: int, total: int, what: str, last: int = last, batches: Iterator[int] = batches) -> None:
                if what.endswith("documents") and next(batches) == last:
                    raise KeyboardInterrupt

            for file, text in texts.items():
                more = "".join(f"- [追加{n}](https://a.example/{last}/{n})\n\n追加の話{last}。\n\n" for n in range(3))
                file.write_text(f"{text}\n{more}", encoding="utf-8")
            with pytest.raises(KeyboardInterrupt):
                writing.refresh(cut_off)
            if last % 2:  # else all is as it was before
                texts = {file: text.replace("。", f"、その{last}。", 1) for file, text in texts.items()}
            for file, text in texts.items():
                file.write_text(text, encoding="utf-8")
            writing.refresh()
            home = LocalEngine(reader_of(writing))
            with engine_of(writing) as there:
                assert list(there.texts()) == list(home.texts())


def test_an_index_whose_name_only_begins_so_is_left_alone(folder: Path, index: Path) -> None:
    address = ClusterAddress.parse(address_of(index))
    longer = replace(address, name=f"{address.name}-2")
    hosts = ",".join(host.removeprefix("http://") for host in longer.hosts)
    settings = load_settings(
        episodes=[folder], index=index, environ={}, embedder="none", engine=f"http://{hosts}/{longer.name}"
    )
    with Library(settings, now=TODAY.astimezone) as other, cluster_library(folder, index) as writing:
        other.refresh()
        writing.refresh()
        writing.refresh(rebuild=True)
        assert other.search("AI").total_stories
