"""Changes to a client's file, planned first and then carried out in one step: adding our entry and removing it.

Removing the entry restores the exact bytes from before if nothing else has changed: if adding the entry to one of the
backups gives the current file. If not, only our entry is removed.

A backup is next to its file as ``NAME.zunda-20250708T050000Z-01.bak`` (UTC) and has the same mode, since such files
contain keys. It is never overwritten; the newest ten are kept.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import difflib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from zunda_mcp.config.files import read_regular
from zunda_mcp.errors import InstallError
from zunda_mcp.install.clients import Place
from zunda_mcp.install.configuration import ConfigurationFile, Data
from zunda_mcp.install.server_entry import is_ours

__all__ = ["Action", "Change", "backups", "installation", "read_client_file", "removal", "remove", "replace"]

_KEPT = 10
_MOST = 128 * 1024 * 1024  # Claude Code keeps its history in the file, which has been seen with tens of MiB


def read_client_file(file: Path) -> bytes | None:
    """Return the content of the file, None if there is no file. Raises ``InstallError`` if it cannot be read."""
    try:
        return read_regular(file, _MOST)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InstallError(f"{file} cannot be read ({error.strerror or error}).") from error


def backups(file: Path) -> list[Path]:
    """Return the backups of the file, newest first."""
    return sorted(file.parent.glob(f"{_escaped(file.name)}.zunda-*-[0-9][0-9].bak"), reverse=True)


def replace(file: Path, before: bytes | None, after: bytes) -> Path | None:
    """Write ``after`` to the file if it still contains ``before`` (None: no file). Return the backup of ``before``.

    If the file is a link, its target is changed. A new file gets the mode of the user's new files, a changed one keeps
    its own. Raises ``InstallError`` if the file changed meanwhile or cannot be written.
    """
    target = file.resolve()
    try:
        _check_writable(file, target, before)
        target.parent.mkdir(parents=True, exist_ok=True)
        kept = None if before is None else _keep(file, before, _mode(target))
        _write(file, target, before, after)
    except OSError as error:
        raise InstallError(f"{file} cannot be written ({error.strerror or error}).") from error
    for old in backups(file)[_KEPT:]:
        old.unlink(missing_ok=True)
    return kept


def remove(file: Path, before: bytes | None) -> None:
    """Delete the file if it still contains ``before``. Raises ``InstallError`` as ``replace`` does."""
    try:
        _check_writable(file, file.resolve(), before)
        _still(file, before)
        file.unlink()
    except OSError as error:
        raise InstallError(f"{file} cannot be removed ({error.strerror or error}).") from error


def _check_writable(file: Path, target: Path, before: bytes | None) -> None:
    if before is not None and not os.access(target, os.W_OK):
        raise InstallError(f"{file} is write-protected. Make it writable, then run this again.")


def _write(file: Path, target: Path, before: bytes | None, after: bytes) -> None:
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    draft.unlink(missing_ok=True)  # left by a killed process with the same id
    try:
        _write_new(draft, after, 0o666 if before is None else 0o600)
        if before is not None:
            _take_after(target, draft)
        _still(file, before)
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _take_after(target: Path, draft: Path) -> None:
    """Give the draft the mode of the target and, if allowed, its owner."""
    draft.chmod(_mode(target))
    if hasattr(os, "chown"):
        was, now = target.stat(), draft.stat()
        if (was.st_uid, was.st_gid) != (now.st_uid, now.st_gid):
            with contextlib.suppress(PermissionError):
                os.chown(draft, was.st_uid, was.st_gid)


def _still(file: Path, before: bytes | None) -> None:
    """Raise ``InstallError`` if the content is not ``before``: the client may have written the file meanwhile."""
    if read_client_file(file) != before:
        raise InstallError(f"{file} was changed by another program just now. Quit the client, then run this again.")


def _keep(file: Path, data: bytes, mode: int) -> Path:
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    last = max((int(old.stem[-2:]) for old in backups(file) if f".zunda-{stamp}-" in old.name), default=0)
    for number in range(last + 1, 100):
        copy = file.with_name(f"{file.name}.zunda-{stamp}-{number:02d}.bak")
        with contextlib.suppress(FileExistsError):
            _write_new(copy, data, mode)
            return copy
    raise InstallError(f"{file} has been changed 100 times within a second; wait a moment.")


def _write_new(file: Path, data: bytes, mode: int) -> None:
    """Write a new file and flush it to disk. Raises ``FileExistsError`` if it exists."""
    descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), mode)
    with os.fdopen(descriptor, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())


def _mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def _escaped(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "[*?" else letter for letter in name)


Action = Literal["added", "updated", "already there", "removed", "restored", "file removed", "not there"]


@dataclass(frozen=True, slots=True)
class Change:
    """The content of a file before and after a change; None if the file does not exist."""

    place: Place
    action: Action
    before: bytes | None
    after: bytes | None

    @property
    def changes(self) -> bool:
        """Whether the content differs."""
        return self.before != self.after

    def diff(self) -> str:
        """Return the change as a unified diff, empty if there is none."""
        name = str(self.place.file)
        lines = difflib.unified_diff(
            _lines(self.before),
            _lines(self.after),
            "/dev/null" if self.before is None else name,
            "/dev/null" if self.after is None else name,
            lineterm="",
        )
        return "\n".join(lines)

    def missing_folders(self) -> list[Path]:
        """Return the folders that will be created, outermost first."""
        folders = self.place.file.parent
        return [] if self.after is None else [one for one in (*reversed(folders.parents), folders) if not one.exists()]

    def carry_out(self) -> Path | None:
        """Change the file. Return the backup of its old content, None if none was needed.

        Raises ``InstallError`` if the file has changed since this was planned, or cannot be written.
        """
        if not self.changes:
            return None
        file = self.place.file
        if self.action != "file removed":
            return replace(file, self.before, self.after or b"")
        remove(file, self.before)
        folder = file.parent
        with contextlib.suppress(OSError):  # a folder that is not empty stays
            while self.place.root in folder.parents:
                folder.rmdir()
                folder = folder.parent
        return None


def installation(place: Place, name: str, entry: Mapping[str, Data]) -> Change:
    """Plan to add or update the entry. Raises ``InstallError`` if the file cannot be changed safely."""
    before = read_client_file(place.file)
    now = ConfigurationFile.of(place, before or b"")
    there = now.servers().get(name)
    if there is not None and not is_ours(there):
        raise InstallError(
            f"{place.file} already has a server named {name} that is not zunda-mcp. Choose another with --name."
        )
    after = now.with_entry(name, entry)
    if isinstance(there, dict) and after.data != before:
        kept, _ = _before_entry(now, name, there)
        entry_now = after.servers()[name]
        if kept is not None and isinstance(entry_now, dict):
            after = kept.with_entry(name, entry_now)  # as if added anew, so that removing it gives the same bytes
    action: Action = "added" if there is None else "already there" if after.data == before else "updated"
    return Change(place, action, before, after.data)


def removal(place: Place, name: str) -> Change:
    """Plan to remove the entry. Raises ``InstallError`` if it is not ours, or cannot be removed."""
    before = read_client_file(place.file)
    now = ConfigurationFile.of(place, before or b"")
    there = now.servers().get(name)
    if there is None:
        return Change(place, "not there", before, before)
    if not is_ours(there) or not isinstance(there, dict):
        raise InstallError(f"The server {name} in {place.file} is not zunda-mcp. Take it out by hand if you mean it.")
    kept, was_made = _before_entry(now, name, there)
    if kept is not None:
        return Change(place, "file removed" if was_made else "restored", before, None if was_made else kept.data)
    left = now.without(name)
    earlier = _earlier(place, name)
    if earlier and place.client.key not in earlier[0].root and not left.servers():
        left = left.without_servers()
    return Change(place, "removed", before, left.data)


def _before_entry(
    now: ConfigurationFile, name: str, entry: Mapping[str, Data]
) -> tuple[ConfigurationFile | None, bool]:
    """Return the file as it was before the entry, None if more has changed since, and whether there was no file."""
    for kept in _earlier(now.place, name):
        if kept.with_entry(name, entry).data == now.data:
            return kept, False
    fresh = ConfigurationFile(now.place)
    if not now.place.file.is_symlink() and fresh.with_entry(name, entry).data == now.data:
        return fresh, True
    return None, False


def _earlier(place: Place, name: str) -> list[ConfigurationFile]:
    """Return the readable backups that do not contain the entry, newest first."""
    earlier = []
    for copy in backups(place.file):
        try:
            kept = ConfigurationFile.of(place, read_client_file(copy) or b"")
            if name not in kept.servers():
                kept.with_entry(name, {})
                earlier.append(kept)
        except InstallError:
            continue
    return earlier


def _lines(data: bytes | None) -> list[str]:
    return (data or b"").decode("utf-8-sig", "replace").splitlines()
