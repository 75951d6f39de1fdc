"""Captions alone, WebVTT or SubRip, where no page tells of the episode: its name is all that is known of it.

Such a file is an episode only in an archive that has no others (``companions``); else it is the transcript of one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zunda_mcp.reading.endings import endings_of
from zunda_mcp.reading.formats.format import Format

if TYPE_CHECKING:
    from zunda_mcp.models import Problem
    from zunda_mcp.reading.detection.conventions import Origin
    from zunda_mcp.reading.draft import Draft

__all__ = ["Captions"]


class Captions(Format):
    """Captions that are an episode by themselves."""

    suffixes = endings_of("captions")
    max_bytes = 32 * 1024 * 1024

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read one transcript; its passages are what is said in the episode."""
        from zunda_mcp.reading.draft import Draft  # start-up
        from zunda_mcp.reading.transcripts.attach import with_transcript  # start-up
        from zunda_mcp.reading.transcripts.transcript_file import read_transcript  # start-up

        result = read_transcript(text, origin.label)
        problems = [origin.problem(fault.cause, line=fault.line) for fault in result.faults]
        if not result.transcript.cues:
            cause = "Nothing is said in this transcript; it was skipped."
            return [], [*problems, origin.problem(cause, skipped=True)]
        draft = Draft(
            id=origin.id,
            number=origin.number if origin.number is not None else origin.guess,
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
            entries=(),
        )
        return [with_transcript(draft, result.transcript)], problems
