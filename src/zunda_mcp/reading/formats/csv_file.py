"""CSV: what Twilog exports, one's own posts day by day (see ``zunda_mcp.reading.posts.twilog``); lists of bookmarks
(``zunda_mcp.reading.posts.bookmarks``); and tables of episodes (``zunda_mcp.reading.formats.table``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from zunda_mcp.reading.endings import endings_of
from zunda_mcp.reading.formats.format import Format

if TYPE_CHECKING:
    from zunda_mcp.models import Problem
    from zunda_mcp.reading.detection.conventions import Origin
    from zunda_mcp.reading.draft import Draft

__all__ = ["CsvFile"]


class CsvFile(Format):
    """A Twilog export, a list of bookmarks or a table of episodes in CSV."""

    suffixes = endings_of("csv")
    max_bytes = 1 << 30
    source = "stream"
    merges = True

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read a file that is in memory."""
        import io

        return self.read_stream(io.BytesIO(text.encode("utf-8", "surrogatepass")), origin)

    def read_stream(self, stream: BinaryIO, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read an export line by line, in whatever it is encoded; or a table of episodes."""
        import itertools

        from zunda_mcp.reading.formats.table import is_table, read_table
        from zunda_mcp.reading.posts import twilog
        from zunda_mcp.reading.posts.bookmarks import is_list, read_csv
        from zunda_mcp.reading.posts.post import Remarks
        from zunda_mcp.reading.posts.twilog import decoded_lines

        remarks = Remarks(origin)
        lines = iter(decoded_lines(stream, remarks))
        first = next(lines, "")
        if is_list(first):
            return read_csv(itertools.chain((first,), lines), origin, remarks)
        if is_table(first):
            drafts, problems = read_table(itertools.chain((first,), lines), origin)
            return drafts, [*remarks.problems(), *problems]
        drafts, problems = twilog.read(itertools.chain((first,), lines), origin, remarks)
        if drafts:
            return drafts, problems
        cause = (
            f"This CSV is of no kind that is read: it begins with {first.strip()[:80]}. A table of episodes "
            "needs columns named title and date, a list of bookmarks url and created; Twilog's export has neither."
        )
        return [], [origin.problem(f"{cause} It was skipped.", skipped=True)]
