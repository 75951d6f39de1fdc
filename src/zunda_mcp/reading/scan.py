"""Which files an archive has: names, sizes and times. None is opened, unless a transcript's name tells not whose it is.

Links to folders and files are followed, but not out of the repository they came with, nor into hidden folders
(``zunda_mcp.config.paths``); a link that leads to something already read is reported and not followed again, so a loop
ends. Folders and files are told apart by device and inode number, not by name.
"""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from zunda_mcp.config.paths import leads_outside
from zunda_mcp.errors import ArchiveError
from zunda_mcp.models import Problem
from zunda_mcp.reading.endings import ending_of, endings_of, kind_of
from zunda_mcp.reading.formats import USUAL_BYTES, format_of
from zunda_mcp.reading.metadata.file_names import BUNDLES, dated_name
from zunda_mcp.reading.source_file import SourceFile, printable, too_big
from zunda_mcp.reading.transcripts.pairing import FOLDERS
from zunda_mcp.reading.transcripts.transcript_finder import TRANSCRIPTS, TranscriptFinder

__all__ = ["EXPORT", "PAPERWORK", "SKIPPED_FOLDERS", "Scan", "is_paperwork", "label_of", "scan_sources", "source_names"]

EXPORT = ("data", "manifest.js")
"""Folder and file that an archive of X is known by. Of such an archive nothing else is looked at."""

SKIPPED_FOLDERS = frozenset({
    "node_modules", "vendor", "__pycache__", "_includes", "_layouts", "_sass", "_site", "archetypes", "layouts",
    "themes", "templates",
})  # fmt: skip
"""Folders of other people's files, as Jekyll's own default ``exclude`` has them, and of templates."""

PAPERWORK = frozenset({
    "README", "CHANGELOG", "LICENSE", "LICENCE", "CONTRIBUTING", "CONTRIBUTORS", "CODE_OF_CONDUCT", "SECURITY",
    "SUPPORT", "GOVERNANCE", "MAINTAINERS", "AUTHORS", "NOTICE", "COPYING", "AGENTS", "CLAUDE", "TEMPLATE",
    "_INDEX", "ABOUT", "404", "SITEMAP", "PACKAGE", "PACKAGE_LOCK", "TSCONFIG", "COMPOSER",
})  # fmt: skip
"""First part of the names of files about the folder itself (``README.ja.md`` too): no episodes, and no problem."""

_WORDS_OF_TEMPLATE = 3
"""``meeting-notes-template`` is one; five pages of a link log of 4,065 have longer names that end so."""
_REMEMBERED_NAMES = 32_768
"""File names of which it is remembered whether they are read: every question looks at them again."""


@dataclass(frozen=True, slots=True)
class Scan:
    """All files in priority order (order of the sources, then path), and what could not be looked at.

    ``people`` are the files that tell of people and are no episodes. ``unavailable`` are the labels of files and
    folders that could not be looked at now, so that nothing is known of them and of what lies
    below them; ``missing`` those of files that an earlier scan had and that lie there.
    """

    files: tuple[SourceFile, ...]
    problems: tuple[Problem, ...]
    people: tuple[SourceFile, ...] = ()
    unavailable: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def hides(self, label: str) -> bool:
        """Whether a file of this label may exist although the scan has none."""
        return any(_lies_in(label, one) for one in self.unavailable)


_Identity = tuple[int, int]  # device and inode


