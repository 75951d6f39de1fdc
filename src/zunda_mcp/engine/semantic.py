"""What a question means, by vectors: the stories and passages near it, and the words of the archive near its words.

Used when words alone do not settle a question: a sentence, several words, English on Japanese notes. Imported on first
use, because numpy takes time to load; a question for a plain name never waits for it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Iterable, Sequence
from functools import cached_property
from heapq import nlargest
from typing import TYPE_CHECKING, Any

import numpy as np

from zunda_mcp.embeddings.embedder import base_of
from zunda_mcp.embeddings.packed_rows import KeyedRows, PackedRows, RepeatedRows
from zunda_mcp.engine.readers import DocumentReader
from zunda_mcp.errors import EmbeddingError
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.index.vectors import VectorStore, key_of, key_of_window
from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import Expansion

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Embedder, Vectors

__all__ = ["Meaning", "drawn_evenly"]

_MEANING = "meaning"


class Meaning:
    """The vectors of one generation and the embedder that made them. Thread-safe."""

    def __init__(self, reader: DocumentReader, store: VectorStore, embedder: Embedder) -> None:
        self._reader = reader
        self._store = store
        self._embedder = embedder
        self._near: dict[str, tuple[Expansion, ...]] = {}
        self._questions: dict[str, Vectors] = {}
        self._last: tuple[str, Vectors] | None = None

    @classmethod
    def of(cls, reader: IndexReader, embedder: Embedder | None) -> Meaning | None:
        """Return the meaning of a generation; None if it has too few vectors yet, or those of another embedder."""
        if embedder is None:
            return None
        store = VectorStore.of(reader)
        if store is None or store.meta.embedder != embedder.name or not store.covering:
            return None
        embedder.dimensions = store.meta.dimensions
        return cls(reader, store, embedder)

    @property
    def name(self) -> str:
        return self._embedder.name

    def question(self, text: str) -> Vectors:
        """Return the vector of a question without what all stories have in common. Raises ``EmbeddingError``."""
        return self._apart(self._question(text))

    def base_question(self, text: str) -> Vectors:
        """Return the same vector by the base of the embedder alone (see ``base_of``)."""
        vector = self._question(text).copy()
        vector[base_of(self._embedder).dimensions :] = 0
        return self._apart(vector)

    def _question(self, text: str) -> Vectors:
        vector = self._questions.get(text)
        if vector is None:
            if len(self._questions) >= tuning.CACHED_VECTORS:
                self._questions = {}
            vector = self._questions[text] = self._embedder.embed_query(text)
        return vector

    def nearness(self, vector: Vectors) -> Vectors:
        """Return for each document how near its story is to ``vector``, in standard deviations above the mean of all
        stories; 0 if it is below the mean or has no vector.
        """
        documents, rows = self._stories
        nearness = np.zeros(self._reader.size, dtype=np.float32)
        if len(documents):
            nearness[documents] = np.maximum(_deviations(rows @ vector), 0.0)
        return nearness

    def greatest_nearness(self, text: str) -> float:
        """Return how near the nearest story is to a question, by the base of the embedder: how far its cosine is above
        the mean, in standard deviations; 0 if no story has a vector.

        The deviation is the geometric mean of that of its own cosines and that between stories. Words of which the
        embedder knows little are about as far from every story: by their own deviation alone some story would always
        stand out.
        """
        vector = self.base_question(text)
        greatest = self._greatest_cosine(vector)
        if greatest is None:
            return 0.0
        (mean,), (own,) = self._means_and_deviations(vector[np.newaxis])
        return (greatest - float(mean)) / (float(own * self._spread) ** 0.5 or 1.0)

    def _greatest_cosine(self, vector: Vectors) -> float | None:
        """The cosine of the story nearest to ``vector``; None if no story has a vector."""
        rows = self._stories[1]
        return float((rows @ vector).max()) if len(self._stories[0]) else None

    def _means_and_deviations(self, vectors: Vectors) -> tuple[Vectors, Vectors]:
        """For each of ``vectors``, the mean and the standard deviation of its cosines with all stories."""
        cosines = self._stories[1] @ vectors.T
        return cosines.mean(axis=0, dtype=np.float64), cosines.std(axis=0, dtype=np.float64)

    @property
    def windows(self) -> int:
        """How many windows of passages have a vector."""
        return len(self._passages[0])

    def near_passages(self, text: str, allowed: Container[int] | None) -> dict[int, tuple[float, int]]:
        """Return the passages nearest to a question: by how many standard deviations, and the number of the nearest
        window; none if the embedder cannot answer.
        """
        documents, rows = self._passages
        if not len(documents):
            return {}
        last = self._last
        if last is None or last[0] != text:  # a question asks for them more than once
            try:
                cosines = rows @ self._question(text)[: rows.shape[1]]
            except EmbeddingError:
                return {}  # ranking has reported it
            last = self._last = text, _deviations(cosines)
        deviations = last[1]
        passages: dict[int, tuple[float, int]] = {}
        taken, least = 0, 0.0
        for at in np.argsort(-deviations, kind="stable").tolist():
            if taken >= tuning.MAX_NEAR_WINDOWS and deviations[at] < least:
                break
            one = int(documents[at])
            if allowed is not None and one not in allowed:
                continue
            passages.setdefault(one, (float(deviations[at]), at - int(np.searchsorted(documents, one))))
            taken, least = taken + 1, deviations[at]
        return passages

    @staticmethod
    def nearest(nearness: Vectors, allowed: Container[int] | None) -> list[int]:
        """Return the nearest documents that are allowed (None: all), and all that are as near as the last of them."""
        near = np.flatnonzero(nearness > 0)
        if allowed is not None:
            near = near[[at in allowed for at in near.tolist()]]
        if len(near) > tuning.MAX_BY_MEANING:
            least = -np.partition(-nearness[near], tuning.MAX_BY_MEANING - 1)[tuning.MAX_BY_MEANING - 1]
            near = near[nearness[near] >= least]
        nearest: list[int] = near.tolist()
        return nearest

    def middle(self, documents: Sequence[int], weights: Sequence[float]) -> Vectors | None:
        """Return the weighted mean direction of some stories; None if none of them has a vector."""
        pairs = [(row, w) for d, w in zip(documents, weights, strict=True) if (row := self._row(d)) is not None]
        if not pairs:
            return None
        centred = np.stack([row for row, _ in pairs]) - self._mean
        return self._apart((centred * np.asarray([w for _, w in pairs], dtype=np.float32)[:, None]).sum(axis=0))

    def _row(self, document: int) -> Vectors | None:
        """The vector of a story, None if it has none."""
        own, rows = self._stories
        at = int(np.searchsorted(own, document))
        return rows[[at]][0] if at < len(own) and own[at] == document else None

    def near_words(self, texts: Iterable[str]) -> dict[str, tuple[Expansion, ...]]:
        """Return for each text the words of the archive that mean nearly the same. Raises ``EmbeddingError``."""
        texts = list(dict.fromkeys(texts))
        wanted = [text for text in texts if text not in self._near]
        if wanted and self._words is not None:
            if len(self._near) + len(wanted) > tuning.CACHED_VECTORS:
                self._near, wanted = {}, texts
            words, rows, _ = self._words
            columns = np.ascontiguousarray(self._rows_of(wanted).T)  # BLAS takes half as long for contiguous columns
            for text, likenesses in zip(wanted, (rows @ columns).T, strict=True):
                self._near[text] = _nearest(text, words, likenesses)
        return {text: self._near.get(text, ()) for text in texts}

    def _rows_of(self, texts: Sequence[str]) -> Vectors:
        """The rows of words as stored; a word that is not stored is embedded and projected like them."""
        assert self._words is not None
        words, rows, basis = self._words
        places = [bisect_left(words, text) for text in texts]
        own = [at < len(words) and words[at] == text for at, text in zip(places, texts, strict=True)]
        wanted = np.empty((len(texts), rows.shape[1]), dtype=np.float32)
        wanted[own] = rows[[at for at, one in zip(places, own, strict=True) if one]]
        if strange := [text for text, one in zip(texts, own, strict=True) if not one]:
            projected = base_of(self._embedder).embed_documents(strange) @ basis.T
            wanted[np.logical_not(own)] = projected / ((projected**2).sum(axis=1, keepdims=True) ** 0.5 + 1e-9)
        return wanted

    # --- loaded when first asked

    @cached_property
    def _stories(self) -> tuple[Any, RepeatedRows]:
        """The stories that have a vector, in order, and their rows, without those whose vector is zero."""
        informative = self._store.stories.rows.packed.any(axis=1)
        places = {key: row for row, key in enumerate(self._store.stories.keys)}
        pairs = [
            (document, places.get(key_of(self._reader.plain(document))))
            for document in sorted(self._reader.written_stories)
        ]
        kept = [(document, row) for document, row in pairs if row is not None and informative[row]]
        return _with_rows(self._store.stories, kept)

    @cached_property
    def _passages(self) -> tuple[Any, RepeatedRows]:
        """The passages with the rows of their windows; none unless nearly all windows have one."""
        pairs: list[tuple[int, int]] = []
        places = {key: row for row, key in enumerate(self._store.passages.keys)}
        for document in sorted(self._reader.passages) if self._store.covering_passages else ():
            plain, place = self._reader.plain_speech(document), 0
            while (row := places.get(key_of_window(plain, place))) is not None:
                pairs.append((document, row))
                place += 1
        return _with_rows(self._store.passages, pairs)

    @cached_property
    def _mean(self) -> Vectors:
        return self._stories[1].mean()

    @cached_property
    def _spread(self) -> float:
        """The standard deviation of the cosines between a story and all stories; a mean over those drawn evenly."""
        sample = self._sample.copy()
        sample[:, base_of(self._embedder).dimensions :] = 0
        _, deviations = self._means_and_deviations(np.stack([self._apart(row) for row in sample]))
        return float(deviations.mean())

    @cached_property
    def _sample(self) -> Vectors:
        documents, rows = self._stories
        return rows[drawn_evenly(len(documents))]

    @cached_property
    def _common(self) -> Vectors:
        """The directions that all stories share."""
        return self._store.common

    @cached_property
    def _words(self) -> tuple[list[str], Vectors | PackedRows, Vectors] | None:
        return self._store.words

    def _apart(self, vector: Vectors) -> Vectors:
        """``vector`` without what all stories share, of length 1."""
        common = self._common
        apart = vector - (common @ vector) @ common
        unit: Vectors = apart / (float((apart**2).sum()) ** 0.5 or 1.0)
        return unit


def drawn_evenly(count: int) -> list[int]:
    """The places of up to ``SPREAD_SAMPLE`` of ``count`` things, at equal distances."""
    places: list[int] = np.linspace(0, count - 1, min(count, tuning.SPREAD_SAMPLE)).astype(int).tolist()
    return places


def _with_rows(kept: KeyedRows, pairs: Sequence[tuple[int, int]]) -> tuple[Any, RepeatedRows]:
    """Documents and their rows, from pairs of document and row."""
    documents = np.asarray([document for document, _ in pairs], dtype=np.int64)
    return documents, RepeatedRows(kept.rows, [row for _, row in pairs])


def _deviations(cosines: Vectors) -> Vectors:
    """How many standard deviations each cosine is above the mean. In 64 bits, so that their order does not matter."""
    mean, spread = cosines.mean(dtype=np.float64), cosines.std(dtype=np.float64)
    deviations: Vectors = ((cosines - mean) / (spread or 1.0)).astype(np.float32)
    return deviations


def _nearest(text: str, words: Sequence[str], likenesses: Vectors) -> tuple[Expansion, ...]:
    alike = np.flatnonzero(likenesses >= tuning.MIN_WORD_LIKENESS)
    weighed = zip(likenesses[alike].tolist(), map(words.__getitem__, alike.tolist()), strict=True)
    best = nlargest(tuning.MAX_NEAR_WORDS, (one for one in weighed if one[1] != text))
    return tuple(
        Expansion(word, tuning.MEANING_SHARE * (one - tuning.MEANING_ZERO) / (1 - tuning.MEANING_ZERO), _MEANING)
        for one, word in best
    )
