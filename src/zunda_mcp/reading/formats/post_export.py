"""Reads exports of one's own posts and bookmarks, recognized by their content (``zunda_mcp.reading.posts``).

There are exports of the fediverse and Bluesky, and lists of bookmarks of browsers and services in JSON and HTML. The
archive of X, recognized by its ``data/manifest.js``, is read from its folder or in place from its zip, and only the
files with posts are opened. Any other JSON, HTML or zip gives no episode and no problem.
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
_DAMAGED = (BadZipFile, ValueError, EOFError, RuntimeError)  # what a damaged zip raises


_READERS: Mapping[str, Sequence[tuple[Callable[[str], bool], Callable[[str, Origin], Drafts]]]] = {
    "json": (
        (fediverse.claims, fediverse.read_json),
        (bluesky.claims, bluesky.read),
        (bookmarks.claims_json, bookmarks.read_json),
    ),
    "html": ((bookmarks.claims_html, bookmarks.read_html),),
}
"""For each kind of file, the test and the reader of each export."""


class PostExport(Format):
    """Posts or bookmarks in JSON, bookmarks in HTML."""

    merges = True

    def claims(self, text: str) -> bool:
        """Whether a text is such an export."""
        return _reader_of(text) is not None

    def read(self, text: str, origin: Origin) -> Drafts:
        """Read an export; any other text gives nothing."""
        reader = _reader_of(text)
        return reader(text, origin) if reader is not None else ([], [])


def _reader_of(text: str) -> Callable[[str, Origin], Drafts] | None:
    readers = _READERS["html" if text[:100].lstrip("\ufeff \n").startswith("<") else "json"]
    return next((read for claims, read in readers if claims(text)), None)


class PostStream(Format):
    """The posts of Mastodon and its relatives, in the ``outbox.json`` that all of them export; and the repository of a
    Bluesky account, the ``repo.car`` that its settings export.
    """

    merges = True
    source = "stream"

    def read_stream(self, stream: BinaryIO, origin: Origin) -> Drafts:
        """Read a collection item by item, or the posts, reposts and likes of a repository."""
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
        """Return the files that an archive is read from, its manifest first."""
        return [path, *sorted(each for each in _own_files(path.parent) if x_export.OPENED.fullmatch(each.name))]

    def digest(self, path: Path) -> str:
        """Return the SHA-256 of the names and bytes of all parts in hex. Raises ``OSError``."""
        digest = hashlib.sha256()
        for part in self.parts(path):
            digest.update(part.name.encode("utf-8", "surrogateescape") + b"\0")
            with open_regular(part) as stream:
                while chunk := stream.read(_CHUNK):
                    digest.update(chunk)
        return digest.hexdigest()


def _own_files(folder: Path) -> list[Path]:
    """Return the regular files in a folder. Links are left out: X exports none, so somebody else put them there."""
    with suppress(OSError):
        return [each for each in folder.iterdir() if each.is_file() and not each.is_symlink()]
    return []


class XZip(Format):
    """An archive of X that is still a zip."""

    source = "path"
    merges = True

    def read(self, text: str, origin: Origin) -> Drafts:
        """Read the zip at ``origin.path``; ``text`` is ignored."""
        try:
            with _zip(origin.path) as (opened, folder):
                return ([], []) if folder is None else x_export.read(_in_zip(opened, folder), origin)
        except _DAMAGED:
            return [], [origin.problem("This zip is damaged; it was skipped. Download or copy it again.", skipped=True)]

    def digest(self, path: Path) -> str:
        """Return a digest of the names, checksums and sizes of the files in the zip's folder. Raises ``OSError``."""
        digest = hashlib.sha256()
        with suppress(*_DAMAGED), _zip(path) as (opened, folder):
            for info in opened.infolist() if folder is not None else ():
                if info.filename.startswith(folder or ""):
                    digest.update(repr((info.filename, info.CRC, info.file_size)).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()


@contextmanager
def _zip(path: Path) -> Iterator[tuple[ZipFile, str | None]]:
    """Open a zip, and give the folder of its manifest, at the top or one level below, or ``None`` if it has none."""
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
        except (KeyError, RuntimeError, NotImplementedError) as error:  # missing, encrypted, or compressed in a new way
            raise OSError(str(error)) from error

    names = (name.removeprefix(folder) for name in opened.namelist() if name.startswith(folder))
    return x_export.Files([name for name in names if "/" not in name], open_member)
