"""The vectors of a local generation as a cluster stores them: each in the cells of its nearest centroids."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from zunda_mcp.engine.opensearch.cluster_meaning import CELLS_OF_VECTOR, PASSAGES, STORIES, nearest_cells
from zunda_mcp.engine.semantic import drawn_evenly
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.index.vectors import VectorStore, key_of, key_of_window

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Vectors
    from zunda_mcp.embeddings.packed_rows import KeyedRows, PackedRows

__all__ = ["Earlier", "IndexVectors"]

_VECTORS_OF_CELL, _MOST_CELLS = 64, 2048
_SAMPLE, _ROUNDS = 40_000, 8
_LINE, _BLOCK = 48_000, 4096

Earlier = Callable[[str, str], "Vectors | None"]
"""Gives the centroids of an earlier state, by embedder and kind of vectors."""


class IndexVectors:
    """The vectors of stories and passages. The centroids of an earlier state are kept until the number of cells doubles
    or halves: with new ones, every new story would send all others again.
    """

    def __init__(self, reader: IndexReader, store: VectorStore, earlier: Earlier) -> None:
        self._reader = reader
        self._store = store
        self.embedder = store.meta.embedder
        self._stories = _Laid(store.stories, STORIES, earlier(self.embedder, STORIES))
        passages = store.passages if store.covering_passages else None
        self._passages = _Laid(passages, PASSAGES, earlier(self.embedder, PASSAGES)) if passages else None

    @classmethod
    def of(cls, reader: IndexReader, earlier: Earlier) -> IndexVectors | None:
        """Return the vectors of a generation; None if it has none, or too few to rank by."""
        store = VectorStore.open(reader.folder)
        return cls(reader, store, earlier) if store is not None and store.covering else None

    def _rows_of(self, document: int) -> tuple[_Laid, list[int]] | None:
        """The rows of a document's vectors: one for a story, one for each window of a passage."""
        if document not in self._reader.passages:
            row = self._stories.places.get(key_of(self._reader.plain(document)))
            says = row is not None and self._store.stories.rows.packed[row].any()
            return (self._stories, [row]) if row is not None and says else None
        if self._passages is None:
            return None
        plain, rows = self._reader.plain_speech(document), list[int]()
        while (row := self._passages.places.get(key_of_window(plain, len(rows)))) is not None:
            rows.append(row)
        return (self._passages, rows) if rows else None

    def digest(self, documents: Iterable[int]) -> str:
        """Return a digest of how many vectors these documents have, and of the cells in use."""
        rows = [len(one[1]) if (one := self._rows_of(document)) else 0 for document in documents]
        return f"{self._stories.named}{self._passages.named if self._passages else ''}:{sum(rows)}"

    def fields(self, document: int) -> dict[str, Any]:
        """Return the vector fields of one document."""
        laid = self._rows_of(document)
        return {} if laid is None else laid[0].fields(laid[1])

    def lists(self) -> dict[str, list[Any]]:
        """Return what else a question needs: the cells, what all stories have in common, and the vectors of words."""
        rows: dict[str, list[int]] = {STORIES: [], PASSAGES: []}
        for document in sorted(self._reader.stories):
            if laid := self._rows_of(document):
                rows[laid[0].kind] += laid[1]
        result = {**self._stories.lists(rows[STORIES]), "common": _as_rows(self._store.common)}
        drawn = [rows[STORIES][place] for place in drawn_evenly(len(rows[STORIES]))]
        result["sample"] = _as_rows(self._store.stories.rows[drawn])
        if self._passages is not None:
            result |= self._passages.lists(rows[PASSAGES])
        if self._store.words is not None:
            words, rows_of_words, basis = self._store.words
            result |= {"vector_words": words, "basis": _as_rows(basis)}
            result |= {
                "word_vectors": _as_rows(rows_of_words.packed, "int8"),
                "word_scales": _as_rows(rows_of_words.scales),
            }
        return result


