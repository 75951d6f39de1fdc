"""Reading and hashing a file in one pass."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_CHUNK = 1 << 20


class Hashed(io.RawIOBase):
    """The bytes of another stream, hashed as they are read."""

    def __init__(self, raw: io.RawIOBase) -> None:
        self._raw = raw
        self._hash = hashlib.sha256()

    def readable(self) -> bool:
        """True: that is what it is for."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read into ``buffer`` and hash what was read."""
        view = memoryview(buffer).cast("B")
        count = self._raw.readinto(view) or 0
        self._hash.update(view[:count])
        return count

    def finish(self) -> str:
        """Read what nobody has read, and return the SHA-256 of all in hex."""
        while self.read(_CHUNK):
            pass
        return self._hash.hexdigest()
