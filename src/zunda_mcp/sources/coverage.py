"""How much of an archive was understood, and what to do if that is too little.

Files are counted by their endings: those that were read, and those of other kinds that may contain episodes. If no
episode was understood, the folders next to the archive are tried, in case the user named the wrong one.
"""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath

from zunda_mcp.errors import ArchiveError
from zunda_mcp.index.catalog import FileEntry, SourceFiles
from zunda_mcp.models import Model
from zunda_mcp.reading.archive_reader import ArchiveReader
from zunda_mcp.reading.detection.conventions import DRAFT
from zunda_mcp.reading.detection.survey import sample
from zunda_mcp.reading.endings import ENDINGS, EXTRA, OPTIONAL, ending_of, kind_of
from zunda_mcp.reading.formats import format_of
from zunda_mcp.reading.metadata.file_names import dated_name
from zunda_mcp.reading.metadata.site import CONFIG_NAMES
from zunda_mcp.reading.scanning.wanted_files import SKIPPED_FOLDERS, is_paperwork

__all__ = ["Coverage", "KindSeen", "coverage_of", "coverage_of_index", "first_look"]

_OTHERS = frozenset({".txt", ".enex", ".pdf", ".sqlite", ".db", ".mdb", ".pages", ".ipynb", ".doc", ".ics"})
"""Endings of files that may contain an archive, but often do not."""

_SURE = frozenset({"markdown", "mail", "mbox", *OPTIONAL})
"""Kinds of files that are almost always pages of an archive. HTML and JSON often are not."""
_FEW = 2  # one file may fail even in a small archive; its problem names it
_WALKED = 20_000  # the most files whose endings are counted
_TRIED = 40  # the most folders next to an archive that are looked into
_READ = 5  # files read in each of them
_LIKELY = frozenset({"posts", "content", "episodes", "shows", "show-notes", "notes", "issues", "articles", "blog"})


