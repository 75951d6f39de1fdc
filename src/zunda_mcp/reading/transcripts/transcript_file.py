"""Read a transcript with the reader its content needs, since file endings lie: a ``.txt`` may hold SubRip."""

from __future__ import annotations

import json

from zunda_mcp.reading.encoding import with_newlines
from zunda_mcp.reading.endings import ending_of, kind_of
from zunda_mcp.reading.transcripts import json_segments, speaker_turns, subtitles
from zunda_mcp.reading.transcripts.subtitles import ARROW, times
from zunda_mcp.reading.transcripts.transcript import Fault, Transcript, TranscriptResult

__all__ = ["read_transcript"]


def read_transcript(text: str, name: str) -> TranscriptResult:
    """Read the ``text`` of a file called ``name``: at worst the transcript is empty, and the faults say why."""
    text = with_newlines(text).lstrip("\ufeff")
    kind, ending = kind_of(name), ending_of(name)
    beginning = text.lstrip()[:200]
    if kind == "json" or (kind == "text" and beginning.startswith(("{", "[{"))):
        return _json(text)
    if beginning.startswith("WEBVTT") or ending == ".vtt":
        return subtitles.read_captions(text, vtt=True)
    if ARROW in text and (ending == ".srt" or _times_lead(text)):
        return subtitles.read_captions(text, vtt=False)
    return speaker_turns.read_html(text) if kind == "html" else speaker_turns.read_turns(text)


def _times_lead(text: str) -> bool:
    """Whether any line with an arrow is a timing line."""
    return any(times(line) for line in text.splitlines() if ARROW in line)


def _json(text: str) -> TranscriptResult:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        return _unreadable(f"This transcript is not valid JSON ({error.msg}); it was left out.", error.lineno)
    except (ValueError, RecursionError) as error:
        return _unreadable(f"This transcript cannot be read as JSON ({error}); it was left out.")
    if json_segments.is_script(data):
        return json_segments.read_script(data)
    if (segments := json_segments.segments_of(data)) is not None:
        return json_segments.read_segments(segments)
    return _unreadable("This JSON file is not a transcript in a known format; it was left out.")


def _unreadable(cause: str, line: int | None = None) -> TranscriptResult:
    return TranscriptResult(Transcript(), [Fault(line, cause)])
