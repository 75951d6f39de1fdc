"""Meaning in a cluster, without a plugin: how vectors lie there, and of which a question has which at hand.

They lie as an inverted file (Jégou, Douze and Schmid, "Product quantization for nearest neighbor search", TPAMI 2011,
section V): stories in the cells of their nearest few centroids, which k-means found. A question looks into the cells
nearest to it, and the cosine of what lies there is exact.

Nearness is seen against all stories, as at home: the mean and the spread of their cosines with any vector follow from
their mean and their covariance, which are kept with the state, so that nobody has to read them all.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Container, Iterable, Sequence
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

from zunda_mcp.config.memory import ByteCache
from zunda_mcp.engine.opensearch.cluster_reader import ClusterReader
from zunda_mcp.engine.opensearch.connection import Connection
from zunda_mcp.engine.opensearch.kept_lists import IndexState, read_list
from zunda_mcp.engine.semantic import Meaning
from zunda_mcp.index.vectors import VectorStore, key_of
from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import Expansion
from zunda_mcp.text.tokenizer import run_term

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Embedder, Vectors
    from zunda_mcp.embeddings.packed_rows import PackedRows
    from zunda_mcp.index.reader import IndexReader

__all__ = ["ClusterMeaning", "StoryVectors", "VectorFacts", "as_array"]

_CACHED_BYTES = 128_000_000
_PAGE = 5000
_FIRST = 1000
"""How many of the nearest stories are looked at first for those that a question is limited to."""


class _Cell(NamedTuple):
    ids: tuple[str, ...]
    rows: Vectors | None


class VectorFacts:
    """What is known of the vectors of one state, for all questions to it. Thread-safe."""

    def __init__(self, connection: Connection, state: IndexState, embedder: Embedder) -> None:
        def array(name: str) -> Vectors:
            return as_array(read_list(connection, state, name))

        self._connection = connection
        self.embedder = embedder
        self.centroids, self.common, self.mean = array("centroids"), array("common"), array("mean")[0]
        self.covariance = array("covariance")
        self._named = str(read_list(connection, state, "cells")[0])
        texts = read_list(connection, state, "vector_words")
        self.words = (texts, array("word_vectors") * array("word_scales"), array("basis")) if texts else None
        self.questions: dict[str, Vectors] = {}
        self.near: dict[str, tuple[Expansion, ...]] = {}
        self._cells: ByteCache[str, _Cell] = ByteCache(_CACHED_BYTES // 2)
        self._rows: ByteCache[str, tuple[Vectors | None]] = ByteCache(_CACHED_BYTES // 2)
        embedder.dimensions = len(self.mean)

    @classmethod
    def of(cls, connection: Connection, state: IndexState, embedder: Embedder | None) -> VectorFacts | None:
        """The vectors of a state; None if it has none, or those of another embedder."""
        if embedder is None or state.embedder != embedder.name:
            return None
        return cls(connection, state, embedder)

    def nearest(self, vector: Vectors, stories: int) -> list[str]:
        """The ids of the stories nearer to ``vector`` than the mean of all, nearest first: exact where there are at
        most ``_LOOKED_AT // _CELLS_OF_STORY`` ``stories``, else those in the cells whose centroids are nearest.
        """
        cells = len(self.centroids)
        probed = max(_PROBED, _LOOKED_AT * cells // (_CELLS_OF_STORY * max(stories, 1)))
        result: dict[str, float] = {}
        for cell in self._near_cells(_nearest_cells(self.centroids, vector, probed)):
            if cell.rows is not None:
                result.update(zip(cell.ids, (cell.rows @ vector).tolist(), strict=True))
        least = float(self.mean @ vector)
        return sorted((one for one, cosine in result.items() if cosine > least), key=lambda one: -result[one])

    def _near_cells(self, numbers: Sequence[int]) -> list[_Cell]:
        names = [f"{self._named}{number}" for number in numbers]
        cells = {name: cell for name in names if (cell := self._cells.get(name)) is not None}
        missing: dict[str, list[dict[str, Any]]] = {name: [] for name in names if name not in cells}
        body = {"size": _PAGE, "query": {"terms": {"cell": list(missing)}}, "sort": ["item"]}
        body |= {"_source": ["vector"], "docvalue_fields": ["cell"]}
        for hit in self._connection.scan(self._connection.address.name, body) if missing else ():
            for name in hit["fields"]["cell"]:
                if name in missing:
                    missing[name].append(hit)
        for name, hits in missing.items():
            ids = tuple(hit["_id"] for hit in hits)
            rows = _unpacked_rows(hit["_source"]["vector"] for hit in hits) if hits else None
            cells[name] = _Cell(ids, rows)
            self._cells.put(name, cells[name], 0 if rows is None else rows.nbytes + 64 * len(ids))
            for item, row in zip(ids, () if rows is None else rows, strict=True):
                self._rows.put(item, (row.copy(),), 4096)
        return [cells[name] for name in names]

    def row(self, reader: ClusterReader, document: int) -> Vectors | None:
        """The vector of a document at hand; None if it has none, or until it is known."""
        item = reader.item(document)
        cached = self._rows.get(item)
        if cached is None:
            stored = reader.question.part(item, "vector")
            if stored is None:
                return None
            cached = (_unpacked_rows([stored[0]])[0] if stored[0] else None,)
            self._rows.put(item, cached, 4096)
        return cached[0]


class ClusterMeaning(Meaning):
    """The meaning of one state for one pass of a question."""

    def __init__(self, reader: ClusterReader, facts: VectorFacts) -> None:
        self._reader = reader  # type: ignore[assignment]
        self._embedder = facts.embedder
        self._facts = facts
        self._near = facts.near
        self._questions = facts.questions

    def near_words(self, texts: Iterable[str]) -> dict[str, tuple[Expansion, ...]]:
        """As ``Meaning.near_words``; within some archives, only words that stand in these."""
        near = super().near_words(texts)
        reader: ClusterReader = self._reader  # type: ignore[assignment]
        if not reader.question.facts.connection.is_limited:
            return near

        def stands(word: str) -> bool:
            return any([reader.frequency(word), reader.frequency(run_term(word))])  # both, in one pass

        return {text: tuple(one for one in expansions if stands(one.text)) for text, expansions in near.items()}

    @property
    def _words(self) -> tuple[list[str], Vectors, Vectors] | None:
        return self._facts.words

    @property
    def _common(self) -> Vectors:
        return self._facts.common

    def nearness(self, vector: Vectors) -> Vectors:
        """For every document at hand how near it is, the nearest of all among them; see ``Meaning.nearness``."""
        import numpy as np  # start-up

        reader: ClusterReader = self._reader  # type: ignore[assignment]
        nearest = self._facts.nearest(vector, reader.meta.stories)
        reader.at_hand([*nearest[:1], *self._within_limits(nearest)])
        middle = float(self._facts.mean @ vector)
        spread = max(float(vector @ self._facts.covariance @ vector), 0.0) ** 0.5 or 1.0
        result = np.zeros(max(reader.size, 1), dtype=np.float32)
        rows, documents = self._at_hand()
        if rows is not None:
            result[documents] = np.maximum((rows @ vector - middle) / spread, 0.0)
        return result

    def _within_limits(self, nearest: Sequence[str]) -> list[str]:
        """The first of ``nearest`` that pass what the question is limited to, as many as are weighed."""
        reader: ClusterReader = self._reader  # type: ignore[assignment]
        passing: list[str] = []
        for some in (nearest[:_FIRST], nearest[_FIRST : 10 * _FIRST]):
            if some and len(passing) < tuning.MAX_BY_MEANING:
                there = reader.passing(some)
                passing += [one for one in some if one in there]
        return passing[: tuning.MAX_BY_MEANING]

    def near_passages(self, text: str, allowed: Container[int] | None) -> dict[int, tuple[float, int]]:
        """Always empty: passages have no vectors in a cluster."""
        return {}

    def middle(self, documents: Sequence[int], weights: Sequence[float]) -> Vectors | None:
        import numpy as np  # start-up

        reader: ClusterReader = self._reader  # type: ignore[assignment]
        pairs = [
            (row, weight)
            for document, weight in zip(documents, weights, strict=True)
            if (row := self._facts.row(reader, document)) is not None
        ]
        if not pairs:
            return None
        centred = np.stack([row for row, _ in pairs]) - self._facts.mean
        return self._apart((centred * np.asarray([w for _, w in pairs], dtype=np.float32)[:, None]).sum(axis=0))

    def _at_hand(self) -> tuple[Vectors | None, list[int]]:
        """The vectors of the written stories at hand that have one."""
        import numpy as np  # start-up

        reader: ClusterReader = self._reader  # type: ignore[assignment]
        pairs = [
            (row, document)
            for document in sorted(reader.written_stories)
            if (row := self._facts.row(reader, document)) is not None
        ]
        return (np.stack([row for row, _ in pairs]), [one for _, one in pairs]) if pairs else (None, [])


_CELLS_OF_STORY, _PROBED, _LOOKED_AT = 2, 16, 8192
"""In how many cells a story is, how many cells a question looks into at least, and up to how many vectors in more."""
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
        """The vectors of a generation; None if it has none, or too few of them to rank by. ``earlier`` gives the
        centroids of an earlier state for vectors of an embedder.
        """
        store = VectorStore.open(reader.folder)
        return cls(reader, store, earlier(store.meta.embedder)) if store is not None and store.covering else None

    @cached_property
    def _places(self) -> dict[bytes, int]:
        return {key: row for row, key in enumerate(self._store.keys)}

    def _place(self, document: int) -> int | None:
        place = None if document in self._reader.passages else self._places.get(key_of(self._reader.plain(document)))
        return place if place is not None and self._store.stories.packed[place].any() else None  # 0: it says nothing

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
        """Which of these documents have a vector, and in which cells."""
        return f"{self._named}:{sum(self._place(document) is not None for document in documents)}"

    def fields(self, document: int) -> dict[str, Any]:
        """The fields of one document."""
        place = self._place(document)
        if place is None:
            return {}
        rows = self._store.stories
        cells = _nearest_cells(self._centroids, rows[place], _CELLS_OF_STORY)
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
            "centroids": _as_rows(self._centroids),
            "cells": [self._named],
            "common": _as_rows(self._store.common),
            "mean": _as_rows(mean[None, :]),
            "covariance": _as_rows(covariance),
        }
        if self._store.words is not None:
            words, rows_of_words, basis = self._store.words
            result |= {"vector_words": words, "basis": _as_rows(basis)}
            result |= {
                "word_vectors": _as_rows(rows_of_words.packed, np.int8),
                "word_scales": _as_rows(rows_of_words.scales),
            }
        return result


def _cells_of(stories: int) -> int:
    return int(min(max(1, stories // _STORIES_OF_CELL), _MOST_CELLS))


def _centroids_of(rows: PackedRows) -> Vectors:
    """The centroids of ``rows``: k-means over a sample, drawn and begun the same for the same rows."""
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


def _nearest_cells(centroids: Vectors, vector: Vectors, count: int) -> list[int]:
    """The numbers of the cells nearest to a vector, nearest first."""
    import numpy as np  # start-up

    result: list[int] = np.argsort(-(centroids @ vector), kind="stable")[:count].tolist()
    return result


def _unpacked_rows(texts: Iterable[str]) -> Vectors:
    """Vectors back from ``StoryVectors.fields``, one a row."""
    import numpy as np  # start-up

    packed = [base64.b64decode(text) for text in texts]
    scales = np.stack([np.frombuffer(one, dtype=np.float32, count=1) for one in packed])
    result: Vectors = (
        np.stack([np.frombuffer(one, dtype=np.int8, offset=4) for one in packed]).astype(np.float32) * scales
    )
    return result


def _as_rows(array: Any, kind: Any = None) -> list[Any]:
    """An array as rows of a list: its shape and type, then its bytes in lines."""
    import numpy as np  # start-up

    kept = np.ascontiguousarray(array, dtype=kind or np.float32)
    text = base64.b64encode(kept.tobytes()).decode("ascii")
    return [[list(kept.shape), str(kept.dtype)], *(text[at : at + _LINE] for at in range(0, len(text), _LINE))]


def as_array(rows: list[Any]) -> Vectors:
    """An array back from ``_as_rows``, as 32-bit numbers."""
    import numpy as np  # start-up

    (shape, kind), *lines = rows
    result: Vectors = np.frombuffer(base64.b64decode("".join(lines)), dtype=kind).reshape(shape).astype(np.float32)
    return result
