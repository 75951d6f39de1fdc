"""Where the user's own files are, and where links in somebody else's files must not lead.

Git stores links, so a clone of a stranger's archive can contain a link that is named like an episode and leads to a
private file. Links outside a checkout were made by the user, but even these have no reason to lead into a hidden
folder, where keys and settings are kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from itertools import takewhile
from pathlib import Path

from zunda_mcp.errors import SettingsError

__all__ = ["cache_folder", "home_folder", "leads_outside", "state_folder"]


def leads_outside(path: Path, sources: Iterable[Path] = ()) -> str:
    """Return why the target of ``path`` must not be read, as the end of a sentence; ``""`` if it may be.

    A target in one of ``sources``, which the user named, may be read unless it is hidden there. So may a target that
    cannot be resolved, since reading it fails.
    """
    try:
        place, target = path.parent.resolve(), path.resolve()
        if target.is_relative_to(place) and not _hidden(target, place):
            return ""
        if any(target.is_relative_to(source.resolve()) and not _hidden(target, source.resolve()) for source in sources):
            return ""
        root = _checkout(place)
        if root is not None and not target.is_relative_to(root):
            return "leads out of the repository it came with"
    except (OSError, RuntimeError, ValueError):  # a loop of links, a name that no system has
        return ""
    return "leads into a hidden folder" if _hidden(target, place) else ""


def _hidden(target: Path, place: Path) -> bool:
    """Whether the path from ``place`` to ``target`` goes through a hidden folder, or ends at a hidden file."""
    shared = list(takewhile(lambda pair: pair[0] == pair[1], zip(target.parts, place.parts, strict=False)))
    return any(part.startswith(".") for part in target.parts[len(shared) :])


def _checkout(folder: Path) -> Path | None:
    """Return the root of the Git work tree around a folder (in a worktree or submodule ``.git`` is a file)."""
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), None)


_NAME = "zunda-mcp"


def state_folder() -> Path:
    """Return the folder of keys and added sources: ``ZUNDA_MCP_STATE``, else the system's folder for user data.

    Raises ``SettingsError`` if neither is known, as for a user without a home.
    """
    if named := os.environ.get("ZUNDA_MCP_STATE"):
        return Path(named)
    from platformdirs import user_data_path  # start-up

    return _absolute(lambda: user_data_path(_NAME, appauthor=False), "Set HOME, or name a folder with ZUNDA_MCP_STATE.")


def cache_folder() -> Path:
    """Return the system's folder for files that can be made again. Raises ``SettingsError`` if there is none."""
    from platformdirs import user_cache_path  # start-up

    return _absolute(lambda: user_cache_path(_NAME, appauthor=False), "Set HOME, or name a folder with --index DIR.")


def home_folder() -> Path:
    """Return the user's home folder. Raises ``SettingsError`` if there is none."""
    return _absolute(Path.home, "Set HOME.")


def _absolute(look: Callable[[], Path], advice: str) -> Path:
    """Return the folder that ``look`` finds. An unresolved ``~`` is refused, as it would name a relative folder."""
    try:
        path = look()
        if path.is_absolute():
            return path
    except RuntimeError:  # what Path.home and newer versions of platformdirs raise
        pass
    raise SettingsError(f"This user has no home folder: HOME is not set, and the system does not know one. {advice}")
