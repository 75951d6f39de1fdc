"""``python -m zunda_mcp`` is ``zunda-mcp``."""

from __future__ import annotations

import sys

from zunda_mcp.cli import main

if __name__ == "__main__":
    sys.exit(main())
