"""``zunda-mcp doctor``: everything one would ask before reporting a fault, and the next step.

It brings the index up to date like any reading verb, so that what it says is about the files as they are now.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from zunda_mcp import __version__
from zunda_mcp.answers import About, Freshness
from zunda_mcp.cli import checks
from zunda_mcp.cli.arguments import Arguments
from zunda_mcp.cli.checks import Check
from zunda_mcp.cli.chosen_archive import Progress, flags_of, settings_of
from zunda_mcp.cli.index_verbs import problem_line
from zunda_mcp.cli.streams import print_json
from zunda_mcp.cli.styles import style
from zunda_mcp.cli.wrapping import padded
from zunda_mcp.embeddings.choice import choose
from zunda_mcp.errors import ArchiveError, IndexingError, SettingsError, ZundaError
from zunda_mcp.index.vectors import read_meta
from zunda_mcp.install.handshake import Handshake
from zunda_mcp.install.installed import Entry, handshakes
from zunda_mcp.library import Library
from zunda_mcp.models import Model, Problem
from zunda_mcp.rendering.answer_text import freshness as freshness_text
from zunda_mcp.rendering.messages import Messages, count
from zunda_mcp.rendering.sanitize import one_line
from zunda_mcp.sources.registry import listed
from zunda_mcp.sources.store import Source

if TYPE_CHECKING:
    from zunda_mcp.config.settings import Settings

__all__ = ["Diagnosis", "diagnose", "doctor", "next_step"]

_MARKS = {True: "✓", False: "✗", None: "·"}
_CALL = ("search_episodes", {"query": "", "limit": 1})
_SHOWN_HOSTS = 12  # a show with guests has hundreds


class Diagnosis(Model):
    """Everything the doctor found.

    ``checks`` say it in words, in order. ``error`` is why archive or index do not answer. ``clients`` are the entries
    for zunda-mcp in clients' files; ``handshake`` is how a server answered that was started as a client would start it.
    """

    zunda_mcp: str
    checks: list[Check]
    problems: list[Problem]
    clients: list[Entry]
    handshake: Handshake | None
    error: str | None
    next: str


def doctor(arguments: Arguments) -> bool:
    """Print the diagnosis. Returns whether archive, index and a server answer."""
    try:
        diagnosis = diagnose(settings_of(arguments), flags_of(arguments))
    except SettingsError as error:
        if arguments.episodes or arguments.folders or arguments.archives:
            raise
        diagnosis = _without_archive(str(error))
    if arguments.json:
        print_json(diagnosis)
    else:
        look = style()
        print(look.fitted("\n".join(_lines(diagnosis, look.say))))
    return diagnosis.error is None and (diagnosis.handshake is None or diagnosis.handshake.ok)


def _without_archive(error: str) -> Diagnosis:
    """What can be seen where no archive is chosen: the machine, and the clients' entries."""
    _, reason, clients = handshakes(None, {}, None)
    choose_one = "zunda-mcp use DIR chooses the archive of all commands; zunda-mcp add ADDRESS fetches one."
    return Diagnosis(
        zunda_mcp=__version__,
        checks=[
            *_machine_checks(),
            Check("episodes", False, "no archive is chosen", choose_one),
            checks.handshake_check(None, reason),
            *checks.client_checks(clients),
        ],
        problems=[],
        clients=clients,
        handshake=None,
        error=error,
        next=choose_one,
    )


def _machine_checks() -> list[Check]:
    python = Check("python", True, f"{sys.version.split(maxsplit=1)[0]} on {sys.platform}")
    return [python, checks.packages_check(), checks.encoding_check()]


def diagnose(settings: Settings, flags: Mapping[str, object] | None = None) -> Diagnosis:
    """Look at everything; a broken archive or index is part of the answer, not an error.

    ``flags`` are the flags as typed: what the server is started with to see whether it answers (default: all settings).
    """
    error = generation = freshness = None
    problems: list[Problem] = []
    notes: list[Check] = []
    try:
        with Library.open(settings) as library:
            try:
                with Progress() as progress:
                    generation = library.refresh(progress, embed=False).generation
            except (ArchiveError, IndexingError) as refused:
                error = str(refused)
            problems, freshness = library.problems(), library.freshness()
            notes = checks.splitting_checks(library.strategies())
            notes.append(Check("days", None, _days(library.about())))
            notes.append(Check("hosts", None, ", ".join(library.hosts()[:_SHOWN_HOSTS]) or "none named"))
    except (ArchiveError, IndexingError) as refused:
        error = error or str(refused)
    if flags is None:
        folders = [str(folder) for folder in settings.episodes]
        flags = {"episodes": folders, "index": str(settings.index), "embedder": settings.embedder}
    handshake, reason, clients = handshakes(settings, flags, None if error else _CALL)
    looked_at = [
        *_machine_checks(),
        *map(_folder_check, settings.episodes),
        _index_check(settings.index, generation),
        Check("answers", not error and freshness is not None, freshness_text(freshness) if freshness else "nothing"),
        *notes,
        *checks.source_checks(_sources(settings)),
        Check("meaning", None, _meaning(settings, generation)),
        _problems_check(problems),
        checks.handshake_check(handshake, reason),
        *checks.client_checks(clients),
    ]
    return Diagnosis(
        zunda_mcp=__version__,
        checks=looked_at,
        problems=problems,
        clients=clients,
        handshake=handshake,
        error=error,
        next=next_step(settings, error, problems, freshness, looked_at),
    )


