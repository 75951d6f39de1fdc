"""One file that may hold an episode, as a scan sees it; reading and hashing it in one pass."""

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
"""The size limit of a file whose format sets none, in bytes. No page of show notes comes near it."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file by place, size in bytes and modification time.

    ``label`` is its name in problems and citations, unique in the archive. ``transcripts`` are files that may hold its
    transcript; ``size`` and ``mtime_ns`` are then sums over all of them, so that a change of one shows. ``id`` is the
    id of its episode where its own name is not enough. ``metadata`` is the file beside it that is its front matter.
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
        """Where it is; made when asked for, since a scan sees thousands and opens none."""
        return Path(self.location)

    def with_transcripts(self, transcripts: tuple[SourceFile, ...]) -> SourceFile:
        """The same file with the files that may hold its transcript."""
        size, mtime_ns = (sum(getattr(one, name) for one in (self, *transcripts)) for name in ("size", "mtime_ns"))
        return replace(self, size=size, mtime_ns=mtime_ns, transcripts=transcripts)


def printable(name: str) -> str:
    """Return a file name as text anyone can paste: composed (NFC), without control characters and what has no width."""
    if name.isascii() and name.isprintable():
        return name
    text = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode("utf-8"))
    return text if text.isprintable() else "".join(sign for sign in text if unicodedata.category(sign)[0] != "C")


def as_id(name: str) -> str:
    """Return a name as an id that is found when typed as answers show it: printable, with single spaces."""
    return printable(" ".join(name.split())) or name


Stamps = list[list[object]]


def stamp(path: Path) -> list[object]:
    """Return what a file must still be like for what was read of it to hold: path, size, time and inode."""
    try:
        status = os.stat(path)  # noqa: PTH116 - of several places at each look
    except OSError:
        return []
    return [str(path), status.st_size, status.st_mtime_ns, status.st_ino]


def seen_at(location: str) -> object:
    """Return what must still be so of a file, or of the entries of a folder, for a scan to find the same there."""
    try:
        status = os.stat(location)  # noqa: PTH116 - of thousands
        if not stat.S_ISDIR(status.st_mode):
            return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
        with os.scandir(location) as entries:
            return {(one.name, one.is_dir(follow_symlinks=False), one.is_symlink()) for one in entries}
    except OSError:
        return None


def file_bytes(path: Path, most: int = USUAL_BYTES) -> tuple[bytes | None, str]:
    """Return a file's bytes, or why it is never read. Raises ``OSError`` where it cannot be read now."""
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
    """Return the sentence about a file of ``size`` bytes, over the limit of ``most``."""
    limit, mebibytes = most // 1024 // 1024, size / 1024 / 1024
    return f"This file has {mebibytes:.1f} MiB, more than the {limit} MiB of any episode; it was skipped unread."


_CHUNK = 1 << 20


class Hashed(io.RawIOBase):
    """The bytes of another stream, hashed as they are read."""

    def __init__(self, raw: io.RawIOBase) -> None:
        self._raw = raw
        self._hash = hashlib.sha256()

    def readable(self) -> bool:
        """True: that is what it is for."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read into ``buffer`` and hash what was read."""
        view = memoryview(buffer).cast("B")
        count = self._raw.readinto(view) or 0
        self._hash.update(view[:count])
        return count

    def finish(self) -> str:
        """Read what nobody has read, and return the SHA-256 of all in hex."""
        while self.read(_CHUNK):
            pass
        return self._hash.hexdigest()
