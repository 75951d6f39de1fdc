"""What the doctor says of how an archive comes about: the way its files are split, and the sources that were added.

The doctor's single checks: each a name, whether it is well, what was seen, and what to do where it is not.
"""

from __future__ import annotations

import codecs
import locale
import operator
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from zunda_mcp.models import Model

if TYPE_CHECKING:
    from zunda_mcp.config.settings import Settings
    from zunda_mcp.install.handshake import Handshake
    from zunda_mcp.install.installed import Entry
    from zunda_mcp.reading.conventions import Strategy
    from zunda_mcp.sources.store import Source

SHOWN = 20
"""So many ways of splitting are shown: a list of feeds may have hundreds."""


class Splitting(Model):
    """How an archive or a feed is split: one of ``zunda_mcp.reading.conventions.STRATEGIES``, and why."""

    archive: str
    strategy: str
    reason: str


def splittings(found: Mapping[str, Strategy]) -> list[Splitting]:
    """The ways of splitting by the archive's or the feed's name."""
    return [Splitting(archive=name, strategy=one.name, reason=one.reason) for name, one in found.items()]


def added_sources(settings: Settings) -> list[Source]:
    """The sources that were added and that this archive is read from."""
    from zunda_mcp.errors import ZundaError
    from zunda_mcp.sources.registry import listed

    folders = set(settings.episodes)
    try:
        return [source for source in listed() if folders & {Path(path).resolve() for path in source.reads}]
    except (OSError, ZundaError):
        return []


def splitting_checks(found: Sequence[Splitting]) -> list[Check]:
    """One line for each, and one for what is left out."""
    name = "split"
    shown = [Check(name=name, ok=None, said=f"{one.archive}: {one.strategy}. {one.reason}") for one in found[:SHOWN]]
    if len(found) > SHOWN:
        shown.append(Check(name=name, ok=None, said=f"and {len(found) - SHOWN:,} feeds more (see --json)"))
    return shown


def source_checks(found: Sequence[Source]) -> list[Check]:
    """When each source was last fetched, and what was wrong at the last attempt."""
    checks = []
    for source in found:
        when = f"last fetched {source.synced:%Y-%m-%d %H:%M} UTC" if source.synced else "never fetched"
        if source.error:
            said = f"{source.name}: failed ({source.error.rstrip('.')}), {when}"
            checks.append(Check(name="source", ok=False, said=said, do=f"zunda-mcp sync {source.name}"))
        else:
            checks.append(Check(name="source", ok=True, said=f"{source.name}: {source.place}, {when}"))
    return checks


_NEEDED = (3, 11)
_SIGNS: dict[str, Callable[[list[int], list[int]], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    "<": operator.lt,
    ">": operator.gt,
}
_CONDITION = re.compile(r"(>=|<=|==|!=|<|>)\s*([0-9][0-9.]*)")
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)\s*(?:\[[^]]*\])?\s*([^;]*)(;.*)?")


class Check(Model):
    """One thing looked at. ``ok`` is null for a mere note; ``do`` is null where there is nothing to do."""

    name: str
    ok: bool | None
    said: str
    do: str | None = None


def python_check() -> Check:
    """Whether this Python is new enough."""
    said = f"{sys.version.split(maxsplit=1)[0]} on {sys.platform}"
    if sys.version_info >= _NEEDED:
        return Check(name="python", ok=True, said=said)
    needed = ".".join(map(str, _NEEDED))
    return Check(name="python", ok=False, said=f"{said}, too old", do=f"Install Python {needed} or newer.")


def packages_check(found: dict[str, str | None]) -> Check:
    """Whether every package is there in a version that zunda-mcp was made for."""
    wanted = _wanted()
    wrong = [name for name, have in found.items() if have is None or not _fits(have, wanted.get(name, ""))]
    said = ", ".join(
        f"{name} {have or 'MISSING'}{f' (needs {wanted[name]})' if have and name in wrong else ''}"
        for name, have in found.items()
    )
    named = " ".join(f'"{name}{wanted.get(name, "")}"' for name in wrong)
    do = f"{sys.executable} -m pip install --upgrade {named}"
    return Check(name="packages", ok=not wrong, said=said, do=do if wrong else None)


