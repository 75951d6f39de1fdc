"""What the doctor says of how an archive comes about: the way its files are split, and the sources that were added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from zunda_mcp.cli.checks import Check
from zunda_mcp.episode import Model

if TYPE_CHECKING:
    from zunda_mcp.archive import Strategy
    from zunda_mcp.settings import Settings
    from zunda_mcp.sources import Source

SHOWN = 20
"""So many ways of splitting are shown: a list of feeds may have hundreds."""


class Splitting(Model):
    """How an archive, or a feed of it, is split into stories: one of ``zunda_mcp.archive.STRATEGIES``, and why."""

    archive: str
    strategy: str
    reason: str


def splittings(found: Mapping[str, Strategy]) -> list[Splitting]:
    """The ways of splitting by the archive's or the feed's name."""
    return [Splitting(archive=name, strategy=one.name, reason=one.reason) for name, one in found.items()]


def added_sources(settings: Settings) -> list[Source]:
    """The sources that were added and that this archive is read from."""
    from zunda_mcp.errors import ZundaError
    from zunda_mcp.sources import listed

    folders = set(settings.episodes)
    try:
        return [source for source in listed() if folders & {Path(path).resolve() for path in source.reads}]
    except (OSError, ZundaError):
        return []


def splitting_checks(found: Sequence[Splitting]) -> list[Check]:
    """One line for each, and one for what is left out."""
    name = "split"
    shown = [Check(name=name, ok=None, said=f"{one.archive}: {one.strategy}. {one.reason}") for one in found[:SHOWN]]
    if len(found) > SHOWN:
        shown.append(Check(name=name, ok=None, said=f"and {len(found) - SHOWN:,} feeds more (see --json)"))
    return shown


def source_checks(found: Sequence[Source]) -> list[Check]:
    """When each source was last fetched, and what was wrong at the last attempt."""
    checks = []
    for source in found:
        when = f"last fetched {source.synced:%Y-%m-%d %H:%M} UTC" if source.synced else "never fetched"
        if source.error:
            said = f"{source.name}: failed ({source.error.rstrip('.')}), {when}"
            checks.append(Check(name="source", ok=False, said=said, do=f"zunda-mcp sync {source.name}"))
        else:
            checks.append(Check(name="source", ok=True, said=f"{source.name}: {source.place}, {when}"))
    return checks
