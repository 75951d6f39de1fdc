"""Files that hold many episodes: what changed in one is found by the digests of its episodes."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from conftest import library_over, reader_of
from zunda_mcp.answers import RefreshReport
from zunda_mcp.index import index_tuning
from zunda_mcp.index.refresh import Refresher
from zunda_mcp.library import Library

FIRST = 2027960832928501907


def row(number: int, text: str, day: str, log: str = "1", user: str = "zunda_example") -> str:
    """A row of an export, written at noon."""
    return f'"{number}","https://x.com/{user}/status/{number}","{day} 12:00:00","{text}","{log}"\n'


@pytest.fixture
def library(archive: Path, tmp_path: Path) -> Library:
    return library_over(archive, tmp_path / "index")


def export(archive: Path, *rows: str, name: str = "zunda_example-261101.csv") -> None:
    """Write an export, newest first."""
    archive.mkdir(exist_ok=True)
    (archive / name).write_text("".join(reversed(rows)), encoding="utf-8")


def month(count: int = 28) -> list[str]:
    """A post a day."""
    return [row(FIRST + n, f"{n}日目のラーメンと餃子", f"2026-02-{n:02}") for n in range(1, count + 1)]


def test_only_the_days_that_changed_are_indexed_again(library: Library, archive: Path) -> None:
    export(archive, *month())
    built = library.refresh()
    assert (built.episodes, built.stories) == (28, 28)
    export(archive, *month(), row(FIRST + 90, "新しい投稿", "2026-02-28"), row(FIRST + 91, "翌日", "2026-03-01"))
    report = library.refresh()
    assert not report.rebuilt
    assert (report.added, report.changed, report.removed) == (["2026-03-01"], ["2026-02-28"], [])
    assert [hit.id for hit in library.search("新しい投稿").hits] == ["2026-02-28#2"]


def test_no_question_waits_for_a_large_file_that_changed(
    library: Library, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(archive, *month())
    library.refresh()
    monkeypatch.setattr(index_tuning, "MAX_BYTES_AT_ONCE", 1000)
    go_on, refresher = threading.Event(), library._live.refresher

    def held(*args: Any, **named: Any) -> RefreshReport:
        assert go_on.wait(60)
        return Refresher.refresh(refresher, *args, **named)

    monkeypatch.setattr(refresher, "refresh", held)
    export(archive, *month(), row(FIRST + 90, "新しい投稿", "2026-02-28"))
    before = library.search("新しい投稿")
    assert (before.total_stories, before.freshness.state, before.freshness.pending) == (0, "updating", 1)
    assert library.search("ラーメン").total_stories == 28
    go_on.set()
    library._live.background.wait_for_build()
    after = library.search("新しい投稿")
    assert (after.total_stories, after.freshness.state, after.freshness.pending) == (1, "current", 0)


def test_a_file_that_only_looks_changed_indexes_nothing(library: Library, archive: Path) -> None:
    export(archive, *month())
    library.refresh()
    text = (archive / "zunda_example-261101.csv").read_text(encoding="utf-8")
    (archive / "zunda_example-261101.csv").write_text("\n" + text, encoding="utf-8")
    report = library.refresh()
    assert (report.added, report.changed, report.removed) == ([], [], [])
    assert report.stories == 28


def test_a_day_that_went_away_is_gone(library: Library, archive: Path) -> None:
    export(archive, *month())
    library.refresh()
    export(archive, *month(27))
    report = library.refresh()
    assert (report.removed, report.changed) == (["2026-02-28"], [])
    assert library.search("", since="2026-02-28").total_stories == 0


def test_exports_that_overlap_are_one_row_of_days(library: Library, archive: Path) -> None:
    export(archive, *month(10), name="zunda_example-260210.csv")
    library.refresh()
    export(archive, *month(12), row(FIRST + 10**6, "同じ日の続き", "2026-02-10"), name="zunda_example-260212.csv")
    report = library.refresh()
    assert (report.episodes, report.stories) == (12, 13)
    assert library.problems() == []
    assert [hit.id for hit in library.search("同じ日の続き").hits] == ["2026-02-10#2"]
    (archive / "zunda_example-260210.csv").unlink()
    report = library.refresh()
    assert (report.episodes, report.stories) == (12, 13)


def test_an_export_too_large_to_keep_is_read_again(
    library: Library, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_tuning, "MAX_DRAFT_CHARACTERS", 50)
    export(archive, *month())
    export(archive, *month(5), name="zunda_example-260205.csv")
    report = library.refresh()
    assert (report.episodes, report.stories) == (28, 28)


def test_a_page_and_the_posts_of_its_day_are_one_episode(library: Library, archive: Path) -> None:
    archive.mkdir(exist_ok=True)
    (archive / "2026-02-01.md").write_text("---\ntitle: 日記\ndate: 2026-02-01\n---\n本文\n", encoding="utf-8")
    export(archive, *month(3))
    report = library.refresh()
    assert report.episodes == 3
    assert library.problems() == []
    episode = library.episode("2026-02-01").episode
    assert episode.title == "日記"
    assert episode.stories


def test_posts_are_found_by_their_address_and_by_the_pages_they_link_to(library: Library, archive: Path) -> None:
    text = "読んだ https://zenn.dev/a/articles/1?x=1。良い"
    export(archive, row(FIRST, text, "2026-02-01"), row(FIRST + 1, "好き", "2026-02-01", "2", "other_user"))
    library.refresh()
    for query in (
        "site:zenn.dev",
        "https://zenn.dev/a/articles/1?x=1",
        f"https://twitter.com/zunda_example/status/{FIRST}",
        f"https://x.com/zunda_example/status/{FIRST}/photo/1",
    ):
        assert [hit.id for hit in library.search(query).hits] == ["2026-02-01#1"], query
    assert library.search("", site="zenn.dev").total_stories == 1
    assert library.search("", site="x.com").total_stories == 2
    assert [hit.id for hit in library.search("other_user").hits] == ["2026-02-01#2"]
    assert library.episode(f"https://x.com/zunda_example/status/{FIRST}").story == "2026-02-01#1"


def test_kinds_are_keys_of_the_index(library: Library, archive: Path) -> None:
    export(archive, row(FIRST, "私の", "2026-02-01"), row(FIRST + 1, "好き", "2026-02-01", "2", "other"))
    library.refresh()
    reader = reader_of(library)
    assert [reader.item(document) for document in reader.keyed("kind:like")] == ["2026-02-01#2"]
    assert [story.kind for story in library.episode("2026-02-01").episode.stories] == ["post", "like"]
