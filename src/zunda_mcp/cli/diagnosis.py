"""What ``zunda-mcp doctor`` finds out: machine, archive, index, clients, a handshake, problems, and what is next."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from zunda_mcp.answers import About, Freshness
from zunda_mcp.cli.arguments import version
from zunda_mcp.cli.checks import (
    Check,
    Splitting,
    added_sources,
    client_checks,
    encoding_check,
    handshake_check,
    packages_check,
    python_check,
    source_checks,
    splitting_checks,
    splittings,
)
from zunda_mcp.cli.terminal import count
from zunda_mcp.cli.verbs import Progress
from zunda_mcp.errors import ArchiveError, IndexingError, InstallError
from zunda_mcp.install.clients import Machine
from zunda_mcp.install.entry import entry_for
from zunda_mcp.install.handshake import Handshake, try_handshake
from zunda_mcp.install.installed import Entry, entries
from zunda_mcp.models import Model, Problem
from zunda_mcp.sources.store import Source

if TYPE_CHECKING:
    from zunda_mcp.config.settings import Settings

_PACKAGES = "mcp pydantic python-frontmatter whoosh3 markdown-it-py filelock platformdirs tqdm"
_CALL = ("search_episodes", {"query": "", "limit": 1})
_NAMED = 12
"""So many hosts are named; a show with guests has hundreds."""
"""What the doctor asks the server it starts."""


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
    ``meaning`` says which embedder there is, and whether the index has its vectors, ``days`` in which zone "today" is;
    ``splitting`` how stories were found in the files; ``sources`` are those that were added by ``zunda-mcp add`` and
    that this archive is read from.

    ``error`` is why archive or index do not answer; ``freshness`` is null where there is nothing to be fresh.
    ``clients`` are the entries for zunda-mcp in clients' configurations, ``handshake`` how a server answered that was
    started as a client would (null where none was). ``checks`` say all of it in plain words, in the order shown.
    """

    zunda_mcp: str
    python: str
    packages: dict[str, str | None]
    episodes: list[Folder]
    index: IndexFolder
    freshness: Freshness | None
    meaning: str
    days: str = ""
    hosts: list[str]
    problems: list[Problem]
    splitting: list[Splitting] = Field(default_factory=list)
    sources: list[Source] = Field(default_factory=list)
    error: str | None
    next: str
    clients: list[Entry] = Field(default_factory=list)
    handshake: Handshake | None = None
    checks: list[Check] = Field(default_factory=list)

    @property
    def well(self) -> bool:
        """Whether archive and index answer, and a server does."""
        return self.error is None and (self.handshake is None or self.handshake.ok)


def diagnose(settings: Settings, named: Mapping[str, object] | None = None) -> Diagnosis:
    """Look at everything; a broken archive or index is part of the answer, not an error.

    ``named`` are the flags as typed: what the server is started with that shows whether it answers (else all settings).
    """
    from zunda_mcp.library import Library

    error = generation = freshness = None
    hosts: list[str] = []
    problems: list[Problem] = []
    splitting: list[Splitting] = []
    days = ""
    try:
        with Library.open(settings) as library:
            try:
                with Progress() as progress:
                    generation = library.refresh(progress, embed=False).generation
            except (ArchiveError, IndexingError) as refused:
                error = str(refused)
            problems, hosts = library.problems(), library.hosts()
            freshness = library.freshness()
            splitting = splittings(library.strategies())
            days = _days(library.about())
    except (ArchiveError, IndexingError) as refused:
        error = error or str(refused)
    machine = Machine.this()
    if named is None:
        folders = [str(folder) for folder in settings.episodes]
        named = {"episodes": folders, "index": str(settings.index), "embedder": settings.embedder}
    handshake, why_not, clients = _handshakes(machine, settings, named, call=error is None)
    found = Diagnosis(
        zunda_mcp=version(),
        python=f"{sys.version.split(maxsplit=1)[0]} on {sys.platform}",
        packages={name: _version(name) for name in _PACKAGES.split()},
        episodes=[Folder(path=str(folder), exists=folder.exists()) for folder in settings.episodes],
        index=IndexFolder(path=str(settings.index), generation=generation, bytes=_size(settings.index)),
        freshness=freshness,
        meaning=_meaning(settings, generation),
        days=days,
        hosts=hosts,
        problems=problems,
        splitting=splitting,
        sources=added_sources(settings),
        error=error,
        next="",
        clients=clients,
        handshake=handshake,
    )
    checks = _checks(found, why_not)
    step = next_step(settings, error, problems, freshness, checks)
    return found.model_copy(update={"checks": checks, "next": step})


