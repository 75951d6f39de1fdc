"""Index folders as an intruder would leave them: with pickles that run something when anybody reads them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pickle
from pathlib import Path
from typing import Any

from whoosh import __version__
from whoosh.filedb.filestore import FileStorage
from whoosh.index import _CURRENT_TOC_VERSION, _FLOAT_SIZE, _INT_SIZE, _LONG_SIZE

from zunda_mcp.index import inventory

WHERE = ("schema", "segments", "columns", "postings", "everything")
"""Parts of an index in which Whoosh keeps pickles, or may."""


class Trap:
    """An object whose pickle makes a folder when it is read."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, tuple[str, int, bool]]:
        return os.makedirs, (str(self.marker), 0o777, True)


def lay_trap(generation: Path, where: str, marker: Path) -> None:
    """Replace files of a generation by hostile ones, and make its inventory and ``CURRENT`` say that they are right."""
    folder = generation / "whoosh"
    pickled = pickle.dumps(Trap(marker), 2)
    for toc in folder.glob("*.toc"):
        if where in ("schema", "segments", "everything"):
            toc.unlink()
            _table_of_contents(folder, toc.name, marker, where)
    for file in sorted(folder.iterdir()):
        kinds = {"columns": (".col",), "postings": (".pst", ".trm"), "everything": (".col", ".pst", ".trm")}
        if file.suffix in kinds.get(where, ()):
            size = file.stat().st_size
            file.unlink()  # the generation before may share it
            file.write_bytes((pickled * (size // len(pickled) + 1))[: max(size, len(pickled))])
    if where == "everything":
        (folder / "MAIN_intruder.seg").write_bytes(pickled)
        for name in ("vocabulary.pickle", "stories.npy"):
            (generation / name).write_bytes(pickled)
    inventory.write(generation, inventory.take(generation, {}))
    accept(generation)


def accept(generation: Path) -> None:
    """Make ``CURRENT`` name the inventory of a generation as it is now."""
    pointer = json.loads((generation.parent / "CURRENT").read_text(encoding="utf-8"))
    digest = hashlib.sha256((generation / inventory.NAME).read_bytes()).hexdigest()
    (generation.parent / "CURRENT").write_text(json.dumps(pointer | {"inventory": digest}), encoding="utf-8")


def spring(generation: Path) -> None:
    """Read the table of contents as Whoosh itself does: whoever does that runs what stands in it."""
    with contextlib.suppress(Exception):  # what it runs is asked here, not what it makes of the rest
        FileStorage(str(generation / "whoosh")).open_index()


def _table_of_contents(folder: Path, name: str, marker: Path, where: str) -> None:
    """Whoosh's own format (``whoosh.index.TOC.write``), with a trap for the schema or for the segments."""
    from zunda_mcp.index import whoosh_documents

    bad, good = Trap(marker), whoosh_documents.schema()
    stream = FileStorage(str(folder)).create_file(name)
    for size in (_INT_SIZE, _LONG_SIZE, _FLOAT_SIZE):
        stream.write_varint(size)
    stream.write_int(-12345)
    stream.write_int(_CURRENT_TOC_VERSION)
    for number in __version__[:3] if isinstance(__version__, tuple) else (0, 0, 0):
        stream.write_varint(number)
    stream.write_string(pickle.dumps(good if where == "segments" else bad, 2))
    stream.write_int(int(name.rpartition("_")[2].removesuffix(".toc")))
    stream.write_int(0)
    stream.write_pickle(bad)
    stream.close()
