"""An embedder from another distribution is chosen by the name of its entry point."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import install_distribution, library_over
from zunda_mcp.embeddings.choice import GROUP, choose
from zunda_mcp.errors import SettingsError
from zunda_mcp.library import Library

MODULE = '''
import numpy as np


class Letters:
    """Counts letters: texts of the same letters are alike."""

    name, dimensions, words = "letters-1", 64, False

    def embed_documents(self, texts):
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(rows, texts):
            for letter in text:
                row[ord(letter) % self.dimensions] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)

    def embed_query(self, text):
        return self.embed_documents([text])[0]


class Nothing:
    name = "nothing"


def broken():
    raise RuntimeError("no model here")
'''


@pytest.fixture(autouse=True)
def plugin(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A distribution with three entry points, as an installer leaves it."""
    site = tmp_path_factory.mktemp("site")
    entries = "letters = zunda_letters:Letters\nnothing = zunda_letters:Nothing\nbroken = zunda_letters:broken\n"
    install_distribution(site, "zunda_letters", MODULE, GROUP, entries)
    monkeypatch.syspath_prepend(str(site))


def ranked_by_meaning(library: Library) -> bool:
    return "by words and meaning" in library.search("a kestrel over the hedge").understood


def test_a_plugin_that_is_chosen_ranks_by_meaning_and_one_that_is_not_does_nothing(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    for day in range(1, 5):
        text = f"---\ndate: 2025-07-0{day}\n---\n\n## [Kestrel {day}](https://example.com/{day})\n\nOver the hedge.\n"
        (archive / f"2025-07-0{day}.md").write_text(text, encoding="utf-8")
    for embedder, by_meaning in (("letters", True), ("none", False)):
        with library_over(archive, tmp_path / embedder, embedder) as library:
            library.refresh()
            assert ranked_by_meaning(library) is by_meaning


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing", 'embedder="missing" is not one of auto, none, use, e5, broken, letters, nothing, or "URL MODEL";'),
        ("nothing", "The embedder nothing has no dimensions, words, embed_documents, embed_query; mend its plug-in."),
        ("broken", "The embedder broken cannot be loaded (RuntimeError: no model here); mend its plug-in."),
    ],
)
def test_a_plugin_that_cannot_be_used_is_named_with_the_cause(name: str, message: str) -> None:
    with pytest.raises(SettingsError) as raised:
        choose(name)
    assert str(raised.value).startswith(message)