def _handshakes(
    machine: Machine, settings: Settings, named: Mapping[str, object], *, call: bool
) -> tuple[Handshake | None, str, list[Entry]]:
    """How the server answers that would be installed now, why none was started, and how those of the clients answer.

    A project's own file may have come with it from anywhere, so what it names is not started unless it is ours.
    """
    ours, why_not, variables = None, "", dict[str, str]()
    try:
        entry = entry_for(None, machine, settings, named)
        args, env = entry["args"], entry.get("env")
        assert isinstance(args, list)
        variables = {name: str(env[name]) for name in env} if isinstance(env, dict) else {}
        ours = try_handshake(machine, [str(entry["command"]), *map(str, args)], variables, call=_CALL if call else None)
    except InstallError as error:
        why_not = str(error)
    found: list[Entry] = []
    for one in entries(machine, settings.episodes):
        answer = None
        if ours and (one.command, one.env) == (ours.command, variables):
            answer = ours
        elif one.scope != "project" and one.name and not one.faults and not one.off:
            answer = try_handshake(machine, one.command, one.env)
        found.append(one.model_copy(update={"handshake": answer}))
    return ours, why_not, found


def _checks(found: Diagnosis, why_not: str) -> list[Check]:
    """Everything in plain words, one line each."""
    index, problems = found.index, found.problems
    rebuild = "zunda-mcp index --rebuild starts afresh; nothing in the episodes is touched."
    mend = "Mend the files listed below; what is skipped is not found."
    return [
        python_check(),
        packages_check(found.packages),
        encoding_check(),
        *(
            Check(
                name="episodes",
                ok=folder.exists,
                said=f"{folder.path}{'' if folder.exists else ' MISSING'}",
                do=None if folder.exists else "Pass the folder of the episode files with --episodes DIR.",
            )
            for folder in found.episodes
        ),
        Check(
            name="index",
            ok=index.generation is not None,
            said=f"{index.path} {index.generation or 'none'}, {_bytes(index.bytes)}",
            do=None if index.generation else rebuild,
        ),
        Check(name="answers", ok=found.error is None and found.freshness is not None, said=_answers(found)),
        *splitting_checks(found.splitting),
        *source_checks(found.sources),
        Check(name="meaning", ok=None, said=found.meaning),
        *([Check(name="days", ok=None, said=found.days)] if found.days else []),
        Check(name="hosts", ok=None, said=_some(found.hosts) or "none named"),
        Check(
            name="problems",
            ok=not any(problem.skipped for problem in problems),
            said=f"{len(problems):,}" if problems else "none",
            do=mend if any(problem.skipped for problem in problems) else None,
        ),
        handshake_check(found.handshake, why_not),
        *client_checks(found.clients),
    ]


def _days(about: About) -> str:
    """In which zone days in words are counted, and why."""
    if about.timezone_stated:
        return f"today is {about.today}, in {about.timezone}"
    why = "as most dates are written" if about.timezone != "UTC" else "since nothing says otherwise"
    return f"today is {about.today}, in {about.timezone} ({why}; timezone in zunda-mcp.toml has it otherwise)"


def _answers(found: Diagnosis) -> str:
    from zunda_mcp.rendering.answer_text import freshness

    return freshness(found.freshness) if found.freshness else "nothing"


def _some(names: Sequence[str]) -> str:
    """The first of these, and how many more there are."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _bytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB" if size >= 100_000 else count(size, "byte")


def next_step(
    settings: Settings,
    error: str | None,
    problems: list[Problem],
    fresh: Freshness | None,
    checks: Sequence[Check] = (),
) -> str:
    """One step, the most pressing one."""
    if missing := [folder for folder in settings.episodes if not folder.exists()]:
        return f"There is no folder {missing[0]}: pass the one that holds the episode files with --episodes DIR."
    if error is not None:
        return "Mend what the error names, then run zunda-mcp doctor again; zunda-mcp index --rebuild starts afresh."
    if fresh is None or not fresh.episodes:
        return "No file in these folders is an episode: pass the folder of the dated files with --episodes DIR."
    if failed := next((one for one in checks if one.ok is False and one.do and one.name != "problems"), None):
        return failed.do or failed.said
    if skipped := sum(problem.skipped for problem in problems):
        return f"Mend the {count(skipped, 'skipped file')} listed above; the rest of the archive answers."
    return "All is well. Ask in the terminal with zunda-mcp search, or let an assistant start zunda-mcp serve."


def _meaning(settings: Settings, generation: str | None) -> str:
    """Which embedder is chosen, and whether its vectors are there."""
    from zunda_mcp.embeddings.embedder import choose
    from zunda_mcp.errors import SettingsError
    from zunda_mcp.index.vectors import read_meta

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
