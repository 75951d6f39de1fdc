"""The vectors beside an index that grew are those of one built anew, whatever stood in it before."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from conftest import Post, library_over
from zunda_mcp.index.vectors import FILES, META

STORIES = [
    (f"話題{n}", f"https://example.com/{n}", f"枝豆の{n}番目の話をする。Rust runs {n} times.") for n in range(12)
]


def vectors_of(index: Path) -> dict[str, bytes]:
    """The files of vectors in the generation that is current."""
    folder = max(index.glob("g*"), key=lambda one: one.stat().st_mtime_ns)
    return {name: (folder / name).read_bytes() for name in FILES if (folder / name).exists()}


def test_vectors_are_those_of_an_index_built_anew(archive: Path, post: Post, tmp_path: Path) -> None:
    for n, story in enumerate(STORIES):
        post(f"2025-07-{n + 1:02d}-{n}", story)
    with library_over(archive, tmp_path / "grown", "use") as grown:
        grown.refresh()
        (archive / "2025-07-02-1.md").unlink()
        grown.refresh()
        post("2025-07-03-2", ("別の話題", "https://example.com/other", "ずんだもんが別の話をする。"))
        grown.refresh()
    with library_over(archive, tmp_path / "built", "use") as built:
        built.refresh()
    found, anew = vectors_of(tmp_path / "grown"), vectors_of(tmp_path / "built")
    assert found.keys() == anew.keys()
    of_grown, of_built = (json.loads(files.pop(META)) for files in (found, anew))
    assert of_grown | {"complete_for": ""} == of_built | {"complete_for": ""}
    assert of_grown["complete_for"].startswith("g")
    exact = [name for name in found if not name.endswith((".i8", ".f32"))]
    assert [found[name] for name in exact] == [anew[name] for name in exact]
    for name in found.keys() - {*exact}:
        kind = np.int8 if name.endswith(".i8") else np.float32
        one, other = (np.frombuffer(files[name], dtype=kind).astype(float) for files in (found, anew))
        assert np.allclose(one, other, rtol=1e-3, atol=1.0 if kind is np.int8 else 1e-3), name
