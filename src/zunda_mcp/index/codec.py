"""Writing postings: a pool that collects them in memory, and the Whoosh codec that writes them in a packed format.

A posting is one unsigned integer of document number and impact (``document << 8 | impact``), appended to the array of
its term. Documents come in ascending order, so arrays stay sorted. When they have more than ``limit`` postings, they
are written to a temporary file in order of terms, and new ones begin; at the end all these runs are merged, so memory
is bounded however large the archive is.

Whoosh's own codec stores blocks of 128 postings as compressed pickles and reads posting by posting. This one stores the
postings of a term as one block that is read in one slice (see ``postings``). The files of a segment stay separate (no
compound file) so that each can be mapped: Whoosh would copy every part of a compound file into memory. Everything else
of a segment (columns, deletions) is Whoosh's own.

Nothing is unpickled. Our own schema and the segments of ``meta.json`` replace Whoosh's table of contents, which is
written and never read; only ``zunda_mcp.index.postings`` reads terms; columns store plain or compressed bytes.
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

from whoosh.codec.base import FieldWriter, TermsReader
from whoosh.codec.whoosh3 import W3Codec, W3Segment
from whoosh.fields import Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, FileIndex

from zunda_mcp.index import index_tuning
from zunda_mcp.index.catalog import SegmentEntry
from zunda_mcp.index.postings import POSTINGS_MAGIC, DictionaryWriter, MappedFile, TermValue, little_endian

__all__ = ["MAX_DOCUMENT", "ArrayPool", "MappedStorage", "PackedCodec", "PresetIndex", "TermPostings"]

MAX_DOCUMENT = (1 << 24) - 1
_HEADER = 12


class TermPostings(NamedTuple):
    """All postings of one term; ``packed`` is ``array("I")`` of ``document << 8 | impact``."""

    field: str
    term: bytes
    packed: array[int]


class ArrayPool:
    """Replaces ``whoosh.writing.PostingPool`` in the writer (with the same three methods).

    ``leaving`` is called with the terms of a field whenever they leave memory, so at least once for each term.
    Temporary files are made in ``folder``, by default in the system's folder for them.
    """

    def __init__(
        self,
        limit: int = index_tuning.MAX_POSTINGS_IN_MEMORY,
        leaving: Callable[[str, Iterable[str]], None] | None = None,
        folder: Path | None = None,
    ) -> None:
        self._leaving = leaving
        self._folder = folder
        self._lists = _empty()
        self._count = 0
        self._limit = limit
        self._runs: list[_Run] = []

    def add(self, item: tuple[str, Mapping[str, int], int, float, bytes]) -> None:
        """Add the terms of one document, ``{term: impact}``, in the form in which ``SegmentWriter`` passes an item."""
        field, terms, document, _, _ = item
        if document > MAX_DOCUMENT:
            msg = f"A segment holds at most {MAX_DOCUMENT + 1} documents."
            raise ValueError(msg)
        lists = self._lists[field]
        base = document << 8
        for term, impact in terms.items():
            lists[term].append(base | impact)
        self._count += len(terms)
        if self._count >= self._limit:
            self._spill()

    def add_packed(self, field: str, term: bytes, packed: array[int]) -> None:
        """Add postings of one term, in order of documents, none of them before a document added earlier."""
        if not packed:
            return
        self._lists[field][term.decode("utf-8", "surrogatepass")].extend(packed)
        self._count += len(packed)
        if self._count >= self._limit:
            self._spill()

    def iter_postings(self) -> Iterator[TermPostings]:
        """Yield every term once, in order of fields and terms."""
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
        """Release arrays and temporary files."""
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
        """Yield the postings from the beginning."""
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


class MappedStorage(FileStorage):
    """A Whoosh folder whose files are mapped when they are opened."""

    def open_file(self, name: str, **kwargs: Any) -> MappedFile:
        return MappedFile(Path(self.folder) / name, **kwargs)


class PackedCodec(W3Codec):
    """Whoosh's third codec with packed postings."""

    length_stats = False

    def field_writer(self, storage: Any, segment: Any) -> _PackedFieldWriter:
        return _PackedFieldWriter(self, storage, segment)

    def terms_reader(self, storage: Any, segment: Any) -> TermsReader:
        return TermsReader()  # without terms: Whoosh reads only the columns

    def new_segment(self, storage: Any, indexname: str) -> _PackedSegment:
        return _PackedSegment(self, indexname)


class _PackedSegment(W3Segment):
    """A segment whose files stay apart, so that each can be mapped."""

    def should_assemble(self) -> bool:
        return False


class PresetIndex(FileIndex):
    """An index whose schema and segments are given, not read.

    Whoosh stores both as pickles in a table of contents, and reading a pickle can run code. So that file is written,
    for Whoosh's own tools, and never opened; of an existing one only the number in its name counts.
    """

    def __init__(self, storage: MappedStorage, schema: Schema, segments: Iterable[SegmentEntry]) -> None:
        self.storage = storage
        self.indexname = "MAIN"
        self._schema = schema
        self._known = [_segment(entry, self.indexname) for entry in segments]

    def _read_toc(self) -> TOC:
        return TOC(self._schema, self._known, max(self.latest_generation(), 0))


def _segment(entry: SegmentEntry, index: str) -> _PackedSegment:
    identity = entry.name.removeprefix(f"{index}_")
    return _PackedSegment(PackedCodec(), index, entry.documents, identity, set(entry.deleted) or None)


class _PackedFieldWriter(FieldWriter):
    """Writes the blocks of all terms, which come in order of fields and terms."""

    def __init__(self, codec: PackedCodec, storage: Any, segment: Any) -> None:
        self._terms = segment.create_file(storage, codec.TERMS_EXT)
        self._postings = segment.create_file(storage, codec.POSTS_EXT)
        self.is_closed = False

    def add_postings(self, schema: Any, lengths: Any, items: Iterable[TermPostings]) -> None:
        write, dictionary = self._postings.write, DictionaryWriter()
        write(POSTINGS_MAGIC)
        offset = len(POSTINGS_MAGIC)
        for field, term, packed in items:
            count = len(packed)
            if count == 1:
                dictionary.add(field, term, TermValue(1, packed[0] & 255, packed[0]))
                continue
            data = little_endian(packed).tobytes()
            documents, impacts = bytearray(4 * count), data[0::4]
            documents[0::4], documents[1::4], documents[2::4] = data[1::4], data[2::4], data[3::4]
            write(bytes(documents) + impacts)
            dictionary.add(field, term, TermValue(count, max(impacts), offset))
            offset += 5 * count
        dictionary.write(self._terms)

    def close(self) -> None:
        self._terms.close()
        self._postings.close()
        self.is_closed = True
