"""Vectors in a cluster without a plugin: an inverted file (Jégou, Douze and Schmid, "Product quantization for nearest
neighbor search", TPAMI 2011, section V). Stories lie in the cells of their nearest few centroids, which k-means found;
a question looks into the cells nearest to it, and the cosine of what lies there is exact.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from zunda_mcp.index.vectors import VectorStore, key_of

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Vectors
    from zunda_mcp.embeddings.packed_rows import PackedRows
    from zunda_mcp.index.reader import IndexReader

__all__ = [
    "CELLS_OF_STORY",
    "PROBED",
    "StoryVectors",
    "as_array",
    "as_rows",
    "nearest_cells",
    "unpacked_rows",
]

CELLS_OF_STORY, PROBED = 2, 16
_STORIES_OF_CELL, _MOST_CELLS = 64, 2048
_SAMPLE, _ROUNDS = 40_000, 8
_LINE, _BLOCK = 48_000, 4096


class StoryVectors:
    """The vectors of a generation at home, as they go into a cluster. The centroids of an earlier state stay until
    twice as many cells are to be made, or half: with others, each new story would send all the rest again.
    """

    def __init__(self, reader: IndexReader, store: VectorStore, earlier: Vectors | None) -> None:
        self._reader = reader
        self._store = store
        self._earlier = earlier
        self.embedder = store.meta.embedder

    @classmethod
    def of(cls, reader: IndexReader, earlier: Callable[[str], Vectors | None]) -> StoryVectors | None:
        """The vectors of a generation; None where it has none, or too few of them to rank by. ``earlier`` gives the
        centroids of an earlier state for vectors of an embedder.
        """
        store = VectorStore.open(reader.folder)
        return cls(reader, store, earlier(store.meta.embedder)) if store is not None and store.covering else None

    @cached_property
    def _places(self) -> dict[bytes, int]:
        return {key: row for row, key in enumerate(self._store.keys)}

    def _place(self, document: int) -> int | None:
        if document in self._reader.passages:
            return None
        return self._places.get(key_of(self._reader.plain(document)))

    @cached_property
    def _centroids(self) -> Vectors:
        rows, earlier = self._store.stories, self._earlier
        if earlier is not None and earlier.shape[1] == rows.shape[1]:
            cells = _cells_of(len(rows))
            if cells <= 2 * len(earlier) and len(earlier) <= 2 * cells:
                return earlier
        return _centroids_of(rows)

    @cached_property
    def _named(self) -> str:
        """What the cells of this index are called: by their centroids, so that others are not taken for them."""
        return blake2b(self._centroids.tobytes(), digest_size=4).hexdigest()

    def digest(self, documents: Iterable[int]) -> str:
        """Which of some documents have a vector, in which cells."""
        return f"{self._named}:{sum(self._place(document) is not None for document in documents)}"

    def fields(self, document: int) -> dict[str, Any]:
        """The fields of one document."""
        place = self._place(document)
        if place is None:
            return {}
        rows = self._store.stories
        cells = nearest_cells(self._centroids, rows[place], CELLS_OF_STORY)
        packed = rows.scales[place].tobytes() + rows.packed[place].tobytes()  # as at home: a scale, a byte a number
        return {
            "vector": base64.b64encode(packed).decode("ascii"),
            "cell": [f"{self._named}{cell}" for cell in cells],
        }

    def lists(self) -> dict[str, list[Any]]:
        """What a question needs besides: centroids, what all stories share, their mean and covariance, the words."""
        import numpy as np  # start-up

        places = [place for d in sorted(self._reader.written_stories) if (place := self._place(d)) is not None]
        width, rows = self._store.stories.shape[1], self._store.stories
        total, products = np.zeros(width), np.zeros((width, width))
        for start in range(0, len(places), _BLOCK):  # as numbers, all of them would take a gigabyte for half a million
            block = rows[places[start : start + _BLOCK]].astype(np.float64)
            total += block.sum(axis=0)
            products += block.T @ block
        mean = total / max(len(places), 1)
        covariance = products / max(len(places), 1) - np.outer(mean, mean)
        result = {
            "centroids": as_rows(self._centroids),
            "cells": [self._named],
            "common": as_rows(self._store.common),
            "mean": as_rows(mean[None, :]),
            "covariance": as_rows(covariance),
        }
        if self._store.words is not None:
            words, rows_of_words, basis = self._store.words
            result |= {"vector_words": words, "basis": as_rows(basis)}
            result |= {
                "word_vectors": as_rows(rows_of_words.packed, np.int8),
                "word_scales": as_rows(rows_of_words.scales),
            }
        return result


def _cells_of(stories: int) -> int:
    return int(min(max(1, stories // _STORIES_OF_CELL), _MOST_CELLS))


def _centroids_of(rows: PackedRows) -> Vectors:
    """The centroids of some rows: k-means over a sample, drawn and begun the same for the same rows."""
    import numpy as np  # start-up

    count = _cells_of(len(rows))
    if len(rows) <= _STORIES_OF_CELL:
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


def nearest_cells(centroids: Vectors, vector: Vectors, count: int) -> list[int]:
    """The numbers of the cells nearest to a vector, nearest first."""
    import numpy as np  # start-up

    result: list[int] = np.argsort(-(centroids @ vector), kind="stable")[:count].tolist()
    return result


def unpacked_rows(texts: Iterable[str]) -> Vectors:
    """Vectors back from ``StoryVectors.fields``, one a row."""
    import numpy as np  # start-up

    packed = [base64.b64decode(text) for text in texts]
    scales = np.stack([np.frombuffer(one, dtype=np.float32, count=1) for one in packed])
    result: Vectors = (
        np.stack([np.frombuffer(one, dtype=np.int8, offset=4) for one in packed]).astype(np.float32) * scales
    )
    return result


def as_rows(array: Any, kind: Any = None) -> list[Any]:
    """An array as rows of a list: its shape and type, then its bytes in lines."""
    import numpy as np  # start-up

    kept = np.ascontiguousarray(array, dtype=kind or np.float32)
    text = base64.b64encode(kept.tobytes()).decode("ascii")
    return [[list(kept.shape), str(kept.dtype)], *(text[at : at + _LINE] for at in range(0, len(text), _LINE))]


def as_array(rows: list[Any]) -> Vectors:
    """An array back from ``as_rows``, as 32-bit numbers."""
    import numpy as np  # start-up

    (shape, kind), *lines = rows
    result: Vectors = np.frombuffer(base64.b64decode("".join(lines)), dtype=kind).reshape(shape).astype(np.float32)
    return result
