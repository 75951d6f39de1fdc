"""``zunda-mcp doctor``: everything one would ask before reporting a bug, and the next step.

Like any verb that reads the archive, it updates the index first, so its report is about the current files.
"""

from __future__ import annotations

import codecs
import locale
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from zunda_mcp import __version__
from zunda_mcp.answers import About, Freshness
from zunda_mcp.cli.archive_verbs import problem_line
from zunda_mcp.cli.arguments import Arguments
from zunda_mcp.cli.chosen_archive import Progress, flags_of, settings_of
from zunda_mcp.cli.styles import padded, print_json, style
from zunda_mcp.embeddings.choice import choose
from zunda_mcp.errors import ArchiveError, IndexingError, SettingsError, ZundaError
from zunda_mcp.index.vectors import read_meta
from zunda_mcp.install.handshake import Handshake
from zunda_mcp.install.installed import Entry, handshakes
from zunda_mcp.library import Library
from zunda_mcp.models import Model, Problem
from zunda_mcp.rendering.answer_lines import freshness as freshness_text
from zunda_mcp.rendering.messages import Messages, count
from zunda_mcp.rendering.sanitize import clean_line
from zunda_mcp.sources.registry import listed

if TYPE_CHECKING:
    from zunda_mcp.config.settings import Settings
    from zunda_mcp.reading.detection.conventions import Strategy

__all__ = ["Check", "Diagnosis", "diagnose", "doctor", "next_step", "packages_check"]

_MARKS = {True: "✓", False: "✗", None: "·"}
_CALL = ("search_episodes", {"query": "", "limit": 1})
_SHOWN_HOSTS, _SHOWN_SPLITTINGS = 12, 20  # a show with guests has hundreds, and so has a list of feeds


@dataclass(frozen=True, slots=True)
class Check:
    """One result of the doctor. ``ok`` is null if it is only a note, ``advice`` is null if there is nothing to do."""

    name: str
    ok: bool | None
    message: str
    advice: str | None = None


def _check(name: str, message: str, otherwise: str, *, ok: bool) -> Check:
    """Return a check whose advice is ``otherwise`` unless it is ``ok``."""
    return Check(name, ok, message, None if ok else otherwise)


class Diagnosis(Model):
    """Everything the doctor found.

    ``checks`` describe it in words, in order. ``error`` is why the archive or index cannot be used. ``clients`` are the
    entries for zunda-mcp in clients' files. ``handshake`` is the answer of a server started as a client would start it.
    """

    zunda_mcp: str
    checks: list[Check]
    problems: list[Problem]
    clients: list[Entry]
    handshake: Handshake | None
    error: str | None
    next: str


def doctor(arguments: Arguments) -> bool:
    """Print the diagnosis. Return whether archive, index and server answer."""
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
    """Return a diagnosis if no archive is chosen: of the machine and the clients' entries."""
    _, reason, clients = handshakes(None, {}, None)
    advice = "zunda-mcp use DIR chooses the archive of all commands; zunda-mcp add ADDRESS fetches one."
    chosen = Check("episodes", False, "no archive is chosen", advice)
    checks = [*_machine_checks(), chosen, _handshake_check(None, reason), *_client_checks(clients)]
    return Diagnosis(
        zunda_mcp=__version__, checks=checks, problems=[], clients=clients, handshake=None, error=error, next=advice
    )


def _machine_checks() -> list[Check]:
    python = Check("python", True, f"{sys.version.split(maxsplit=1)[0]} on {sys.platform}")
    return [python, packages_check(), _encoding_check()]


