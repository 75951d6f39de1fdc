"""Read a file that somebody else may have put there: only a regular file, and no more of it than expected. And replace
one of the user's own.

A file that came with an archive can be anything under an expected name: a FIFO or a device, where reading
blocks or never ends, or a sparse file of terabytes. Every file whose content is not this program's own is
opened here. Whether a link may be followed is decided in ``zunda_mcp.config.paths``.
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
"""The most that is read of a configuration file; those of real sites have a few KiB."""

_ABANDONED_SECONDS = 3600.0
"""Age of what is left of a write that was killed; a write takes seconds."""

_TEMPORARY = re.compile(r"\..+\.\d+\.[0-9a-f]{8}")
"""The name that ``replace_text`` gives to a file before it is whole: the name, the process and a random number."""

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""Not blocking: opening a FIFO would else wait for a writer. Regular files know no difference."""


class RefusedFileError(OSError):
    """A file that is never read: it is not a regular file, or it is larger than allowed. To try again is of no use."""


def open_regular(path: Path) -> io.FileIO:
    """Open a regular file, unbuffered. Raises ``RefusedFileError``, or ``OSError`` where it cannot be opened."""
    _check_regular(os.stat(path))  # noqa: PTH116 - before it is opened: to open some devices is to use them
    descriptor = os.open(path, _FLAGS)
    try:
        _check_regular(os.fstat(descriptor))  # it may be another one by now
        return io.FileIO(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_regular(path: Path, most: int = _MAX_CONFIG_BYTES) -> bytes:
    """Return the content of a regular file of at most ``most`` bytes. Raises as ``open_regular``."""
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
    """Replace a file whole: a reader sees the old content or the new, and nobody but the user does. The first time in a
    folder, what a process that was killed left there of such a write is removed.
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
    """Whether a temporary file or folder was last written to so long ago that nobody can be writing it."""
    try:
        return time.time() - path.stat().st_mtime > _ABANDONED_SECONDS
    except OSError:
        return False


@cache
def _remove_abandoned_files(folder: Path) -> None:
    """Once in a process for a folder: it is not listed anew for each of a hundred transcripts."""
    with suppress(OSError):
        for path in folder.iterdir():
            if _TEMPORARY.fullmatch(path.name) and is_abandoned(path):
                path.unlink(missing_ok=True)
