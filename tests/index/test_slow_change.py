"""A small change that takes long to read holds up no answer: it is pending, and taken in behind the answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from conftest import Post, library_over
from zunda_mcp.index import index_tuning
from zunda_mcp.reading.archive_reader import ArchiveReader
from zunda_mcp.reading.detection.survey import Profile
from zunda_mcp.reading.file_reader import FileReading
from zunda_mcp.reading.source_file import SourceFile

PATIENCE = 60.0


def test_an_answer_does_not_wait_for_a_file_that_takes_long(
    archive: Path, post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_tuning, "SMALL_CHANGE_WAIT", 0.1)
    may_be_read = threading.Event()
    read = ArchiveReader.read

    def slowly(reader: ArchiveReader, file: SourceFile, profiles: Mapping[str, Profile]) -> FileReading:
        if "2025-07-09" in file.label:
            may_be_read.wait(PATIENCE)
        return read(reader, file, profiles)

    monkeypatch.setattr(ArchiveReader, "read", slowly)
    for day in ("05", "06", "07"):  # from three files on, one more does not change how the others are read
        post(f"2025-07-{day}-{day}", ("Tea", f"https://a.example/{day}", "leaves"))
    post("2025-07-08-1", ("Mochi", "https://a.example/1", "rice"))
    with library_over(archive, tmp_path / "index") as library:
        library.refresh()
        post("2025-07-09-2", ("Mochi again", "https://a.example/2", "rice"))
        for _ in range(3):
            answer = library.search("mochi")
            assert (answer.total_stories, answer.freshness.state, answer.freshness.pending) == (1, "updating", 1)
        may_be_read.set()
        end = time.monotonic() + PATIENCE
        while (answer := library.search("mochi")).freshness.state != "current" and time.monotonic() < end:
            time.sleep(0.05)
        assert (answer.total_stories, answer.freshness.state, answer.freshness.pending) == (2, "current", 0)
