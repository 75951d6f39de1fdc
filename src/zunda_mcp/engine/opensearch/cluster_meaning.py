"""Meaning in a cluster, without a plugin: how vectors are stored there, and which of them a question fetches.

They are stored as an inverted file (Jégou, Douze and Schmid, "Product quantization for nearest neighbor search", TPAMI
2011, section V): each vector in the cells of its nearest few centroids, which k-means found. A question opens the cells
nearest to it; the cosines of the vectors in them are exact.

Nearness is measured against all stories, as in a local index: the mean and the spread of their cosines with any vector
follow from their mean and covariance, which are stored with the state, so that no question reads all vectors.
"""

from __future__ import annotations

import base64
from collections.abc import Container, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from zunda_mcp.config.memory import ByteCache
from zunda_mcp.engine.opensearch.cluster_reader import ClusterReader
from zunda_mcp.engine.opensearch.connection import Connection
from zunda_mcp.engine.opensearch.expressions import Dsl, all_of
from zunda_mcp.engine.opensearch.kept_lists import IndexState, read_list
from zunda_mcp.engine.semantic import Meaning
from zunda_mcp.errors import EmbeddingError
from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import Expansion
from zunda_mcp.text.tokenizer import run_term

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Embedder, Vectors

__all__ = ["CELLS_OF_VECTOR", "PASSAGES", "STORIES", "ClusterMeaning", "VectorFacts", "as_array", "nearest_cells"]

STORIES, PASSAGES = "stories", "passages"
"""The two kinds of vectors: of written stories, and of windows of passages."""
CELLS_OF_VECTOR = 2
_PROBED, _LOOKED_AT = 16, 8192
"""How many cells a question opens at least, and up to how many vectors it compares in further ones."""
_CACHED_BYTES = 128_000_000
_PAGE = 5000
_WINDOWS = 4 * tuning.MAX_NEAR_WINDOWS
"""How many passages near in meaning are fetched: more than needed, since some contain an excluded word."""
_FIRST = 1000
"""How many of the nearest stories are checked first against the limits of a question."""


class _Cell(NamedTuple):
    """The contents of a cell: document ids, each with the number of its vector, and the vectors."""

    ids: Sequence[tuple[str, int]]
    rows: Vectors | None


class _Layout:
    """The cells of the vectors of one kind in a state."""

    def __init__(self, connection: Connection, state: IndexState, kind: str) -> None:
        names = (f"{kind} {name}" for name in ("centroids", "mean", "covariance"))
        self.centroids, self.mean, self.covariance = (as_array(read_list(connection, state, name)) for name in names)
        self.named, self.count = read_list(connection, state, f"{kind} cells")

    def deviations(self, vector: Vectors) -> tuple[float, float]:
        """The mean and the standard deviation of the cosines of all vectors with this one."""
        return float(self.mean @ vector), max(float(vector @ self.covariance @ vector), 0.0) ** 0.5 or 1.0

    def near_cells(self, vector: Vectors) -> list[str]:
        """The names of the cells to open."""
        most = _LOOKED_AT * len(self.centroids) // (CELLS_OF_VECTOR * max(self.count, 1))
        return [f"{self.named}{one}" for one in nearest_cells(self.centroids, vector, max(_PROBED, most))]


