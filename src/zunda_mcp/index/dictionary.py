"""The dictionary of a segment: its terms in order, and for each the numbers that lead to its postings.

::

    "ZTD1"  terms: uint32  size of all terms: uint64  fields: uint8
    name size: uint8, name: ASCII, end: uint32        per field, in order; its terms end before the number ``end``
    count: uint32, greatest: uint8, where: uint64     per term, see ``zunda_mcp.index.blocks``
    begin: uint32 x (terms + 1)                       where each term begins in the bytes that follow
    terms                                             UTF-8, one after the other

All numbers are little-endian whatever the machine. A term is found by bisection, so nothing but the beginnings is
read into memory. Whoosh's own dictionary is a hash of three times the size that takes a Python call a term to build.
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any, NamedTuple

from zunda_mcp.index.mapped import MappedFile, little_endian

MAGIC = b"ZTD1"
_HEAD = struct.Struct("<4sIQB")
_FIELD = struct.Struct("<BI")
_VALUE = struct.Struct("<IBQ")


class TermValue(NamedTuple):
    """How many documents hold a term, its greatest impact, and where its block begins (or its only posting)."""

    documents: int
    greatest: int
    where: int


class DictionaryWriter:
    """Takes terms in the order of fields and terms."""

    def __init__(self) -> None:
        self._fields: dict[str, int] = {}
        self._values = bytearray()
        self._begins: array[int] = array("I", (0,))
        self._terms: list[bytes] = []
        self._size = 0

    def add(self, field: str, term: bytes, value: TermValue) -> None:
        """The next term."""
        self._size += len(term)
        self._terms.append(term)
        self._begins.append(self._size)
        self._values += _VALUE.pack(*value)
        self._fields[field] = len(self._terms)

    def write(self, file: Any) -> None:
        """Write the whole dictionary to an open file."""
        file.write(_HEAD.pack(MAGIC, len(self._terms), self._size, len(self._fields)))
        for field, end in self._fields.items():
            name = field.encode("ascii")
            file.write(_FIELD.pack(len(name), end)[:1] + name + _FIELD.pack(len(name), end)[1:])
        file.write(bytes(self._values))
        file.write(little_endian(self._begins).tobytes())
        file.write(b"".join(self._terms))


class TermDictionary:
    """The dictionary of one segment over its mapped file. Thread-safe. Raises ``ValueError`` where it is damaged."""

    def __init__(self, file: MappedFile) -> None:
        self._file = file
        head = file.get(0, _HEAD.size)
        if len(head) < _HEAD.size or head[:4] != MAGIC:
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
        self._begins: array[int] = array("I")
        self._begins.frombytes(file.get(at + count * _VALUE.size, 4 * (count + 1)))
        little_endian(self._begins)
        self._terms = at + count * _VALUE.size + 4 * (count + 1)
        if file.length != self._terms + size:
            msg = "The dictionary of terms is not as long as it should be."
            raise ValueError(msg)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def find(self, field: str, term: bytes) -> TermValue | None:
        """The numbers of a term, or None for one that is not there."""
        places = self.fields.get(field)
        if places is None:
            return None
        at = self._place(places, term)
        return self.value(at) if at < places.stop and self.term(at) == term else None

    def matching(self, field: str, prefix: bytes) -> Iterator[int]:
        """The places of the terms of a field that begin with ``prefix``, in order."""
        for place in self.starting_at(field, prefix):
            if not self.term(place).startswith(prefix):
                return
            yield place

    def starting_at(self, field: str, term: bytes) -> range:
        """The places of the terms of a field from ``term`` on."""
        places = self.fields.get(field, range(0))
        return range(self._place(places, term), places.stop)

    def term(self, place: int) -> bytes:
        """The term at a place."""
        begin = self._begins[place]
        return self._file.get(self._terms + begin, self._begins[place + 1] - begin)

    def value(self, place: int) -> TermValue:
        """The numbers of the term at a place."""
        return TermValue(*_VALUE.unpack(self._file.get(self._values + place * _VALUE.size, _VALUE.size)))

    def _place(self, places: range, term: bytes) -> int:
        return bisect_left(places, term, key=self.term) + places.start
