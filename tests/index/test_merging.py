"""Merging: many small changes end in few segments, and a worn index is built anew, without a question noticing."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from conftest import IN_CLUSTER, Post, library_over
from zunda_mcp.index.catalog import SegmentEntry
from zunda_mcp.index.changes import to_merge
from zunda_mcp.index.index_tuning import MERGE_FACTOR as FACTOR
from zunda_mcp.library import Library

VOICE = "声の話。"


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """Where the fixture ``show`` keeps its index."""
    return tmp_path / "show-index"


def segments(index: Path) -> list[SegmentEntry]:
    """The segments of the current generation."""
    name = json.loads((index / "CURRENT").read_text(encoding="utf-8"))["generation"]
    meta = json.loads((index / name / "meta.json").read_text(encoding="utf-8"))
    return [SegmentEntry(**row) for row in meta["segments"]]


def story(day: int, words: str = VOICE) -> tuple[str, str, str]:
    """A story of its own."""
    return f"声の第{day:03d}話", f"https://example.com/{day}", words


def test_small_segments_become_one_and_every_story_is_found_once(show: Library, post: Post, index: Path) -> None:
    for day in range(1, 29):
        post(f"2025-08-{day:02d}-{day}", story(day))
        report = show.refresh()
        assert not report.rebuilt or day == 1
    assert len(segments(index)) < FACTOR + 2
    found = show.search("声", limit=50, max_chars=60_000)
    assert found.total_stories == 28
    assert {hit.id for hit in found.hits} == {f"2025-08-{day:02d}-{day}#1" for day in range(1, 29)}
    for day in (1, 9, 28):
        assert [hit.title for hit in show.search(f"第{day:03d}話").hits][:1] == [f"声の第{day:03d}話"]


def test_deleted_stories_are_gone_from_merged_segments(show: Library, post: Post, archive: Path, index: Path) -> None:
    for day in range(1, 21):
        post(f"2025-08-{day:02d}-{day}", story(day))
    show.refresh()
    for day in range(1, 7):
        (archive / f"2025-08-{day:02d}-{day}.md").unlink()
        post(f"2025-08-{day + 20:02d}-{day + 20}", story(day + 20, "新しい歌の話。"))
        show.refresh()
    for day in (27, 28, 29):
        post(f"2025-08-{day:02d}-{day}", story(day, "新しい歌の話。"))
        show.refresh()
    assert sum(segment.live for segment in segments(index)) == 2 * 23
    assert show.search("声の話").total_stories >= 14
    assert {hit.id[:10] for hit in show.search("歌", limit=50, max_chars=60_000).hits} == {
        f"2025-08-{day:02d}" for day in range(21, 30)
    }


@pytest.mark.skipif(IN_CLUSTER, reason="to write to a cluster reads the index, which then is built anew at other times")
def test_an_index_of_mostly_replaced_stories_is_built_anew(show: Library, post: Post, index: Path) -> None:
    for day in range(1, 21):
        post(f"2025-08-{day:02d}-{day}", story(day))
    show.refresh()
    reasons = []
    for again in range(3):
        for day in range(1, 8):
            post(f"2025-08-{day:02d}-{day}", story(day, f"書き直した話、その{again + 1}。"))
        reasons.append(show.refresh().reason)
    for _ in range(2):
        reasons.append(show.refresh().reason)
    assert "many replaced stories had piled up" in reasons
    assert reasons[-1] == "nothing changed"
    assert not any(segment.deleted for segment in segments(index))


def test_scores_are_fair_again_after_stories_grew_much_longer(show: Library, post: Post) -> None:
    for day in range(1, 29):
        post(f"2025-08-{day:02d}-{day}", story(day), story(day + 100))
    show.refresh()
    for day in range(1, 15):
        post(f"2025-09-{day:02d}-{day}", story(day + 200, VOICE * 40), story(day + 300, VOICE * 40))
    assert show.refresh().reason == "the average length of stories had changed"
    assert show.refresh().reason == "nothing changed"
    assert show.search("声").total_stories == 84


def test_a_running_server_merges_behind_its_answers(archive: Path, index: Path, post: Post) -> None:
    post("2025-08-01-1", story(1))
    with library_over(archive, index) as library:
        library.search("声")
        for day in range(2, 2 + 2 * FACTOR):
            post(f"2025-08-{day:02d}-{day}", story(day))
            assert library.search("声").total_stories == day
        until = time.monotonic() + 60
        while len(segments(index)) > FACTOR and time.monotonic() < until:
            time.sleep(0.05)
        assert len(segments(index)) <= FACTOR
        assert library.search("声").total_stories == 1 + 2 * FACTOR


def test_segments_of_one_size_are_merged_together_with_smaller_ones() -> None:
    large = [SegmentEntry(f"large{i}", 5000, []) for i in range(3)]
    small = [SegmentEntry(f"small{i}", 100, list(range(10))) for i in range(FACTOR)]
    tiny = [SegmentEntry("tiny", 1, []), SegmentEntry("empty", 30, list(range(30)))]
    assert to_merge([*large, *small, *tiny]) == {*(segment.name for segment in [*small, *tiny])}
    assert to_merge([*large, *small[1:], *tiny]) == frozenset()
