"""Episodes without a date: kept, found, and said to be so."""

from __future__ import annotations

from pathlib import Path

from conftest import library_over
from zunda_mcp.rendering import answer_lines, search_text


def test_an_archive_without_dates_says_so_in_every_answer(archive: Path, tmp_path: Path) -> None:
    for number in range(1, 4):
        (archive / f"letter-{number}.md").write_text(
            f"# Letter {number}\n\n- [Beans {number}](https://bean.example/{number})\n", encoding="utf-8"
        )
    with library_over(archive, tmp_path / "index") as library:
        library.refresh()
        found = library.search("beans")
    assert found.total_stories == 3
    assert found.freshness.undated == 3
    assert "No episode has a date." in search_text.search(found)


def test_a_dated_archive_counts_those_that_are_not(archive: Path, tmp_path: Path) -> None:
    for name in ("2031-01-01-1", "2031-01-02-2", "2031-01-03-3", "lost-4"):
        (archive / f"{name}.md").write_text(
            f"---\ntitle: 豆の回\nnumber: {name[-1]}\n---\n\n- [豆](https://bean.example/{name})\n", encoding="utf-8"
        )
    with library_over(archive, tmp_path / "index") as library:
        library.refresh()
        assert "4 episodes (1 undated)" in answer_lines.freshness(library.freshness())
        (archive / "lost-4.md").unlink()
        assert "undated" not in answer_lines.freshness(library.search("豆").freshness)
