"""What is to be done for an index: which files have changed since a generation was made, by names, sizes and times
alone; which segments to merge; and when to rebuild. Opens no file of the archive.

Each small change makes a small segment. Segments of about one size are merged when there are enough of them, so a
posting is copied once a tier, and the number of segments grows with the logarithm of the archive: the logarithmic
method of Bentley and Saxe ("Decomposable searching problems I", Journal of Algorithms, 1980), measured for inverted
files by Lester, Moffat and Zobel ("Efficient online index construction for text databases", TODS 2008). Merging a
segment drops its deleted documents.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zunda_mcp.index import catalog, index_tuning

if TYPE_CHECKING:
    from zunda_mcp.index.catalog import FileEntry, Meta, SegmentEntry, SourceFiles
    from zunda_mcp.reading.scanning.scan import Scan
    from zunda_mcp.reading.source_file import SourceFile

__all__ = ["LENGTHS_CHANGED", "Changes", "compare", "rebuild_reason", "to_merge", "with_profiles"]

LENGTHS_CHANGED = "the average length of stories had changed"


@dataclass(frozen=True, slots=True)
class Changes:
    """How the files differ from a catalog.

    ``touched`` are new, have another size, time, id or other transcripts, or belong to an archive whose profile
    changed; ``retried`` could not be read last time and have not changed since; ``removed`` are gone. ``kept`` cannot
    be looked at now, so what was last read of them stays valid. ``otherwise``: the problems of folders, or the profile
    of an archive, have changed.
    """

    scan: Scan
    touched: tuple[SourceFile, ...]
    removed: tuple[str, ...]
    retried: tuple[SourceFile, ...] = ()
    kept: tuple[str, ...] = ()
    otherwise: bool = False

    def __bool__(self) -> bool:
        return bool(self.touched or self.removed or self.retried or self.otherwise)

    @property
    def count(self) -> int:
        """How many files are new, touched or gone."""
        return len(self.touched) + len(self.removed)

    @property
    def to_read(self) -> tuple[SourceFile, ...]:
        """The files to read, in their order."""
        wanted = {file.label for file in (*self.touched, *self.retried)}
        return tuple(file for file in self.scan.files if file.label in wanted)

    @property
    def bytes(self) -> int:
        """The size of the files to read."""
        return sum(file.size for file in (*self.touched, *self.retried))

    @property
    def hidden(self) -> tuple[str, ...]:
        """The labels of files that cannot be looked at now, and of such folders if no file in them was known."""
        folders = (one for one in self.scan.unavailable if not any(_lies_in(label, one) for label in self.kept))
        return (*self.kept, *folders)


def compare(scan: Scan, files: SourceFiles) -> Changes:
    """Return what a scan shows that a catalog does not know yet. Opens no file."""
    touched, retried, kept = [], [], [label for label in scan.missing if label in files.entries]
    for file in scan.files:
        entry = files.entries.get(file.label)
        if entry is not None and _hides_transcripts(scan, entry, file):
            kept.append(file.label)
        elif entry is None or not entry.is_unchanged(file):
            touched.append(file)
        elif entry.pending:
            retried.append(file)
    labels = {*kept, *(file.label for file in scan.files)}
    removed = tuple(label for label in files.entries if label not in labels)
    otherwise = catalog.problem_rows(scan.problems) != files.scan_problems
    return Changes(scan, tuple(touched), removed, tuple(retried), tuple(kept), otherwise)


def with_profiles(
    changes: Changes, now: Mapping[str, str], before: Mapping[str, str], archive_of: Callable[[str], str]
) -> Changes:
    """Return ``changes`` with all files of the archives whose profile has another digest ``now``."""
    other = {name for name, digest in now.items() if before.get(name) != digest}
    if not other:
        return changes
    wanted = {file.label for file in changes.touched}
    touched = tuple(
        file
        for file in changes.scan.files
        if file.label in wanted or (archive_of(file.label) in other and file.label not in changes.kept)
    )
    wanted = {file.label for file in touched}
    retried = tuple(file for file in changes.retried if file.label not in wanted)
    return replace(changes, touched=touched, retried=retried, otherwise=True)


def _hides_transcripts(scan: Scan, entry: FileEntry, file: SourceFile) -> bool:
    """Whether a transcript of this file was in a folder that cannot be looked at now."""
    now = {one.label for one in file.transcripts}
    return bool(scan.unavailable) and any(label not in now and scan.hides(label) for label, _, _ in entry.transcripts)


def _lies_in(label: str, folder: str) -> bool:
    return label == folder or label.startswith(f"{folder}/")


def to_merge(segments: Sequence[SegmentEntry]) -> frozenset[str]:
    """Return the names of the segments to merge into one; empty if there is nothing to merge.

    The tier of a segment is the power of ``index_tuning.MERGE_FACTOR`` that its live documents reach. The lowest tier
    with that many segments is merged, with all smaller segments and those without a live document.
    """
    tiers = {segment.name: _tier(segment.live) for segment in segments}
    for tier in sorted(set(tiers.values())):
        if sum(1 for other in tiers.values() if other == tier) >= index_tuning.MERGE_FACTOR:
            return frozenset(name for name, other in tiers.items() if other <= tier)
    return frozenset()


def rebuild_reason(meta: Meta) -> str | None:
    """Return in words why an index should be rebuilt although its files did not change; None if it should not.

    Many deleted documents cost space and time. If the average lengths have changed, a new index would score
    differently.
    """
    segments = meta.parts
    documents = sum(segment.documents for segment in segments)
    if sum(len(segment.deleted) for segment in segments) > max(
        index_tuning.MIN_DELETED, index_tuning.MAX_DELETED_SHARE * documents
    ):
        return "many replaced stories had piled up"
    return LENGTHS_CHANGED if meta.lengths_changed else None


def _tier(live: int) -> int:
    tier = 0
    while live >= index_tuning.MERGE_FACTOR:
        live //= index_tuning.MERGE_FACTOR
        tier += 1
    return tier