class _Laid:
    """Vectors of one ``kind`` in cells."""

    def __init__(self, kept: KeyedRows, kind: str, earlier: Vectors | None) -> None:
        self.kind = kind
        self._rows = kept.rows
        self._keys = kept.keys
        self._earlier = earlier

    @cached_property
    def places(self) -> Mapping[bytes, int]:
        """The rows by the keys of their texts."""
        return {key: row for row, key in enumerate(self._keys)}

    @cached_property
    def _centroids(self) -> Vectors:
        rows, earlier = self._rows, self._earlier
        if earlier is not None and earlier.shape[1] == rows.shape[1]:
            cells = _cells_of(len(rows))
            if cells <= 2 * len(earlier) and len(earlier) <= 2 * cells:
                return earlier
        return _centroids_of(rows)

    @cached_property
    def named(self) -> str:
        """The name of its cells, a digest of their centroids, so that cells of other centroids have other names."""
        return blake2b(self._centroids.tobytes(), digest_size=4).hexdigest()

    def fields(self, rows: Iterable[int]) -> dict[str, Any]:
        """Return the fields of a document whose vectors are these rows."""
        packed, cells = list[str](), dict[str, None]()
        for row in rows:  # as in a local index: the scale, then a byte for each number
            one = self._rows.scales[row].tobytes() + self._rows.packed[row].tobytes()
            packed.append(base64.b64encode(one).decode("ascii"))
            near = nearest_cells(self._centroids, self._rows[row], CELLS_OF_VECTOR)
            cells |= dict.fromkeys(f"{self.named}{cell}" for cell in near)
        return {"vector": packed, "cell": list(cells)}

    def lists(self, rows: list[int]) -> dict[str, list[Any]]:
        """Return the lists for ``rows``: centroids, cell names, how many vectors, their mean and covariance."""
        import numpy as np  # start-up

        width = self._rows.shape[1]
        total, products = np.zeros(width), np.zeros((width, width))
        for start in range(0, len(rows), _BLOCK):  # unpacked, half a million would take a gigabyte
            block = self._rows[rows[start : start + _BLOCK]].astype(np.float64)
            total += block.sum(axis=0)
            products += block.T @ block
        mean = total / max(len(rows), 1)
        covariance = products / max(len(rows), 1) - np.outer(mean, mean)
        return {
            f"{self.kind} centroids": _as_rows(self._centroids),
            f"{self.kind} cells": [self.named, len(rows)],
            f"{self.kind} mean": _as_rows(mean),
            f"{self.kind} covariance": _as_rows(covariance),
        }


def _cells_of(vectors: int) -> int:
    return int(min(max(1, vectors // _VECTORS_OF_CELL), _MOST_CELLS))


def _centroids_of(rows: PackedRows) -> Vectors:
    """The centroids of ``rows``: k-means over a sample; the same rows always give the same sample and start."""
    import numpy as np  # start-up

    count = _cells_of(len(rows))
    if len(rows) <= _VECTORS_OF_CELL:
        return rows[:1] * 0 + (rows[:].mean(axis=0) if len(rows) else 0)
    draw = np.random.default_rng(20260101)
    sample = rows[np.sort(draw.permutation(len(rows))[:_SAMPLE])]
    centres: Vectors = sample[np.sort(draw.permutation(len(sample))[:count])].copy()
    for _ in range(_ROUNDS):
        nearest = np.concatenate([(part @ centres.T).argmax(axis=1) for part in np.array_split(sample, 16)])
        for cell in range(count):
            inside = sample[nearest == cell]
            if len(inside):
                centre = inside.sum(axis=0)
                centres[cell] = centre / (float(np.linalg.norm(centre)) or 1.0)
    return centres


def _as_rows(array: Any, kind: Any = None) -> list[Any]:
    """An array as rows of a list: its shape and type, then its bytes in lines."""
    import numpy as np  # start-up

    kept = np.ascontiguousarray(array, dtype=kind or np.float32)
    text = base64.b64encode(kept.tobytes()).decode("ascii")
    return [[list(kept.shape), str(kept.dtype)], *(text[at : at + _LINE] for at in range(0, len(text), _LINE))]
