"""The language of a page, where it is not that of its archive."""

from __future__ import annotations

from pathlib import Path

import pytest
from archive_samples import write

from zunda_mcp.config.settings import ReaderSettings
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive

FRONT = "---\ntitle: {title}\ndate: 2031-01-05\n{more}---\n\nSome words about clay.\n"


@pytest.mark.parametrize(
    ("name", "more", "language"),
    [
        ("content/en/ep01.md", "", "en"),
        ("ep01.fr.md", "", "fr"),
        ("zh-Hant/ep01.md", "", "zh-Hant"),
        ("ep01.md", "lang: pt_BR\n", "pt-BR"),
        ("en/ep01.md", "language: de\n", "de"),
        ("ep01.md", "language: German\n", None),
        ("js/v1.2.md", "", None),
    ],
)
def test_a_page_tells_its_language_in_front_matter_name_or_folder(
    tmp_path: Path, name: str, more: str, language: str | None
) -> None:
    write(tmp_path, name, FRONT.format(title="Clay", more=more))
    ((episode,), _) = read_archive(ArchiveReader([tmp_path]))
    assert episode.language == language


def test_two_languages_of_one_page_are_two_episodes_with_a_language_each(tmp_path: Path) -> None:
    pottery = FRONT.format(title="焼き物の夜", more="").replace("Some words", "灰釉の話をした")
    write(tmp_path, "content/ep01.md", pottery)
    write(tmp_path, "content/en/ep01.md", FRONT.format(title="A night of pottery", more=""))
    episodes, problems = read_archive(ArchiveReader([tmp_path]))
    assert {one.title: one.language for one in episodes} == {"焼き物の夜": "ja", "A night of pottery": "en"}
    assert problems == []


def test_the_language_of_the_archive_is_not_said_of_each_episode(tmp_path: Path) -> None:
    write(tmp_path, "ep01.md", FRONT.format(title="焼き物の夜の話", more=""))
    ((episode,), _) = read_archive(ArchiveReader([tmp_path], ReaderSettings(language="ja")))
    assert episode.language is None
