"""Replacing a file in one step, after a copy of how it was.

A copy lies beside its file as ``NAME.zunda-20250708T050000Z-01.bak`` (UTC), with the file's own mode, since such files
hold keys. It is never written over; the newest ten are kept.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import stat
from pathlib import Path

from zunda_mcp.errors import InstallError
from zunda_mcp.files import read_regular

_KEPT = 10
_MOST = 128 * 1024 * 1024  # Claude Code keeps its history in the file, which has been seen with tens of MiB


def read(file: Path) -> bytes | None:
    """What is in the file; None where there is none. Raises ``InstallError`` where it cannot be read."""
    try:
        return read_regular(file, _MOST)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InstallError(f"{file} cannot be read ({error.strerror or error}).") from error


def backups(file: Path) -> list[Path]:
    """The copies of the file, newest first."""
    return sorted(file.parent.glob(f"{_escaped(file.name)}.zunda-*-[0-9][0-9].bak"), reverse=True)


def replace(file: Path, before: bytes | None, after: bytes) -> Path | None:
    """Make the file hold ``after`` if it still holds ``before`` (None: it is not there); the copy of ``before``.

    A link keeps leading to its target, which is what changes. A new file has the mode that the user's files have, a
    changed one keeps its own. Raises ``InstallError`` where the file changed meanwhile or cannot be written.
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
    """Take the file away if it still holds ``before``. Raises ``InstallError`` as ``replace`` does."""
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
    draft.unlink(missing_ok=True)  # left by a process of the same number that was killed
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(descriptor, "wb") as out:
            if before is not None:
                _take_after(target, draft)
            out.write(after)
            out.flush()
            os.fsync(out.fileno())
        _still(file, before)
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _take_after(target: Path, draft: Path) -> None:
    """Mode and, where that is allowed, owner."""
    draft.chmod(_mode(target))
    if hasattr(os, "chown"):
        was, now = target.stat(), draft.stat()
        if (was.st_uid, was.st_gid) != (now.st_uid, now.st_gid):
            with contextlib.suppress(PermissionError):
                os.chown(draft, was.st_uid, was.st_gid)


def _still(file: Path, before: bytes | None) -> None:
    """Clients write their files too: whoever came between wins, and we start again."""
    if read(file) != before:
        raise InstallError(f"{file} was changed by another program just now. Quit the client, then run this again.")


def _keep(file: Path, data: bytes, mode: int) -> Path:
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    last = max((int(old.stem[-2:]) for old in backups(file) if f".zunda-{stamp}-" in old.name), default=0)
    for number in range(last + 1, 100):
        copy = file.with_name(f"{file.name}.zunda-{stamp}-{number:02d}.bak")
        try:
            descriptor = os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), mode)
        except FileExistsError:
            continue
        with os.fdopen(descriptor, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        return copy
    raise InstallError(f"{file} has been changed 100 times within a second; wait a moment.")


def _mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def _escaped(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "[*?" else letter for letter in name)