@dataclass
class _Walk:
    """One pass over all sources; what was seen in an earlier source is not read again in a later one."""

    sources: tuple[Path, ...] = ()
    folders: set[_Identity] = field(default_factory=set)
    above: set[_Identity] = field(default_factory=set)  # a link up there would bring in the whole disk
    files: set[_Identity] = field(default_factory=set)
    found: list[SourceFile] = field(default_factory=list)
    beside: list[SourceFile] = field(default_factory=list)  # what may be a transcript of one of those found
    problems: list[Problem] = field(default_factory=list)
    unavailable: list[str] = field(default_factory=list)
    absent: set[str] = field(default_factory=set)  # of these, what is unavailable only if something was there before
    named: Callable[[str], bool] = lambda _: False  # whether a path is declared to be the archive's

    def source(self, root: Path, name: str) -> None:
        """Walk one source: its own folders first, then what links lead to, so that a file keeps its real name.

        A source may be one file: an export of posts, or a feed.
        """
        found: list[tuple[tuple[str, ...], SourceFile]] = []
        linked: list[tuple[tuple[str, ...], Path]] = []
        self.above |= {_identity(folder.stat()) for folder in root.absolute().parents}
        if root.is_file():
            self._file(root, name, (root.name,), found)
        else:
            self._folder(root, name, (), found, linked)
        while linked:
            parts, path = linked.pop(0)
            self._link(path, name, parts, found, linked)
        found = list(_without_contents(found, self.named))
        # Names are compared folder by folder: "_posts" stands before "_posts.bak", which plain text order reverses.
        self.found += [file for _, file in sorted(found, key=lambda pair: pair[0])]

    def _folder(
        self,
        path: Path,
        name: str,
        parts: tuple[str, ...],
        found: list[tuple[tuple[str, ...], SourceFile]],
        linked: list[tuple[tuple[str, ...], Path]],
    ) -> None:
        waiting = [(path, parts)]
        while waiting:
            path, parts = waiting.pop()
            label = label_of(name, parts)
            try:
                self.folders.add(_identity(path.stat()))
                with os.scandir(path) as entries:
                    listing = _shown(path, sorted(entries, key=lambda entry: entry.name))
            except OSError as error:
                self._unavailable(label, f"This folder cannot be read ({_why(error)}); its files were left out.")
                continue
            listed = {entry.name for entry in listing}
            metadata = _metadata_in(listed)
            beside = {one for files in metadata.values() for one in files}
            for entry in listing:
                if entry.name.startswith("."):
                    continue
                below = (*parts, entry.name)
                if entry.name in beside:
                    continue  # it is read with its page
                if _wanted(entry.name) and (original := _copy_of(entry.name, listed)):
                    cause = f"This is a copy of {original} that a sync program or a browser made; it was left out."
                    self._problem(label_of(name, below), cause)
                    continue
                if entry.is_symlink():
                    linked.append((below, Path(entry.path)))
                elif _is_dir(entry):
                    if self._enter(entry.name, label_of(name, below)) and self._new_folder(Path(entry.path)):
                        waiting.append((Path(entry.path), below))
                elif (
                    _wanted(entry.name)
                    or (entry.name in metadata and format_of(entry.name))
                    or (_is_readable(entry.name) and (_is_page_of_day(below) or self.named("/".join(below))))
                ):
                    own = next(iter(metadata.get(entry.name, ())), "")
                    self._file(entry, f"{label}/{printable(entry.name)}", below, found, own)
                elif ending_of(entry.name) in TRANSCRIPTS:
                    self._companion(entry, f"{label}/{printable(entry.name)}")

    def _link(
        self,
        path: Path,
        name: str,
        parts: tuple[str, ...],
        found: list[tuple[tuple[str, ...], SourceFile]],
        linked: list[tuple[tuple[str, ...], Path]],
    ) -> None:
        label = label_of(name, parts)
        try:
            target = path.stat()
        except OSError as error:
            if _wanted(path.name) or not path.suffix:
                self._unavailable(label, f"This link leads nowhere ({_why(error)}); it was skipped.", error)
            return
        if not stat.S_ISDIR(target.st_mode) and not _wanted(path.name):
            return
        if why := leads_outside(path, self.sources):
            self._problem(label, f"This link {why}; it was not followed. Name what it leads to with --episodes, too.")
            return
        if stat.S_ISDIR(target.st_mode):
            if not self._enter(path.name, label):
                return
            if _identity(target) in self.folders | self.above:
                self._problem(
                    label, "This link leads back to a folder that is read anyway, or to one above; it was not followed."
                )
                return
            self._folder(path, name, parts, found, linked)
        else:
            if _identity(target) in self.files:
                self._problem(label, "This link leads to a file that is read anyway; it was skipped.")
                return
            self._file(path, label, parts, found)

    def _enter(self, folder: str, label: str) -> bool:
        if folder in SKIPPED_FOLDERS:
            return False
        if folder == "_drafts":
            self._problem(label, "This folder holds drafts; it was left out.")
            return False
        if _wanted(folder):
            cause = "This is a folder with the name of an episode file; it was read as a folder."
            self._problem(label, cause, skipped=False)
        return True

    def _new_folder(self, path: Path) -> bool:
        """False for a folder that an earlier source or link has read already (sources may lie in each other)."""
        try:
            return _identity(path.stat()) not in self.folders
        except OSError:
            return True  # reading it will say what is wrong

    def _file(
        self,
        file: os.DirEntry[str] | Path,
        label: str,
        parts: tuple[str, ...],
        found: list[tuple[tuple[str, ...], SourceFile]],
        metadata: str = "",
    ) -> None:
        try:
            status = os.stat(file)  # noqa: PTH116  (an entry's own stat has no inode on Windows)
        except OSError as error:
            self._unavailable(label, f"This file cannot be read ({_why(error)}); it was skipped.", error)
            return
        if not stat.S_ISREG(status.st_mode):
            self._problem(label, "This is not an ordinary file; it was skipped.")
            return
        size, mtime = status.st_size, status.st_mtime_ns
        form = format_of(file.name)
        if form is not None and form.has_parts and (several := form.parts(Path(file))):
            size, mtime = _together(several, size, mtime)
        limit = form.max_bytes if form is not None else USUAL_BYTES
        if size > limit:
            self._problem(label, too_big(size, limit))
        else:
            self.files.add(_identity(status))
            place = os.path.join(os.path.dirname(os.fspath(file)), metadata) if metadata else ""  # noqa: PTH118, PTH120
            if place:
                size, mtime = _together((Path(file), Path(place)), size, mtime)
            found.append((parts, SourceFile(os.fspath(file), label, size, mtime, metadata=place)))

    def _companion(self, file: os.DirEntry[str], label: str) -> None:
        """Note a file that is no episode and may be a transcript."""
        try:
            status = os.stat(file)  # noqa: PTH116
        except OSError as error:
            self._unavailable(label, f"This file cannot be read ({_why(error)}); it was skipped.", error)
            return
        if stat.S_ISREG(status.st_mode):
            self.beside.append(SourceFile(os.fspath(file), label, status.st_size, status.st_mtime_ns))

    def transcripts(self, folder: Path, name: str) -> None:
        """Note what may be a transcript in a folder beside the sources, which holds no episodes."""
        try:
            if _identity(folder.stat()) in self.folders or leads_outside(folder, self.sources):
                return
            with os.scandir(folder) as entries:
                listing = sorted(entries, key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):
            return  # most sites have no such folder
        except OSError as error:
            self._unavailable(name, f"This folder cannot be read ({_why(error)}); its files were left out.")
            return
        for entry in listing:
            if (
                not entry.name.startswith(".")
                and ending_of(entry.name) in TRANSCRIPTS
                and _readable(entry, self.sources)
            ):
                self._companion(entry, label_of(name, (entry.name,)))

    def _problem(self, label: str, cause: str, *, skipped: bool = True) -> None:
        self.problems.append(Problem(path=label, cause=cause, skipped=skipped))

    def _unavailable(self, label: str, cause: str, error: OSError | None = None) -> None:
        self.unavailable.append(label)
        if isinstance(error, FileNotFoundError):
            self.absent.add(label)
        self._problem(label, cause)


