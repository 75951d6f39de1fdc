"""A table of words of two languages that is searched as it lies, so that reading it costs no more than unpacking it.

In a zip archive stand the lines, each a word, a tab, and its counterparts between commas (``竹中<tab>,takenaka,``), and
the places of the commas before all counterparts in the order of the counterparts, 4 bytes each, the smallest first,
counted from a line end before the first line. ``qa/glosses/derive_glosses.py`` writes both.
"""

from __future__ import annotations

import sys
import zipfile
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import takewhile
from pathlib import Path

__all__ = ["PairedWords"]

_BLOCK = 2048
"""Bytes of lines of which the first word is kept. To search so many takes about as long as to find them."""


class PairedWords:
    """The table in ``archive``, of its members ``lines`` and ``places``; unpacked when it is first asked."""

    def __init__(self, archive: Path, lines: str, places: str) -> None:
        self._archive, self._lines_member, self._places_member = archive, lines, places

    def counterparts(self, word: str) -> tuple[str, ...]:
        """Those of a word, in their order; nothing if the table lacks it."""
        wanted = b"\n%b\t" % word.encode("utf-8", "surrogatepass")
        firsts, starts = self._blocks
        block = bisect_right(firsts, wanted)  # the lines are in the order of their words, which is that of their bytes
        at = self._lines.find(wanted, starts[block - 1], starts[block]) if block else -1
        return () if at < 0 else self._line(at + 1)[1]

    def words(self, counterpart: str) -> tuple[tuple[str, int], ...]:
        """The words that have a counterpart, each with its place among theirs, from 0."""
        exact = counterpart.encode("utf-8", "surrogatepass")
        starts = sorted(place for place, _ in takewhile(lambda pair: pair[1] == exact, self._from(exact)))
        lines = [self._line(self._lines.rindex(b"\n", 0, start) + 1) for start in starts]
        return tuple((word, counterparts.index(counterpart)) for word, counterparts in lines)

    def beginning_with(self, start: str) -> set[str]:
        """The counterparts that begin so."""
        beginning = {one for _, one in self._from(start.encode("utf-8", "surrogatepass"))}
        return {one.decode("utf-8") for one in beginning}

    def _from(self, start: bytes) -> Iterator[tuple[int, bytes]]:
        """The counterparts that begin so, in their order, and their places."""
        lines, places = self._lines, self._places
        for at in range(bisect_left(places, start, key=self._counterpart), len(places)):
            place = places[at]
            if not lines.startswith(start, place + 1):
                return
            yield place, lines[place + 1 : lines.index(b",", place + 1)]

    def _counterpart(self, place: int) -> bytes:
        return self._lines[place + 1 : self._lines.index(b",", place + 1)]

    def _line(self, start: int) -> tuple[str, tuple[str, ...]]:
        word, counterparts = self._lines[start : self._lines.index(b"\n", start)].decode("utf-8").split("\t")
        return word, tuple(counterparts.strip(",").split(","))

    @cached_property
    def _lines(self) -> bytes:
        """All lines, each between line ends."""
        with zipfile.ZipFile(self._archive) as archive:
            return b"\n" + archive.read(self._lines_member)

    @cached_property
    def _blocks(self) -> tuple[list[bytes], list[int]]:
        """How the first line of each block begins, up to its tab, and where; and where the last block ends."""
        lines = self._lines
        starts = [lines.rindex(b"\n", 0, at + 1) for at in range(0, len(lines) - 1, _BLOCK)]
        return [lines[at : lines.index(b"\t", at) + 1] for at in starts], [*starts, len(lines)]

    @cached_property
    def _places(self) -> array[int]:
        with zipfile.ZipFile(self._archive) as archive:
            places = array("I", archive.read(self._places_member))
        if sys.byteorder == "big":
            places.byteswap()
        return places
