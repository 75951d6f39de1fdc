"""What was run and how it went, one row for each thing that was tried."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One thing done by one client: over which transport, in which era of the protocol, and what came of it.

    ``era`` is the revision that was negotiated, or that was asked for where a client does not tell. ``detail`` says
    what was counted, or why it failed.
    """

    client: str
    version: str
    transport: str
    era: str
    done: str
    ok: bool
    detail: str = ""

    def line(self) -> str:
        """The row for a terminal."""
        where = f"{self.client} {self.version}  {self.transport}  {self.era}"
        told = f": {self.detail}" if self.detail else ""
        return f"{'ok    ' if self.ok else 'FAILED'}  {where}  {self.done}{told}"


def why(error: object, longest: int = 300) -> str:
    """A reason on one line."""
    text = " ".join(str(error).split())
    return text if len(text) <= longest else text[: longest - 1] + "…"
