"""The terminal face: ``zunda-mcp serve | index | search | show | topics | timeline | related | doctor | install``.

A thin layer over the library: it reads a command line, asks, prints, and says with its exit code how it went.
"""

from __future__ import annotations

import os

# Pydantic would look through every installed package for plugins of its own, a tenth of the start of the server.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

from zunda_mcp.cli.entry import main

__all__ = ["main"]