def scan_sources(
    sources: Sequence[Path],
    sites: Iterable[Path] = (),
    finder: TranscriptFinder | None = None,
    known: Collection[str] = (),
    named: Callable[[str], bool] = lambda _: False,
) -> Scan:
    """List the files of all sources, each with what may be its transcript.

    ``named`` says of a path below a source that its file is the archive's, whatever its name looks like.

    Transcripts are looked for in the sources, and in the folders for recordings and transcripts of ``sites``, the roots
    of the web sites that the sources are parts of. ``finder`` remembers whose they are, from one scan to the next.
    ``known`` are the labels of an earlier scan: a source that had files and has none now is unavailable, since an empty
    folder is also what a disk leaves behind that is not mounted.

    Raises ``ArchiveError`` when not one of the sources is a folder that can be read. A missing one among several is a
    problem only.
    """
    walk = _Walk(tuple(sources), named=named)
    failures: list[str] = []
    names = source_names(sources)
    for source, name in zip(sources, names, strict=True):
        count, beside, why = len(walk.found), len(walk.beside), _unreadable(source)
        if not why:
            try:
                if _identity(source.stat()) in walk.folders:
                    cause = "This source is part of an earlier one; it was not read twice."
                    walk.problems.append(Problem(path=name, cause=cause))
                    continue
                walk.source(source, name)
            except OSError as error:  # it went while it was looked at
                del walk.found[count:]
                why = _why(error)
        empty = len(walk.found) == count and len(walk.beside) == beside
        if not why and empty and (held := _held(name, names, known)):
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
            walk.transcripts(site / folder, label_of(printable(site.name), (folder,)))
    finder = finder or TranscriptFinder()
    files = tuple(finder.attach(_unique(walk.found), walk.beside))
    for folder, captions in Counter(label.rpartition("/")[0] for label in finder.loose).items():
        cause = f"{captions:,} captions in this folder belong to no episode by name, number or day; they were not read."
        walk.problems.append(Problem(path=folder, cause=cause, skipped=True))
    hidden = [*walk.unavailable, *finder.unread]
    gone = set(known).difference(file.label for file in files) if hidden else set()
    missing = [label for label in sorted(gone) if any(_lies_in(label, one) for one in hidden)]
    kept = [one for one in hidden if one not in walk.absent or any(_lies_in(label, one) for label in missing)]
    return Scan(files, tuple(walk.problems), unavailable=tuple(dict.fromkeys(kept)), missing=tuple(missing))


