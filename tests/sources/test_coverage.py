"""Never a silent zero: what is not understood is named, with what is nearest to it and what to do next."""

from __future__ import annotations

from pathlib import Path

import pytest

from zunda_mcp.cli.entry import main
from zunda_mcp.sources.coverage import KindSeen, coverage_of, first_look

PAGE = "---\ntitle: Beans\ndate: 2031-01-01\n---\n\nText.\n"


def write(folder: Path, name: str, content: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(content, encoding="utf-8")


def indexed(folder: Path, tmp_path: Path) -> int:
    return main(["index", "--episodes", str(folder), "--index", str(tmp_path / "index"), "--embedder", "none"])


def test_a_folder_without_an_episode_names_the_kinds_the_way_and_the_folder_that_would_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "site/letters/2031-01-01.enex", "<en-export/>")
    write(tmp_path, "site/letters/users.json", '[{"id": 1}]')
    write(tmp_path, "site/_posts/2031-01-01-1.md", PAGE)
    assert indexed(tmp_path / "site" / "letters", tmp_path) == 3
    err = capsys.readouterr().err
    for words in (
        "No episode was understood",
        "1 .enex",
        "1 .json",
        str(tmp_path / "site" / "_posts"),
    ):
        assert words in err


@pytest.mark.parametrize(("beside", "named"), [("taxes", False), ("posts", True), (".git", True)])
def test_a_folder_that_only_lies_beside_is_not_named(tmp_path: Path, beside: str, named: bool) -> None:
    write(tmp_path, "home/letters/2031-01-01.enex", "<en-export/>")
    write(tmp_path, f"home/{beside}/2031-01-01-1.md", PAGE)
    write(tmp_path, "home/taxes/2031-01-01-1.md", PAGE)
    look = first_look([tmp_path / "home" / "letters"])
    assert look is not None
    assert bool(look.nearby) is named


def test_a_search_in_nothing_is_an_error_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "letters/2031-01-01.enex", "<en-export/>")
    arguments = ["--episodes", str(tmp_path / "letters"), "--index", str(tmp_path / "index"), "--embedder", "none"]
    assert main(["search", "beans", *arguments]) == 3
    assert "No episode was understood" in capsys.readouterr().err


@pytest.mark.parametrize(("others", "code"), [(1, 0), (2, 3)])
def test_more_than_a_tenth_that_is_not_understood_is_said_and_the_rest_is_indexed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], others: int, code: int
) -> None:
    for day in range(1, 11):
        write(tmp_path, f"letters/2031-01-{day:02}.md", PAGE)
    for number in range(others):
        write(tmp_path, f"letters/{number}.adoc", "= Beans\n")
    assert indexed(tmp_path / "letters", tmp_path) == code
    shown = capsys.readouterr()
    assert "10 episodes" in shown.out
    assert ("not understood: 2 .adoc" in shown.err) is bool(code)


def test_pictures_and_papers_of_a_folder_are_not_missed(tmp_path: Path) -> None:
    write(tmp_path, "letters/2031-01-01.md", PAGE)
    for name in ("README.adoc", "cover.png", "style.css", "package.json", "about.pdf", ".hidden.org"):
        write(tmp_path, f"letters/{name}", "x")
    assert coverage_of([tmp_path / "letters"], 1, {"letters/2031-01-01.md": True}).suffices


def test_a_draft_is_understood(tmp_path: Path) -> None:
    for day in range(1, 5):
        write(tmp_path, f"letters/2031-01-0{day}.md", PAGE.replace("title", "draft: true\ntitle") if day > 2 else PAGE)
    assert indexed(tmp_path / "letters", tmp_path) == 0


def test_a_first_look_stops_where_an_episode_is(tmp_path: Path) -> None:
    write(tmp_path, "letters/a.org", "x")
    assert (look := first_look([tmp_path / "letters"])) is not None
    assert look.kinds == (KindSeen(ending=".org", files=1, understood=0),)
    write(tmp_path, "letters/2031-01-01.md", PAGE)
    assert first_look([tmp_path / "letters"]) is None
