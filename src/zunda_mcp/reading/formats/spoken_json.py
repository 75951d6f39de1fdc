"""Transcripts in JSON alone, of a speech recogniser (Whisper) or of YouTube, where no page tells of the episodes.

As captions are, they are episodes only in an archive that is mostly what was spoken.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from zunda_mcp.reading.endings import endings_of
from zunda_mcp.reading.formats.captions import Captions

if TYPE_CHECKING:
    from zunda_mcp.models import Problem
    from zunda_mcp.reading.detection.conventions import Origin
    from zunda_mcp.reading.draft import Draft

__all__ = ["SpokenJson", "is_spoken"]


class SpokenJson(Captions):
    """A transcript in JSON that is an episode by itself."""

    suffixes = endings_of("json")

    def claims(self, text: str) -> bool:
        """Whether this text is a transcript."""
        return is_spoken(text)

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read one transcript; its passages are what is said in the episode."""
        from zunda_mcp.reading.detection.conventions import TURNS  # start-up

        if origin.conventions.strategy != TURNS:  # of an archive of pages
            return [], []
        if origin.date is None and not origin.conventions.undated:
            cause = "This transcript has no day in its name, and no episode has its name; it was left out."
            return [], [origin.problem(cause, skipped=True)]
        return super().read(text, origin)


def is_spoken(text: str) -> bool:
    """Whether a JSON text is a transcript with times."""
    from zunda_mcp.reading.transcripts.json_segments import is_script, segments_of  # start-up

    if not any(f'"{name}"' in text for name in ("segments", "events", "transcription", "start", "start_ms")):
        return False
    try:
        loaded = json.loads(text)
    except (ValueError, RecursionError):
        return False
    parts = segments_of(loaded)
    return is_script(loaded) or bool(parts and parts["segments"])
