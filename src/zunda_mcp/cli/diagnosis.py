"""What ``zunda-mcp doctor`` finds out: the machine, the archive, the index, every problem, and what to do next."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from zunda_mcp.answers import Freshness
from zunda_mcp.cli.arguments import version
from zunda_mcp.cli.opening import Progress
from zunda_mcp.cli.terminal import count
from zunda_mcp.episode import Model, Problem
from zunda_mcp.errors import ArchiveError, IndexingError

if TYPE_CHECKING:
    from zunda_mcp.settings import Settings

_PACKAGES = "mcp pydantic python-frontmatter whoosh3 markdown-it-py filelock platformdirs tqdm"


class Folder(Model):
    """A source folder of the archive."""

    path: str
    exists: bool


class IndexFolder(Model):
    """The index on disk; ``generation`` is null where it could not be brought up to date."""

    path: str
    generation: str | None
    bytes: int


class Diagnosis(Model):
    """Everything the doctor says. ``packages`` are versions, null where one is not installed; ``hosts`` busiest first;
    ``meaning`` says which embedder there is, and whether the index has its vectors.

    ``error`` is why archive or index do not answer; ``freshness`` is null where there is nothing to be fresh.
    """

    zunda_mcp: str
    python: str
    packages: dict[str, str | None]
    episodes: list[Folder]
    index: IndexFolder
    freshness: Freshness | None
    meaning: str
    hosts: list[str]
    problems: list[Problem]
    error: str | None
    next: str


def diagnose(settings: Settings) -> Diagnosis:
    """Look at everything; a broken archive or index is part of the answer, not an error."""
    from zunda_mcp.library import Library

    error = generation = freshness = None
    hosts: list[str] = []
    problems: list[Problem] = []
    try:
        with Library.open(settings) as library:
            try:
                with Progress() as progress:
                    generation = library.refresh(progress, embed=False).generation
            except (ArchiveError, IndexingError) as refused:
                error = str(refused)
            problems, hosts = library.problems(), library.hosts()
            freshness = library.freshness()
    except (ArchiveError, IndexingError) as refused:
        error = error or str(refused)
    return Diagnosis(
        zunda_mcp=version(),
        python=f"{sys.version.split(maxsplit=1)[0]} on {sys.platform}",
        packages={name: _version(name) for name in _PACKAGES.split()},
        episodes=[Folder(path=str(folder), exists=folder.is_dir()) for folder in settings.episodes],
        index=IndexFolder(path=str(settings.index), generation=generation, bytes=_size(settings.index)),
        freshness=freshness,
        meaning=_meaning(settings, generation),
        hosts=hosts,
        problems=problems,
        error=error,
        next=next_step(settings, error, problems, freshness),
    )


def next_step(settings: Settings, error: str | None, problems: list[Problem], fresh: Freshness | None) -> str:
    """One step, the most pressing one."""
    if missing := [folder for folder in settings.episodes if not folder.is_dir()]:
        return f"There is no folder {missing[0]}: pass the one that holds the episode files with --episodes DIR."
    if error is not None:
        return "Mend what the error names, then run zunda-mcp doctor again; zunda-mcp index --rebuild starts afresh."
    if fresh is None or not fresh.episodes:
        return "No file in these folders is an episode: pass the folder of the dated files with --episodes DIR."
    if skipped := sum(problem.skipped for problem in problems):
        return f"Mend the {count(skipped, 'skipped file')} listed above; the rest of the archive answers."
    return "All is well. Ask in the terminal with zunda-mcp search, or let an assistant start zunda-mcp serve."


def _meaning(settings: Settings, generation: str | None) -> str:
    """Which embedder is chosen, and whether its vectors are there."""
    from zunda_mcp.errors import SettingsError
    from zunda_mcp.index.vectors import read_meta
    from zunda_mcp.meaning import choose

    try:
        embedder = choose(settings.embedder)
    except SettingsError as error:
        return str(error)
    if embedder is None:
        return 'off; pip install "zunda-mcp[semantic]" for questions in other words and languages'
    meta = read_meta(settings.index / generation) if generation else None
    if meta is None or meta.embedder != embedder.name:
        return f"{embedder.name}, no vectors yet: run zunda-mcp index"
    left = f", {meta.left} to come: run zunda-mcp index" if meta.left else ""
    return f"{embedder.name}, vectors of {count(meta.stories, 'story')}{left}"


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _size(folder: Path) -> int:
    """Bytes of all files in the folder that can be seen."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:  # swept or locked just now
            continue
    return total
