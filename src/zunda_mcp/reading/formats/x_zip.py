"""The archive of X as it is downloaded, still a zip: read in place, and of its files those alone that hold posts.

Any other zip is no episode and no problem.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import IO, TYPE_CHECKING, TextIO

from zunda_mcp.config.files import open_regular
from zunda_mcp.reading.endings import endings_of
from zunda_mcp.reading.formats.format import Format

if TYPE_CHECKING:
    from pathlib import Path
    from zipfile import ZipFile

    from _typeshed import WriteableBuffer

    from zunda_mcp.models import Problem
    from zunda_mcp.reading.detection.conventions import Origin
    from zunda_mcp.reading.draft import Draft

__all__ = ["XZip"]

_MOST = 8 << 30
_MANIFEST = "data/manifest.js"


def _data_folder(opened: ZipFile) -> str | None:
    """The folder of the manifest, at the top or one folder below; None where the zip is something else."""
    for name in opened.namelist():
        if name.endswith(_MANIFEST) and name.removesuffix(_MANIFEST).count("/") <= 1:
            return name.removesuffix("manifest.js")
    return None


class _Zipped:
    """The files of a data folder in a zip."""

    def __init__(self, opened: ZipFile, folder: str) -> None:
        self._opened = opened
        self._folder = folder

    def names(self) -> Iterable[str]:
        """All names there."""
        names = (name.removeprefix(self._folder) for name in self._opened.namelist() if name.startswith(self._folder))
        return [name for name in names if "/" not in name]

    def open(self, name: str) -> AbstractContextManager[TextIO]:
        """A file as text. Raises ``OSError``, also while it is read."""
        try:
            info = self._opened.getinfo(self._folder + name)
            if info.file_size > _MOST:
                msg = "larger than any archive"
                raise OSError(msg)
            member = _Member(self._opened.open(info))
        except (KeyError, RuntimeError, NotImplementedError) as error:  # not there, encrypted, packed in some new way
            raise OSError(str(error)) from error
        return io.TextIOWrapper(io.BufferedReader(member), "utf-8-sig", errors="replace", newline="")


class _Member(io.RawIOBase):
    """A file of a zip whose damage is an ``OSError`` like any other."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        """True: that is what it is for."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read into ``buffer``."""
        import zlib
        from zipfile import BadZipFile

        view = memoryview(buffer).cast("B")
        try:
            data = self._stream.read(len(view))
        except (BadZipFile, EOFError, zlib.error) as error:
            msg = "it is damaged"
            raise OSError(msg) from error
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Let go of it."""
        self._stream.close()
        super().close()


class XZip(Format):
    """An archive of X that is still a zip."""

    suffixes = endings_of("zip")
    max_bytes = 1 << 40  # pictures and films are in it, which are not read
    source = "path"
    merges = True

    def merged(self, drafts: Sequence[Draft]) -> Draft:
        """Return the posts of one day from several exports as one day."""
        from zunda_mcp.reading.posts.post import merged

        return merged(drafts)

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read the zip at ``origin.path``; ``text`` is not looked at."""
        from zipfile import BadZipFile, ZipFile

        from zunda_mcp.reading.posts import x_export

        try:
            with open_regular(origin.path) as raw, io.BufferedReader(raw) as file, ZipFile(file) as opened:
                folder = _data_folder(opened)
                return ([], []) if folder is None else x_export.read(_Zipped(opened, folder), origin)
        except (BadZipFile, ValueError, EOFError, RuntimeError):  # a directory that makes no sense
            return [], [origin.problem("This zip is damaged; it was skipped. Download or copy it again.", skipped=True)]

    def digest(self, path: Path) -> str:
        """Return a digest of what the zip's own directory says of the files that are read. Raises ``OSError``."""
        from zipfile import BadZipFile, ZipFile

        found = hashlib.sha256()
        try:
            with open_regular(path) as raw, io.BufferedReader(raw) as file, ZipFile(file) as opened:
                folder = _data_folder(opened)
                for info in opened.infolist() if folder is not None else ():
                    if info.filename.startswith(folder or ""):
                        found.update(repr((info.filename, info.CRC, info.file_size)).encode("utf-8", "surrogatepass"))
        except (BadZipFile, ValueError, EOFError, RuntimeError):  # a directory that makes no sense
            pass
        return found.hexdigest()
