"""The command line of ``zunda-mcp`` (its verbs are in ``verb_table``).

A thin layer over the library: it parses arguments, calls the library, prints the answer and returns an exit code.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

# Pydantic would search all installed packages for its plug-ins, which is a tenth of the server's start-up time.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command (by default the arguments of this process) and return its exit code (``zunda_mcp.cli.entry``).

    Never raises, except for an unexpected error under ``python -X dev``.
    """
    try:
        from zunda_mcp.cli import entry  # here, to catch Ctrl-C during the import

        return entry.main(argv)
    except KeyboardInterrupt:  # during the import
        print("zunda-mcp: interrupted.", file=sys.stderr)
        return 130
