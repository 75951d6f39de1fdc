"""The formats an episode may be written in: one module each, found by being in this folder.

A format module has two names and imports nothing heavy at its top:

``SUFFIXES``
    the endings of its files, in lower case with the dot;
``read(text, origin)``
    the text of one file (newlines are ``\\n``) and where it came from -> ``(drafts, problems)``. It never raises for
    bad text: what cannot be read is a problem, and what is of another kind altogether is nothing.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from zunda_mcp.archive.draft import Draft
    from zunda_mcp.archive.origin import Origin
    from zunda_mcp.episode import Problem


class Format(Protocol):
    """What every module of this folder looks like."""

    SUFFIXES: frozenset[str]

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]: ...


@cache
def formats() -> dict[str, Format]:
    """Return the format for each file ending."""
    modules = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    return {suffix: cast(Format, module) for module in modules for suffix in module.SUFFIXES}


@cache
def suffixes() -> frozenset[str]:
    """Return all file endings that may be episodes."""
    return frozenset(formats())
