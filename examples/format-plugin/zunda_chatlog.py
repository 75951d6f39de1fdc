"""Chat logs as episodes: an example of a format plug-in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zunda_mcp.reading.draft import Draft, Entry
from zunda_mcp.reading.formats import Format

if TYPE_CHECKING:
    from zunda_mcp.models import Problem
    from zunda_mcp.reading.detection.conventions import Origin

_MESSAGE = re.compile(r"(\d\d:\d\d) ([^:]+): (.+)")


class ChatLog(Format):
    """One day of a chat: a line for each message, as in ``12:05 Ann: Hello``."""

    suffixes = frozenset({".chatlog"})

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read one day; a line that is no message is a problem."""
        entries: list[Entry] = []
        problems: list[Problem] = []
        for number, line in enumerate(text.splitlines(), start=1):
            if match := _MESSAGE.fullmatch(line):
                time, name, message = match.groups()
                entries.append(Entry(f"{time} {name}", None, None, "", message, number))
            elif line.strip():
                problems.append(origin.problem("This line is not a message; it was skipped.", line=number))
        if not entries:
            return [], problems
        draft = Draft(
            id=origin.id,
            number=origin.number,
            date=origin.date,
            published=None,
            title=origin.title or origin.id,
            description="",
            hosts=(),
            page_url=None,
            page_kind=None,
            audio_url=None,
            youtube_id=None,
            prose="",
            path=origin.label,
            entries=tuple(entries),
        )
        return [draft], problems
