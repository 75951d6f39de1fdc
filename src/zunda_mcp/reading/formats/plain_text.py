"""Plain text with a day in its name or in its first lines: minutes, letters, diaries, notes, months of mailing lists.

Text is read as Markdown, which it mostly is by chance; its first line is its title where it stands alone.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from zunda_mcp.reading.endings import endings_of
from zunda_mcp.reading.formats.format import Format

if TYPE_CHECKING:
    from zunda_mcp.models import Problem
    from zunda_mcp.reading.detection.conventions import Origin
    from zunda_mcp.reading.draft import Draft

__all__ = ["PlainText"]

_LONGEST_TITLE = 120
_MAILBOX = re.compile(r"From [^\n]{1,200}\d{4}\n(?:From|Date|Subject|Message-ID): ")
"""How a month of a mailing list begins, as Mailman keeps it (``2024-January.txt``)."""


class PlainText(Format):
    """A text that is an episode by itself. A scan takes those alone that are no transcript (``scan``)."""

    suffixes = endings_of("text")

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read one text, or each day of a diary; one without a day is somebody else's."""
        from zunda_mcp.reading.formats.markdown_page import drafts_of_page  # start-up
        from zunda_mcp.reading.formats.mbox import Mbox  # start-up
        from zunda_mcp.reading.markup import with_metadata  # start-up
        from zunda_mcp.reading.metadata.front_matter import read_page  # start-up

        if _MAILBOX.match(text):
            return Mbox().read(text, origin)
        page = read_page(text if text.startswith(("---", "+++", ".. ")) else _titled(text))
        page = with_metadata(page, origin.metadata)
        if page.front is None:
            page = replace(page, remarks=())  # nobody expects any of a text
        drafts, problems = drafts_of_page(page, origin)
        return (drafts, problems) if any(draft.date for draft in drafts) else ([], [])


def _titled(text: str) -> str:
    """Return a text whose first line is a heading where it is a title: short, alone, and no other mark before it."""
    lines = text.split("\n")
    first = next((place for place, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return text
    line = lines[first]
    alone = first + 1 >= len(lines) or not lines[first + 1].strip()
    if alone and len(line) <= _LONGEST_TITLE and line[:1].isalnum() and line.strip()[-1] not in ".:。：":
        lines[first] = f"# {line}"
    return "\n".join(lines)
