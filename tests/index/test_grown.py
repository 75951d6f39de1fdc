"""An index that grew change by change answers as one that was built anew."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from conftest import IN_CLUSTER, TODAY, Post, library_over, reader_of
from zunda_mcp.config.load import load_settings
from zunda_mcp.index import schema
from zunda_mcp.index.generation import Generations
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.library import Library

_WORDS = ("音声合成", "エージェント", "LLM", "推論", "Claude Code", "ロボット", "エージエント", "ぞんだもん")
_FRESHNESS = {"freshness"}


def answers(library: Library) -> dict[str, Any]:
    """What a library answers to questions of every kind."""
    found: dict[str, Any] = {}
    for word in (*_WORDS, ""):
        for sort in ("relevance", "newest", "oldest"):
            found[f"search {word} {sort}"] = library.search(word, sort=sort, limit=50, max_chars=60_000)
        if word:
            found[f"timeline {word}"] = library.timeline(word)
    found["topics"] = library.topics(limit=50, max_chars=60_000)
    for episode in library.search(limit=50, max_chars=60_000).hits:
        found[f"episode {episode.id}"] = library.episode(episode.id)
        found[f"related {episode.id}"] = library.related(episode.id)
    return {name: answer.model_dump(mode="json", exclude=_FRESHNESS) for name, answer in found.items()}


def as_built(library: Library, archive: Path, index: Path) -> Mapping[str, tuple[Any, Any]]:
    """The answers of ``library`` that differ from those of an index of ``archive`` built now."""
    with library_over(archive, index) as fresh:
        fresh.refresh()
        expected = answers(fresh)
    shutil.rmtree(index)
    grown = answers(library)
    return {name: (grown.get(name), expected[name]) for name in expected if grown.get(name) != expected[name]}


@pytest.fixture
def grown(archive: Path, tmp_path: Path) -> Iterator[Library]:
    """A library that sees every change of ``archive`` by being asked."""
    with library_over(archive, tmp_path / "grown-index") as library:
        yield library


def spoken(archive: Path, stem: str, *lines: str) -> None:
    """A transcript beside an episode."""
    cues = (
        f"00:00:{2 * at:02d}.000 --> 00:00:{2 * at + 2:02d}.000\n{line}\n\n" for at, line in enumerate(lines, start=1)
    )
    (archive / f"{stem}.vtt").write_text("WEBVTT\n\n" + "".join(cues), encoding="utf-8")


def test_an_episode_without_a_transcript_joins_those_that_have_one(
    archive: Path, post: Post, grown: Library, tmp_path: Path
) -> None:
    post("2025-07-01-1", ("音声合成の話題", "https://example.com/1", "音声合成のこと。"))
    spoken(archive, "2025-07-01-1", "音声合成の話題です", "ロボットの推論について話します")
    assert grown.search("ロボット").total_stories == 1
    post("2025-07-02-2", ("エージェントの話題", "https://example.com/2", "エージェントの推論のこと。"))
    assert grown.episode("2025-07-02-2#1").story == "2025-07-02-2#1"
    assert grown.search("エージェント ロボット").freshness.state == "current"
    assert as_built(grown, archive, tmp_path / "fresh") == {}


def test_segments_with_and_without_transcripts_are_merged(
    archive: Path, post: Post, grown: Library, tmp_path: Path
) -> None:
    for day in range(1, 20):
        post(f"2025-07-{day:02d}-{day}", (f"音声合成の話題{day}", f"https://example.com/{day}", "推論のこと。"))
        if day % 3 == 0:
            spoken(archive, f"2025-07-{day:02d}-{day}", "音声合成の話題です", "ロボットについて話します")
        grown.refresh()
    assert as_built(grown, archive, tmp_path / "fresh") == {}


def test_a_story_edited_twelve_times_has_the_related_stories_it_has_when_built(
    archive: Path, post: Post, grown: Library, tmp_path: Path
) -> None:
    for day in range(1, 9):
        post(f"2025-07-{day:02d}-{day}", (f"話題{day}", f"https://example.com/{day}", "別のことの説明。"))
    post("2025-07-10-10", ("ロボットの推論", "https://example.com/r/1", "ロボットとClaude Codeの推論。"))
    for edit in range(12):
        post(
            "2025-07-11-11",
            ("ロボットの推論", "https://example.com/r/2", f"ロボットの推論、第{'一二三'[edit % 3]}稿。"),
        )
        grown.search("ロボット")
    assert [story.id for story in grown.related("2025-07-11-11#1").hits] == ["2025-07-10-10#1"]
    assert as_built(grown, archive, tmp_path / "fresh") == {}


def test_stories_of_one_day_and_score_come_in_the_order_of_their_episodes(
    archive: Path, post: Post, grown: Library, tmp_path: Path
) -> None:
    for number in (5, 2, 9, 1, 7):
        post(f"2025-07-01-{number}", ("音声合成", f"https://example.com/{number}", "推論。"), ("LLM", "", "推論。"))
        grown.search("音声合成")
    post("2025-07-01-5", ("音声合成", "https://example.com/5", "推論。"))
    assert as_built(grown, archive, tmp_path / "fresh") == {}


def test_a_word_that_only_a_deleted_story_held_is_suggested_no_more(
    archive: Path, post: Post, grown: Library, tmp_path: Path
) -> None:
    post("2025-07-01-1", ("音声合成", "https://example.com/1", "推論。"))
    post("2025-07-02-2", ("エージェント Blue Robot", "https://example.com/2", "ずんだもん agentic agentic。"))
    assert grown.search("エージエント").hits
    (archive / "2025-07-02-2.md").unlink()
    assert not grown.search("エージエント").hits
    vocabulary = reader_of(grown).vocabulary
    words = {*vocabulary.runs, *vocabulary.words, *vocabulary.names}
    assert not {word for word in words if "エージェント" in word or word in ("agentic", "robot")}
    assert not [line for line in vocabulary.sounds if "blue" in line or "agentic" in line]
    assert as_built(grown, archive, tmp_path / "fresh") == {}


def test_stories_that_grow_longer_are_scored_as_in_a_new_index(
    archive: Path, post: Post, grown: Library, tmp_path: Path
) -> None:
    for day in range(1, 10):
        summary = "音声合成と推論とロボットのこと。" * (1 + day * day)
        post(f"2025-07-{day:02d}-{day}", (f"音声合成{'、' * day}", f"https://example.com/{day}", summary))
        assert grown.search("音声合成").freshness.state == "current"
        reader = reader_of(grown)
        with library_over(archive, tmp_path / "fresh") as fresh:
            fresh.refresh(rebuild=True)
            built = reader_of(fresh)
        assert dict(reader.postings("推論")) == dict(built.postings("推論"))
        assert reader.meta.lengths == built.meta.lengths


@pytest.mark.skipif(IN_CLUSTER, reason="documents are in the cluster and not in files")
def test_a_missing_file_that_no_sweep_took_is_shown_at_once(
    archive: Path, post: Post, grown: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    post("2025-07-01-1", ("音声合成", "https://example.com/1", "推論。"))
    grown.search("音声合成")
    times = []

    def missing(*_: object) -> Any:
        times.append(1)
        raise FileNotFoundError(2, "No such file or directory", "x.col")

    monkeypatch.setattr(IndexReader, "story", missing)
    with pytest.raises(FileNotFoundError):
        grown.search("音声合成")
    assert len(times) == 1


def test_two_servers_see_a_new_file_after_their_index_was_deleted(archive: Path, post: Post, tmp_path: Path) -> None:
    index = tmp_path / "shared-index"
    post("2025-07-01-1", ("音声合成", "https://example.com/1", "推論。"))
    with library_over(archive, index) as one, library_over(archive, index) as other:
        for turn in range(2, 6):
            assert {one.search("音声合成").freshness.state, other.search("音声合成").freshness.state} == {"current"}
            shutil.rmtree(index)
            first, second = (one, other) if turn % 2 else (other, one)
            first.refresh()
            post(f"2025-07-0{turn}-{turn}", ("音声合成", f"https://example.com/{turn}", "推論。"))
            for library in (first, second):
                found = library.search("音声合成")
                assert (found.total_stories, found.freshness.state) == (turn, "current")


def test_two_versions_on_one_index_both_see_new_files_and_leave_each_other_alone(
    archive: Path, post: Post, tmp_path: Path
) -> None:
    index = tmp_path / "shared-index"
    post("2025-07-01-1", ("音声合成", "https://example.com/1", "推論。"))
    with library_over(archive, index) as one:
        one.refresh()
        script = _LATER_VERSION.format(tests=str(Path(__file__).parent.parent), archive=str(archive), index=str(index))
        with subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        ) as later:
            assert later.stdin is not None
            assert later.stdout is not None
            names = []
            for turn in range(2, 6):
                post(f"2025-07-0{turn}-{turn}", ("音声合成", f"https://example.com/{turn}", "推論。"))
                later.stdin.write("\n")
                later.stdin.flush()
                assert later.stdout.readline().strip() == f"{turn} current"
                found = one.search("音声合成")
                assert (found.total_stories, found.freshness.state) == (turn, "current")
                names.append(one.refresh())
            later.stdin.close()
    assert {(report.reason, report.rebuilt) for report in names} == {("nothing changed", False)}


_LATER_VERSION = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from zunda_mcp.index import schema
schema.VERSION += 1
from conftest import library_over
with library_over(Path({archive!r}), Path({index!r})) as library:
    for _ in sys.stdin:
        found = library.search("音声合成")
        print(found.total_stories, found.freshness.state, flush=True)
"""


def test_servers_with_other_settings_leave_each_others_index_alone(archive: Path, post: Post, tmp_path: Path) -> None:
    index = tmp_path / "shared-index"
    post("2025-07-01-1", ("音声合成", "https://example.com/1", "推論。"))
    settings = load_settings(episodes=[archive], index=index, environ={}, embedder="none")
    in_tokyo = settings.model_copy(update={"timezone": "Asia/Tokyo"})
    with Library(settings, now=TODAY.astimezone) as one, Library(in_tokyo, now=TODAY.astimezone) as tokyo:
        for turn in range(2, 5):
            post(f"2025-07-0{turn}-{turn}", ("音声合成", f"https://example.com/{turn}", "推論。"))
            for library in (one, tokyo):
                found = library.search("音声合成")
                assert (found.total_stories, found.freshness.state) == (turn, "current")
            assert {one.refresh().reason, tokyo.refresh().reason} == {"nothing changed"}
        assert {path.name for path in index.glob("g*")} <= Generations(index, schema.VERSION).kept()