def _lies_in(label: str, folder: str) -> bool:
    return label == folder or label.startswith(f"{folder}/")


def _held(name: str, names: Sequence[str], known: Collection[str]) -> int:
    """How many of these labels are files of the source of this name."""
    longer = tuple(f"{other}/" for other in names if other.startswith(f"{name}/"))
    return sum(_lies_in(label, name) and not (longer and label.startswith(longer)) for label in known)


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


def label_of(name: str, parts: tuple[str, ...]) -> str:
    """Return the label of a file or folder: the source's name and the path below it, always with ``/``."""
    return "/".join((name, *(printable(part) for part in parts)))


def _without_contents(
    found: list[tuple[tuple[str, ...], SourceFile]], named: Callable[[str], bool]
) -> Iterable[tuple[tuple[str, ...], SourceFile]]:
    """Leave out pages that only list a folder: an ``index`` beside or above other pages, or in the source itself.

    One that is alone in its folder is the page that the folder is named after. JSON is no page.
    """
    peopled = Counter(parts[:depth] for parts, _ in found for depth in range(len(parts)))
    for parts, file in found:
        stem, suffix = os.path.splitext(parts[-1])  # noqa: PTH122
        lists = stem.lower() == "index" and suffix.lower() != ".json" and (len(parts) == 1 or peopled[parts[:-1]] > 1)
        if lists and not (_is_page_of_day(parts) or named("/".join(parts))):
            continue
        yield parts, file


def _unique(files: Iterable[SourceFile]) -> Iterable[SourceFile]:
    taken: set[str] = set()
    for file in files:
        label, again = file.label, 2
        while label in taken:
            label, again = f"{file.label} ({again})", again + 1
        taken.add(label)
        yield file if label == file.label else replace(file, label=label)


_METADATA = (".meta", ".yml", ".yaml", ".toml", ".json")
_COPY = re.compile(
    r"[ _]?\((?:[^()]*conflicted copy[^()]*|[^()]*のコンフリクト[^()]*|[^()]*競合コピー[^()]*|\d{1,2})\)$"
    r"|\.sync-conflict-\d{8}-\d{6}(?:-\w+)?$|[ _-]conflict(?:ed)?[-_ ]?[\d-]*$| - (?:Copy|コピー)$| copy$",
    re.IGNORECASE,
)
"""What Dropbox, Syncthing, Nextcloud, browsers and file managers put behind the name of a copy."""


