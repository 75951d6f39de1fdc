"""Which files an archive has, each with what may be its transcript: of all its sources, in priority order."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from zunda_mcp.errors import ArchiveError
from zunda_mcp.models import Problem
from zunda_mcp.reading.formats import is_readable
from zunda_mcp.reading.scanning.folder_walk import Walk, identity_of, reason_of
from zunda_mcp.reading.source_file import SourceFile, printable
from zunda_mcp.reading.transcripts.pairing import FOLDERS
from zunda_mcp.reading.transcripts.transcript_finder import TranscriptFinder

__all__ = ["Scan", "scan_sources", "source_names"]


@dataclass(frozen=True, slots=True)
class Scan:
    """All files in priority order (order of the sources, then path). ``people`` are those that tell of people.
    ``unavailable`` are the labels of files and folders that could not be looked at now, ``missing`` those of files that
    an earlier scan had and that lie there.
    """

    files: tuple[SourceFile, ...]
    problems: tuple[Problem, ...]
    people: tuple[SourceFile, ...] = ()
    unavailable: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def hides(self, label: str) -> bool:
        """Whether a file of this label may exist although the scan has none."""
        return any(_lies_in(label, one) for one in self.unavailable)


def scan_sources(
    sources: Sequence[Path],
    sites: Iterable[Path] = (),
    finder: TranscriptFinder | None = None,
    indexed: Collection[str] = (),
    is_named: Callable[[str], bool] = lambda _: False,
) -> Scan:
    """List the files of all sources, each with what may be its transcript: in the sources, and in the folders for
    recordings and transcripts of ``sites``, the roots of their web sites. ``is_named`` says of a path below a source
    that its file is the archive's. ``indexed`` are the labels of an earlier scan: a source that had files and has none
    now is unavailable, since an empty folder is also what a disk leaves behind that is not mounted.

    Raises ``ArchiveError`` when not one of the sources can be read. A missing one among several is a problem only.
    """
    walk = Walk(tuple(sources), is_named)
    failures: list[str] = []
    names = source_names(sources)
    for source, name in zip(sources, names, strict=True):
        count, beside, why = len(walk.files), len(walk.beside), _unreadable(source)
        if not why:
            try:
                if identity_of(source.stat()) in walk.folders:
                    cause = "This source is part of an earlier one; it was not read twice."
                    walk.problems.append(Problem(path=name, cause=cause))
                    continue
                walk.source(source, name)
            except OSError as error:  # it went while it was looked at
                del walk.files[count:]
                why = reason_of(error)
        empty = len(walk.files) == count and len(walk.beside) == beside
        if not why and empty and (held := _held(name, names, indexed)):
            accept = "If they were deleted, run zunda-mcp index --rebuild."
            why = f"it held {held:,} {'file' if held == 1 else 'files'} and holds none now. {accept}"
        if why:
            failures.append(f"{source} ({why})")
            cause = f"This source of the archive cannot be read ({why}); the other sources were read."
            walk.problems.append(Problem(path=name, cause=cause, skipped=True))
            walk.unavailable.append(name)
    if len(failures) == len(sources):
        tried = ", ".join(failures) or "no folder was named"
        raise ArchiveError(f"No folder of episodes can be read: {tried}. Name an existing folder with --episodes DIR.")
    for site in dict.fromkeys(sites):
        for folder in sorted(FOLDERS):
            walk.transcripts(site / folder, f"{printable(site.name)}/{folder}")
    finder = finder or TranscriptFinder()
    files = tuple(finder.attach(_unique(walk.files), walk.beside))
    for folder, captions in Counter(label.rpartition("/")[0] for label in finder.loose).items():
        cause = f"{captions:,} captions in this folder belong to no episode by name, number or day; they were not read."
        walk.problems.append(Problem(path=folder, cause=cause, skipped=True))
    hidden = [*walk.unavailable, *finder.unread]
    gone = set(indexed).difference(file.label for file in files) if hidden else set()
    missing = [label for label in sorted(gone) if any(_lies_in(label, one) for one in hidden)]
    kept = [one for one in hidden if one not in walk.absent or any(_lies_in(label, one) for label in missing)]
    return Scan(files, tuple(walk.problems), unavailable=tuple(dict.fromkeys(kept)), missing=tuple(missing))


def _lies_in(label: str, folder: str) -> bool:
    return label == folder or label.startswith(f"{folder}/")


def _held(name: str, names: Sequence[str], indexed: Collection[str]) -> int:
    """How many of these labels are files of the source of this name."""
    longer = tuple(f"{other}/" for other in names if other.startswith(f"{name}/"))
    return sum(_lies_in(label, name) and not (longer and label.startswith(longer)) for label in indexed)


def source_names(sources: Iterable[Path]) -> list[str]:
    """Name each source by its folder; where two share a name, by as many parent folders as tell them apart."""
    paths = [Path(os.path.abspath(source)) for source in sources]  # noqa: PTH100 - lexical: a linked source keeps its name
    depths = [1] * len(paths)
    while True:
        names = [
            printable("/".join(path.parts[-depth:]).lstrip("/")) or "root"
            for path, depth in zip(paths, depths, strict=True)
        ]
        shared = {i for i, name in enumerate(names) if names.count(name) > 1 and depths[i] < len(paths[i].parts)}
        if not shared:
            return names
        depths = [depth + (i in shared) for i, depth in enumerate(depths)]


def _unique(files: Iterable[SourceFile]) -> Iterable[SourceFile]:
    taken: set[str] = set()
    for file in files:
        label, again = file.label, 2
        while label in taken:
            label, again = f"{file.label} ({again})", again + 1
        taken.add(label)
        yield file if label == file.label else replace(file, label=label)


def _unreadable(source: Path) -> str:
    try:
        if source.is_file():
            return "" if is_readable(source.name) else "not a file of a kind that is read"
        with os.scandir(source):
            return ""
    except OSError as error:
        return reason_of(error)
