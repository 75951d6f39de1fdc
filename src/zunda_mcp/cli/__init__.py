"""The terminal face: the verbs of ``zunda-mcp`` (see ``verb_table``).

A thin layer over the library: it reads a command line, asks, prints, and says with its exit code how it went.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

# Pydantic would look through every installed package for plugins of its own, a tenth of the start of the server.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (see ``zunda_mcp.cli.entry``); without ``argv``, that of this process.

    Never raises, except for a fault under ``python -X dev``.
    """
    try:
        from zunda_mcp.cli import entry  # here, so that Ctrl-C while it is loaded is caught

        return entry.main(argv)
    except KeyboardInterrupt:  # while it was loaded
        print("zunda-mcp: interrupted.", file=sys.stderr)
        return 130
