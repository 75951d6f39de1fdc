"""The archive that a command uses when it names none.

The first of these that exists: the choice remembered by ``zunda-mcp use`` or by the first ``zunda-mcp add``; an archive
in the working folder (``episodes/``, a Jekyll ``_posts/``, or files whose names begin with a date); the only added
source. Flags, the environment and a ``zunda-mcp.toml`` in the working folder come before all of them
(``zunda_mcp.config.load``).

The remembered choice is stored in ``default.json`` in the user's data folder. Its paths are absolute, so it works from
any folder.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from zunda_mcp.config.files import read_regular, replace_text
from zunda_mcp.config.paths import home_folder, leads_outside, state_folder
from zunda_mcp.errors import SettingsError

__all__ = ["DefaultArchives", "default_selection", "forget", "remember", "remembered"]

_DATED = re.compile(r"(19|20)\d\d([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")
"""How the name of a dated file begins: ``2025-07-08-279.md``, ``20250708.md``."""
_MOST_NAMES = 2000
"""The most entries of the working folder to look at; a folder of episodes shows a dated name well before that."""


class DefaultArchives(NamedTuple):
    """What to read: ``episodes`` are folders, each of ``archives`` is the name of an added source or ``NAME=FOLDER``.

    At least one of the two is empty. ``load_settings`` takes both in this form.
    """

    episodes: tuple[str, ...] = ()
    archives: tuple[str, ...] = ()

    def words(self) -> tuple[str, ...]:
        """The arguments of ``zunda-mcp use`` that make this choice."""
        return self.episodes or self.archives


def remembered() -> DefaultArchives | None:
    """Return the remembered choice, None if there is none. Raises ``SettingsError`` if it cannot be read."""
    file = _file()
    try:
        data = json.loads(read_regular(file).decode("utf-8"))
        chosen = DefaultArchives(tuple(map(str, data["episodes"])), tuple(map(str, data["archives"])))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise SettingsError(f"{file} cannot be read ({error}). Choose again: zunda-mcp use DIR.") from error
    return chosen if chosen.words() else None


def remember(selection: DefaultArchives) -> None:
    """Store this choice as the default. Raises ``SettingsError`` if it cannot be written."""
    file = _file()
    try:
        replace_text(file, json.dumps(selection._asdict(), indent=1) + "\n")
    except OSError as error:
        raise SettingsError(f"{file} cannot be written ({error.strerror or error}). Set ZUNDA_MCP_STATE.") from error


def forget() -> bool:
    """Delete the remembered choice. Return whether there was one."""
    file = _file()
    there = file.exists()
    file.unlink(missing_ok=True)
    return there


def _file() -> Path:
    return state_folder() / "default.json"


def default_selection(
    here: Path, *, readable: Callable[[str], bool], added: Callable[[], Sequence[str]]
) -> DefaultArchives | None:
    """Return what to read if nothing is named: an empty choice for ``episodes/`` in ``here``, None if nothing is found.

    ``readable`` tells from a file's name whether it can be an episode; ``added`` returns the names of the added
    sources. Raises ``SettingsError`` if several sources were added and none was chosen.
    """
    if chosen := _remembered_or_none():
        return chosen
    if os.path.isdir(here / "episodes"):  # noqa: PTH112 - False if it cannot be looked into
        return DefaultArchives()
    posts = here / "_posts"
    if os.path.isdir(posts) and not leads_outside(posts):  # noqa: PTH112 - as above
        return DefaultArchives((str(posts),))
    if _has_dated_files(here, readable):
        return DefaultArchives((str(here),))
    names = added()
    if len(names) > 1:
        several = ", ".join(names)
        raise SettingsError(f"Several sources were added ({several}). Choose one or more: zunda-mcp use {names[0]}.")
    return DefaultArchives((), tuple(names)) if names else None


def _remembered_or_none() -> DefaultArchives | None:
    """``remembered()``, but None for a user without a home folder."""
    try:
        _file()
    except SettingsError:
        return None
    return remembered()


def _has_dated_files(folder: Path, readable: Callable[[str], bool]) -> bool:
    """Whether a readable file directly in the folder has a name that begins with a date.

    False for the home folder and the folders above it, since everything below them would be read.
    """
    try:
        home = home_folder().resolve()
    except SettingsError:
        home = folder
    if home.is_relative_to(folder):
        return False
    try:
        with os.scandir(folder) as entries:
            return any(_DATED.match(one.name) and readable(one.name) for one in islice(entries, _MOST_NAMES))
    except OSError:
        return False
