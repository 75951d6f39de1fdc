"""The archive of X, known by its ``data/manifest.js`` (see ``zunda_mcp.reading.posts.x_export``): unpacked, or still a
zip, which is read in place, and of its files those alone that hold posts. Any other zip is no episode and no problem.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import IO
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


def _in_folder(folder: Path) -> x_export.Files:
    """The files of a data folder on the disk."""
    try:
        names = [each.name for each in folder.iterdir() if _own(each)]
    except OSError:
        names = []
    return x_export.Files(names, lambda name: io.BufferedReader(open_regular(folder / name)))


class XArchive(Format):
    """An unpacked archive of X."""

    source = "path"
    merges = True

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read the archive whose manifest is at ``origin.path``; ``text`` is ignored."""
        return x_export.read(_in_folder(origin.path.parent), origin)

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


def _in_zip(opened: ZipFile, folder: str) -> x_export.Files:
    """The files of a data folder in a zip."""

    def open_member(name: str) -> IO[bytes]:
        try:
            info = opened.getinfo(folder + name)
            if info.file_size > _MOST:
                raise OSError("larger than any archive")
            return opened.open(info)
        except (KeyError, RuntimeError, NotImplementedError) as error:  # not there, encrypted, packed in some new way
            raise OSError(str(error)) from error

    names = (name.removeprefix(folder) for name in opened.namelist() if name.startswith(folder))
    return x_export.Files([name for name in names if "/" not in name], open_member)


class XZip(Format):
    """An archive of X that is still a zip."""

    source = "path"
    merges = True

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read the zip at ``origin.path``; ``text`` is not looked at."""
        try:
            with open_regular(origin.path) as raw, io.BufferedReader(raw) as file, ZipFile(file) as opened:
                folder = _data_folder(opened)
                return ([], []) if folder is None else x_export.read(_in_zip(opened, folder), origin)
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
