"""Segments of the index, read from files that are mapped into memory: their columns, terms and postings.

The generation's ``meta.json`` lists the segments, their sizes, and their deleted documents. A mapped file is read by
position, never copied whole, and shared by threads without a lock. Besides its columns, a segment has two files of a
packed format. The postings::

    "ZPK1"                                        once, at the start of the file
    documents: uint32 x n, impacts: uint8 x n     per term with two or more postings, documents ascending

The dictionary has its terms in order, and for each how many postings it has, the greatest impact, and the offset of its
block; for a single posting, ``document << 8 | impact`` replaces the offset::

    "ZTD1"  terms: uint32  size of all terms: uint64  fields: uint8
    name size: uint8, name: ASCII, end: uint32        per field, in order; its terms end before the number ``end``
    count: uint32, greatest: uint8, where: uint64     per term
    begin: uint32 x (terms + 1)                       where each term begins in the bytes that follow
    terms                                             UTF-8, one after the other

All numbers are little-endian on every machine; nothing is pickled or compressed. A term is found by bisection, so only
the beginnings are read into memory. Whoosh's own dictionary is a hash, three times as large, which takes a Python call
a term to build.
"""

from __future__ import annotations

import mmap
import struct
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from whoosh import columns
from whoosh.filedb.structfile import StructFile

from zunda_mcp.index.catalog import SegmentEntry
from zunda_mcp.index.schema import DAY, ENTRY, ITEM, MOMENTS, NAMES, PLAIN, PLAIN_SPEECH, RECORD, SPEECH, UNDATED

__all__ = [
    "COLUMNS", "POSTINGS_MAGIC", "DictionaryWriter", "MappedFile", "Segment", "TermBlocks", "TermDictionary",
    "TermValue", "column_file", "little_endian",
]  # fmt: skip

_LITTLE = sys.byteorder == "little"


def little_endian(values: array[int]) -> array[int]:
    """Return ``values`` with their bytes as on disk, or back from there; changed in place."""
    if not _LITTLE:
        values.byteswap()
    return values


class MappedFile(StructFile):
    """A mapped file with Whoosh's interface; ``get`` does not move a position, so threads do not disturb each other."""

    def __init__(self, path: Path, **kwargs: Any) -> None:
        with path.open("rb") as file:
            self.length = path.stat().st_size
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if self.length else BytesIO()
        super().__init__(mapped, name=path.name, **kwargs)
        self.is_real = False

    def get(self, position: int, length: int) -> bytes:
        return self.file[position : position + length] if self.length else b""

    def get_array(self, position: int, typecode: str, length: int) -> array[int]:
        values: array[int] = array(typecode)
        values.frombytes(self.get(position, length * values.itemsize))
        if _LITTLE:
            values.byteswap()
        return values


POSTINGS_MAGIC = b"ZPK1"


class TermBlocks:
    """The terms of one segment and their postings. Thread-safe over mapped files."""

    def __init__(self, dictionary: TermDictionary, postings: MappedFile) -> None:
        self.dictionary = dictionary
        self._postings = postings

    def close(self) -> None:
        """Close both files."""
        self.dictionary.close()
        self._postings.close()

    def block(self, field: str, term: bytes) -> tuple[array[int], bytes] | None:
        """Return documents in ascending order and their impacts, or None for a term that the segment does not have."""
        value = self.dictionary.find(field, term)
        return None if value is None else self._read(value)

    def blocks(self) -> Iterator[tuple[str, bytes, array[int], bytes]]:
        """Yield every block in order of fields and terms: field, term, documents, impacts."""
        for field, places in self.dictionary.fields.items():
            for place in places:
                yield field, self.dictionary.term(place), *self._read(self.dictionary.value(place))

    def count(self, field: str, term: bytes) -> int:
        """Return how many documents have a term, deleted ones included; 0 for a term that the segment does not have."""
        value = self.dictionary.find(field, term)
        return value.documents if value else 0

    def terms_from(self, field: str, prefix: bytes) -> Iterator[bytes]:
        """Yield the terms of a field that begin with ``prefix``, in order."""
        return map(self.dictionary.term, self.dictionary.matching(field, prefix))

    def _read(self, value: TermValue) -> tuple[array[int], bytes]:
        count, _, where = value
        if count == 1:
            return array("I", (where >> 8,)), bytes((where & 255,))
        data = self._postings.get(where, 5 * count)
        documents: array[int] = array("I")
        documents.frombytes(data[: 4 * count])
        return little_endian(documents), data[4 * count :]