def encoding_check() -> Check:
    """Whether Japanese file names and text survive; what zunda-mcp itself writes is UTF-8 everywhere."""
    names = codecs.lookup(sys.getfilesystemencoding()).name
    texts = codecs.lookup(locale.getpreferredencoding(False)).name
    said = f"file names {names}, this system's texts {texts}, our own UTF-8"
    if names != "utf-8":
        return Check(
            name="encoding",
            ok=False,
            said=f"{said}: Japanese file names cannot be read",
            do="Set PYTHONUTF8=1, or LANG to one that ends in .UTF-8.",
        )
    if texts != "utf-8":
        do = "Nothing for zunda-mcp; where other programs read its output as mojibake, set PYTHONUTF8=1 for them."
        return Check(name="encoding", ok=None, said=said, do=do)
    forced = os.environ.get("PYTHONIOENCODING", "")
    note = f" (PYTHONIOENCODING={forced} is passed over)" if forced and "utf" not in forced.lower() else ""
    return Check(name="encoding", ok=True, said=said + note)


def handshake_check(found: Handshake | None, why_not: str) -> Check:
    """Whether a server started as a client would start it answers."""
    if found is None:
        return Check(name="handshake", ok=None, said=f"not tried: {why_not}")
    if not found.ok:
        do = f"Run it yourself to see more: {' '.join(found.command)}"
        return Check(name="handshake", ok=False, said=found.error or "failed", do=do)
    call = ", a search answered" if found.answer is not None else ""
    said = f"{found.server} (MCP {found.protocol}) greets in {found.seconds:.2f} s, {len(found.tools)} tools{call}"
    return Check(name="handshake", ok=True, said=f"{said}, {found.total_seconds:.2f} s in all")


def client_checks(found: Sequence[Entry]) -> list[Check]:
    """Whether the entries that clients have for zunda-mcp work."""
    if not found:
        do = "zunda-mcp install claude-desktop (or claude-code, cursor, vscode) writes one."
        return [Check(name="client", ok=None, said="none has an entry for zunda-mcp", do=do)]
    return [_client_check(entry) for entry in found]


def _client_check(entry: Entry) -> Check:
    where = f"{entry.client}: {entry.name} in {entry.file}" if entry.name else f"{entry.client}: {entry.file}"
    faults = list(entry.faults)
    if entry.handshake is not None and not entry.handshake.ok:
        faults.append(f"its server does not answer: {entry.handshake.error}")
    if faults:
        return Check(name="client", ok=False, said=f"{where}: {'; '.join(faults)}", do=_mending(entry))
    if entry.off:
        do = f"Switch it on in {entry.client} if you miss it."
        return Check(name="client", ok=None, said=f"{where}: switched off", do=do)
    archive = {True: "this archive", False: "another archive", None: "an archive it finds itself"}[entry.same_archive]
    answered = f", answers in {entry.handshake.seconds:.2f} s" if entry.handshake else ""
    return Check(name="client", ok=True, said=f"{where}: serves {archive}{answered}")


def _mending(entry: Entry) -> str:
    if entry.name is None:
        return "Mend the file by hand; until then the client may have no server at all."
    if entry.scope == "local":
        return f"claude mcp remove {entry.name} -s local, then zunda-mcp install claude-code --episodes DIR"
    scope = " --scope project" if entry.scope == "project" else ""
    name = "" if entry.name == "zunda" else f" --name {entry.name}"
    return f"zunda-mcp install {entry.client}{scope}{name} --episodes DIR writes it anew."


def _wanted() -> dict[str, str]:
    """The versions that this distribution asks for, by name; empty where it runs without being installed."""
    try:
        requirements = metadata.requires("zunda-mcp") or []
    except metadata.PackageNotFoundError:
        return {}
    matches = filter(None, map(_REQUIREMENT.match, requirements))
    return {found[1]: found[2].strip() for found in matches if not found[3]}


def _fits(have: str, conditions: str) -> bool:
    """Whether a version meets conditions such as ``>=2.3,<3``; numbers only, as all of ours are."""
    mine = _numbers(have)
    for sign, version in _CONDITION.findall(conditions):
        theirs = _numbers(version)
        size = max(len(mine), len(theirs))
        left, right = ([*one, *[0] * (size - len(one))] for one in (mine, theirs))
        if not _SIGNS[sign](left, right):
            return False
    return True


def _numbers(version: str) -> list[int]:
    found = re.match(r"[0-9]+(?:\.[0-9]+)*", version)
    return [int(part) for part in found[0].split(".")] if found else []
