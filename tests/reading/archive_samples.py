"""What the archive tests share: where the samples are, and a way to write and read one file."""

from __future__ import annotations

from pathlib import Path

from zunda_mcp.config.settings import ReaderSettings
from zunda_mcp.models import Episode, Problem, Story
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive
from zunda_mcp.reading.draft import Draft
from zunda_mcp.reading.file_reader import FileReading

ROOT = Path(__file__).resolve().parents[2]
IRREGULAR = ROOT / "tests" / "fixtures" / "archive" / "irregular"
BROKEN = ROOT / "tests" / "fixtures" / "archive" / "broken"
REAL = ROOT.parent / "shared" / "archive" / "zund-arm-on"

OTHERS = ROOT.parent / "shared" / "archives"

PLAIN = """---
title: 豆の回
date: {day} 05:00:00 +0900
---

- [豆の話](https://mame.example/{day})

豆の要点です。
"""


def write(folder: Path, name: str, content: str | bytes) -> Path:
    """Write one file, with exactly these bytes or characters."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def write_plain(folder: Path, *names: str) -> None:
    """Write ordinary episodes under these names (``2031-01-01-1``)."""
    for name in names:
        write(folder, f"{name}.md", PLAIN.format(day=name[:10]))


def read_one(folder: Path, content: str | bytes, name: str = "2031-01-01-1.md") -> FileReading:
    """Write one file and read it alone."""
    write(folder, name, content)
    reader = ArchiveReader([folder], ReaderSettings(timezone="Asia/Tokyo"))
    (file,) = reader.scan().files
    return reader.read(file)


def episode_of(folder: Path, content: str | bytes, name: str = "2031-01-01-1.md") -> Episode:
    """Write one file and return its episode."""
    draft = read_one(folder, content, name).draft
    assert draft is not None
    return draft.episode(frozenset())


def stories_of(folder: Path, body: str) -> tuple[Story, ...]:
    """Return the stories of a Markdown body."""
    return episode_of(folder, f"---\ntitle: 題\ndate: 2031-01-01\n---\n\n{body}").stories


def read_all(*folders: Path) -> tuple[dict[str, Episode], list[Problem]]:
    """Read folders as one archive: episodes by id, and problems."""
    episodes, problems = read_archive(ArchiveReader(folders))
    return {episode.id: episode for episode in episodes}, problems


def drafts_by_id(reader: ArchiveReader) -> dict[str, Draft]:
    """Every episode of an archive as its files give it."""
    return {draft.id: draft for file in reader.scan().files for draft in reader.read(file).drafts}
