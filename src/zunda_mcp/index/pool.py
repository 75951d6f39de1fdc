"""Postings in memory while an index is written: arrays by term instead of Whoosh's pool of sorted tuples.

A posting is one unsigned integer, document number and impact together (``document << 8 | impact``), appended to the
array of its term; documents come in ascending order, so an array is sorted as it grows. When the arrays hold more
than ``limit`` postings they are written to a temporary file in the order of terms and begun anew; at the end all such
runs are merged, so that memory stays bounded however large the archive is.
"""

from __future__ import annotations

import heapq
import tempfile
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple

MAX_DOCUMENT = (1 << 24) - 1
_LIMIT = 12_000_000
_HEADER = 12


class TermPostings(NamedTuple):
    """All postings of one term; ``packed`` is ``array("I")`` of ``document << 8 | impact``."""

    field: str
    term: bytes
    packed: array[int]


class ArrayPool:
    """Takes the place of ``whoosh.writing.PostingPool`` in a writer of ours (the same three methods).

    ``leaving`` is told the terms of a field whenever they leave memory, so each at least once.
    Temporary files are made in ``folder``, else where the system has them.
    """

    def __init__(
        self,
        limit: int = _LIMIT,
        leaving: Callable[[str, Iterable[str]], None] | None = None,
        folder: Path | None = None,
    ) -> None:
        self._leaving = leaving
        self._folder = folder
        self._lists = _empty()
        self._count = 0
        self._limit = limit
        self._runs: list[_Run] = []

    def add(self, item: tuple[str, Any, int, float, bytes]) -> None:
        """One item as ``SegmentWriter`` gives it: a whole document's ``{term: impact}``, or a single posting."""
        field, terms, document, weight, _ = item
        if document > MAX_DOCUMENT:
            msg = f"A segment holds at most {MAX_DOCUMENT + 1} documents."
            raise ValueError(msg)
        if not isinstance(terms, Mapping):
            terms = {terms.decode("utf-8", "surrogatepass"): max(1, min(255, round(weight)))}
        lists = self._lists[field]
        base = document << 8
        for term, impact in terms.items():
            lists[term].append(base | impact)
        self._count += len(terms)
        if self._count >= self._limit:
            self._spill()

    def add_packed(self, field: str, term: bytes, packed: array[int]) -> None:
        """Postings of one term, in the order of their documents, none of which is smaller than those added before."""
        if not packed:
            return
        self._lists[field][term.decode("utf-8", "surrogatepass")].extend(packed)
        self._count += len(packed)
        if self._count >= self._limit:
            self._spill()

    def iter_postings(self) -> Iterator[TermPostings]:
        """Every term once, in the order of fields and terms."""
        if not self._runs:
            yield from self._in_memory()
            return
        self._spill()
        merged = heapq.merge(*(run.read() for run in self._runs), key=lambda postings: postings[:2])
        current: TermPostings | None = None
        for postings in merged:
            if current is not None and current[:2] == postings[:2]:
                current.packed.extend(postings.packed)
                continue
            if current is not None:
                yield current
            current = postings
        if current is not None:
            yield current

    def cleanup(self) -> None:
        """Let go of arrays and temporary files."""
        self._lists.clear()
        for run in self._runs:
            run.close()
        self._runs.clear()

    def _in_memory(self) -> Iterator[TermPostings]:
        for field in sorted(self._lists):
            lists = self._lists[field]
            if self._leaving is not None:
                self._leaving(field, lists)
            for term in sorted(lists):
                yield TermPostings(field, term.encode("utf-8", "surrogatepass"), lists[term])

    def _spill(self) -> None:
        run = _Run(self._in_memory(), self._folder)
        self._runs.append(run)
        self._lists = _empty()
        self._count = 0


def _empty() -> dict[str, dict[str, array[int]]]:
    return defaultdict(lambda: defaultdict(partial(array, "I")))


class _Run:
    """A sorted run of postings in a temporary file."""

    def __init__(self, postings: Iterable[TermPostings], folder: Path | None) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="run-", dir=folder)  # noqa: SIM115  (lives as long as the run)
        for field, term, packed in postings:
            name = field.encode("ascii")
            for number in (len(name), len(term), len(packed)):
                self._file.write(number.to_bytes(4, "little"))
            self._file.write(name + term)
            packed.tofile(self._file)

    def read(self) -> Iterator[TermPostings]:
        """The postings from the beginning."""
        self._file.seek(0)
        while header := self._file.read(_HEADER):
            field_size, term_size, count = (int.from_bytes(header[i : i + 4], "little") for i in (0, 4, 8))
            field = self._file.read(field_size).decode("ascii")
            term = self._file.read(term_size)
            packed: array[int] = array("I")
            packed.frombytes(self._file.read(count * packed.itemsize))
            yield TermPostings(field, term, packed)

    def close(self) -> None:
        """Remove the file."""
        self._file.close()
