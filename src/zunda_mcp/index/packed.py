"""The packed codec: a Whoosh codec that keeps the postings of a term as one block that is read in one slice.

Whoosh's own codec keeps blocks of 128 postings as compressed pickles and walks them posting by posting. Here a term
has one block in the postings file::

    "ZPK1"                                    once, at the start of the file
    documents: uint32 x n, impacts: uint8 x n     per term with two or more postings, documents ascending

and in Whoosh's ordered hash of terms a value of 13 bytes: ``n`` (uint32), the greatest impact (uint8), and the
offset of the block (uint64), or for a single posting ``document << 8 | impact`` in its place. All numbers are
little-endian whatever the machine. There is no pickle in either file's postings and nothing to decompress.

The files stay apart (no compound file) and are mapped, not read: Whoosh would copy each part of a compound file into
memory when it opens one. Everything else of a segment (columns, stored fields, deletions) is Whoosh's own.
"""

from __future__ import annotations

import mmap
import struct
import sys
from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from whoosh.codec.whoosh3 import W3Codec, W3FieldWriter, W3Segment, W3TermsReader
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile
from whoosh.matching import ListMatcher
from whoosh.reading import TermInfo, TermNotFound

from zunda_mcp.index.pool import TermPostings

_MAGIC = b"ZPK1"
_VALUE = struct.Struct("<IBQ")
_FIELD = struct.Struct("!H")
_LITTLE = sys.byteorder == "little"


class PackedCodec(W3Codec):  # type: ignore[misc]
    """Whoosh's third codec with packed postings."""

    length_stats = False

    def field_writer(self, storage: Any, segment: Any) -> PackedFieldWriter:
        return PackedFieldWriter(self, storage, segment)

    def terms_reader(self, storage: Any, segment: Any) -> PackedTermsReader:
        name = segment.make_filename(self.TERMS_EXT)
        postings = segment.open_file(storage, self.POSTS_EXT)
        return PackedTermsReader(self, storage.open_file(name), storage.file_length(name), postings)

    def new_segment(self, storage: Any, indexname: str) -> PackedSegment:
        return PackedSegment(self, indexname)


class PackedSegment(W3Segment):  # type: ignore[misc]
    """A segment whose files stay apart, so that each can be mapped."""

    def should_assemble(self) -> bool:
        return False


class PackedFieldWriter(W3FieldWriter):  # type: ignore[misc]
    """Writes the blocks of all terms, given in the order of fields and terms."""

    def add_postings(self, schema: Any, lengths: Any, items: Iterable[TermPostings]) -> None:
        file, terms, numbers = self._postfile, self._tindex, self._fieldmap
        file.write(_MAGIC)
        offset = len(_MAGIC)
        for field, term, packed in items:
            number = numbers.setdefault(field, len(numbers))
            impacts = bytes([posting & 255 for posting in packed])
            if len(packed) == 1:
                where = packed[0]
            else:
                block = _little(array("I", [posting >> 8 for posting in packed])).tobytes() + impacts
                file.write(block)
                where, offset = offset, offset + len(block)
            terms.add(_FIELD.pack(number) + term, _VALUE.pack(len(packed), max(impacts), where))


class PackedTermsReader(W3TermsReader):  # type: ignore[misc]
    """Finds the block of a term."""

    def block(self, field: str, term: bytes) -> tuple[array[int], bytes] | None:
        """Documents in ascending order and their impacts, or None for a term that is not there."""
        try:
            start, _ = self._range_for_key(field, term)
        except KeyError:
            return None
        count, _, where = _VALUE.unpack(self._dbfile.get(start, _VALUE.size))
        if count == 1:
            return array("I", (where >> 8,)), bytes((where & 255,))
        data = self._postfile.get(where, 5 * count)
        documents: array[int] = array("I")
        documents.frombytes(data[: 4 * count])
        return _little(documents), data[4 * count :]

    def count(self, field: str, term: bytes) -> int:
        """How many documents hold a term, deleted ones included; 0 for one that is not there."""
        for start, _ in self._tindex.ranges_for_key(self._keycoder(field, term)):
            count: int = _VALUE.unpack(self._dbfile.get(start, _VALUE.size))[0]
            return count
        return 0

    def term_info(self, field: str, term: bytes) -> TermInfo:
        start = self._found(field, term)
        count, greatest, _ = _VALUE.unpack(self._dbfile.get(start, _VALUE.size))
        return TermInfo(weight=float(count), df=count, maxweight=float(greatest))

    def frequency(self, field: str, term: bytes) -> float:
        return float(self.doc_frequency(field, term))

    def doc_frequency(self, field: str, term: bytes) -> int:
        self._found(field, term)
        return self.count(field, term)

    def matcher(self, field: str, term: bytes, format_: Any, scorer: Any = None) -> Any:
        """The postings as Whoosh's own tools read them; used by Whoosh when it merges segments."""
        block = self.block(field, term)
        if block is None:
            msg = f"No term {field}:{term!r}"
            raise TermNotFound(msg)
        documents, impacts = block
        return ListMatcher(list(documents), [float(i) for i in impacts], format=format_, scorer=scorer)

    def items(self) -> Any:
        return ((key, self.term_info(*key)) for key in self.terms())

    def items_from(self, field: str, prefix: bytes) -> Any:
        return ((key, self.term_info(*key)) for key in self.terms_from(field, prefix))

    def _found(self, field: str, term: bytes) -> int:
        try:
            start: int = self._range_for_key(field, term)[0]
        except KeyError:
            msg = f"No term {field}:{term!r}"
            raise TermNotFound(msg) from None
        return start


class MappedStorage(FileStorage):  # type: ignore[misc]
    """A folder whose files are mapped into memory when they are opened, and never copied."""

    def open_file(self, name: str, **kwargs: Any) -> StructFile:
        path = Path(self.folder) / name
        if path.stat().st_size == 0:
            return super().open_file(name, **kwargs)
        with path.open("rb") as file:
            return MappedFile(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), name=name, **kwargs)


class MappedFile(StructFile):  # type: ignore[misc]
    """A mapped file; ``get`` reads at a position without moving one, so threads do not disturb each other."""

    def __init__(self, mapped: mmap.mmap, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(mapped, name=name, **kwargs)
        self.is_real = False

    def get(self, position: int, length: int) -> bytes:
        return self.file[position : position + length]  # type: ignore[no-any-return]

    def get_array(self, position: int, typecode: str, length: int) -> array[int]:
        values: array[int] = array(typecode)
        values.frombytes(self.get(position, length * values.itemsize))
        return _big(values)


def _little(values: array[int]) -> array[int]:
    if not _LITTLE:
        values.byteswap()
    return values


def _big(values: array[int]) -> array[int]:
    if _LITTLE:
        values.byteswap()
    return values
