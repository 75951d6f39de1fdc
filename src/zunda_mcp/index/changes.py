"""How the files of an archive differ from what an index knows of them, found by names, sizes and times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from zunda_mcp.archive import Scan, SourceFile
from zunda_mcp.index import catalog
from zunda_mcp.index.catalog import FileEntry, Files


@dataclass(frozen=True, slots=True)
class Changes:
    """How the files differ from a catalog.

    ``touched`` are new, or have another size, time, id or other companions, or belong to an archive whose profile
    changed; ``retried`` could not be read the last time and have not changed since. ``removed`` are gone, ``kept``
    cannot be looked at now, so that what was last read of them holds. ``otherwise`` says that what was wrong with
    folders has changed, or the profile of an archive.
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
        """The files to be read, in their order."""
        wanted = {file.label for file in (*self.touched, *self.retried)}
        return tuple(file for file in self.scan.files if file.label in wanted)

    @property
    def bytes(self) -> int:
        """How much there is to read."""
        return sum(file.size for file in (*self.touched, *self.retried))

    @property
    def unavailable(self) -> int:
        """How many files, and folders of which no file was known, cannot be looked at now."""
        return len(self.hidden)

    @property
    def hidden(self) -> tuple[str, ...]:
        """The labels of these."""
        folders = (one for one in self.scan.unavailable if not any(_lies_in(label, one) for label in self.kept))
        return (*self.kept, *folders)


def compare(scan: Scan, files: Files) -> Changes:
    """What a scan shows that a catalog does not know yet. Opens no file."""
    touched, retried, kept = [], [], [label for label in scan.missing if label in files.entries]
    for file in scan.files:
        known = files.entries.get(file.label)
        if known is not None and _hides_companions(scan, known, file):
            kept.append(file.label)
        elif known is None or not known.fits(file):
            touched.append(file)
        elif known.pending:
            retried.append(file)
    labels = {*kept, *(file.label for file in scan.files)}
    removed = tuple(label for label in files.entries if label not in labels)
    otherwise = catalog.problem_rows(scan.problems) != files.scan_problems
    return Changes(scan, tuple(touched), removed, tuple(retried), tuple(kept), otherwise)


def with_profiles(
    changes: Changes, now: Mapping[str, str], before: Mapping[str, str], archive_of: Callable[[str], str]
) -> Changes:
    """The changes, with all files of the archives whose profile has another digest ``now``."""
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


def _hides_companions(scan: Scan, known: FileEntry, file: SourceFile) -> bool:
    """Whether a file that had a transcript where nothing can be looked at now."""
    now = {one.label for one in file.companions}
    return bool(scan.unavailable) and any(label not in now and scan.hides(label) for label, _, _ in known.companions)


def _lies_in(label: str, folder: str) -> bool:
    return label == folder or label.startswith(f"{folder}/")
