"""Several archives read as one. Each keeps its own language, time zone and addresses.

Ids are unique only within an archive, so a collection puts the archive's name and a colon before each id
(``changelog:2025-07-08-279``), and the name and a slash before each label of a file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from zunda_mcp.errors import ArchiveError
from zunda_mcp.models import Problem
from zunda_mcp.reading.archive_reader import ArchiveReader
from zunda_mcp.reading.detection.conventions import Strategy
from zunda_mcp.reading.detection.survey import Profile
from zunda_mcp.reading.file_reader import FileReading
from zunda_mcp.reading.mapping.archive_table import Trace
from zunda_mcp.reading.scanning.scan import Scan
from zunda_mcp.reading.source_file import SourceFile

__all__ = ["ArchiveCollection", "Readable"]


class ArchiveCollection:
    """Archives by name, in the order given, with the methods of a single ``ArchiveReader``."""

    def __init__(self, archives: Mapping[str, ArchiveReader]) -> None:
        self._archives = dict(archives)

    @property
    def sources(self) -> tuple[Path, ...]:
        """The source folders of all archives."""
        return tuple(source for archive in self._archives.values() for source in archive.sources)

    @property
    def name(self) -> str:
        """The names of all archives, separated by commas."""
        return ", ".join(archive.name for archive in self._archives.values())

    def titles(self) -> dict[str, tuple[str, str | None]]:
        """Return the archive's own name and its language, by its name in the collection."""
        return {label: (archive.name, archive.language) for label, archive in self._archives.items()}

    def within(self, names: Collection[str]) -> ArchiveCollection:
        """Return the collection of the archives with these names."""
        return ArchiveCollection({name: archive for name, archive in self._archives.items() if name in names})

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems of the archives' configurations."""
        archives = self._archives.items()
        return tuple(_of(problem, name) for name, archive in archives for problem in archive.problems)

    def scan(self, indexed: Collection[str] = ()) -> Scan:
        """List the files of all archives; one that cannot be read is a problem. Raises ``ArchiveError`` if none can."""
        scans: list[Scan] = []
        failures: list[ArchiveError] = []
        for name, archive in self._archives.items():
            own = [label.removeprefix(f"{name}/") for label in indexed if self.archive_of(label) == name]
            try:
                one = archive.scan(own)
            except ArchiveError as error:
                failures.append(error)
                problem = Problem(path=name, cause=f"{error} The other archives were read.", skipped=True)
                scans.append(Scan((), (problem,), (), (name,), _below(own, name)))
            else:
                problems = tuple(_of(problem, name) for problem in one.problems)
                files, people = _files_below(one.files, name), _files_below(one.people, name)
                scans.append(Scan(files, problems, people, _below(one.unavailable, name), _below(one.missing, name)))
        if len(failures) == len(self._archives):
            raise failures[0]
        parts = [[part for scan in scans for part in getattr(scan, one.name)] for one in fields(Scan)]
        return Scan(*map(tuple, parts))

    def digests(self, scan: Scan) -> dict[str, str]:
        """Return the digest of each archive's profile, by its name (see ``ArchiveReader.digests``)."""
        scans = self._apart(scan)
        return {name: archive.digests(scans[name])[""] for name, archive in self._archives.items()}

    def profiles(self, scan: Scan) -> dict[str, Profile]:
        """Return the profile of each archive, by its name (see ``ArchiveReader.profiles``)."""
        scans = self._apart(scan)
        return {name: archive.profiles(scans[name])[""] for name, archive in self._archives.items()}

    def _apart(self, scan: Scan) -> dict[str, Scan]:
        """Split a scan into one for each archive, with the labels that the archive itself uses."""
        apart: dict[str, list[list[Any]]] = {name: [[], [], []] for name in self._archives}
        for place, several in enumerate((scan.files, scan.people)):
            for file in several:
                name = self.archive_of(file.label)
                apart[name][place].append(replace(file, label=file.label.removeprefix(f"{name}/")))
        for label in scan.missing:
            apart[name := self.archive_of(label)][2].append(label.removeprefix(f"{name}/"))
        parts = ((name, map(tuple, lists)) for name, lists in apart.items())
        return {name: Scan(files, (), people, missing=gone) for name, (files, people, gone) in parts}

    def read(
        self, file: SourceFile, profiles: Mapping[str, Profile] | None = None, trace: Trace | None = None
    ) -> FileReading:
        """Read one file as part of the archive it belongs to."""
        name = self.archive_of(file.label)
        own = None if profiles is None else {"": profiles[name]}
        reading = self._archives[name].read(replace(file, label=file.label.removeprefix(f"{name}/")), own, trace)
        drafts = tuple(
            replace(draft, id=f"{name}:{draft.id}", path=f"{name}/{draft.path}", archive=name)
            for draft in reading.drafts
        )
        problems = tuple(_of(problem, name) for problem in reading.problems)
        return reading._replace(label=file.label, drafts=drafts, problems=problems)

    def unread(self) -> tuple[str, ...]:
        """Return the labels of all files that could not be read (see ``ArchiveReader.unread``)."""
        return tuple(f"{name}/{label}" for name, archive in self._archives.items() for label in archive.unread())

    def keep(self, profiles: Mapping[str, Profile]) -> dict[str, Any]:
        """Return what each archive keeps for another process, by its name (see ``ArchiveReader.keep``)."""
        return {name: archive.keep({"": profiles[name]}) for name, archive in self._archives.items()}

    def recall(self, kept: Mapping[str, Any]) -> None:
        """Restore in each archive what ``keep`` returned."""
        for name, archive in self._archives.items():
            own = kept.get(name)
            archive.recall(own if isinstance(own, dict) else {})

    def feed_strategies(self) -> dict[str, Strategy]:
        """Return how each feed is split, by label. Archives that cannot be read are left out."""
        strategies: dict[str, Strategy] = {}
        for name, archive in self._archives.items():
            with suppress(ArchiveError):
                strategies |= {f"{name}/{label}": one for label, one in archive.feed_strategies().items()}
        return strategies

    def archive_of(self, label: str) -> str:
        """Return the name of the archive that a file belongs to, by the file's label."""
        return next(name for name in sorted(self._archives, key=len, reverse=True) if label.startswith(f"{name}/"))


def _of(problem: Problem, name: str) -> Problem:
    return problem.model_copy(update={"path": f"{name}/{problem.path}"})


def _below(labels: Iterable[str], name: str) -> tuple[str, ...]:
    return tuple(f"{name}/{label}" for label in labels)


def _files_below(files: Iterable[SourceFile], name: str) -> tuple[SourceFile, ...]:
    return tuple(replace(file, label=f"{name}/{file.label}") for file in files)


Readable = ArchiveReader | ArchiveCollection
"""What an index is built from: one archive or several."""