_DICTIONARY_MAGIC = b"ZTD1"
_HEAD = struct.Struct("<4sIQB")
_FIELD = struct.Struct("<BI")
_VALUE = struct.Struct("<IBQ")
_SAMPLED = 64  # one of so many terms is kept in memory, which saves two thirds of the steps of a bisection


class TermValue(NamedTuple):
    """How many documents have a term, its greatest impact, and where its block begins (or its only posting)."""

    documents: int
    greatest: int
    where: int


class DictionaryWriter:
    """Writes a dictionary of terms, which are added in order of fields and terms."""

    def __init__(self) -> None:
        self._fields: dict[str, int] = {}
        self._values = bytearray()
        self._begins: array[int] = array("I", (0,))
        self._terms: list[bytes] = []
        self._size = 0

    def add(self, field: str, term: bytes, value: TermValue) -> None:
        """Add the next term."""
        self._size += len(term)
        self._terms.append(term)
        self._begins.append(self._size)
        self._values += _VALUE.pack(*value)
        self._fields[field] = len(self._terms)

    def write(self, file: Any) -> None:
        """Write the whole dictionary to an open file."""
        file.write(_HEAD.pack(_DICTIONARY_MAGIC, len(self._terms), self._size, len(self._fields)))
        for field, end in self._fields.items():
            name = field.encode("ascii")
            file.write(_FIELD.pack(len(name), end)[:1] + name + _FIELD.pack(len(name), end)[1:])
        file.write(bytes(self._values))
        file.write(little_endian(self._begins).tobytes())
        file.write(b"".join(self._terms))


class TermDictionary:
    """The dictionary of one segment over its mapped file. Thread-safe. Raises ``ValueError`` if it is damaged."""

    def __init__(self, file: MappedFile) -> None:
        self._file = file
        head = file.get(0, _HEAD.size)
        if len(head) < _HEAD.size or head[:4] != _DICTIONARY_MAGIC:
            msg = "The dictionary of terms does not begin as it should."
            raise ValueError(msg)
        _, count, size, fields = _HEAD.unpack(head)
        at, start = _HEAD.size, 0
        self.fields: dict[str, range] = {}
        for _ in range(fields):
            length = file.get(at, 1)[0]
            name = file.get(at + 1, length).decode("ascii")
            (end,) = struct.unpack("<I", file.get(at + 1 + length, 4))
            self.fields[name] = range(start, end)
            at, start = at + 5 + length, end
        self._values = at
        self._sampled: dict[range, list[bytes]] = {}
        self._begins: array[int] = array("I")
        self._begins.frombytes(file.get(at + count * _VALUE.size, 4 * (count + 1)))
        little_endian(self._begins)
        self._terms = at + count * _VALUE.size + 4 * (count + 1)
        if file.length != self._terms + size:
            msg = "The dictionary of terms is not as long as it should be."
            raise ValueError(msg)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def find(self, field: str, term: bytes) -> TermValue | None:
        """Return the value of a term, or None if the segment does not have it."""
        places = self.fields.get(field)
        if places is None:
            return None
        at = self._place(places, term)
        return self.value(at) if at < places.stop and self.term(at) == term else None

    def matching(self, field: str, prefix: bytes) -> Iterator[int]:
        """Yield the places of the terms of a field that begin with ``prefix``, in order."""
        for place in self.starting_at(field, prefix):
            if not self.term(place).startswith(prefix):
                return
            yield place

    def starting_at(self, field: str, term: bytes) -> range:
        """Return the places of the terms of a field from ``term`` on."""
        places = self.fields.get(field, range(0))
        return range(self._place(places, term), places.stop)

    def term(self, place: int) -> bytes:
        begin = self._begins[place]
        return self._file.get(self._terms + begin, self._begins[place + 1] - begin)

    def value(self, place: int) -> TermValue:
        """Return the value of the term at a place."""
        return TermValue(*_VALUE.unpack(self._file.get(self._values + place * _VALUE.size, _VALUE.size)))

    def _place(self, places: range, term: bytes) -> int:
        """The place of the first of ``places`` whose term is not before ``term``: among every 64th, then in between."""
        sampled = self._sampled.get(places)
        if sampled is None:
            sampled = self._sampled[places] = [self.term(place) for place in places[::_SAMPLED]]
        after = bisect_left(sampled, term)
        between, begins = places[max(after - 1, 0) * _SAMPLED : after * _SAMPLED], self._begins
        low, high, base = between.start, between.stop, begins[between.start]
        text = self._file.get(self._terms + base, begins[high] - base)
        while low < high:  # inlined for speed: a question looks up a hundred terms
            middle = (low + high) // 2
            if text[begins[middle] - base : begins[middle + 1] - base] < term:
                low = middle + 1
            else:
                high = middle
        return low


