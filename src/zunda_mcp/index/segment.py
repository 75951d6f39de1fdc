"""An open segment of the Whoosh index: its terms with their postings, and its columns, read from mapped files.

Which segments there are, how large, and what is deleted in them stands in the generation's ``meta.json``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from whoosh import columns

from zunda_mcp.index.catalog import SegmentEntry
from zunda_mcp.index.postings import MappedFile, TermBlocks, TermDictionary
from zunda_mcp.index.schema import DAY, ENTRY, ITEM, MOMENTS, NAMES, PLAIN, PLAIN_SPEECH, RECORD, SPEECH, UNDATED

__all__ = ["COLUMNS", "Segment", "column_file"]

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
    """The name of the file that holds a column of a segment."""
    return f"{segment}.{column}.col"


class Segment:
    """An open segment; its documents are numbered from ``offset`` on in the whole generation."""

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
        """Let go of the files."""
        self.terms.close()
        for _, file in self._columns.values():
            file.close()

    def live_count(self, field: str, term: bytes) -> int:
        """How many documents that are not deleted hold a term."""
        count = self.terms.count(field, term)
        if not count or not self.deleted:
            return count
        block = self.terms.block(field, term)
        return sum(number not in self.deleted for number in block[0]) if block else 0

    def holds(self, field: str, term: bytes) -> bool:
        """Whether a document that is not deleted holds a term."""
        if not self.deleted:
            return self.terms.count(field, term) > 0
        block = self.terms.block(field, term)
        return block is not None and any(number not in self.deleted for number in block[0])

    def column(self, name: str) -> Any:
        """The values of a column by document number within the segment; the column's default value throughout where no
        document of the segment has one, since such a column has no file.

        Raises ``FileNotFoundError`` where the segment has the column and its file is gone.
        """
        if name not in self._present:
            return columns.EmptyColumnReader(UNDATED if name == DAY else b"", self.size)
        opened = self._columns.get(name)
        if opened is None:
            file = MappedFile(self._folder / column_file(self._name, name))
            values = COLUMNS[name].reader(file, 0, file.length, self.size)
            opened = self._columns[name] = (values, file)
        return opened[0]
