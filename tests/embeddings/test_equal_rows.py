"""Equal texts are equally near to a question, wherever their rows stand and however many are asked for."""

from __future__ import annotations

import numpy as np

from zunda_mcp.embeddings.packed_rows import PackedRows, RepeatedRows
from zunda_mcp.engine.semantic import Meaning
from zunda_mcp.query import tuning


def test_equal_rows_have_one_product_and_the_same_in_any_order() -> None:
    draw = np.random.default_rng(1)
    stored = PackedRows(draw.integers(-127, 128, (5, 512), dtype=np.int8), np.full((5, 1), 1e-3, dtype=np.float32))
    question = draw.normal(size=512).astype(np.float32)
    numbers = draw.integers(0, 5, 41)
    order = draw.permutation(41)
    products = RepeatedRows(stored, numbers.tolist()) @ question
    assert len({*products.tolist()}) == 5
    assert (RepeatedRows(stored, numbers[order].tolist()) @ question == products[order]).all()


def test_the_middle_counts_a_row_as_often_as_it_stands_there() -> None:
    stored = PackedRows(np.asarray([[100, 0], [0, 100]], dtype=np.int8), np.full((2, 1), 0.01, dtype=np.float32))
    assert np.allclose(RepeatedRows(stored, [0, 0, 0, 1]).mean(), [0.75, 0.25])


def test_of_documents_that_are_equally_near_all_are_taken_or_none() -> None:
    nearness = np.full(2 * tuning.MAX_BY_MEANING, 1.5, dtype=np.float32)
    nearness[:10], nearness[-5:] = 2.0, 0.0
    assert Meaning.nearest(nearness, None) == [*range(len(nearness) - 5)]
    assert Meaning.nearest(nearness, range(0, 50, 2)) == [*range(0, 50, 2)]
    nearness[10:100] = 1.75
    assert Meaning.nearest(nearness, None) == [*range(100)]
