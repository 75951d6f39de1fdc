"""A survey is made once for each state of the files, whoever asks, and is the one a new look would give. However long
it takes, and however often the files change meanwhile, whoever asks gets an answer."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Semaphore
from typing import Any

import pytest

from zunda_mcp import Library
from zunda_mcp.config.load import load_settings
from zunda_mcp.errors import BuildingError
from zunda_mcp.index import index_tuning
from zunda_mcp.reading.archive_reader import ArchiveReader
from zunda_mcp.reading.file_reader import FileReading
from zunda_mcp.reading.scanning.scan import Scan
from zunda_mcp.reading.source_file import SourceFile
from zunda_mcp.server.resources import read_resource
from zunda_mcp.sources.archive_survey import survey_archives


def _episode(day: int) -> str:
    return f"---\ntitle: Day {day}\ndate: 2024-03-{day:02}\n---\n\n- [Story {day}](https://example.org/{day})\n"


def _archive(folder: Path, days: int) -> Path:
    folder.mkdir()
    for day in range(1, days + 1):
        (folder / f"2024-03-{day:02}.md").write_text(_episode(day), encoding="utf-8")
    return folder


def test_callers_at_once_get_one_survey_and_a_later_one_the_same(tmp_path: Path) -> None:
    archive = _archive(tmp_path / "show", 9)
    with Library.open(archive, index=tmp_path / "index", embedder="none") as library:
        with ThreadPoolExecutor(4) as threads:
            surveys = [made.result() for made in [threads.submit(library.surveys) for _ in range(8)]]
        assert all(one[0] is surveys[0][0] for one in surveys)
        assert library.surveys()[0] is surveys[0][0]


def test_after_every_change_the_survey_is_that_of_a_new_look(tmp_path: Path) -> None:
    archive = _archive(tmp_path / "show", 5)
    settings = load_settings(episodes=[archive], index=tmp_path / "index", environ={})
    with Library.open(settings) as library:
        before = library.surveys()
        changes = {
            "2024-03-06.md": _episode(6),
            "2024-03-02.md": "---\ntitle: Another\ndate: 2024-03-02\nguest: Ada\n---\n\n## One\n\nText.\n",
            "zunda-mcp.toml": '[archive]\nlanguage = "de"\n',
            "2024-03-07.md": "no day and no title",
        }
        for name, text in changes.items():
            (archive / name).write_text(text, encoding="utf-8")
            after = library.surveys()
            assert after != before, name
            assert after == survey_archives(settings)
            before = after
        (archive / "2024-03-01.md").unlink()
        assert library.surveys() == survey_archives(settings) != before


@contextmanager
def _looks_held_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Event, Event]]:
    """Surveys wait at their look at the files, the first sets one event and all wait for the other; and each look finds
    one more file."""
    looking, may_go_on, scan, looks = Event(), Event(), ArchiveReader.scan, iter(range(1000))

    def changing(reader: ArchiveReader, indexed: Collection[str] = ()) -> Scan:
        looking.set()
        may_go_on.wait()
        (folder / f"more-{next(looks)}.md").write_text(_episode(28), encoding="utf-8")
        return scan(reader, indexed)

    with monkeypatch.context() as patched:
        patched.setattr(ArchiveReader, "scan", changing)
        try:
            yield looking, may_go_on
        finally:
            may_go_on.set()


def test_all_who_ask_while_files_change_under_a_survey_share_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, asking = _archive(tmp_path / "show", 3), Semaphore(0)
    settings = load_settings(episodes=[archive], index=tmp_path / "index", environ={})

    def ask() -> int:
        asking.release()
        return id(library.surveys()[0])

    with (
        Library.open(settings) as library,
        ThreadPoolExecutor(9) as threads,
        _looks_held_back(archive, monkeypatch) as (looking, may_go_on),
    ):
        first = threads.submit(ask)
        looking.wait()
        later = [threads.submit(ask) for _ in range(8)]
        for _ in range(9):
            asking.acquire()
        may_go_on.set()
        made = [one.result() for one in (first, *later)]
    assert 1 < len(set(made)) < len(later)


def test_a_survey_that_takes_longer_than_clients_wait_is_asked_for_again_and_holds_nothing_else_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = _archive(tmp_path / "show", 3)
    with Library.open(archive, index=tmp_path / "index", embedder="none") as library:
        library.refresh()
        with _looks_held_back(archive, monkeypatch) as (looking, may_go_on):
            with monkeypatch.context() as patched:
                patched.setattr(index_tuning, "FIRST_BUILD_WAIT", 0)
                for _ in range(20):
                    with pytest.raises(BuildingError, match="ask again in a few seconds"):
                        read_resource(library, "archive://survey")
            looking.wait()
            may_go_on.set()
            assert "show: " in read_resource(library, "archive://survey")["contents"][0]["text"]


def test_a_survey_of_a_large_archive_reads_only_the_files_that_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = _archive(tmp_path / "show", 9)
    for number in range(300):
        (archive / f"more-{number}.md").write_text(_episode(number % 28 + 1), encoding="utf-8")
    read, opened = ArchiveReader.read, list[str]()

    def noting(reader: ArchiveReader, file: SourceFile, *more: Any) -> FileReading:
        opened.append(file.label)
        return read(reader, file, *more)

    monkeypatch.setattr(ArchiveReader, "read", noting)
    with Library.open(archive, index=tmp_path / "index", embedder="none") as library:
        library.surveys()
        assert len(set(opened)) == 300
        edited = archive.parent / opened[7]
        for path in (edited, archive / "new.md"):
            opened.clear()
            path.write_text(_episode(5), encoding="utf-8")
            library.surveys()
            assert {archive.parent / label for label in opened} <= {path}
