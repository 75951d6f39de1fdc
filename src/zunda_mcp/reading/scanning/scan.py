"""List the files of all sources of an archive in priority order, each with the transcripts that may belong to it.

A scan sees the name, size and time of each file, and opens none, except to pair transcripts. It follows links to
folders and files, but not out of the repository they came with, nor into hidden folders (``zunda_mcp.config.paths``). A
link to something already read is reported and not followed, so a loop ends. Device and inode number identify a file.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from zunda_mcp.config.paths import leads_outside
from zunda_mcp.errors import ArchiveError
from zunda_mcp.models import Problem
from zunda_mcp.reading.endings import ending_of
from zunda_mcp.reading.formats import is_readable, limit_of, parts_of
from zunda_mcp.reading.scanning.wanted_files import (
    SKIPPED_FOLDERS,
    copied_from,
    is_episode_name,
    is_page_of_day,
    is_wanted,
    metadata_in,
    shown,
)
from zunda_mcp.reading.source_file import SourceFile, printable, seen_at, too_big
from zunda_mcp.reading.transcripts.pairing import FOLDERS
from zunda_mcp.reading.transcripts.transcript_finder import TRANSCRIPTS, TranscriptFinder

__all__ = ["Scan", "scan_sources", "source_names"]


@dataclass(frozen=True, slots=True)
class Scan:
    """All files in priority order (order of the sources, then path). ``people`` are those that describe people.
    ``unavailable`` has the labels of files and folders that cannot be read now, ``missing`` those of files that an
    earlier scan found in them.
    """

    files: tuple[SourceFile, ...]
    problems: tuple[Problem, ...]
    people: tuple[SourceFile, ...] = ()
    unavailable: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def hides(self, label: str) -> bool:
        """Whether a file with this label may exist although the scan did not find it."""
        return any(_lies_in(label, one) for one in self.unavailable)


def scan_sources(
    sources: Sequence[Path],
    sites: Iterable[Path],
    finder: TranscriptFinder,
    indexed: Collection[str],
    is_named: Callable[[str], bool],
    *,
    seen: dict[str, object],
) -> Scan:
    """List the files of all sources, each with the transcripts that may belong to it. These are in the sources, or in
    the folders for recordings and transcripts of ``sites``, the roots of their web sites. ``is_named`` says whether the
    archive declares a path below a source to be its own. ``indexed`` are the labels of an earlier scan: a source that
    had files and has none now is unavailable, because a disk that is not mounted may leave an empty folder. ``seen``
    gets the state of each path (``seen_at``): as long as all are the same, another scan would find the same.

    Raises ``ArchiveError`` if none of the sources can be read. If only some cannot, these are problems.
    """
    walk = _Walk(tuple(sources), is_named, seen)
    failures: list[str] = []
    names = source_names(sources)
    for source, name in zip(sources, names, strict=True):
        before, beside, why = len(walk.files), len(walk.beside), _unreadable(source)
        if not why:
            try:
                if _identity_of(source.stat()) in walk.folders:
                    cause = "This source is part of an earlier one; it was not read twice."
                    walk.problems.append(Problem(path=name, cause=cause))
                    continue
                walk.source(source, name)
            except OSError as error:  # it disappeared during the scan
                del walk.files[before:]
                why = _reason_of(error)
        empty = len(walk.files) == before and len(walk.beside) == beside
        longer = tuple(f"{other}/" for other in names if other.startswith(f"{name}/"))
        own = (label for label in indexed if _lies_in(label, name) and not (longer and label.startswith(longer)))
        if not why and empty and (held := sum(1 for _ in own)):
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
    files = tuple(finder.attach(_unique(walk.files), walk.beside))
    for folder, captions in Counter(label.rpartition("/")[0] for label in finder.loose).items():
        cause = f"{captions:,} captions in this folder belong to no episode by name, number or day; they were not read."
        walk.problems.append(Problem(path=folder, cause=cause, skipped=True))
    hidden = [*walk.unavailable, *finder.unread]
    if hidden:
        seen.update(_MORE)
    gone = set(indexed).difference(file.label for file in files) if hidden else set()
    missing = [label for label in sorted(gone) if any(_lies_in(label, one) for one in hidden)]
    kept = [one for one in hidden if one not in walk.absent or any(_lies_in(label, one) for label in missing)]
    return Scan(files, tuple(walk.problems), unavailable=tuple(dict.fromkeys(kept)), missing=tuple(missing))


def _lies_in(label: str, folder: str) -> bool:
    return label == folder or label.startswith(f"{folder}/")


def source_names(sources: Iterable[Path]) -> list[str]:
    """Name each source by its folder; if two share a name, after as many parent folders as tell them apart."""
    paths = [Path(os.path.abspath(source)) for source in sources]  # noqa: PTH100 - lexical: a linked source keeps its name
    depths = [1] * len(paths)
    while True:
        parts = ("/".join(path.parts[-depth:]) for path, depth in zip(paths, depths, strict=True))
        names = [printable(name.lstrip("/")) or "root" for name in parts]
        shared = {i for i, name in enumerate(names) if names.count(name) > 1 and depths[i] < len(paths[i].parts)}
        if not shared:
            return names
        depths = [depth + (i in shared) for i, depth in enumerate(depths)]


def _unique(files: Iterable[SourceFile]) -> Iterable[SourceFile]:
    taken: set[str] = set()
    for file in files:
        label = file.label
        if label in taken:
            label = next(one for again in count(2) if (one := f"{label} ({again})") not in taken)
        taken.add(label)
        yield file if label == file.label else replace(file, label=label)


def _unreadable(source: Path) -> str:
    try:
        if source.is_file():
            return "" if is_readable(source.name) else "not a file of a kind that is read"
        with os.scandir(source):
            return ""
    except OSError as error:
        return _reason_of(error)


# --- walking the folders


_Identity = tuple[int, int]  # device and inode
_Parts = tuple[str, ...]  # parts of a path below its source
_MORE: dict[str, object] = {"": object()}
"""Equals nothing from ``seen_at``: with links, unreadable files, or files read as one, each look is a new scan."""


@dataclass
class _Walk:
    """One pass over all sources; what is part of an earlier source is not read again in a later one."""

    sources: tuple[Path, ...]
    is_named: Callable[[str], bool]  # whether a path is declared to be the archive's
    seen: dict[str, object]
    folders: set[_Identity] = field(default_factory=set)
    above: set[_Identity] = field(default_factory=set)  # parents of sources: a link to one would add the whole disk
    identities: set[_Identity] = field(default_factory=set)  # of files
    files: list[SourceFile] = field(default_factory=list)
    beside: list[SourceFile] = field(default_factory=list)  # what may be a transcript of one of the files
    problems: list[Problem] = field(default_factory=list)
    unavailable: list[str] = field(default_factory=list)
    absent: set[str] = field(default_factory=set)  # those of them that count only if an earlier scan found files there
    _name: str = ""  # of the source being walked
    _here: list[tuple[_Parts, SourceFile]] = field(default_factory=list)
    _links: list[tuple[_Parts, Path]] = field(default_factory=list)

    def source(self, root: Path, name: str) -> None:
        """Walk one source, a folder or a file: its own folders first, then what links lead to, so that a file keeps the
        name it has in its own folder.
        """
        self._name, self._here, self._links = name, [], []
        self.above |= {_identity_of(folder.stat()) for folder in root.absolute().parents}
        if root.is_file():
            self._file(root, name, (root.name,))
        else:
            self._folder(root, ())
        while self._links:
            parts, path = self._links.pop(0)
            self._link(path, parts)
        # Names are compared folder by folder: "_posts" comes before "_posts.bak"; the order of text would reverse them.
        self.files += [file for _, file in sorted(self._without_contents(), key=lambda pair: pair[0])]

    def _without_contents(self) -> Iterable[tuple[_Parts, SourceFile]]:
        """Leave out pages that only list a folder: an ``index`` next to other pages or above them. If it is alone in
        its folder, it is the page that the folder is named after.
        """
        peopled: Counter[_Parts] | None = None
        for parts, file in self._here:
            name = parts[-1].lower()
            if name.startswith("index.") and name.count(".") == 1 and not name.endswith(".json"):
                peopled = peopled or Counter(one[:depth] for one, _ in self._here for depth in range(len(one)))
                alone = len(parts) > 1 and peopled[parts[:-1]] == 1
                if not (alone or is_page_of_day(parts) or self.is_named("/".join(parts))):
                    continue
            yield parts, file

    def _folder(self, path: Path, parts: _Parts) -> None:
        waiting = [(path, parts)]
        while waiting:
            path, parts = waiting.pop()
            label = "/".join((self._name, *map(printable, parts)))
            try:
                self.seen[os.fspath(path)] = seen_at(os.fspath(path))
                self.folders.add(_identity_of(path.stat()))
                with os.scandir(path) as entries:
                    listing = shown(path, sorted(entries, key=lambda entry: entry.name))
            except OSError as error:
                cause = f"This folder cannot be read ({_reason_of(error)}); its files were left out."
                self._unavailable(label, cause)
                continue
            names = {entry.name for entry in listing}
            metadata = metadata_in(names)
            with_pages = {one for files in metadata.values() for one in files}
            for entry in listing:
                if entry.name.startswith(".") or entry.name in with_pages:
                    continue
                below, own = (*parts, entry.name), f"{label}/{printable(entry.name)}"
                if is_wanted(entry.name) and (original := copied_from(entry.name, names)):
                    cause = f"This is a copy of {original} that a sync program or a browser made; it was left out."
                    self._problem(own, cause)
                elif entry.is_symlink():
                    self._links.append((below, Path(entry.path)))
                elif _is_dir(entry):
                    if self._enter(entry.name, own) and self._new_folder(Path(entry.path)):
                        waiting.append((Path(entry.path), below))
                elif (
                    is_wanted(entry.name)
                    or (is_readable(entry.name) and (entry.name in metadata or self.is_named("/".join(below))))
                    or (is_episode_name(entry.name) and is_page_of_day(below))
                ):
                    self._file(entry, own, below, next(iter(metadata.get(entry.name, ())), ""))
                elif ending_of(entry.name) in TRANSCRIPTS:
                    self._beside(entry, own)

    def _link(self, path: Path, parts: _Parts) -> None:
        label = "/".join((self._name, *map(printable, parts)))
        self.seen.update(_MORE)
        try:
            target = path.stat()
        except OSError as error:
            if is_wanted(path.name) or not path.suffix:
                self._unavailable(label, f"This link leads nowhere ({_reason_of(error)}); it was skipped.", error)
            return
        is_folder = stat.S_ISDIR(target.st_mode)
        if not is_folder and not is_wanted(path.name):
            return
        if why := leads_outside(path, self.sources):
            self._problem(label, f"This link {why}; it was not followed. Name what it leads to with --episodes, too.")
        elif is_folder and self._enter(path.name, label):
            if _identity_of(target) in self.folders | self.above:
                cause = "This link leads back to a folder that is read anyway, or to one above; it was not followed."
                self._problem(label, cause)
            else:
                self._folder(path, parts)
        elif not is_folder and _identity_of(target) in self.identities:
            self._problem(label, "This link leads to a file that is read anyway; it was skipped.")
        elif not is_folder:
            self._file(path, label, parts)

    def _enter(self, folder: str, label: str) -> bool:
        if folder in SKIPPED_FOLDERS:
            return False
        if folder == "_drafts":
            self._problem(label, "This folder holds drafts; it was left out.")
            return False
        if is_wanted(folder):
            cause = "This is a folder with the name of an episode file; it was read as a folder."
            self._problem(label, cause, skipped=False)
        return True

    def _new_folder(self, path: Path) -> bool:
        """Whether a folder has not been read for an earlier source or link: a source may be inside another."""
        try:
            return _identity_of(path.stat()) not in self.folders
        except OSError:
            return True  # reading it will report what is wrong

    def _file(self, file: os.DirEntry[str] | Path, label: str, parts: _Parts, metadata: str = "") -> None:
        status = self._status(file, label)
        if status is None:
            return
        if not stat.S_ISREG(status.st_mode):
            self._problem(label, "This is not an ordinary file; it was skipped.")
            return
        location, size, mtime = os.fspath(file), status.st_size, status.st_mtime_ns
        if several := parts_of(location):
            self.seen.update(_MORE)
            size, mtime = _together(several, size, mtime)
        if size > (limit := limit_of(file.name)):
            self._problem(label, too_big(size, limit))
            return
        self.identities.add(_identity_of(status))
        place = os.path.join(os.path.dirname(location), metadata) if metadata else ""  # noqa: PTH118, PTH120 - of thousands
        if place:
            self.seen.update(_MORE)
            size, mtime = _together((Path(file), Path(place)), size, mtime)
        self._here.append((parts, SourceFile(location, label, size, mtime, metadata=place)))

    def _beside(self, file: os.DirEntry[str], label: str) -> None:
        """Add a file that is not an episode but may be a transcript."""
        status = self._status(file, label)
        if status is not None and stat.S_ISREG(status.st_mode):
            self.beside.append(SourceFile(os.fspath(file), label, status.st_size, status.st_mtime_ns))

    def _status(self, file: os.DirEntry[str] | Path, label: str) -> os.stat_result | None:
        try:
            self.seen[os.fspath(file)] = seen_at(os.fspath(file))
            return os.stat(file)  # noqa: PTH116  (an entry's own stat has no inode on Windows)
        except OSError as error:
            self._unavailable(label, f"This file cannot be read ({_reason_of(error)}); it was skipped.", error)
            return None

    def transcripts(self, folder: Path, label: str) -> None:
        """Add what may be a transcript in a folder of a site, which contains no episodes."""
        try:
            self.seen[os.fspath(folder)] = seen_at(os.fspath(folder))
            if _identity_of(folder.stat()) in self.folders or leads_outside(folder, self.sources):
                return
            with os.scandir(folder) as entries:
                listing = sorted(entries, key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):
            return  # most sites have no such folder
        except OSError as error:
            self._unavailable(label, f"This folder cannot be read ({_reason_of(error)}); its files were left out.")
            return
        for entry in listing:
            is_transcript = not entry.name.startswith(".") and ending_of(entry.name) in TRANSCRIPTS
            led_out = entry.is_symlink() and leads_outside(Path(entry.path), self.sources)
            self.seen.update(_MORE if entry.is_symlink() else {})
            if is_transcript and entry.is_file() and not led_out:
                self._beside(entry, f"{label}/{printable(entry.name)}")

    def _problem(self, label: str, cause: str, *, skipped: bool = True) -> None:
        self.problems.append(Problem(path=label, cause=cause, skipped=skipped))

    def _unavailable(self, label: str, cause: str, error: OSError | None = None) -> None:
        self.unavailable.append(label)
        if isinstance(error, FileNotFoundError):
            self.absent.add(label)
        self._problem(label, cause)


def _together(parts: Iterable[Path], size: int, mtime: int) -> tuple[int, int]:
    """Return the size of all files that are read as one, and the newest of their times."""
    sizes, times = [], [mtime]
    for part in parts:
        try:
            status = part.stat()
        except OSError:
            continue
        sizes.append(status.st_size)
        times.append(status.st_mtime_ns)
    return sum(sizes) or size, max(times)


def _is_dir(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # reading it as a file will report what is wrong


def _identity_of(status: os.stat_result) -> _Identity:
    return status.st_dev, status.st_ino


def _reason_of(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
