"""Tables of episodes with an ending of their own: TSV and JSON Lines (see ``archive.tables``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zunda_mcp.archive.draft import Draft
    from zunda_mcp.archive.origin import Origin
    from zunda_mcp.episode import Problem

SUFFIXES = frozenset({".tsv", ".jsonl", ".ndjson"})
MAX_BYTES = 64 * 1024 * 1024


def read(text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
    """Read a table; one of another kind is nothing."""
    import io

    from zunda_mcp.archive.tables import is_table, read_json_lines, read_table

    if origin.path.suffix.lower() != ".tsv":
        return read_json_lines(text, origin)
    if not is_table(text.partition("\n")[0], "\t"):
        return [], []
    return read_table(io.StringIO(text), origin, "\t")
