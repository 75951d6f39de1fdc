"""Vectors as bytes with a scale for each: a quarter of the size, and exact enough for cosines. With the keys of their
texts they are stored in three files: ``NAME.key``, ``NAME.i8`` and ``NAME.f32``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Vectors

__all__ = ["KEY_BYTES", "Grown", "KeyedRows", "PackedRows", "RepeatedRows", "pack", "read_rows", "row_files"]

_Text = TypeVar("_Text")

KEY_BYTES = 8
"""Bytes of the key of a text."""
_AT_ONCE = 128
"""Texts in one call of an embedder."""

_GRID = 2.0**22  # scales are rounded to it: coarser than differences between batches (1e-7), far finer than 1/127
_UNPACKED_BYTES, _BLOCK = 4_200_000, 256
"""Bytes of unpacked numbers to keep besides the packed ones, and rows to unpack together. A question multiplies all
rows a few times: 2,000 stories take 0.06 ms unpacked and 0.3 ms packed, 13,000 words 0.15 and 0.8.
"""


class PackedRows:
    """Vectors as bytes with a scale for each, used like an array: ``rows @ vector``, ``rows[[3, 5]]``, ``shape``.

    Few rows, as many as the stories of a small archive, are unpacked to ``float32`` once and kept; more rows are
    unpacked block by block whenever they are needed.
    """

    def __init__(self, packed: Any, scales: Vectors) -> None:
        self.packed = packed
        self.scales = scales
        self.shape: tuple[int, int] = packed.shape
        self._unpacked: dict[int, Vectors] = {}

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, numbers: Any) -> Vectors:
        import numpy as np  # start-up

        rows: Vectors = self.packed[numbers].astype(np.float32) * self.scales[numbers]
        return rows

    def __matmul__(self, other: Vectors) -> Vectors:
        import numpy as np  # start-up

        products = [block @ other for _, block in self._blocks()]
        if not products:
            return np.zeros((0, *other.shape[1:]), dtype=np.float32)
        scaled: Vectors = np.concatenate(products) * (self.scales if other.ndim > 1 else self.scales[:, 0])
        return scaled

    def mean(self, counts: Vectors) -> Vectors:
        """Return the mean of all rows, each weighted by its count."""
        import numpy as np  # start-up

        weights = self.scales[:, 0] * counts
        sums = [(block.T @ weights[at : at + _BLOCK]).astype(np.float64) for at, block in self._blocks()]
        mean: Vectors = (np.sum(sums, axis=0) / max(counts.sum(), 1)).astype(np.float32)
        return mean

    def _blocks(self) -> Iterator[tuple[int, Vectors]]:
        """The start of each block, and its rows without their scales."""
        import numpy as np  # start-up

        count, width = self.shape
        is_kept = 4 * count * width <= _UNPACKED_BYTES
        for start in range(0, count, _BLOCK):
            block = self._unpacked.get(start)
            if block is None:
                block = self.packed[start : start + _BLOCK].astype(np.float32)
                if is_kept:
                    self._unpacked[start] = block
            yield start, block


class RepeatedRows:
    """Rows that may occur at several places, used like ``PackedRows``. Each is multiplied once, in the order of
    ``rows``: rounding depends on the place of a row among others, and equal texts must be equally near.
    """

    def __init__(self, rows: PackedRows, numbers: Sequence[int]) -> None:
        import numpy as np  # start-up

        own, self._places = np.unique(np.asarray(numbers, dtype=np.int64), return_inverse=True)
        self._rows = rows if len(own) == len(rows) else PackedRows(rows.packed[own], rows.scales[own])
        self.shape = (len(numbers), rows.shape[1])

    def __getitem__(self, numbers: Any) -> Vectors:
        return self._rows[self._places[numbers]]

    def __matmul__(self, other: Vectors) -> Vectors:
        products: Vectors = (self._rows @ other)[self._places]
        return products

    def mean(self) -> Vectors:
        """Return the mean over all places."""
        import numpy as np  # start-up

        return self._rows.mean(np.bincount(self._places, minlength=len(self._rows)).astype(np.float32))


class KeyedRows:
    """Vectors with the keys of their texts, in order of keys."""

    def __init__(self, keys: Sequence[bytes], rows: PackedRows) -> None:
        self.keys = keys
        self.rows = rows

    @classmethod
    def read(cls, folder: Path, name: str, count: int, width: int) -> KeyedRows:
        """Read rows from their three files, which may be absent if ``count`` is 0. Raises ``OSError`` or ``ValueError``
        if the files do not have ``count`` rows.
        """
        keys = (folder / f"{name}.key").read_bytes() if count else b""
        if len(keys) != count * KEY_BYTES:
            raise ValueError(folder / f"{name}.key")
        parted = [keys[at : at + KEY_BYTES] for at in range(0, len(keys), KEY_BYTES)]
        return cls(parted, read_rows(folder, name, count, width))

    def files(self, name: str) -> dict[str, bytes]:
        """Return the content of the files for these rows, by file name."""
        return {f"{name}.key": b"".join(self.keys), **row_files(name, self.rows)}

    def within(self, keys: Collection[bytes]) -> KeyedRows:
        """Return the rows of these keys."""
        own = [at for at, key in enumerate(self.keys) if key in keys]
        return KeyedRows([self.keys[at] for at in own], PackedRows(self.rows.packed[own], self.rows.scales[own]))

    def grown(
        self,
        texts: Mapping[bytes, _Text],
        most: int,
        make: Callable[[Sequence[_Text]], Vectors],
        note: Callable[[int], None],
    ) -> Grown:
        """Return the rows of ``texts``: those here, and at most ``most`` new ones, which ``make`` makes batch by batch.
        ``note`` is called with how many are done.
        """
        import numpy as np  # start-up

        own = self.within(texts)
        there = {*own.keys}
        missing = [key for key in texts if key not in there]
        now = missing[:most]
        pairs = [(own.rows.packed, own.rows.scales)] if own.keys else []
        for start in range(0, len(now), _AT_ONCE):
            note(len(texts) - len(missing) + start)
            pairs.append(pack(make([texts[key] for key in now[start : start + _AT_ONCE]])))
        keys = [*own.keys, *now]
        if keys:
            packed, scales = (np.concatenate(column) for column in zip(*pairs, strict=True))
            order = sorted(range(len(keys)), key=keys.__getitem__)
            own = KeyedRows([keys[at] for at in order], PackedRows(packed[order], scales[order]))
        return Grown(own, len(now), len(missing) - len(now))


class Grown(NamedTuple):
    """Rows, how many of them are new, and how many texts still have none."""

    rows: KeyedRows
    new: int
    left: int


def read_rows(folder: Path, name: str, count: int, width: int) -> PackedRows:
    """Return the rows of two files. Raises ``OSError`` or ``ValueError`` if the files are not of the right length."""
    import numpy as np  # start-up

    if not count:
        return PackedRows(np.zeros((0, width), dtype=np.int8), np.zeros((0, 1), dtype=np.float32))
    packed = np.fromfile(folder / f"{name}.i8", dtype=np.int8).reshape(count, width)
    return PackedRows(packed, np.fromfile(folder / f"{name}.f32", dtype=np.float32).reshape(count, 1))


def row_files(name: str, rows: PackedRows) -> dict[str, bytes]:
    """Return the content of the two files for some rows."""
    return {f"{name}.i8": rows.packed.tobytes(), f"{name}.f32": rows.scales.tobytes()}


def pack(rows: Vectors) -> tuple[Any, Vectors]:
    """Return rows as bytes, and the scale of each: 1/127 of the greatest number is exact enough for a cosine."""
    import numpy as np  # start-up

    scales = (np.rint(np.abs(rows).max(axis=1, initial=0.0) / 127 * _GRID) / _GRID).astype(np.float32)
    scales[scales == 0] = 1.0
    return np.rint(rows / scales[:, None]).astype(np.int8), scales[:, None]