def _metadata_in(listed: Collection[str]) -> dict[str, list[str]]:
    """Return the files in a folder that are front matter of a page there, by the page, the one that counts first: YAML
    or TOML with the name of the page, JSON beside ``index.md``, or Nikola's ``.meta`` beside any page or text. Where
    it is used, the texts without one are pages as well, which have it at their top.
    """
    pages: dict[str, list[str]] = {}
    for ending in _METADATA:
        for name in listed:
            stem = name.removesuffix(ending)
            if stem != name and (ending != ".json" or stem in BUNDLES):
                kinds = ("markdown", "rst", "html", "text") if ending == ".meta" else ("markdown",)
                for page in (f"{stem}{one}" for one in endings_of(*kinds)):
                    if page in listed:
                        pages.setdefault(page, []).append(name)
    if any(name.endswith(".meta") for files in pages.values() for name in files):
        pages |= {name: [] for name in listed if kind_of(name) == "text" and name not in pages}
    return pages


def _copy_of(name: str, listed: Collection[str]) -> str:
    """Return the file beside this one that it is a copy of by name, ``""`` where it is none."""
    stem, ending = os.path.splitext(name)  # noqa: PTH122
    original = f"{_COPY.sub('', stem)}{ending}"
    return original if original != name and original in listed else ""


@lru_cache(maxsize=_REMEMBERED_NAMES)
def _wanted(name: str) -> bool:
    """Whether a file may hold an episode by its name."""
    return _is_readable(name) and not is_paperwork(name.split(".", maxsplit=1)[0])


def _is_page_of_day(parts: Sequence[str]) -> bool:
    """Whether a file is the page that its folder is named after, with a day: ``2024-05-03-title/README.md``."""
    stem = parts[-1].partition(".")[0].lower()
    return len(parts) > 1 and stem in BUNDLES and dated_name(parts[-2])[0] is not None


def _is_readable(name: str) -> bool:
    """Whether there is a format for a file of this name; captions and texts without a day are transcripts first."""
    kind = kind_of(name)
    if kind == "captions" or (kind == "text" and dated_name(os.path.splitext(name)[0])[0] is None):  # noqa: PTH122
        return False
    return format_of(name) is not None


def is_paperwork(stem: str) -> bool:
    """Whether a file is about the folder: by its whole name, ``README-…``, ``…-template``; more words are a title."""
    words = stem.upper().replace("-", "_").replace(" ", "_")
    is_template = words.endswith("_TEMPLATE") and words.count("_") <= _WORDS_OF_TEMPLATE
    return words in PAPERWORK or words.startswith("README_") or is_template


def _shown(folder: Path, listing: list[os.DirEntry[str]]) -> list[os.DirEntry[str]]:
    """What of a folder is looked at: all, but of an archive of X only the way to its manifest."""
    inside, manifest = EXPORT
    if folder.name == inside and any(entry.name == manifest for entry in listing):
        return [entry for entry in listing if entry.name == manifest]
    if any(entry.name == inside for entry in listing) and (folder / inside / manifest).is_file():
        return [entry for entry in listing if entry.name == inside]
    return [entry for entry in listing if entry.name != manifest]


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


def _unreadable(source: Path) -> str:
    try:
        if source.is_file():
            return "" if format_of(source.name) else "not a file of a kind that is read"
        with os.scandir(source):
            return ""
    except OSError as error:
        return _why(error)


def _readable(entry: os.DirEntry[str], sources: Sequence[Path]) -> bool:
    """Whether an entry is a file, or a link to one that may be followed."""
    return entry.is_file() and not (entry.is_symlink() and leads_outside(Path(entry.path), sources))


def _is_dir(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # looking at it as a file will say what is wrong


def _identity(status: os.stat_result) -> _Identity:
    return status.st_dev, status.st_ino


def _why(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
