"""How near a question is to the nearest story is measured by how far stories lie apart, not by its own cosines."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from zunda_mcp.embeddings.packed_rows import PackedRows, RepeatedRows
from zunda_mcp.engine.semantic import Meaning

STORIES, DIMENSIONS = 200, 64


@pytest.fixture
def meaning() -> Meaning:
    """Stories in all directions but the last, which no story has anything of; ``known`` is near one of them, and
    ``unknown`` points nearly along the last.
    """
    draw = np.random.default_rng(7)
    rows = draw.normal(size=(STORIES, DIMENSIONS)).astype(np.float32)
    rows[:, -1] = 0
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    packed = PackedRows(np.rint(rows * 127).astype(np.int8), np.full((STORIES, 1), 1 / 127, dtype=np.float32))
    last = np.eye(DIMENSIONS, dtype=np.float32)[-1]
    questions = {"known": rows[3] + 0.5 * last, "unknown": 0.1 * rows[3] + last}
    embedder = SimpleNamespace(dimensions=DIMENSIONS, embed_query=lambda text: questions[text])
    meaning = Meaning(cast(Any, None), cast(Any, None), cast(Any, embedder))
    vars(meaning)["_stories"] = (np.arange(STORIES), RepeatedRows(packed, [*range(STORIES)]))
    vars(meaning)["_common"] = np.zeros((1, DIMENSIONS), dtype=np.float32)
    return meaning


def test_a_question_near_a_story_is_far_nearer_than_stories_are_to_each_other(meaning: Meaning) -> None:
    assert meaning.greatest_nearness("known") > 6


def test_a_question_about_as_far_from_every_story_is_near_none_though_one_stands_out(meaning: Meaning) -> None:
    cosines = vars(meaning)["_stories"][1] @ meaning.base_question("unknown")
    assert (cosines.max() - cosines.mean()) / cosines.std() > 5
    assert meaning.greatest_nearness("unknown") < 4
