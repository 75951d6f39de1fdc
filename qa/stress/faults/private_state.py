"""A key of its own for the time of a run: the user's own is not touched."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def private_state(scratch: Path) -> Iterator[Path]:
    """The folder of the key in ``scratch``, for this process and those it starts."""
    before = os.environ.get("ZUNDA_MCP_STATE")
    folder = scratch / "state"
    os.environ["ZUNDA_MCP_STATE"] = str(folder)
    try:
        yield folder
    finally:
        if before is None:
            del os.environ["ZUNDA_MCP_STATE"]
        else:
            os.environ["ZUNDA_MCP_STATE"] = before
