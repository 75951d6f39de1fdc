"""One file more seldom changes how all others are read: what the files have shown so far stays until it is clear that
they show something else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

from archive_samples import read_all, write

from zunda_mcp.reading.archive_reader import ArchiveReader

Writer = Callable[[Path, int], object]


def listed(folder: Path, day: int) -> None:
    items = "".join(f"- [Bean {n} of {day}](https://a.ex/{day}/{n}) is good\n" for n in (1, 2, 3))
    write(folder, name(day), f"---\ntitle: Day {day}\n---\n\n{items}")


def headed(folder: Path, day: int) -> None:
    parts = "".join(f"## Pod {n} of {day}\n\nThe pod is green this time, and Ann saw it.\n\n" for n in (1, 2, 3))
    write(folder, name(day), f"---\ntitle: Day {day}\n---\n\n{parts}")


def name(day: int) -> str:
    return f"{dt.date(2031, 1, 1) + dt.timedelta(day)}.md"


def digest(folder: Path) -> str:
    reader = ArchiveReader([folder])
    return reader.digests(reader.scan())[""]


def changes(folder: Path, writers: Sequence[Writer]) -> int:
    """How often one file more changes how all are read, after the first 30."""
    digests = []
    for day, writer in enumerate(writers):
        writer(folder, day)
        digests += [digest(folder)] if day >= 29 else []
    return sum(before != after for before, after in zip(digests, digests[1:], strict=False))


def test_files_around_two_thirds_of_one_way_do_not_change_how_all_are_split(tmp_path: Path) -> None:
    assert changes(tmp_path, [listed, listed, headed] * 10 + [headed, listed, listed] * 3) == 0


def test_a_way_that_is_clearly_ahead_becomes_that_of_all_once(tmp_path: Path) -> None:
    assert changes(tmp_path, [listed] * 30 + [headed] * 50) in (2, 3)  # they disagree; another leads; they agree
    assert ArchiveReader([tmp_path]).strategy.name == "headings"


def test_a_heading_that_about_a_fifth_of_files_have_stays_a_section(tmp_path: Path) -> None:
    def with_news(folder: Path, day: int) -> None:
        write(folder, name(day), f"---\ntitle: Day {day}\n---\n\n## News\n\nThe pods are green, all {day} of them.\n")

    assert changes(tmp_path, [with_news, *[headed] * 4] * 6 + [headed, headed, with_news, headed] * 2) == 0


def test_keys_that_about_half_of_the_files_have_change_nothing_for_the_others(tmp_path: Path) -> None:
    def with_mood(folder: Path, day: int) -> None:
        write(folder, name(day), f"---\ntitle: Day {day}\nmood: green\n---\n\nThe pods are green, all {day} of them.\n")

    def without(folder: Path, day: int) -> None:
        write(folder, name(day), f"---\ntitle: Day {day}\n---\n\nThe pods are green, all {day} of them.\n")

    assert changes(tmp_path, [with_mood, without] * 15 + [with_mood, with_mood, without, without] * 2) == 0


def test_one_slip_does_not_leave_all_days_in_numbers_open(tmp_path: Path) -> None:
    for number in range(13, 28):
        write(tmp_path, f"talk-{number}.md", f"---\ntitle: Talk {number}\ndate: {number}/05/2024\n---\n\nGreen pods.\n")
    write(tmp_path, "talk-1.md", "---\ntitle: Talk 1\ndate: 03/04/2024\n---\n\nGreen pods.\n")
    write(tmp_path, "talk-2.md", "---\ntitle: Talk 2\ndate: 05/29/2024\n---\n\nGreen pods.\n")
    episodes, _ = read_all(tmp_path)
    assert episodes["talk-1"].date == dt.date(2024, 4, 3)
