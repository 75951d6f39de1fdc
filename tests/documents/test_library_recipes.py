"""The recipes of docs/library.md run as they stand, and the public face holds what they promise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import zunda_mcp
from zunda_mcp import ArgumentError, Library, Settings, errors, load_settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
RECIPES = [
    (section.partition("\n")[0], code)
    for section in PAGE.split("\n## ")[1:]
    for code in re.findall(r"^```python\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the sample archive as ``episodes``; the recipes share its index."""
    folder = tmp_path_factory.mktemp("recipes")
    (folder / "episodes").symlink_to(ROOT / "episodes", target_is_directory=True)
    return folder


@pytest.mark.parametrize(("title", "code"), RECIPES, ids=[title for title, _ in RECIPES])
def test_a_recipe_runs_as_it_stands(
    title: str, code: str, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place)
    monkeypatch.setenv("ZUNDA_MCP_INDEX", str(place / "index"))
    exec(compile(code, f"library.md: {title}", "exec"), {"__name__": "recipe"})
    assert capsys.readouterr().out.strip()


def test_the_page_has_ten_recipes() -> None:
    assert len(RECIPES) == PAGE.count("```python") == 10


def test_folders_are_named_as_a_text_a_path_or_several(tmp_path: Path) -> None:
    one: Settings = load_settings(episodes=str(tmp_path), environ={}, embedder="none")
    assert one.episodes == load_settings(episodes=tmp_path, environ={}).episodes == (tmp_path.resolve(),)
    for named in (str(tmp_path), tmp_path, [tmp_path], (str(tmp_path),), one):
        assert Library.open(named).settings.episodes == one.episodes
    several = Library.open({"news": tmp_path / "a", "talk": str(tmp_path / "b")}).settings.archives
    assert [archive.label for archive in several] == ["news", "talk"]


def test_a_limit_is_a_limit_and_not_what_fits_a_model(archive: Path, tmp_path: Path) -> None:
    archive.mkdir(exist_ok=True)
    for day in range(1, 4):
        stories = "".join(
            f"- [枝豆の話 {day}-{one}](https://example.org/{day}/{one}/{'x' * 300})\n\n枝豆の要約です。{'あ' * 300}\n\n"
            for one in range(25)
        )
        (archive / f"2025-07-0{day}-{day}.md").write_text(f"---\ntitle: 放送{day}\n---\n\n{stories}", encoding="utf-8")
    with Library.open(archive, index=tmp_path / "index", embedder="none") as library:
        assert [len(library.search("枝豆", limit=limit).hits) for limit in (1, 11, 50, 75)] == [1, 11, 50, 75]
        assert len(library.search("枝豆", limit=50, detail="full").hits) == 50
        assert len(library.search("枝豆", limit=50, max_chars=6000).hits) < 20
        with pytest.raises(ArgumentError, match="limit=0"):
            library.search("枝豆", limit=0)


def test_every_error_and_answer_of_the_library_is_a_name_of_the_package() -> None:
    assert set(errors.__all__) <= set(zunda_mcp.__all__)
    for question in ("search", "find_text", "episode", "topics", "timeline", "related", "check_quote", "about"):
        assert getattr(Library, question).__annotations__["return"] in zunda_mcp.__all__, question
