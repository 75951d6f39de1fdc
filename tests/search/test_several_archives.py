"""Several archives read as one: each with its own ids, zone and reach, searched together or one alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import TODAY
from zunda_mcp.config.load import load_settings
from zunda_mcp.config.settings import Settings
from zunda_mcp.errors import ArgumentError, NotFoundError, SettingsError
from zunda_mcp.library import Library
from zunda_mcp.sources.registry import source_paths


def write(folder: Path, name: str, *links: str, head: str = "") -> None:
    """An episode with a story for each link."""
    folder.mkdir(parents=True, exist_ok=True)
    stories = "".join(f"\n- [{link} の話](https://example.com/{link})\n\n{link} を調べた。\n" for link in links)
    (folder / f"{name}.md").write_text(f"---\ntitle: {name}\n{head}---\n{stories}", encoding="utf-8")


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Two shows with an episode of one name, and one of the same day."""
    write(tmp_path / "news", "2025-07-01-1", "推論", "音声")
    write(tmp_path / "news", "2025-07-02-2", "学習")
    write(tmp_path / "weekly", "2025-07-01-1", "推論")
    (tmp_path / "weekly" / "zunda-mcp.toml").write_text('language = "ja"\n', encoding="utf-8")
    return tmp_path


def settings(shelf: Path, *archives: str, **more: object) -> Settings:
    named = archives or (f"news={shelf / 'news'}", f"weekly={shelf / 'weekly'}")
    options = {
        "archives": named,
        "index": shelf / "index",
        "environ": {},
        "cwd": shelf,
        "embedder": "none",
        "resolve": source_paths,
    }
    return load_settings(**{**options, **more})  # type: ignore[arg-type]  # whatever a test wants to try


@pytest.fixture
def library(shelf: Path) -> Library:
    return Library(settings(shelf), now=TODAY.astimezone)


def test_both_are_searched_and_each_hit_says_where_it_is_from(library: Library) -> None:
    found = library.search("推論")
    assert {(hit.id, hit.archive) for hit in found.hits} == {
        ("news:2025-07-01-1#1", "news"),
        ("weekly:2025-07-01-1#1", "weekly"),
    }


def test_one_alone_is_searched_counted_and_listed(library: Library) -> None:
    found = library.search("推論", archive="Weekly")
    assert [hit.id for hit in found.hits] == ["weekly:2025-07-01-1#1"]
    assert "archive weekly" in found.understood
    assert library.timeline("推論", archive="news").total_stories == 1
    assert library.search("", archive="news").total_stories == 3


def test_an_archive_that_is_not_there_is_refused_with_those_that_are(library: Library) -> None:
    with pytest.raises(ArgumentError, match=r'there are news, weekly. Write archive="news"'):
        library.search("推論", archive="newz")


def test_an_id_may_be_said_without_its_archive_where_that_is_enough(library: Library) -> None:
    assert library.episode("2025-07-02-2").episode.id == "news:2025-07-02-2"
    assert library.episode("weekly:latest").episode.id == "weekly:2025-07-01-1"
    assert library.episode("news:2025-07-01").episode.id == "news:2025-07-01-1"
    assert library.episode("news:2025-07-01-1#2").story == "news:2025-07-01-1#2"
    with pytest.raises(NotFoundError, match="names 2 episodes"):
        library.episode("2025-07-01-1")


def test_each_archive_says_how_far_it_reaches(library: Library) -> None:
    fresh = library.search("").freshness
    assert [(one.archive, one.episodes, one.newest) for one in fresh.archives] == [
        ("news", 2, "2025-07-02"),
        ("weekly", 1, "2025-07-01"),
    ]


def test_a_new_episode_of_either_is_found_at_once(library: Library, shelf: Path) -> None:
    assert not library.search("量子").hits
    write(shelf / "weekly", "2025-07-08-2", "量子")
    assert [hit.id for hit in library.search("量子").hits] == ["weekly:2025-07-08-2#1"]


def test_an_archive_that_is_gone_is_a_problem_and_the_other_answers(shelf: Path) -> None:
    missing = settings(shelf, f"news={shelf / 'news'}", f"weekly={shelf / 'nowhere'}")
    library = Library(missing, now=TODAY.astimezone)
    assert library.search("推論").total_stories == 1
    assert any("The other archives were read" in problem.cause for problem in library.problems())


def test_links_that_one_show_repeats_are_its_own_matter(shelf: Path) -> None:
    for day in range(1, 5):
        write(shelf / "weekly", f"2025-08-0{day}-{day}", "お便り", f"話題{day}")
    write(shelf / "news", "2025-08-01-9", "お便り")
    library = Library(settings(shelf), now=TODAY.astimezone)
    first, *others = library.search("お便り").hits
    assert first.id == "news:2025-08-01-9#1"
    assert all(hit.id.startswith("weekly:") and "#" not in hit.id for hit in others)  # the notes of these episodes


def test_archives_may_be_named_in_a_file_of_the_working_folder(shelf: Path) -> None:
    (shelf / "zunda-mcp.toml").write_text(
        '[archives.news]\nepisodes = ["news"]\ntimezone = "Asia/Tokyo"\n[archives.weekly]\nepisodes = "weekly"\n',
        encoding="utf-8",
    )
    found = load_settings(index=shelf / "index", environ={}, cwd=shelf)
    assert [(one.label, one.timezone, one.language) for one in found.archives] == [
        ("news", "Asia/Tokyo", None),
        ("weekly", None, "ja"),
    ]


def test_one_named_archive_is_an_ordinary_one_with_that_name(shelf: Path) -> None:
    found = settings(shelf, f"news={shelf / 'news'}")
    assert (found.archives, found.name) == ((), "news")
    assert Library(found, now=TODAY.astimezone).search("学習").hits[0].id == "2025-07-02-2#1"


@pytest.mark.parametrize("wrong", ["=/x", "a b=/x", "news="])
def test_what_is_no_name_and_folder_is_refused_with_an_example(shelf: Path, wrong: str) -> None:
    with pytest.raises(SettingsError, match="is not NAME=FOLDER, such as news="):
        settings(shelf, wrong)


def test_a_name_alone_is_that_of_an_added_source_and_refused_where_there_is_none(shelf: Path, state: Path) -> None:
    assert not state.exists()
    with pytest.raises(SettingsError, match=r"There is no source called news.*--archive news=FOLDER"):
        settings(shelf, "news")


def test_both_ways_of_naming_what_to_read_at_once_are_refused(shelf: Path) -> None:
    with pytest.raises(SettingsError, match="both say what to read"):
        settings(shelf, episodes=[shelf / "news"])
