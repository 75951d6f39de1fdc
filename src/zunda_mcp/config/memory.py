"""What a long-running process does about memory that it has freed and its allocator has kept.

glibc keeps freed memory in one arena a thread and gives back only what lies at an arena's end (``mallopt(3)``). So what
a background thread took for a moment stays with the process. ``malloc_trim(3)`` gives back every page that is free.
"""

from __future__ import annotations

import contextlib
import mmap
import sys
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["on_disk", "release_freed"]


def release_freed() -> None:
    """Give freed memory back to the system, where the C library can (glibc); takes milliseconds."""
    if sys.platform == "linux":
        import ctypes  # start-up

        with contextlib.suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)


def on_disk(table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same numbers, read-only, in a temporary file without a name that is mapped: only the pages that are read take
    memory, and the system may drop them. ``table`` itself where there is no room for the file.
    """
    import numpy as np

    try:
        with tempfile.TemporaryFile(prefix="zunda-mcp-") as file:
            file.write(memoryview(table).cast("B"))
            file.flush()
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        return table
    return np.frombuffer(mapped, dtype=table.dtype).reshape(table.shape)
