"""zunda-mcp: an archive of dated episodes, answerable.

>>> from zunda_mcp.library import Library; from zunda_mcp.config.load import load_settings
>>> with Library.open(load_settings(episodes=["episodes"])) as library:         # doctest: +SKIP
...     for hit in library.search("TensorRT-LLM").hits:
...         print(hit.date, hit.title, hit.url)

The models of what it answers are in ``zunda_mcp.answers``, those of what it reads in ``zunda_mcp.models``.
Names here are loaded when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zunda_mcp.config.load import load_settings
    from zunda_mcp.config.settings import Settings
    from zunda_mcp.errors import (
        ArchiveError,
        ArgumentError,
        BuildingError,
        IndexingError,
        NotFoundError,
        SettingsError,
        ZundaError,
    )
    from zunda_mcp.library import Library

__version__ = "0.1.0"

__all__ = [
    "ArchiveError",
    "ArgumentError",
    "BuildingError",
    "IndexingError",
    "Library",
    "NotFoundError",
    "Settings",
    "SettingsError",
    "ZundaError",
    "load_settings",
]

_HOMES = {
    "Library": "zunda_mcp.library",
    "Settings": "zunda_mcp.config.settings",
    "load_settings": "zunda_mcp.config.load",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module  # start-up

    return getattr(import_module(_HOMES.get(name, "zunda_mcp.errors")), name)
