"""The packed format of postings: where the block of a term lies and how it is read.

::

    "ZPK1"                                    once, at the start of the postings file
    documents: uint32 x n, impacts: uint8 x n     per term with two or more postings, documents ascending

In Whoosh's ordered hash of terms a term has a value of 13 bytes: ``n`` (uint32), the greatest impact (uint8), and the
offset of the block (uint64), or for a single posting ``document << 8 | impact`` in its place. All these numbers are
little-endian whatever the machine. Nothing is pickled or compressed.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator
from typing import Any

MAGIC = b"ZPK1"
VALUE = struct.Struct("<IBQ")
FIELD = struct.Struct("!H")
_LITTLE = sys.byteorder == "little"


def little_endian(values: array[int]) -> array[int]:
    """``values`` with their bytes as they stand on disk, or back from there; changed in place."""
    if not _LITTLE:
        values.byteswap()
    return values


class TermBlocks:
    """The terms of one segment and their postings. Thread-safe over mapped files.

    ``terms`` is Whoosh's ordered hash (``whoosh.filedb.filetables.OrderedHashReader``), ``file`` the file it lies in,
    ``postings`` the file of blocks.
    """

    def __init__(self, terms: Any, file: Any, postings: Any) -> None:
        self._terms = terms
        self._file = file
        self._postings = postings
        self._fields: dict[str, int] = terms.extras["fieldmap"]

    def close(self) -> None:
        """Let go of both files."""
        self._terms.close()
        self._postings.close()

    def block(self, field: str, term: bytes) -> tuple[array[int], bytes] | None:
        """Documents in ascending order and their impacts, or None for a term that is not there."""
        value = self._value(field, term)
        if value is None:
            return None
        count, _, where = value
        if count == 1:
            return array("I", (where >> 8,)), bytes((where & 255,))
        data: bytes = self._postings.get(where, 5 * count)
        documents: array[int] = array("I")
        documents.frombytes(data[: 4 * count])
        return little_endian(documents), data[4 * count :]

    def blocks(self) -> Iterator[tuple[str, bytes, array[int], bytes]]:
        """Every block: field, term, documents, impacts; in the order of fields and terms."""
        names = {number: name for name, number in self._fields.items()}
        for key in self._terms.keys():  # noqa: SIM118  (an ordered hash, not a dict)
            field, term = names[FIELD.unpack_from(key)[0]], key[FIELD.size :]
            found = self.block(field, term)
            if found is not None:
                yield field, term, *found

    def count(self, field: str, term: bytes) -> int:
        """How many documents hold a term, deleted ones included; 0 for one that is not there."""
        value = self._value(field, term)
        return value[0] if value else 0

    def greatest(self, field: str, term: bytes) -> int:
        """The greatest impact of a term; 0 for one that is not there."""
        value = self._value(field, term)
        return value[1] if value else 0

    def terms_from(self, field: str, prefix: bytes) -> Iterator[bytes]:
        """The terms of a field that begin with ``prefix``, in order."""
        if field not in self._fields:
            return
        key = FIELD.pack(self._fields[field]) + prefix
        for found in self._terms.keys_from(key):
            if not found.startswith(key):
                break
            yield found[FIELD.size :]

    def _value(self, field: str, term: bytes) -> tuple[int, int, int] | None:
        number = self._fields.get(field)
        if number is None:
            return None
        for start, _ in self._terms.ranges_for_key(FIELD.pack(number) + term):
            count, greatest, where = VALUE.unpack(self._file.get(start, VALUE.size))
            return count, greatest, where
        return None
