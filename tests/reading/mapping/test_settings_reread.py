"""``zunda-mcp.toml`` is part of the archive: what is edited there counts at the next question of a running process."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zunda_mcp.config.load import load_settings
from zunda_mcp.library import Library
from zunda_mcp.reading.mapping.settings_files import SettingsFiles

Write = Callable[..., None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    archive = tmp_path / "archive"
    archive.mkdir()
    for number in range(1, 4):
        text = f"---\ntitle: Beans {number}\ndate: 2031-01-0{number}\nheard: 2030-05-0{number}\n---\n\n"
        links = (
            f"- [Soil {number}](https://soil.example/{number})\n- [Water {number}](https://water.example/{number})\n"
        )
        (archive / f"{number}.md").write_text(text + links, encoding="utf-8")
    return archive


@pytest.fixture
def write(folder: Path) -> Write:
    """Write the settings file, each time with a time of its own, as editors on a slow clock do not."""
    times = iter(range(1_900_000_000, 1_900_000_100))

    def write(text: str, place: Path | None = None) -> None:
        file = (place or folder) / "zunda-mcp.toml"
        file.write_text(text, encoding="utf-8")
        os.utime(file, (at := next(times), at))
        os.utime(file.parent, (at, at))

    return write


def opened(folder: Path, tmp_path: Path, **more: Any) -> Library:
    return Library.open(load_settings(episodes=[folder], index=tmp_path / "index", embedder="none", environ={}, **more))


def shown(library: Library) -> list[tuple[str | None, str, int]]:
    """Day, title and number of stories of each episode, level with the files."""
    library.refresh()
    return sorted((one.date, one.title, one.stories) for one in library.episodes())


def test_a_table_that_is_written_changed_and_deleted_while_a_process_runs_counts_each_time(
    folder: Path, write: Write, tmp_path: Path
) -> None:
    with opened(folder, tmp_path) as library:
        usual = shown(library)
        assert usual[0] == ("2031-01-01", "Beans 1", 2)
        write('[archive]\ndate = "heard"\n')
        assert library.episode("1").episode.date == dt.date(2030, 5, 1)  # by the question itself, nobody refreshed
        write('[archive]\ndate = "heard"\nstories = "whole"\nexclude = ["3.md"]\n')
        assert shown(library) == [("2030-05-01", "Beans 1", 1), ("2030-05-02", "Beans 2", 1)]
        (folder / "zunda-mcp.toml").unlink()
        assert shown(library) == usual


def test_an_index_of_a_table_that_changed_is_the_one_of_a_process_that_starts_now(
    folder: Path, write: Write, tmp_path: Path
) -> None:
    for table in ('date = "heard"', 'title = { value = "T" }', 'stories = "whole"', 'include = ["[12].md"]', ""):
        write(f"[archive]\n{table}\n")
        with opened(folder, tmp_path) as library:
            grown = shown(library)
        with opened(folder, tmp_path / table.partition(" ")[0]) as fresh:
            assert grown == shown(fresh)
            assert grown == sorted((one.date, one.title, one.stories) for one in fresh.episodes())


@pytest.mark.parametrize(
    ("setting", "seen"),
    [
        ('date_key = "heard"', ("2030-05-01", "Beans 1", 2)),
        ('title_key = "heard"', ("2031-01-01", "2030-05-01", 2)),
        ('strategy = "whole"', ("2031-01-01", "Beans 1", 1)),
        ('ignore = ["water.example"]', ("2031-01-01", "Beans 1", 1)),
    ],
)
def test_the_other_settings_of_reading_are_read_again_as_well(
    setting: str, seen: tuple[str, str, int], folder: Path, write: Write, tmp_path: Path
) -> None:
    write('language = "en"\n')
    with opened(folder, tmp_path) as library:
        assert shown(library)[0] == ("2031-01-01", "Beans 1", 2)
        write(f"{setting}\nname = 'Pods'\nlanguage = 'de'\ntimezone = 'Asia/Tokyo'\n")
        assert shown(library)[0] == seen
        about = library.about()
        assert (about.freshness.archive, about.language, about.timezone) == ("Pods", "de", "Asia/Tokyo")


def test_a_flag_goes_before_the_file_also_when_it_is_read_again(folder: Path, write: Write, tmp_path: Path) -> None:
    with opened(folder, tmp_path, name="Flag") as library:
        write('name = "File"\nlanguage = "de"\n')
        library.refresh()
        about = library.about()
        assert (about.freshness.archive, about.language) == ("Flag", "de")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ('[archive]\ndate = "heard\n', "cannot be read as TOML"),
        ('nmae = "Pods"\n', "nmae is not a setting. Did you mean name?"),
        ('strategy = "articles"\n', "The strategy articles is unknown."),
        ('page_url = "https://a.example/{nr}"\n', "has the unknown field {nr}"),
    ],
)
def test_a_file_that_cannot_be_used_any_more_is_a_problem_and_what_it_said_counts(
    text: str, cause: str, folder: Path, write: Write, tmp_path: Path
) -> None:
    write('title_key = "heard"\n[archive]\ndate = "heard"\n')
    with opened(folder, tmp_path) as library:
        before = shown(library)
        assert before[0] == ("2030-05-01", "2030-05-01", 2)
        write(text)
        if "TOML" in cause or "nmae" in text:
            assert shown(library) == before
        else:
            assert shown(library)[0][1] == "2030-05-01"
        assert any(cause in problem.cause for problem in library.problems())
        write('[archive]\ndate = "date"\n')
        assert shown(library)[0] == ("2031-01-01", "Beans 1", 2)
        assert library.problems() == []


def test_of_several_archives_each_has_its_own_table(folder: Path, write: Write, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.md").write_text((folder / "1.md").read_text(encoding="utf-8"), encoding="utf-8")
    one = '[archives.one]\nepisodes = "archive"\n[archives.one.archive]\ndate = "heard"\n'
    write(f'{one}[archives.two]\nepisodes = "other"\n', tmp_path)
    with Library.open(load_settings(cwd=tmp_path, index=tmp_path / "index", embedder="none", environ={})) as library:
        library.refresh()
        days = {one.id: one.date for one in library.episodes()}
    assert days == {"one:1": "2030-05-01", "one:2": "2030-05-02", "one:3": "2030-05-03", "two:a": "2031-01-01"}


def test_looking_at_files_that_did_not_change_reads_none(
    folder: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("[archive]\n")
    files = SettingsFiles([folder], load_settings(episodes=[folder], environ={}))
    assert files.current().problems == ()
    monkeypatch.setattr("zunda_mcp.reading.mapping.settings_files.file_with_text", None)
    assert files.current().problems == ()
