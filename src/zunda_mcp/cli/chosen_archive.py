"""The archive of a command: which one it is, its settings, and its library with an index that is up to date.

Imports are inside functions, so that a server whose folders are named starts without modules it does not need.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from zunda_mcp.cli.arguments import Arguments
from zunda_mcp.cli.styles import complain
from zunda_mcp.config.load import load_settings
from zunda_mcp.errors import ArchiveError, IndexingError
from zunda_mcp.reading.endings import kind_of
from zunda_mcp.rendering.sanitize import clean_line

if TYPE_CHECKING:
    from tqdm import tqdm

    from zunda_mcp.config.default import DefaultArchives
    from zunda_mcp.config.settings import Settings
    from zunda_mcp.library import Library

__all__ = ["Progress", "flags_of", "opened", "settings_of"]


def settings_of(arguments: Arguments) -> Settings:
    """Return the settings of a command from its flags, the environment and the archive's file."""

    def resolve(name: str) -> list[Path]:
        from zunda_mcp.sources.registry import source_paths as added  # start-up: only for an added source

        return added(name)

    def describe(name: str) -> dict[str, str]:
        from zunda_mcp.sources.registry import described  # start-up: only for an added source

        return described(name)

    def ours(index: Path) -> bool:
        from zunda_mcp.index.generation import is_usable  # start-up: only for an index in the working folder

        return is_usable(index)

    flags = {name: getattr(arguments, name) for name in ("aliases", "embedder", "engine")}
    return load_settings(
        resolve=resolve,
        describe=describe,
        default=_default,
        ours=ours,
        episodes=[*arguments.episodes, *arguments.folders],
        archives=arguments.archives,
        index=arguments.index,
        **{name: value for name, value in flags.items() if value is not None},
    )


def flags_of(arguments: Arguments) -> dict[str, object]:
    """Return the flags of a command for a client's entry, with the default archive if they name none."""
    episodes, archives = [*arguments.episodes, *arguments.folders], [*arguments.archives]
    named = (*episodes, *archives, os.environ.get("ZUNDA_MCP_EPISODES"), os.environ.get("ZUNDA_MCP_ARCHIVES"))
    if not any(named) and (chosen := _default(Path.cwd())):
        episodes, archives = list(chosen.episodes), list(chosen.archives)
    return {**vars(arguments), "episodes": episodes, "archive": archives}


def _default(here: Path) -> DefaultArchives | None:
    from zunda_mcp.config.default import default_selection  # start-up: only if nothing is named

    return default_selection(here, readable=lambda name: bool(kind_of(name)), added=_added_names)


def _added_names() -> list[str]:
    """Return the names of the added sources, without the feeds of lists."""
    from zunda_mcp.sources.registry import listed  # start-up: a server with named folders does not need it

    every = listed()
    members = {name for source in every for name in source.feeds}
    return [source.name for source in every if source.name not in members]


@contextmanager
def opened(arguments: Arguments) -> Iterator[Library]:
    """Open the library with an index that is up to date.

    If the index cannot be updated, a line on stderr says why, and the last index is used. Raises ``ArchiveError`` or
    ``IndexingError`` if there is none either, ``ArchiveError`` also if the archive has no episode.
    """
    from zunda_mcp.library import Library  # start-up: servers import this module too

    with Library.open(settings_of(arguments)) as library:
        if library.settings.is_remote:
            yield library
            return
        try:
            with Progress() as progress:
                library.refresh(progress, embed=False)
        except (ArchiveError, IndexingError) as error:
            if not _answers(library):
                raise
            complain(f"answering from the last index: {error}")
        if not (coverage := library.coverage()).episodes:
            raise ArchiveError(coverage.message())
        yield library


def _answers(library: Library) -> bool:
    """Whether there is an index, however old."""
    try:
        library.problems()
    except (ArchiveError, IndexingError):
        return False
    return True


class Progress:
    """A progress bar on stderr, shown only on a terminal and for work that takes a noticeable time.

    Call it with the amount done, the total, and a description of the work.
    """

    def __init__(self) -> None:
        self._bar: tqdm[NoReturn] | None = None
        self._shown = sys.stderr.isatty()

    def __call__(self, done: int, total: int, what: str) -> None:
        if not self._shown:
            return
        if self._bar is None:
            from tqdm import tqdm  # start-up: only at a terminal

            self._bar = tqdm(file=sys.stderr, leave=False, delay=0.3, unit="", dynamic_ncols=True)
        bar = self._bar
        bar.total = total
        bar.set_description_str(clean_line(what), refresh=False)
        if done < bar.n:  # another round of work has begun
            bar.reset(total)
        bar.update(done - bar.n)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()
