"""Which reader a transcript needs: told by what the file holds, since names lie (a ``.txt`` may be SubRip)."""

from __future__ import annotations

import json

from zunda_mcp.reading.transcripts import json_segments, speaker_turns, subtitles
from zunda_mcp.reading.transcripts.pairing import language_of
from zunda_mcp.reading.transcripts.subtitles import ARROW, times
from zunda_mcp.reading.transcripts.transcript import Fault, Transcript, TranscriptResult


def read_transcript(text: str, name: str) -> TranscriptResult:
    """Read the text of one transcript file called ``name``; never raises for anything that stands in it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    stem, _, suffix = name.rpartition("/")[2].rpartition(".")
    beginning = text.lstrip()[:200]
    if suffix.lower() == "json" or (suffix.lower() == "txt" and beginning.startswith(("{", "[{"))):
        heard = _json(text)
    elif beginning.startswith("WEBVTT") or suffix.lower() == "vtt":
        heard = subtitles.read_vtt(text)
    elif ARROW in text and (suffix.lower() == "srt" or _times_lead(text)):
        heard = subtitles.read_srt(text)
    elif suffix.lower() in ("html", "htm"):
        heard = speaker_turns.read_html(text)
    else:
        heard = speaker_turns.read_turns(text)
    language = language_of(stem)
    if language and heard.transcript.language is None:
        known = heard.transcript
        return TranscriptResult(Transcript(known.cues, known.sections, language), heard.faults)
    return heard


def _times_lead(text: str) -> bool:
    """Whether the first line with an arrow is a timing line."""
    return any(times(line) for line in text.splitlines() if ARROW in line)


def _json(text: str) -> TranscriptResult:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        cause = f"This transcript is not valid JSON ({error.msg}); it was left out."
        return TranscriptResult(Transcript(), [Fault(error.lineno, cause)])
    except (ValueError, RecursionError) as error:
        return TranscriptResult(
            Transcript(), [Fault(None, f"This transcript cannot be read as JSON ({error}); it was left out.")]
        )
    if json_segments.is_script(data):
        return json_segments.read_script(data)
    if isinstance(data, dict) and isinstance(data.get("segments"), list):
        return json_segments.read_segments(data)
    return TranscriptResult(
        Transcript(), [Fault(None, "This JSON file is no transcript of a known kind; it was left out.")]
    )
