"""The seam between texts and vectors: what an embedder is. ``zunda_mcp.embeddings.choice`` chooses one.

A distribution that brings one names it in its ``pyproject.toml``, and the user with ``--embedder letters``::

    [project.entry-points."zunda_mcp.embedders"]
    letters = "my_package:Letters"
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

__all__ = ["Embedder", "base_of"]

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]
    """One row a text, each of length 1."""


class Embedder(Protocol):
    """Texts to vectors. ``name`` says which model and version: vectors of another name are never compared.

    ``words`` says whether single words are worth embedding, too: whether the model is small and near enough for that.
    ``dimensions`` may be 0 until the first vector is made. Answers and the background call it from several threads.
    Raises ``EmbeddingError`` where it cannot answer.
    """

    name: str
    dimensions: int
    words: bool

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Vectors of stories or words, ``(len(texts), dimensions)``, each of length 1."""

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question, ``(dimensions,)``, of length 1."""


def base_of(embedder: Embedder) -> Embedder:
    """The embedder whose vectors those of ``embedder`` begin with, its attribute ``base``; else itself.

    Words and passages of transcripts are embedded by the base alone, and by it is judged how near a story surely
    answers: cosines of two models together only order.
    """
    base: Embedder = getattr(embedder, "base", embedder)
    return base
