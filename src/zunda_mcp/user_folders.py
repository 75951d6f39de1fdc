"""Where this user's own files lie: the state that must last, and the cache that may go."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from zunda_mcp.errors import SettingsError

__all__ = ["cache_folder", "home_folder", "state_folder"]

_NAME = "zunda-mcp"


def state_folder() -> Path:
    """The folder of keys and added sources: ``ZUNDA_MCP_STATE``, else the system's place for a user's data.

    Raises ``SettingsError`` where neither is known, as for a user without a home.
    """
    if named := os.environ.get("ZUNDA_MCP_STATE"):
        return Path(named)
    from platformdirs import user_data_path

    return _found(lambda: user_data_path(_NAME, appauthor=False), "Set HOME, or name a folder with ZUNDA_MCP_STATE.")


def cache_folder() -> Path:
    """The system's place for what a user can do without. Raises ``SettingsError`` where there is none."""
    from platformdirs import user_cache_path

    return _found(lambda: user_cache_path(_NAME, appauthor=False), "Set HOME, or name a folder with --index DIR.")


def home_folder() -> Path:
    """The user's home. Raises ``SettingsError`` where there is none."""
    return _found(Path.home, "Set HOME.")


def _found(look: Callable[[], Path], advice: str) -> Path:
    """The folder that ``look`` finds, unless it begins with a ``~`` that means nothing: that would be a folder here."""
    try:
        path = look()
        if path.is_absolute():
            return path
    except RuntimeError:  # what Path.home and newer versions of platformdirs raise
        pass
    raise SettingsError(f"This user has no home folder: HOME is not set, and the system does not know one. {advice}")
