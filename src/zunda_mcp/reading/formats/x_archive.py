"""The archive of X, known by its ``data/manifest.js`` (see ``zunda_mcp.reading.posts.x_export``): unpacked, or still a
zip, which is read in place, and of its files those alone that hold posts. Any other zip is no episode and no problem.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TextIO
from zipfile import BadZipFile, ZipFile

from zunda_mcp.config.files import open_regular
from zunda_mcp.models import Problem
from zunda_mcp.reading.detection.conventions import Origin
from zunda_mcp.reading.draft import Draft
from zunda_mcp.reading.formats.format import Format
from zunda_mcp.reading.posts import x_export

__all__ = ["XArchive", "XZip"]

_CHUNK = 1 << 20
_MOST = 8 << 30
_MANIFEST = "data/manifest.js"


def _own(file: Path) -> bool:
    """Whether a file lies there itself: X hands out no links, so one was put there by somebody else."""
    return file.is_file() and not file.is_symlink()


class _Folder:
    """The files of a data folder on the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> Iterable[str]:
        """All names there."""
        try:
            return [each.name for each in self._folder.iterdir() if _own(each)]
        except OSError:
            return []

    def open(self, name: str) -> AbstractContextManager[TextIO]:
        """A file as text."""
        stream = io.BufferedReader(open_regular(self._folder / name))
        return io.TextIOWrapper(stream, "utf-8-sig", errors="replace", newline="")


class XArchive(Format):
    """An unpacked archive of X."""

    source = "path"
    merges = True

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read the archive whose manifest is at ``origin.path``; ``text`` is ignored."""
        return x_export.read(_Folder(origin.path.parent), origin)

    def parts(self, path: Path) -> list[Path]:
        """Return the files that an archive is read from, its manifest first; what else lies there stays shut."""
        try:
            others = sorted(
                each for each in path.parent.iterdir() if x_export.OPENED.fullmatch(each.name) and _own(each)
            )
        except OSError:
            others = []
        return [path, *others]

    def digest(self, path: Path) -> str:
        """Return the SHA-256 of the names and the bytes of all parts. Raises ``OSError``."""
        digest = hashlib.sha256()
        for part in self.parts(path):
            digest.update(part.name.encode("utf-8", "surrogateescape") + b"\0")
            with open_regular(part) as stream:
                while chunk := stream.read(_CHUNK):
                    digest.update(chunk)
        return digest.hexdigest()


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
        """A file as text. Raises ``OSError``, and while a damaged one is read what `zipfile` does."""
        try:
            info = self._opened.getinfo(self._folder + name)
            if info.file_size > _MOST:
                msg = "larger than any archive"
                raise OSError(msg)
            member = self._opened.open(info)
        except (KeyError, RuntimeError, NotImplementedError) as error:  # not there, encrypted, packed in some new way
            raise OSError(str(error)) from error
        return io.TextIOWrapper(member, "utf-8-sig", errors="replace", newline="")


class XZip(Format):
    """An archive of X that is still a zip."""

    source = "path"
    merges = True

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read the zip at ``origin.path``; ``text`` is not looked at."""
        try:
            with open_regular(origin.path) as raw, io.BufferedReader(raw) as file, ZipFile(file) as opened:
                folder = _data_folder(opened)
                return ([], []) if folder is None else x_export.read(_Zipped(opened, folder), origin)
        except (BadZipFile, ValueError, EOFError, RuntimeError):  # a directory that makes no sense
            return [], [origin.problem("This zip is damaged; it was skipped. Download or copy it again.", skipped=True)]

    def digest(self, path: Path) -> str:
        """Return a digest of what the zip's own directory says of the files that are read. Raises ``OSError``."""
        digest = hashlib.sha256()
        try:
            with open_regular(path) as raw, io.BufferedReader(raw) as file, ZipFile(file) as opened:
                folder = _data_folder(opened)
                for info in opened.infolist() if folder is not None else ():
                    if info.filename.startswith(folder or ""):
                        digest.update(repr((info.filename, info.CRC, info.file_size)).encode("utf-8", "surrogatepass"))
        except (BadZipFile, ValueError, EOFError, RuntimeError):  # a directory that makes no sense
            pass
        return digest.hexdigest()
