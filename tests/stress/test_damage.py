"""A short share of the harness ``damage``, and what a generation's inventory must find; the rest is ``make stress``."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import damage
import pytest
from outcome import Plan

from conftest import SAMPLE, Post, examples, library_over
from zunda_mcp.errors import BuildingError

A = ("量子化の話", "https://example.com/a", "モデルを量子化して小さくする。")


@pytest.mark.scaled
def test_damaged_files_are_noticed_and_never_answered_from(tmp_path: Path) -> None:
    cases = examples(2)
    outcome = damage.run(Plan(seed=7, seconds=600, archive=SAMPLE, scratch=tmp_path, cases=cases))
    assert outcome.failures == []
    assert outcome.cases == cases


@pytest.mark.parametrize("file", ["*.plain.col", "*.pst", "*.record.col"])
@pytest.mark.parametrize("traceless", [False, True])
def test_a_flipped_bit_is_found(post: Post, archive: Path, tmp_path: Path, file: str, traceless: bool) -> None:
    post("2025-07-01-1", A)
    with library_over(archive, tmp_path / "index") as library:
        generation = library.refresh().generation
    path = next((tmp_path / "index" / generation).rglob(file))
    status = path.stat()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    if traceless:
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    with library_over(archive, tmp_path / "index") as library:
        library.freshness()
        library.about()
        found = library.verify()
        assert found == ([f"whoosh/{path.name}"] if traceless else [])
        assert [hit.title for hit in library.search("量子化").hits] == ["量子化の話"]
        assert library.refresh().generation != generation


def test_an_index_removed_under_a_library_is_made_anew(post: Post, archive: Path, tmp_path: Path) -> None:
    post("2025-07-01-1", A)
    with library_over(archive, tmp_path / "index") as library:
        assert library.search("量子化").total_stories == 1
        shutil.rmtree(tmp_path / "index")
        for _ in range(50):
            try:
                found = library.episode("2025-07-01")
            except BuildingError:
                continue
            break
        assert found.episode.stories[0].title == "量子化の話"
        assert (tmp_path / "index" / "CURRENT").is_file()
