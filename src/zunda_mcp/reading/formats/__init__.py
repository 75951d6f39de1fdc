"""The formats an episode may be written in: one module each, found by being in this folder.

A format module has two names and imports nothing heavy at its top:

``SUFFIXES``
    the endings of its files, in lower case with the dot;
``read(text, origin)``
    the text of one file (newlines are ``\\n``) and where it came from -> ``(drafts, problems)``. It never raises for
    bad text: what cannot be read is a problem, and what is of another kind altogether is nothing.

It may have more:

``NAMES``
    whole file names in lower case, for what no ending tells;
``claims(text)``
    whether a file is its own, for endings that several formats share;
``MAX_BYTES``
    how large a file may be, ``USUAL_BYTES`` where it does not say;
``read_stream(stream, origin)``
    the same from the bytes of a file that is too large to be held as text;
``parts(path)`` and ``digest(path)``
    all files that an archive of several is read from, and a digest of them; ``read`` gets an empty text then;
``merged(drafts)``
    one episode that stands in several such files, made one; without it the first in order counts.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from zunda_mcp.models import Problem
    from zunda_mcp.reading.conventions import Origin
    from zunda_mcp.reading.draft import Draft


class Format(Protocol):
    """What every module of this folder looks like."""

    SUFFIXES: frozenset[str]

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]: ...


USUAL_BYTES = 4 * 1024 * 1024
"""No page of show notes comes near this; a bigger file is something else and is not read."""


@cache
def formats() -> dict[str, Format]:
    """Return the format for each file ending and each whole name."""
    modules = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    found: dict[str, list[Format]] = {}
    for module in modules:
        for key in (*module.SUFFIXES, *names_of(module)):
            found.setdefault(key, []).append(cast(Format, module))
    return {key: shared[0] if len(shared) == 1 else Shared(key, shared) for key, shared in found.items()}


class Shared:
    """Formats that share a file ending: each says by the text whether it is its own (``claims``); the one that does
    not say reads the rest.
    """

    def __init__(self, suffix: str, formats: Sequence[Format]) -> None:
        self.SUFFIXES = frozenset({suffix})
        self._claiming = [one for one in formats if hasattr(one, "claims")]
        self._others = [one for one in formats if not hasattr(one, "claims")]

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read with the first that claims the text."""
        claimed = [one for one in self._claiming if getattr(one, "claims")(text)]  # noqa: B009  (optional)
        chosen = [*claimed, *self._others][:1]
        return chosen[0].read(text, origin) if chosen else ([], [])


def names_of(module: object) -> frozenset[str]:
    """Return the whole names of files a format reads."""
    names: frozenset[str] = getattr(module, "NAMES", frozenset())
    return names


def format_of(name: str) -> Format | None:
    """Return the format of a file by its name, the whole name first."""
    lower = name.lower()
    return formats().get(lower) or formats().get(os.path.splitext(lower)[1])  # noqa: PTH122 - a scan has names alone


def limit_of(name: str) -> int:
    """Return how many bytes a file of this name may have."""
    limit: int = getattr(format_of(name), "MAX_BYTES", USUAL_BYTES)
    return limit


def merges(name: str) -> bool:
    """Return whether an episode that stands in several files like this is made of all of them."""
    return hasattr(format_of(name), "merged")
