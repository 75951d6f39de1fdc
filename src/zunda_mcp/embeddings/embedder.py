"""The interface of embedders, which make vectors of texts. ``zunda_mcp.embeddings.choice`` chooses one.

A distribution with an embedder names it in its ``pyproject.toml``, and the user chooses it with ``--embedder
letters``::

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
    """One row for each text, of length 1."""


class Embedder(Protocol):
    """Makes vectors of texts. ``name`` identifies model and version: vectors under different names are never compared.

    ``words`` says whether single words should be embedded too, which a small local model does fast enough.
    ``dimensions`` may be 0 until the first vector is made. Several threads call it at once. Raises ``EmbeddingError``
    if it cannot answer.
    """

    name: str
    dimensions: int
    words: bool

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of stories or words, ``(len(texts), dimensions)``, each of length 1."""

    def embed_query(self, text: str) -> Vectors:
        """Return the vector of a question, ``(dimensions,)``, of length 1."""


def base_of(embedder: Embedder) -> Embedder:
    """Return the attribute ``base`` of an embedder, whose vectors its own begin with; without one, the embedder itself.

    Only the base embeds words and passages, and only its cosines decide whether a story surely answers: the cosines of
    two models together are good only for ranking.
    """
    base: Embedder = getattr(embedder, "base", embedder)
    return base
