"""The entries that clients have for zunda-mcp, and what is wrong with each.

``entries`` only reads files; ``handshakes`` also starts the servers. A file that cannot be read is a fault too, since
its client then has no server at all.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from zunda_mcp.config.default import remembered
from zunda_mcp.config.settings import PREFIX
from zunda_mcp.errors import InstallError, SettingsError
from zunda_mcp.install import change
from zunda_mcp.install.clients import CLAUDE_CODE, CLIENTS, Client, Machine, Place, Scope, place
from zunda_mcp.install.configuration import ConfigurationFile, Data
from zunda_mcp.install.handshake import Handshake, short_path, try_handshake
from zunda_mcp.install.server_entry import entry_for, is_ours
from zunda_mcp.models import Model

if TYPE_CHECKING:
    from zunda_mcp.config.settings import Settings

__all__ = ["Entry", "entries", "handshakes"]

_FOLDERS, _ARCHIVES, _PATHS = ("--episodes",), ("--archive",), ("--index", "--aliases")


class Entry(Model):
    """An entry for zunda-mcp in a client's file, or a fault of the whole file (then ``name`` is null).

    ``scope`` is ``local`` for an entry that Claude Code keeps for one project in the user's file. ``faults`` say what
    is wrong and what to do. ``same_archive`` says whether its folders are those that the doctor checks, null if
    unknown. ``env`` may contain keys, so it is never part of an answer. ``handshake`` is null if the server was not
    started.
    """

    client: str
    scope: Literal["user", "project", "local"]
    file: str
    name: str | None
    command: list[str] = Field(default_factory=list)
    env: dict[str, str] = Field(default_factory=dict, exclude=True)
    off: bool = False
    faults: list[str] = Field(default_factory=list)
    same_archive: bool | None = None
    handshake: Handshake | None = None


def entries(machine: Machine, episodes: Sequence[Path]) -> list[Entry]:
    """Return every entry of every client, and every file of theirs that cannot be read. Never raises."""
    return [entry for client in CLIENTS for entry in _of(client, machine, episodes)]


def handshakes(
    settings: Settings | None, flags: Mapping[str, object], call: tuple[str, dict[str, Any]] | None
) -> tuple[Handshake | None, str, list[Entry]]:
    """Start the server that would be installed now and those in clients' entries. Return how the first answers, why it
    was not started, and the entries with their answers.

    ``call`` is the tool to call on the first, with arguments; without ``settings`` that server is not started. A
    project file may come from a stranger, so its command is started only if it is the same as ours.
    """
    machine = Machine.this()
    ours, reason, variables = None, "no archive is chosen", dict[str, str]()
    if settings is not None:
        try:
            command, variables = CLAUDE_CODE.started_by(entry_for(machine, settings, flags))  # its form is plain
            ours = try_handshake(machine, command, variables, call=call)
        except InstallError as error:
            reason = str(error)
    clients: list[Entry] = []
    for one in entries(machine, settings.episodes if settings else ()):
        answer = None
        if ours and (one.command, one.env) == (ours.command, variables):
            answer = ours
        elif one.scope != "project" and one.name and not one.faults and not one.off:
            answer = try_handshake(machine, one.command, one.env)
        clients.append(one.model_copy(update={"handshake": answer}))
    return ours, reason, clients


def _of(client: Client, machine: Machine, episodes: Sequence[Path]) -> Iterator[Entry]:
    scopes: tuple[Scope, ...] = ("user", "project") if client.project else ("user",)
    for scope in scopes:
        there = place(client, scope, machine)
        try:
            data = change.read_client_file(there.file)
            if data is None:
                continue
            read = ConfigurationFile.of(there, data)
        except InstallError as error:
            yield Entry(client=client.name, scope=scope, file=str(there.file), name=None, faults=[str(error)])
            continue
        for key in dict.fromkeys((client.key, *_misplaced(client))):
            misplaced = "" if key == client.key else f"it stands under {key}, but {client.title} reads {client.key}"
            for name, entry in _ours(read.servers(key)).items():
                judged = _judged(there, name, entry, machine, episodes)
                yield judged.model_copy(update={"faults": [*filter(None, [misplaced]), *judged.faults]})
        if client is CLAUDE_CODE and scope == "user":
            for name, entry in _ours(_local(read, machine)).items():
                yield _judged(there, name, entry, machine, episodes).model_copy(update={"scope": "local"})


def _misplaced(client: Client) -> tuple[str, ...]:
    """Return the keys that other clients use for servers, where they can mean nothing else: in JSON."""
    return ("mcpServers", "servers") if client.format.startswith("json") else ()


def _ours(servers: dict[str, Data]) -> dict[str, dict[str, Data]]:
    return {name: entry for name, entry in servers.items() if isinstance(entry, dict) and is_ours(entry)}


def _local(read: ConfigurationFile, machine: Machine) -> dict[str, Data]:
    """Return the servers that Claude Code keeps for this project in the user's own file."""
    part: Data = read.root
    for step in ("projects", str(machine.here), "mcpServers"):
        part = part.get(step) if isinstance(part, dict) else None
    return part if isinstance(part, dict) else {}


