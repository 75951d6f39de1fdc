"""Opening the library for one command: settings, an index that is up to date, and progress while that takes time."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from zunda_mcp.cli.arguments import Arguments
from zunda_mcp.cli.streams import complain
from zunda_mcp.errors import ArchiveError, IndexingError

if TYPE_CHECKING:
    from pathlib import Path

    from tqdm import tqdm

    from zunda_mcp.library import Library
    from zunda_mcp.settings import Settings


def settings_of(arguments: Arguments) -> Settings:
    """The settings that the flags of a command, the environment and the archive's file give together."""
    from zunda_mcp.settings import load_settings

    def resolve(name: str) -> list[Path]:
        from zunda_mcp.sources import resolve as added

        return added(name)

    def describe(name: str) -> dict[str, str]:
        from zunda_mcp.sources import described

        return described(name)

    def ours(index: Path) -> bool:
        from zunda_mcp.index.trust import ours as own

        return own(index)

    return load_settings(
        resolve=resolve,
        describe=describe,
        ours=ours,
        episodes=arguments.episodes,
        archives=arguments.archive,
        index=arguments.index,
        **arguments.given("aliases", "embedder"),
    )


@contextmanager
def opened(arguments: Arguments) -> Iterator[Library]:
    """The library over an index that holds what the files hold now.

    Where it cannot be brought up to date, a line on stderr says why, and an index from before still answers.
    Raises what the library raises: ``ArchiveError`` or ``IndexingError`` where there is nothing to answer from.
    """
    from zunda_mcp.library import Library

    with Library.open(settings_of(arguments)) as library:
        try:
            with Progress() as progress:
                library.refresh(progress, embed=False)
        except (ArchiveError, IndexingError) as error:
            if not _answers(library):
                raise
            complain(f"answering from the last index: {error}")
        yield library


def _answers(library: Library) -> bool:
    """Whether there is an index to answer from, however old."""
    try:
        library.problems()
    except (ArchiveError, IndexingError):
        return False
    return True


class Progress:
    """A progress bar on stderr for work that takes noticeable time; nothing where stderr is no terminal.

    Called with how much is done, how much there is, and what is being done.
    """

    def __init__(self) -> None:
        self._bar: tqdm[NoReturn] | None = None
        self._shown = sys.stderr.isatty()

    def __call__(self, done: int, total: int, what: str) -> None:
        if not self._shown:
            return
        from zunda_mcp.server.clean import one_line

        if self._bar is None:
            from tqdm import tqdm

            self._bar = tqdm(file=sys.stderr, leave=False, delay=0.3, unit="", dynamic_ncols=True)
        bar = self._bar
        bar.total = total
        bar.set_description_str(one_line(what), refresh=False)
        if done < bar.n:  # another round of work has begun
            bar.reset(total)
        bar.update(done - bar.n)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()