class VectorFacts:
    """What all questions to one state share about its vectors. Thread-safe."""

    def __init__(self, connection: Connection, state: IndexState, embedder: Embedder) -> None:
        def array(name: str) -> Vectors:
            return as_array(read_list(connection, state, name))

        self._connection = connection
        self.embedder = embedder
        self.common, self.sample = array("common"), array("sample")
        self.stories = _Layout(connection, state, STORIES)
        self.passages = _Layout(connection, state, PASSAGES) if f"{PASSAGES} cells" in state.lists else None
        texts = read_list(connection, state, "vector_words")
        self.words = (texts, array("word_vectors") * array("word_scales"), array("basis")) if texts else None
        self.questions: dict[str, Vectors] = {}
        self.near: dict[str, tuple[Expansion, ...]] = {}
        self._cells: ByteCache[str, _Cell] = ByteCache(_CACHED_BYTES // 2)
        self._rows: ByteCache[str, tuple[Vectors | None]] = ByteCache(_CACHED_BYTES // 4)
        self._nearest: ByteCache[bytes, list[tuple[str, int, float]]] = ByteCache(_CACHED_BYTES // 4)
        embedder.dimensions = len(self.stories.mean)

    @classmethod
    def of(cls, connection: Connection, state: IndexState, embedder: Embedder | None) -> VectorFacts | None:
        """Return the vectors of a state; None if it has none, or those of another embedder."""
        if embedder is None or state.embedder != embedder.name:
            return None
        return cls(connection, state, embedder)

    def nearest(self, layout: _Layout, vector: Vectors) -> list[tuple[str, int, float]]:
        """Return the documents nearest to ``vector``, with the number and the cosine of each of their vectors, nearest
        first: exact for up to ``_LOOKED_AT // CELLS_OF_VECTOR`` vectors, beyond that among those in the nearest cells.
        """
        key = f"{layout.named}".encode() + vector.tobytes()
        nearest = self._nearest.get(key)
        if nearest is None:
            cosines: dict[tuple[str, int], float] = {}
            for cell in self._opened(layout.near_cells(vector)):
                if cell.rows is not None:
                    cosines.update(zip(cell.ids, (cell.rows @ vector).tolist(), strict=True))
            nearest = sorted(((*one, cosine) for one, cosine in cosines.items()), key=lambda one: -one[2])
            self._nearest.put(key, nearest, len(key) + 100 * len(nearest))
        return nearest

    def _opened(self, names: Sequence[str]) -> list[_Cell]:
        cells = {name: cell for name in names if (cell := self._cells.get(name)) is not None}
        missing: dict[str, list[tuple[str, int, str]]] = {name: [] for name in names if name not in cells}
        body = {"size": _PAGE, "query": {"terms": {"cell": list(missing)}}, "sort": ["item"]}
        body |= {"_source": ["vector"], "docvalue_fields": ["cell"]}
        for hit in self._connection.scan(self._connection.address.name, body) if missing else ():
            for name in missing.keys() & set(hit["fields"]["cell"]):
                missing[name] += ((hit["_id"], at, one) for at, one in enumerate(hit["_source"]["vector"]))
        for name, vectors in missing.items():
            rows = _unpacked_rows(packed for *_, packed in vectors) if vectors else None
            cells[name] = _Cell([(item, at) for item, at, _ in vectors], rows)
            self._cells.put(name, cells[name], 0 if rows is None else rows.nbytes + 64 * len(vectors))
            for (item, at), row in zip(cells[name].ids, () if rows is None else rows, strict=True):
                if not at:
                    self._rows.put(item, (row.copy(),), 4096)
        return [cells[name] for name in names]

    def row(self, reader: ClusterReader, document: int) -> Vectors | None:
        """Return the vector of a story at hand; None if it has none, or if it is not known yet."""
        if document in reader.passages:
            return None
        item = reader.item(document)
        cached = self._rows.get(item)
        if cached is None:
            stored = reader.question.part(item, "vector")
            if stored is None:
                return None
            cached = (_unpacked_rows(stored[0])[0] if stored[0] else None,)
            self._rows.put(item, cached, 4096)
        return cached[0]


class ClusterMeaning(Meaning):
    """The meaning of one state in one pass of a question."""

    _reader: ClusterReader

    def __init__(self, reader: ClusterReader, facts: VectorFacts) -> None:
        self._reader = reader
        self._embedder = facts.embedder
        self._facts = facts
        self._near = facts.near
        self._questions = facts.questions
        self._words, self._common, self._mean = facts.words, facts.common, facts.stories.mean
        self._sample = facts.sample

    def near_words(self, texts: Iterable[str]) -> dict[str, tuple[Expansion, ...]]:
        """As ``Meaning.near_words``; if the connection is limited to some archives, only words that these contain."""
        near = super().near_words(texts)
        if not self._reader.question.facts.connection.is_limited:
            return near

        def stands(word: str) -> bool:
            return any([self._reader.frequency(word), self._reader.frequency(run_term(word))])  # both, in one pass

        return {text: tuple(one for one in expansions if stands(one.text)) for text, expansions in near.items()}

    def nearness(self, vector: Vectors) -> Vectors:
        """As ``Meaning.nearness`` for every document at hand; the nearest of all is among them."""
        import numpy as np  # start-up

        middle, spread = self._facts.stories.deviations(vector)
        nearest = [item for item, _, cosine in self._facts.nearest(self._facts.stories, vector) if cosine > middle]
        self._reader.at_hand([*nearest[:1], *self._passing(nearest, self._reader.limits, tuning.MAX_BY_MEANING)])
        result = np.zeros(max(self._reader.size, 1), dtype=np.float32)
        rows, documents = self._at_hand
        if rows is not None:
            result[documents] = np.maximum((rows @ vector - middle) / spread, 0.0)
        return result

    def _greatest_cosine(self, vector: Vectors) -> float | None:
        nearest = self._facts.nearest(self._facts.stories, vector)
        return nearest[0][2] if nearest else None

    def _means_and_deviations(self, vectors: Vectors) -> tuple[Vectors, Vectors]:
        import numpy as np  # start-up

        means, deviations = zip(*map(self._facts.stories.deviations, vectors), strict=True)
        return np.array(means), np.array(deviations)

    def _passing(self, nearest: Sequence[str], limits: Dsl | None, count: int) -> list[str]:
        """The first ``count`` of ``nearest`` that pass the limits of the question."""
        if limits is None:
            return list(nearest[:count])
        passing: list[str] = []
        for some in (nearest[:_FIRST], nearest[_FIRST : 10 * _FIRST]):
            if some and len(passing) < count:
                there = self._reader.passing(some, limits)
                passing += [one for one in some if one in there]
        return passing[:count]

    @property
    def windows(self) -> int:
        return self._facts.passages.count if self._facts.passages else 0

    def near_passages(self, text: str, allowed: Container[int] | None) -> dict[int, tuple[float, int]]:
        layout = self._facts.passages
        if layout is None:
            return {}
        try:
            vector = self._question(text)[: len(layout.mean)]
        except EmbeddingError:
            return {}  # ranking has reported it
        nearest = self._facts.nearest(layout, vector)
        scope = None if allowed is None or not self._reader.scope else all_of(self._reader.scope)
        items = list(dict.fromkeys(item for item, _, _ in nearest))
        self._reader.at_hand(self._passing(items, scope, _WINDOWS))
        middle, spread = layout.deviations(vector)
        windows = [
            (number, at, cosine)
            for item, at, cosine in nearest
            if (number := self._reader.document(item)) is not None and (allowed is None or number in allowed)
        ][: tuning.MAX_NEAR_WINDOWS]
        result: dict[int, tuple[float, int]] = {}
        for number, at, cosine in windows:
            result.setdefault(number, ((cosine - middle) / spread, at))
        return result

    def _row(self, document: int) -> Vectors | None:
        return self._facts.row(self._reader, document)

    @cached_property
    def _at_hand(self) -> tuple[Vectors | None, list[int]]:
        """The vectors of the written stories at hand that have one."""
        import numpy as np  # start-up

        pairs = [
            (row, document)
            for document in sorted(self._reader.written_stories)
            if (row := self._facts.row(self._reader, document)) is not None
        ]
        return (np.stack([row for row, _ in pairs]), [one for _, one in pairs]) if pairs else (None, [])


def nearest_cells(centroids: Vectors, vector: Vectors, count: int) -> list[int]:
    """Return the numbers of the cells nearest to a vector, nearest first."""
    import numpy as np  # start-up

    result: list[int] = np.argsort(-(centroids @ vector), kind="stable")[:count].tolist()
    return result


def _unpacked_rows(texts: Iterable[str]) -> Vectors:
    """Vectors as packed by ``index_vectors``, one in each row."""
    import numpy as np  # start-up

    packed = [base64.b64decode(text) for text in texts]
    scales = np.stack([np.frombuffer(one, dtype=np.float32, count=1) for one in packed])
    result: Vectors = (
        np.stack([np.frombuffer(one, dtype=np.int8, offset=4) for one in packed]).astype(np.float32) * scales
    )
    return result


def as_array(rows: list[Any]) -> Vectors:
    """Return the array of 32-bit numbers that ``_as_rows`` of ``index_vectors`` made into a list."""
    import numpy as np  # start-up

    (shape, kind), *lines = rows
    result: Vectors = np.frombuffer(base64.b64decode("".join(lines)), dtype=kind).reshape(shape).astype(np.float32)
    return result
