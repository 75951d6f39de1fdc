"""Files mapped into memory: read at a position, never copied whole, shared by threads without a lock."""

from __future__ import annotations

import mmap
import sys
from array import array
from io import BytesIO
from pathlib import Path
from typing import Any

from whoosh.filedb.structfile import StructFile

_LITTLE = sys.byteorder == "little"


def little_endian(values: array[int]) -> array[int]:
    """``values`` with their bytes as they stand on disk, or back from there; changed in place."""
    if not _LITTLE:
        values.byteswap()
    return values


class MappedFile(StructFile):  # type: ignore[misc]
    """A mapped file as Whoosh reads files; ``get`` moves no position, so threads do not disturb each other."""

    def __init__(self, path: Path, **kwargs: Any) -> None:
        with path.open("rb") as file:
            empty = path.stat().st_size == 0  # which cannot be mapped
            mapped = BytesIO() if empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        super().__init__(mapped, name=path.name, **kwargs)
        self.is_real = False
        self.length = 0 if empty else len(mapped)  # type: ignore[arg-type]

    def get(self, position: int, length: int) -> bytes:
        return self.file[position : position + length] if self.length else b""

    def get_array(self, position: int, typecode: str, length: int) -> array[int]:
        values: array[int] = array(typecode)
        values.frombytes(self.get(position, length * values.itemsize))
        if _LITTLE:
            values.byteswap()
        return values
