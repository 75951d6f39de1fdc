"""A file that may contain an episode, as a scan lists it, and ways to read, hash and compare files."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from zunda_mcp.config.files import RefusedFileError, open_regular

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


__all__ = [
    "USUAL_BYTES", "Hashed", "SourceFile", "Stamps", "as_id", "file_bytes", "printable", "seen_at", "stamp", "too_big",
]  # fmt: skip

USUAL_BYTES = 4 * 1024 * 1024
"""The size limit in bytes of a file whose format sets no other. No page of show notes comes near it."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The path, size in bytes and modification time of a file.

    ``label`` is its name in problems and citations, unique in the archive. ``transcripts`` are files that may be its
    transcript; ``size`` and ``mtime_ns`` are then sums over all these files, so that a change to any of them shows.
    ``id`` is the id of its episode if its name is not enough, ``metadata`` the path of a file with its front matter.
    """

    location: str
    label: str
    size: int
    mtime_ns: int
    transcripts: tuple[SourceFile, ...] = ()
    id: str = ""
    metadata: str = ""

    @property
    def path(self) -> Path:
        """The path of the file, made on demand: a scan lists thousands of files and opens none."""
        return Path(self.location)

    def with_transcripts(self, transcripts: tuple[SourceFile, ...]) -> SourceFile:
        """Return this file with the files that may be its transcript."""
        size, mtime_ns = (sum(getattr(one, name) for one in (self, *transcripts)) for name in ("size", "mtime_ns"))
        return replace(self, size=size, mtime_ns=mtime_ns, transcripts=transcripts)


def printable(name: str) -> str:
    """Return a file name as text that can be pasted: in NFC, without control, format and unassigned characters."""
    if name.isascii() and name.isprintable():
        return name
    text = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode("utf-8"))
    return text if text.isprintable() else "".join(sign for sign in text if unicodedata.category(sign)[0] != "C")


def as_id(name: str) -> str:
    """Return a name as an id that users can type as they see it: printable, with single spaces."""
    return printable(" ".join(name.split())) or name


Stamps = list[list[object]]


def stamp(path: Path) -> list[object]:
    """Return a file's path, size, time and inode, or ``[]``. If they are the same, its content is taken to be, too."""
    try:
        status = os.stat(path)  # noqa: PTH116 - called for several paths at each look
    except OSError:
        return []
    return [str(path), status.st_size, status.st_mtime_ns, status.st_ino]


def seen_at(location: str) -> object:
    """Return a value that stays equal as long as a scan would find the same file, or the same entries of a folder."""
    try:
        status = os.stat(location)  # noqa: PTH116 - called for thousands of paths
        if not stat.S_ISDIR(status.st_mode):
            return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
        with os.scandir(location) as entries:
            return {(one.name, one.is_dir(follow_symlinks=False), one.is_symlink()) for one in entries}
    except OSError:
        return None


def file_bytes(path: Path, most: int = USUAL_BYTES) -> tuple[bytes | None, str]:
    """Return a file's bytes, or the problem for which it is never read. Raises ``OSError`` if it cannot be read now."""
    try:
        with open_regular(path) as raw, io.BufferedReader(raw) as stream:
            size = os.fstat(raw.fileno()).st_size
            data = stream.read(most + 1)
    except RefusedFileError:
        return None, "This is not an ordinary file; it was skipped."
    if len(data) > most:
        return None, too_big(max(size, len(data)), most)
    return data, ""


def too_big(size: int, most: int) -> str:
    """Return the problem of a file of ``size`` bytes that exceeds the limit of ``most`` bytes."""
    limit, mebibytes = most // 1024 // 1024, size / 1024 / 1024
    return f"This file has {mebibytes:.1f} MiB, more than the {limit} MiB of any episode; it was skipped unread."


_CHUNK = 1 << 20


class Hashed(io.RawIOBase):
    """A stream that reads from another stream and hashes the bytes as it goes."""

    def __init__(self, raw: io.RawIOBase) -> None:
        self._raw = raw
        self._hash = hashlib.sha256()

    def readable(self) -> bool:
        """Return ``True``, as every stream for reading does."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read into ``buffer``, hash those bytes and return how many there are."""
        view = memoryview(buffer).cast("B")
        count = self._raw.readinto(view) or 0
        self._hash.update(view[:count])
        return count

    def finish(self) -> str:
        """Read the rest of the stream, and return the SHA-256 of all its bytes in hex."""
        while self.read(_CHUNK):
            pass
        return self._hash.hexdigest()
