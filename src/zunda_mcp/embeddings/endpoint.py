"""An embedder behind an OpenAI-compatible ``/v1/embeddings`` endpoint: Ollama, vLLM, Text Embeddings Inference, …

One POST for a batch of texts, ``{"model": …, "input": [texts]}``, answered by ``{"data": [{"index", "embedding"}]}``
(OpenAI API reference, "Create embeddings"). Texts leave this machine only if the user named an address elsewhere.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from http.client import HTTPException
from typing import TYPE_CHECKING, Any

from zunda_mcp.errors import EmbeddingError

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Vectors

_BATCH = 32
_SECONDS = 60.0
_LARGEST = 64 * 1024 * 1024


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Texts and key go to the address the user named and to no other."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


class EndpointEmbedder:
    """Asks ``url`` (with or without ``/embeddings`` at its end) for vectors of ``model``; ``key`` is sent as bearer."""

    words = False

    def __init__(self, url: str, model: str, *, key: str = "") -> None:
        self._url = url if url.endswith("/embeddings") else url.rstrip("/") + "/embeddings"
        self._model = model
        self._key = key
        self.name = f"{self._url} {model}".strip()
        self.dimensions = 0
        self._opener = urllib.request.build_opener(_NoRedirect)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts."""
        import numpy as np

        rows = [self._ask(list(texts[at : at + _BATCH])) for at in range(0, len(texts), _BATCH)]
        return np.concatenate(rows) if rows else np.zeros((0, self.dimensions), dtype=np.float32)

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question."""
        row: Vectors = self._ask([text])[0]
        return row

    def _ask(self, texts: list[str]) -> Vectors:
        import numpy as np

        body = json.dumps({"model": self._model, "input": texts}).encode("utf-8")
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self._key}"} if self._key else {})
        try:
            request = urllib.request.Request(self._url, body, headers)  # noqa: S310  (http or https: see choose)
            with self._opener.open(request, timeout=_SECONDS) as answer:
                data: Any = json.loads(answer.read(_LARGEST))
            rows = sorted(data["data"], key=lambda row: row["index"])
            vectors = np.asarray([row["embedding"] for row in rows], dtype=np.float32)
        except urllib.error.HTTPError as error:
            with error:
                raise self._failed(f"it answered {error.code} {error.reason}") from None
        except (OSError, ValueError, KeyError, TypeError, RecursionError, OverflowError, HTTPException) as error:
            raise self._failed(f"{type(error).__name__}: {error}") from error
        if vectors.ndim == 2 and not (vectors.shape[1] and np.isfinite(vectors).all()):
            raise self._failed("it sent vectors that are no numbers")
        if vectors.ndim != 2 or len(vectors) != len(texts) or (self.dimensions and vectors.shape[1] != self.dimensions):
            raise self._failed(f"it sent {vectors.shape} numbers for {len(texts)} texts")
        self.dimensions = int(vectors.shape[1])
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Vectors = (vectors / np.where(lengths == 0, 1.0, lengths)).astype(np.float32)
        return unit

    def _failed(self, why: str) -> EmbeddingError:
        return EmbeddingError(f"The embedder at {self._url} cannot be used ({why}); check it, or pass --embedder none.")