def diagnose(settings: Settings, flags: Mapping[str, object] | None = None) -> Diagnosis:
    """Check everything. A broken archive or index is part of the diagnosis and not raised.

    The server is started with ``flags``, the flags as typed, by default with all settings.
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
            notes = _splitting_checks(library.strategies())
            notes.append(Check("days", None, _days(library.about())))
            notes.append(Check("hosts", None, ", ".join(library.hosts()[:_SHOWN_HOSTS]) or "none named"))
    except (ArchiveError, IndexingError) as refused:
        error = error or str(refused)
    if flags is None:
        folders = [str(folder) for folder in settings.episodes]
        flags = {"episodes": folders, "index": str(settings.index), "embedder": settings.embedder}
    handshake, reason, clients = handshakes(settings, flags, None if error else _CALL)
    checks = [
        *_machine_checks(),
        *map(_folder_check, settings.episodes),
        _index_check(settings.index, generation),
        Check("answers", not error and freshness is not None, freshness_text(freshness) if freshness else "nothing"),
        *notes,
        *_source_checks(settings),
        _meaning_check(settings, generation),
        _problems_check(problems),
        _handshake_check(handshake, reason),
        *_client_checks(clients),
    ]
    return Diagnosis(
        zunda_mcp=__version__,
        checks=checks,
        problems=problems,
        clients=clients,
        handshake=handshake,
        error=error,
        next=next_step(settings, error, problems, freshness, checks),
    )


def next_step(
    settings: Settings, error: str | None, problems: list[Problem], fresh: Freshness | None, seen: Sequence[Check] = ()
) -> str:
    """Return the most urgent thing to do."""
    if missing := [folder for folder in settings.episodes if not folder.exists()]:
        return f"There is no folder {missing[0]}: choose the one that holds the episode files: zunda-mcp use DIR."
    if error is not None:
        return "Fix what the error names, then run zunda-mcp doctor again; zunda-mcp index --rebuild starts afresh."
    if fresh is None or not fresh.episodes:
        return "No file in these folders is an episode: choose the folder of the dated files: zunda-mcp use DIR."
    faults = [one for one in seen if one.ok is False and one.name != "problems"]
    faults.sort(key=lambda one: one.name == "meaning")  # the least urgent: search works without it
    skipped = sum(problem.skipped for problem in problems)
    if faults and not (skipped and faults[0].name == "meaning"):
        return faults[0].advice or faults[0].message
    if skipped:
        return f"Fix the {count(skipped, 'skipped file')} listed above; the rest of the archive can be searched."
    return "All is well. Ask in the terminal with zunda-mcp search, or let an assistant start zunda-mcp serve."


def _lines(diagnosis: Diagnosis, say: Messages) -> list[str]:
    """Return the diagnosis as lines for people: ✓ for ok, ✗ for not ok with advice below, · for a note."""

    def line(mark: str, name: str, text: str) -> str:
        return f"{mark} {padded(say.translated(name), 10)} {clean_line(say.translated(text))}"

    lines = [line(" ", "zunda-mcp", diagnosis.zunda_mcp)]
    for one in diagnosis.checks:
        lines.append(line(_MARKS[one.ok], one.name, one.message))
        if one.advice:
            lines.append(f"  {'':<10} → {clean_line(say.translated(one.advice))}")
        if one.name == "problems":
            lines += [f"    {problem_line(problem, say)}" for problem in diagnosis.problems]
    if diagnosis.error:
        lines.append(line("✗", "error", diagnosis.error))
    return [*lines, line(" ", "next", diagnosis.next)]


def _folder_check(folder: Path) -> Check:
    message = f"{folder}{'' if folder.exists() else ' MISSING'}"
    return _check("episodes", message, "Choose the folder of the episode files: zunda-mcp use DIR.", ok=folder.exists())


def _index_check(folder: Path, generation: str | None) -> Check:
    advice = "zunda-mcp index --rebuild starts afresh; nothing in the episodes is touched."
    return _check("index", f"{folder} {generation or 'none'}", advice, ok=generation is not None)


def _problems_check(problems: Sequence[Problem]) -> Check:
    advice, skipped = (
        "Fix the files listed below; what was skipped cannot be found.",
        any(one.skipped for one in problems),
    )
    return _check("problems", f"{len(problems):,}" if problems else "none", advice, ok=not skipped)


def _days(about: About) -> str:
    """Return the time zone in which words such as today are understood, and why."""
    why = "as most dates are written" if about.timezone != "UTC" else "since nothing says otherwise"
    reason = "" if about.timezone_stated else f" ({why}; timezone in zunda-mcp.toml changes it)"
    return f"today is {about.today}, in {about.timezone}{reason}"


def _meaning_check(settings: Settings, generation: str | None) -> Check:
    """Check which embedder is chosen, and whether its vectors are complete."""
    try:
        embedder = choose(settings.embedder)
    except SettingsError as error:
        return Check("meaning", False, str(error))
    if embedder is None:
        return Check("meaning", None, "off; --embedder auto answers questions in other words and languages")
    if generation is None or settings.is_remote:
        return Check("meaning", None, embedder.name)
    meta = read_meta(settings.index / generation)
    advice = "zunda-mcp index makes the missing vectors; until then questions are answered by words alone."
    if meta is None or meta.embedder != embedder.name:
        return Check("meaning", False, f"{embedder.name}, no vectors yet", advice)
    message = f"{embedder.name}, vectors of {count(meta.stories, 'story')}"
    if missing := meta.left + meta.passages_left:
        return Check("meaning", False, f"{message}, {missing:,} to come", advice)
    return Check("meaning", True, message)


def packages_check(versions: Mapping[str, str | None] | None = None) -> Check:
    """Check that every package is installed in an accepted version. ``versions`` are by default the installed ones."""
    needed = _requirements()
    versions = {name: _version(name) for name in needed} if versions is None else versions
    bad = {name for name, there in versions.items() if not there or there not in SpecifierSet(needed.get(name, ""))}
    message = ", ".join(
        f"{name} {there or 'MISSING'}{f' (needs {needed[name]})' if there and name in bad else ''}"
        for name, there in versions.items()
    )
    wanted = " ".join(f'"{name}{needed.get(name, "")}"' for name in versions if name in bad)
    return _check("packages", message, f"{sys.executable} -m pip install --upgrade {wanted}", ok=not bad)


def _encoding_check() -> Check:
    """Check that Japanese file names and texts can be read; what zunda-mcp itself writes is always UTF-8."""
    names = codecs.lookup(sys.getfilesystemencoding()).name
    texts = codecs.lookup(locale.getpreferredencoding(False)).name
    message = f"file names {names}, this system's texts {texts}, our own UTF-8"
    if names != "utf-8":
        advice = "Set PYTHONUTF8=1, or LANG to one that ends in .UTF-8."
        return Check("encoding", False, f"{message}: Japanese file names cannot be read", advice)
    return Check("encoding", True if texts == "utf-8" else None, message)


def _splitting_checks(strategies: Mapping[str, Strategy]) -> list[Check]:
    """Return a note for each of the first archives and feeds on how it is split into stories, and why."""
    shown = list(strategies.items())[:_SHOWN_SPLITTINGS]
    return [Check("split", None, f"{archive}: {one.name}. {one.reason}") for archive, one in shown]


def _source_checks(settings: Settings) -> list[Check]:
    """Check when each added source of this archive was last fetched, and whether the last sync failed."""
    folders, checks = set(settings.episodes), []
    try:
        sources = [source for source in listed() if folders & {Path(path).resolve() for path in source.reads}]
    except (OSError, ZundaError):
        return []
    for source in sources:
        when = f"last fetched {source.synced:%Y-%m-%d %H:%M} UTC" if source.synced else "never fetched"
        state = f"failed ({source.error.rstrip('.')})" if source.error else source.place
        message, advice = f"{source.name}: {state}, {when}", f"zunda-mcp sync {source.name}"
        checks.append(_check("source", message, advice, ok=not source.error))
    return checks


def _handshake_check(handshake: Handshake | None, reason: str) -> Check:
    """Check that a server answers when started as by a client; ``reason`` is why none was started."""
    if handshake is None:
        return Check("handshake", None, f"not tried: {reason}")
    if not handshake.ok:
        advice = f"Run it yourself to see more: {' '.join(handshake.command)}"
        return Check("handshake", False, handshake.error or "failed", advice)
    call = ", a search answered" if handshake.answer is not None else ""
    message = (
        f"{handshake.server} (MCP {handshake.protocol}) answers after {handshake.seconds:.2f} s, "
        f"{len(handshake.tools)} tools{call}, {handshake.total_seconds:.2f} s in all"
    )
    return Check("handshake", True, message)


def _client_checks(entries: Sequence[Entry]) -> list[Check]:
    """Check the entries that clients have for zunda-mcp."""
    if not entries:
        advice = "zunda-mcp install says which are on this machine; zunda-mcp install CLIENT writes one."
        return [Check("client", None, "none has an entry for zunda-mcp", advice)]
    return [_client_check(entry) for entry in entries]


def _client_check(entry: Entry) -> Check:
    where = f"{entry.client}: {entry.name} in {entry.file}" if entry.name else entry.client  # its fault names the file
    faults, tried = list(entry.faults), entry.handshake
    if tried is not None and not tried.ok:
        faults.append(f"its server does not answer: {tried.error}")
    if faults:
        return Check("client", False, f"{where}: {'; '.join(faults)}", _client_advice(entry))
    if entry.off:
        return Check("client", None, f"{where}: switched off", f"Switch it on in {entry.client} if you miss it.")
    archive = {True: "this archive", False: "another archive", None: "an archive it finds itself"}[entry.same_archive]
    seconds = f", answers in {tried.seconds:.2f} s" if tried else ""
    return Check("client", True, f"{where}: serves {archive}{seconds}")


def _client_advice(entry: Entry) -> str:
    if entry.name is None:
        return "Fix the file by hand; until then the client may have no server at all."
    if entry.scope == "local":
        return f"claude mcp remove {entry.name} -s local, then zunda-mcp install claude-code --episodes DIR"
    scope = " --scope project" if entry.scope == "project" else ""
    name = "" if entry.name == "zunda" else f" --name {entry.name}"
    archive = "" if entry.same_archive else " --episodes DIR"
    return f"zunda-mcp install {entry.client}{scope}{name}{archive} writes it again."


def _requirements() -> dict[str, str]:
    """Return the accepted versions by package, without optional ones; empty if zunda-mcp is not installed."""
    try:
        needed = [Requirement(text) for text in metadata.requires("zunda-mcp") or []]
    except metadata.PackageNotFoundError:
        return {}
    return {one.name: str(one.specifier) for one in needed if not one.marker or one.marker.evaluate({"extra": ""})}


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
