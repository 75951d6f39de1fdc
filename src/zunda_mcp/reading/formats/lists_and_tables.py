"""Lists and tables: JSON that lists what was published (``zunda_mcp.reading.formats.json_list``); tables of episodes in
CSV, TSV and JSON Lines (``….table``); what Twilog exports, one's own posts day by day
(``zunda_mcp.reading.posts.twilog``); and lists of bookmarks (``….bookmarks``).
"""

from __future__ import annotations

import io
import itertools
from typing import TYPE_CHECKING, BinaryIO

from zunda_mcp.reading.endings import endings_of
from zunda_mcp.reading.formats.format import Format

if TYPE_CHECKING:
    from zunda_mcp.models import Problem
    from zunda_mcp.reading.detection.conventions import Origin
    from zunda_mcp.reading.draft import Draft

__all__ = ["CsvFile", "JsonList", "Table"]


class JsonList(Format):
    """A JSON list of links or episodes."""

    suffixes = endings_of("json")
    fallback = True

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read one file; ``([], [])`` for JSON of another kind, a problem only for a list cut off in the middle."""
        from zunda_mcp.reading.formats.json_list import read  # start-up

        return read(text, origin)


class Table(Format):
    """A table of episodes in TSV or JSON Lines."""

    suffixes = endings_of("rows")
    max_bytes = 64 * 1024 * 1024

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read a table; one of another kind is nothing."""
        from zunda_mcp.reading.formats.table import is_table, read_json_lines, read_table  # start-up

        if origin.path.suffix.lower() != ".tsv":
            return read_json_lines(text, origin)
        if not is_table(text.partition("\n")[0], "\t"):
            return [], []
        return read_table(io.StringIO(text), origin, "\t")


class CsvFile(Format):
    """A Twilog export, a list of bookmarks or a table of episodes in CSV."""

    suffixes = endings_of("csv")
    max_bytes = 1 << 30
    source = "stream"
    merges = True

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read a file that is in memory."""
        return self.read_stream(io.BytesIO(text.encode("utf-8", "surrogatepass")), origin)

    def read_stream(self, stream: BinaryIO, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read an export line by line, in whatever it is encoded; or a table of episodes."""
        from zunda_mcp.reading.formats.table import is_table, read_table  # start-up
        from zunda_mcp.reading.posts import twilog  # start-up
        from zunda_mcp.reading.posts.bookmarks import is_list, read_csv  # start-up
        from zunda_mcp.reading.posts.post import Remarks  # start-up

        remarks = Remarks(origin)
        lines = iter(twilog.decoded_lines(stream, remarks))
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