COLUMNS: dict[str, Any] = {
    ITEM: columns.VarBytesColumn(),
    DAY: columns.NumericColumn("i"),
    PLAIN: columns.VarBytesColumn(),
    RECORD: columns.CompressedBytesColumn(),
    ENTRY: columns.VarBytesColumn(),
    NAMES: columns.CompressedBytesColumn(),
    PLAIN_SPEECH: columns.VarBytesColumn(),
    SPEECH: columns.CompressedBytesColumn(),
    MOMENTS: columns.VarBytesColumn(),
}


def column_file(segment: str, column: str) -> str:
    """Return the name of the file that has a column of a segment."""
    return f"{segment}.{column}.col"


class Segment:
    """An open segment; in the generation its documents are numbered from ``offset`` on."""

    def __init__(self, folder: Path, entry: SegmentEntry, offset: int) -> None:
        self.offset = offset
        self.size = entry.documents
        self.deleted = frozenset(entry.deleted)
        self.in_order = entry.in_order
        self._present = frozenset(entry.columns)
        self._folder = folder
        self._name = entry.name
        self._columns: dict[str, Any] = {}
        dictionary = TermDictionary(MappedFile(folder / f"{entry.name}.trm"))
        self.terms = TermBlocks(dictionary, MappedFile(folder / f"{entry.name}.pst"))

    def close(self) -> None:
        """Close the files."""
        self.terms.close()
        for _, file in self._columns.values():
            file.close()

    def live_count(self, field: str, term: bytes) -> int:
        """Return how many documents that are not deleted have a term."""
        count = self.terms.count(field, term)
        if not count or not self.deleted:
            return count
        block = self.terms.block(field, term)
        return sum(number not in self.deleted for number in block[0]) if block else 0

    def holds(self, field: str, term: bytes) -> bool:
        """Whether a document that is not deleted has a term."""
        if not self.deleted:
            return self.terms.count(field, term) > 0
        block = self.terms.block(field, term)
        return block is not None and any(number not in self.deleted for number in block[0])

    def column(self, name: str) -> Any:
        """Return the values of a column by document number within the segment. A column without any value has no file;
        it has the default value everywhere.

        Raises ``FileNotFoundError`` if the segment has the column but its file is gone.
        """
        if name not in self._present:
            return columns.EmptyColumnReader(UNDATED if name == DAY else b"", self.size)
        opened = self._columns.get(name)
        if opened is None:
            file = MappedFile(self._folder / column_file(self._name, name))
            values = COLUMNS[name].reader(file, 0, file.length, self.size)
            opened = self._columns[name] = (values, file)
        return opened[0]
