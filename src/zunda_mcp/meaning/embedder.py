"""The seam between texts and vectors: what an embedder is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]
    """One row a text, each of length 1."""


class Embedder(Protocol):
    """Texts to vectors. ``name`` says which model and version: vectors of another name are never compared.

    ``words`` says whether single words are worth embedding, too: whether the model is small and near enough for that.
    Raises ``EmbeddingError`` where it cannot answer.
    """

    name: str
    dimensions: int
    words: bool

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Vectors of stories or words, ``(len(texts), dimensions)``, each of length 1."""

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question, ``(dimensions,)``, of length 1."""
