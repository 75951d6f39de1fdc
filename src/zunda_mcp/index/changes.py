"""How the files of an archive differ from what an index knows of them, found without opening one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from zunda_mcp.archive import Scan, SourceFile
from zunda_mcp.index.catalog import FileEntry


@dataclass(frozen=True, slots=True)
class Changes:
    """How the files differ from a catalog: ``touched`` ones are new or have another size or time."""

    scan: Scan
    touched: tuple[SourceFile, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.touched or self.removed)

    @property
    def count(self) -> int:
        """How many files are new, touched or gone."""
        return len(self.touched) + len(self.removed)

    @property
    def bytes(self) -> int:
        """How much there is to read."""
        return sum(file.size for file in self.touched)


def compare(scan: Scan, files: Mapping[str, FileEntry]) -> Changes:
    """What a scan shows that a catalog does not know yet. Opens no file."""
    touched = []
    for file in scan.files:
        known = files.get(file.label)
        if known is None or known.size != file.size or known.mtime_ns != file.mtime_ns:
            touched.append(file)
    labels = {file.label for file in scan.files}
    return Changes(scan, tuple(touched), tuple(label for label in files if label not in labels))
