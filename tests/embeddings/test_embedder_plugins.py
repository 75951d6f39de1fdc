"""An embedder from another distribution is chosen by the name of its entry point."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conftest import install_distribution, library_over
from zunda_mcp.embeddings.choice import GROUP, choose
from zunda_mcp.errors import EmbeddingError, SettingsError
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


class Narrow(Letters):
    """Vectors of questions lack the last number."""

    name = "narrow-1"

    def embed_query(self, text):
        return super().embed_query(text)[:-1]


class Excess(Letters):
    """One row too many."""

    name = "excess-1"

    def embed_documents(self, texts):
        return super().embed_documents([*texts, ""])


class Failing(Letters):
    name = "failing-1"

    def embed_query(self, text):
        raise RuntimeError("out of memory")


class Nothing:
    name = "nothing"


def broken():
    raise RuntimeError("no model here")
'''


@pytest.fixture(autouse=True)
def plugin(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A distribution with some entry points, as an installer leaves it."""
    site = tmp_path_factory.mktemp("site")
    objects = ("Letters", "Narrow", "Excess", "Failing", "Nothing", "broken")
    entries = "".join(f"{one.lower()} = zunda_letters:{one}\n" for one in objects)
    install_distribution(site, "zunda_letters", MODULE, GROUP, entries)
    monkeypatch.syspath_prepend(str(site))


def ranked_by_meaning(library: Library) -> bool:
    return "by words and meaning" in library.search("a kestrel above some bushes").understood


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Four episodes with a story each."""
    folder = tmp_path / "archive"
    folder.mkdir()
    for day in range(1, 5):
        text = f"---\ndate: 2025-07-0{day}\n---\n\n## [Kestrel {day}](https://example.com/{day})\n\nOver the hedge.\n"
        (folder / f"2025-07-0{day}.md").write_text(text, encoding="utf-8")
    return folder


def test_a_plugin_that_is_chosen_ranks_by_meaning_and_one_that_is_not_does_nothing(
    archive: Path, tmp_path: Path
) -> None:
    for embedder, by_meaning in (("letters", True), ("none", False)):
        with library_over(archive, tmp_path / embedder, embedder) as library:
            library.refresh()
            assert ranked_by_meaning(library) is by_meaning


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("narrow", "it returned numbers of shape (63,) for a question; expected (64,)"),
        ("failing", "RuntimeError: out of memory"),
    ],
)
def test_a_search_goes_on_by_words_and_names_what_the_plugin_did_wrong(
    archive: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, cause: str
) -> None:
    with library_over(archive, tmp_path / "index", name) as library:
        library.refresh()
        answer = library.search("a kestrel over the hedge")
    assert len(answer.hits) == 4
    message = f"The embedder {name} cannot be used ({cause}); mend its plug-in, or pass --embedder none."
    assert caplog.messages == [message]
    assert "meaning" not in answer.understood


def test_an_index_of_a_plugin_with_a_row_too_many_answers_by_words(archive: Path, tmp_path: Path) -> None:
    with library_over(archive, tmp_path / "index", "excess") as library:
        assert "expected (4, 64)" in (library.refresh().embedding_error or "")
        assert len(library.search("kestrel").hits) == 4
        assert not ranked_by_meaning(library)
    embedder = choose("excess")
    assert embedder is not None
    with pytest.raises(EmbeddingError, match=re.escape("of shape (3, 64) for 2 texts; expected (2, 64)")):
        embedder.embed_documents(["kestrel", "hedge"])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "missing",
            'embedder="missing" is not one of auto, none, use, e5, broken, excess, failing, letters, narrow, '
            'nothing, or "URL MODEL";',
        ),
        ("nothing", "The embedder nothing has no dimensions, words, embed_documents, embed_query; mend its plug-in."),
        ("broken", "The embedder broken cannot be loaded (RuntimeError: no model here); mend its plug-in."),
    ],
)
def test_a_plugin_that_cannot_be_used_is_named_with_the_cause(name: str, message: str) -> None:
    with pytest.raises(SettingsError) as raised:
        choose(name)
    assert str(raised.value).startswith(message)