class KindSeen(Model):
    """The number of files with one ending, and how many of them were understood."""

    ending: str
    files: int
    understood: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of an archive was understood, by kind of file. ``nearby`` are folders next to it that have episodes."""

    sources: tuple[Path, ...]
    episodes: int
    kinds: tuple[KindSeen, ...]
    expected: int = 0  # files that should be episodes: their kind is hardly used for others, or their name is a date
    missed: int = 0  # the number of these without an episode
    nearby: tuple[Path, ...] = ()

    @property
    def suffices(self) -> bool:
        """Whether there are episodes, and at most one file, or a tenth of those that should have episodes, has none."""
        return self.episodes > 0 and (self.missed < _FEW or self.missed * 10 <= self.expected)

    def message(self) -> str:
        """Return ``cause()`` with the next step."""
        next_step = f"zunda-mcp survey {shlex.join(map(str, self.sources))}"
        return f"{self.cause()} Next: {next_step} says how each kind of file is read, and how to change it."

    def cause(self) -> str:
        """Return sentences on what was not understood, and on what may help."""
        place = ", ".join(map(str, self.sources))
        missed = [kind for kind in self.kinds if kind.understood < kind.files]
        seen = ", ".join(
            f"{kind.files - kind.understood:,} {kind.ending or 'files without an ending'}" for kind in missed
        )
        if not self.episodes:
            sentences = [
                f"No episode was understood in {place}." + (f" Seen: {seen}." if seen else " It holds no text.")
            ]
        else:
            sentences = [f"More than a tenth of {place} was not understood: {seen}."]
        if unread := sorted(kind.ending for kind in missed if _takes_extra(kind.ending)):
            sentences.append(f"To read {', '.join(unread)}: {EXTRA}.")
        if any(kind.ending == ".json" for kind in missed):
            sentences.append("JSON is read as a feed, as a list of links or episodes, and as a transcript.")
        if any(ENDINGS.get(kind.ending) == "markdown" for kind in missed):
            sentences.append("A page needs a day: in front matter (date: 2024-03-01), name, folder or heading.")
        if self.nearby:
            sentences.append(f"This would open: --episodes {self.nearby[0]}.")
        return " ".join(sentences)


def _takes_extra(ending: str) -> bool:
    """Whether files with this ending are read once an extra is installed."""
    return ENDINGS.get(ending) in OPTIONAL and format_of(f"file{ending}") is None


def coverage_of(sources: Sequence[Path], episodes: int, understood: Mapping[str, bool]) -> Coverage:
    """Return the coverage of ``sources``. ``understood`` says for each file that was read, by label, if it was."""
    files: Counter[str] = Counter()
    good: Counter[str] = Counter()
    expected: list[bool] = []
    for label, is_understood in understood.items():
        files[ending_of(label)] += 1
        good[ending_of(label)] += is_understood
        if kind_of(label) in _SURE or dated_name(PurePath(label).stem)[0]:
            expected.append(is_understood)
    read = frozenset(files)
    for ending in _endings_in(sources):
        if ending not in read and (ENDINGS.get(ending) in _SURE or not episodes):
            files[ending] += 1
            expected += [False] * (ENDINGS.get(ending) in _SURE)
    kinds = tuple(
        KindSeen(ending=ending, files=count, understood=good[ending]) for ending, count in files.most_common()
    )
    nearby = () if episodes else tuple(_nearby(sources))
    return Coverage(tuple(sources), episodes, kinds, len(expected), expected.count(False), nearby)


def coverage_of_index(sources: Sequence[Path], episodes: int, files: SourceFiles) -> Coverage:
    """Return the coverage of the files in an index. Drafts and pending files count as understood."""

    def is_draft(file: FileEntry) -> bool:
        return any(str(problem.get("cause")).startswith(DRAFT) for problem in file.problems)

    entries = files.entries.values()
    understood = {one.label: bool(one.episodes) or bool(one.pending) or is_draft(one) for one in entries}
    return coverage_of(sources, episodes, understood)


def first_look(sources: Sequence[Path], reader: ArchiveReader | None = None) -> Coverage | None:
    """Read a sample of the files. Return None if one has an episode, the coverage if not.

    Raises ``ArchiveError`` if no source can be read.
    """
    reader = reader or ArchiveReader(sources)
    files = reader.scan().files
    understood: dict[str, bool] = {}
    for file in sample(files, lambda file: file.label):
        if reader.read(file).drafts:
            return None
        understood[file.label] = False
    return coverage_of(sources, 0, understood | {file.label: False for file in files})


def _endings_in(sources: Sequence[Path]) -> Iterator[str]:
    """Yield the endings of files in these folders that may contain episodes."""
    count = 0
    for source in sources:
        for _, folders, names in os.walk(source):
            folders[:] = [name for name in folders if not name.startswith(".") and name not in SKIPPED_FOLDERS]
            for name in names:
                count += 1
                ending = ending_of(name)
                if count > _WALKED:
                    return
                if name.startswith(".") or is_paperwork(name.partition(".")[0]):
                    continue
                if _takes_extra(ending) or ending in _OTHERS or format_of(name):
                    yield ending


def _nearby(sources: Sequence[Path]) -> Iterator[Path]:
    """Yield the first folder next to a source that has an episode. If their parent is not a checkout or a site, only
    folders with usual names (``posts``, ``episodes``) are tried, as others may be unrelated.
    """
    beside: dict[Path, None] = {}
    for source in sources:
        with suppress(OSError):
            together = any((source.parent / name).exists() for name in (".git", *CONFIG_NAMES))
            folders = (one for one in sorted(source.parent.iterdir()) if one.is_dir() and not one.name.startswith("."))
            beside |= dict.fromkeys(one for one in folders if one not in sources and (together or _is_likely(one)))
    for folder in sorted(beside, key=lambda one: not _is_likely(one))[:_TRIED]:
        with suppress(ArchiveError, OSError):
            reader = ArchiveReader([folder])
            if any(reader.read(file).drafts for file in sample(reader.scan().files, lambda file: file.label, _READ)):
                yield folder
                return


def _is_likely(folder: Path) -> bool:
    return folder.name.lower().strip("_") in _LIKELY
