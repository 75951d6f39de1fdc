"""A survey is made once for each state of the files, whoever asks, and is the one a new look would give."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from zunda_mcp import Library
from zunda_mcp.config.load import load_settings
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
