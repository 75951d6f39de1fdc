"""Names that tell a month or a week alone, and days in names that can be two."""

from __future__ import annotations

from pathlib import Path

import pytest
from archive_samples import write

from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive
from zunda_mcp.reading.metadata.file_names import read_name


@pytest.mark.parametrize(
    ("path", "period"),
    [
        ("2024-06", "2024-06"),
        ("2024-13", ""),
        ("2024-W07", "2024-W07"),
        ("2024W27-beans", "2024-W27"),
        ("pods-2024-week-9", "2024-W09"),
        ("2024/KW27", "2024-W27"),
        ("2024/06/W27_beans", "2024-W27"),
        ("2024第27周", "2024-W27"),
        ("2024第27期", ""),
        ("2024-W54", ""),
        ("2024-web2", ""),
    ],
)
def test_a_name_without_a_day_may_tell_the_month_or_the_week(path: str, period: str) -> None:
    *folders, stem = path.split("/")
    assert (read_name(stem, tuple(folders)).period, read_name(stem, tuple(folders)).date) == (period, None)


@pytest.mark.parametrize(
    ("numbers", "days"),
    [
        ((1, 6, 27, 52), ["2024-01-01", "2024-02-05", "2024-07-01", "2024-12-23"]),
        ((1, 6, 12), ["2024-01-01", "2024-06-01", "2024-12-01"]),
        ((1, 6, 27), [None, None, None]),
        ((1, 6, 27, 60), [None, None, None, None]),
    ],
)
def test_what_follows_a_year_in_names_is_the_week_where_it_goes_up_to_those_at_the_end_of_a_year(
    tmp_path: Path, numbers: tuple[int, ...], days: list[str | None]
) -> None:
    for number in numbers:
        write(tmp_path, f"2024-{number:02}.md", f"# Notes of the beans, part {number}\n\nSown, and watered by Ann.\n")
    episodes, problems = read_archive(ArchiveReader([tmp_path]))
    found = {one.path: one.date and one.date.isoformat() for one in episodes}
    assert [found[f"{tmp_path.name}/2024-{number:02}.md"] for number in numbers] == days
    if 52 in numbers:
        assert [one.number for one in episodes] == [None] * 4
        cause = "Only the week 2024-W06 is known, from its name or folder; its first day stands for it."
        assert cause in [problem.cause for problem in problems]


@pytest.mark.parametrize(("other", "day"), [("08-20-2024", "2024-03-05"), ("20-08-2024", "2024-05-03")])
def test_a_day_in_a_name_that_can_be_two_follows_the_other_names(tmp_path: Path, other: str, day: str) -> None:
    for name in (other, "03-05-2024"):
        write(tmp_path, f"beans-{name}.md", "# Council of the beans, 1 January 2020\n\nWe sowed.\n")
    episodes, _ = read_archive(ArchiveReader([tmp_path]))
    assert {one.id: str(one.date) for one in episodes}["beans-03-05-2024"] == day