def _judged(there: Place, name: str, entry: dict[str, Data], machine: Machine, episodes: Sequence[Path]) -> Entry:
    command, variables = there.client.started_by(entry)
    folders = _values(command[1:], _FOLDERS)
    folders = folders or [one for one in variables.get(f"{PREFIX}EPISODES", "").split(os.pathsep) if one]
    paths = [Path(folder).expanduser() for folder in folders if "${" not in folder]
    same = None
    if paths and len(paths) == len(folders) and all(folder.is_absolute() for folder in paths):
        same = {folder.resolve() for folder in paths} == {folder.resolve() for folder in episodes}
    return Entry(
        client=there.client.name,
        scope=there.scope,
        file=str(there.file),
        name=name,
        command=command,
        env=variables,
        off=entry.get("disabled") is True or entry.get("enabled") is False,
        faults=[
            *_of_command(command[0], machine),
            *_of_folders(folders, named=bool(_values(command[1:], _ARCHIVES))),
            *_of_paths(command[1:]),
        ],
        same_archive=same,
    )


def _of_command(command: str, machine: Machine) -> list[str]:
    if not command or "${" in command:
        return [] if command else ["it has no command"]
    if "/" not in command and "\\" not in command:
        return _of_bare(command, machine)
    if not _is_absolute(command, machine):
        return [f"the command {command} is a relative path, but a client starts it in a folder of its own"]
    program = Path(command)
    if not program.is_file():
        return [f"the command {command} is not there any more"]
    return [] if os.access(program, os.X_OK) else [f"the command {command} may not be executed"]


def _of_bare(command: str, machine: Machine) -> list[str]:
    if shutil.which(command, path=short_path(machine)):
        return []
    program = shutil.which(command, path=machine.environ.get("PATH", ""))
    where = f"write {program}" if program else "write the absolute path of the program"
    return [f"the command {command} is looked for in PATH, which is short in a client: {where}"]


def _of_folders(folders: Sequence[str], *, named: bool) -> list[str]:
    if not folders:
        lost = "it names no --episodes and no archive is chosen, so it looks for one wherever the client starts it"
        return [] if named or _something_is_chosen() else [lost]
    faults = []
    for folder in folders:
        path = Path(folder)
        if "${" in folder:
            continue
        if not folder.startswith("~") and not path.is_absolute():
            faults.append(f"--episodes {folder} is a relative path: write the absolute one")
        elif not path.expanduser().exists():
            faults.append(f"there is no folder {folder}")
    return faults


def _something_is_chosen() -> bool:
    try:
        return remembered() is not None
    except SettingsError:
        return False


def _of_paths(args: Sequence[str]) -> list[str]:
    values = [(flag, value) for flag in _PATHS for value in _values(args, (flag,))]
    return [
        f"{flag} {value} is a relative path: write the absolute one"
        for flag, value in values
        if "${" not in value and not value.startswith("~") and not Path(value).is_absolute()
    ]


def _is_absolute(path: str, machine: Machine) -> bool:
    return Path(path).is_absolute() or (machine.platform == "win32" and PureWindowsPath(path).is_absolute())


def _values(args: Sequence[str], flags: Sequence[str]) -> list[str]:
    """Return the values of these flags, written ``--flag value`` or ``--flag=value``."""
    apart = [after for word, after in pairwise(args) if word in flags]
    return apart + [word.partition("=")[2] for word in args if "=" in word and word.partition("=")[0] in flags]
