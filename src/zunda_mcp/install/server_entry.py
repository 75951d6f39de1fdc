"""The entry with which a client starts zunda-mcp, from any folder and with few environment variables.

So the paths in it are absolute: the program that runs now, the folders of the archive, and all others. Our variables of
the terminal are added, since the client would not have them, but never a secret.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path, PurePath, PureWindowsPath

from zunda_mcp.config.settings import PREFIX, Settings
from zunda_mcp.errors import ArgumentError, InstallError
from zunda_mcp.install.clients import Machine
from zunda_mcp.install.configuration import Data

__all__ = ["checked_name", "entry_for", "is_ours", "left_out"]

_FLAGS = ("EPISODES", "INDEX", "ALIASES", "EMBEDDER", "ENGINE")
_SECRETS = {PREFIX + "EMBEDDER_KEY": "the embedder needs", PREFIX + "ENGINE_PASSWORD": "the cluster needs"}
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PASSING = ("archive-v0", "environments-v2", "builds-v0")
"""Folders of uv's cache; programs in them are deleted when the cache is cleaned."""
_OURS = re.compile(r"zunda[-_]mcp", re.IGNORECASE)
_DECORATION = re.compile(r"(\.exe|\.cmd|\.py|\[.*?\]|[:=@<>!~].*)+$", re.IGNORECASE)


def checked_name(name: str) -> str:
    """Return the name of a server. Raises ``ArgumentError`` if some clients would refuse it."""
    if not _NAME.fullmatch(name):
        raise ArgumentError("--name", f"--name {name!r} has characters clients refuse; write letters, digits, - and _.")
    return name


def _program(machine: Machine) -> list[str]:
    """Return the command that starts this zunda-mcp. Raises ``InstallError`` if it runs from uv's cache."""
    if any(part in _PASSING for part in machine.python.parts):
        raise InstallError(
            f"zunda-mcp runs from a passing environment ({machine.python.parent}). Install it to stay "
            "(uv tool install zunda-mcp, pipx install zunda-mcp or pip), then run install again."
        )
    script = machine.python.parent / ("zunda-mcp.exe" if machine.platform == "win32" else "zunda-mcp")
    if script.is_file() and os.access(script, os.X_OK):
        return [str(script)]
    return [str(machine.python), "-m", "zunda_mcp"]


def entry_for(machine: Machine, settings: Settings, flags: Mapping[str, object]) -> dict[str, Data]:
    """Return the plain entry: ``command``, ``args`` and, if there are any, ``env`` (see ``Client.shaped``).

    ``flags`` are the flags as typed (``episodes``, ``archive``, ``index``, ``aliases``, ``embedder``); the environment
    gives what they leave out. Folders of episodes are those named, not those a ``zunda-mcp.toml`` in them lists, so the
    file is still used. Raises ``InstallError`` for a folder that does not exist, or a path that is not UTF-8.
    """
    command, *first = _program(machine)
    args = [*first, "serve"]
    archives = _archives(machine, flags)
    for archive in archives:
        args += ["--archive", archive]
    for folder in [] if archives or settings.is_remote else _episodes(machine, flags):
        if not folder.exists():
            raise InstallError(
                f"There is no folder {folder}. Pass the one that holds the episode files with --episodes."
            )
        args += ["--episodes", str(folder)]
    if _flag_or_variable(machine, flags, "index"):
        args += ["--index", str(settings.index)]
    if _flag_or_variable(machine, flags, "aliases") and settings.aliases:
        args += ["--aliases", str(settings.aliases)]
    if _flag_or_variable(machine, flags, "embedder"):
        args += ["--embedder", settings.embedder]
    if settings.engine:
        args += ["--engine", settings.engine]
    entry: dict[str, Data] = {"command": command, "args": list[Data](args)}
    if environment := _environment(machine):
        entry["env"] = environment
    try:
        json.dumps(entry, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise InstallError(f"A path in {args} is not UTF-8, so JSON cannot hold it. Rename the folder.") from error
    return entry


def left_out(machine: Machine) -> str | None:
    """Return what the user must still do if a secret was left out, None if none was."""
    for name, needed in _SECRETS.items():
        if machine.environ.get(name):
            return f"{name} is a secret and was not written: add it to the entry's env if {needed} it."
    return None


def is_ours(entry: Data) -> bool:
    """Whether an entry starts zunda-mcp in any way."""
    if not isinstance(entry, dict):
        return False
    args = entry.get("args")
    words = [entry.get("command", entry.get("cmd")), *(args if isinstance(args, list) else [])]
    return any(isinstance(word, str) and _OURS.fullmatch(_bare(word)) for word in words)


def _bare(word: str) -> str:
    """Return ``zunda-mcp`` for ``C:\\x\\zunda-mcp.exe``, ``zunda-mcp[semantic]==1.0`` or ``ghcr.io/x/zunda-mcp:1``."""
    pure = PureWindowsPath(word) if "\\" in word else PurePath(word)
    return _DECORATION.sub("", pure.name)


def _episodes(machine: Machine, flags: Mapping[str, object]) -> list[Path]:
    given = flags.get("episodes")
    values = [str(one) for one in given if str(one).strip()] if isinstance(given, list | tuple) else []
    values = values or [one for one in machine.environ.get(f"{PREFIX}EPISODES", "").split(os.pathsep) if one.strip()]
    return [_absolute(machine, value) for value in values or ["episodes"]]


def _archives(machine: Machine, flags: Mapping[str, object]) -> list[str]:
    """Return archives as typed, but folders as absolute paths. Raises ``InstallError`` if a folder does not exist."""
    given = flags.get("archive")
    archives = []
    for one in [str(one) for one in given if str(one).strip()] if isinstance(given, list | tuple) else []:
        name, mark, folder = one.partition("=")
        place = _absolute(machine, folder)
        if mark and not place.exists():
            raise InstallError(f"There is no folder {place}. Write --archive {name}=FOLDER with one that is there.")
        archives.append(f"{name}={place}" if mark else one)
    return archives


def _absolute(machine: Machine, value: str) -> Path:
    return (machine.here / Path(value).expanduser()).resolve()


def _flag_or_variable(machine: Machine, flags: Mapping[str, object], name: str) -> str:
    """Return a setting from its flag, else from the environment; empty if neither has it."""
    flag = flags.get(name)
    return (flag if isinstance(flag, str) else "").strip() or machine.environ.get(PREFIX + name.upper(), "").strip()


def _environment(machine: Machine) -> dict[str, Data]:
    """Return our variables that have no flag, sorted by name, with absolute folders."""
    kept: dict[str, Data] = {}
    for name in sorted(machine.environ):
        value = machine.environ[name].strip()
        suffix = name.removeprefix(PREFIX)
        if suffix == name or not value or suffix in _FLAGS or name in _SECRETS or suffix.startswith("TEST_"):
            continue
        kept[name] = str(_absolute(machine, value)) if suffix == "STATE" else value
    return kept
