"""The packed codec: a Whoosh codec that keeps the postings of a term as one block that is read in one slice.

Whoosh's own codec keeps blocks of 128 postings as compressed pickles and walks them posting by posting; the format
that stands in its place is that of ``zunda_mcp.index.blocks``. The files of a segment stay apart (no compound file) so
that each can be mapped: Whoosh would copy every part of a compound file into memory when it opens one. Everything
else of a segment (columns, deletions) is Whoosh's own, and Whoosh's own tools can read and merge what is written.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from whoosh.codec.whoosh3 import W3Codec, W3FieldWriter, W3Segment, W3TermsReader
from whoosh.filedb.filestore import FileStorage
from whoosh.matching import ListMatcher
from whoosh.reading import TermInfo, TermNotFound

from zunda_mcp.index.blocks import FIELD, MAGIC, VALUE, TermBlocks, little_endian
from zunda_mcp.index.mapped import MappedFile
from zunda_mcp.index.pool import TermPostings


class MappedStorage(FileStorage):  # type: ignore[misc]
    """A folder of Whoosh's whose files are mapped when they are opened."""

    def open_file(self, name: str, **kwargs: Any) -> MappedFile:
        return MappedFile(Path(self.folder) / name, **kwargs)


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
        file.write(MAGIC)
        offset = len(MAGIC)
        for field, term, packed in items:
            number = numbers.setdefault(field, len(numbers))
            impacts = bytes([posting & 255 for posting in packed])
            if len(packed) == 1:
                where = packed[0]
            else:
                block = little_endian(array("I", [posting >> 8 for posting in packed])).tobytes() + impacts
                file.write(block)
                where, offset = offset, offset + len(block)
            terms.add(FIELD.pack(number) + term, VALUE.pack(len(packed), max(impacts), where))


class PackedTermsReader(W3TermsReader):  # type: ignore[misc]
    """The blocks of a segment as Whoosh's own readers ask for them, term by term; used when Whoosh merges segments."""

    def __init__(self, codec: PackedCodec, file: Any, length: int, postings: Any) -> None:
        super().__init__(codec, file, length, postings)
        self.blocks = TermBlocks(self._tindex, file, postings)

    def term_info(self, field: str, term: bytes) -> TermInfo:
        count = self.doc_frequency(field, term)
        return TermInfo(weight=float(count), df=count, maxweight=float(self.blocks.greatest(field, term)))

    def frequency(self, field: str, term: bytes) -> float:
        return float(self.doc_frequency(field, term))

    def doc_frequency(self, field: str, term: bytes) -> int:
        count = self.blocks.count(field, term)
        if not count:
            msg = f"No term {field}:{term!r}"
            raise TermNotFound(msg)
        return count

    def matcher(self, field: str, term: bytes, format_: Any, scorer: Any = None) -> Any:
        block = self.blocks.block(field, term)
        if block is None:
            msg = f"No term {field}:{term!r}"
            raise TermNotFound(msg)
        documents, impacts = block
        return ListMatcher(list(documents), [float(i) for i in impacts], format=format_, scorer=scorer)

    def items(self) -> Any:
        return ((key, self.term_info(*key)) for key in self.terms())

    def items_from(self, field: str, prefix: bytes) -> Any:
        return ((key, self.term_info(*key)) for key in self.terms_from(field, prefix))
