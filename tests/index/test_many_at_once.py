"""Several processes and threads over one index: who loses a race still answers rightly, and says how level it is."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import IN_CLUSTER, Post, library_over
from zunda_mcp.engine.local import LocalEngine
from zunda_mcp.index import index_tuning
from zunda_mcp.index.generation import Generations
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.index.refresh import Refresher
from zunda_mcp.index.schema import VERSION
from zunda_mcp.library import Library


@pytest.fixture
def two(archive: Path, post: Post, tmp_path: Path) -> Iterator[tuple[Library, Library]]:
    """Two libraries over one archive and one index, as two processes have them."""
    for day in range(1, 6):
        post(f"2025-07-{day:02d}-{day}", (f"話題{day}", f"https://example.com/{day}", "音声合成の説明。"))
    with library_over(archive, tmp_path / "index") as one, library_over(archive, tmp_path / "index") as other:
        one.refresh()
        yield one, other


@pytest.mark.skipif(IN_CLUSTER, reason="generations on disk do not answer; test_writing_to_cluster.py has the like")
@pytest.mark.parametrize(("kept_seconds", "answer"), [(60.0, (5, 1)), (0.0, (8, 2))])
def test_an_answer_that_outlives_its_generation_ends_with_it_or_is_made_again(
    two: tuple[Library, Library],
    post: Post,
    monkeypatch: pytest.MonkeyPatch,
    kept_seconds: float,
    answer: tuple[int, int],
) -> None:
    monkeypatch.setattr(index_tuning, "REPLACED_KEPT_SECONDS", kept_seconds)
    one, other = two
    calls, search = iter(range(100)), LocalEngine.search

    def slowly(*given: Any, **options: Any) -> Any:
        if next(calls) == 0:
            for number in (7, 8, 9):  # what is being answered from is pruned by the second, unless it is kept
                post(f"2025-07-0{number}-{number}", (f"題{number}", f"https://example.com/{number}", "音声合成。"))
                other.refresh()
        return search(*given, **options)

    monkeypatch.setattr(LocalEngine, "search", slowly)
    found = one.search("音声合成", limit=10)
    assert (found.total_stories, next(calls)) == answer


def test_a_generation_opened_too_late_does_not_take_the_place_of_a_newer_one(
    two: tuple[Library, Library], post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = two
    one.search("音声合成")
    post("2025-07-07-7", ("題7", "https://example.com/7", "説明。"))
    second = other.refresh().generation
    shared = one._live.reader
    open_reader = shared.open
    late = iter([True])

    def opening(name: str) -> IndexReader:
        reader = open_reader(name)
        if next(late, False):
            assert name == second
            post("2025-07-08-8", ("題8", "https://example.com/8", "説明。"))
            other.refresh()
            shared.refresh()  # another thread is faster
        return reader

    monkeypatch.setattr(shared, "open", opening)
    shared.refresh()
    reader = shared.peek()
    assert reader is not None
    assert reader.name == other.refresh().generation


def test_what_changes_while_an_index_is_built_is_not_called_level(
    two: tuple[Library, Library], post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = two
    one.search("音声合成")
    scanned, go_on = threading.Event(), threading.Event()
    publish = Refresher._publish

    def late(self: Refresher, *given: Any) -> Any:
        scanned.set()
        assert go_on.wait(60)
        return publish(self, *given)

    monkeypatch.setattr(Refresher, "_publish", late)
    for number in range(1, 25):
        post(f"2025-08-{number:02d}-{100 + number}", (f"多{number}", f"https://example.com/m/{number}", "説明。"))
    assert one.search("音声合成").freshness.pending == 24
    assert scanned.wait(60)
    post("2025-09-01-200", ("最後の話題", "https://example.com/last", "説明。"))
    assert one.search("最後の話題").freshness.state == "updating"
    one._live._next_look = time.monotonic() + 600  # as after a look that took long
    go_on.set()
    one._live.background.wait_for_build()
    assert not one._live.background.building
    found = one.search('"最後の話題"')
    assert (found.total_stories, found.freshness.state) == (1, "current")


def test_a_question_that_cannot_look_does_not_call_itself_level(
    two: tuple[Library, Library], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = two
    assert one.search("音声合成").freshness.state == "current"
    monkeypatch.setattr(index_tuning, "WRITER_WAIT", 0.01)
    with one._live._looking:  # another question looks, and its disk is slow
        assert one.search("音声合成").freshness.state == "updating"
    assert one.search("音声合成").freshness.state == "current"


def test_a_pointer_that_is_busy_for_a_moment_is_read_again(
    two: tuple[Library, Library], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generations = Generations(tmp_path / "index", VERSION)
    read = Path.open
    busy = [True]

    def reading(path: Path, *given: Any, **options: Any) -> Any:
        if path.name == "CURRENT" and busy[0]:
            raise PermissionError(13, "The process cannot access the file")
        return read(path, *given, **options)

    monkeypatch.setattr(Path, "open", reading)
    assert generations.current() is None
    busy[0] = False
    assert generations.current() == two[0]._live._generations.current()


def test_a_generation_that_was_swept_is_overtaken_and_not_damaged(
    two: tuple[Library, Library], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_tuning, "REPLACED_KEPT_SECONDS", 0.0)
    one, other = two
    one.search("音声合成")
    for _ in range(3):  # each makes a generation, and sweeps the one before the last
        other.refresh(rebuild=True)
    assert one.verify() == []
    assert one.search("音声合成").freshness.state == "current"
    assert "damaged" not in caplog.text


def test_a_folder_deleted_again_and_again_stops_no_writer(tmp_path: Path) -> None:
    folder, done = tmp_path / "index", threading.Event()

    def delete() -> None:
        while not done.is_set():
            shutil.rmtree(folder, ignore_errors=True)

    deleting = threading.Thread(target=delete)
    deleting.start()
    try:
        for _ in range(100):
            with Generations(folder, VERSION).writing():
                pass
    finally:
        done.set()
        deleting.join()
