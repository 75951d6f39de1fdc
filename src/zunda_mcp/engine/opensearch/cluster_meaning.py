"""Meaning in a cluster: vectors of the cells that a question looks into, and of the documents at hand.

Nearness is seen against all stories, as at home: the mean and the spread of their cosines with any vector follow from
their mean and their covariance, which are kept with the state, so that nobody has to read them all.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from zunda_mcp.config.memory import ByteCache
from zunda_mcp.engine.opensearch.cluster_reader import ClusterReader
from zunda_mcp.engine.opensearch.connection import Connection
from zunda_mcp.engine.opensearch.kept_lists import IndexState, read_list
from zunda_mcp.engine.opensearch.vector_cells import PROBED, as_array, nearest_cells, unpacked_rows
from zunda_mcp.engine.semantic import Meaning
from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import Expansion
from zunda_mcp.text.tokenizer import run_term

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Embedder, Vectors

__all__ = ["ClusterMeaning", "VectorFacts"]

_CACHED_BYTES = 128_000_000
_CANDIDATES = 4 * tuning.MAX_BY_MEANING
_PAGE = 5000


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
        """The vectors of a state; None where it has none, or those of another embedder."""
        if embedder is None or state.embedder != embedder.name:
            return None
        return cls(connection, state, embedder)

    def nearest(self, vector: Vectors, count: int) -> list[str]:
        """The ids of the stories nearest to a vector among those of the cells nearest to it, nearest first."""
        import numpy as np  # start-up

        result: dict[str, float] = {}
        for cell in self._near_cells(nearest_cells(self.centroids, vector, PROBED)):
            if cell.rows is not None:
                result.update(zip(cell.ids, (cell.rows @ vector).tolist(), strict=True))
        ids = list(result)
        best = np.argsort(-np.asarray([result[one] for one in ids]), kind="stable")[:count]
        return [ids[at] for at in best]

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
            rows = unpacked_rows(hit["_source"]["vector"] for hit in hits) if hits else None
            cells[name] = _Cell(ids, rows)
            self._cells.put(name, cells[name], 0 if rows is None else rows.nbytes + 64 * len(ids))
            for item, row in zip(ids, () if rows is None else rows, strict=True):
                self._rows.put(item, (row.copy(),), 4096)
        return [cells[name] for name in names]

    def row(self, reader: ClusterReader, document: int) -> Vectors | None:
        """The vector of a document at hand; None where it has none, or until it is known."""
        item = reader.item(document)
        cached = self._rows.get(item)
        if cached is None:
            stored = reader.question.part(item, "vector")
            if stored is None:
                return None
            cached = (unpacked_rows([stored[0]])[0] if stored[0] else None,)
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
        nearest = self._facts.nearest(vector, _CANDIDATES)
        reader.at_hand(nearest[:1])
        if nearest:
            reader.gather({"terms": {"item": nearest}}, size=len(nearest), sort=["order"], early=True)
        middle = float(self._facts.mean @ vector)
        spread = max(float(vector @ self._facts.covariance @ vector), 0.0) ** 0.5 or 1.0
        result = np.zeros(max(reader.size, 1), dtype=np.float32)
        rows, documents = self._at_hand()
        if rows is not None:
            result[documents] = np.maximum((rows @ vector - middle) / spread, 0.0)
        return result

    def near_passages(self, text: str, allowed: Container[int] | None) -> dict[int, tuple[float, int]]:
        """Nothing: passages have no vectors in a cluster."""
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
