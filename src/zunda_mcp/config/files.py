"""Safe ways to read a file from somebody else, and to replace a file of the user's.

Under the expected name, an archive can contain a FIFO or a device, where reading blocks or never ends, or a sparse file
of terabytes. So every file that this program did not write itself is opened here: only if it is a regular file, and
only up to a size. ``zunda_mcp.config.paths`` decides whether a link may be followed.
"""

from __future__ import annotations

import errno
import io
import os
import re
import stat
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

__all__ = ["RefusedFileError", "is_abandoned", "open_regular", "read_regular", "replace_text"]

_MAX_CONFIG_BYTES = 1024 * 1024
"""A larger configuration file is refused; those of real sites have a few KiB."""

_ABANDONED_SECONDS = 3600.0
"""The age from which a temporary file counts as left by a killed process; a write takes seconds."""

_TEMPORARY = re.compile(r"\..+\.\d+\.[0-9a-f]{8}")
"""How ``replace_text`` names a file that is not yet complete: final name, process id and a random number."""

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""Without ``O_NONBLOCK``, opening a FIFO waits for a writer. It has no effect on regular files."""


class RefusedFileError(OSError):
    """The file is not a regular file, or is larger than allowed. Trying again does not help."""


def open_regular(path: Path) -> io.FileIO:
    """Open a regular file, unbuffered. Raises ``RefusedFileError`` for others, ``OSError`` if it cannot be opened."""
    _check_regular(os.stat(path))  # noqa: PTH116 - before opening: some devices act when they are opened
    descriptor = os.open(path, _FLAGS)
    try:
        _check_regular(os.fstat(descriptor))  # another file may have replaced it
        return io.FileIO(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_regular(path: Path, most: int = _MAX_CONFIG_BYTES) -> bytes:
    """Return the content of a regular file. Raises like ``open_regular``, also if it has more than ``most`` bytes."""
    with open_regular(path) as raw, io.BufferedReader(raw) as stream:
        data = b"" if os.fstat(raw.fileno()).st_size > most else stream.read(most + 1)
        size = os.fstat(raw.fileno()).st_size
    if max(size, len(data)) > most:
        limit = f"{most // 1024:,} KiB" if most >= 1024 else f"{most:,} bytes"
        raise RefusedFileError(errno.EFBIG, f"it is larger than {limit}")
    return data


def _check_regular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise RefusedFileError(errno.EINVAL, "it is not an ordinary file")


def replace_text(path: Path, text: str) -> None:
    """Replace a file atomically, readable only by the user. The first call for a folder also removes temporary files
    that killed processes left in it.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _remove_abandoned_files(path.parent)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        with fresh.open("w", encoding="utf-8", errors="replace", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.chmod(0o600)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def is_abandoned(path: Path) -> bool:
    """Whether a temporary file or folder was last changed so long ago that nobody can still be writing it."""
    try:
        return time.time() - path.stat().st_mtime > _ABANDONED_SECONDS
    except OSError:
        return False


@cache
def _remove_abandoned_files(folder: Path) -> None:
    """Cached, so that writing a hundred transcripts lists their folder once."""
    with suppress(OSError):
        for path in folder.iterdir():
            if _TEMPORARY.fullmatch(path.name) and is_abandoned(path):
                path.unlink(missing_ok=True)
