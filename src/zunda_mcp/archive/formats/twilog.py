"""The CSV that Twilog exports: one's own posts, day by day (see ``zunda_mcp.archive.posts.twilog``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from zunda_mcp.archive.draft import Draft
    from zunda_mcp.archive.origin import Origin
    from zunda_mcp.episode import Problem

SUFFIXES = frozenset({".csv"})
MAX_BYTES = 1 << 30


def merged(drafts: Sequence[Draft]) -> Draft:
    """Return the posts of one day from several exports as one day."""
    from zunda_mcp.archive.posts.days import merged

    return merged(drafts)


def read(text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
    """Read an export that is in memory."""
    import io

    from zunda_mcp.archive.posts import twilog

    return twilog.read(io.StringIO(text), origin)


def read_stream(stream: BinaryIO, origin: Origin) -> tuple[list[Draft], list[Problem]]:
    """Read an export line by line, in whatever it is encoded."""
    from zunda_mcp.archive.posts import twilog
    from zunda_mcp.archive.posts.lines import decoded_lines
    from zunda_mcp.archive.posts.remarks import Remarks

    remarks = Remarks(origin)
    return twilog.read(decoded_lines(stream, remarks), origin, remarks)
