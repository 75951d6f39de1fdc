"""Several archives read as one: each keeps its own language, zone and addresses, and gives its name to what it holds.

Ids are unique within an archive, not on the shelf, so here they begin with the archive's name and a colon
(``changelog:2025-07-08-279``), and labels of files with the name and a slash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from zunda_mcp.archive.conventions import Strategy
from zunda_mcp.archive.draft import Draft
from zunda_mcp.archive.reader import ArchiveReader, Reading
from zunda_mcp.archive.scan import Scan
from zunda_mcp.archive.source_file import SourceFile
from zunda_mcp.episode import Problem
from zunda_mcp.errors import ArchiveError


class Shelf:
    """Archives by name, in the order in which they were named; offers what one ``ArchiveReader`` offers."""

    def __init__(self, archives: Mapping[str, ArchiveReader]) -> None:
        self._archives = dict(archives)

    @property
    def sources(self) -> tuple[Path, ...]:
        """The folders of all archives."""
        return tuple(source for archive in self._archives.values() for source in archive.sources)

    @property
    def name(self) -> str:
        """The names of all archives."""
        return ", ".join(archive.name for archive in self._archives.values())

    @property
    def language(self) -> str | None:
        """The language that all archives share, ``None`` where they do not."""
        languages = {archive.language for archive in self._archives.values()}
        return languages.pop() if len(languages) == 1 else None

    def stated_zones(self) -> Mapping[str, str]:
        """The zone that is stated for each archive, by its name, in order."""
        return {name: archive.stated_zones()[""] for name, archive in self._archives.items()}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the configurations of the archives."""
        archives = self._archives.items()
        return tuple(_labelled(problem, name) for name, archive in archives for problem in archive.problems)

    def scan(self) -> Scan:
        """List the files of all archives. One that cannot be read is a problem; raises ``ArchiveError`` if none can."""
        files: list[SourceFile] = []
        problems: list[Problem] = []
        failures: list[ArchiveError] = []
        for name, archive in self._archives.items():
            try:
                scan = archive.scan()
            except ArchiveError as error:
                failures.append(error)
                problems.append(Problem(path=name, cause=f"{error} The other archives were read.", skipped=True))
                continue
            files += (replace(file, label=f"{name}/{file.label}") for file in scan.files)
            problems += (_labelled(problem, name) for problem in scan.problems)
        if len(failures) == len(self._archives):
            raise failures[0]
        return Scan(tuple(files), tuple(problems))

    def read(self, file: SourceFile) -> Reading:
        """Read one file for the archive it belongs to."""
        name = self.archive_of(file.label)
        reading = self._archives[name].read(replace(file, label=file.label.removeprefix(f"{name}/")))
        drafts = tuple(_named(draft, name) for draft in reading.drafts)
        problems = tuple(_labelled(problem, name) for problem in reading.problems)
        return replace(reading, label=file.label, drafts=drafts, problems=problems)

    def surveys(self) -> dict[str, Any]:
        """The looks that were taken, by archive (see ``ArchiveReader.surveys``)."""
        return {name: found for name, archive in self._archives.items() if (found := archive.surveys())}

    def recall(self, surveys: Mapping[str, Any]) -> None:
        """Scan each archive with what an earlier look found."""
        for name, archive in self._archives.items():
            known = surveys.get(name)
            archive.recall(known if isinstance(known, dict) else {})

    def go_on_with(self, surveys: Mapping[str, Any] | None) -> None:
        """Read each archive as an earlier look has said."""
        for name, archive in self._archives.items():
            known = (surveys or {}).get(name)
            archive.go_on_with(known if isinstance(known, dict) else None)

    def feed_strategies(self) -> dict[str, Strategy]:
        """How each feed is split, by label; an archive that cannot be read has none."""
        found: dict[str, Strategy] = {}
        for name, archive in self._archives.items():
            with suppress(ArchiveError):
                found |= {f"{name}/{label}": one for label, one in archive.feed_strategies().items()}
        return found

    def archive_of(self, label: str) -> str:
        """The name of the archive that a file belongs to."""
        return next(name for name in sorted(self._archives, key=len, reverse=True) if label.startswith(f"{name}/"))

    def names(self) -> Sequence[str]:
        """The names of the archives, in order."""
        return list(self._archives)


def _named(draft: Draft, name: str) -> Draft:
    return replace(draft, id=f"{name}:{draft.id}", path=f"{name}/{draft.path}", archive=name)


def _labelled(problem: Problem, name: str) -> Problem:
    return problem.model_copy(update={"path": f"{name}/{problem.path}"})
