"""``docs/mapping.md``: the archives that it mends are made here in their shape, and read with its very tables."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from zunda_mcp.models import Problem
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive

PAGE = Path(__file__).resolve().parents[3] / "docs" / "mapping.md"


class Shown(NamedTuple):
    """What is right of an episode: its day, title, number, people and the titles of its stories."""

    date: str
    title: str
    number: int | None
    people: tuple[str, ...]
    stories: tuple[str, ...]


def minutes(folder: Path) -> list[Shown]:
    months = ("January", "February", "March")
    for number, month in enumerate(months, start=1):
        _write(
            folder,
            f"2031/council-{number:02}.md",
            f"# Rope council\n\n## Thursday, 13 {month}\n\nPresent: Ann, Bob & Cy\n\n"
            f"### Ferries\n\nThe ferry was {number} hours late.\n\n### Knots\n\nKnot {number} holds.\n",
        )
    return [
        Shown(f"2031-{number:02}-13", "Rope council", number, ("Ann", "Bob", "Cy"), ("Ferries", "Knots"))
        for number in range(1, 4)
    ]


def radio(folder: Path) -> list[Shown]:
    for number in range(1, 4):
        _write(
            folder,
            f"show-{number + 40}.md",
            f"---\ntitle: The Orchard Hour\ntopic: {number}. Quinces in year {number}\ndate: 2031-09-01\n"
            f"first-broadcast: {number} May 2029\nvoices: [Ann, Bob]\n---\n\n"
            f"- [Grafting](https://graft.example/{number})\n- [Pruning](https://prune.example/{number})\n",
        )
    return [
        Shown(
            f"2029-05-0{number}", f"{number}. Quinces in year {number}", number, ("Ann", "Bob"), ("Grafting", "Pruning")
        )
        for number in range(1, 4)
    ]


def letter(folder: Path) -> list[Shown]:
    for number in range(1, 4):
        _write(
            folder,
            f"issues/{number + 16:03}/README.md",
            f"# Letter of week {number}\n\n*Sent on 0{number}/04/2031*\n\n"
            f"## Soil\n\nSoil is {number} years old, says [the survey](https://soil.example/{number}).\n\n"
            f"## Water\n\nWater is wet, week {number}.\n",
        )
    _write(folder, "notes/plan.md", "# A plan\n\nNothing here is a letter.\n")
    return [
        Shown(f"2031-04-0{number}", f"Letter of week {number}", number + 16, (), ("Soil", "Water"))
        for number in range(1, 4)
    ]


def vault(folder: Path) -> list[Shown]:
    for number in range(1, 4):
        _write(
            folder,
            f"days/2031-05-0{number}.md",
            f"- [Seeds](https://seed.example/{number})\n- [Spades](https://spade.example/{number})\n",
        )
        _write(
            folder,
            f"talks/2031-06-0{number} Terraces.md",
            f"Speaker:: [[Ann]]\n\n## Walls\n\nDry walls of {number} [stones](https://stone.example/{number}).\n\n"
            f"## Steps\n\nSteps of {number} [feet](https://feet.example/{number}).\n",
        )
    _write(folder, "templates/2031-01-01 talk.md", "Speaker:: [[Name]]\n\n## Part\n\nText.\n")
    days = [Shown(f"2031-05-0{number}", f"2031-05-0{number}", None, (), ("Seeds", "Spades")) for number in range(1, 4)]
    return [*days, *(Shown(f"2031-06-0{number}", "Terraces", None, ("Ann",), ()) for number in range(1, 4))]


def japanese(folder: Path) -> list[Shown]:
    for number, kanji in enumerate("一二三", start=1):
        _write(
            folder,
            f"第{number}回.md",
            f"# 棚田の春その{number}\n\n収録：令和十三年五月{kanji}日\n出演：アン、ボブ\n\n"
            f"## ■ 水路\n\n水路を{number}本直した。\n\n## ■ 苗\n\n苗を{number}箱植えた。\n",
        )
    return [
        Shown(f"2031-05-0{number}", f"棚田の春その{number}", number, ("アン", "ボブ"), ("■ 水路", "■ 苗"))
        for number in range(1, 4)
    ]


MADE: dict[str, Callable[[Path], list[Shown]]] = {
    "Minutes: the year is a folder, the day a heading": minutes,
    "A radio show: `date` is when the page was made": radio,
    "A letter of which each issue is a README": letter,
    "A vault of two kinds of notes": vault,
    "番組表: 日付も出演者も本文にある": japanese,
}


def _write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _tables() -> dict[str, str]:
    """The table of each archive of the page, by its heading."""
    text = PAGE.read_text(encoding="utf-8").partition("## Five archives, mended")[2]
    return dict(re.findall(r"^### (.+?)$.+?^```toml\n(.+?)^```$", text, re.MULTILINE | re.DOTALL))


def _read(folder: Path) -> tuple[list[Shown], list[Problem]]:
    episodes, problems = read_archive(ArchiveReader([folder]))
    shown = [
        Shown(str(one.date), one.title, one.number, one.hosts, tuple(story.title for story in one.stories))
        for one in episodes
    ]
    return shown, problems


def test_the_page_mends_five_archives_in_less_than_ten_lines_each() -> None:
    tables = _tables()
    assert list(tables) == list(MADE)
    assert all(sum(bool(line.strip()) for line in table.splitlines()) < 10 for table in tables.values())


@pytest.mark.parametrize("name", MADE)
def test_an_archive_of_the_page_is_wrong_without_its_table_and_right_with_it(name: str, tmp_path: Path) -> None:
    right = MADE[name](tmp_path)
    assert _read(tmp_path)[0] != right
    _write(tmp_path, "zunda-mcp.toml", _tables()[name])
    shown, problems = _read(tmp_path)
    assert shown == right
    assert not [problem for problem in problems if "zunda-mcp.toml" in problem.path]
