"""Refreshing: the index follows the files, one generation at a time, and never opens what it did not make."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import preloaded
import pytest

from conftest import SAMPLE, Post, library_over
from zunda_mcp.index import index_tuning
from zunda_mcp.index.generation import Generations
from zunda_mcp.index.schema import VERSION
from zunda_mcp.library import Library

A = ("量子化の話", "https://example.com/a", "モデルを量子化して小さくする。")
B = ("音声合成の話", "https://example.com/b", "声を合成する新しい手法。")
C = ("検索の話", "https://example.com/c", "全文検索の仕組みを作る。")


def titles(library: Library, query: str = "") -> set[str]:
    """Titles of all stories found."""
    return {hit.title for hit in library.search(query, limit=50, max_chars=60_000).hits}


def test_a_second_run_over_unchanged_files_makes_no_new_generation(show: Library, post: Post) -> None:
    post("2025-07-01-1", A)
    first = show.refresh()
    second = show.refresh()
    assert first.rebuilt
    assert second.generation == first.generation
    assert second.reason == "nothing changed"


def test_an_added_edited_renamed_and_deleted_file_is_seen_by_the_next_question(
    show: Library, post: Post, archive: Path
) -> None:
    post("2025-07-01-1", A)
    assert titles(show) == {"量子化の話"}
    path = post("2025-07-02-2", B)
    assert titles(show) == {"量子化の話", "音声合成の話"}
    post("2025-07-02-2", C)
    assert titles(show) == {"量子化の話", "検索の話"}
    path.rename(archive / "2025-07-03-3.md")
    assert {hit.id for hit in show.search("検索").hits} == {"2025-07-03-3#1"}
    (archive / "2025-07-03-3.md").unlink()
    assert titles(show) == {"量子化の話"}
    assert titles(show, "検索") == set()


def test_a_touched_file_with_the_same_content_changes_nothing_that_is_found(
    show: Library, post: Post, archive: Path
) -> None:
    path = post("2025-07-01-1", A)
    show.refresh()
    os.utime(path, (1, 1))
    report = show.refresh()
    assert not report.changed
    assert titles(show) == {"量子化の話"}


def test_words_of_one_script_are_still_found_after_a_file_was_only_touched(show: Library, post: Post) -> None:
    story = ("エージェントの話", "https://example.com/d", "アクセシビリティを検証環境で試す。")
    path = post("2025-07-01-1", story)
    show.refresh()
    topics = show.topics().total_topics
    os.utime(path, (1, 1))
    assert show.refresh().reason == "files changed"
    for word in ("アクセシビリティ", "検証環境", "エージエント"):
        assert titles(show, word) == {"エージェントの話"}, word
    assert show.topics().total_topics == topics


def test_the_first_of_two_files_with_one_id_counts_and_the_other_steps_in_when_it_goes(
    tmp_path: Path, post: Post
) -> None:
    first = post("2025-07-01-1", A)
    site = tmp_path / "site"
    for folder, story in (("_posts", A), ("_posts.bak", B)):
        (site / folder).mkdir(parents=True)
        shutil.copy(first, site / folder)
        if story is B:
            text = first.read_text(encoding="utf-8").replace("量子化の話", "音声合成の話")
            (site / folder / first.name).write_text(text, encoding="utf-8")
    with library_over(site, tmp_path / "index") as library:
        assert titles(library) == {"量子化の話"}
        assert any("2025-07-01-1" in problem.cause for problem in library.problems())
        (site / "_posts" / first.name).unlink()
        assert titles(library) == {"音声合成の話"}
        assert library.problems() == []


def test_a_link_becomes_boilerplate_once_most_episodes_repeat_it(show: Library, post: Post) -> None:
    form = ("お便りフォーム", "https://example.com/form", "送ってね。")
    post("2025-07-01-1", A, form)
    post("2025-07-02-2", B, form)
    show.refresh()
    before = show.search("お便り").total_stories
    post("2025-07-03-3", C, form)
    assert before == 2
    assert show.search("お便り").total_stories == 0
    assert show.search("").total_stories == 3


def test_a_new_site_setting_rebuilds_the_index(post: Post, archive: Path, tmp_path: Path) -> None:
    from zunda_mcp.config.load import load_settings

    post("2025-07-01-1", A)
    with library_over(archive, tmp_path / "i") as library:
        library.refresh()
    settings = load_settings(
        episodes=[archive], index=tmp_path / "i", environ={"ZUNDA_MCP_PAGE_URL": "https://x.org/{number}"}
    )
    with Library(settings) as library:
        assert library.search("量子化").hits[0].episode_url == "https://x.org/1"


def test_a_copied_index_is_rebuilt_and_never_opened(show: Library, post: Post, archive: Path, tmp_path: Path) -> None:
    post("2025-07-01-1", A)
    name = show.refresh().generation
    copy = tmp_path / "copied"
    shutil.copytree(tmp_path / "show-index", copy)
    opened = copy / name / "whoosh"
    for file in opened.glob("*.toc"):
        file.write_bytes(b"cos\nsystem\n(S'echo opened > " + str(tmp_path / "OPENED").encode() + b"'\ntR.")
    with library_over(archive, copy) as library:
        assert titles(library) == {"量子化の話"}
    assert not (tmp_path / "OPENED").exists()


@pytest.mark.parametrize("damage", ["truncate", "remove", "garbage", "meta", "pointer"])
def test_a_damaged_index_is_rebuilt(show: Library, post: Post, archive: Path, tmp_path: Path, damage: str) -> None:
    post("2025-07-01-1", A)
    name = show.refresh().generation
    show.close()
    index = tmp_path / "show-index"
    segment = next((index / name / "whoosh").glob("*.pst"))
    if damage == "truncate":
        segment.write_bytes(segment.read_bytes()[:100])
    elif damage == "remove":
        segment.unlink()
    elif damage == "garbage":
        segment.write_bytes(b"\x00" * 4096)
    elif damage == "meta":
        (index / name / "meta.json").write_text("{}", encoding="utf-8")
    else:
        (index / "CURRENT").write_text("not json", encoding="utf-8")
    with library_over(archive, index) as library:
        assert titles(library) == {"量子化の話"}


def test_an_index_of_another_schema_is_rebuilt(show: Library, post: Post, archive: Path, tmp_path: Path) -> None:
    post("2025-07-01-1", A)
    show.refresh()
    pointer = tmp_path / "show-index" / "CURRENT"
    data = json.loads(pointer.read_text(encoding="utf-8")) | {"schema": 999}
    pointer.write_text(json.dumps(data), encoding="utf-8")
    with library_over(archive, tmp_path / "show-index") as library:
        assert library.refresh().rebuilt


def test_another_process_sees_what_one_has_indexed_without_indexing_it_again(
    show: Library, post: Post, archive: Path, tmp_path: Path
) -> None:
    post("2025-07-01-1", A)
    show.refresh()
    with library_over(archive, tmp_path / "show-index") as other:
        assert titles(other) == {"量子化の話"}
        post("2025-07-02-2", B)
        generation = show.refresh().generation
        assert titles(other) == {"量子化の話", "音声合成の話"}
        assert other.refresh().generation == generation


def test_a_folder_without_episodes_answers_that_it_has_none_until_one_comes(show: Library, post: Post) -> None:
    empty = show.search("量子化")
    assert (empty.total_stories, empty.freshness.episodes, empty.freshness.newest) == (0, 0, None)
    assert show.topics().topics == []
    assert show.timeline("量子化").periods == []
    path = post("2025-07-01-1", A)
    assert titles(show) == {"量子化の話"}
    path.unlink()
    show.refresh(rebuild=True)  # an empty folder may be a disk that is not there
    assert titles(show) == set()


def test_a_vanished_folder_leaves_the_last_index_answering_and_says_so(
    show: Library, post: Post, archive: Path
) -> None:
    post("2025-07-01-1", A)
    assert titles(show) == {"量子化の話"}
    archive.rename(archive.with_name("gone"))
    time.sleep(0.05)
    answer = show.search("量子化")
    assert answer.total_stories == 1
    assert answer.freshness.state == "unreadable"


@pytest.mark.skipif(os.name == "nt", reason="sends SIGKILL")
def test_a_killed_run_leaves_the_last_good_generation(tmp_path: Path) -> None:
    episodes, index = tmp_path / "episodes", tmp_path / "index"
    shutil.copytree(SAMPLE, episodes)
    with library_over(episodes, index) as library:
        library.refresh()
        stories = library.search("").total_stories
    for moment in range(3):
        with preloaded.start(["index", "--rebuild", "--episodes", str(episodes), "--index", str(index)]) as process:
            time.sleep(0.05 + 0.15 * moment)
            process.kill()
        with library_over(episodes, index) as library:
            assert library.search("").total_stories == stories
    with library_over(episodes, index) as library:
        assert library.refresh(rebuild=True).stories == stories
    assert {path.name for path in index.glob("g*")} <= Generations(index, VERSION).kept()


def test_generations_that_were_replaced_stay_for_answers_that_began_with_them_and_no_longer(
    show: Library, post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def generations() -> list[str]:
        return sorted(path.name[:7] for path in (tmp_path / "show-index").glob("g*"))

    post("2025-07-01-1", A)
    for _ in range(3):
        show.refresh(rebuild=True)
    assert generations() == ["g000001", "g000002", "g000003"]
    monkeypatch.setattr(index_tuning, "MAX_REPLACED_KEPT", 2)
    show.refresh(rebuild=True)
    assert generations() == ["g000002", "g000003", "g000004"]
    monkeypatch.setattr(index_tuning, "REPLACED_KEPT_SECONDS", 0.0)
    show.refresh(rebuild=True)
    assert generations() == ["g000004", "g000005"]


def test_an_interrupt_just_after_a_generation_became_current_does_not_remove_it(
    show: Library, post: Post, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    post("2025-07-01-1", A)
    show.refresh()
    post("2025-07-02-2", B)

    def interrupted(*_: object, **__: object) -> None:
        if json.loads((tmp_path / "show-index" / "CURRENT").read_text(encoding="utf-8"))["generation"].startswith(
            "g000002-"
        ):
            raise KeyboardInterrupt

    monkeypatch.setattr("zunda_mcp.index.generation.Generations.prune", interrupted)
    with pytest.raises(KeyboardInterrupt):
        show.refresh()
    assert [path.parent.name[:7] for path in (tmp_path / "show-index").glob("g000002-*/meta.json")] == ["g000002"]
    assert titles(show) == {"量子化の話", "音声合成の話"}
