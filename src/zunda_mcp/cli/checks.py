"""The single checks of ``zunda-mcp doctor``: each looks at one thing and says what it saw, and what to do about it."""

from __future__ import annotations

import codecs
import locale
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

if TYPE_CHECKING:
    from zunda_mcp.install.handshake import Handshake
    from zunda_mcp.install.installed import Entry
    from zunda_mcp.reading.detection.conventions import Strategy
    from zunda_mcp.sources.store import Source

__all__ = ["Check", "client_checks", "encoding_check", "handshake_check", "packages_check", "source_checks"]
__all__ += ["splitting_checks"]

_SHOWN_SPLITTINGS = 20  # a list of feeds may have hundreds


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. ``ok`` is null for a mere note, ``advice`` where there is nothing to do."""

    name: str
    ok: bool | None
    message: str
    advice: str | None = None


def packages_check(versions: Mapping[str, str | None] | None = None) -> Check:
    """Whether every package is installed in a version zunda-mcp accepts; ``versions`` default to the installed ones."""
    needed = _requirements()
    versions = {name: _version(name) for name in needed} if versions is None else versions
    bad = {name for name, there in versions.items() if not there or there not in SpecifierSet(needed.get(name, ""))}
    message = ", ".join(
        f"{name} {there or 'MISSING'}{f' (needs {needed[name]})' if there and name in bad else ''}"
        for name, there in versions.items()
    )
    wanted = " ".join(f'"{name}{needed.get(name, "")}"' for name in versions if name in bad)
    advice = f"{sys.executable} -m pip install --upgrade {wanted}"
    return Check("packages", not bad, message, advice if bad else None)


def encoding_check() -> Check:
    """Whether Japanese file names and text survive; what zunda-mcp itself writes is UTF-8 everywhere."""
    names = codecs.lookup(sys.getfilesystemencoding()).name
    texts = codecs.lookup(locale.getpreferredencoding(False)).name
    message = f"file names {names}, this system's texts {texts}, our own UTF-8"
    if names != "utf-8":
        advice = "Set PYTHONUTF8=1, or LANG to one that ends in .UTF-8."
        message += ": Japanese file names cannot be read"
        return Check("encoding", False, message, advice)
    return Check("encoding", True if texts == "utf-8" else None, message)


def splitting_checks(strategies: Mapping[str, Strategy]) -> list[Check]:
    """How each archive or feed is split, and why; the first ones of a long list of feeds."""
    shown = list(strategies.items())[:_SHOWN_SPLITTINGS]
    return [Check("split", None, f"{archive}: {one.name}. {one.reason}") for archive, one in shown]


def source_checks(sources: Sequence[Source]) -> list[Check]:
    """When each source was last fetched, and what went wrong at the last attempt."""
    checks = []
    for source in sources:
        when = f"last fetched {source.synced:%Y-%m-%d %H:%M} UTC" if source.synced else "never fetched"
        message = f"{source.name}: {source.place}, {when}"
        if source.error:
            message = f"{source.name}: failed ({source.error.rstrip('.')}), {when}"
        advice = f"zunda-mcp sync {source.name}" if source.error else None
        checks.append(Check("source", not source.error, message, advice))
    return checks


def handshake_check(handshake: Handshake | None, reason: str) -> Check:
    """Whether a server started as a client would start it answers; ``reason`` is why none was started."""
    if handshake is None:
        return Check("handshake", None, f"not tried: {reason}")
    if not handshake.ok:
        advice = f"Run it yourself to see more: {' '.join(handshake.command)}"
        return Check("handshake", False, handshake.error or "failed", advice)
    call = ", a search answered" if handshake.answer is not None else ""
    message = (
        f"{handshake.server} (MCP {handshake.protocol}) greets in {handshake.seconds:.2f} s, "
        f"{len(handshake.tools)} tools{call}, {handshake.total_seconds:.2f} s in all"
    )
    return Check("handshake", True, message)


def client_checks(entries: Sequence[Entry]) -> list[Check]:
    """Whether the entries that clients have for zunda-mcp work."""
    if not entries:
        advice = "zunda-mcp install says which are on this machine; zunda-mcp install CLIENT writes one."
        return [Check("client", None, "none has an entry for zunda-mcp", advice)]
    return [_client_check(entry) for entry in entries]


def _client_check(entry: Entry) -> Check:
    where = f"{entry.client}: {entry.name} in {entry.file}" if entry.name else entry.client  # its fault names the file
    faults = list(entry.faults)
    if entry.handshake is not None and not entry.handshake.ok:
        faults.append(f"its server does not answer: {entry.handshake.error}")
    if faults:
        return Check("client", False, f"{where}: {'; '.join(faults)}", _client_advice(entry))
    if entry.off:
        advice = f"Switch it on in {entry.client} if you miss it."
        return Check("client", None, f"{where}: switched off", advice)
    archive = {True: "this archive", False: "another archive", None: "an archive it finds itself"}[entry.same_archive]
    seconds = f", answers in {entry.handshake.seconds:.2f} s" if entry.handshake else ""
    return Check("client", True, f"{where}: serves {archive}{seconds}")


def _client_advice(entry: Entry) -> str:
    if entry.name is None:
        return "Mend the file by hand; until then the client may have no server at all."
    if entry.scope == "local":
        return f"claude mcp remove {entry.name} -s local, then zunda-mcp install claude-code --episodes DIR"
    scope = " --scope project" if entry.scope == "project" else ""
    name = "" if entry.name == "zunda" else f" --name {entry.name}"
    archive = "" if entry.same_archive else " --episodes DIR"
    return f"zunda-mcp install {entry.client}{scope}{name}{archive} writes it anew."


def _requirements() -> dict[str, str]:
    """The versions this distribution accepts, by package; empty where it runs without being installed."""
    try:
        requirements = map(Requirement, metadata.requires("zunda-mcp") or [])
    except metadata.PackageNotFoundError:
        return {}
    return {
        one.name: str(one.specifier) for one in requirements if not one.marker or one.marker.evaluate({"extra": ""})
    }


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
