"""The packed codec: a Whoosh codec that keeps the postings of a term as one block that is read in one slice.

Whoosh's own codec keeps blocks of 128 postings as compressed pickles and walks them posting by posting; the format
that stands in its place is that of ``zunda_mcp.index.blocks``. The files of a segment stay apart (no compound file) so
that each can be mapped: Whoosh would copy every part of a compound file into memory when it opens one. Everything
else of a segment (columns, deletions) is Whoosh's own, and Whoosh's own tools can read and merge what is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from whoosh.codec.base import FieldWriter, TermsReader
from whoosh.codec.whoosh3 import W3Codec, W3Segment
from whoosh.fields import Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, FileIndex
from whoosh.matching import ListMatcher
from whoosh.reading import TermInfo, TermNotFound

from zunda_mcp.index.blocks import MAGIC, TermBlocks
from zunda_mcp.index.catalog import SegmentEntry
from zunda_mcp.index.dictionary import DictionaryWriter, TermDictionary, TermValue
from zunda_mcp.index.mapped import MappedFile, little_endian
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
        dictionary = TermDictionary(segment.open_file(storage, self.TERMS_EXT))
        return PackedTermsReader(TermBlocks(dictionary, segment.open_file(storage, self.POSTS_EXT)))

    def new_segment(self, storage: Any, indexname: str) -> PackedSegment:
        return PackedSegment(self, indexname)


class PackedSegment(W3Segment):  # type: ignore[misc]
    """A segment whose files stay apart, so that each can be mapped."""

    def should_assemble(self) -> bool:
        return False


class KnownIndex(FileIndex):  # type: ignore[misc]
    """An index whose schema and segments are told and not read.

    Whoosh keeps both as pickles in a table of contents, and reading a pickle can run code: so that file is written,
    for Whoosh's own tools, and never opened. Of the one that lies there only the number in its name counts.
    """

    def __init__(self, storage: MappedStorage, schema: Schema, segments: Iterable[SegmentEntry]) -> None:
        self.storage = storage
        self.indexname = "MAIN"
        self._schema = schema
        self._known = [_segment(entry, self.indexname) for entry in segments]

    def _read_toc(self) -> TOC:
        return TOC(self._schema, self._known, max(self.latest_generation(), 0))


def _segment(entry: SegmentEntry, index: str) -> PackedSegment:
    identity = entry.name.removeprefix(f"{index}_")
    return PackedSegment(PackedCodec(), index, entry.documents, identity, set(entry.deleted) or None)


class PackedFieldWriter(FieldWriter):  # type: ignore[misc]
    """Writes the blocks of all terms, given in the order of fields and terms."""

    def __init__(self, codec: PackedCodec, storage: Any, segment: Any) -> None:
        self._terms = segment.create_file(storage, codec.TERMS_EXT)
        self._postings = segment.create_file(storage, codec.POSTS_EXT)
        self.is_closed = False

    def add_postings(self, schema: Any, lengths: Any, items: Iterable[TermPostings]) -> None:
        write, dictionary = self._postings.write, DictionaryWriter()
        write(MAGIC)
        offset = len(MAGIC)
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


class PackedTermsReader(TermsReader):  # type: ignore[misc]
    """The blocks of a segment as Whoosh's own readers ask for them, term by term."""

    def __init__(self, blocks: TermBlocks) -> None:
        self.blocks = blocks

    def __contains__(self, key: tuple[str, bytes]) -> bool:
        return self.blocks.count(*key) > 0

    def indexed_field_names(self) -> Any:
        return self.blocks.dictionary.fields.keys()

    def terms(self) -> Any:
        for field in self.blocks.dictionary.fields:
            yield from self.terms_from(field, b"")

    def terms_from(self, field: str, prefix: bytes) -> Any:
        dictionary = self.blocks.dictionary
        return ((field, dictionary.term(place)) for place in dictionary.starting_at(field, prefix))

    def term_info(self, field: str, term: bytes) -> TermInfo:
        count = self.doc_frequency(field, term)
        if not count:
            msg = f"No term {field}:{term!r}"
            raise TermNotFound(msg)
        return TermInfo(weight=float(count), df=count, maxweight=float(self.blocks.greatest(field, term)))

    def frequency(self, field: str, term: bytes) -> float:
        return float(self.doc_frequency(field, term))

    def doc_frequency(self, field: str, term: bytes) -> int:
        return self.blocks.count(field, term)

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

    def close(self) -> None:
        self.blocks.close()