def next_step(
    settings: Settings,
    error: str | None,
    problems: list[Problem],
    freshness: Freshness | None,
    looked_at: Sequence[Check] = (),
) -> str:
    """The most pressing thing to do."""
    if missing := [folder for folder in settings.episodes if not folder.exists()]:
        return f"There is no folder {missing[0]}: choose the one that holds the episode files: zunda-mcp use DIR."
    if error is not None:
        return "Mend what the error names, then run zunda-mcp doctor again; zunda-mcp index --rebuild starts afresh."
    if freshness is None or not freshness.episodes:
        return "No file in these folders is an episode: choose the folder of the dated files: zunda-mcp use DIR."
    for one in looked_at:
        if one.ok is False and one.advice and one.name != "problems":
            return one.advice
    if skipped := sum(problem.skipped for problem in problems):
        return f"Mend the {count(skipped, 'skipped file')} listed above; the rest of the archive answers."
    return "All is well. Ask in the terminal with zunda-mcp search, or let an assistant start zunda-mcp serve."


def _lines(diagnosis: Diagnosis, say: Messages) -> list[str]:
    """The diagnosis for a person: ✓ well, ✗ not well, · a note; advice stands below what is not well."""

    def line(mark: str, name: str, text: str) -> str:
        return f"{mark} {padded(say.translated(name), 10)} {one_line(say.translated(text))}"

    lines = [line(" ", "zunda-mcp", diagnosis.zunda_mcp)]
    for one in diagnosis.checks:
        lines.append(line(_MARKS[one.ok], one.name, one.message))
        if one.advice:
            lines.append(f"  {'':<10} → {one_line(say.translated(one.advice))}")
        if one.name == "problems":
            lines += [f"    {problem_line(problem)}" for problem in diagnosis.problems]
    if diagnosis.error:
        lines.append(line("✗", "error", diagnosis.error))
    return [*lines, line(" ", "next", diagnosis.next)]


def _folder_check(folder: Path) -> Check:
    if folder.exists():
        return Check("episodes", True, str(folder))
    return Check("episodes", False, f"{folder} MISSING", "Choose the folder of the episode files: zunda-mcp use DIR.")


def _index_check(folder: Path, generation: str | None) -> Check:
    message = f"{folder} {generation or 'none'}"
    advice = None if generation else "zunda-mcp index --rebuild starts afresh; nothing in the episodes is touched."
    return Check("index", generation is not None, message, advice)


def _problems_check(problems: Sequence[Problem]) -> Check:
    skipped = any(problem.skipped for problem in problems)
    advice = "Mend the files listed below; what is skipped is not found." if skipped else None
    message = f"{len(problems):,}" if problems else "none"
    return Check("problems", not skipped, message, advice)


def _days(about: About) -> str:
    """In which zone days in words are counted, and why."""
    why = "as most dates are written" if about.timezone != "UTC" else "since nothing says otherwise"
    reason = "" if about.timezone_stated else f" ({why}; timezone in zunda-mcp.toml has it otherwise)"
    return f"today is {about.today}, in {about.timezone}{reason}"


def _sources(settings: Settings) -> list[Source]:
    """The added sources that this archive is read from."""
    folders = set(settings.episodes)
    try:
        return [source for source in listed() if folders & {Path(path).resolve() for path in source.reads}]
    except (OSError, ZundaError):
        return []


def _meaning(settings: Settings, generation: str | None) -> str:
    """Which embedder is chosen, and whether its vectors are there."""
    try:
        embedder = choose(settings.embedder)
    except SettingsError as error:
        return str(error)
    if embedder is None:
        return "off; --embedder auto answers questions in other words and languages"
    meta = read_meta(settings.index / generation) if generation else None
    if meta is None or meta.embedder != embedder.name:
        return f"{embedder.name}, no vectors yet: run zunda-mcp index"
    missing = meta.left + meta.passages_left
    left = f", {missing} to come: run zunda-mcp index" if missing else ""
    return f"{embedder.name}, vectors of {count(meta.stories, 'story')}{left}"
