"""The pages as files: every link between them leads to a file that is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from page_reading import Document

from zunda_mcp.errors import SettingsError
from zunda_mcp.library import Library
from zunda_mcp.server.web.static_site import export_site


@pytest.fixture(scope="module")
def exported(sample: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    assert export_site(sample, folder) == len(list(folder.rglob("*.html")))
    return folder


def _documents(folder: Path) -> Iterator[tuple[Path, Document]]:
    for path in sorted(folder.rglob("*.html")):
        yield path, Document(path.read_text(encoding="utf-8"))


def test_every_address_in_a_page_is_a_file_or_a_page_elsewhere(exported: Path) -> None:
    for path, document in _documents(exported):
        addresses = [one.attributes.get("href") or one.attributes.get("src") for one in document.elements]
        for address in filter(None, addresses):
            if address.startswith(("https://", "http://")):
                continue
            name, _, mark = address.partition("#")
            target = (path.parent / unquote(name)) if name else path
            assert target.is_file(), (path, address)
            if mark:
                assert f'id="{mark}"' in target.read_text(encoding="utf-8"), (path, address)


def test_it_has_every_episode_and_its_stories_but_nothing_to_be_asked(sample: Library, exported: Path) -> None:
    assert len(list((exported / "episodes").glob("*.html"))) == len(sample.episodes()) + 1
    text = (exported / "episodes" / "2025-07-08-279.html").read_text(encoding="utf-8")
    for story in sample.episode("2025-07-08-279").episode.stories:
        assert f'id="s{story.place}"' in text
    assert not [one for _, document in _documents(exported) for one in document.all("form")]
    assert Document((exported / "index.html").read_text(encoding="utf-8")).one("html").attributes["lang"] == "ja"


def test_with_a_served_site_it_has_a_search_box_and_says_how_to_connect(sample: Library, tmp_path: Path) -> None:
    export_site(sample, tmp_path, language="en", search_at="https://zunda.example/")
    home = Document((tmp_path / "index.html").read_text(encoding="utf-8"))
    assert home.one("form", role="search").attributes["action"] == "https://zunda.example/"
    assert "https://zunda.example/mcp" in (tmp_path / "connect.html").read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_written_is_named(sample: Library, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(SettingsError, match="taken"):
        export_site(sample, tmp_path / "taken")
