"""Which archive is meant where a command names none.

It is, in this order: the one that ``zunda-mcp use`` or the first ``zunda-mcp add`` remembered; what lies in the working
folder (``episodes/``, a Jekyll ``_posts/``, or files whose names begin with a date); the one source that was added.
Flags, the environment and a ``zunda-mcp.toml`` in the working folder come before all of them
(``zunda_mcp.config.load``).

The choice lies in ``default.json`` in the user's data folder. It names folders with their whole paths, so it holds
wherever a command runs.
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
"""Entries of the working folder that are looked at; a folder of episodes shows itself earlier."""


class DefaultArchives(NamedTuple):
    """What to read: ``episodes`` are folders, ``archives`` are ``NAME`` of an added source or ``NAME=FOLDER``.

    At most one of them is not empty. Both are as ``load_settings`` takes them.
    """

    episodes: tuple[str, ...] = ()
    archives: tuple[str, ...] = ()

    def words(self) -> tuple[str, ...]:
        """What one would type after ``zunda-mcp use``."""
        return self.episodes or self.archives


def remembered() -> DefaultArchives | None:
    """The remembered choice; None if there is none. Raises ``SettingsError`` if it cannot be read."""
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
    """Make this the default from now on. Raises ``SettingsError`` if it cannot be written."""
    file = _file()
    try:
        replace_text(file, json.dumps(selection._asdict(), indent=1) + "\n")
    except OSError as error:
        raise SettingsError(f"{file} cannot be written ({error.strerror or error}). Set ZUNDA_MCP_STATE.") from error


def forget() -> bool:
    """Have no remembered default any more; whether there was one."""
    file = _file()
    there = file.exists()
    file.unlink(missing_ok=True)
    return there


def _file() -> Path:
    return state_folder() / "default.json"


def default_selection(
    here: Path, *, readable: Callable[[str], bool], added: Callable[[], Sequence[str]]
) -> DefaultArchives | None:
    """What is read where nobody names anything; an empty one for ``episodes/`` in ``here``, None for nothing at all.

    ``readable`` says of a file's name whether it can be an episode, ``added`` gives the names of the added sources.
    Raises ``SettingsError`` if several sources were added and none was chosen.
    """
    if chosen := _remembered_or_none():
        return chosen
    if os.path.isdir(here / "episodes"):  # noqa: PTH112 - one that cannot be looked into is none
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
    """What is remembered; a user without a home remembers nothing."""
    try:
        _file()
    except SettingsError:
        return None
    return remembered()


def _has_dated_files(folder: Path, readable: Callable[[str], bool]) -> bool:
    """Whether a folder directly holds a file that begins with a date and can be read.

    Never for the home folder or one around it: all that lies below them would be read.
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
