"""What all files of an archive together say, and what cannot be read now: an index that grew is as one built anew."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import Post, library_over
from zunda_mcp.answers import Freshness
from zunda_mcp.errors import ArchiveError
from zunda_mcp.library import Library
from zunda_mcp.reading import file_reader
from zunda_mcp.reading.detection import detect
from zunda_mcp.reading.source_file import file_bytes
from zunda_mcp.rendering.answer_lines import freshness

A = ("量子化の話", "https://example.com/a", "モデルを量子化して小さくする。")
B = ("音声合成の話", "https://example.com/b", "声を合成する新しい手法。")


def settled(library: Library) -> Freshness:
    """How fresh answers are when nothing is pending any more."""
    deadline = time.monotonic() + 60
    while (fresh := library.about().freshness).state != "current" and time.monotonic() < deadline:
        time.sleep(0.05)
    return fresh


def all_of(library: Library) -> tuple[Any, ...]:
    """Episodes with their stories, and what is wrong in the files."""
    settled(library)
    episodes = [library.episode(one.id).episode for one in library.episodes()]
    return episodes, library.problems(), library.hosts(), library.strategies(), library.about().timezone


def built_anew(archive: Path, tmp_path: Path) -> tuple[Any, ...]:
    """The same of an index that is built now."""
    number = sum(1 for _ in tmp_path.glob("anew-*"))
    with library_over(archive, tmp_path / f"anew-{number}") as fresh:
        fresh.refresh()
        return all_of(fresh)


def notes(archive: Path, number: int, body: str, front: str = "") -> Path:
    path = archive / f"2031-{1 + number // 28:02d}-{1 + number % 28:02d}-{number}.md"
    path.write_text(f"---\ntitle: 回{number}\n{front}---\n\n{body}", encoding="utf-8")
    return path


def listed(number: int) -> str:
    return "".join(f"- 豆の話{number}の{item} [元](https://bean{number}.example/{item})\n" for item in range(3))


def test_an_archive_that_begins_with_a_page_of_notes_is_split_as_the_files_are_written_now(
    show: Library, archive: Path, tmp_path: Path
) -> None:
    notes(archive, 0, "はじめに。" * 60)
    assert settled(show).stories == 1  # its own
    for number in range(1, 21):
        notes(archive, number, listed(number))
        settled(show)
    grown = all_of(show)
    assert settled(show).stories == 61
    assert grown == built_anew(archive, tmp_path)
    assert show.refresh().reason == "nothing changed"


@pytest.mark.parametrize("count", [3, 25])
def test_people_whose_file_is_renamed_are_named_as_in_an_index_built_anew(
    show: Library, archive: Path, tmp_path: Path, count: int
) -> None:
    people = archive / "people"
    people.mkdir()
    (people / "anna.md").write_text("---\nname: Anna Beans\n---\n", encoding="utf-8")
    for number in range(count):
        notes(archive, number, listed(number), "hosts: [anna, berta]\n")
    assert all_of(show)[2] == ["Anna Beans", "berta"]
    (people / "anna.md").rename(people / "berta.md")
    grown = all_of(show)
    assert grown[2] == ["Anna Beans", "anna"]
    assert grown == built_anew(archive, tmp_path)


def test_two_servers_come_to_rest_after_the_site_was_configured_otherwise(archive: Path, tmp_path: Path) -> None:
    config = archive / "_config.yml"
    config.write_text("title: Beans\ntimezone: Asia/Tokyo\n", encoding="utf-8")
    for number in range(3):
        notes(archive, number, listed(number), "date: 2031-01-01 23:30:00 +0000\n")
    with library_over(archive, tmp_path / "index") as one, library_over(archive, tmp_path / "index") as other:
        assert all_of(one) == all_of(other)
        config.write_text("title: Peas\ntimezone: America/New_York\n", encoding="utf-8")
        grown = all_of(one)
        with library_over(archive, tmp_path / "index") as third:
            assert all_of(other) == all_of(third) == grown == built_anew(archive, tmp_path)
            assert one.about().freshness.archive == other.about().freshness.archive == "Peas"
            notes(archive, 7, listed(7))
            for library in (one, other, third, one, other, third):
                assert settled(library).episodes == 4
            generations = {library.refresh().generation for library in (one, other, third)}
            assert len(generations) == 1


def test_a_problem_whose_cause_is_gone_is_gone(show: Library, post: Post, archive: Path) -> None:
    post("2025-07-01-1", A)
    (archive / "lost").symlink_to(archive / "nowhere")
    assert any("leads nowhere" in problem.cause for problem in show.problems())
    (archive / "lost").unlink()
    assert show.problems() == []
    assert show.about().freshness.problems == 0


def test_a_transcript_under_another_name_is_another_transcript(show: Library, archive: Path, tmp_path: Path) -> None:
    notes(archive, 1, listed(1))
    spoken = archive / "2031-01-02-1.vtt"
    spoken.write_text("WEBVTT\n\n00:01.000 --> 00:09.000\n枝豆について話します。\n", encoding="utf-8")
    before = all_of(show)
    spoken.rename(archive / "2031-01-02-1.txt")
    assert all_of(show) == built_anew(archive, tmp_path)
    (archive / "2031-01-02-1.txt").rename(spoken)
    assert all_of(show) == before


# --- what cannot be read now


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path | None], None]:
    """Makes a file or folder one that cannot be opened; None unlocks all."""
    refused: set[str] = set()
    read, listed_ = file_bytes, os.scandir

    def bytes_of(path: Path, *limits: int) -> Any:
        if str(path) in refused:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return read(path, *limits)

    def entries_of(path: Any = ".") -> Any:
        if str(path) in refused:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return listed_(path)

    for module in (detect, file_reader):
        monkeypatch.setattr(module, "file_bytes", bytes_of)
    monkeypatch.setattr(os, "scandir", entries_of)
    return lambda path: refused.add(str(path)) if path is not None else refused.clear()


Locked = Callable[[Path | None], None]


def test_a_file_that_is_locked_keeps_its_last_text_until_it_can_be_read(
    show: Library, post: Post, locked: Locked, archive: Path, tmp_path: Path
) -> None:
    post("2025-07-01-1", A)
    path = post("2025-07-02-2", A)
    assert settled(show).state == "current"
    locked(path)
    post("2025-07-02-2", B)
    for _ in range(2):
        answer = show.search("量子化")
        assert (answer.total_stories, answer.freshness.state, answer.freshness.unavailable) == (2, "unreadable", 1)
        assert "up to date" not in freshness(answer.freshness)
    (problem,) = show.problems()
    assert (problem.path, "what was last read of it is kept" in problem.cause) == ("show/2025-07-02-2.md", True)
    generation = show.refresh().generation
    assert show.refresh().generation == generation
    assert "1 source file" in show.refresh().reason
    locked(None)
    assert show.search("音声合成").total_stories == 1
    assert settled(show).state == "current"
    assert all_of(show) == built_anew(archive, tmp_path)


def test_a_new_file_that_is_locked_is_pending_and_not_left_out_for_good(
    show: Library, post: Post, locked: Locked, archive: Path
) -> None:
    post("2025-07-01-1", A)
    locked(archive / "2025-07-02-2.md")
    post("2025-07-02-2", B)
    assert show.search("音声合成").freshness.state == "unreadable"
    with library_over(archive, show.settings.index) as other:
        assert settled(other).unavailable == 1
    locked(None)
    assert show.search("音声合成").total_stories == 1
    assert (settled(show).state, show.problems()) == ("current", [])


def test_a_rebuild_takes_the_text_of_a_locked_file_from_the_index_before(
    show: Library, post: Post, locked: Locked, archive: Path, tmp_path: Path
) -> None:
    paths = [
        post(f"2025-07-{day:02d}-{day}", (f"話{day}", f"https://example.com/{day}", "豆。")) for day in range(1, 26)
    ]
    assert settled(show).stories == 25
    locked(paths[3])
    for day in range(1, 26):
        post(f"2025-07-{day:02d}-{day}", (f"新{day}", f"https://example.com/{day}", "豆。"))
    report = show.refresh()
    assert (report.rebuilt, report.stories) == (True, 25)
    assert [hit.title for hit in show.search("話4").hits][:1] == ["話4"]
    assert settled(show).unavailable == 1
    locked(None)
    assert (show.search("新4").hits[0].title, settled(show).state) == ("新4", "current")
    assert all_of(show) == built_anew(archive, tmp_path)


def test_a_folder_that_refuses_keeps_what_was_read_in_it(
    show: Library, archive: Path, post: Post, locked: Locked, tmp_path: Path
) -> None:
    post("2025-07-01-1", A)
    below = archive / "more"
    below.mkdir()
    post("2025-07-02-2", B).rename(below / "2025-07-02-2.md")
    assert settled(show).stories == 2
    locked(below)
    os.utime(archive)
    post("2025-07-03-3", A)
    answer = show.search("音声合成")
    assert (answer.total_stories, answer.freshness.state, answer.freshness.unavailable) == (1, "unreadable", 1)
    assert settled(show).stories == 3
    locked(None)
    os.utime(archive)
    assert (settled(show).state, settled(show).unavailable) == ("current", 0)
    assert all_of(show) == built_anew(archive, tmp_path)


def test_a_source_that_is_gone_or_empty_keeps_what_was_read_of_it(tmp_path: Path) -> None:
    from zunda_mcp.config.load import load_settings

    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        notes(tmp_path / name, 1 + len(name), listed(len(name)))
        notes(tmp_path / name, 10 + ord(name[0]) % 7, listed(ord(name[0])))
    settings = load_settings(
        episodes=[tmp_path / "one", tmp_path / "two"], index=tmp_path / "index", environ={}, embedder="none"
    )
    with Library.open(settings) as library:
        episodes = settled(library).episodes
        before = all_of(library)
        (tmp_path / "two").rename(tmp_path / "away")
        for empty in (False, True):
            if empty:
                (tmp_path / "two").mkdir()
            fresh = settled(library)
            assert (fresh.episodes, fresh.state) == (episodes, "unreadable"), empty
            assert library.refresh().removed == []
        assert any("--rebuild" in problem.cause for problem in library.problems())
        (tmp_path / "two").rmdir()
        (tmp_path / "away").rename(tmp_path / "two")
        assert settled(library).state == "current"
        assert all_of(library) == before


def test_an_empty_mount_point_is_no_empty_archive_and_a_rebuild_accepts_one(
    show: Library, post: Post, archive: Path
) -> None:
    path = post("2025-07-01-1", A)
    assert settled(show).stories == 1
    path.rename(archive.parent / "away.md")
    answer = show.search("量子化")
    assert (answer.total_stories, answer.freshness.state) == (1, "unreadable")
    with pytest.raises(ArchiveError, match="zunda-mcp index --rebuild"):
        show.refresh()
    assert show.refresh(rebuild=True).episodes == 0
    assert (settled(show).stories, settled(show).state) == (0, "current")
