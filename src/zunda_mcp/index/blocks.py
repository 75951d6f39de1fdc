"""The packed format of postings: where the block of a term lies and how it is read.

::

    "ZPK1"                                        once, at the start of the postings file
    documents: uint32 x n, impacts: uint8 x n     per term with two or more postings, documents ascending

The dictionary (``zunda_mcp.index.dictionary``) holds for each term ``n``, the greatest impact, and the offset of the
block, or for a single posting ``document << 8 | impact`` in its place. All numbers are little-endian whatever the
machine. Nothing is pickled or compressed.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from zunda_mcp.index.dictionary import TermDictionary, TermValue
from zunda_mcp.index.mapped import MappedFile, little_endian

MAGIC = b"ZPK1"


class TermBlocks:
    """The terms of one segment and their postings. Thread-safe over mapped files."""

    def __init__(self, dictionary: TermDictionary, postings: MappedFile) -> None:
        self.dictionary = dictionary
        self._postings = postings

    def close(self) -> None:
        """Let go of both files."""
        self.dictionary.close()
        self._postings.close()

    def block(self, field: str, term: bytes) -> tuple[array[int], bytes] | None:
        """Documents in ascending order and their impacts, or None for a term that is not there."""
        value = self.dictionary.find(field, term)
        return None if value is None else self._read(value)

    def blocks(self) -> Iterator[tuple[str, bytes, array[int], bytes]]:
        """Every block: field, term, documents, impacts; in the order of fields and terms."""
        for field, places in self.dictionary.fields.items():
            for place in places:
                yield field, self.dictionary.term(place), *self._read(self.dictionary.value(place))

    def count(self, field: str, term: bytes) -> int:
        """How many documents hold a term, deleted ones included; 0 for one that is not there."""
        value = self.dictionary.find(field, term)
        return value.documents if value else 0

    def greatest(self, field: str, term: bytes) -> int:
        """The greatest impact of a term; 0 for one that is not there."""
        value = self.dictionary.find(field, term)
        return value.greatest if value else 0

    def terms_from(self, field: str, prefix: bytes) -> Iterator[bytes]:
        """The terms of a field that begin with ``prefix``, in order."""
        return map(self.dictionary.term, self.dictionary.matching(field, prefix))

    def _read(self, value: TermValue) -> tuple[array[int], bytes]:
        count, _, where = value
        if count == 1:
            return array("I", (where >> 8,)), bytes((where & 255,))
        data = self._postings.get(where, 5 * count)
        documents: array[int] = array("I")
        documents.frombytes(data[: 4 * count])
        return little_endian(documents), data[4 * count :]
