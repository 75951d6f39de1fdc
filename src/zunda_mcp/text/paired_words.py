"""A table of words with their counterparts in another language, searched on disk: memory has only samples of it.

A zip archive has two uncompressed members. The lines, after a first line end, are each a word, a tab, and its
counterparts between commas (``竹中<tab>,takenaka,``). The places are the offsets of the commas before all counterparts,
in the order of the counterparts, 4 bytes each, little-endian. ``qa/glosses/derive_glosses.py`` writes both.
"""

from __future__ import annotations

import mmap
import sys
import zipfile
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

from zunda_mcp.config.memory import shared_property

__all__ = ["PairedWords"]

_BLOCK, _SAMPLED, _LONGEST = 2048, 64, 128
"""Of so many bytes of lines, and of so many counterparts, the first is in memory: scanning them takes about as long as
finding them. The last is longer than any counterpart, in bytes."""


class PairedWords:
    """The table in two members of ``archive``, ``lines`` and ``places``; opened on first use. Thread-safe."""

    def __init__(self, archive: Path, lines: str, places: str) -> None:
        self._archive, self._lines, self._places = archive, lines, places

    def counterparts(self, word: str) -> tuple[str, ...]:
        """The counterparts of a word, in their order; nothing if the table lacks the word."""
        firsts, starts, _, _ = self._table
        wanted = b"\n%b\t" % word.encode("utf-8", "surrogatepass")
        block = bisect_right(firsts, wanted)  # the lines are in the order of the bytes of their words
        text = self._read(starts[block - 1], starts[block]) if block else b""
        at = text.find(wanted)
        return () if at < 0 else _line(text, at)[1]

    def words(self, counterpart: str) -> tuple[tuple[str, int], ...]:
        """The words that have this counterpart, each with its place among their counterparts, from 0."""
        exact = counterpart.encode("utf-8", "surrogatepass")
        places = sorted(place for place, _ in takewhile(lambda pair: pair[1] == exact, self._from(exact)))
        return tuple((word, others.index(counterpart)) for word, others in map(self._line_around, places))

    def beginning_with(self, start: str) -> set[str]:
        """The counterparts that begin with ``start``."""
        beginning = {one for _, one in self._from(start.encode("utf-8", "surrogatepass"))}
        return {one.decode("utf-8") for one in beginning}

    def _from(self, start: bytes) -> Iterator[tuple[int, bytes]]:
        """The counterparts that begin with ``start``, in order, each after its offset."""
        _, _, places, sampled = self._table
        after = bisect_left(sampled, start) * _SAMPLED
        between = max(after - _SAMPLED, 0), min(after, len(places))
        for at in range(bisect_left(places, start, *between, key=self._counterpart), len(places)):
            if not (one := self._counterpart(places[at])).startswith(start):
                return
            yield places[at], one

    def _counterpart(self, place: int) -> bytes:
        return self._read(place + 1, place + _LONGEST).partition(b",")[0]

    def _line_around(self, place: int) -> tuple[str, tuple[str, ...]]:
        starts = self._table[1]
        block = bisect_right(starts, place)
        text = self._read(starts[block - 1], starts[block])
        return _line(text, text.rindex(b"\n", 0, place - starts[block - 1]))

    def _read(self, start: int, end: int) -> bytes:
        return self._file[self._base + start : self._base + end]

    @shared_property
    def _table(self) -> tuple[list[bytes], list[int], array[int], list[bytes]]:
        """The first word of each block, with a line end before and a tab after; the offsets of the blocks and of the
        end; the places of all counterparts; every 64th counterpart.
        """
        with zipfile.ZipFile(self._archive) as archive:
            lines, places = archive.read(self._lines), array("I", archive.read(self._places))
        if sys.byteorder == "big":
            places.byteswap()
        with self._archive.open("rb") as file:
            self._file = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._base = self._file.find(lines)
        starts = [lines.rindex(b"\n", 0, at + 1) for at in range(0, len(lines) - 1, _BLOCK)]
        firsts = [lines[at : lines.index(b"\t", at) + 1] for at in starts]
        sampled = [lines[at + 1 : lines.index(b",", at + 1)] for at in places[::_SAMPLED]]
        return firsts, [*starts, len(lines)], places, sampled


def _line(text: bytes, end_before: int) -> tuple[str, tuple[str, ...]]:
    """The word and the counterparts of the line after a line end."""
    word, counterparts = text[end_before + 1 :].partition(b"\n")[0].decode("utf-8").split("\t")
    return word, tuple(counterparts.strip(",").split(","))
