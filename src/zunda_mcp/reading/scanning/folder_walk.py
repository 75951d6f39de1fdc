"""Walks the folders of an archive: every file by name, size and time; no file is opened.

Links to folders and files are followed, but not out of the repository they came with, nor into hidden folders
(``zunda_mcp.config.paths``); a link that leads to something already read is reported and not followed again, so a loop
ends. Folders and files are told apart by device and inode number, not by name.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from zunda_mcp.config.paths import leads_outside
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
from zunda_mcp.reading.source_file import SourceFile, printable, too_big
from zunda_mcp.reading.transcripts.transcript_finder import TRANSCRIPTS

__all__ = ["Walk", "identity_of", "reason_of"]

_Identity = tuple[int, int]  # device and inode
_Parts = tuple[str, ...]  # of a path below its source


@dataclass
class Walk:
    """One pass over all sources; what was seen in an earlier source is not read again in a later one."""

    sources: tuple[Path, ...] = ()
    is_named: Callable[[str], bool] = lambda _: False  # whether a path is declared to be the archive's
    folders: set[_Identity] = field(default_factory=set)
    above: set[_Identity] = field(default_factory=set)  # a link up there would bring in the whole disk
    identities: set[_Identity] = field(default_factory=set)  # of files
    files: list[SourceFile] = field(default_factory=list)
    beside: list[SourceFile] = field(default_factory=list)  # what may be a transcript of one of the files
    problems: list[Problem] = field(default_factory=list)
    unavailable: list[str] = field(default_factory=list)
    absent: set[str] = field(default_factory=set)  # of these, what is unavailable only if something was there before
    _name: str = ""  # of the source that is walked
    _here: list[tuple[_Parts, SourceFile]] = field(default_factory=list)
    _links: list[tuple[_Parts, Path]] = field(default_factory=list)

    def source(self, root: Path, name: str) -> None:
        """Walk one source, a folder or one file: its own folders first, then what links lead to, so that a file keeps
        its name.
        """
        self._name, self._here, self._links = name, [], []
        self.above |= {identity_of(folder.stat()) for folder in root.absolute().parents}
        if root.is_file():
            self._file(root, name, (root.name,))
        else:
            self._folder(root, ())
        while self._links:
            parts, path = self._links.pop(0)
            self._link(path, parts)
        # Names are compared folder by folder: "_posts" stands before "_posts.bak", which plain text order reverses.
        self.files += [file for _, file in sorted(self._without_contents(), key=lambda pair: pair[0])]

    def _without_contents(self) -> Iterable[tuple[_Parts, SourceFile]]:
        """Leave out pages that only list a folder: an ``index`` beside or above other pages. One that is alone in its
        folder is the page that the folder is named after.
        """
        peopled = Counter(parts[:depth] for parts, _ in self._here for depth in range(len(parts)))
        for parts, file in self._here:
            stem, suffix = os.path.splitext(parts[-1])  # noqa: PTH122
            alone = len(parts) > 1 and peopled[parts[:-1]] == 1
            lists = stem.lower() == "index" and suffix.lower() != ".json" and not alone
            if not lists or is_page_of_day(parts) or self.is_named("/".join(parts)):
                yield parts, file

    def _folder(self, path: Path, parts: _Parts) -> None:
        waiting = [(path, parts)]
        while waiting:
            path, parts = waiting.pop()
            label = "/".join((self._name, *map(printable, parts)))
            try:
                self.folders.add(identity_of(path.stat()))
                with os.scandir(path) as entries:
                    listing = shown(path, sorted(entries, key=lambda entry: entry.name))
            except OSError as error:
                cause = f"This folder cannot be read ({reason_of(error)}); its files were left out."
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
                    or (entry.name in metadata and is_readable(entry.name))
                    or (is_episode_name(entry.name) and (is_page_of_day(below) or self.is_named("/".join(below))))
                ):
                    self._file(entry, own, below, next(iter(metadata.get(entry.name, ())), ""))
                elif ending_of(entry.name) in TRANSCRIPTS:
                    self._beside(entry, own)

    def _link(self, path: Path, parts: _Parts) -> None:
        label = "/".join((self._name, *map(printable, parts)))
        try:
            target = path.stat()
        except OSError as error:
            if is_wanted(path.name) or not path.suffix:
                self._unavailable(label, f"This link leads nowhere ({reason_of(error)}); it was skipped.", error)
            return
        is_folder = stat.S_ISDIR(target.st_mode)
        if not is_folder and not is_wanted(path.name):
            return
        if why := leads_outside(path, self.sources):
            self._problem(label, f"This link {why}; it was not followed. Name what it leads to with --episodes, too.")
        elif is_folder and self._enter(path.name, label):
            if identity_of(target) in self.folders | self.above:
                cause = "This link leads back to a folder that is read anyway, or to one above; it was not followed."
                self._problem(label, cause)
            else:
                self._folder(path, parts)
        elif not is_folder and identity_of(target) in self.identities:
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
        """False for a folder that an earlier source or link has read already (sources may lie in each other)."""
        try:
            return identity_of(path.stat()) not in self.folders
        except OSError:
            return True  # reading it will say what is wrong

    def _file(self, file: os.DirEntry[str] | Path, label: str, parts: _Parts, metadata: str = "") -> None:
        status = self._status(file, label)
        if status is None:
            return
        if not stat.S_ISREG(status.st_mode):
            self._problem(label, "This is not an ordinary file; it was skipped.")
            return
        size, mtime = status.st_size, status.st_mtime_ns
        if several := parts_of(os.fspath(file)):
            size, mtime = _together(several, size, mtime)
        if size > (limit := limit_of(file.name)):
            self._problem(label, too_big(size, limit))
            return
        self.identities.add(identity_of(status))
        place = os.path.join(os.path.dirname(os.fspath(file)), metadata) if metadata else ""  # noqa: PTH118, PTH120
        if place:
            size, mtime = _together((Path(file), Path(place)), size, mtime)
        self._here.append((parts, SourceFile(os.fspath(file), label, size, mtime, metadata=place)))

    def _beside(self, file: os.DirEntry[str], label: str) -> None:
        """Note a file that is no episode and may be a transcript."""
        status = self._status(file, label)
        if status is not None and stat.S_ISREG(status.st_mode):
            self.beside.append(SourceFile(os.fspath(file), label, status.st_size, status.st_mtime_ns))

    def _status(self, file: os.DirEntry[str] | Path, label: str) -> os.stat_result | None:
        try:
            return os.stat(file)  # noqa: PTH116  (an entry's own stat has no inode on Windows)
        except OSError as error:
            self._unavailable(label, f"This file cannot be read ({reason_of(error)}); it was skipped.", error)
            return None

    def transcripts(self, folder: Path, label: str) -> None:
        """Note what may be a transcript in a folder beside the sources, which holds no episodes."""
        try:
            if identity_of(folder.stat()) in self.folders or leads_outside(folder, self.sources):
                return
            with os.scandir(folder) as entries:
                listing = sorted(entries, key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):
            return  # most sites have no such folder
        except OSError as error:
            self._unavailable(label, f"This folder cannot be read ({reason_of(error)}); its files were left out.")
            return
        for entry in listing:
            is_transcript = not entry.name.startswith(".") and ending_of(entry.name) in TRANSCRIPTS
            if is_transcript and _may_be_read(entry, self.sources):
                self._beside(entry, f"{label}/{printable(entry.name)}")

    def _problem(self, label: str, cause: str, *, skipped: bool = True) -> None:
        self.problems.append(Problem(path=label, cause=cause, skipped=skipped))

    def _unavailable(self, label: str, cause: str, error: OSError | None = None) -> None:
        self.unavailable.append(label)
        if isinstance(error, FileNotFoundError):
            self.absent.add(label)
        self._problem(label, cause)


def _together(parts: Iterable[Path], size: int, mtime: int) -> tuple[int, int]:
    """The size of all files that are read as one, and the newest of their times."""
    sizes, times = [], [mtime]
    for part in parts:
        try:
            status = part.stat()
        except OSError:
            continue
        sizes.append(status.st_size)
        times.append(status.st_mtime_ns)
    return sum(sizes) or size, max(times)


def _may_be_read(entry: os.DirEntry[str], sources: Sequence[Path]) -> bool:
    """Whether an entry is a file, or a link to one that may be followed."""
    return entry.is_file() and not (entry.is_symlink() and leads_outside(Path(entry.path), sources))


def _is_dir(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # looking at it as a file will say what is wrong


def identity_of(status: os.stat_result) -> _Identity:
    return status.st_dev, status.st_ino


def reason_of(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
