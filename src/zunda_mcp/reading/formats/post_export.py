"""Exports of one's own posts and bookmarks, known by what they say of themselves (``zunda_mcp.reading.posts``).

The fediverse, Bluesky, and lists of bookmarks of browsers and services in JSON and HTML, of which any other is nothing;
the archive of X, known by its ``data/manifest.js``: unpacked, or still a zip, which is read in place, and of its files
those alone that hold posts. Any other zip is no episode and no problem.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO
from zipfile import BadZipFile, ZipFile

from zunda_mcp.config.files import open_regular
from zunda_mcp.reading.detection.conventions import Origin
from zunda_mcp.reading.draft import Drafts
from zunda_mcp.reading.endings import kind_of
from zunda_mcp.reading.formats import Format
from zunda_mcp.reading.posts import bluesky, bookmarks, fediverse, x_export

__all__ = ["PostExport", "PostStream", "XArchive", "XZip"]

_CHUNK = 1 << 20
_MOST = 8 << 30
_MANIFEST = f"data/{x_export.MANIFEST}"
_DAMAGED = (BadZipFile, ValueError, EOFError, RuntimeError)  # a directory that makes no sense


_READERS: Mapping[str, Sequence[tuple[Callable[[str], bool], Callable[[str, Origin], Drafts]]]] = {
    "json": (
        (fediverse.claims, fediverse.read_json),
        (bluesky.claims, bluesky.read),
        (bookmarks.claims_json, bookmarks.read_json),
    ),
    "html": ((bookmarks.claims_html, bookmarks.read_html),),
}
"""By the kind of file: what each export is known by, and what reads it."""


class PostExport(Format):
    """Posts or bookmarks in JSON, bookmarks in HTML."""

    merges = True

    def claims(self, text: str) -> bool:
        """Whether this text is such an export."""
        return _reader_of(text) is not None

    def read(self, text: str, origin: Origin) -> Drafts:
        """Read an export; any other text is nothing."""
        reader = _reader_of(text)
        return reader(text, origin) if reader is not None else ([], [])


def _reader_of(text: str) -> Callable[[str, Origin], Drafts] | None:
    readers = _READERS["html" if text[:100].lstrip("\ufeff \n").startswith("<") else "json"]
    return next((read for claims, read in readers if claims(text)), None)


class PostStream(Format):
    """The posts of Mastodon and its relatives, under the name that all of them give the file, of any size; and the
    repository of an account of Bluesky, as its settings export it: ``repo.car``.
    """

    merges = True
    source = "stream"

    def read_stream(self, stream: BinaryIO, origin: Origin) -> Drafts:
        """Read a collection item by item; of a repository posts, reposts and likes, not who is followed or blocked."""
        if kind_of(origin.path.name) == "car":
            return bluesky.read_repository(stream.read(), origin)
        return fediverse.read_collection(io.TextIOWrapper(stream, "utf-8-sig", errors="replace", newline=""), origin)


class XArchive(Format):
    """An unpacked archive of X."""

    source = "path"
    merges = True

    def read(self, text: str, origin: Origin) -> Drafts:
        """Read the archive whose manifest is at ``origin.path``; ``text`` is ignored."""
        folder = origin.path.parent
        names = [each.name for each in _own_files(folder)]
        return x_export.read(x_export.Files(names, lambda name: io.BufferedReader(open_regular(folder / name))), origin)

    def parts(self, path: Path) -> list[Path]:
        """Return the files that an archive is read from, its manifest first; what else lies there stays shut."""
        return [path, *sorted(each for each in _own_files(path.parent) if x_export.OPENED.fullmatch(each.name))]

    def digest(self, path: Path) -> str:
        """Return the SHA-256 of the names and the bytes of all parts. Raises ``OSError``."""
        digest = hashlib.sha256()
        for part in self.parts(path):
            digest.update(part.name.encode("utf-8", "surrogateescape") + b"\0")
            with open_regular(part) as stream:
                while chunk := stream.read(_CHUNK):
                    digest.update(chunk)
        return digest.hexdigest()


def _own_files(folder: Path) -> list[Path]:
    """The files that lie in a folder themselves: X hands out no links, so one was put there by somebody else."""
    with suppress(OSError):
        return [each for each in folder.iterdir() if each.is_file() and not each.is_symlink()]
    return []


class XZip(Format):
    """An archive of X that is still a zip."""

    source = "path"
    merges = True

    def read(self, text: str, origin: Origin) -> Drafts:
        """Read the zip at ``origin.path``; ``text`` is not looked at."""
        try:
            with _zip(origin.path) as (opened, folder):
                return ([], []) if folder is None else x_export.read(_in_zip(opened, folder), origin)
        except _DAMAGED:
            return [], [origin.problem("This zip is damaged; it was skipped. Download or copy it again.", skipped=True)]

    def digest(self, path: Path) -> str:
        """Return a digest of what the zip's own directory says of the files that are read. Raises ``OSError``."""
        digest = hashlib.sha256()
        with suppress(*_DAMAGED), _zip(path) as (opened, folder):
            for info in opened.infolist() if folder is not None else ():
                if info.filename.startswith(folder or ""):
                    digest.update(repr((info.filename, info.CRC, info.file_size)).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()


@contextmanager
def _zip(path: Path) -> Iterator[tuple[ZipFile, str | None]]:
    """Open a zip; with the folder of the manifest, at the top or one below; ``None`` where it is something else."""
    with open_regular(path) as raw, io.BufferedReader(raw) as file, ZipFile(file) as opened:
        places = (name.removesuffix(_MANIFEST) for name in opened.namelist() if name.endswith(_MANIFEST))
        yield opened, next((f"{place}data/" for place in places if place.count("/") <= 1), None)


def _in_zip(opened: ZipFile, folder: str) -> x_export.Files:

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
