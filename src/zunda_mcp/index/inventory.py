"""What a generation consists of, file by file, so that damage is found before it is answered from.

``inventory.json`` in a generation holds for each of its files the size in bytes, the modification time, and a SHA-256
(FIPS 180-4). It is written last, and ``CURRENT`` holds its own SHA-256: files that agree with it are the index that
was written, byte for byte. It can only name regular files within the generation.

How it is looked at, so that no start is slowed:

- by a reader that opens a generation: names, sizes and times, some microseconds a file; a file whose time is another is
  read and compared before anything is answered from it, one of another size or name is damage;
- by a running server: the same again whenever it looks for changed episodes;
- by a server a moment after its first answer, in the background, and by every writer before it builds on a generation:
  all the bytes, each file once a process. A writer takes over what it links with the sums the files had when they were
  written, so that damage is never taken for the truth.

So what a program, a full disk or a restored backup did to a file is found before the first answer; a bit that flipped
on the disk, with no trace in the file's time, is found a moment after it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

__all__ = ["NAME", "FileRecord", "Inventory", "altered", "differing", "digest_of", "read_inventory", "take", "write"]

NAME = "inventory.json"
_CHUNK = 1 << 20
_FILE = re.compile(r"(whoosh/)?[A-Za-z0-9_][A-Za-z0-9_.-]*")


class FileRecord(NamedTuple):
    """A file as it was written: size in bytes, time in nanoseconds since 1970, SHA-256 in hexadecimal."""

    size: int
    mtime_ns: int
    digest: str


Inventory = Mapping[str, FileRecord]
"""The files of a generation by their path in it, with slashes."""


def take(folder: Path, sums: Mapping[str, str]) -> dict[str, FileRecord]:
    """Return the inventory of a finished generation folder. ``sums`` are the digests of files that were taken over."""
    records = {}
    for name in _files(folder):
        status = (folder / name).stat()
        records[name] = FileRecord(status.st_size, status.st_mtime_ns, sums.get(name) or digest_of(folder / name))
    return records


def write(folder: Path, inventory: Inventory) -> None:
    """Write ``inventory.json`` into a generation folder."""
    rows = {name: list(record) for name, record in inventory.items()}
    (folder / NAME).write_text(json.dumps(rows, indent=0) + "\n", encoding="utf-8")


def read_inventory(data: bytes) -> dict[str, FileRecord]:
    """Return an inventory from the bytes of its file.

    Raises ``ValueError`` if it is damaged, or names a file outside the generation.
    """
    rows = json.loads(data)
    if outside := [name for name in rows if not _FILE.fullmatch(name)]:
        msg = f"The inventory names {outside[0]!r}, which is not a file of a generation."
        raise ValueError(msg)
    return {name: FileRecord(*row) for name, row in rows.items()}


def altered(folder: Path, inventory: Inventory) -> tuple[list[str], list[str]]:
    """Return the files that are certainly damaged (missing, unexpected, of another size, links, pipes), and those with
    another time.

    Opens none of them.
    """
    damaged, touched = [], []
    for name, record in inventory.items():
        try:
            status = os.lstat(f"{folder}/{name}")
        except OSError:
            damaged.append(name)
            continue
        if status.st_size != record.size or not stat.S_ISREG(status.st_mode):
            damaged.append(name)
        elif status.st_mtime_ns != record.mtime_ns:
            touched.append(name)
    with suppress(OSError):  # a folder that is gone: all its files are missing
        damaged += [name for name in _files(folder) if name not in inventory]
    return damaged, touched


def differing(folder: Path, inventory: Inventory, names: Iterable[str]) -> list[str]:
    """Return the files among ``names`` that cannot be read, or whose bytes are not those that were written."""
    differing_names = []
    for name in names:
        try:
            right = digest_of(folder / name) == inventory[name].digest
        except OSError:
            right = False
        if not right:
            differing_names.append(name)
    return differing_names


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _files(folder: Path, within: str = "") -> Iterator[str]:
    """The names of a generation's files, in order, without locks and the inventory itself."""
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir(follow_symlinks=False):
                yield from _files(folder / entry.name, f"{within}{entry.name}/")
            elif "LOCK" not in entry.name and entry.name != NAME:
                yield f"{within}{entry.name}"
