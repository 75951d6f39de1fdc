"""A table of words of two languages that is searched in its file, so that little of it is read and kept.

In a zip archive stand, unpacked, the lines, each a word, a tab, and its counterparts between commas
(``竹中<tab>,takenaka,``), with a line end before the first; and the places of the commas before all counterparts in the
order of the counterparts, 4 bytes each, the smallest first. ``qa/glosses/derive_glosses.py`` writes both. Of the lines
and of the places every so manyth word is kept in memory, what lies between two of them is read.
"""

from __future__ import annotations

import os
import struct
import sys
import threading
import weakref
import zipfile
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from zunda_mcp.config.memory import shared_property

__all__ = ["PairedWords"]

_BLOCK, _SAMPLED = 2048, 64
"""Bytes of lines, and counterparts, of which the first is kept: to go through so many takes about as long as to find
them."""
_LONGEST = 128
"""Bytes that no counterpart has."""
_HEADER = 30
"""Bytes before the name of a member; the last four say how long it and what follows it are (APPNOTE 4.3.7)."""


class PairedWords:
    """The table in ``archive``, of its members ``lines`` and ``places``; opened when it is first asked. Thread-safe."""

    def __init__(self, archive: Path, lines: str, places: str) -> None:
        self._archive, self._lines, self._places = archive, lines, places

    def counterparts(self, word: str) -> tuple[str, ...]:
        """Those of a word, in their order; nothing if the table lacks it."""
        wanted = b"\n%b\t" % word.encode("utf-8", "surrogatepass")
        block = bisect_right(self._table.words, wanted)  # lines are in the order of their words, that of their bytes
        text = self._table.block(block - 1) if block else b""
        at = text.find(wanted)
        return () if at < 0 else _line(text, at + 1)[1]

    def words(self, counterpart: str) -> tuple[tuple[str, int], ...]:
        """The words that have a counterpart, each with its place among theirs, from 0."""
        exact = counterpart.encode("utf-8", "surrogatepass")
        places = sorted(place for place, _ in takewhile(lambda pair: pair[1] == exact, self._from(exact)))
        return tuple((word, others.index(counterpart)) for word, others in map(self._line_at, places))

    def beginning_with(self, start: str) -> set[str]:
        """The counterparts that begin so."""
        beginning = {one for _, one in self._from(start.encode("utf-8", "surrogatepass"))}
        return {one.decode("utf-8") for one in beginning}

    def _from(self, start: bytes) -> Iterator[tuple[int, bytes]]:
        """The counterparts that begin so, in their order, and their places."""
        table, places = self._table, self._table.places
        after = bisect_left(table.counterparts, start) * _SAMPLED
        between = max(after - _SAMPLED, 0), min(after, len(places))
        for at in range(bisect_left(places, start, *between, key=table.counterpart), len(places)):
            if not (one := table.counterpart(places[at])).startswith(start):
                return
            yield places[at], one

    def _line_at(self, place: int) -> tuple[str, tuple[str, ...]]:
        block = bisect_right(self._table.starts, place) - 1
        text = self._table.block(block)
        return _line(text, text.rindex(b"\n", 0, place - self._table.starts[block]) + 1)

    @shared_property
    def _table(self) -> _Table:
        with zipfile.ZipFile(self._archive) as archive:
            lines, places = archive.read(self._lines), array("I", archive.read(self._places))
            header = archive.getinfo(self._lines).header_offset
        if sys.byteorder == "big":
            places.byteswap()
        file = _Bytes(self._archive, header)
        starts = [lines.rindex(b"\n", 0, at + 1) for at in range(0, len(lines) - 1, _BLOCK)]
        words = [lines[at : lines.index(b"\t", at) + 1] for at in starts]
        counterparts = [lines[at + 1 : lines.index(b",", at + 1)] for at in places[::_SAMPLED]]
        return _Table(file, words, [*starts, len(lines)], places, counterparts)


class _Table(NamedTuple):
    """What is kept: the first words of blocks with the line end before them and the tab behind, where the blocks start
    and the last ends; the places of counterparts, and some of these.
    """

    file: _Bytes
    words: list[bytes]
    starts: list[int]
    places: array[int]
    counterparts: list[bytes]

    def block(self, number: int) -> bytes:
        return self.file.read(self.starts[number], self.starts[number + 1])

    def counterpart(self, place: int) -> bytes:
        return self.file.read(place + 1, place + _LONGEST).partition(b",")[0]


class _Bytes:
    """The bytes of an unpacked member of a zip archive, whose header stands at a place. Thread-safe."""

    def __init__(self, archive: Path, header: int) -> None:
        self._file = archive.open("rb", buffering=0)
        weakref.finalize(self, self._file.close)
        self._lock = threading.Lock()
        self._start = 0
        sizes = self.read(header, header + _HEADER)[-4:]
        self._start = header + _HEADER + sum(struct.unpack("<HH", sizes))

    def read(self, start: int, end: int) -> bytes:
        if hasattr(os, "pread"):  # moves no position, which processes share that are forked
            return os.pread(self._file.fileno(), end - start, self._start + start)
        with self._lock:
            self._file.seek(self._start + start)
            return self._file.read(end - start)


def _line(text: bytes, start: int) -> tuple[str, tuple[str, ...]]:
    """The line that starts at a place in a block."""
    word, counterparts = text[start:].partition(b"\n")[0].decode("utf-8").split("\t")
    return word, tuple(counterparts.strip(",").split(","))
