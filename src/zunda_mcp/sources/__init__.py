"""The sources that the user has added, by name: feeds, repositories, folders, exports of posts.

>>> from zunda_mcp import sources
>>> sources.add("https://example.org/feed.xml", name="show")   # doctest: +SKIP
>>> sources.sync()                                             # doctest: +SKIP
>>> sources.source_paths("show")                               # doctest: +SKIP

Everything is stored in the user's data folder (``store.py``). Only ``add`` and ``sync`` use the network; ``listed``,
``source_paths`` and ``described`` only read.
"""

from __future__ import annotations

from zunda_mcp.sources.registry import add, described, listed, remove, source_paths
from zunda_mcp.sources.store import Added, Kind, Source, Synced
from zunda_mcp.sources.sync import sync

__all__ = ["Added", "Kind", "Source", "Synced", "add", "described", "listed", "remove", "source_paths", "sync"]
