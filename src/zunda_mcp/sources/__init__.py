"""What the user has added: feeds, repositories, folders, exports of posts, by name.

>>> from zunda_mcp import sources
>>> sources.add("https://example.org/feed.xml", name="show")   # doctest: +SKIP
>>> sources.sync()                                             # doctest: +SKIP
>>> sources.resolve("show")                                    # doctest: +SKIP

Everything lies in the user's data folder (``store.py``). ``add`` and ``sync`` are the only ones that use the network;
``listed``, ``source_paths`` and ``described`` only read.
"""

from __future__ import annotations

from zunda_mcp.sources.registry import add, described, listed, remove, source_paths
from zunda_mcp.sources.store import Added, Kind, Source, Synced
from zunda_mcp.sources.sync import sync

__all__ = ["Added", "Kind", "Source", "Synced", "add", "described", "listed", "remove", "source_paths", "sync"]
