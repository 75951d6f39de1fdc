"""Transcripts alone, where no page tells of the episodes: captions, and the JSON of speech recognisers and YouTube.

Such a file is an episode only in an archive that is mostly what was spoken; else it is the transcript of one.
"""

from __future__ import annotations

from zunda_mcp.reading.detection.conventions import TURNS, Origin
from zunda_mcp.reading.draft import Draft, Drafts
from zunda_mcp.reading.formats.format import Format
from zunda_mcp.reading.json_values import parsed
from zunda_mcp.reading.transcripts.attach import with_transcript
from zunda_mcp.reading.transcripts.json_segments import is_script, segments_of
from zunda_mcp.reading.transcripts.transcript_file import read_transcript

__all__ = ["Captions", "SpokenJson", "is_spoken"]


class Captions(Format):
    """WebVTT or SubRip: its name is all that is known of the episode."""

    def read(self, text: str, origin: Origin) -> Drafts:
        """Read one transcript; its passages are what is said in the episode."""
        result = read_transcript(text, origin.label)
        problems = [origin.problem(fault.cause, line=fault.line) for fault in result.faults]
        if not result.transcript.cues:
            cause = "Nothing is said in this transcript; it was skipped."
            return [], [*problems, origin.problem(cause, skipped=True)]
        number = origin.number if origin.number is not None else origin.guess
        title = origin.title or origin.id
        draft = Draft(id=origin.id, number=number, date=origin.date, title=title, path=origin.label)
        return [with_transcript(draft, result.transcript)], problems


class SpokenJson(Captions):
    """A transcript in JSON (Whisper, YouTube)."""

    def claims(self, text: str) -> bool:
        """Whether this text is a transcript."""
        return is_spoken(text)

    def read(self, text: str, origin: Origin) -> Drafts:
        """Read one transcript; its passages are what is said in the episode."""
        if origin.conventions.strategy != TURNS:  # of an archive of pages
            return [], []
        if origin.date is None and not origin.conventions.undated:
            cause = "This transcript has no day in its name, and no episode has its name; it was left out."
            return [], [origin.problem(cause, skipped=True)]
        return super().read(text, origin)


def is_spoken(text: str) -> bool:
    """Whether a JSON text is a transcript with times."""
    if not any(f'"{name}"' in text for name in ("segments", "events", "transcription", "start", "start_ms")):
        return False
    loaded = parsed(text)
    return is_script(loaded) or bool(segments_of(loaded))
