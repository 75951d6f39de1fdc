"""What is odd about the rows of an export: as problems with lines, so few that they are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zunda_mcp.archive.origin import Origin
    from zunda_mcp.episode import Problem

_TOLD = 50


class Remarks:
    """Gathers remarks; the first are told one by one, the others counted. Without an ``origin`` none is kept."""

    def __init__(self, origin: Origin | None) -> None:
        self._origin = origin
        self._told: list[Problem] = []
        self._more = 0

    def add(self, line: int | None, cause: str) -> None:
        """Note what is odd in a line, from 1."""
        if self._origin is None:
            return
        if len(self._told) < _TOLD:
            self._told.append(self._origin.problem(cause, line=line))
        else:
            self._more += 1

    def cleaned(self, lines: Iterable[str]) -> Iterator[str]:
        """Pass lines on, NUL characters taken out and said so."""
        for number, line in enumerate(lines, start=1):
            if "\0" in line:
                self.add(number, "This line holds NUL characters; they were left out.")
                yield line.replace("\0", "")
            else:
                yield line

    def problems(self) -> list[Problem]:
        """Return everything noted."""
        if not self._more or self._origin is None:
            return self._told
        return [*self._told, self._origin.problem(f"There are {self._more} more remarks like these.")]
