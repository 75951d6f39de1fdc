"""The archive of X, known by its ``data/manifest.js`` (see ``zunda_mcp.reading.posts.x_export``)."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TextIO

from zunda_mcp.config.files import open_regular
from zunda_mcp.reading.formats.format import Format

if TYPE_CHECKING:
    from pathlib import Path

    from zunda_mcp.models import Problem
    from zunda_mcp.reading.detection.conventions import Origin
    from zunda_mcp.reading.draft import Draft

__all__ = ["XArchive"]

_CHUNK = 1 << 20


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

    suffixes = frozenset()
    file_names = frozenset({"manifest.js"})
    max_bytes = 8 << 30
    source = "path"
    merges = True

    def merged(self, drafts: Sequence[Draft]) -> Draft:
        """Return the posts of one day from several exports as one day."""
        from zunda_mcp.reading.posts.post import merged

        return merged(drafts)

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read the archive whose manifest is at ``origin.path``; ``text`` is ignored."""
        from zunda_mcp.reading.posts import x_export

        return x_export.read(_Folder(origin.path.parent), origin)

    def parts(self, path: Path) -> list[Path]:
        """Return the files that an archive is read from, its manifest first; what else lies there stays shut."""
        from zunda_mcp.reading.posts.x_export import OPENED

        try:
            found = sorted(each for each in path.parent.iterdir() if OPENED.fullmatch(each.name) and _own(each))
        except OSError:
            found = []
        return [path, *found]

    def digest(self, path: Path) -> str:
        """Return the SHA-256 of the names and the bytes of all parts. Raises ``OSError``."""
        found = hashlib.sha256()
        for part in self.parts(path):
            found.update(part.name.encode("utf-8", "surrogateescape") + b"\0")
            with open_regular(part) as stream:
                while chunk := stream.read(_CHUNK):
                    found.update(chunk)
        return found.hexdigest()
